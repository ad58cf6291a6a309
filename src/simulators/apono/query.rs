//! Query parameters: repeated keys are arrays, unknown ones are ignored, some texts have wildcards (contract §2).

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

/// The decoded parameters of a call, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Query(pairs.into_owned().collect())
    }

    /// Takes a parameter out; the first value if there are several, none if it is empty.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let value = self.one(name).map(str::to_owned);
        self.0.retain(|(given, _)| given != name);
        value.filter(|value| !value.is_empty())
    }

    /// The first value.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(given, _)| given == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a value passes a filter, which nothing given passes.
    pub(super) fn takes(&self, name: &str, value: &str) -> bool {
        self.one(name).is_none_or(|wanted| wanted == value)
    }

    /// The same with wildcards.
    pub(super) fn takes_like(&self, name: &str, value: &str) -> bool {
        self.one(name).is_none_or(|pattern| fits(pattern, value))
    }

    /// Whether one of the values is one of those asked for, if any are.
    pub(super) fn takes_any<'a>(
        &self,
        name: &str,
        values: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        self.all(name).next().is_none()
            || values
                .into_iter()
                .any(|value| self.all(name).any(|wanted| wanted == value))
    }

    /// The same with wildcards, of one value.
    pub(super) fn takes_any_like(&self, name: &str, value: &str) -> bool {
        self.all(name).next().is_none() || self.all(name).any(|pattern| fits(pattern, value))
    }
}

/// `*x*` contains, `x*` starts with, `*x` ends with, `x` is exactly; upper and lower case differ.
fn fits(pattern: &str, value: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) => value.contains(pattern.trim_matches('*')),
        (Some(end), None) => value.ends_with(end),
        (None, Some(start)) => value.starts_with(start),
        (None, None) => value == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything_at_the_ends() {
        for (pattern, fitting, other) in [
            ("da", "da", "Ada"),
            ("da*", "data", "Ada"),
            ("*da", "Ada", "data"),
            ("*da*", "Adam", "Ad"),
        ] {
            assert!(fits(pattern, fitting), "{pattern} {fitting}");
            assert!(!fits(pattern, other), "{pattern} {other}");
        }
        assert!(fits("*", "anything"));
    }

    #[test]
    fn repeated_keys_are_alternatives() {
        let query = Query::read(Some("role=Admin&role=Power+User&name=x%2A"));
        assert!(query.takes_any("role", ["Viewer", "Power User"]));
        assert!(!query.takes_any("role", ["Viewer"]));
        assert!(query.takes_any("status", []));
        assert!(query.takes_like("name", "xyz"));
    }
}
