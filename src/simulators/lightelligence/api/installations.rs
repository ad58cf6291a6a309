//! `/applications`: the custom applications that a tenant is offered, and its installing them (contract §5).

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Json,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{applications::id, caller::Caller, data, page::Page};
use crate::simulators::{
    kit::{Call, World},
    lightelligence::{
        errors::Error,
        permissions::{APPLICATIONS_READ, APPLICATIONS_WRITE},
        state::{self, Application},
    },
};

type Platform = State<World<state::State>>;

fn show_offered(state: &state::State, tenant: Uuid, application: &Application) -> Value {
    let mut shown = application.show();
    shown["installed"] = json!(state.is_installed(tenant, application.id));
    shown
}

/// What may be installed here.
pub async fn list(
    State(world): Platform,
    call: Call,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let tenant = caller.here(APPLICATIONS_READ)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let all = state
            .applications
            .iter()
            .map(|(_, application)| application);
        let offered = all.filter(|application| application.is_offered_to(tenant));
        let shown = offered.map(|application| show_offered(state, tenant, application));
        Ok(page.of_all(shown.collect()))
    })
}

pub async fn find(
    State(world): Platform,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<Json<Value>, Error> {
    let id = id(&application)?;
    let tenant = caller.here(APPLICATIONS_READ)?;
    world.read(|state| {
        let application = state.offered(tenant, id)?;
        Ok(Json(data(show_offered(state, tenant, application))))
    })
}

/// By PUT or POST: the documents and the newer SDK differ.
pub async fn install(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<(StatusCode, Json<Value>), Error> {
    let shown = set_installed(&world, &call, &caller, &application, true)?;
    Ok((StatusCode::CREATED, Json(data(shown))))
}

pub async fn uninstall(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<StatusCode, Error> {
    set_installed(&world, &call, &caller, &application, false)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Nothing about an installation can be changed here; it must be there, though.
pub async fn touch_installation(
    State(world): Platform,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<Json<Value>, Error> {
    let id = id(&application)?;
    let tenant = caller.here(APPLICATIONS_WRITE)?;
    world.read(|state| {
        let application = state.offered(tenant, id)?;
        if !state.is_installed(tenant, id) {
            return Err(Error::not_found());
        }
        Ok(Json(data(show_offered(state, tenant, application))))
    })
}

fn set_installed(
    world: &World<state::State>,
    call: &Call,
    caller: &Caller,
    application: &str,
    installed: bool,
) -> Result<Value, Error> {
    let id = id(application)?;
    let tenant = caller.here(APPLICATIONS_WRITE)?;
    world.change(call, |state, effects| {
        let is_installed = state.is_installed(tenant, id);
        let before = show_offered(state, tenant, state.offered(tenant, id)?);
        if !installed && !is_installed {
            return Err(Error::not_found());
        }
        if installed == is_installed {
            return Ok(before);
        }
        let client = state.realm.client_mut(&id.to_string());
        let client = client.ok_or_else(Error::not_found)?;
        client.tenants.retain(|other| *other != tenant);
        if installed {
            client.tenants.push(tenant);
        }
        let after = show_offered(state, tenant, state.offered(tenant, id)?);
        effects.applied(id, before, after.clone());
        Ok(after)
    })
}
