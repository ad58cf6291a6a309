//! Apps of every status, two of which share class and instance, and one that is disconnected.

use super::{app_id, user_id};
use crate::simulators::lumos::main_api::state::App;

const CUSTOM: &str = "custom_app_import";

pub(super) fn all() -> Vec<App> {
    let okta = app(0, "Okta", "okta", "example");
    let github = app(1, "GitHub", "github.com", "0oa1example");
    let contractors = app(2, "GitHub (contractors)", "github.com", "0oa1example");
    let aws = app(3, "AWS production", "aws", "123456789012");
    let gcp = app(4, "Google Cloud", "gcp", "example-prod");
    let notes = app(5, "Notes", "notes", CUSTOM);
    let old = app(6, "Old CRM", "old-crm", CUSTOM);
    vec![
        App {
            category: Some("IT & Security"),
            connection_source: Some("UI"),
            sync_status: Some("SUCCESS"),
            ..okta
        },
        App {
            category: Some("Developers"),
            connection_source: Some("API"),
            sync_status: Some("SYNCING"),
            ..github
        },
        App {
            status: "IN_REVIEW",
            category: Some("Developers"),
            connection_source: Some("API"),
            ..contractors
        },
        App {
            status: "NEEDS_REVIEW",
            sources: &["LUMOS_INTEGRATION"],
            connection_source: Some("API"),
            sync_status: Some("FAILED"),
            ..aws
        },
        App {
            status: "DISCOVERED",
            sources: &["LUMOS_INTEGRATION"],
            connection_source: Some("UI"),
            ..gcp
        },
        App {
            status: "BLOCKLISTED",
            sources: &["MANUAL"],
            ..notes
        },
        App {
            status: "DEPRECATED",
            sources: &["MANUAL", "CUSTOM"],
            category: Some("Sales & Support"),
            connection_source: Some("API"),
            disconnected: true,
            ..old
        },
    ]
}

fn app(
    n: usize,
    label: &'static str,
    app_class_id: &'static str,
    instance_id: &'static str,
) -> App {
    App {
        id: app_id(n),
        app_class_id,
        instance_id,
        label,
        status: "APPROVED",
        sources: &["OKTA"],
        category: None,
        connection_source: None,
        disconnected: false,
        sync_status: None,
        owner: n.is_multiple_of(2).then(|| user_id(0)),
    }
}
