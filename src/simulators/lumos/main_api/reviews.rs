//! `/access_reviews` (contract §A4, schemas in the vendor's own file): campaigns, and the apps that they look at.

use axum::{
    Extension,
    extract::{Path, RawQuery, State as Given},
    http::StatusCode,
    response::Json,
};
use chrono::{SubsecRound, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    apps::{self, App},
    errors::Error,
    front::{Caller, Main},
    pages::Page,
    query::Query,
    quirks::Quirks,
    shape::{Kind, Sent, Shape, closed, may, maybe, must, open},
    state::State,
    words::ACCOUNT_STATUSES,
};
use crate::simulators::kit::Call;

const NONE: Error = Error::NotFound("Access review");

const RECURRENCE: Shape = open(&[must("freq", Kind::Whole), maybe("interval", Kind::Whole)]);
const FILTERS: Kind = Kind::Many(&Kind::Open, 0);
const APP: Shape = closed(&[
    must("id", Kind::Text),
    may("review_type", Kind::Word(&["ACCOUNTS", "ENTITLEMENTS"])),
    maybe("scope_filters", FILTERS),
]);
const CREATE: Shape = closed(&[
    must("name", Kind::Bounded(1, 255)),
    must("deadline_at", Kind::Time),
    maybe("owner_id", Kind::Text),
    maybe("target_launch_date", Kind::Time),
    maybe("recurrence_config", Kind::Thing(&RECURRENCE)),
    maybe("recurrence_days_frequency", Kind::Whole),
    may("apps", Kind::Many(&Kind::Thing(&APP), 0)),
]);
const CHANGED_APP: Shape = closed(&[
    must("id", Kind::Text),
    maybe("scope_filters", FILTERS),
    maybe(
        "removal_action",
        Kind::Word(&["DEPROVISION", "SUSPEND", "DEACTIVATE", "MANUAL", "WEBHOOK"]),
    ),
    maybe(
        "configurable_evidence_upload",
        Kind::Word(&["ALWAYS", "DEFAULT"]),
    ),
]);
const UPDATE: Shape = closed(&[
    maybe("name", Kind::Text),
    maybe("deadline_at", Kind::Time),
    maybe("owner_id", Kind::Text),
    maybe("target_launch_date", Kind::Time),
    maybe("recurrence_config", Kind::Thing(&RECURRENCE)),
    maybe("recurrence_days_frequency", Kind::Whole),
    may("apps", Kind::Many(&Kind::Thing(&CHANGED_APP), 0)),
]);
const ADD: Shape = closed(&[must("apps", Kind::Many(&Kind::Thing(&APP), 0))]);

/// `AccessReviewOutput` of one that is under way.
pub(super) fn review(id: Uuid, name: &str, owner: Uuid, now: &str) -> Value {
    json!({
        "id": id,
        "name": name,
        "status": "IN_PROGRESS",
        "creation_path": "API",
        "owner_id": owner,
        "created_by_id": owner,
        "deadline_at": null,
        "started_at": now,
        "completed_at": null,
        "target_launch_date": null,
        "recurrence_config": null,
        "recurrence_days_frequency": null,
        "created_at": now,
        "updated_at": now,
        "apps": [],
    })
}

/// `AccessReviewDomainAppOutput` of an app with so many accounts.
pub(super) fn reviewed(id: Uuid, app: &App, accounts: usize, now: &str) -> Value {
    json!({
        "id": id,
        "domain_app_id": app.id,
        "domain_app_name": app.label,
        "domain_app_sources": app.sources,
        "status": "IN_PREPARATION",
        "review_type": "ENTITLEMENTS",
        "app_last_synced_at": null,
        "last_synced_at": now,
        "account_count": accounts,
        "launched_at": null,
        "completed_at": null,
        "scope_filters": null,
    })
}

/// Takes apps into a review; those that can't be are told one by one.
fn add(state: &State, quirks: &Quirks, review: &mut Value, given: &Value) -> (Value, Value) {
    let (mut added, mut errors) = (Vec::new(), Vec::new());
    for wanted in given.as_array().into_iter().flatten() {
        let id = wanted["id"].as_str().unwrap_or_default();
        let there = review["apps"].as_array().into_iter().flatten();
        let is_there = there.clone().any(|one| one["domain_app_id"] == id);
        match state.apps.find_text(id) {
            None => errors.push(json!({ "app_id": id, "error": "invalid" })),
            Some(app) if app.disconnected => {
                errors.push(json!({ "app_id": id, "error": "not connected" }));
            }
            Some(_) if is_there => errors.push(json!({ "app_id": id, "error": "already present" })),
            Some(app) => {
                let count = state.accounts_of(id).len();
                let mut app = reviewed(Uuid::new_v4(), app, count, &quirks.time(Utc::now()));
                for name in ["review_type", "scope_filters"] {
                    if !wanted[name].is_null() {
                        app[name] = wanted[name].clone();
                    }
                }
                added.push(app.clone());
                if let Some(apps) = review["apps"].as_array_mut() {
                    apps.push(app);
                }
            }
        }
    }
    let errors = if errors.is_empty() {
        Value::Null
    } else {
        errors.into()
    };
    (added.into(), errors)
}

pub(super) async fn list(
    Given(main): Given<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let reviews = &state.main.reviews;
        Ok(Json(page.of(reviews, reviews.ids(), Value::clone)))
    })
}

pub(super) async fn find(
    Given(main): Given<Main>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.read(|state| {
        let found = state.main.reviews.find_text(&id);
        found.cloned().map(Json).ok_or(NONE)
    })
}

/// With apps it is prepared first.
pub(super) async fn create(
    Given(main): Given<Main>,
    Extension(Caller(caller)): Extension<Caller>,
    call: Call,
    sent: Sent,
) -> Result<(StatusCode, Json<Value>), Error> {
    let input = sent.read(&CREATE)?;
    let now = main.quirks.time(Utc::now().trunc_subsecs(0));
    main.world.change(&call, |state, effects| {
        let id = Uuid::new_v4();
        let name = input["name"].as_str().unwrap_or_default();
        let mut review = review(id, name, caller, &now);
        take_over(&state.main, &mut review, &input)?;
        let (added, errors) = add(&state.main, &main.quirks, &mut review, &input["apps"]);
        if added != json!([]) {
            review["status"] = json!("IN_PREPARATION");
            review["started_at"] = Value::Null;
        }
        state.main.reviews.put(id, review.clone());
        effects.applied(id, Value::Null, review.clone());
        let answer = json!({ "access_review": review, "errors": errors });
        Ok((StatusCode::CREATED, Json(answer)))
    })
}

/// The fields of a campaign that a body gives; null ones are as good as missing.
fn take_over(state: &State, review: &mut Value, input: &Value) -> Result<(), Error> {
    if let Some(owner) = input["owner_id"].as_str() {
        state
            .users
            .find_text(owner)
            .ok_or(Error::NotFound("User"))?;
    }
    for name in [
        "name",
        "deadline_at",
        "owner_id",
        "target_launch_date",
        "recurrence_config",
        "recurrence_days_frequency",
    ] {
        if !input[name].is_null() {
            review[name] = input[name].clone();
        }
    }
    Ok(())
}

pub(super) async fn update(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&UPDATE)?;
    let after = change(&main, &call, &id, |state, review| {
        take_over(state, review, &input)?;
        for wanted in input["apps"].as_array().into_iter().flatten() {
            let apps = review["apps"].as_array_mut().into_iter().flatten();
            let mut named = apps.filter(|app| app["id"] == wanted["id"]);
            let app = named.next().ok_or(apps::NONE)?;
            if !wanted["scope_filters"].is_null() {
                app["scope_filters"] = wanted["scope_filters"].clone();
            }
        }
        Ok(review.clone())
    })?;
    Ok(Json(after))
}

pub(super) async fn delete(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    main.world.change(&call, |state, effects| {
        let id = Uuid::try_parse(&id).map_err(|_| NONE)?;
        let before = state.main.reviews.take(id).ok_or(NONE)?;
        effects.applied(id, before, Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}

pub(super) async fn add_apps(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<(StatusCode, Json<Value>), Error> {
    let input = sent.read(&ADD)?;
    let answer = change(&main, &call, &id, |state, review| {
        let (added, errors) = add(state, &main.quirks, review, &input["apps"]);
        Ok(json!({ "added_apps": added, "errors": errors }))
    })?;
    Ok((StatusCode::CREATED, Json(answer)))
}

pub(super) async fn remove_app(
    Given(main): Given<Main>,
    call: Call,
    Path((id, app)): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    change(&main, &call, &id, |_, review| {
        let apps = review["apps"].as_array_mut().ok_or(NONE)?;
        let before = apps.len();
        apps.retain(|one| one["id"] != *app);
        if apps.len() == before {
            return Err(apps::NONE);
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

fn change<T>(
    main: &Main,
    call: &Call,
    id: &str,
    change: impl FnOnce(&State, &mut Value) -> Result<T, Error>,
) -> Result<T, Error> {
    main.world.change(call, |state, effects| {
        let before = state.main.reviews.find_text(id).ok_or(NONE)?.clone();
        let mut review = before.clone();
        let answer = change(&state.main, &mut review)?;
        review["updated_at"] = json!(main.quirks.time(Utc::now().trunc_subsecs(0)));
        effects.applied(id, before, review.clone());
        if let Some(there) = state.main.reviews.find_text_mut(id) {
            *there = review;
        }
        Ok(answer)
    })
}

/// What the accounts of an app can be narrowed to; the app is named by itself or by its place in a review.
pub(super) async fn scope_options(
    Given(main): Given<Main>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let query = Query::new(query.as_deref());
    main.world.read(|state| {
        let state = &state.main;
        let places = || state.reviews.all().flat_map(|review| review["apps"].as_array());
        let app = match (query.text("domain_app_id"), query.text("arda_id")) {
            (Some(app), _) => app.to_owned(),
            (None, Some(arda)) => places()
                .flatten()
                .find(|place| place["id"] == arda)
                .and_then(|place| place["domain_app_id"].as_str())
                .ok_or(NONE)?
                .to_owned(),
            (None, None) => return Err(Error::bad("domain_app_id or arda_id is required")),
        };
        let app = state.apps.find_text(&app).ok_or(apps::NONE)?.id;
        let item = |group: &str, name: &str, label: &str, value: &str| {
            json!({ "group": group, "name": name, "label": label, "value": value, "type": null })
        };
        let statuses = ACCOUNT_STATUSES.iter();
        let statuses: Vec<Value> = statuses
            .map(|word| item("ACCOUNT_STATUS", "Account status", word, word))
            .collect();
        let permissions = state.permissions.all().filter(|one| one.app_id == app);
        let permissions: Vec<Value> = permissions
            .map(|one| item("ACCOUNT_ENTITLEMENT", "Permissions", &one.label, &one.id.to_string()))
            .collect();
        let group = |name: &str, group: &str, kind: &str, items: Vec<Value>| {
            json!({
                "name": name, "group": group, "type": kind, "items": items, "filter_input_template": null,
                "default_label": null, "truncated": false
            })
        };
        Ok(Json(json!({ "scope_options": [
            group("Account status", "ACCOUNT_STATUS", "MULTISELECT", statuses),
            group("Permissions", "ACCOUNT_ENTITLEMENT", "MULTISELECT", permissions),
            group("Last login", "LAST_LOGIN", "DATETIME", Vec::new()),
        ]})))
    })
}
