//! An answer of the service, and what a test may demand of it.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Method and path that were asked, for messages.
    pub asked: String,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as it came.
    pub text: String,
}

impl Answer {
    /// The body, which must be JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{}: no JSON ({error}): {self}", self.asked))
    }

    /// A header's text, which must be there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("{}: no header {name}: {self}", self.asked))
            .to_str()
            .expect("a header of visible characters")
    }

    /// Demands this status; the body, `null` where there is none.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{} was to be {status}: {self}",
            self.asked
        );
        if self.text.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// Demands a problem with this status and code, whole and well formed.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self}"
        );
        assert_eq!(body["code"], code, "{}: {self}", self.asked);
        assert_eq!(body["status"], status, "{self}");
        assert_eq!(
            body["type"],
            format!("urn:iam-gateway:problem:{code}"),
            "{self}"
        );
        assert!(body["retryable"].is_boolean(), "{self}");
        for text in ["title", "detail"] {
            assert!(
                body[text].as_str().is_some_and(|text| !text.is_empty()),
                "{self}"
            );
        }
        let instance = format!("urn:request:{}", self.header("x-request-id"));
        assert_eq!(body["instance"], instance, "{self}");
        if matches!(status, 429 | 503) {
            assert!(self.header("retry-after").parse::<u64>().is_ok(), "{self}");
        }
        body
    }

    /// The pointers of a problem's `errors`, in order.
    #[track_caller]
    pub fn pointers(&self) -> Vec<String> {
        let body = self.json();
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let mut pointers: Vec<String> = errors
            .iter()
            .map(|error| {
                assert!(
                    error["detail"]
                        .as_str()
                        .is_some_and(|text| !text.is_empty()),
                    "{self}"
                );
                error["pointer"].as_str().expect("a pointer").to_owned()
            })
            .collect();
        pointers.sort();
        pointers
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text: String = self.text.chars().take(2000).collect();
        write!(f, "{} {text}", self.status)
    }
}
