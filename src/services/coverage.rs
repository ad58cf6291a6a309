//! How good an answer is that rests on our copies: which connections it draws from, and when those were last seen whole.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::connected::{narrowed, unsupported};
use super::connections::find_visible;
use super::{Coverage, Services};
use crate::adapters;
use crate::domain::{Caller, Capability};
use crate::error::Result;
use crate::store::connections::{self, CoverageRow};

/// The connections that an answer draws from.
pub(super) struct Covered {
    /// Those whose things of this noun can be listed.
    pub(super) listed: Vec<CoverageRow>,
    not_listed: Vec<CoverageRow>,
}

/// The connections of a caller, narrowed to one or to a vendor's, with how well we know their accounts.
///
/// # Errors
/// Narrowed to one that can't list accounts: an empty list would say that there are none.
pub(super) async fn accounts_covered(
    services: &Services,
    caller: &Caller,
    connection_id: Option<Uuid>,
    vendor: Option<&str>,
) -> Result<Covered> {
    let rows = connections::coverage(
        services.store().requests(),
        &caller.connections,
        super::accounts::NOUN,
        connection_id,
        vendor,
    )
    .await?;
    let (listed, not_listed): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| capabilities(services, row).contains(&Capability::ListAccounts));
    if let (Some(id), Some(row)) = (connection_id, not_listed.first()) {
        let connection = find_visible(services, caller, &id.to_string()).await?;
        let can = capabilities(services, row);
        return Err(unsupported(&connection.name, Capability::ListAccounts, can));
    }
    Ok(Covered { listed, not_listed })
}

/// How well connections are known: when each was last seen whole, and whether that is too long ago.
pub(super) type Known = HashMap<Uuid, (Option<DateTime<Utc>>, bool)>;

/// How well the accounts of a caller's connections are known.
pub(super) async fn accounts_known(
    services: &Services,
    caller: &Caller,
    connection_id: Option<Uuid>,
) -> Result<Known> {
    let rows = connections::coverage(
        services.store().requests(),
        &caller.connections,
        super::accounts::NOUN,
        connection_id,
        None,
    )
    .await?;
    let known = rows
        .into_iter()
        .map(|row| (row.connection_id, (row.as_of, row.stale)));
    Ok(known.collect())
}

impl Covered {
    /// The ids of all of them.
    pub(super) fn ids(&self) -> Vec<Uuid> {
        let all = self.listed.iter().chain(&self.not_listed);
        all.map(|row| row.connection_id).collect()
    }

    /// What an answer says of it.
    pub(super) fn told(&self) -> Coverage {
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
        }
    }
}

fn capabilities(services: &Services, row: &CoverageRow) -> Vec<Capability> {
    let slots = adapters::variant(&row.variant)
        .and_then(|variant| super::catalogue::variant_capabilities(services, variant).ok())
        .unwrap_or_default();
    narrowed(slots, row.checked_capabilities.as_deref())
}
