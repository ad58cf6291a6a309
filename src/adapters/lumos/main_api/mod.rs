//! Lumos' main API: the users of a tenant, and the accounts in its apps that Lumos found (contract part A).
//!
//! Accounts are read only: Lumos writes them through access requests, connectors or uploads (§A4).
//! `§` in the comments of this folder points to the contract.

mod catalogue;
mod check;
mod client;
mod convert;
mod judge;
mod paging;
mod quota;
mod read;
mod settings;
#[cfg(test)]
mod tests;
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
        .reads_accounts(api))
}
