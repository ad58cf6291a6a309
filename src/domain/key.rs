//! The identity that a row has at its vendor.

use serde::{Deserialize, Serialize};

/// A canonical JSON array of strings, unique per connection and noun and never changed once stored.
///
/// Made by adapters from the vendor's own ids. Changing the recipe of a key is a migration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExternalKey(String);

impl ExternalKey {
    /// Builds a key from its parts; `["a","b"]` and `["a\",\"b"]` stay different.
    pub fn new(parts: &[&str]) -> Self {
        Self(serde_json::Value::from(parts).to_string())
    }

    /// Takes back a key that [`ExternalKey::new`] made and the database kept.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// What the text of every key begins with whose first of several parts is this one.
    pub fn prefix(part: &str) -> String {
        let mut text = Self::new(&[part]).0;
        text.pop();
        text.push(',');
        text
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The parts, in order; empty when the stored text is no array of strings.
    pub fn parts(&self) -> Vec<String> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_run_into_each_other() {
        assert_ne!(
            ExternalKey::new(&["a", "b"]),
            ExternalKey::new(&["a\",\"b"])
        );
        assert!(
            ExternalKey::new(&["a", "b"])
                .as_str()
                .starts_with(&ExternalKey::prefix("a"))
        );
        assert!(
            !ExternalKey::new(&["ab", "b"])
                .as_str()
                .starts_with(&ExternalKey::prefix("a"))
        );
        assert_eq!(ExternalKey::new(&["d\"m", "é@x"]).parts(), ["d\"m", "é@x"]);
    }
}
