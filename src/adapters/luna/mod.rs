//! Luna Platform: the Luna-Accounts service, its accounts and the types that they are of.
//!
//! What the vendor does is written down in its contract; `§` in the comments of this folder points there.

mod catalogue;
mod check;
mod client;
mod convert;
mod draft;
mod forward;
mod grants;
mod judge;
mod read;
mod settings;
#[cfg(test)]
mod tests;
mod types;
mod wire;
mod write;

use std::sync::Arc;

use client::Client;
use settings::Settings;

use super::contract::Adapter;
use super::vendor::{BuildError, Parts, Variant, Vendor};

/// Luna, as the registry lists it.
pub const VENDOR: Vendor = Vendor {
    slug: "luna",
    title: "Luna Platform",
    variants: &[Variant {
        slug: "luna/accounts",
        title: "Accounts of a Luna Platform (Luna-Accounts service)",
        settings_schema: settings::schema,
        credentials_schema: settings::credentials_schema,
        create_attributes_schema: settings::create_attributes_schema,
        example: settings::example,
        apis: &["accounts"],
        build,
        settle_seconds: settings::SETTLE_SECONDS,
    }],
    operations: &[catalogue::OPERATIONS],
};

/// One connection to one Luna-Accounts service; fills every slot.
struct Api {
    settings: Settings,
    client: Client,
}

fn build(parts: Parts) -> Result<Adapter, BuildError> {
    let settings = Settings::parse(&parts.settings)?;
    let client = Client::new(&parts, &settings)?;
    let api = Arc::new(Api { settings, client });
    // Luna has no account states, so the slots for activation stay empty (§9).
    Ok(Adapter::new(api.clone())
        .lists_accounts(api.clone())
        .reads_accounts(api.clone())
        .creates_accounts(api.clone())
        .updates_accounts(api.clone())
        .deletes_accounts(api.clone())
        .lists_entitlements(api.clone())
        .reads_entitlements(api.clone())
        .lists_grants(api.clone())
        .reads_grants(api.clone())
        .grants_entitlements(api.clone())
        .revokes_entitlements(api.clone())
        .forwards(api))
}
