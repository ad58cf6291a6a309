//! A request that is passed through to a vendor: taken as it is, without what is between the caller and the gateway only.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{HeaderMap, HeaderName, Method, header};
use percent_encoding::percent_decode_str;

use super::act::{idempotency_key, prefers_async};
use super::body;
use crate::error::{Error, Result};
use crate::http::HttpSettings;
use crate::http::problem::Problem;
use crate::http::request_id;
use crate::services::Intent;
use crate::services::passthrough::UpstreamRequest;

/// A request to be passed through, and its intent. `mode` is the gateway's own query parameter; every other is the vendor's.
pub struct Passed {
    /// What is passed through.
    pub request: UpstreamRequest,
    /// Who asks for what, and how patiently.
    pub intent: Intent,
}

const MODE: &str = "mode";
/// What stands before the connection.
const CONNECTIONS: &str = "/v1/connections/";
/// What stands between the connection and the vendor's path.
const BORDER: &str = "/upstream/";

impl<S> FromRequest<S> for Passed
where
    S: Send + Sync,
    Arc<HttpSettings>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        // As it was sent: the router's own decoding would make `%2F` a border of segments.
        let whole = parts.uri.path().to_owned();
        let (connection, path) = places(&whole).ok_or_else(|| Error::not_found("connection"))?;
        let method = method_word(&parts.method);
        let accept = text(&parts.headers, header::ACCEPT)?;
        let content_type = text(&parts.headers, header::CONTENT_TYPE)?;
        let idempotency_key = idempotency_key(&parts.headers)?;
        let respond_async = prefers_async(&parts.headers);
        let (plan, query) = query(parts.uri.query().unwrap_or_default())?;
        let body = body::bytes(Request::from_parts(parts, body), state).await?;
        // What makes two requests equal, for `Idempotency-Key`.
        let told = serde_json::to_vec(&(&query, &content_type)).map_err(Error::internal)?;
        let intent = Intent {
            request_id: request_id::current(),
            idempotency_key,
            method,
            path: whole,
            body: [&told[..], &body[..]].concat(),
            respond_async,
            plan,
        };
        let request = UpstreamRequest {
            connection,
            method,
            path,
            query,
            accept,
            content_type,
            body,
        };
        Ok(Self { request, intent })
    }
}

/// The connection's id or name, and the vendor's path, still encoded.
fn places(whole: &str) -> Option<(String, String)> {
    let (connection, path) = whole.strip_prefix(CONNECTIONS)?.split_once(BORDER)?;
    let connection = percent_decode_str(connection).decode_utf8().ok()?;
    // No database keeps U+0000, so it is in no name.
    (!connection.contains(['/', '\0'])).then(|| (connection.into_owned(), path.to_owned()))
}

fn method_word(method: &Method) -> &'static str {
    match *method {
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "GET",
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Result<Option<String>> {
    let mut words = Vec::new();
    for value in headers.get_all(&name) {
        let word = value
            .to_str()
            .map_err(|_| Error::invalid(name.as_str(), "holds other than visible ASCII."))?;
        words.push(word);
    }
    Ok((!words.is_empty()).then(|| words.join(", ")))
}

type Pairs = Vec<(String, String)>;

/// Whether it is only planned, and what is the vendor's.
fn query(text: &str) -> Result<(bool, Pairs)> {
    let pairs = url::form_urlencoded::parse(text.as_bytes()).into_owned();
    let (ours, theirs): (Pairs, Pairs) = pairs.partition(|(name, _)| name == MODE);
    let plan = match ours.as_slice() {
        [] => false,
        [(_, word)] if word == "apply" => false,
        [(_, word)] if word == "plan" => true,
        [_] => return Err(Error::invalid(MODE, "Should be one of `apply`, `plan`.")),
        _ => return Err(Error::invalid(MODE, "Is there twice.")),
    };
    Ok((plan, theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_is_ours_and_the_rest_is_the_vendors() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let (plan, theirs) = query("a=1&mode=plan&a=2&b=%26+x&c").expect("good");
        assert!(plan);
        assert_eq!(
            theirs,
            [
                pair("a", "1"),
                pair("a", "2"),
                pair("b", "& x"),
                pair("c", "")
            ]
        );
        assert_eq!(query("").expect("good"), (false, Vec::new()));
        assert_eq!(query("mode=apply").expect("good"), (false, Vec::new()));
        for bad in ["mode=", "mode=Plan", "mode=plan&mode=plan"] {
            assert_eq!(query(bad).expect_err(bad).fields[0].pointer, "mode");
        }
    }

    #[test]
    fn the_vendors_path_stays_encoded() {
        let read = |path: &str| places(path);
        let pair = |connection: &str, path: &str| Some((connection.to_owned(), path.to_owned()));
        let whole = "/v1/connections/l%75na/upstream/1/a%2Fb/upstream/%ff";
        assert_eq!(read(whole), pair("luna", "1/a%2Fb/upstream/%ff"));
        assert_eq!(read("/v1/connections/luna/upstream/"), pair("luna", ""));
        for none in [
            "/v1/connections/a%00/upstream/x",
            "/v1/connections/%ff/upstream/x",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn only_visible_headers_pass() {
        let mut headers = HeaderMap::new();
        assert_eq!(text(&headers, header::ACCEPT).expect("none"), None);
        headers.append(header::ACCEPT, "text/csv".parse().expect("a value"));
        headers.append(header::ACCEPT, "*/*;q=0.1".parse().expect("a value"));
        let read = text(&headers, header::ACCEPT).expect("visible");
        assert_eq!(read.as_deref(), Some("text/csv, */*;q=0.1"));
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_bytes(b"\xff").expect("opaque"),
        );
        assert!(text(&headers, header::CONTENT_TYPE).is_err());
    }
}
