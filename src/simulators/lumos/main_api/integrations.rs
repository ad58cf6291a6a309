//! `/integrations` (contract §A4): what apps can be connected to, and what credentials that takes.

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Json,
};
use serde_json::{Value, json};

use super::{errors::Error, front::Main, pages::Page, query::Query};
use crate::simulators::kit::Call;

const NONE: Error = Error::NotFound("Integration");

/// `IntegrationCatalogOutput`.
pub(super) struct Integration {
    class: &'static str,
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    description: Option<&'static str>,
}

const fn integration(
    class: &'static str,
    name: &'static str,
    category: &'static str,
    description: Option<&'static str>,
) -> Integration {
    Integration {
        class,
        name,
        category,
        description,
    }
}

const ALL: [Integration; 6] = [
    integration("aws", "AWS", "Developers", Some("Accounts and roles")),
    integration("gcp", "Google Cloud", "Developers", None),
    integration(
        "github.com",
        "GitHub",
        "Developers",
        Some("Organizations and teams"),
    ),
    integration("okta", "Okta", "IT & Security", Some("The directory")),
    integration("slack.com", "Slack", "Productivity", None),
    integration(
        "zendesk.com",
        "Zendesk",
        "Sales & Support",
        Some("Agents and roles"),
    ),
];

impl Integration {
    fn show(&self) -> Value {
        json!({
            "app_class_id": self.class,
            "name": self.name,
            "description": self.description,
            "category": self.category,
            "logo_url": null,
        })
    }
}

fn find(class: &str) -> Result<&'static Integration, Error> {
    ALL.iter().find(|one| one.class == class).ok_or(NONE)
}

/// The integration, if these credentials open it. The third party refuses one that says so itself.
pub(super) fn accept(class: &str, input: &Value) -> Result<&'static Integration, Error> {
    let integration = find(class)?;
    match input["auth"]["token"].as_str() {
        None => Err(Error::bad("auth.token is required")),
        Some("refused") => {
            let why = format!("{} refused the credentials", integration.name);
            Err(Error::Refused(StatusCode::BAD_GATEWAY, why))
        }
        Some(_) => Ok(integration),
    }
}

pub(super) async fn list(
    State(main): State<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let term = query.text("query").unwrap_or_default().to_lowercase();
    query.check()?;
    let page = page.with_fault_of(&call);
    let is_meant =
        |one: &&Integration| one.name.to_lowercase().contains(&term) || one.class.contains(&term);
    let found: Vec<&Integration> = ALL.iter().filter(is_meant).collect();
    Ok(Json(page.chosen(&found, Integration::show)))
}

pub(super) async fn one(Path(class): Path<String>) -> Result<Json<Value>, Error> {
    Ok(Json(find(&class)?.show()))
}

pub(super) async fn schema(Path(class): Path<String>) -> Result<Json<Value>, Error> {
    let integration = find(&class)?;
    Ok(Json(json!({
        "app_class_id": integration.class,
        "auth_schema": {
            "type": "object",
            "required": ["token"],
            "properties": { "token": { "type": "string", "title": "Token", "format": "password" } }
        },
        "settings_schema": {
            "type": "object",
            "properties": { "domain": { "type": "string", "title": format!("Domain at {}", integration.name) } }
        }
    })))
}
