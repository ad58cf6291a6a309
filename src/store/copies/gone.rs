//! Marking things as gone at their vendor.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{in_between, of_table};
use crate::domain::Noun;
use crate::error::Result;

/// The source of what a reading of a single thing showed.
pub(in crate::store) const READ_THROUGH: &str = "read_through";

/// Marks a thing as gone, as an operation has proven by its answer or by a reading.
///
/// # Errors
/// When the database fails.
pub async fn tombstone(
    connection: &mut PgConnection,
    noun: Noun,
    id: Uuid,
    source: &str,
) -> Result<()> {
    let statement = of_table!(
        noun,
        "update",
        "t set source = case when status = 'deleted' then source else $2 end,
             version = case when status = 'deleted' then version else version + 1 end,
             changed_at = case when status = 'deleted' then changed_at else clock_timestamp() end,
             status = 'deleted', missed_runs = 0, written_at = clock_timestamp()
         where id = $1"
    );
    sqlx::query(statement)
        .bind(id)
        .bind(source)
        .execute(connection)
        .await?;
    Ok(())
}

/// Marks a thing as gone, as a reading of its own has proven, unless the row was written or changed since the vendor was
/// asked, or an operation on it is under way.
///
/// # Errors
/// When the database fails.
pub async fn tombstone_read(
    connection: &mut PgConnection,
    noun: Noun,
    id: Uuid,
    asked_at: DateTime<Utc>,
) -> Result<()> {
    let statement = of_table!(
        noun,
        "update",
        concat!(
            "t set source = case when status = 'deleted' then source else $3 end,
             version = case when status = 'deleted' then version else version + 1 end,
             changed_at = case when status = 'deleted' then changed_at else clock_timestamp() end,
             status = 'deleted', missed_runs = 0, written_at = $2
         where id = $1 and greatest(changed_at, written_at) < $2 and not ",
            in_between!()
        )
    );
    sqlx::query(statement)
        .bind(id)
        .bind(asked_at)
        .bind(READ_THROUGH)
        .execute(connection)
        .await?;
    Ok(())
}
