//! Ending an operation: the row, the secrets, the audit event and the news of it in one transaction.

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{About, OperationRow, notify};
use crate::error::Result;

/// How an operation ended.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// `succeeded`, `failed` or `outcome_unknown`.
    pub status: &'static str,
    /// What it did, where it succeeded.
    pub effect: Option<&'static str>,
    /// What it is about, by now.
    pub about: About,
    /// Why it did not succeed: an [`crate::error::Error`].
    pub error: Option<Value>,
    /// What it tells of several things at once.
    pub result: Option<Value>,
}

/// Ends an operation that is ours; `false` when it is another's now. Its secrets go with it.
///
/// # Errors
/// When the database fails.
pub async fn finish(
    connection: &mut PgConnection,
    id: Uuid,
    owner: Uuid,
    epoch: i64,
    settlement: Settlement,
) -> Result<bool> {
    let done = sqlx::query(
        "update operations set status = $4, effect = $5, account_id = $6, entitlement_id = $7, grant_id = $8, error = $9, result = $10,
             secret_key_id = null, secret_wrapped_key = null, secret_ciphertext = null,
             lease_until = null, finished_at = clock_timestamp()
         where id = $1 and owner = $2 and epoch = $3 and status = 'running'",
    )
    .bind(id)
    .bind(owner)
    .bind(epoch)
    .bind(settlement.status)
    .bind(settlement.effect)
    .bind(settlement.about.account_id)
    .bind(settlement.about.entitlement_id)
    .bind(settlement.about.grant_id)
    .bind(settlement.error)
    .bind(settlement.result)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    notify(connection, &format!("ended:{id}")).await?;
    Ok(true)
}

/// Ends a parked operation as a person says; `None` when it is not parked.
///
/// # Errors
/// When the database fails.
pub async fn resolve(
    connection: &mut PgConnection,
    id: Uuid,
    status: &str,
    resolution: Value,
) -> Result<Option<OperationRow>> {
    let row = sqlx::query_as(
        "update operations set status = $2, resolution = $3, finished_at = clock_timestamp(),
             effect = null, error = case when $2 = 'failed' then error end
         where id = $1 and status = 'outcome_unknown' returning *",
    )
    .bind(id)
    .bind(status)
    .bind(resolution)
    .fetch_optional(&mut *connection)
    .await?;
    if row.is_some() {
        notify(connection, &format!("ended:{id}")).await?;
    }
    Ok(row)
}
