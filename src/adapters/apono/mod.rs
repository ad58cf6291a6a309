//! Apono: the users of a tenant. They are read only: Apono takes them from its identity sources.
//!
//! What the vendor does is written down in its contract; `§` in the comments of this folder points there.

mod catalogue;
mod check;
mod client;
mod convert;
mod judge;
mod read;
mod settings;
#[cfg(test)]
mod tests;
mod tokens;
mod wire;

use std::sync::Arc;

use client::Client;
use settings::{Settings, UsersApi};

use super::contract::Adapter;
use super::vendor::{BuildError, Parts, Variant, Vendor};

/// Apono, as the registry lists it.
pub const VENDOR: Vendor = Vendor {
    slug: "apono",
    title: "Apono",
    variants: &[Variant {
        slug: "apono/tenant",
        title: "Users of an Apono tenant",
        settings_schema: settings::schema,
        credentials_schema: settings::credentials_schema,
        create_attributes_schema: settings::create_attributes_schema,
        example: settings::example,
        apis: &["api"],
        build,
        settle_seconds: settings::SETTLE_SECONDS,
    }],
    operations: catalogue::OPERATIONS,
};

/// One connection to one tenant.
struct Api {
    client: Client,
    users_api: UsersApi,
    page_size: u32,
}

fn build(parts: Parts) -> Result<Adapter, BuildError> {
    let settings = Settings::parse(&parts.settings)?;
    let client = Client::new(&parts, &settings)?;
    let api = Arc::new(Api {
        client,
        users_api: settings.users_api,
        page_size: settings.page_size,
    });
    Ok(Adapter::new(api.clone())
        .lists_accounts(api.clone())
        .reads_accounts(api))
}
