//! Users and accounts as the main API spells them (§A5). Null and absent are alike; what is missing is told by `convert`.

use serde::Deserialize;

/// A person whom the tenant knows.
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    pub(super) status: Option<String>,
}

/// A login in one of the tenant's apps.
#[derive(Deserialize)]
pub(super) struct Account {
    pub(super) id: Option<String>,
    pub(super) app_id: Option<String>,
    pub(super) account_type: Option<String>,
    pub(super) status: Option<String>,
    pub(super) unique_identifier: Option<String>,
    pub(super) email: Option<String>,
    pub(super) last_login: Option<String>,
    pub(super) last_activity: Option<String>,
}
