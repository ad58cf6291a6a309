//! Apps of every status, two of which share class and instance, and one that is disconnected.

use serde_json::json;

use super::{app_id, user_id};
use crate::simulators::lumos::main_api::apps::{App, CUSTOM};

pub(super) fn all() -> Vec<App> {
    let okta = app(0, "Okta", "okta", "example");
    let github = app(1, "GitHub", "github.com", "0oa1example");
    let contractors = app(2, "GitHub (contractors)", "github.com", "0oa1example");
    let aws = app(3, "AWS production", "aws", "123456789012");
    let gcp = app(4, "Google Cloud", "gcp", "example-prod");
    let notes = app(5, "Notes", "notes", CUSTOM);
    let old = app(6, "Old CRM", "old-crm", CUSTOM);
    let apps = vec![
        App {
            category: Some("IT & Security".into()),
            connection_source: Some("UI"),
            sync_status: Some("SUCCESS"),
            ..okta
        },
        App {
            category: Some("Developers".into()),
            connection_source: Some("API"),
            sync_status: Some("SYNCING"),
            ..github
        },
        App {
            status: "IN_REVIEW".into(),
            category: Some("Developers".into()),
            connection_source: Some("API"),
            ..contractors
        },
        App {
            status: "NEEDS_REVIEW".into(),
            sources: &["LUMOS_INTEGRATION"],
            connection_source: Some("API"),
            sync_status: Some("FAILED"),
            ..aws
        },
        App {
            status: "DISCOVERED".into(),
            sources: &["LUMOS_INTEGRATION"],
            connection_source: Some("UI"),
            in_app_store: false,
            ..gcp
        },
        App {
            status: "BLOCKLISTED".into(),
            sources: &["MANUAL"],
            ..notes
        },
        App {
            status: "DEPRECATED".into(),
            sources: &["MANUAL", "CUSTOM"],
            category: Some("Sales & Support".into()),
            connection_source: Some("API"),
            disconnected: true,
            in_app_store: false,
            ..old
        },
    ];
    apps.into_iter().map(described).collect()
}

/// Those of a category are described, and give several permissions at once.
fn described(mut app: App) -> App {
    let category = app.category.as_ref();
    app.description = category.map(|category| format!("{}: {category}", app.label).into());
    app.allow_multiple = app.category.is_some();
    app.settings["provisioning"]["allow_multiple_permission_selection"] = json!(app.allow_multiple);
    app
}

fn app(
    n: usize,
    label: &'static str,
    app_class_id: &'static str,
    instance_id: &'static str,
) -> App {
    App {
        app_class_id: app_class_id.into(),
        instance_id: instance_id.into(),
        sources: &["OKTA"],
        website_url: Some(format!("https://{app_class_id}.example.com").into()),
        connection_source: None,
        owner: n.is_multiple_of(2).then(|| user_id(0)),
        in_app_store: true,
        ..App::new(app_id(n), label.into())
    }
}
