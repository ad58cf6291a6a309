//! `/access_policies` (contract §A4): who gets which permissions by what they are.

use axum::{
    extract::{Path, RawQuery, State as Given},
    http::StatusCode,
    response::Json,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    apps,
    errors::Error,
    front::Main,
    pages::Page,
    query::Query,
    shape::{Kind, Sent, Shape, may, maybe, must, open},
    state::State,
};
use crate::simulators::kit::Call;

const NONE: Error = Error::NotFound("Access policy");

const PERMISSION: Shape = open(&[may("id", Kind::Text)]);
const APP: Shape = open(&[
    must("id", Kind::Text),
    maybe("is_preapproved", Kind::Flag),
    maybe("permissions", Kind::Many(&Kind::Thing(&PERMISSION), 0)),
]);
const POLICY: Shape = open(&[
    must("name", Kind::Text),
    must("business_justification", Kind::Text),
    maybe("status", Kind::Word(&["DRAFT", "PUBLISHED"])),
    maybe("is_enabled", Kind::Flag),
    must("apps", Kind::Many(&Kind::Thing(&APP), 1)),
    maybe("access_condition", Kind::Open),
    may("is_everyone_condition", Kind::Flag),
]);

/// `AccessPolicyOutput` of an input.
pub(super) fn policy(id: Uuid, input: &Value) -> Value {
    let or = |value: &Value, other: Value| match value {
        Value::Null => other,
        value => value.clone(),
    };
    let app = |app: &Value| {
        json!({
            "id": app["id"],
            "is_preapproved": or(&app["is_preapproved"], json!(false)),
            "permissions": or(&app["permissions"], json!([])),
        })
    };
    let apps = input["apps"].as_array().into_iter().flatten().map(app);
    json!({
        "id": id,
        "name": input["name"],
        "business_justification": input["business_justification"],
        "status": or(&input["status"], json!("PUBLISHED")),
        "is_enabled": or(&input["is_enabled"], json!(true)),
        "apps": apps.collect::<Vec<_>>(),
        "access_condition": or(&input["access_condition"], json!({})),
        "is_everyone_condition": or(&input["is_everyone_condition"], json!(false)),
    })
}

/// Apps and permissions must be there, and somebody must be meant.
fn check(state: &State, input: &Value) -> Result<(), Error> {
    for app in input["apps"].as_array().into_iter().flatten() {
        let id = app["id"].as_str().unwrap_or_default();
        state.apps.find_text(id).ok_or(apps::NONE)?;
        for permission in app["permissions"].as_array().into_iter().flatten() {
            let id = permission["id"].as_str().unwrap_or_default();
            let permission = state.permissions.find_text(id);
            permission.ok_or(Error::NotFound("Permission"))?;
        }
    }
    if input["access_condition"].is_null() && input["is_everyone_condition"] != true {
        return Err(Error::bad(
            "Either access_condition or is_everyone_condition is needed",
        ));
    }
    Ok(())
}

/// Newest first.
pub(super) async fn list(
    Given(main): Given<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let name = query.text("name").unwrap_or_default().to_lowercase();
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let is_called = |one: &&Value| {
            let own = one["name"].as_str().unwrap_or_default();
            own.to_lowercase().contains(&name)
        };
        let mut found: Vec<&Value> = state.main.policies.all().filter(is_called).collect();
        found.reverse();
        Ok(Json(page.chosen(&found, Value::clone)))
    })
}

pub(super) async fn find(
    Given(main): Given<Main>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.read(|state| {
        let found = state.main.policies.find_text(&id);
        found.cloned().map(Json).ok_or(NONE)
    })
}

pub(super) async fn create(
    Given(main): Given<Main>,
    call: Call,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&POLICY)?;
    main.world.change(&call, |state, effects| {
        check(&state.main, &input)?;
        let id = Uuid::new_v4();
        let shown = policy(id, &input);
        state.main.policies.put(id, shown.clone());
        effects.applied(id, Value::Null, shown.clone());
        Ok(Json(shown))
    })
}

pub(super) async fn update(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&POLICY)?;
    main.world.change(&call, |state, effects| {
        check(&state.main, &input)?;
        let there = state.main.policies.find_text_mut(&id).ok_or(NONE)?;
        let id = Uuid::try_parse(&id).map_err(|_| NONE)?;
        let after = policy(id, &input);
        let before = std::mem::replace(there, after.clone());
        effects.applied(id, before, after.clone());
        Ok(Json(after))
    })
}

pub(super) async fn delete(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    main.world.change(&call, |state, effects| {
        let id = Uuid::try_parse(&id).map_err(|_| NONE)?;
        let before = state.main.policies.take(id).ok_or(NONE)?;
        effects.applied(id, before, Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}
