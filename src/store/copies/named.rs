//! Finding what a vendor's own words name.

use sqlx::PgPool;
use uuid::Uuid;

use crate::domain::Noun;
use crate::error::Result;

/// The live things of a connection that one of these words names: by the vendor's id; accounts by login or e-mail address, too.
/// Stops soon after `most`.
///
/// # Errors
/// When the database fails.
pub async fn named_by(
    pool: &PgPool,
    connection_id: Uuid,
    words: &[String],
    most: usize,
) -> Result<Vec<(Noun, Uuid)>> {
    let rows: Vec<(String, Uuid)> = sqlx::query_as(
        "select 'accounts', id from accounts where connection_id = $1 and status <> 'deleted'
             and (external_id = any($2) or login = any($2) or lower(email) = any(select lower(word) from unnest($2::text[]) word))
         union all
         select 'resources', id from resources where connection_id = $1 and status <> 'deleted' and external_id = any($2)
         union all
         select 'entitlements', id from entitlements where connection_id = $1 and status <> 'deleted' and external_id = any($2)
         limit $3",
    )
    .bind(connection_id)
    .bind(words)
    .bind(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1))
    .fetch_all(pool)
    .await?;
    let noun = |word: &str| Noun::ALL.into_iter().find(|known| known.as_str() == word);
    Ok(rows
        .into_iter()
        .filter_map(|(word, id)| Some((noun(&word)?, id)))
        .collect())
}
