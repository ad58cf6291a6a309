//! A request to a vendor and its answer, as plain data.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use crate::adapters::contract::{AdapterError, Trouble};

/// Longer path segments are ids or worse, and not logged.
const LOGGED_SEGMENT_MAX: usize = 40;

/// Adds a credential to a request. Runs once per attempt, so that a timestamp or a refreshed token is never stale.
pub trait Sign: Send + Sync {
    /// Adds headers; the body is final when this runs and is sent byte for byte.
    ///
    /// # Errors
    /// [`Trouble::AuthFailed`] when there is nothing to sign with.
    fn sign(&self, request: &mut Request) -> Result<(), AdapterError>;
}

/// The URL of a path below the base, whose own path is kept; each segment is encoded. Segments must not be `.` or `..`.
pub fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Nothing is added to a URL that can't be a base, and such a one can't be called anyway.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

/// One HTTP request to a vendor.
#[derive(Clone)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Full URL; its scheme, host and port must be the connection's own.
    pub url: Url,
    /// Headers without credentials.
    pub headers: HeaderMap,
    /// The exact bytes; empty for none.
    pub body: Bytes,
    /// How the credential gets in.
    pub sign: Option<Arc<dyn Sign>>,
}

impl Request {
    /// The path as a log line may show it: no query, and no segment that could be an address or a token.
    pub(super) fn logged_path(&self) -> String {
        let shown = self.url.path().split('/').map(|segment| {
            let is_personal = segment.contains('@') || segment.to_ascii_lowercase().contains("%40");
            if is_personal || segment.len() > LOGGED_SEGMENT_MAX {
                "…"
            } else {
                segment
            }
        });
        shown.collect::<Vec<_>>().join("/")
    }
}

/// What came back, whole.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body, complete and within the size limit.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// [`Trouble::Malformed`] when it is none.
    pub fn json(&self) -> Result<Value, AdapterError> {
        serde_json::from_slice(&self.body)
            .map_err(|_| AdapterError::new(Trouble::Malformed, "the vendor's answer is no JSON"))
    }

    /// The text of a header, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// Shows no header and no body: either may hold a secret.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_below_the_base_keeps_its_prefix_and_encodes_segments() {
        let url = |base: &str, path: &[&str]| below(&Url::parse(base).unwrap(), path).to_string();
        assert_eq!(
            url("https://c.example?a=b#c", &["app", "info"]),
            "https://c.example/app/info"
        );
        assert_eq!(
            url("https://c.example/a/b/", &["x/y?z", "a@b"]),
            "https://c.example/a/b/x%2Fy%3Fz/a@b"
        );
    }

    #[test]
    fn a_logged_path_shows_no_person_and_no_query() {
        let url = "https://x.example/domain/main/user/ann%40example.com/roles?token=s3cret";
        let request = Request {
            method: Method::GET,
            url: Url::parse(url).expect(url),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            sign: None,
        };
        assert_eq!(request.logged_path(), "/domain/main/user/…/roles");
    }
}
