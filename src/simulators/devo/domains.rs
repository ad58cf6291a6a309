//! Domains and their roles, to look at (contract §5).

use axum::{
    extract::{Path, State},
    response::Json,
};
use serde_json::Value;

use super::{auth::Caller, errors::Error, front::Front, state};

type Devo = State<Front>;

/// For the multitenant's own key only.
pub(super) async fn list(State(front): Devo, caller: Caller) -> Result<Json<Value>, Error> {
    if let Caller::Domain(own) = caller {
        return Err(Error::forbidden(&own));
    }
    let domains = front.world.read(|state| {
        let shown = state.domains.values().map(state::Domain::show);
        shown.collect::<Vec<_>>()
    });
    Ok(Json(domains.into()))
}

pub(super) async fn find(
    State(front): Devo,
    caller: Caller,
    Path(domain): Path<String>,
) -> Result<Json<Value>, Error> {
    caller.check(&domain)?;
    let found = front.world.read(|state| Ok(state.domain(&domain)?.show()));
    found.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn roles(
    State(front): Devo,
    caller: Caller,
    Path(domain): Path<String>,
) -> Result<Json<Value>, Error> {
    caller.check(&domain)?;
    let found = front.world.read(|state| {
        let roles = &state.domain(&domain)?.roles;
        Ok(roles.iter().map(state::Role::show).collect())
    });
    found.map(Json).map_err(|error| front.refuse(error))
}
