//! The control API: what a test asks of and does to a simulator, under a root of its own beside the vendor's API.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Json, Response},
    routing::{get, post},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Drift, Holdings, Rule, simulator::Simulator};

pub(super) fn router(simulator: Arc<Simulator>) -> Router {
    Router::new()
        .route("/requests", get(requests))
        .route("/effects", get(effects))
        .route("/faults", get(faults).post(add_faults).delete(clear_faults))
        .route("/reset", post(reset))
        .route("/drift", post(drift))
        .route("/state", get(state))
        .with_state(simulator)
}

async fn requests(State(simulator): State<Arc<Simulator>>) -> Json<Value> {
    Json(json!({ "items": simulator.calls.all() }))
}

async fn effects(State(simulator): State<Arc<Simulator>>) -> Json<Value> {
    Json(json!({ "items": simulator.effects() }))
}

async fn faults(State(simulator): State<Arc<Simulator>>) -> Json<Value> {
    Json(json!({ "items": simulator.schedule.show() }))
}

async fn add_faults(
    State(simulator): State<Arc<Simulator>>,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    simulator.schedule.append(array::<Rule>(&body)?);
    Ok(faults(State(simulator)).await)
}

async fn clear_faults(State(simulator): State<Arc<Simulator>>) -> StatusCode {
    simulator.schedule.clear();
    StatusCode::NO_CONTENT
}

async fn reset(State(simulator): State<Arc<Simulator>>) -> StatusCode {
    simulator.reset();
    StatusCode::NO_CONTENT
}

async fn drift(
    State(simulator): State<Arc<Simulator>>,
    body: Bytes,
) -> Result<StatusCode, Refused> {
    simulator.drift(&array::<Drift>(&body)?).map_err(Refused)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn state(State(simulator): State<Arc<Simulator>>) -> Json<Holdings> {
    Json(simulator.holdings())
}

/// Says what is wrong with a body, and where in the array.
struct Refused(String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": self.0 }))).into_response()
    }
}

fn array<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, Refused> {
    let items: Vec<Value> = serde_json::from_slice(body)
        .map_err(|error| Refused(format!("a JSON array is needed: {error}")))?;
    let read = |(n, item)| {
        serde_json::from_value(item).map_err(|error| Refused(format!("[{n}]: {error}")))
    };
    items.into_iter().enumerate().map(read).collect()
}
