//! Recording an intent, and waiting for its outcome.

use std::time::Duration;

use secrecy::SecretSlice;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::warn;
use uuid::Uuid;

use super::record::{detail, noun_id};
use super::{Payload, Subject, plan, run, secret};
use crate::domain::{Caller, OperationKind, OperationStatus};
use crate::error::{Code, Error, Result};
use crate::services::callers::{body_hmac, same_body};
use crate::services::connected::Connected;
use crate::services::{Intent, Reply, Services};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::idempotency::{self, KeyScope, Recorded};
use crate::store::operations::{self, NewOperation, OutcomeRow};

/// An intent, checked and ready to be recorded.
pub(crate) struct Prepared<'a> {
    /// The operation's id; chosen early, since some vendors get it as the id of what is made.
    pub(crate) id: Uuid,
    /// Where.
    pub(crate) connected: &'a Connected,
    /// What.
    pub(crate) kind: OperationKind,
    /// One per key runs at a time.
    pub(crate) serial_key: String,
    /// To what.
    pub(crate) subject: Subject,
    /// How, without secrets.
    pub(crate) payload: Payload,
    /// The secret part, as its act will read it.
    pub(crate) secret: Option<SecretSlice<u8>>,
}

/// A recorded intent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Submitted {
    /// Its operation.
    pub(crate) operation_id: Uuid,
    /// Whether an equal request recorded it before.
    pub(crate) repeated: bool,
}

/// How often a waiting caller looks at the row, whatever the news say.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The scope of a request's idempotency key, if it has one.
pub(crate) fn key_scope<'a>(caller: &Caller, intent: &'a Intent) -> Option<KeyScope<'a>> {
    Some(KeyScope {
        caller_id: caller.id,
        method: intent.method,
        path: &intent.path,
        key: intent.idempotency_key.as_deref()?,
    })
}

/// The refusal of a key that was used with another body.
pub(crate) fn reused() -> Error {
    Error::new(
        Code::IdempotencyKeyReused,
        "This Idempotency-Key was used for another request body within the last 7 days. Use a new key for a new request.",
    )
}

/// What an earlier equal request led to; asked before anything else, so that a repetition answers the present outcome
/// even where the request itself would be refused by now.
///
/// # Errors
/// [`Code::IdempotencyKeyReused`].
pub(crate) async fn replayed(
    services: &Services,
    caller: &Caller,
    intent: &Intent,
) -> Result<Option<Recorded>> {
    let Some(scope) = key_scope(caller, intent) else {
        return Ok(None);
    };
    let Some(recorded) = idempotency::find(services.store().requests(), scope).await? else {
        return Ok(None);
    };
    settled_key(services, scope, intent, recorded).await
}

/// Compares the body, and frees the key of a failure that may be repeated.
async fn settled_key(
    services: &Services,
    scope: KeyScope<'_>,
    intent: &Intent,
    recorded: Recorded,
) -> Result<Option<Recorded>> {
    if !same_body(services, &intent.body, &recorded.body_hmac) {
        return Err(reused());
    }
    if let Some(operation_id) = recorded.operation_id {
        let pool = services.store().requests();
        let Some(outcome) = operations::outcome(pool, operation_id).await? else {
            return Ok(None);
        };
        if outcome.status == OperationStatus::Failed.as_str()
            && stored_error(&outcome, operation_id).is_retryable()
        {
            idempotency::free(pool, scope, operation_id).await?;
            return Ok(None);
        }
    }
    Ok(Some(recorded))
}

/// The operation of an earlier equal request. A plan heeds no idempotency key: it does nothing that could be done twice.
///
/// # Errors
/// As [`replayed`].
pub(crate) async fn earlier(
    services: &Services,
    caller: &Caller,
    intent: &Intent,
) -> Result<Option<Submitted>> {
    if intent.plan {
        return Ok(None);
    }
    let recorded = replayed(services, caller, intent).await?;
    Ok(recorded
        .and_then(|recorded| recorded.operation_id)
        .map(|operation_id| Submitted {
            operation_id,
            repeated: true,
        }))
}

/// Plans what is prepared, if that is all that is asked for; else records it, sets it going, and lets `answer` wait for it.
///
/// # Errors
/// As [`plan`](plan()) and [`submit`]; what `answer` gives.
pub(crate) async fn carry_out<T>(
    services: &Services,
    caller: &Caller,
    intent: &Intent,
    prepared: Prepared<'_>,
    answer: impl AsyncFnOnce(Submitted) -> Result<Reply<T>>,
) -> Result<Reply<T>> {
    if intent.plan {
        return plan(services, intent, prepared).await.map(Reply::Planned);
    }
    let submitted = submit(services, caller, intent, prepared).await?;
    answer(submitted).await
}

/// Records the intent with its audit event and its key in one transaction, then sets it going in its own task.
///
/// # Errors
/// [`Code::IdempotencyKeyReused`]; [`Code::ServiceUnavailable`] when it can't be recorded: then nothing is done.
async fn submit(
    services: &Services,
    caller: &Caller,
    intent: &Intent,
    prepared: Prepared<'_>,
) -> Result<Submitted> {
    let secrets = prepared
        .secret
        .as_ref()
        .map(|secret| secret::seal(services, prepared.id, secret))
        .transpose()?;
    let connection = &prepared.connected.row;
    let payload = serde_json::to_value(prepared.payload).map_err(Error::internal)?;
    let mut new = Some((payload, secrets));
    let hmac = body_hmac(services, &intent.body);
    loop {
        let mut transaction = services.store().begin().await?;
        if let Some(scope) = key_scope(caller, intent)
            && let Some(recorded) =
                idempotency::record(&mut transaction, scope, &hmac, Some(prepared.id), None).await?
        {
            drop(transaction);
            match settled_key(services, scope, intent, recorded).await? {
                Some(Recorded {
                    operation_id: Some(operation_id),
                    ..
                }) => {
                    return Ok(Submitted {
                        operation_id,
                        repeated: true,
                    });
                }
                Some(_) => return Err(reused()),
                // Freed meanwhile: it is ours to record.
                None => continue,
            }
        }
        let (payload, secrets) = new
            .take()
            .ok_or_else(|| Error::internal("an intent was recorded twice"))?;
        let about = prepared
            .subject
            .begin(&mut transaction, prepared.kind)
            .await?;
        let told = detail(about, &payload);
        operations::insert(
            &mut transaction,
            NewOperation {
                id: prepared.id,
                connection_id: connection.id,
                vendor: &connection.vendor,
                kind: prepared.kind.as_str(),
                serial_key: &prepared.serial_key,
                about,
                payload,
                secrets,
                caller_id: caller.id,
                caller_name: &caller.name,
                request_id: &intent.request_id,
            },
        )
        .await?;
        audit::record(
            &mut transaction,
            AuditEntry {
                actor: Actor::from(caller),
                action: prepared.kind.as_str(),
                noun: prepared.kind.noun(),
                noun_id: noun_id(prepared.kind, about, connection.id),
                connection_id: Some(connection.id),
                operation_id: Some(prepared.id),
                outcome: "requested",
                detail: told,
                request_id: &intent.request_id,
            },
        )
        .await?;
        committed(services, transaction, prepared.id).await?;
        run::kick(services, prepared.id, connection.id);
        return Ok(Submitted {
            operation_id: prepared.id,
            repeated: false,
        });
    }
}

/// Commits an intent. Where the answer to that is lost, looks whether it is there: "nothing was done" must be true.
async fn committed(
    services: &Services,
    transaction: sqlx::Transaction<'_, sqlx::Postgres>,
    operation_id: Uuid,
) -> Result<()> {
    let Err(error) = transaction.commit().await else {
        return Ok(());
    };
    match operations::outcome(services.store().requests(), operation_id).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(error.into()),
        Err(_) => Err(Error {
            operation_id: Some(operation_id),
            detail: "The database went away just when the request was being recorded. Look at the operation: if it is not there, nothing was done.".into(),
            ..Error::unavailable(error)
        }),
    }
}

/// Waits for the outcome of an operation as long as its caller should; `None` when it goes on without the caller.
///
/// # Errors
/// The operation's own failure; [`Code::IdempotencyInProgress`] for a repetition whose first is not done in time.
pub(crate) async fn wait(
    services: &Services,
    submitted: Submitted,
    intent: &Intent,
) -> Result<Option<OutcomeRow>> {
    let operation_id = submitted.operation_id;
    let deadline = Instant::now() + services.settings().answer_wait;
    let mut endings = services.ledger().endings();
    loop {
        match operations::outcome(services.store().requests(), operation_id).await {
            Ok(Some(outcome)) => match OperationStatus::parse(&outcome.status) {
                Some(OperationStatus::Succeeded) => return Ok(Some(outcome)),
                Some(OperationStatus::Failed | OperationStatus::OutcomeUnknown) => {
                    return Err(stored_error(&outcome, operation_id));
                }
                _ => {}
            },
            Ok(None) => {
                return Err(Error::internal(format!(
                    "operation {operation_id} is not there"
                )));
            }
            // It is recorded and goes on: a refusal now would be taken for "nothing was done".
            Err(error) if error.is_retryable() => {
                warn!(operation.id = %operation_id, %error, "The outcome of operation {operation_id} can't be read yet");
            }
            Err(error) => return Err(error),
        }
        if intent.respond_async {
            return Ok(None);
        }
        if Instant::now() >= deadline {
            return if submitted.repeated {
                Err(Error {
                    operation_id: Some(operation_id),
                    retry_after_seconds: Some(2),
                    ..Error::new(
                        Code::IdempotencyInProgress,
                        "An equal request with this Idempotency-Key is still running. Ask again, or watch its operation.",
                    )
                })
            } else {
                Ok(None)
            };
        }
        let look = deadline.min(Instant::now() + LOOK_EVERY);
        loop {
            match timeout_at(look, endings.recv()).await {
                Ok(Ok(id)) if id == operation_id => break,
                Ok(Ok(_)) => {}
                // News were missed: look.
                Ok(Err(RecvError::Lagged(_))) | Err(_) => break,
                Ok(Err(RecvError::Closed)) => {
                    sleep_until(look).await;
                    break;
                }
            }
        }
    }
}

/// The failure that an operation ended with.
fn stored_error(outcome: &OutcomeRow, operation_id: Uuid) -> Error {
    let mut error = outcome
        .error
        .clone()
        .and_then(|stored| serde_json::from_value::<Error>(stored).ok())
        .unwrap_or_else(|| Error::internal("an operation failed without saying why"));
    error.operation_id = Some(operation_id);
    error
}
