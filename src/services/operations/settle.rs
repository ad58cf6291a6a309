//! From the intent to a proven outcome: act once, read when the answer was unclear, repeat only what can't happen twice.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use tracing::warn;
use uuid::Uuid;

use super::acts::{Act, Done, Left, Look, Thing};
use crate::adapters::contract::{
    AdapterError, Call, MarkRefused, Sent, SideEffect, Trouble, Urgency,
};
use crate::domain::{Connections, Effect, OperationKind};
use crate::error::{Code, Error, Result};
use crate::services::Services;
use crate::store::Store;
use crate::store::operations::{self, OperationRow};

/// How often an idempotent request may leave for one operation.
const MAX_SENDS: i32 = 3;

/// How an operation was driven to its end.
pub(super) enum Drive {
    /// Proven done.
    Succeeded(Done),
    /// Proven not done.
    Failed(Error),
    /// Not done, because a reading proved that something which it needs is gone.
    Gone(Thing),
    /// Sent, and nobody can tell.
    Unknown(Error),
    /// It goes on later, here or elsewhere.
    Later,
}

/// What readings made of an unclear answer.
enum Verdict {
    Done(Done),
    NotDone,
    Partly(Done),
    NotShown(&'static str),
    Gone(Thing),
    Unclear(String),
    NotOurs,
}

/// Drives an operation to its end; recovers it first if it was sent before.
pub(super) async fn drive(services: &Services, row: &OperationRow, act: &Act) -> Drive {
    let vendor = &row.vendor;
    let mut sends = row.sends;
    let mut sent = row.sent_at.is_some();
    let mut unclear: Option<AdapterError> = None;
    loop {
        if !sent {
            let call = write_call(services, row, act);
            match act.perform(&call).await {
                // What is so already after a sending of ours is what that did.
                Ok(done) if sends > 0 && done.effect == Effect::Noop => {
                    let effect = act.effect();
                    return Drive::Succeeded(Done { effect, ..done });
                }
                Ok(done) => return Drive::Succeeded(done),
                Err(error) if error.trouble == Trouble::Fenced => return Drive::Later,
                // The mark is the truth: what went wrong before it changed nothing, whatever the error believes.
                Err(error) if error.effect == SideEffect::None || !call.is_sent() => {
                    return if error.trouble == Trouble::NotFound {
                        not_found(services, row, act, sends, error).await
                    } else {
                        Drive::Failed(act.connected.explain(error))
                    };
                }
                Err(error) => {
                    warn!(operation.id = %row.id, vendor, %error, "Operation {} was sent and its answer is unclear: reading", row.id);
                    sends += 1;
                    unclear = Some(error);
                }
            }
        }
        match read_back(services, row, act).await {
            Verdict::Done(done) => return Drive::Succeeded(done),
            Verdict::NotOurs => return Drive::Later,
            Verdict::Gone(thing) => return Drive::Gone(thing),
            Verdict::Unclear(reason) => return Drive::Unknown(untold(&reason)),
            Verdict::NotDone | Verdict::Partly(_) | Verdict::NotShown(_)
                if act.is_idempotent() && sends < MAX_SENDS =>
            {
                sent = false;
            }
            Verdict::Partly(done) => return Drive::Succeeded(done),
            Verdict::NotShown(reason) => return Drive::Unknown(untold(reason)),
            Verdict::NotDone => {
                let told = unclear.map(|error| act.connected.explain(error));
                return Drive::Failed(Error {
                    upstream: told.and_then(|error| error.upstream),
                    retry_after_seconds: Some(5),
                    ..Error::new(
                        Code::UpstreamUnavailable,
                        "The vendor gave no clear answer, and two readings show that nothing was changed. You may ask again.",
                    )
                });
            }
        }
    }
}

fn untold(reason: &str) -> Error {
    Error::new(
        Code::OutcomeUnknown,
        format!(
            "The request was sent and its outcome can't be told: {reason}. Look at the vendor and resolve the operation."
        ),
    )
}

/// The vendor's write knew no such thing: gone only if a reading says so, and then a removal is done. So it is where no reading
/// can say it, but a removal of ours was sent before.
async fn not_found(
    services: &Services,
    row: &OperationRow,
    act: &Act,
    sends: i32,
    error: AdapterError,
) -> Drive {
    let call = reading(services, row, act);
    match act.look(&call, None).await {
        Ok(Look::Gone(thing)) => Drive::Gone(thing),
        Ok(Look::Done(done)) if done.effect == Effect::Deleted => Drive::Succeeded(Done {
            effect: Effect::Noop,
            ..done
        }),
        Err(told)
            if told.trouble == Trouble::Unsupported
                && sends > 0
                && act.effect() == Effect::Deleted =>
        {
            Drive::Succeeded(Done {
                effect: Effect::Deleted,
                left: Left::Nothing,
            })
        }
        _ => Drive::Failed(act.connected.explain(error)),
    }
}

/// Reads until the outcome of the last sending is proven. Presence proves at once; absence only by two readings, both
/// late enough after the sending and that far apart.
async fn read_back(services: &Services, row: &OperationRow, act: &Act) -> Verdict {
    let pool = services.store().background();
    let owner = services.ledger().owner();
    let quiet = services.settings().attempt + act.connected.settle(services);
    let quiet = TimeDelta::from_std(quiet).unwrap_or(TimeDelta::MAX);
    let mut pause = Duration::from_millis(250);
    loop {
        let (sent, asked_at) = match sent_state(services.store(), row.id).await {
            Ok((Some(sent), asked_at)) => (sent, asked_at),
            Ok((None, _)) => return Verdict::NotOurs,
            Err(error) => {
                warn!(operation.id = %row.id, %error, "Operation {} can't be read back yet", row.id);
                sleep(longer(&mut pause)).await;
                continue;
            }
        };
        let since = asked_at - sent.at;
        let wait = match act
            .look(&reading(services, row, act), sent.before.as_ref())
            .await
        {
            Ok(Look::Done(done)) => return Verdict::Done(done),
            Ok(Look::Gone(thing)) => return Verdict::Gone(thing),
            Ok(Look::Unclear(reason)) => return Verdict::Unclear(reason),
            Ok(Look::NotDone | Look::Partly(_) | Look::NotShown(_)) if since < quiet => {
                longer(&mut pause).min((quiet - since).to_std().unwrap_or_default())
            }
            Ok(absent @ (Look::NotDone | Look::Partly(_) | Look::NotShown(_))) => {
                match operations::mark_absent(pool, row.id, owner, row.epoch).await {
                    Ok(None) => return Verdict::NotOurs,
                    Ok(Some(first)) if asked_at - first >= quiet => {
                        return match absent {
                            Look::NotShown(reason) => Verdict::NotShown(reason),
                            Look::Partly(done) => Verdict::Partly(done),
                            _ => Verdict::NotDone,
                        };
                    }
                    Ok(Some(first)) => (first + quiet - asked_at).to_std().unwrap_or_default(),
                    Err(_) => longer(&mut pause),
                }
            }
            // No use in asking twice; but what was sent may still be under way.
            Err(error) if error.trouble == Trouble::Unsupported => {
                if since >= quiet {
                    return Verdict::NotShown("this connection has no reading for it");
                }
                (quiet - since).to_std().unwrap_or_default()
            }
            Err(error) => {
                let give_up = TimeDelta::from_std(services.settings().give_up);
                if since >= give_up.unwrap_or(TimeDelta::MAX) {
                    return Verdict::Unclear(format!("no reading worked: {}", error.message));
                }
                error
                    .retry_after
                    .unwrap_or_default()
                    .max(longer(&mut pause))
            }
        };
        sleep(wait.max(Duration::from_millis(20))).await;
    }
}

/// The present pause, doubled for the next time up to 30 s.
fn longer(pause: &mut Duration) -> Duration {
    let now = *pause;
    *pause = (now * 2).min(Duration::from_secs(30));
    now
}

struct LastSending {
    at: DateTime<Utc>,
    before: Option<Value>,
}

/// The last sending of an operation, and the database's time.
async fn sent_state(store: &Store, id: Uuid) -> Result<(Option<LastSending>, DateTime<Utc>)> {
    let row = operations::find(store.background(), &Connections::All, id).await?;
    let now = store.now().await?;
    let sent = row.and_then(|row| {
        Some(LastSending {
            at: row.sent_at?,
            before: row.before,
        })
    });
    Ok((sent, now))
}

/// The ledger's side of the sent mark.
struct Mark {
    store: Store,
    id: Uuid,
    owner: Uuid,
    epoch: i64,
}

#[async_trait]
impl Sent for Mark {
    async fn mark(&self, before: &Value) -> Result<(), MarkRefused> {
        let pool = self.store.background();
        match operations::mark_sent(pool, self.id, self.owner, self.epoch, before).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(MarkRefused),
            Err(error) => {
                warn!(operation.id = %self.id, %error, "Operation {} could not be marked as sent: nothing is sent", self.id);
                Err(MarkRefused)
            }
        }
    }
}

fn write_call(services: &Services, row: &OperationRow, act: &Act) -> Call {
    let settings = services.settings();
    Call::write(
        row.request_id.clone(),
        Instant::now() + settings.readings() + settings.attempt,
        row.id,
        act.secrets.clone(),
        Arc::new(Mark {
            store: services.store().clone(),
            id: row.id,
            owner: services.ledger().owner(),
            epoch: row.epoch,
        }),
    )
    .of(urgency(row))
}

/// Taking access away must not wait behind other calls of the connection.
fn urgency(row: &OperationRow) -> Urgency {
    let kind = OperationKind::parse(&row.kind);
    if kind.is_some_and(OperationKind::is_removal) {
        Urgency::Removal
    } else {
        Urgency::Ordinary
    }
}

fn reading(services: &Services, row: &OperationRow, act: &Act) -> Call {
    let deadline = Instant::now() + services.settings().readings();
    let mut call = Call::read(row.request_id.clone(), deadline).of(urgency(row));
    call.operation_id = Some(row.id);
    call.secrets = act.secrets.clone();
    call
}
