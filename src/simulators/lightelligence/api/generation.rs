//! The two generations of the calls about roles: an installation may know one of them only.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::simulators::{
    kit::World,
    lightelligence::{errors::Error, settings::Generation, state},
};

/// Lets a call pass that is not of the deprecated generation.
pub async fn current(
    State(world): State<World<state::State>>,
    request: Request,
    next: Next,
) -> Response {
    unless(&world, Generation::Legacy, request, next).await
}

/// Lets a call pass that is of the deprecated generation.
pub async fn legacy(
    State(world): State<World<state::State>>,
    request: Request,
    next: Next,
) -> Response {
    unless(&world, Generation::Current, request, next).await
}

async fn unless(
    world: &World<state::State>,
    other: Generation,
    request: Request,
    next: Next,
) -> Response {
    if world.read(|state| state.settings.generation) == other {
        return Error::not_found().into_response();
    }
    next.run(request).await
}
