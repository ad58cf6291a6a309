//! `/users/{user_id}/roles` (contract §A4): roles in Lumos itself. Neither their names nor the shape of the list are documented.

use std::collections::BTreeSet;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Json,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{errors::Error, front::Main};
use crate::simulators::{kit::Call, lumos};

const NONE: Error = Error::NotFound("User");
const NAMES: [&str; 4] = ["admin", "app_admin", "member", "viewer"];

fn shown(roles: Option<&BTreeSet<String>>) -> Value {
    roles
        .into_iter()
        .flatten()
        .map(|role| json!({ "role_name": role }))
        .collect()
}

fn user(state: &lumos::State, id: &str) -> Result<Uuid, Error> {
    state
        .main
        .users
        .find_text(id)
        .map(|user| user.id)
        .ok_or(NONE)
}

pub(super) async fn list(
    State(main): State<Main>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.read(|state| {
        let id = user(state, &id)?;
        Ok(Json(shown(state.main.roles.get(&id))))
    })
}

pub(super) async fn add(
    State(main): State<Main>,
    call: Call,
    Path((id, role)): Path<(String, String)>,
) -> Result<(StatusCode, Json<Value>), Error> {
    if !NAMES.contains(&role.as_str()) {
        return Err(Error::NotFound("Role"));
    }
    let after = change(&main, &call, &id, |roles| roles.insert(role))?;
    Ok((StatusCode::CREATED, Json(after)))
}

pub(super) async fn remove(
    State(main): State<Main>,
    call: Call,
    Path((id, role)): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    change(&main, &call, &id, |roles| roles.remove(&role))?;
    Ok(StatusCode::NO_CONTENT)
}

fn change(
    main: &Main,
    call: &Call,
    id: &str,
    change: impl FnOnce(&mut BTreeSet<String>) -> bool,
) -> Result<Value, Error> {
    main.world.change(call, |state, effects| {
        let id = user(state, id)?;
        let roles = state.main.roles.entry(id).or_default();
        let before = shown(Some(roles));
        let is_changed = change(roles);
        let after = shown(Some(roles));
        if is_changed {
            effects.applied(id, before, after.clone());
        }
        Ok(after)
    })
}
