//! Access scopes: sets of resources and permissions told by a query (contract §6.4, §7.12).

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
    input::{Input, unique},
    lists::{Id, Listing},
    query_language::Question,
    table::Row,
};
use crate::simulators::kit::{Call, rfc3339};

/// `AccessScopeV1`.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) query: String,
    pub(super) question: Question,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
}

/// `UpsertAccessScopeV1`.
#[derive(Deserialize)]
pub(super) struct Upsert {
    name: String,
    description: Option<String>,
    query: String,
}

impl Row for Scope {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Scope {
    pub(super) fn new(
        id: String,
        name: &str,
        query: &str,
        created: DateTime<Utc>,
    ) -> Result<Self, Error> {
        Ok(Scope {
            id,
            name: name.to_owned(),
            description: None,
            query: query.to_owned(),
            question: Question::read(query)
                .map_err(|why| Error::BadRequest(format!("query is not valid: {why}")))?,
            created,
            updated: created,
        })
    }

    pub(super) fn show(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "query": self.query,
            "creation_date": rfc3339(self.created),
            "update_date": rfc3339(self.updated),
        })
    }
}

pub(super) async fn list(State(front): State<Front>, listing: Listing) -> Json<Value> {
    front.world.read(|state| {
        let rows = state.scopes.from(listing.start());
        let rows = rows.filter(|(_, scope)| listing.query().takes_like("name", &scope.name));
        Json(listing.answer(rows, Scope::show))
    })
}

pub(super) async fn find(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let scope = state.scopes.find(&id);
        Ok(Json(
            scope.ok_or_else(|| Error::no("access scope", &id))?.show(),
        ))
    })
}

pub(super) async fn create(
    State(front): State<Front>,
    call: Call,
    Input(given): Input<Upsert>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let others = state
            .scopes
            .rows()
            .map(|one| (one.id.as_str(), one.name.as_str()));
        unique("access scope", &given.name, None, others)?;
        let id = Uuid::new_v4().to_string();
        let mut scope = Scope::new(id, &given.name, &given.query, Utc::now())?;
        scope.description = given.description;
        let shown = scope.show();
        effects.applied(scope.id.clone(), Value::Null, shown.clone());
        state.scopes.add(scope);
        Ok(Json(shown))
    })
}

pub(super) async fn update(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(given): Input<Upsert>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let others = state
            .scopes
            .rows()
            .map(|one| (one.id.as_str(), one.name.as_str()));
        unique("access scope", &given.name, Some(&id), others)?;
        let old = state.scopes.find_mut(&id);
        let old = old.ok_or_else(|| Error::no("access scope", &id))?;
        let before = old.show();
        let mut scope = Scope::new(id.clone(), &given.name, &given.query, old.created)?;
        scope.description = given.description;
        scope.updated = Utc::now();
        *old = scope;
        let after = old.show();
        effects.applied(id, before, after.clone());
        Ok(Json(after))
    })
}

pub(super) async fn remove(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<StatusCode, Error> {
    front.world.change(&call, |state, effects| {
        let gone = state.scopes.remove(&id);
        let gone = gone.ok_or_else(|| Error::no("access scope", &id))?;
        effects.applied(id, gone.show(), Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}
