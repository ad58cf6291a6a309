//! Devo: one domain, or all of a multitenant, with their users and their roles through the provisioning API.
//!
//! What the vendor does is written down in its contract; `§` in the comments of this folder points there.

mod catalogue;
mod check;
mod client;
mod convert;
mod domain;
mod domains;
mod draft;
mod entitlements;
mod forward;
mod grants;
mod judge;
mod owner;
mod reach;
mod read;
mod roles;
mod schemas;
mod settings;
mod sign;
mod state;
#[cfg(test)]
mod tests;
mod walk;
mod wire;
mod write;

use std::sync::Arc;

use client::Client;
use forward::Ways;
use settings::Settings;

use super::contract::Adapter;
use super::vendor::{BuildError, Parts, Variant, Vendor};

/// Devo, as the registry lists it.
pub const VENDOR: Vendor = Vendor {
    slug: "devo",
    title: "Devo",
    variants: &[
        Variant {
            slug: "devo/domain",
            title: "Users of one Devo domain (provisioning API)",
            settings_schema: schemas::domain_settings,
            credentials_schema: schemas::domain_credentials,
            create_attributes_schema: schemas::domain_attributes,
            example: schemas::domain_example,
            apis: &[catalogue::PROVISIONING_API, catalogue::CREDENTIALS_API],
            build,
            settle_seconds: settings::SETTLE_SECONDS,
        },
        Variant {
            slug: "devo/multitenant",
            title: "Users of every domain of a Devo multitenant (provisioning API)",
            settings_schema: schemas::multitenant_settings,
            credentials_schema: schemas::multitenant_credentials,
            create_attributes_schema: schemas::multitenant_attributes,
            example: schemas::multitenant_example,
            // Tokens are a domain's own, and no signature opens them (§1, §2).
            apis: &[catalogue::PROVISIONING_API],
            build,
            settle_seconds: settings::SETTLE_SECONDS,
        },
    ],
    operations: &[catalogue::USERS, catalogue::DOMAINS, catalogue::CREDENTIALS],
};

/// One connection to Devo, however many domains it covers; fills every slot.
struct Api {
    settings: Settings,
    client: Client,
    ways: Ways,
    /// Whether requests are signed with a key; Devo asks for that in multitenant domains.
    signs_with_key: bool,
}

fn build(parts: Parts) -> Result<Adapter, BuildError> {
    let settings = Settings::parse(&parts.settings)?;
    let client = Client::new(&parts, &settings)?;
    let ways = Ways::new(&settings, &parts.credentials, client.sign())?;
    let api = Arc::new(Api {
        settings,
        client,
        ways,
        signs_with_key: parts.credentials.kind == "hmac",
    });
    Ok(Adapter::new(api.clone())
        .lists_accounts(api.clone())
        .reads_accounts(api.clone())
        .creates_accounts(api.clone())
        .updates_accounts(api.clone())
        .deletes_accounts(api.clone())
        .activates_accounts(api.clone())
        .deactivates_accounts(api.clone())
        .lists_resources(api.clone())
        .reads_resources(api.clone())
        .lists_entitlements(api.clone())
        .reads_entitlements(api.clone())
        .lists_grants(api.clone())
        .reads_grants(api.clone())
        .grants_entitlements(api.clone())
        .revokes_entitlements(api.clone())
        .forwards(api))
}
