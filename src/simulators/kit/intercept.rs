//! The layer around a vendor's router: notes every call, lets the faults strike, and sees a call through to its end even when
//! the client has hung up.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, LOCATION, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Json, Response},
};
use futures_util::stream;
use serde_json::Value;

use super::{
    calls::Ticket,
    cut::Line,
    faults::{Fault, Strike},
    simulator::Simulator,
};

/// No vendor's request comes near this.
const MAX_REQUEST_BYTES: usize = 16 * 1024 * 1024;

pub(super) async fn intercept(
    State(simulator): State<Arc<Simulator>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    // A vendor goes on working when its client has hung up, so the work is not this future's own.
    let work = tokio::spawn(serve(simulator, line, request, next));
    work.await
        .unwrap_or_else(|_panicked| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn serve(simulator: Arc<Simulator>, line: Line, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let body = match to_bytes(body, MAX_REQUEST_BYTES).await {
        Ok(body) => body,
        Err(_) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    };
    let seq = simulator.calls.receive(&parts, &body);
    let method = parts.method.to_string();
    let path = parts.uri.path().to_owned();
    let strikes = simulator.schedule.strikes(&method, &path);
    parts.extensions.insert(Ticket {
        simulator: Arc::clone(&simulator),
        method,
        path: path.clone(),
    });
    let request = Request::from_parts(parts, Body::from(body));

    match answer(&simulator, strikes, &path, request, next).await {
        Some(response) => {
            simulator.calls.answer(seq, response.status());
            response
        }
        None => {
            line.cut();
            // Never sent: the line is cut.
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

/// The answer to a call under these faults; none is a cut connection.
async fn answer(
    simulator: &Simulator,
    strikes: Vec<Strike>,
    path: &str,
    request: Request,
    next: Next,
) -> Option<Response> {
    let resets = simulator.resets();
    let mut last = None;
    for strike in strikes {
        match strike {
            Strike::Fault(Fault::DelayMs { value }) => {
                tokio::time::sleep(Duration::from_millis(value)).await;
                if simulator.resets() != resets {
                    return None;
                }
            }
            other => last = Some(other),
        }
    }

    let fault = match last {
        None => return Some(next.run(request).await),
        Some(Strike::RateLimited { retry_after }) => return Some(too_many(retry_after)),
        Some(Strike::Fault(fault)) => fault,
    };
    match fault {
        Fault::Status {
            code,
            headers,
            body,
            apply,
        } => {
            if apply {
                next.run(request).await;
            }
            Some(with_status(code, &headers, body))
        }
        Fault::DropBeforeApply => None,
        Fault::DropAfterApply => {
            next.run(request).await;
            None
        }
        Fault::Malformed => {
            next.run(request).await;
            Some(json_text(Body::from(r#"{"items": [{"id": "1", "na"#)))
        }
        Fault::Oversized { mib } => {
            next.run(request).await;
            Some(json_text(padding(mib)))
        }
        Fault::ErrorIn200 { body } => {
            Some(Json(body.unwrap_or_else(|| simulator.error_body(path))).into_response())
        }
        Fault::Redirect { location } => {
            let location =
                HeaderValue::from_str(&location).unwrap_or(HeaderValue::from_static("/"));
            Some((StatusCode::TEMPORARY_REDIRECT, [(LOCATION, location)]).into_response())
        }
        // The first is over; the others are struck elsewhere: the limit above, pages in the vendor's own listing.
        Fault::DelayMs { .. }
        | Fault::RateLimit { .. }
        | Fault::PageLoop
        | Fault::PageRepeat
        | Fault::PageMissing => Some(next.run(request).await),
    }
}

fn too_many(retry_after: Duration) -> Response {
    let seconds = retry_after.as_millis().div_ceil(1000).max(1);
    let headers = [(RETRY_AFTER, seconds.to_string())];
    (
        StatusCode::TOO_MANY_REQUESTS,
        headers,
        "rate limit exceeded",
    )
        .into_response()
}

fn with_status(
    code: u16,
    headers: &std::collections::BTreeMap<String, String>,
    body: Option<Value>,
) -> Response {
    let mut response = match body {
        None | Some(Value::Null) => ().into_response(),
        Some(Value::String(text)) => text.into_response(),
        Some(json) => Json(json).into_response(),
    };
    // The control API lets only valid ones into the schedule.
    if let Ok(status) = StatusCode::from_u16(code) {
        *response.status_mut() = status;
    }
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn json_text(body: Body) -> Response {
    (
        [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        body,
    )
        .into_response()
}

/// `mib` MiB of one JSON string, made as it is read.
fn padding(mib: u32) -> Body {
    const CHUNK: usize = 64 * 1024;
    let chunk = Bytes::from(vec![b'a'; CHUNK]);
    let chunks = mib as usize * (1024 * 1024 / CHUNK);
    let middle = (0..chunks).map(move |_| chunk.clone());
    let all = std::iter::once(Bytes::from_static(b"{\"padding\":\""))
        .chain(middle)
        .chain(std::iter::once(Bytes::from_static(b"\"}")));
    Body::from_stream(stream::iter(all.map(Ok::<_, std::convert::Infallible>)))
}
