//! The paths: each capability in three places (contract §B1), and what the server around it says to everything else.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, Request, State},
    http::{StatusCode, header::AUTHORIZATION},
    middleware::{self, Next},
    response::{IntoResponse, Json, Response},
    routing::{MethodRouter, get, post},
};
use serde_json::{Map, Value, json};

use super::{
    APP_ID, accounts, activity, applications, describe, entitlements,
    envelope::{Admission, Answer, Envelope},
    errors::Error,
    graphs, integration, licences, oauth,
    quirks::{Quirks, path_id},
    robots,
};
use crate::simulators::{
    kit::{Call, World},
    lumos,
};

/// The connector at work.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) quirks: Arc<Quirks>,
    pub(super) world: World<lumos::State>,
}

/// What a capability does with a request.
#[derive(Clone, Copy)]
pub(super) enum Act {
    /// Needs no credential (contract §B2).
    Open(fn(&Connector, &Envelope) -> Result<Answer, Error>),
    /// Says itself what a wrong credential means.
    Validate(fn(&Connector, &Envelope) -> Result<Answer, Error>),
    /// Is closed to wrong credentials.
    Guarded(fn(&Connector, &Call, Envelope) -> Result<Answer, Error>),
}

/// The capabilities by name.
pub(super) const CAPABILITIES: &[(&str, Act)] = &[
    ("app_info", Act::Open(describe::app_info)),
    ("info", Act::Open(describe::info)),
    ("connected_info", Act::Guarded(describe::connected_info)),
    (
        "validate_credentials",
        Act::Validate(describe::validate_credentials),
    ),
    ("list_accounts", Act::Guarded(accounts::list)),
    ("get_account", Act::Guarded(accounts::get)),
    ("create_account", Act::Guarded(accounts::create)),
    ("update_account", Act::Guarded(accounts::update)),
    ("activate_account", Act::Guarded(accounts::activate)),
    ("deactivate_account", Act::Guarded(accounts::deactivate)),
    ("delete_account", Act::Guarded(accounts::delete)),
    ("get_last_activity", Act::Guarded(activity::last)),
    (
        "list_updated_accounts",
        Act::Guarded(integration::updated_accounts),
    ),
    ("list_resources", Act::Guarded(entitlements::list_resources)),
    ("list_entitlements", Act::Guarded(entitlements::list)),
    (
        "find_entitlement_associations",
        Act::Guarded(entitlements::find_associations),
    ),
    (
        "get_account_entitlement_associations",
        Act::Guarded(entitlements::of_account),
    ),
    ("assign_entitlement", Act::Guarded(entitlements::assign)),
    ("unassign_entitlement", Act::Guarded(entitlements::unassign)),
    ("downgrade_license", Act::Guarded(licences::downgrade)),
    ("release_resources", Act::Guarded(licences::release)),
    ("transfer_data", Act::Guarded(licences::transfer)),
    ("list_activity_records", Act::Guarded(activity::records)),
    ("list_non_human_accounts", Act::Guarded(robots::list)),
    (
        "get_non_human_account_last_activity",
        Act::Guarded(robots::last_activity),
    ),
    ("list_credentials", Act::Guarded(robots::list_credentials)),
    (
        "get_credential_last_activity",
        Act::Guarded(robots::credentials_last_activity),
    ),
    (
        "list_custom_attributes_schema",
        Act::Guarded(integration::custom_attributes),
    ),
    ("find_resource_graph", Act::Guarded(graphs::resources)),
    ("find_entitlement_graph", Act::Guarded(graphs::entitlements)),
    (
        "find_entitlement_assignments",
        Act::Guarded(graphs::assignments),
    ),
    ("list_applications", Act::Guarded(applications::list)),
    ("get_application", Act::Guarded(applications::get)),
    (
        "list_applications_accounts",
        Act::Guarded(applications::list_accounts),
    ),
    (
        "get_application_account",
        Act::Guarded(applications::get_account),
    ),
    (
        "list_applications_resources",
        Act::Guarded(applications::list_resources),
    ),
    (
        "list_applications_entitlements",
        Act::Guarded(applications::list_entitlements),
    ),
    (
        "list_applications_entitlement_associations",
        Act::Guarded(applications::list_associations),
    ),
    (
        "list_applications_activity_records",
        Act::Guarded(applications::list_records),
    ),
    ("assign_application", Act::Guarded(applications::assign)),
    ("unassign_application", Act::Guarded(applications::unassign)),
    (
        "assign_application_entitlement",
        Act::Guarded(applications::assign_entitlement),
    ),
    (
        "unassign_application_entitlement",
        Act::Guarded(applications::unassign_entitlement),
    ),
    ("get_data_recency", Act::Guarded(integration::recency)),
    ("list_expenses", Act::Guarded(integration::expenses)),
    ("probe_integration", Act::Guarded(integration::probe)),
    (
        "validate_credential_config",
        Act::Guarded(integration::credential_config),
    ),
    (
        "fulfill_arbitrary_endpoint",
        Act::Guarded(integration::arbitrary),
    ),
    ("get_authorization_url", Act::Open(oauth::authorization_url)),
    ("handle_authorization_callback", Act::Open(oauth::callback)),
    (
        "handle_client_credentials_request",
        Act::Open(oauth::client_credentials),
    ),
    ("refresh_access_token", Act::Open(oauth::refresh)),
];

/// The connector API over this world.
pub(in crate::simulators::lumos) fn router(
    quirks: Arc<Quirks>,
    world: World<lumos::State>,
) -> Router {
    let connector = Connector { quirks, world };
    let mut router = Router::new()
        .route("/openapi.json", get(openapi))
        .route("/list-connector-app-ids", post(app_ids));
    for (name, act) in CAPABILITIES {
        if connector.quirks.lacks(name) {
            continue;
        }
        for place in ["", "/{connector_id}", "/connectors/{connector_id}"] {
            router = router.route(&format!("{place}/{name}"), capability(*act));
        }
    }
    router
        .method_not_allowed_fallback(async || {
            detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        })
        .fallback(async || not_found())
        .layer(middleware::from_fn_with_state(connector.clone(), front))
        .with_state(connector)
}

fn capability(act: Act) -> MethodRouter<Connector> {
    let serve = async move |State(connector): State<Connector>,
                            Path(path): Path<HashMap<String, String>>,
                            call: Call,
                            body: Bytes| {
        let is_ours = |id: &String| *id == path_id() || id == APP_ID;
        if !path.get("connector_id").is_none_or(is_ours) {
            return not_found();
        }
        let answer = serve(&connector, act, &call, &body);
        // An error is an answer like any other, with status 200 (contract §B4).
        Json(answer.map_or_else(|error| error.body(), Answer::body)).into_response()
    };
    post(serve)
}

fn serve(connector: &Connector, act: Act, call: &Call, body: &[u8]) -> Result<Answer, Error> {
    let envelope = Envelope::read(body)?;
    match act {
        Act::Open(act) | Act::Validate(act) => act(connector, &envelope),
        Act::Guarded(act) => match envelope.admit(&connector.quirks)? {
            Admission::Admitted => act(connector, call, envelope),
            Admission::Refused => Err(Error::unauthorized()),
        },
    }
}

async fn openapi(State(connector): State<Connector>) -> Json<Value> {
    Json(describe::openapi(&connector))
}

/// Takes no body (contract §B1).
async fn app_ids() -> Json<Value> {
    let mut answer = Map::new();
    answer.insert("response".into(), json!([APP_ID]));
    for name in ["raw_data", "page", "rate_limit", "execution_summary"] {
        answer.insert(name.into(), Value::Null);
    }
    Json(answer.into())
}

/// Asks for the outer token, where there is one.
async fn front(State(connector): State<Connector>, request: Request, next: Next) -> Response {
    if let Some(token) = &connector.quirks.outer_token {
        let given = request.headers().get(AUTHORIZATION);
        let given = given.and_then(|value| value.to_str().ok());
        if given != Some(&format!("Bearer {token}")) {
            return detail(StatusCode::UNAUTHORIZED, "Unauthorized");
        }
    }
    next.run(request).await
}

fn not_found() -> Response {
    detail(StatusCode::NOT_FOUND, "Not Found")
}

fn detail(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "detail": text }))).into_response()
}
