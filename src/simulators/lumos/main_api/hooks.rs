//! Webhooks that Lumos calls, and those by which other vendors call Lumos (contract §A4). The latter need no token.

use axum::{
    extract::{Path, State},
    response::Json,
};
use serde_json::{Value, json};

use super::{
    apps,
    errors::Error,
    front::Main,
    shape::{Kind, Sent, Shape, must, open},
};
use crate::simulators::kit::Call;

const AIRBASE: Shape = open(&[
    must("id", Kind::Text),
    must("object", Kind::Text),
    must("type", Kind::Text),
    must("created_date", Kind::Text),
    must("data", Kind::Open),
]);
const VENDR: Shape = open(&[]);

pub(super) async fn list(State(main): State<Main>) -> Json<Value> {
    main.world
        .read(|state| Json(state.main.hooks.all().cloned().collect()))
}

pub(super) async fn airbase(
    State(main): State<Main>,
    call: Call,
    Path(app): Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let event = sent.read(&AIRBASE)?;
    told(
        &main,
        &call,
        &app,
        &json!({ "type": event["type"], "id": event["id"] }),
    )
}

pub(super) async fn vendr(
    State(main): State<Main>,
    call: Call,
    Path(app): Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    sent.read_if_any(&VENDR)?;
    told(&main, &call, &app, &json!({ "type": "request_completed" }))
}

fn told(main: &Main, call: &Call, app: &str, event: &Value) -> Result<Json<Value>, Error> {
    main.world.change(call, |state, effects| {
        state.main.apps.find_text(app).ok_or(apps::NONE)?;
        effects.applied(app, Value::Null, event.clone());
        Ok(Json(Value::Null))
    })
}
