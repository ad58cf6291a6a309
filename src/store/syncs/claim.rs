//! Asking for runs and owning them. Every write of a run is a compare-and-set on (owner, epoch).

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{SyncRun, columns, last_runs};
use crate::error::Result;
use crate::store::WORK_CHANNEL;

/// Asks for a run; `requested_by` is the person who does, if it is one. Which part is its first shows when it begins.
///
/// # Errors
/// A conflict when one of this connection is open.
pub async fn request(
    connection: &mut PgConnection,
    connection_id: Uuid,
    cause: &str,
    requested_by: Option<&str>,
) -> Result<SyncRun> {
    let run: SyncRun = sqlx::query_as(concat!(
        "insert into sync_runs (id, connection_id, noun, cause, requested_by, expected_pages, expected_seconds)
         select $1, $2, 'accounts', $3, $4, f.pages, f.seconds from (",
        last_runs!("$2"),
        ") f returning ",
        columns!()
    ))
    .bind(Uuid::now_v7())
    .bind(connection_id)
    .bind(cause)
    .bind(requested_by)
    .fetch_one(&mut *connection)
    .await?;
    wake(connection).await?;
    Ok(run)
}

/// The open run of a connection, asked for if there is none; whether it is new.
///
/// # Errors
/// When the database fails.
pub async fn request_or_join(
    connection: &mut PgConnection,
    connection_id: Uuid,
) -> Result<(Uuid, bool)> {
    loop {
        let made: Option<Uuid> = sqlx::query_scalar(concat!(
            "insert into sync_runs (id, connection_id, noun, cause, expected_pages, expected_seconds)
             select $1, $2, 'accounts', 'demand', f.pages, f.seconds from (",
            last_runs!("$2"),
            ") f on conflict (connection_id) where status in ('pending', 'running') do nothing returning id"
        ))
        .bind(Uuid::now_v7())
        .bind(connection_id)
        .fetch_optional(&mut *connection)
        .await?;
        if let Some(id) = made {
            wake(connection).await?;
            return Ok((id, true));
        }
        let open: Option<Uuid> = sqlx::query_scalar(
            "select id from sync_runs where connection_id = $1 and status in ('pending', 'running')",
        )
        .bind(connection_id)
        .fetch_optional(&mut *connection)
        .await?;
        // Ended between the two looks: then a new one can be asked for.
        if let Some(id) = open {
            return Ok((id, false));
        }
    }
}

/// Whether one of these runs goes on.
///
/// # Errors
/// When the database fails.
pub async fn any_open(pool: &PgPool, ids: &[Uuid]) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "select exists (select 1 from sync_runs where id = any($1) and status in ('pending', 'running'))",
    )
    .bind(ids)
    .fetch_one(pool)
    .await?)
}

/// Lets every replica look for due runs now.
async fn wake(connection: &mut PgConnection) -> Result<()> {
    sqlx::query("select pg_notify($1, 'sync')")
        .bind(WORK_CHANNEL)
        .execute(connection)
        .await?;
    Ok(())
}

/// Turns schedules that are due into runs and sets their next time, up to a tenth of the interval sooner or later: a fleet
/// of connections that was made at once spreads out. Connections with an open run wait for the next time.
///
/// # Errors
/// When the database fails.
pub async fn request_due(pool: &PgPool) -> Result<u64> {
    let done = sqlx::query(concat!(
        "with due as (
             select id, sync_every_seconds from connections
             where sync_due_at <= clock_timestamp() and sync_every_seconds > 0
             order by sync_due_at limit 20 for update skip locked
         ), next as (
             update connections c set sync_due_at = clock_timestamp()
                 + make_interval(secs => due.sync_every_seconds * (0.9 + 0.2 * random()))
             from due where c.id = due.id
         )
         insert into sync_runs (id, connection_id, noun, cause, expected_pages, expected_seconds)
         select gen_random_uuid(), due.id, 'accounts', 'schedule', f.pages, f.seconds
         from due cross join lateral (",
        last_runs!("due.id"),
        ") f
         on conflict (connection_id) where status in ('pending', 'running') do nothing"
    ))
    .execute(pool)
    .await?;
    Ok(done.rows_affected())
}

/// Claims the run that is longest due, also one whose owner died.
///
/// # Errors
/// When the database fails.
pub async fn claim(pool: &PgPool, owner: Uuid, lease_seconds: f64) -> Result<Option<SyncRun>> {
    Ok(sqlx::query_as(concat!(
        "update sync_runs set status = 'running', owner = $1, epoch = epoch + 1, attempts = attempts + 1,
             started_at = coalesce(started_at, clock_timestamp()),
             lease_until = clock_timestamp() + make_interval(secs => $2)
         where id = (
             select id from sync_runs
             where due_at <= clock_timestamp()
                 and (status = 'pending' or (status = 'running' and lease_until < clock_timestamp()))
             order by due_at limit 1 for update skip locked)
         returning ",
        columns!()
    ))
    .bind(owner)
    .bind(lease_seconds)
    .fetch_optional(pool)
    .await?)
}

/// Extends the lease; `false` when the run belongs to another owner now, or to nobody.
///
/// # Errors
/// When the database fails.
pub async fn extend(
    pool: &PgPool,
    id: Uuid,
    owner: Uuid,
    epoch: i64,
    lease_seconds: f64,
) -> Result<bool> {
    let done = sqlx::query(
        "update sync_runs set lease_until = clock_timestamp() + make_interval(secs => $4)
         where id = $1 and owner = $2 and epoch = $3 and status = 'running'",
    )
    .bind(id)
    .bind(owner)
    .bind(epoch)
    .bind(lease_seconds)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Hands a run over to whoever claims it next.
///
/// # Errors
/// When the database fails.
pub async fn release(pool: &PgPool, id: Uuid, owner: Uuid, epoch: i64) -> Result<()> {
    sqlx::query(
        "update sync_runs set lease_until = clock_timestamp(), attempts = attempts - 1
         where id = $1 and owner = $2 and epoch = $3 and status = 'running'",
    )
    .bind(id)
    .bind(owner)
    .bind(epoch)
    .execute(pool)
    .await?;
    Ok(())
}

/// Keeps a run ours until the transaction ends; `false` when it is another's already. Whatever a run writes is written
/// behind this fence: a replica that was stopped and goes on must not act on what it read before.
///
/// # Errors
/// When the database fails.
pub async fn hold(connection: &mut PgConnection, run: &SyncRun, owner: Uuid) -> Result<bool> {
    let held: Option<Uuid> = sqlx::query_scalar(
        "select id from sync_runs where id = $1 and owner = $2 and epoch = $3 and status = 'running' for update",
    )
    .bind(run.id)
    .bind(owner)
    .bind(run.epoch)
    .fetch_optional(connection)
    .await?;
    Ok(held.is_some())
}
