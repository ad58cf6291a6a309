//! What every call passes first: its token, and on the way out the switches for errors that are no JSON and for
//! nulls.

use std::sync::Arc;

use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Json, Response},
};
use serde_json::Value;

use super::{auth, errors::Error, quirks::Quirks, state};
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
    if front.quirks.leaves_nulls_out && status == StatusCode::OK {
        return without_nulls(response).await;
    }
    response
}

async fn without_nulls(response: Response) -> Response {
    let Ok(body) = to_bytes(response.into_body(), usize::MAX).await else {
        return Error::Internal.into_response();
    };
    match serde_json::from_slice(&body) {
        Ok(mut body) => {
            leave_out(&mut body);
            Json::<Value>(body).into_response()
        }
        Err(_) => Error::Internal.into_response(),
    }
}

fn leave_out(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(leave_out);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out),
        _ => {}
    }
}
