//! One request over the wire, and its answer read to the end or to the limit.

use std::error::Error;
use std::io;

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_LENGTH, HeaderValue};
use reqwest::{Client, Method, Response};
use url::Url;

use super::guard::DIALLED_PORT;
use super::{Answer, Request};
use crate::adapters::contract::{AdapterError, SideEffect, Trouble, Upstream};

/// How much of an answer is read.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// All of it, up to so many bytes; more are an error.
    pub(super) whole: usize,
    /// Unless it is a good one of more than so many: then the rest may wait.
    pub(super) start: Option<usize>,
}

/// An answer, and where the rest of its body comes from when that was not read yet.
pub(super) type Arrived = (Answer, Option<Response>);

/// Sends a request once. An error says what is certain: no effect when no byte of the request can have left.
pub(super) async fn exchange(
    client: &Client,
    request: Request,
    extent: Extent,
) -> Result<Arrived, AdapterError> {
    let Request {
        method,
        url,
        mut headers,
        body,
        sign: _,
    } = request;
    let takes_body = [Method::POST, Method::PUT, Method::PATCH].contains(&method);
    if body.is_empty() && takes_body {
        // Some servers answer 411 to a bodiless POST that does not say so.
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    // The policy lets only URLs with a port through; 0 is covered by no entry.
    let port = url.port_or_known_default().unwrap_or(0);
    let sending = client
        .request(method, url.clone())
        .headers(headers)
        .body(body)
        .send();
    let mut response = DIALLED_PORT
        .scope(port, sending)
        .await
        .map_err(|error| send_error(&url, &error))?;
    let status = response.status().as_u16();
    let headers = std::mem::take(response.headers_mut());
    let extent = Extent {
        start: extent.start.filter(|_| (200..300).contains(&status)),
        ..extent
    };
    let (body, rest) = read_body(response, extent).await.map_err(|error| {
        error.saying(Upstream {
            status: Some(status),
            ..Upstream::default()
        })
    })?;
    let answer = Answer {
        status,
        headers,
        body,
    };
    refuse_redirect(&answer)?;
    Ok((answer, rest))
}

/// What the caller reads when no connection comes about. The same words for an address that may not be called: who can
/// make connections must not learn from them what is there inside.
pub(super) fn unreachable(url: &Url) -> AdapterError {
    let host = url.host_str().unwrap_or("the vendor");
    let words = format!(
        "no connection to `{host}` could be made: the name does not resolve, nothing answers there, or the address is not allowed"
    );
    AdapterError::new(Trouble::Unavailable, words).with_effect(SideEffect::None)
}

fn send_error(url: &Url, error: &reqwest::Error) -> AdapterError {
    if error.is_connect() {
        if let Some(words) = tls_words(error) {
            // Past the address guard already, so that saying more gives nothing away.
            let host = url.host_str().unwrap_or("the vendor");
            let words = format!("no secure connection to `{host}` could be made: {words}");
            return AdapterError::new(Trouble::Unavailable, words).with_effect(SideEffect::None);
        }
        tracing::debug!(error = ?error.source(), "No connection");
        return unreachable(url);
    }
    if error.is_builder() {
        let words = "the request can't be put into HTTP: a header or the URL holds what is not allowed there";
        return AdapterError::new(Trouble::Rejected, words).with_effect(SideEffect::None);
    }
    tracing::debug!(error = ?error.source(), "No answer");
    AdapterError::new(
        Trouble::Unavailable,
        "the connection broke before the vendor answered",
    )
}

/// What TLS says is wrong, if the connection failed for that.
fn tls_words(error: &(dyn Error + 'static)) -> Option<String> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls.to_string());
    }
    // An I/O error names as its source what lies *behind* the error that it wraps, so the wrapped one is asked for.
    let inner = match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
        None => error.source(),
    };
    inner.and_then(tls_words)
}

async fn read_body(
    mut response: Response,
    extent: Extent,
) -> Result<(Bytes, Option<Response>), AdapterError> {
    let mut body = BytesMut::new();
    loop {
        let chunk = response.chunk().await.map_err(|error| broken(&error))?;
        let Some(chunk) = chunk else {
            return Ok((body.freeze(), None));
        };
        let length = body.len() + chunk.len();
        let may_wait = extent.start.is_some_and(|start| length > start);
        if length > extent.whole && !may_wait {
            return Err(too_large(extent.whole));
        }
        body.extend_from_slice(&chunk);
        if may_wait {
            return Ok((body.freeze(), Some(response)));
        }
    }
}

/// The answer began and does not end properly.
pub(super) fn broken(error: &reqwest::Error) -> AdapterError {
    tracing::debug!(error = ?error.source(), "No complete answer");
    AdapterError::new(
        Trouble::Unavailable,
        "the connection broke before the vendor's answer was complete",
    )
}

/// The answer is longer than what is taken.
pub(super) fn too_large(limit: usize) -> AdapterError {
    AdapterError::new(
        Trouble::Malformed,
        format!("the vendor's answer is larger than {limit} bytes"),
    )
}

/// A redirect is never followed: it could lead a credential to another host. Whether a write that is answered so was
/// done is open, for servers redirect after the deed too.
fn refuse_redirect(answer: &Answer) -> Result<(), AdapterError> {
    if !(300..400).contains(&answer.status) {
        return Ok(());
    }
    let words = format!(
        "the vendor answered with a redirect ({}), and redirects are not followed: check the connection's base URL",
        answer.status
    );
    Err(AdapterError::new(Trouble::Rejected, words)
        .with_effect(SideEffect::Unknown)
        .saying(Upstream {
            status: Some(answer.status),
            ..Upstream::default()
        }))
}
