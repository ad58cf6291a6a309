//! Integrations, current and legacy, and the catalogue of their types (contract §6.15, §7.6).

mod catalogue;
mod input;
mod secrets;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Json,
};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) use self::catalogue::{find as find_config, list as list_configs};
use self::input::{New, NewLegacy, Update, UpdateLegacy};
use super::{
    errors::Error,
    front::Front,
    input::{Input, message, unique},
    lists::{self, Id, Listing},
    query::Query,
    state::{self, legacy_time},
    table::Row,
};
use crate::simulators::kit::{Call, Effects, rfc3339};

/// How long a new or refreshed integration takes.
const SETTLING: Duration = Duration::seconds(2);

#[derive(Debug, Clone)]
pub(super) struct Integration {
    pub(super) id: String,
    pub(super) name: String,
    /// `type`, from the vendor's catalogue.
    pub(super) kind: String,
    pub(super) category: &'static str,
    /// In the words of the legacy API; the current one has no list of its own (contract §4).
    pub(super) status: &'static str,
    /// When it will be in order, after a status that passes.
    pub(super) settles: Option<DateTime<Utc>>,
    pub(super) details: Option<String>,
    pub(super) connector_id: Option<String>,
    pub(super) last_sync: Option<DateTime<Utc>>,
    /// `integration_config`, or `metadata`.
    pub(super) config: Value,
    /// Where its secrets are; the values of its own store among them.
    pub(super) secret_store: Option<Value>,
    pub(super) resource_types: Vec<String>,
    pub(super) access_details: Option<String>,
    /// With the id of the integration that they come from, as it is shown.
    pub(super) owner: Option<Value>,
    pub(super) owners_mapping: Option<Value>,
}

impl Integration {
    pub(super) fn status(&self) -> &'static str {
        match self.settles {
            Some(at) if at <= Utc::now() => "Active",
            _ => self.status,
        }
    }

    /// `IntegrationV4`, without the names of where its owners come from.
    pub(super) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "category": self.category,
            "connector_id": self.connector_id,
            "status": self.status(),
            "last_sync_time": self.last_sync.map(rfc3339),
            "integration_config": self.config,
            "secret_store_config": self.secret_store.as_ref().map(secrets::masked),
            "connected_resource_types": self.resource_types,
            "custom_access_details": self.access_details,
            "owner": self.owner,
            "owners_mapping": self.owners_mapping,
        })
    }

    /// `Integration`, whose time is a number.
    pub(super) fn show_legacy(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "status": self.status(),
            "details": self.details,
            "provisioner_id": self.connector_id,
            "connection": null,
            "last_sync_time": self.last_sync.map(legacy_time),
            "metadata": self.config,
            "secret_config": self.secret_store.as_ref().map(secrets::masked),
            "connected_resource_types": self.resource_types,
            "custom_access_details": self.access_details,
        })
    }

    fn settle(&mut self, word: &'static str) {
        let at = Utc::now() + SETTLING;
        self.status = word;
        self.settles = Some(at);
        self.last_sync = Some(at);
    }
}

impl Row for Integration {
    fn id(&self) -> &str {
        &self.id
    }
}

pub(super) async fn list(State(front): State<Front>, listing: Listing) -> Json<Value> {
    front.world.read(|state| {
        let all = state.integrations.from(listing.start());
        let rows = all.filter(|(_, one)| takes(listing.query(), one));
        Json(listing.answer(rows, Integration::show))
    })
}

fn takes(query: &Query, one: &Integration) -> bool {
    query.takes_any("category", [one.category])
        && query.takes_any("connector_id", one.connector_id.as_deref())
        && query.takes_any("status", [one.status()])
        && query.takes_any_like("type", &one.kind)
        && query.takes_like("name", &one.name)
}

pub(super) async fn find(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    front
        .world
        .read(|state| Ok(Json(state.integration(&id)?.show())))
}

pub(super) async fn list_legacy(State(front): State<Front>) -> Json<Value> {
    front.world.read(|state| {
        let rows = state.integrations.rows().map(Integration::show_legacy);
        Json(lists::whole(&front.quirks, state.integrations.len(), rows))
    })
}

pub(super) async fn find_legacy(
    State(front): State<Front>,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front
        .world
        .read(|state| Ok(Json(state.integration(&id)?.show_legacy())))
}

pub(super) async fn create(
    State(front): State<Front>,
    call: Call,
    Input(new): Input<New>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let mut one = fresh(&new.kind)?;
        new.rest.set(state, &mut one)?;
        add(state, effects, one, Integration::show)
    })
}

pub(super) async fn create_legacy(
    State(front): State<Front>,
    call: Call,
    Input(new): Input<NewLegacy>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let mut one = fresh(&new.kind)?;
        new.rest.set(state, &mut one)?;
        add(state, effects, one, Integration::show_legacy)
    })
}

pub(super) async fn update(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(given): Input<Update>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let mut one = state.integration(&id)?.clone();
        given.set(state, &mut one)?;
        replace(state, effects, one, Integration::show)
    })
}

pub(super) async fn update_legacy(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(given): Input<UpdateLegacy>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let mut one = state.integration(&id)?.clone();
        given.set(state, &mut one)?;
        replace(state, effects, one, Integration::show_legacy)
    })
}

pub(super) async fn remove(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<StatusCode, Error> {
    front.world.change(&call, |state, effects| {
        take_out(state, effects, &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
}

pub(super) async fn remove_legacy(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        take_out(state, effects, &id)?;
        Ok(Json(message("the integration was deleted")))
    })
}

pub(super) async fn refresh(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        state.integration(&id)?;
        let one = state.integrations.find_mut(&id).ok_or(Error::Internal)?;
        let before = one.show();
        one.settle("Refreshing");
        effects.applied(id, before, one.show());
        Ok(Json(message("the refresh was started")))
    })
}

fn fresh(kind: &str) -> Result<Integration, Error> {
    let config = catalogue::of_type(kind)
        .ok_or_else(|| Error::BadRequest(format!("there is no integration type {kind}")))?;
    let mut one = Integration {
        id: Uuid::new_v4().to_string(),
        name: String::new(),
        kind: kind.to_owned(),
        category: config.category,
        status: "Initializing",
        settles: None,
        details: None,
        connector_id: None,
        last_sync: None,
        config: json!({}),
        secret_store: None,
        resource_types: Vec::new(),
        access_details: None,
        owner: None,
        owners_mapping: None,
    };
    one.settle("Initializing");
    Ok(one)
}

fn check_name(state: &state::State, one: &Integration) -> Result<(), Error> {
    let others = state.integrations.rows();
    let others = others.map(|other| (other.id.as_str(), other.name.as_str()));
    unique("integration", &one.name, Some(&one.id), others)
}

fn add(
    state: &mut state::State,
    effects: &mut Effects<'_>,
    one: Integration,
    show: fn(&Integration) -> Value,
) -> Result<Json<Value>, Error> {
    check_name(state, &one)?;
    effects.applied(one.id.clone(), Value::Null, one.show());
    let shown = show(&one);
    state.integrations.add(one);
    Ok(Json(shown))
}

fn replace(
    state: &mut state::State,
    effects: &mut Effects<'_>,
    one: Integration,
    show: fn(&Integration) -> Value,
) -> Result<Json<Value>, Error> {
    check_name(state, &one)?;
    let held = state
        .integrations
        .find_mut(&one.id)
        .ok_or(Error::Internal)?;
    let before = std::mem::replace(held, one);
    if before.show() != held.show() {
        effects.applied(held.id.clone(), before.show(), held.show());
    }
    Ok(Json(show(held)))
}

/// With everything that is in it.
fn take_out(state: &mut state::State, effects: &mut Effects<'_>, id: &str) -> Result<(), Error> {
    let gone = state.integrations.remove(id);
    let gone = gone.ok_or_else(|| Error::no("integration", id))?;
    state.resources.retain(|one| one.integration_id != id);
    state.permissions.retain(|one| one.integration_id != id);
    effects.applied(id, gone.show(), Value::Null);
    Ok(())
}
