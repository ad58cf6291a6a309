//! A mutating request: its body and the intent that the ledger keeps of it.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{HeaderMap, Method};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::{IntoParams, ToSchema};

use super::Body;
use super::etag::single;
use crate::error::Error;
use crate::http::HttpSettings;
use crate::http::problem::Problem;
use crate::http::request_id;
use crate::services::Intent;

/// The body of a mutation together with its intent.
pub struct Act<T> {
    /// What the body says.
    pub body: T,
    /// Who asks for what, and how patiently.
    pub intent: Intent,
}

/// The headers that every act heeds, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct ActHeaders {
    /// Makes the request safe to send again: with the same key and body it is done once, and later ones get its present
    /// outcome. 1 to 255 visible ASCII characters, kept for 7 days.
    #[param(rename = "Idempotency-Key", required = false)]
    _idempotency_key: Option<String>,
    /// `respond-async` answers 202 at once, with the operation to follow.
    #[param(rename = "Prefer", required = false)]
    _prefer: Option<String>,
}

/// The body of an action that takes none: nothing, or `{}`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoBody {}

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
const PREFER: &str = "Prefer";

impl<T, S> FromRequest<S> for Act<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
    Arc<HttpSettings>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let idempotency_key = idempotency_key(request.headers())?;
        let respond_async = prefers_async(request.headers());
        let method = method_word(request.method());
        let path = request.uri().path().to_owned();
        let Body { value, canonical } = Body::from_request(request, state).await?;
        let intent = Intent {
            request_id: request_id::current(),
            idempotency_key,
            method,
            path,
            body: canonical,
            respond_async,
            plan: false,
        };
        Ok(Self {
            body: value,
            intent,
        })
    }
}

/// The methods that change something; the router lets no other reach an act.
fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "POST",
    }
}

pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    // The HTTP parser takes the blanks around a value away; those inside are the caller's mistake.
    let visible = value.as_bytes().iter().all(u8::is_ascii_graphic);
    if !visible || !(1..=255).contains(&value.len()) {
        return Err(Error::invalid(
            IDEMPOTENCY_KEY,
            "Idempotency-Key takes 1 to 255 visible ASCII characters, without blanks.",
        ));
    }
    Ok(single(headers, IDEMPOTENCY_KEY)?.map(str::to_owned))
}

/// Whether a preference of the list (RFC 7240) is `respond-async`. Unknown ones are nobody's mistake.
pub(super) fn prefers_async(headers: &HeaderMap) -> bool {
    headers
        .get_all(PREFER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .filter_map(|preference| preference.split([';', '=']).next())
        .any(|word| word.trim().eq_ignore_ascii_case("respond-async"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    fn headers(name: &str, values: &[&str]) -> HeaderMap {
        let name: HeaderName = name.parse().unwrap();
        values
            .iter()
            .map(|value| (name.clone(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn a_key_is_visible_and_short() {
        let read = |values: &[&str]| idempotency_key(&headers(IDEMPOTENCY_KEY, values));
        assert_eq!(read(&["a-1"]).unwrap().as_deref(), Some("a-1"));
        assert_eq!(read(&[]).unwrap(), None);
        assert!(read(&[&"x".repeat(255)]).is_ok());
        for bad in ["", "a b", "ä", &"x".repeat(256)] {
            assert_eq!(
                read(&[bad]).unwrap_err().fields[0].pointer,
                "Idempotency-Key",
                "{bad}"
            );
        }
        assert!(read(&["a", "b"]).is_err());
    }

    #[test]
    fn preferences_are_a_list() {
        let asks = |values: &[&str]| prefers_async(&headers(PREFER, values));
        assert!(asks(&["respond-async"]));
        assert!(asks(&["return=minimal, Respond-Async; foo=bar"]));
        assert!(asks(&["wait=5", "respond-async"]));
        assert!(!asks(&["respond-asynchronously"]));
        assert!(!asks(&["return=respond-async"]));
        assert!(!asks(&[]));
    }
}
