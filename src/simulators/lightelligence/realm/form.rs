//! Form bodies: what stands in the query instead is not seen (contract §2.3).

use axum::http::{HeaderMap, header::CONTENT_TYPE};
use url::form_urlencoded;

use super::errors::Refusal;

/// The fields of a form.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The fields of a body, none if it isn't a form.
    pub fn read(headers: &HeaderMap, body: &[u8]) -> Self {
        let is_form = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| {
                kind.trim()
                    .eq_ignore_ascii_case("application/x-www-form-urlencoded")
            });
        Form::parse(if is_form { body } else { b"" })
    }

    /// The fields of a query.
    pub fn parse(text: &[u8]) -> Self {
        Form(form_urlencoded::parse(text).into_owned().collect())
    }

    /// A field that has something in it.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub fn check_unique(&self) -> Result<(), Refusal> {
        let twice = |n: usize| {
            let (name, _) = &self.0[n];
            self.0[..n].iter().any(|(other, _)| other == name)
        };
        if (0..self.0.len()).any(twice) {
            return Err(Refusal::invalid_request("duplicated parameter"));
        }
        Ok(())
    }
}
