//! Fields of a merge patch (RFC 7396): absent leaves as it is, null makes empty.

use serde::{Deserialize, Deserializer};

/// Keeps a null apart from an absent field; use with `#[serde(default, deserialize_with = "present")]`.
///
/// # Errors
/// Those of the value.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Change {
        #[serde(default, deserialize_with = "present")]
        name: Option<Option<String>>,
        #[serde(default, deserialize_with = "present")]
        count: Option<u32>,
    }

    fn read(json: &str) -> Result<Change, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn null_and_absent_are_not_the_same() {
        let name = |json| read(json).unwrap().name;
        assert_eq!(name("{}"), None);
        assert_eq!(name(r#"{"name": null}"#), Some(None));
        assert_eq!(name(r#"{"name": "x"}"#), Some(Some("x".into())));
        // Where nothing can be emptied, null is refused rather than overlooked.
        assert!(read(r#"{"count": null}"#).is_err());
    }
}
