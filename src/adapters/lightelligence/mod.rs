//! Lightelligence (OLT): the users of one tenant, the invites that become users, and the roles that users hold. OAuth clients
//! are another noun of the same vendor.
//!
//! What the vendor does is written down in its contract; `§` in the comments of this folder points there.

mod assign;
mod catalogue;
mod check;
mod client;
mod convert;
mod custody;
mod draft;
mod entitlements;
mod grants;
mod judge;
mod owners;
mod place;
mod read;
mod resources;
mod roles;
mod settings;
#[cfg(test)]
mod tests;
mod through;
mod walk;
mod wire;
mod write;

use std::sync::Arc;

use client::Client;
use roles::Roles;
use settings::Settings;

use super::contract::Adapter;
use super::vendor::{BuildError, Parts, Variant, Vendor};

/// Lightelligence, as the registry lists it.
pub const VENDOR: Vendor = Vendor {
    slug: "lightelligence",
    title: "Lightelligence",
    variants: &[Variant {
        slug: "lightelligence/tenant",
        title: "Users, invites and roles of one Lightelligence tenant",
        settings_schema: settings::schema,
        credentials_schema: settings::credentials_schema,
        create_attributes_schema: settings::create_attributes_schema,
        example: settings::example,
        apis: &["identity", "api"],
        build,
        settle_seconds: settings::SETTLE_SECONDS,
    }],
    operations: &[catalogue::IDENTITY, catalogue::API],
};

/// One connection to one tenant.
struct Api {
    settings: Settings,
    client: Client,
    roles: Roles,
}

fn build(parts: Parts) -> Result<Adapter, BuildError> {
    let settings = Settings::parse(&parts.settings)?;
    let client = Client::new(&parts, &settings)?;
    let api = Arc::new(Api {
        settings,
        client,
        roles: Roles::default(),
    });
    // A user's fields and login are the user's own: there is nothing to update, activate or deactivate (§5).
    Ok(Adapter::new(api.clone())
        .lists_accounts(api.clone())
        .reads_accounts(api.clone())
        .finds_successors(api.clone())
        .creates_accounts(api.clone())
        .deletes_accounts(api.clone())
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
