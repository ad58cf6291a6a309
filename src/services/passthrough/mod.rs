//! Passing documented operations of a vendor through as they are. What the catalogue lists passes and nothing else; a write
//! goes through the ledger as any other act.

mod admit;
mod matching;
mod path;
mod read;
mod touched;
mod write;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _};

pub(super) use touched::read_touched;

use super::connected::{self, Connected};
use super::{Intent, Reply, Services, catalogue};
use crate::adapters::contract::{Forward, Forwarded, UpstreamOperation};
use crate::domain::Caller;
use crate::error::{Code, Error, Result};
use matching::Matched;

/// A request to be passed through, as its caller sent it.
pub struct UpstreamRequest {
    /// The connection, by id or name.
    pub connection: String,
    /// HTTP method, in upper case.
    pub method: &'static str,
    /// The vendor's path, still encoded, without the slash at its beginning.
    pub path: String,
    /// The query, decoded, in order.
    pub query: Vec<(String, String)>,
    /// `Accept`, as sent.
    pub accept: Option<String>,
    /// `Content-Type`, as sent.
    pub content_type: Option<String>,
    /// The body, as sent.
    pub body: Bytes,
}

/// What the vendor answered.
pub struct UpstreamAnswer {
    /// The id of the documented operation.
    pub operation: &'static str,
    /// HTTP status, 200 to 299.
    pub status: u16,
    /// `Content-Type`, where the vendor names one.
    pub content_type: Option<String>,
    /// The body as it comes in.
    pub body: BoxStream<'static, Result<Bytes>>,
}

/// Where a request led.
pub enum Passed {
    /// To the vendor, or as far as was asked for.
    Reply(Reply<UpstreamAnswer>),
    /// Nowhere: the vendor knows the path by these methods only.
    Methods(Vec<&'static str>),
}

/// Sends a documented operation of a connection's vendor as it is.
///
/// # Errors
/// Without the scopes; a path that could lead elsewhere, or that the vendor does not document; what the connection's settings
/// keep back; what the vendor refuses.
pub async fn call_upstream(
    services: &Services,
    caller: &Caller,
    request: UpstreamRequest,
    intent: &Intent,
) -> Result<Passed> {
    admit::anything(caller, request.method)?;
    let connected = connected::open(services, &caller.connections, &request.connection).await?;
    let segments = path::segments(&request.path)?;
    let operations = catalogue::operations_within_reach(connected.variant);
    let operation = match matching::find(operations, request.method, &segments) {
        Matched::Operation(operation) => operation,
        Matched::Methods(methods) => return Ok(Passed::Methods(methods)),
        Matched::Nothing(near) => return Err(undocumented(&connected, &near)),
    };
    admit::operation(caller, &connected, operation)?;
    let forward = Forward {
        operation,
        segments,
        query: request.query,
        accept: request.accept,
        content_type: request.content_type,
        body: request.body,
    };
    let reply = match (operation.writes, intent.plan) {
        (true, _) => write::write(services, caller, &connected, forward, intent).await,
        (false, true) => read::plan(services, &connected, &forward, intent)
            .await
            .map(Reply::Planned),
        (false, false) => read::read(services, caller, &connected, &forward, intent)
            .await
            .map(Reply::Done),
    };
    let outcome = match &reply {
        Ok(Reply::Done(_)) => "ok",
        Ok(Reply::Accepted { .. }) => "accepted",
        Ok(Reply::Planned(_)) => "planned",
        Err(_) => "failed",
    };
    // Both labels are bounded by the catalogue.
    metrics::counter!(
        "iam_gateway_upstream_calls_total",
        "vendor" => connected.row.vendor.clone(),
        "operation" => operation.id,
        "outcome" => outcome
    )
    .increment(1);
    reply.map(Passed::Reply)
}

/// The refusal of what the vendor does not document.
fn undocumented(connected: &Connected, near: &[&'static UpstreamOperation]) -> Error {
    let near: Vec<String> = near
        .iter()
        .map(|operation| format!("`{} {}`", operation.method, operation.path))
        .collect();
    let nearest = if near.is_empty() {
        String::new()
    } else {
        format!(" The nearest are {}.", near.join(", "))
    };
    Error::new(
        Code::NotFound,
        format!(
            "The connection `{}` passes documented operations through, and this is none.{nearest}",
            connected.row.name
        ),
    )
}

impl UpstreamAnswer {
    /// The vendor's answer in our words.
    fn of(
        connected: &Connected,
        operation: &'static UpstreamOperation,
        forwarded: Forwarded,
    ) -> Self {
        let Forwarded {
            status,
            content_type,
            body,
        } = forwarded;
        let told = connected.clone();
        let body = body.map(move |piece| {
            piece.map_err(|error| {
                tracing::warn!(
                    connection.id = %told.row.id,
                    operation = operation.id,
                    %error,
                    "An answer that was passed through broke off"
                );
                told.explain(error)
            })
        });
        Self {
            operation: operation.id,
            status,
            content_type,
            body: body.boxed(),
        }
    }
}
