//! Custom applications: developed by one tenant, installed in those that it allows (contract §5).

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Json,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    caller::Caller,
    clients::{custom, fresh_secret, is_public},
    data,
    input::{self, Fields},
    page::Page,
};
use crate::simulators::{
    kit::{Call, World},
    lightelligence::{
        errors::Error,
        permissions::{APPLICATIONS_READ, APPLICATIONS_WRITE, DEVELOPMENT_READ, DEVELOPMENT_WRITE},
        state::{self, Application},
    },
};

type Platform = State<World<state::State>>;

fn id(text: &str) -> Result<Uuid, Error> {
    input::id("applicationId", text)
}

/// The secret is in this answer only.
pub async fn create(
    State(world): Platform,
    call: Call,
    caller: Caller,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Error> {
    let developer = caller.here(DEVELOPMENT_WRITE)?;
    let mut fields = Fields::read(&body)?;
    let id = Uuid::new_v4();
    let name = fields.required_text("name")?;
    let redirect_uris = fields.texts("redirectUris")?.unwrap_or_default();
    let client = custom(id, name.clone(), redirect_uris, is_public(&mut fields)?);
    let now = state::now();
    let application = Application {
        id,
        name,
        description: fields.text("description")?.unwrap_or_default(),
        developer,
        allowed: Vec::new(),
        created: now,
        updated: now,
    };
    world.change(&call, |state, effects| {
        let mut shown = application.show();
        effects.applied(id, Value::Null, shown.clone());
        shown["clientId"] = json!(client.id);
        shown["clientSecret"] = json!(client.secret);
        state.realm.add_client(client);
        state.applications.insert(id, application);
        Ok((StatusCode::CREATED, Json(data(shown))))
    })
}

pub async fn list_developed(
    State(world): Platform,
    call: Call,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let tenant = caller.here(DEVELOPMENT_READ)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let all = state.applications.iter();
        let own = all.filter(|(_, application)| application.developer == tenant);
        Ok(page.of_all(own.map(|(_, application)| application.show()).collect()))
    })
}

pub async fn find_developed(
    State(world): Platform,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<Json<Value>, Error> {
    let id = id(&application)?;
    let tenant = caller.here(DEVELOPMENT_READ)?;
    world.read(|state| Ok(Json(data(state.developed(tenant, id)?.show()))))
}

pub async fn change(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(application): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let id = id(&application)?;
    let tenant = caller.here(DEVELOPMENT_WRITE)?;
    let mut fields = Fields::read(&body)?;
    let (name, description) = (fields.text("name")?, fields.text("description")?);
    world.change(&call, |state, effects| {
        let before = state.developed(tenant, id)?.show();
        let after = change_own(state, id, |application| {
            if let Some(name) = name {
                application.name = name;
            }
            if let Some(description) = description {
                application.description = description;
            }
        })?;
        effects.applied(id, before, after.clone());
        Ok(Json(data(after)))
    })
}

fn change_own(
    state: &mut state::State,
    id: Uuid,
    change: impl FnOnce(&mut Application),
) -> Result<Value, Error> {
    let found = state.applications.get_mut(id);
    let application = found.ok_or_else(Error::not_found)?;
    change(application);
    application.updated = state::now();
    Ok(application.show())
}

pub async fn delete(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<StatusCode, Error> {
    let id = id(&application)?;
    let tenant = caller.here(DEVELOPMENT_WRITE)?;
    world.change(&call, |state, effects| {
        let before = state.developed(tenant, id)?.show();
        state.applications.remove(id);
        state.realm.remove_client(&id.to_string());
        effects.applied(id, before, Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}

/// A new secret; the one before is good for nothing.
pub async fn renew_secret(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(application): Path<String>,
) -> Result<Json<Value>, Error> {
    let id = id(&application)?;
    let tenant = caller.here(DEVELOPMENT_WRITE)?;
    world.change(&call, |state, effects| {
        let before = state.developed(tenant, id)?.show();
        let secret = fresh_secret();
        let client = state.realm.client_mut(&id.to_string());
        client.ok_or_else(Error::not_found)?.secret = Some(secret.clone());
        let after = change_own(state, id, |_| {})?;
        effects.applied(id, before, after);
        Ok(Json(data(
            json!({ "clientId": id, "clientSecret": secret }),
        )))
    })
}

pub async fn allowed(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(application): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let id = id(&application)?;
    let tenant = caller.here(DEVELOPMENT_READ)?;
    let page = Page::read(query.as_deref(), &call)?;
    world.read(|state| {
        let allowed = state.developed(tenant, id)?.allowed.iter();
        Ok(page.of_all(allowed.map(|id| json!({ "id": id })).collect()))
    })
}

pub async fn allow(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    set_allowed(&world, &call, &caller, path, true)
}

pub async fn disallow(
    State(world): Platform,
    call: Call,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    set_allowed(&world, &call, &caller, path, false)
}

fn set_allowed(
    world: &World<state::State>,
    call: &Call,
    caller: &Caller,
    (application, other): (String, String),
    allowed: bool,
) -> Result<StatusCode, Error> {
    let (id, other) = (id(&application)?, input::id("tenantId", &other)?);
    let tenant = caller.here(DEVELOPMENT_WRITE)?;
    world.change(call, |state, effects| {
        let is_allowed = state.developed(tenant, id)?.allowed.contains(&other);
        if !allowed && !is_allowed {
            return Err(Error::not_found());
        }
        if allowed != is_allowed {
            change_own(state, id, |application| {
                application.allowed.retain(|tenant| *tenant != other);
                if allowed {
                    application.allowed.push(other);
                }
            })?;
            let (with, without) = (json!({ "allowedTenantId": other }), Value::Null);
            let (before, after) = if allowed {
                (without, with)
            } else {
                (with, without)
            };
            effects.applied(id, before, after);
        }
        Ok(StatusCode::NO_CONTENT)
    })
}

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
