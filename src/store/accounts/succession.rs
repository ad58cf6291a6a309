//! Rows that go on as another account: the row of an invite becomes the user's who accepted it.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use crate::domain::{AccountRecord, ExternalKey, GrantRecord};
use crate::error::Result;

/// A row whose account turned into another.
#[derive(FromRow)]
struct Forerunner {
    id: Uuid,
    successor: String,
    /// No operation on it ended after the page was asked for that shows its successor.
    is_older: bool,
}

/// Gives the keys of these records to the rows that they succeed, so that writing the records goes on with those rows. Two
/// transactions that see the same succession wait for each other at the row, and the later one finds it done.
///
/// Returns the keys of records that must not be written: they come from a page that is older than the last operation on the
/// row that they succeed. Pass `None` where a reading was made for these records alone.
///
/// # Errors
/// When the database fails.
pub(super) async fn follow(
    connection: &mut PgConnection,
    connection_id: Uuid,
    asked_at: Option<DateTime<Utc>>,
    records: &[AccountRecord],
) -> Result<HashSet<String>> {
    let (mut keys, mut emails, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
    for record in records {
        if let (Some(part), Some(email)) = (&record.succeeds, &record.email) {
            keys.push(record.external_key.as_str());
            emails.push(email.to_lowercase().replace('\0', "\u{fffd}"));
            prefixes.push(ExternalKey::prefix(part));
        }
    }
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    // Locked in one order everywhere. Of several invites to one address the first is the one that the others repeated.
    let forerunners: Vec<Forerunner> = sqlx::query_as(
        "select a.id, r.key as successor, ($5::timestamptz is null or a.written_at is null or a.written_at < $5) as is_older
         from unnest($2::text[], $3::text[], $4::text[]) as r(key, email, prefix)
         join accounts a on a.connection_id = $1 and lower(a.email) = r.email
             and starts_with(a.external_key, r.prefix) and a.status <> 'deleted'
         where not exists (
             select 1 from accounts b where b.connection_id = $1 and b.external_key = r.key)
         order by a.id for update of a",
    )
    .bind(connection_id)
    .bind(&keys)
    .bind(&emails)
    .bind(&prefixes)
    .bind(asked_at)
    .fetch_all(&mut *connection)
    .await?;
    let mut met = HashSet::new();
    let mut held_back = HashSet::new();
    for Forerunner {
        id,
        successor,
        is_older,
    } in forerunners
    {
        if !met.insert(successor.clone()) {
            continue;
        }
        if !is_older {
            held_back.insert(successor);
            continue;
        }
        sqlx::query("update accounts set external_key = $2 where id = $1")
            .bind(id)
            .bind(&successor)
            .execute(&mut *connection)
            .await?;
        take_grants_along(&mut *connection, id, &ExternalKey::from_stored(successor)).await?;
    }
    Ok(held_back)
}

/// The grants of an account are kept under its key, too.
async fn take_grants_along(
    connection: &mut PgConnection,
    account_id: Uuid,
    key: &ExternalKey,
) -> Result<()> {
    let held: Vec<(Uuid, String)> =
        sqlx::query_as("select id, entitlement_key from grants where account_id = $1 for update")
            .bind(account_id)
            .fetch_all(&mut *connection)
            .await?;
    for (id, entitlement) in held {
        let entitlement = ExternalKey::from_stored(entitlement);
        sqlx::query("update grants set account_key = $2, external_key = $3 where id = $1")
            .bind(id)
            .bind(key.as_str())
            .bind(GrantRecord::key(key, &entitlement).as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
