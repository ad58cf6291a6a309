//! Operations that change something: recorded, run and waited for as any other act. The answer is handed to who waits for it,
//! and kept for repetitions of the request where it is short and can hold no secret.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use secrecy::SecretSlice;
use uuid::Uuid;

use super::UpstreamAnswer;
use crate::adapters::contract::{Forward, UpstreamOperation};
use crate::domain::{Caller, OperationKind};
use crate::error::{Code, Error, Result};
use crate::secrets::{Purpose, Sealed};
use crate::services::connected::Connected;
use crate::services::operations::{
    Payload, Prepared, Subject, Submitted, carry_out, earlier, wait,
};
use crate::services::{Intent, Reply, Services};
use crate::store::upstream_answers;

/// Sends it.
pub(super) async fn write(
    services: &Services,
    caller: &Caller,
    connected: &Connected,
    forward: Forward,
    intent: &Intent,
) -> Result<Reply<UpstreamAnswer>> {
    let Forward {
        operation,
        segments,
        query,
        accept,
        content_type,
        body,
    } = forward;
    if operation.secret_in_answer && intent.respond_async {
        return Err(Error::invalid(
            "Prefer",
            "An answer that can hold a secret is handed over once, to who waits for it: `respond-async` is refused here.",
        ));
    }
    if let Some(submitted) = earlier(services, caller, intent).await? {
        return match wait(services, submitted, intent).await? {
            None => Ok(accepted(submitted)),
            Some(_) => kept(services, operation, submitted.operation_id)
                .await?
                .ok_or_else(|| gone(operation, submitted.operation_id)),
        };
    }
    let id = Uuid::now_v7();
    // Two writes of one thing take turns.
    let serial_key = format!("upstream:/{}", segments.join("/"));
    let body_mac = services.keyring().hmac(Purpose::UpstreamBody, &body);
    let payload = Payload::Upstream {
        api: operation.api.to_owned(),
        operation: operation.id.to_owned(),
        segments,
        query,
        accept,
        content_type,
        body_hmac: format!("{}:{}", body_mac.key_id, hex::encode(body_mac.tag)),
        body_bytes: body.len(),
    };
    let prepared = Prepared {
        id,
        connected,
        kind: OperationKind::UpstreamWrite,
        serial_key,
        subject: Subject::Connection,
        payload,
        secret: (!body.is_empty()).then(|| SecretSlice::from(body.to_vec())),
    };
    let mut waiting = services.ledger().handover().wait_for(id);
    carry_out(services, caller, intent, prepared, async |submitted| {
        if wait(services, submitted, intent).await?.is_none() {
            return Ok(accepted(submitted));
        }
        match waiting.take() {
            Some(forwarded) => Ok(Reply::Done(UpstreamAnswer::of(
                connected, operation, forwarded,
            ))),
            None => match kept(services, operation, submitted.operation_id).await? {
                Some(reply) => Ok(reply),
                None if operation.secret_in_answer => Err(gone(operation, submitted.operation_id)),
                // It is done, and the vendor's words of it are lost: the operation says so.
                None => Ok(accepted(submitted)),
            },
        }
    })
    .await
}

fn accepted(submitted: Submitted) -> Reply<UpstreamAnswer> {
    Reply::Accepted {
        operation_id: submitted.operation_id,
    }
}

/// The answer, if it was kept.
async fn kept(
    services: &Services,
    operation: &'static UpstreamOperation,
    operation_id: Uuid,
) -> Result<Option<Reply<UpstreamAnswer>>> {
    let Some(row) = upstream_answers::find(services.store().requests(), operation_id).await? else {
        return Ok(None);
    };
    let sealed = Sealed {
        key_id: row.key_id,
        wrapped_key: row.wrapped_key,
        ciphertext: row.ciphertext,
    };
    let body = services
        .vault()
        .open(&[&operation_id.to_string(), "answer"], &sealed)
        .map_err(|error| Error::internal(format!("answer of operation {operation_id}: {error}")))?;
    let body = Bytes::copy_from_slice(&body);
    Ok(Some(Reply::Done(UpstreamAnswer {
        operation: operation.id,
        status: row.status.cast_unsigned(),
        content_type: row.content_type,
        body: stream::iter((!body.is_empty()).then_some(Ok(body))).boxed(),
    })))
}

fn gone(operation: &UpstreamOperation, operation_id: Uuid) -> Error {
    let why = if operation.secret_in_answer {
        "can hold a secret, and is handed over once"
    } else {
        "was longer than 64 KiB or not told to the end, or it was proven otherwise that it is done"
    };
    Error {
        operation_id: Some(operation_id),
        ..Error::new(
            Code::Conflict,
            format!(
                "This was done before, and nothing was sent again. The vendor's answer was not kept: it {why}."
            ),
        )
    }
}
