//! The platform's API (contract §3 to §5), as far as it is about tenants, people, roles and applications.

mod applications;
mod caller;
mod clients;
mod generation;
mod input;
mod installations;
mod invites;
mod members;
mod page;
mod permissions;
mod roles;
mod tenants;
mod users;

use axum::{
    Router,
    http::{HeaderValue, header::HeaderName},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{delete, get, patch, post, put},
};
use serde_json::{Value, json};

use super::state::State;
use crate::simulators::kit::World;

pub use self::input::role_fields;

/// Where the API is served.
pub const PATH: &str = "/v1";

pub fn router(world: World<State>) -> Router {
    Router::new()
        .route("/tenants", post(tenants::create))
        .route(
            "/tenants/{tenant_id}",
            get(tenants::find)
                .patch(tenants::change)
                .delete(tenants::delete),
        )
        .route("/tenants/{tenant_id}/users", get(members::list))
        .route(
            "/tenants/{tenant_id}/users/{user_id}",
            put(members::replace_legacy)
                .layer(from_fn_with_state(world.clone(), generation::legacy))
                .delete(members::remove),
        )
        .route(
            "/tenants/{tenant_id}/invites",
            get(invites::list).post(invites::create),
        )
        .route(
            "/tenants/{tenant_id}/invites/{invite_id}",
            delete(invites::withdraw),
        )
        .route("/users/{user_id}", get(users::find))
        .route("/users/{user_id}/tenants", get(users::tenants))
        .route("/users/{user_id}/tenants/{tenant_id}", get(users::tenant))
        .route("/users/{user_id}/permissions", get(users::permissions))
        .route("/users/{user_id}/invites", get(users::invites))
        .route(
            "/users/{user_id}/invites/{invite_id}",
            patch(users::answer_invite),
        )
        .route("/permissions", get(permissions::list))
        .merge(role_routes(&world))
        .merge(application_routes())
        .with_state(world)
}

fn role_routes(world: &World<State>) -> Router<World<State>> {
    let legacy = Router::new()
        .route("/tenants/{tenant_id}/roles", get(roles::list_legacy))
        .layer(from_fn_with_state(world.clone(), generation::legacy));
    Router::new()
        .route("/roles", get(roles::list).post(roles::create))
        .route(
            "/roles/{role_id}",
            get(roles::find).patch(roles::change).delete(roles::delete),
        )
        .route("/roles/{role_id}/users", get(roles::users))
        .route("/roles/{role_id}/permissions", get(roles::permissions))
        .route(
            "/tenants/{tenant_id}/users/{user_id}/roles",
            get(members::roles).put(members::replace),
        )
        .layer(from_fn_with_state(world.clone(), generation::current))
        .merge(legacy)
}

fn application_routes() -> Router<World<State>> {
    let developed = "/application-developer/applications";
    Router::new()
        .route(
            "/application-info/installed-tenants",
            get(clients::installed_tenants),
        )
        .route("/clients", get(clients::list).post(clients::create))
        .route(
            "/clients/{client_id}",
            get(clients::find).delete(clients::delete),
        )
        .route(
            developed,
            get(applications::list_developed).post(applications::create),
        )
        .route(
            &format!("{developed}/{{application_id}}"),
            get(applications::find_developed)
                .patch(applications::change)
                .delete(applications::delete),
        )
        .route(
            &format!("{developed}/{{application_id}}/secret"),
            post(applications::renew_secret),
        )
        .route(
            &format!("{developed}/{{application_id}}/allowed-tenants"),
            get(applications::allowed),
        )
        .route(
            &format!("{developed}/{{application_id}}/allowed-tenants/{{tenant_id}}"),
            put(applications::allow).delete(applications::disallow),
        )
        .route("/applications", get(installations::list))
        .route("/applications/{application_id}", get(installations::find))
        .route(
            "/applications/{application_id}/installation",
            put(installations::install)
                .post(installations::install)
                .patch(installations::touch_installation)
                .delete(installations::uninstall),
        )
}

/// The envelope of one thing.
fn data(shown: impl Into<Value>) -> Value {
    json!({ "data": shown.into() })
}

/// Marks an answer of a path that has a successor.
fn deprecated(answer: impl IntoResponse) -> Response {
    const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
    let mut response = answer.into_response();
    response
        .headers_mut()
        .insert(DEPRECATION, HeaderValue::from_static("true"));
    response
}
