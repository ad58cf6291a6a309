//! The request id: taken over or made, in the span, in every answer, in every problem.

use std::future::Future;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

/// The header that carries it, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task answers; `none` outside of one.
pub fn current() -> String {
    CURRENT
        .try_with(Clone::clone)
        .unwrap_or_else(|_| "none".to_owned())
}

/// Runs a future as part of the request with this id.
pub async fn within<F: Future>(id: String, future: F) -> F::Output {
    CURRENT.scope(id, future).await
}

/// Gives every request its id and every answer the header.
pub async fn carry(request: Request, next: Next) -> Response {
    let (id, value) = decide(request.headers());
    let span = tracing::info_span!(
        "request",
        request.id = %id,
        caller.id = tracing::field::Empty,
    );
    let mut response = within(id, next.run(request).instrument(span)).await;
    response.headers_mut().insert(HEADER, value);
    response
}

/// The caller's id where it is one that a log can hold, else a new one.
fn decide(headers: &HeaderMap) -> (String, HeaderValue) {
    let given = headers.get(HEADER).and_then(|value| {
        let text = value.to_str().ok().filter(|text| is_acceptable(text))?;
        Some((text.to_owned(), value.clone()))
    });
    given.unwrap_or_else(|| {
        let id = Uuid::now_v7().to_string();
        let value = HeaderValue::from_str(&id).expect("a uuid is visible ASCII");
        (id, value)
    })
}

fn is_acceptable(text: &str) -> bool {
    (8..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(given: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(given).unwrap());
        decide(&headers).0
    }

    #[test]
    fn a_good_id_is_taken_over() {
        for good in ["abcd1234", "A.b_c-1234", &"x".repeat(128)] {
            assert_eq!(decided(good), good);
        }
    }

    #[test]
    fn a_bad_id_is_replaced() {
        for bad in ["short", "with space", "line{}break", &"x".repeat(129), ""] {
            assert_ne!(decided(bad), bad);
        }
        assert_ne!(decide(&HeaderMap::new()).0, decide(&HeaderMap::new()).0);
    }

    #[tokio::test]
    async fn it_is_known_inside_the_request_only() {
        assert_eq!(
            within("abcd1234".into(), async { current() }).await,
            "abcd1234"
        );
        assert_eq!(current(), "none");
    }
}
