//! What is in the integrations: resources, permissions, and the tags that people put on resources (contract §6.15, §7.6); and
//! what of it may be asked for, step by step (§7.7).

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    extract::{Path, RawQuery, State},
    response::Json,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    auth::Caller,
    errors::Error,
    front::Front,
    input::{Input, message},
    lists::{self, Id},
    query::Query,
    state,
    table::Row,
};
use crate::simulators::kit::Call;

/// Something in an integration.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) integration_id: String,
    /// Its id where it is.
    pub(super) source_id: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) message: Option<String>,
    /// Those of the integration, and those that people put on it.
    pub(super) tags: BTreeMap<String, String>,
}

/// What may be done with the resources of a type in an integration.
#[derive(Debug, Clone)]
pub(super) struct Permission {
    pub(super) id: String,
    pub(super) integration_id: String,
    pub(super) kind: String,
    pub(super) name: String,
}

impl Row for Resource {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Row for Permission {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Resource {
    /// `ResourceResponse`.
    pub(super) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "status": { "status": self.status, "message": self.message },
        })
    }

    /// `EntitlementResourceV4`.
    pub(super) fn show_entitled(&self) -> Value {
        json!({
            "id": self.id,
            "source_id": self.source_id,
            "type": { "id": self.kind, "label": label(&self.kind) },
            "name": self.name,
        })
    }
}

/// A type as people read it: `postgresql-database` is `Postgresql database`.
pub(super) fn label(kind: &str) -> String {
    let words = kind.replace('-', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// `UpdateResourceUserTagsRequest`.
#[derive(Deserialize)]
pub(super) struct Tags {
    tags: BTreeMap<String, String>,
}

pub(super) async fn resources(
    State(front): State<Front>,
    Path(id): Id,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let query = Query::read(query.as_deref());
    front.world.read(|state| {
        state.integration(&id)?;
        let rows = state
            .resources
            .rows()
            .filter(|one| one.integration_id == id);
        let rows = rows.filter(|one| query.takes("resource-type", &one.kind));
        let rows: Vec<Value> = rows.map(Resource::show).collect();
        Ok(Json(lists::whole(
            &front.quirks,
            rows.len(),
            rows.into_iter(),
        )))
    })
}

pub(super) async fn permissions(
    State(front): State<Front>,
    Path(id): Id,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let query = Query::read(query.as_deref());
    front.world.read(|state| {
        state.integration(&id)?;
        let rows = state
            .permissions
            .rows()
            .filter(|one| one.integration_id == id);
        let rows = rows.filter(|one| query.takes("resource-type", &one.kind));
        let rows: Vec<Value> = rows
            .map(|one| json!({ "name": one.name, "id": one.id, "resource_type": one.kind }))
            .collect();
        Ok(Json(lists::whole(
            &front.quirks,
            rows.len(),
            rows.into_iter(),
        )))
    })
}

pub(super) async fn tags(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let one = state.resources.find(&id);
        let one = one.ok_or_else(|| Error::no("resource", &id))?;
        Ok(Json(json!({ "resource_id": one.id, "tags": one.tags })))
    })
}

/// The whole map.
pub(super) async fn set_tags(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(given): Input<Tags>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let one = state.resources.find_mut(&id);
        let one = one.ok_or_else(|| Error::no("resource", &id))?;
        if one.tags != given.tags {
            effects.applied(
                id,
                json!({ "tags": one.tags }),
                json!({ "tags": given.tags }),
            );
            one.tags = given.tags;
        }
        Ok(Json(message("the tags were updated")))
    })
}

/// What the user whom a call is about may ask for, by default the caller's own.
fn selectable<T>(
    front: &Front,
    caller: Caller,
    query: Option<&str>,
    integration: Option<&str>,
    show: impl FnOnce(&state::State, Vec<(&Resource, &Permission)>) -> T,
) -> Result<T, Error> {
    let query = Query::read(query);
    front.world.read(|state| {
        let user = match (query.one("user_id"), caller.0) {
            (Some(id), _) => Some(state.person(id).ok_or_else(|| Error::no("user", id))?),
            (None, Some(owner)) => state.user_of_email(owner),
            // An account token is nobody, who may ask for nothing.
            (None, None) => None,
        };
        if let Some(id) = integration {
            state.integration(id)?;
        }
        let mut pairs = user.map_or_else(Vec::new, |user| state.available(user, user));
        pairs.retain(|(resource, _)| integration.is_none_or(|id| resource.integration_id == id));
        Ok(show(state, pairs))
    })
}

pub(super) async fn selectable_integrations(
    State(front): State<Front>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let ids = selectable(&front, caller, query.as_deref(), None, |_, pairs| {
        let ids: BTreeSet<_> = pairs
            .iter()
            .map(|(one, _)| one.integration_id.clone())
            .collect();
        ids
    })?;
    let rows = ids.iter().map(|id| json!({ "id": id }));
    Ok(Json(lists::whole(&front.quirks, ids.len(), rows)))
}

pub(super) async fn selectable_types(
    State(front): State<Front>,
    caller: Caller,
    Path(id): Id,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let kinds = selectable(&front, caller, query.as_deref(), Some(&id), |_, pairs| {
        let kinds: BTreeSet<_> = pairs.iter().map(|(one, _)| one.kind.clone()).collect();
        kinds
    })?;
    let rows = kinds
        .iter()
        .map(|kind| json!({ "id": kind, "name": label(kind) }));
    Ok(Json(lists::whole(&front.quirks, kinds.len(), rows)))
}

pub(super) async fn selectable_permissions(
    State(front): State<Front>,
    caller: Caller,
    Path((id, kind)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let names = selectable(&front, caller, query.as_deref(), Some(&id), |_, pairs| {
        let of_kind = pairs.iter().filter(|(one, _)| one.kind == kind);
        let names: BTreeSet<_> = of_kind
            .map(|(_, permission)| permission.name.clone())
            .collect();
        names
    })?;
    let rows = names.iter().map(|name| json!(name));
    let mut body = lists::whole(&front.quirks, names.len(), rows);
    body["allow_multiple"] = true.into();
    Ok(Json(body))
}

pub(super) async fn selectable_resources(
    State(front): State<Front>,
    caller: Caller,
    Path((id, kind)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let rows = selectable(&front, caller, query.as_deref(), Some(&id), |_, pairs| {
        let of_kind = pairs.iter().filter(|(one, _)| one.kind == kind);
        let rows: BTreeMap<_, _> = of_kind
            .map(|(one, _)| {
                let shown = json!({ "id": one.id, "type": one.kind, "name": one.name });
                (one.id.clone(), shown)
            })
            .collect();
        rows
    })?;
    Ok(Json(lists::whole(
        &front.quirks,
        rows.len(),
        rows.into_values(),
    )))
}
