//! Planning an act: everything that comes before its mutating request is done, and the request is shown instead of sent.
//! Nothing is recorded, for nothing happens.

use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;
use tracing::info;
use uuid::Uuid;

use super::acts::Act;
use super::{About, Prepared};
use crate::adapters::contract::{Call, PlannedRequest, Reading, Sketch, Sketched, Trouble};
use crate::error::{Code, Error, Result};
use crate::services::{Intent, Services};

/// What an act would do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The act, as the operation would name it; `upstream.read` for a reading that would be passed through.
    pub kind: &'static str,
    /// The connection that it would go through.
    pub connection_id: Uuid,
    /// The vendor of the connection.
    pub vendor: String,
    /// What it would be done to, as far as it is there already.
    pub about: About,
    /// What would come of it.
    pub would: Would,
    /// What its operation would tell of several things, where the request itself does not show it.
    pub result: Option<Value>,
    /// The readings that were made to know it.
    pub readings: Vec<Reading>,
}

/// What would come of an act.
#[derive(Clone, Debug)]
pub enum Would {
    /// This would be sent first. What the vendor makes of it, only the vendor knows.
    Send(PlannedRequest),
    /// Nothing would be sent: it is so already.
    BeNoop,
    /// Nothing would be sent, because of what the readings show.
    BeRefused(Error),
}

impl Would {
    /// The word for answers, logs and metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Send(_) => "send",
            Self::BeNoop => "noop",
            Self::BeRefused(_) => "refuse",
        }
    }
}

/// Runs an act up to its first mutating request.
///
/// # Errors
/// Input that the vendor can't take, as without a plan; a vendor that can't be read, since the plan would be a guess.
pub(crate) async fn plan(
    services: &Services,
    intent: &Intent,
    prepared: Prepared<'_>,
) -> Result<Plan> {
    let Prepared {
        id,
        connected,
        kind,
        // A plan waits for nobody.
        serial_key: _,
        subject,
        payload,
        secret,
    } = prepared;
    let about = subject.about();
    let act = Act::open(connected.clone(), id, kind, payload, secret, subject)?;
    let sketch = Arc::new(Sketch::default());
    let call = Call::plan(
        &intent.request_id,
        Instant::now() + services.settings().readings(),
        id,
        act.secrets.clone(),
        sketch.clone(),
    );
    let outcome = act.perform(&call).await;
    let Sketched {
        readings,
        request,
        before,
    } = sketch.take();
    let result = match act.foresees(&before).filter(|_| request.is_some()) {
        Some(replaced) => {
            let mut database = services.store().requests().acquire().await?;
            let told = replaced.told(&mut database, connected.row.id).await?;
            Some(serde_json::to_value(told).map_err(Error::internal)?)
        }
        None => None,
    };
    // Whatever an adapter makes of the request that did not leave: it would have left.
    let would = match (request, outcome) {
        (Some(request), _) => Would::Send(request),
        (None, Ok(_)) => Would::BeNoop,
        (None, Err(error)) => match error.trouble {
            Trouble::Conflict | Trouble::Rejected => Would::BeRefused(connected.explain(error)),
            // Our row is live, so that it contradicts what is there, as it would for the act itself.
            Trouble::NotFound => Would::BeRefused(Error {
                code: Code::Conflict,
                ..connected.explain(error)
            }),
            _ => return Err(connected.explain(error)),
        },
    };
    let (vendor, word) = (connected.row.vendor.clone(), would.as_str());
    metrics::counter!("iam_gateway_plans_total", "vendor" => vendor.clone(), "kind" => kind.as_str(), "outcome" => word)
        .increment(1);
    info!(
        connection.id = %connected.row.id,
        vendor,
        kind = kind.as_str(),
        outcome = word,
        "Planned {} at {vendor}: {word}",
        kind.as_str()
    );
    Ok(Plan {
        kind: kind.as_str(),
        connection_id: connected.row.id,
        vendor,
        about,
        would,
        result,
        readings,
    })
}
