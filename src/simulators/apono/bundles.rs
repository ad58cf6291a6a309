//! Bundles, current and legacy (contract §6.1, §6.10, §7.5).

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Json,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    errors::Error,
    front::Front,
    input::{Input, message, unique},
    lists::{self, Id, Listing},
    state,
    table::Row,
    targets::{self, LegacyTarget, Target},
};
use crate::simulators::kit::{Call, Effects, rfc3339};

#[derive(Debug, Clone)]
pub(super) struct Bundle {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) targets: Vec<Target>,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
}

/// `UpsertBundleV2`.
#[derive(Deserialize)]
pub(super) struct Upsert {
    name: String,
    access_targets: Vec<targets::Upsert>,
}

/// `UpsertAccessBundleV1`.
#[derive(Deserialize)]
pub(super) struct UpsertLegacy {
    name: String,
    integration_targets: Vec<LegacyTarget>,
}

/// `UpdateAccessBundleV1`: what is missing stays.
#[derive(Deserialize)]
pub(super) struct UpdateLegacy {
    name: Option<String>,
    integration_targets: Option<Vec<LegacyTarget>>,
}

impl Row for Bundle {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Bundle {
    /// `BundleV2`.
    fn show(&self, state: &state::State) -> Value {
        let targets = self.targets.iter().map(|target| state.show_target(target));
        json!({
            "id": self.id,
            "name": self.name,
            "access_targets": targets.collect::<Vec<_>>(),
            "creation_date": rfc3339(self.created),
            "update_date": rfc3339(self.updated),
        })
    }

    /// `AccessBundleV1`, if every target has a place in it.
    fn show_legacy(&self) -> Option<Value> {
        let targets: Option<Vec<LegacyTarget>> =
            self.targets.iter().map(Target::show_legacy).collect();
        Some(json!({ "id": self.id, "name": self.name, "integration_targets": targets? }))
    }
}

impl state::State {
    /// The bundle of this id or name.
    pub(super) fn referred_bundle(&self, reference: &str) -> Result<&Bundle, Error> {
        let mut all = self.bundles.rows();
        all.find(|one| one.id == reference || one.name == reference)
            .ok_or_else(|| Error::BadRequest(format!("there is no bundle {reference}")))
    }

    fn legacy_bundle(&self, id: &str) -> Result<&Bundle, Error> {
        let found = self.bundles.find(id);
        found
            .filter(|one| one.show_legacy().is_some())
            .ok_or_else(|| Error::no("bundle", id))
    }

    fn keep_bundle(
        &mut self,
        effects: &mut Effects<'_>,
        id: Option<&str>,
        name: String,
        targets: Vec<Target>,
    ) -> Result<&Bundle, Error> {
        let others = self.bundles.rows();
        let others = others.map(|one| (one.id.as_str(), one.name.as_str()));
        unique("bundle", &name, id, others)?;
        let now = Utc::now();
        let old = id.and_then(|id| self.bundles.find(id));
        let bundle = Bundle {
            id: id.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned),
            name,
            targets,
            created: old.map_or(now, |old| old.created),
            updated: now,
        };
        let before = old.map_or(Value::Null, |old| old.show(self));
        effects.applied(bundle.id.clone(), before, bundle.show(self));
        let id = bundle.id.clone();
        self.bundles.put(bundle);
        self.bundles.find(&id).ok_or(Error::Internal)
    }

    fn drop_bundle(&mut self, effects: &mut Effects<'_>, id: &str) -> Result<(), Error> {
        let gone = self.bundles.remove(id);
        let gone = gone.ok_or_else(|| Error::no("bundle", id))?;
        effects.applied(id, gone.show(self), Value::Null);
        Ok(())
    }
}

pub(super) async fn list(State(front): State<Front>, listing: Listing) -> Json<Value> {
    front.world.read(|state| {
        let rows = state.bundles.from(listing.start());
        let rows = rows.filter(|(_, one)| listing.query().takes_like("name", &one.name));
        Json(listing.answer(rows, |one| one.show(state)))
    })
}

pub(super) async fn find(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let one = state.bundles.find(&id);
        Ok(Json(
            one.ok_or_else(|| Error::no("bundle", &id))?.show(state),
        ))
    })
}

pub(super) async fn create(
    State(front): State<Front>,
    call: Call,
    Input(given): Input<Upsert>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let targets = state.targets(given.access_targets, true)?;
        let id = state
            .keep_bundle(effects, None, given.name, targets)?
            .id
            .clone();
        shown(state, &id)
    })
}

pub(super) async fn update(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(given): Input<Upsert>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        state
            .bundles
            .find(&id)
            .ok_or_else(|| Error::no("bundle", &id))?;
        let targets = state.targets(given.access_targets, true)?;
        state.keep_bundle(effects, Some(&id), given.name, targets)?;
        shown(state, &id)
    })
}

fn shown(state: &state::State, id: &str) -> Result<Json<Value>, Error> {
    let bundle = state.bundles.find(id).ok_or(Error::Internal)?;
    Ok(Json(bundle.show(state)))
}

pub(super) async fn remove(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<StatusCode, Error> {
    front.world.change(&call, |state, effects| {
        state.drop_bundle(effects, &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
}

pub(super) async fn list_legacy(State(front): State<Front>) -> Json<Value> {
    front.world.read(|state| {
        let rows: Vec<Value> = state
            .bundles
            .rows()
            .filter_map(Bundle::show_legacy)
            .collect();
        Json(lists::whole(&front.quirks, rows.len(), rows.into_iter()))
    })
}

pub(super) async fn find_legacy(
    State(front): State<Front>,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        Ok(Json(
            state
                .legacy_bundle(&id)?
                .show_legacy()
                .ok_or(Error::Internal)?,
        ))
    })
}

pub(super) async fn create_legacy(
    State(front): State<Front>,
    call: Call,
    Input(given): Input<UpsertLegacy>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let targets = legacy_targets(state, given.integration_targets)?;
        let bundle = state.keep_bundle(effects, None, given.name, targets)?;
        Ok(Json(bundle.show_legacy().ok_or(Error::Internal)?))
    })
}

pub(super) async fn update_legacy(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(given): Input<UpdateLegacy>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let old = state.legacy_bundle(&id)?;
        let name = given.name.unwrap_or_else(|| old.name.clone());
        let targets = match given.integration_targets {
            Some(targets) => legacy_targets(state, targets)?,
            None => old.targets.clone(),
        };
        let bundle = state.keep_bundle(effects, Some(&id), name, targets)?;
        Ok(Json(bundle.show_legacy().ok_or(Error::Internal)?))
    })
}

pub(super) async fn remove_legacy(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        state.legacy_bundle(&id)?;
        state.drop_bundle(effects, &id)?;
        Ok(Json(message("the bundle was deleted")))
    })
}

fn legacy_targets(state: &state::State, given: Vec<LegacyTarget>) -> Result<Vec<Target>, Error> {
    given.into_iter().map(|one| one.read(state)).collect()
}
