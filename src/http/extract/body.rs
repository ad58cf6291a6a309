//! The body of a request.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;

use super::json;
use crate::error::{Code, Error};
use crate::http::HttpSettings;
use crate::http::problem::Problem;

/// A JSON body, and the canonical bytes that stand for it.
pub struct Body<T> {
    /// What it says.
    pub value: T,
    /// The canonical bytes: equal bodies have equal ones.
    pub canonical: Vec<u8>,
}

const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
    Arc<HttpSettings>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media_type = check_media_type(request.method(), request.headers());
        let bytes = bytes(request, state).await?;
        // Without a body there is no media type to get wrong.
        if !bytes.is_empty() {
            media_type?;
        }
        let json::Parsed { value, canonical } = json::parse(&bytes)?;
        Ok(Self { value, canonical })
    }
}

/// The bytes of a body, whatever they mean.
pub(super) async fn bytes<S>(request: Request, state: &S) -> Result<Bytes, Problem>
where
    S: Send + Sync,
    Arc<HttpSettings>: FromRef<S>,
{
    let limit = Arc::<HttpSettings>::from_ref(state).max_body_bytes;
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::payload_too_large(limit),
            _ => Error::new(Code::InvalidRequest, "The body broke off before its end.").into(),
        })
}

fn check_media_type(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let accepted: &[&str] = if *method == Method::PATCH {
        &[JSON, MERGE_PATCH]
    } else {
        &[JSON]
    };
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.split(';').next())
        .unwrap_or_default()
        .trim();
    if accepted
        .iter()
        .any(|known| known.eq_ignore_ascii_case(given))
    {
        Ok(())
    } else {
        Err(Problem::unsupported_media_type(accepted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(method: Method, content_type: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        check_media_type(&method, &headers).is_ok()
    }

    #[test]
    fn only_json_is_read() {
        assert!(accepts(Method::POST, "application/json"));
        assert!(accepts(Method::POST, "Application/JSON; charset=utf-8"));
        assert!(accepts(Method::PATCH, "application/merge-patch+json"));
        assert!(!accepts(Method::POST, "application/merge-patch+json"));
        assert!(!accepts(Method::POST, "application/x-www-form-urlencoded"));
        assert!(!accepts(Method::POST, "application/json-seq"));
        assert!(check_media_type(&Method::POST, &HeaderMap::new()).is_err());
    }
}
