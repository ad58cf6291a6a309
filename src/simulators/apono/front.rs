//! What every call passes first: its token, and on the way out the switch for errors that are no JSON.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{auth, quirks::Quirks, state};
use crate::simulators::kit::World;

/// What every handler takes as its state.
#[derive(Clone)]
pub(super) struct Front {
    pub(super) quirks: Arc<Quirks>,
    pub(super) world: World<state::State>,
}

pub(super) async fn receive(
    State(front): State<Front>,
    mut request: Request,
    next: Next,
) -> Response {
    let admitted = front.world.read(|state| {
        let path = request.uri().path();
        auth::admit(
            &front.quirks,
            state,
            request.method(),
            path,
            request.headers(),
        )
    });
    let response = match admitted {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    let status = response.status();
    if front.quirks.errors_are_text && status.as_u16() >= 400 && status != StatusCode::UNAUTHORIZED
    {
        let reason = status.canonical_reason().unwrap_or_default();
        return (status, format!("{reason}\n")).into_response();
    }
    response
}
