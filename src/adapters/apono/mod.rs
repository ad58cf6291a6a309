//! Apono: the users, groups and integrations of a tenant. Of users only the attributes can be changed, as Apono takes them from
//! its identity sources; of what can be held, Apono's own groups can be renamed and their membership granted, one by one or all
//! at once, and the rest is asked for by access requests.
//!
//! What the vendor does is written down in its contract; `§` in the comments of this folder points there.

mod activity;
mod attributes;
mod catalogue;
mod check;
mod client;
mod convert;
mod entitlements;
mod grants;
mod judge;
mod pages;
mod place;
mod read;
mod resources;
mod settings;
#[cfg(test)]
mod tests;
mod through;
mod tokens;
mod wire;

use std::sync::Arc;

use client::{Client, Place};
use settings::{Settings, Source, UsersApi};

use super::contract::{Adapter, PageRequest};
use super::vendor::{BuildError, Parts, Variant, Vendor};

/// Apono, as the registry lists it.
pub const VENDOR: Vendor = Vendor {
    slug: "apono",
    title: "Apono",
    variants: &[Variant {
        slug: "apono/tenant",
        title: "An Apono tenant",
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
    source: Source,
    page_size: u32,
}

impl Api {
    /// The page of a listing by token that a page of ours comes from.
    fn place<'a>(&self, wanted: &PageRequest, token: &'a Option<String>) -> Place<'a> {
        match token {
            None => Place::First(wanted.size.clamp(1, self.page_size)),
            Some(token) => Place::Token(token),
        }
    }
}

fn build(parts: Parts) -> Result<Adapter, BuildError> {
    let settings = Settings::parse(&parts.settings)?;
    let client = Client::new(&parts, &settings)?;
    let api = Arc::new(Api {
        client,
        users_api: settings.users_api,
        source: settings.entitlements_from,
        page_size: settings.page_size,
    });
    Ok(Adapter::new(api.clone())
        .lists_accounts(api.clone())
        .reads_accounts(api.clone())
        .updates_accounts(api.clone())
        .updates_many_accounts(api.clone())
        .lists_resources(api.clone())
        .reads_resources(api.clone())
        .lists_entitlements(api.clone())
        .reads_entitlements(api.clone())
        .updates_entitlements(api.clone())
        .lists_grants(api.clone())
        .reads_grants(api.clone())
        .grants_entitlements(api.clone())
        .revokes_entitlements(api.clone())
        .replaces_grants(api.clone())
        .lists_activity(api.clone())
        .forwards(api))
}
