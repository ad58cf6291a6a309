//! `/apps` (contract §A4): what is read. What changes an app is in [`write`], how it is asked for in the AppStore's settings.

pub(super) mod write;

use std::borrow::Cow;

use axum::{
    extract::{Path, RawQuery, State},
    response::Json,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{errors::Error, front::Main, pages::Page, query::Query, words::CONNECTION_SOURCES};
use crate::simulators::kit::Call;

pub(super) const NONE: Error = Error::NotFound("App");

/// The class of apps that are nobody's integration.
pub(super) const CUSTOM: &str = "custom_app_import";

type Text = Cow<'static, str>;

/// `App`.
#[derive(Debug, Clone)]
pub(super) struct App {
    pub(super) id: Uuid,
    pub(super) app_class_id: Text,
    pub(super) instance_id: Text,
    pub(super) label: Text,
    pub(super) status: Text,
    pub(super) sources: &'static [&'static str],
    pub(super) category: Option<Text>,
    pub(super) description: Option<Text>,
    pub(super) logo_url: Option<Text>,
    pub(super) website_url: Option<Text>,
    pub(super) request_instructions: Option<Text>,
    pub(super) allow_multiple: bool,
    /// How it was connected; not shown.
    pub(super) connection_source: Option<&'static str>,
    pub(super) disconnected: bool,
    pub(super) sync_status: Option<&'static str>,
    /// When the sync that runs is through; one that never ends has none.
    pub(super) syncing_until: Option<DateTime<Utc>>,
    pub(super) owner: Option<Uuid>,
    /// What the AppStore is told of it.
    pub(super) settings: Value,
    pub(super) in_app_store: bool,
}

impl App {
    pub(super) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "app_class_id": self.app_class_id,
            "instance_id": self.instance_id,
            "user_friendly_label": self.label,
            "status": self.status,
            "sources": self.sources,
            "allow_multiple_permission_selection": self.allow_multiple,
            "logo_url": self.logo_url,
            "website_url": self.website_url,
            "request_instructions": self.request_instructions,
            "description": self.description,
            "category": self.category,
            "disconnected": self.disconnected,
            "links": {
                "self": format!("https://api.lumos.com/apps/{}", self.id),
                "admin_url": format!("https://app.lumos.com/apps/{}", self.id)
            },
            "sync_status": self.sync_status,
        })
    }

    /// Made by hand rather than connected to an integration.
    pub(super) fn is_custom(&self) -> bool {
        self.instance_id == CUSTOM
    }

    /// Ends a sync whose time has come.
    pub(super) fn pass_time(&mut self, now: DateTime<Utc>) {
        if self.syncing_until.is_some_and(|until| until <= now) {
            self.sync_status = Some("SUCCESS");
            self.syncing_until = None;
        }
    }

    /// By name, instance or class, upper and lower case alike.
    pub(super) fn is_called(&self, wanted: &str, exact: bool) -> bool {
        let names = [&self.label, &self.instance_id, &self.app_class_id];
        names.into_iter().any(|name| {
            let name = name.to_lowercase();
            if exact {
                name == wanted
            } else {
                name.contains(wanted)
            }
        })
    }
}

pub(super) async fn list(
    State(main): State<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let exact = query.flag("exact_match").unwrap_or(false);
    let source = query.word("connection_source", CONNECTION_SOURCES);
    let disconnected = query.flag("disconnected");
    let expanded = query.expands("custom_attributes");
    let name = query.text("name_search").map(str::to_lowercase);
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let takes = |app: &&App| {
            name.as_ref().is_none_or(|name| app.is_called(name, exact))
                && (source.is_none() || source.as_deref() == app.connection_source)
                && disconnected.is_none_or(|wanted| wanted == app.disconnected)
        };
        let found: Vec<&App> = state.main.apps.all().filter(takes).collect();
        Ok(Json(
            page.chosen(&found, |app| state.main.app(app, expanded)),
        ))
    })
}

pub(super) async fn find(
    State(main): State<Main>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let expanded = Query::new(query.as_deref()).expands("custom_attributes");
    main.world.read(|state| {
        let app = state.main.apps.find_text(&id).ok_or(NONE)?;
        Ok(Json(state.main.app(app, expanded)))
    })
}

/// What categories there are to choose from.
pub(super) async fn categories() -> Json<Value> {
    Json(json!(CATEGORIES))
}

pub(super) const CATEGORIES: &[&str] = &[
    "Developers",
    "Finance",
    "IT & Security",
    "Marketing",
    "Productivity",
    "Sales & Support",
];
