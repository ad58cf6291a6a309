//! From Apono's words to ours. Pure.

mod accounts;
mod activity;
mod entitlements;
mod resources;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(super) use accounts::{emails, id, user};
pub(super) use activity::report;
pub(super) use entitlements::{EntitlementKey, available, bundle, group, inventory_pair, member};
pub(super) use resources::{
    ResourceKey, access_scope, integration, is_source, resource, resource_key,
};

use crate::domain::calendar;

/// Reads what the vendor spells.
fn read<T: DeserializeOwned>(raw: &Value) -> Result<T, String> {
    T::deserialize(raw).map_err(|_| "it is not an object with the documented types".to_owned())
}

/// An id that can be a part of a path.
fn usable(id: Option<String>) -> Result<String, String> {
    id.filter(|id| !matches!(id.as_str(), "" | "." | ".."))
        .ok_or_else(|| "it has no usable `id`".to_owned())
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// The members of these names. Absent and null are alike (§2), so nulls are left out.
fn members(raw: &Value, names: &[&str]) -> Map<String, Value> {
    let member = |name: &&str| {
        let value = raw.get(*name).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    };
    names.iter().filter_map(member).collect()
}

/// A time of the current API (§2); what is none is left out.
fn time(text: Option<String>) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(&text?).ok()?;
    calendar::sensible(at.to_utc())
}
