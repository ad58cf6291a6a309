//! Pieces of `where` that lists have in common; what callers said is always bound.

use sqlx::{Encode, Postgres, QueryBuilder, Type};
use uuid::Uuid;

use crate::domain::Connections;

/// Narrows to what a caller may see.
pub(super) fn visible(query: &mut QueryBuilder<Postgres>, connections: &Connections) {
    if let Some(ids) = connections.filter() {
        query
            .push(" and connection_id = any(")
            .push_bind(ids.to_vec())
            .push(")");
    }
}

/// Narrows by a comparison such as ` and kind = `, where there is something to compare with.
pub(super) fn by<T>(query: &mut QueryBuilder<Postgres>, comparison: &'static str, wanted: Option<T>)
where
    T: Encode<'static, Postgres> + Type<Postgres> + 'static,
{
    if let Some(wanted) = wanted {
        query.push(comparison).push_bind(wanted);
    }
}

/// Narrows by status; `deleted` ones show only when asked for.
pub(super) fn status(query: &mut QueryBuilder<Postgres>, wanted: Option<&str>) {
    match wanted {
        Some(status) => query.push(" and status = ").push_bind(status.to_owned()),
        None => query.push(" and status <> 'deleted'"),
    };
}

/// The page after a row, by id.
pub(super) fn page(query: &mut QueryBuilder<Postgres>, after: Option<Uuid>, limit: i64) {
    by(query, " and id > ", after);
    query.push(" order by id limit ").push_bind(limit);
}
