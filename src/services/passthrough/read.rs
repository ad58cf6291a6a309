//! Operations that change nothing. They leave no trace but in the audit trail, where they can show a secret.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::UpstreamAnswer;
use crate::adapters::contract::{Call, Forward, Forwards, Sketch};
use crate::domain::Caller;
use crate::error::{Code, Error, Result};
use crate::services::connected::{self, Connected};
use crate::services::operations::{About, Plan, Would};
use crate::services::{Intent, Services};
use crate::store::audit::{self, Actor, AuditEntry};

/// The word of such a call in plans and in the audit trail.
const READ: &str = "upstream.read";

/// Sends it. An answer that can hold a secret is handed on only when the trail says so.
pub(super) async fn read(
    services: &Services,
    caller: &Caller,
    connected: &Connected,
    forward: &Forward,
    intent: &Intent,
) -> Result<UpstreamAnswer> {
    let call = connected::reading(services, &intent.request_id);
    let answer = forwarder(connected)?
        .forward_read(&call, forward)
        .await
        .map(|forwarded| UpstreamAnswer::of(connected, forward.operation, forwarded))
        .map_err(|error| connected.explain(error));
    if forward.operation.secret_in_answer {
        let code = answer.as_ref().err().map(|error| error.code);
        tell(services, caller, connected, forward, intent, code).await?;
    }
    answer
}

/// Shows what would be sent.
pub(super) async fn plan(
    services: &Services,
    connected: &Connected,
    forward: &Forward,
    intent: &Intent,
) -> Result<Plan> {
    let sketch = Arc::new(Sketch::default());
    let deadline = connected::reading(services, &intent.request_id).deadline;
    let call = Call::plan(
        &intent.request_id,
        deadline,
        Uuid::now_v7(),
        Arc::new([]),
        Arc::clone(&sketch),
    );
    let outcome = forwarder(connected)?.forward_read(&call, forward).await;
    let sketched = sketch.take();
    let Some(request) = sketched.request else {
        return Err(match outcome {
            Err(error) => connected.explain(error),
            Ok(_) => Error::internal("a planned reading was sent"),
        });
    };
    Ok(Plan {
        kind: READ,
        connection_id: connected.row.id,
        vendor: connected.row.vendor.clone(),
        about: About::default(),
        would: Would::Send(request),
        result: None,
        readings: sketched.readings,
    })
}

fn forwarder(connected: &Connected) -> Result<&Arc<dyn Forwards>> {
    connected
        .adapter
        .forwarder()
        .ok_or_else(|| Error::internal("an admitted operation without its slot"))
}

async fn tell(
    services: &Services,
    caller: &Caller,
    connected: &Connected,
    forward: &Forward,
    intent: &Intent,
    code: Option<Code>,
) -> Result<()> {
    let mut transaction = services.store().begin().await?;
    audit::record(
        &mut transaction,
        AuditEntry {
            actor: Actor::from(caller),
            action: READ,
            noun: "connection",
            noun_id: Some(connected.row.id),
            connection_id: Some(connected.row.id),
            operation_id: None,
            outcome: if code.is_none() {
                "succeeded"
            } else {
                "failed"
            },
            detail: json!({
                "api": forward.operation.api,
                "operation": forward.operation.id,
                "segments": forward.segments,
                "code": code,
            }),
            request_id: &intent.request_id,
        },
    )
    .await?;
    Ok(transaction.commit().await?)
}
