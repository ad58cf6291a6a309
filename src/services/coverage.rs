//! How good an answer is that rests on our copies: which connections it draws from, and when those were last seen whole.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::catalogue::lists_grants_partly;
use super::connected::{narrowed, unsupported};
use super::connections::find_visible;
use super::{Coverage, Observed, Services};
use crate::adapters;
use crate::domain::{Caller, Capability, Noun, SyncPart};
use crate::error::Result;
use crate::store::connections::{self, CoverageRow};

/// The connections that an answer draws from.
pub(super) struct Covered {
    /// Those whose things of this noun can be listed.
    pub(super) listed: Vec<CoverageRow>,
    not_listed: Vec<CoverageRow>,
    /// Of those that can be listed, whose listing is not complete at the vendor.
    partial: Vec<Uuid>,
}

/// The connections of a caller, narrowed to one or to a vendor's, with how well we know their things of a noun.
///
/// # Errors
/// Narrowed to one that can't list them: an empty list would say that there are none.
pub(super) async fn covered(
    services: &Services,
    caller: &Caller,
    part: SyncPart,
    connection_id: Option<Uuid>,
    vendor: Option<&str>,
) -> Result<Covered> {
    let rows = connections::coverage(
        services.store().requests(),
        &caller.connections,
        part.as_str(),
        connection_id,
        vendor,
    )
    .await?;
    let (listed, not_listed): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| capabilities(services, row).contains(&part.listing()));
    if let (Some(id), Some(row)) = (connection_id, not_listed.first()) {
        let connection = find_visible(services, caller, &id.to_string()).await?;
        let can = capabilities(services, row);
        return Err(unsupported(&connection.name, part.listing(), can));
    }
    let is_partial = |row: &&CoverageRow| {
        let variant = adapters::variant(&row.variant);
        variant.is_some_and(|variant| lists_grants_partly(services, variant).unwrap_or(true))
    };
    let partial = if part == SyncPart::Rows(Noun::Grants) {
        let rows = listed.iter().filter(is_partial);
        rows.map(|row| row.connection_id).collect()
    } else {
        Vec::new()
    };
    Ok(Covered {
        listed,
        not_listed,
        partial,
    })
}

/// How well connections are known: when each was last seen whole, and whether that is too long ago.
pub(super) type Known = HashMap<Uuid, (Option<DateTime<Utc>>, bool)>;

/// How well the things of a noun of a caller's connections are known.
pub(super) async fn known(
    services: &Services,
    caller: &Caller,
    part: SyncPart,
    connection_id: Option<Uuid>,
) -> Result<Known> {
    let rows = connections::coverage(
        services.store().requests(),
        &caller.connections,
        part.as_str(),
        connection_id,
        None,
    )
    .await?;
    let known = rows
        .into_iter()
        .map(|row| (row.connection_id, (row.as_of, row.stale)));
    Ok(known.collect())
}

/// One thing with how good our copy of it is.
pub(super) async fn observed<T>(
    services: &Services,
    caller: &Caller,
    noun: Noun,
    value: T,
    (connection_id, seen_at): (Uuid, DateTime<Utc>),
) -> Result<Observed<T>> {
    let known = known(services, caller, noun.into(), Some(connection_id)).await?;
    let (as_of, stale) = known.get(&connection_id).copied().unwrap_or((None, true));
    Ok(Observed {
        // What was read or written by itself was seen then, also where no run was complete yet.
        as_of: as_of.max(Some(seen_at)),
        stale,
        value,
    })
}

impl Covered {
    /// The ids of all of them.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        let all = self.listed.iter().chain(&self.not_listed);
        all.map(|row| row.connection_id).collect()
    }

    /// What an answer says of it.
    pub(super) fn told(self) -> Coverage {
        let never_synced = self.listed.iter().any(|row| row.as_of.is_none());
        Coverage {
            as_of: if never_synced {
                None
            } else {
                self.listed.iter().filter_map(|row| row.as_of).min()
            },
            stale: self.listed.iter().any(|row| row.stale),
            not_covered: self
                .not_listed
                .iter()
                .map(|row| row.connection_id)
                .collect(),
            partial: self.partial,
        }
    }
}

fn capabilities(services: &Services, row: &CoverageRow) -> Vec<Capability> {
    let slots = adapters::variant(&row.variant)
        .and_then(|variant| super::catalogue::variant_capabilities(services, variant).ok())
        .unwrap_or_default();
    narrowed(slots, row.checked_capabilities.as_deref())
}
