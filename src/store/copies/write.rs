//! Writing copies: by syncs, page by page, and by readings and operations, one at a time.

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::error::Result;

/// What writing a page changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageWritten {
    /// Rows that are new to us.
    pub created: i64,
    /// Rows whose content changed, or that came back.
    pub changed: i64,
    /// Items that were not kept, since they name others of which there is no row.
    pub unresolved: i64,
}

impl PageWritten {
    /// Counts the rows that [`write`] touched.
    pub(in crate::store) fn of(touched: &[(Uuid, bool)]) -> Self {
        let created = touched.iter().filter(|(_, is_new)| *is_new).count() as i64;
        Self {
            created,
            changed: touched.len() as i64 - created,
            unresolved: 0,
        }
    }
}

/// Rows to be written, and how true they are.
pub(in crate::store) struct Batch<'a> {
    pub(in crate::store) connection_id: Uuid,
    pub(in crate::store) vendor: &'a str,
    pub(in crate::store) source: &'a str,
    /// When the vendor was asked, by the database's clock. `None`: an operation has proven it, whatever the rows say.
    pub(in crate::store) asked_at: Option<DateTime<Utc>>,
    /// Read or written by itself: any page that was asked for before is older from now on.
    pub(in crate::store) is_alone: bool,
    /// By column.
    pub(in crate::store) rows: Vec<Value>,
}

/// The statement that writes a [`Batch`] to a table, where a row is `t`, what was said `r` and what would be written
/// `excluded`.
///
/// A row of a page is touched only if it changed, and never if an operation on it ended after the page was asked for: the page
/// may be older than the write. A row that was read by itself is touched unless it was written or changed since.
macro_rules! upsert {
    (
        $table:literal,
        // What the vendor says, by column.
        said: [$($column:literal $type:literal),+ $(,)?],
        // Columns that only ever rise.
        rising: [$($risen:literal $risen_type:literal),* $(,)?],
        // Columns that are found in other tables.
        found: [$($name:literal = $value:literal),* $(,)?],
        joins: $joins:literal,
        // Columns of ours, and what becomes of them.
        ours: [$($own:literal = $rule:literal),* $(,)?],
        // Which rows neither a page nor a reading may touch.
        except: $except:expr $(,)?
    ) => {
        concat!(
            "insert into ", $table, " as t (id, connection_id, vendor, external_key, status, vendor_status, attributes,
                 vendor_created_at, vendor_updated_at, raw, ",
            $($column, ", ",)+ $($risen, ", ",)* $($name, ", ",)*
            "fingerprint, source, written_at)
             select r.id, $1, $2, r.external_key, r.status, r.vendor_status, r.attributes, r.vendor_created_at,
                 r.vendor_updated_at, coalesce(r.raw, 'null'), ",
            $("r.", $column, ", ",)+ $("r.", $risen, ", ",)* $($value, ", ",)*
            "decode(r.fingerprint, 'hex'), $4, case when $6 then coalesce($5, clock_timestamp()) end
             from jsonb_to_recordset($3) as r(id uuid, external_key text, status text, vendor_status text,
                 attributes jsonb, vendor_created_at timestamptz, vendor_updated_at timestamptz, raw jsonb, fingerprint text",
            $(", ", $column, " ", $type,)+ $(", ", $risen, " ", $risen_type,)*
            ") ", $joins,
            " on conflict (connection_id, external_key) do update set
                 status = excluded.status, vendor_status = excluded.vendor_status, attributes = excluded.attributes,
                 vendor_created_at = excluded.vendor_created_at, vendor_updated_at = excluded.vendor_updated_at,
                 raw = excluded.raw, ",
            $($column, " = excluded.", $column, ", ",)+
            $($risen, " = greatest(t.", $risen, ", excluded.", $risen, "), ",)*
            $($name, " = excluded.", $name, ", ",)*
            $($own, " = ", $rule, ", ",)*
            "fingerprint = excluded.fingerprint, missed_runs = 0,
             written_at = coalesce(excluded.written_at, t.written_at),
             source = case when ", $crate::store::copies::upsert!(@changed), " then excluded.source else t.source end,
             version = case when ", $crate::store::copies::upsert!(@changed), " then t.version + 1 else t.version end,
             changed_at = case when ", $crate::store::copies::upsert!(@changed), "
                 then clock_timestamp() else t.changed_at end
             where ($5::timestamptz is null or not (", $except, "))
                 and case when $6 then $5::timestamptz is null or greatest(t.changed_at, t.written_at) < $5
                     else ", $crate::store::copies::upsert!(@changed), " and (t.written_at is null or t.written_at < $5) end
             returning t.id, t.version = 1"
        )
    };
    (@changed) => {
        "(t.fingerprint <> excluded.fingerprint or (t.status = 'deleted' and excluded.status <> 'deleted'))"
    };
}

pub(in crate::store) use upsert;

/// Writes a batch by the statement that [`upsert!`] made; the rows that were touched, and whether each is new. Of several
/// rows with one key none may be given: one statement can't touch a row twice.
pub(in crate::store) async fn write(
    connection: &mut PgConnection,
    statement: &'static str,
    batch: Batch<'_>,
) -> Result<Vec<(Uuid, bool)>> {
    let rows = batch.rows.into_iter().map(with_id).map(storable).collect();
    Ok(sqlx::query_as(statement)
        .bind(batch.connection_id)
        .bind(batch.vendor)
        .bind(Value::Array(rows))
        .bind(batch.source)
        .bind(batch.asked_at)
        .bind(batch.is_alone)
        .fetch_all(connection)
        .await?)
}

fn with_id(mut row: Value) -> Value {
    row["id"] = Uuid::now_v7().to_string().into();
    row
}

/// A hash of what the vendor said: a sync writes only rows whose hash changed.
pub(in crate::store) fn fingerprint(said: &Value) -> String {
    hex::encode(digest::digest(&digest::SHA256, said.to_string().as_bytes()))
}

/// PostgreSQL's text has no NUL; a vendor's may. The replacement character shows that something was there.
pub(in crate::store) fn storable(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace('\0', "\u{fffd}")),
        Value::Array(items) => items.into_iter().map(storable).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name.replace('\0', "\u{fffd}"), storable(value)))
            .collect(),
        other => other,
    }
}

/// As [`storable`], for a text by itself.
pub(in crate::store) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
