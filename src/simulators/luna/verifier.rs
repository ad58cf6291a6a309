//! `POST /1/verifier` (contract §7): says whose credentials these are, and fails with an error when they are nobody's.

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Json,
};
use serde_json::{Value, json};

use super::{
    errors::Error,
    input::{self, Fields},
    permissions::Targets,
    query::parameters,
    state::{self, Account, Password},
};
use crate::simulators::kit::World;

pub(super) async fn verify(
    State(world): State<World<state::State>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let mut targets = Targets::Standard;
    for (name, value) in parameters(query.as_deref(), &["permissions_targets"])? {
        targets = Targets::from_word(&value).ok_or(Error::BadParameter(name))?;
    }
    let mut fields = Fields::read(
        &headers,
        &body,
        &["login", "password", "token", "account_id"],
    )?;
    let ways = usize::from(fields.has("login") || fields.has("password"))
        + usize::from(fields.has("token"))
        + usize::from(fields.has("account_id"));
    if ways != 1 {
        return Err(Error::BadBody(
            "one of login and password, token, account_id is needed".to_owned(),
        ));
    }
    if fields.has("token") {
        let jwt = fields.required("token")?;
        return world.read(|state| {
            let token = state.opened(&jwt)?;
            let account = state.find(token.account_id)?;
            Ok(Json(json!({
                "account_id": account.id,
                "account_type": account.account_type.word(),
                "permissions": targets.of(&token.permissions),
            })))
        });
    }
    if fields.has("account_id") {
        let id = input::uuid(&fields.required("account_id")?)?;
        return world.read(|state| {
            Ok(Json(
                json!({ "account_type": state.find(id)?.account_type.word() }),
            ))
        });
    }
    let (login, password) = (fields.required("login")?, fields.required("password")?);
    world.read(|state| {
        let account = log_in(state, &login, &password).ok_or(Error::WrongCredentials)?;
        Ok(Json(
            json!({ "account_id": account.id, "account_type": account.account_type.word() }),
        ))
    })
}

/// The account that this login and password open.
pub(super) fn log_in<'a>(
    state: &'a state::State,
    login: &str,
    password: &str,
) -> Option<&'a Account> {
    let given = Password::new(password);
    state
        .find_login(login)
        .filter(|account| account.password.as_ref() == Some(&given))
}
