//! The access requests of a personal token's owner (contract §6.3, §7.1), read only so far.

use axum::{
    Extension,
    extract::{Path, State},
    response::Json,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    auth::Caller,
    errors::Error,
    front::Front,
    lists::{Id, Listing},
    query::Query,
    table::Row,
};
use crate::simulators::kit::rfc3339;

/// Who asked, or for whom.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) email: String,
}

/// `AccessRequestV4`.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) seconds: Option<u32>,
    pub(super) justification: Option<&'static str>,
    pub(super) created: DateTime<Utc>,
    /// When the access ends or has ended.
    pub(super) ends: Option<DateTime<Utc>>,
    pub(super) integration_id: String,
    pub(super) integration_name: &'static str,
    pub(super) resource_type: &'static str,
    pub(super) requestor: Person,
    pub(super) grantee: Person,
}

impl Row for Request {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Request {
    /// As this caller sees it, who isn't named in it.
    pub(super) fn show(&self, caller: &str) -> Value {
        let person = |person: &Person| {
            let other = person.email != caller;
            other.then(|| json!({ "id": person.id, "source_id": person.email }))
        };
        json!({
            "id": self.id,
            "status": self.status,
            "duration_in_sec": self.seconds,
            "justification": self.justification,
            "creation_date": rfc3339(self.created),
            "revocation_date": self.ends.map(rfc3339),
            "custom_fields": {},
            "access_groups": [{
                "integration": { "id": self.integration_id, "name": self.integration_name },
                "resource_types": [{ "id": self.resource_type, "label": self.resource_type }]
            }],
            "requestor": person(&self.requestor),
            "grantee": person(&self.grantee),
            "bundle": null,
        })
    }

    fn is_of(&self, caller: &str) -> bool {
        [&self.requestor, &self.grantee]
            .into_iter()
            .any(|person| person.email == caller)
    }
}

/// Newest first: what the caller asked for, or what somebody else asked for on the caller's behalf.
pub(super) async fn list(
    State(front): State<Front>,
    Extension(Caller(caller)): Extension<Caller>,
    listing: Listing,
) -> Json<Value> {
    let caller = caller.unwrap_or_default();
    front.world.read(|state| {
        let rows = state.requests.newest_from(listing.start());
        let rows = rows.filter(|(_, one)| takes(listing.query(), one, caller));
        Json(listing.answer(rows, |one| one.show(caller)))
    })
}

fn takes(query: &Query, one: &Request, caller: &str) -> bool {
    let is_asked_for = match query.one("requestor") {
        Some(who) => one.is_of(caller) && (who == one.requestor.id || who == one.requestor.email),
        None => one.requestor.email == caller,
    };
    is_asked_for && query.takes_any("statuses", [one.status])
}

pub(super) async fn find(
    State(front): State<Front>,
    Extension(Caller(caller)): Extension<Caller>,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    let caller = caller.unwrap_or_default();
    front.world.read(|state| {
        let one = state.requests.find(&id).filter(|one| one.is_of(caller));
        let one = one.ok_or_else(|| Error::no("access request", &id))?;
        Ok(Json(one.show(caller)))
    })
}
