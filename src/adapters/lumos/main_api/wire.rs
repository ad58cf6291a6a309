//! What the main API spells (§A5), as far as it is read. Null and absent are alike; what is missing is told by `convert`.

use serde::Deserialize;
use serde_json::Value;

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

/// A system that the tenant knows.
#[derive(Deserialize)]
pub(super) struct App {
    pub(super) id: Option<String>,
    pub(super) user_friendly_label: Option<String>,
    pub(super) description: Option<String>,
    pub(super) status: Option<String>,
    pub(super) disconnected: Option<bool>,
}

/// Something that can be asked for of an app.
#[derive(Deserialize)]
pub(super) struct Permission {
    pub(super) id: Option<String>,
    pub(super) label: Option<String>,
    pub(super) app_id: Option<String>,
    pub(super) request_config: Option<RequestConfig>,
}

/// How it is asked for.
#[derive(Deserialize)]
pub(super) struct RequestConfig {
    pub(super) appstore_visibility: Option<String>,
}

/// A group of users.
#[derive(Deserialize)]
pub(super) struct Group {
    pub(super) id: Option<String>,
    pub(super) app_id: Option<String>,
    pub(super) integration_specific_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
}

/// Whatever is named by its id.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) id: Option<String>,
}

/// Somebody asked for permissions of an app.
#[derive(Deserialize)]
pub(super) struct AccessRequest {
    pub(super) id: Option<String>,
    pub(super) status: Option<String>,
    pub(super) target_user: Option<Named>,
    pub(super) requestable_permissions: Option<Vec<Named>>,
}

/// Something that was done in Lumos. The vendor's file leaves open what actors and targets are made of.
#[derive(Deserialize)]
pub(super) struct ActivityLog {
    pub(super) event_hash: Option<String>,
    pub(super) event_type: Option<String>,
    pub(super) outcome: Option<String>,
    pub(super) event_began_at: Option<String>,
    #[serde(default)]
    pub(super) actor: Value,
    #[serde(default)]
    pub(super) targets: Value,
}

/// A field of a user changed.
#[derive(Deserialize)]
pub(super) struct IdentityEvent {
    pub(super) id: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) detected_time: Option<String>,
    pub(super) changed_field: Option<String>,
}
