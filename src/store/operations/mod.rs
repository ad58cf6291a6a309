//! The effect ledger: one row per mutating act, from intent to proven outcome.

mod claim;
mod read;
mod settle;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

pub use claim::{claim, claim_one, extend, mark_absent, mark_sent, release};
pub use read::{OperationFilter, OutcomeRow, find, list, open_count, outcome};
pub use settle::{Settlement, finish, resolve};

use super::WORK_CHANNEL;
use crate::error::{Error, Result};

/// What an operation is about, as far as it has a row in our tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct About {
    /// The account.
    pub account_id: Option<Uuid>,
    /// The entitlement.
    pub entitlement_id: Option<Uuid>,
    /// The grant.
    pub grant_id: Option<Uuid>,
}

impl About {
    /// The row of a noun.
    pub fn id_of(self, noun: &str) -> Option<Uuid> {
        match noun {
            "account" => self.account_id,
            "entitlement" => self.entitlement_id,
            "grant" => self.grant_id,
            _ => None,
        }
    }
}

/// An operation as it is kept.
#[derive(Clone, Debug, FromRow)]
pub struct OperationRow {
    /// UUIDv7.
    pub id: Uuid,
    /// The connection.
    pub connection_id: Uuid,
    /// Its vendor.
    pub vendor: String,
    /// See [`crate::domain::OperationKind`].
    pub kind: String,
    /// One per key runs at a time.
    pub serial_key: String,
    /// See [`crate::domain::OperationStatus`].
    pub status: String,
    /// What it is about, once known.
    #[sqlx(flatten)]
    pub about: About,
    /// What is to be done, without secrets.
    pub payload: Value,
    /// Master key of the sealed secrets.
    pub secret_key_id: Option<String>,
    /// Wrapped data key of the sealed secrets.
    pub secret_wrapped_key: Option<Vec<u8>>,
    /// The sealed secrets.
    pub secret_ciphertext: Option<Vec<u8>>,
    /// Counts claims; the fence.
    pub epoch: i64,
    /// How often it was claimed.
    pub attempts: i32,
    /// When its mutating request last left.
    pub sent_at: Option<DateTime<Utc>>,
    /// How often it left.
    pub sends: i32,
    /// The state seen before it.
    pub before: Option<Value>,
    /// When a reading first saw no effect of the last sending.
    pub absent_at: Option<DateTime<Utc>>,
    /// What it did.
    pub effect: Option<String>,
    /// Why it failed: an [`crate::error::Error`].
    pub error: Option<Value>,
    /// What it tells of several things at once.
    pub result: Option<Value>,
    /// Who resolved it, how and why.
    pub resolution: Option<Value>,
    /// Who asked.
    pub caller_id: Uuid,
    /// By name.
    pub caller_name: String,
    /// The request that led to it.
    pub request_id: String,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// An operation to be recorded.
#[derive(Clone, Debug)]
pub struct NewOperation<'a> {
    /// UUIDv7.
    pub id: Uuid,
    /// See [`OperationRow::connection_id`].
    pub connection_id: Uuid,
    /// See [`OperationRow::vendor`].
    pub vendor: &'a str,
    /// See [`OperationRow::kind`].
    pub kind: &'a str,
    /// See [`OperationRow::serial_key`].
    pub serial_key: &'a str,
    /// See [`OperationRow::about`].
    pub about: About,
    /// See [`OperationRow::payload`].
    pub payload: Value,
    /// Sealed secrets: key id, wrapped key, ciphertext.
    pub secrets: Option<(String, Vec<u8>, Vec<u8>)>,
    /// See [`OperationRow::caller_id`].
    pub caller_id: Uuid,
    /// See [`OperationRow::caller_name`].
    pub caller_name: &'a str,
    /// See [`OperationRow::request_id`].
    pub request_id: &'a str,
}

/// Records an intent. Who records it sets it going; if that fails, a scan finds it. Its connection can be neither moved nor
/// removed until the transaction ends.
///
/// # Errors
/// When the connection is not there any more.
pub async fn insert(connection: &mut PgConnection, new: NewOperation<'_>) -> Result<()> {
    let (key_id, wrapped_key, ciphertext) = match new.secrets {
        Some((key_id, wrapped_key, ciphertext)) => {
            (Some(key_id), Some(wrapped_key), Some(ciphertext))
        }
        None => (None, None, None),
    };
    let held: Option<Uuid> =
        sqlx::query_scalar("select id from connections where id = $1 for share")
            .bind(new.connection_id)
            .fetch_optional(&mut *connection)
            .await?;
    if held.is_none() {
        return Err(Error::not_found("connection"));
    }
    sqlx::query(
        "insert into operations (id, connection_id, vendor, kind, serial_key, account_id, entitlement_id, grant_id, payload,
             secret_key_id, secret_wrapped_key, secret_ciphertext, caller_id, caller_name, request_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(new.id)
    .bind(new.connection_id)
    .bind(new.vendor)
    .bind(new.kind)
    .bind(new.serial_key)
    .bind(new.about.account_id)
    .bind(new.about.entitlement_id)
    .bind(new.about.grant_id)
    .bind(new.payload)
    .bind(key_id)
    .bind(wrapped_key)
    .bind(ciphertext)
    .bind(new.caller_id)
    .bind(new.caller_name)
    .bind(new.request_id)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Tells every replica, once the transaction is committed.
async fn notify(connection: &mut PgConnection, payload: &str) -> Result<()> {
    sqlx::query("select pg_notify($1, $2)")
        .bind(WORK_CHANNEL)
        .bind(payload)
        .execute(connection)
        .await?;
    Ok(())
}
