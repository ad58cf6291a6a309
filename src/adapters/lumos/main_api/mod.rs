//! Lumos' main API (contract part A): the users of a tenant, the accounts in its apps that Lumos found, what can be asked for in the
//! apps, the groups, and who holds what of it.
//!
//! All of that is read only: Lumos writes accounts and gives access through requests, connectors or uploads (§A4).
//! `§` in the comments of this folder points to the contract.

mod accounts;
mod activity;
mod catalogue;
mod check;
mod client;
mod convert;
mod entitlements;
mod forward;
mod grants;
mod judge;
mod one;
mod paging;
mod quota;
mod resources;
mod settings;
#[cfg(test)]
mod tests;
mod walk;
mod wire;

use std::sync::Arc;

pub(super) use catalogue::{APPSTORE, TENANT, WORK};
use client::Client;
use settings::Settings;

use crate::adapters::contract::Adapter;
use crate::adapters::vendor::{BuildError, Parts, Variant};

/// The variant as the registry shows it.
pub(super) const VARIANT: Variant = Variant {
    slug: "lumos/main",
    title: "A Lumos tenant: its users, and their accounts in its apps",
    settings_schema: settings::schema,
    credentials_schema: settings::credentials_schema,
    create_attributes_schema: settings::create_attributes_schema,
    example: settings::example,
    apis: &[catalogue::API],
    build,
    settle_seconds: settings::SETTLE_SECONDS,
};

/// One connection to one tenant.
struct Api {
    client: Client,
}

fn build(parts: Parts) -> Result<Adapter, BuildError> {
    let settings = Settings::parse(&parts.settings)?;
    let client = Client::new(&parts, &settings)?;
    let api = Arc::new(Api { client });
    Ok(Adapter::new(api.clone())
        .lists_accounts(api.clone())
        .reads_accounts(api.clone())
        .lists_resources(api.clone())
        .reads_resources(api.clone())
        .lists_entitlements(api.clone())
        .reads_entitlements(api.clone())
        .lists_grants(api.clone())
        .lists_activity(api.clone())
        .forwards(api))
}
