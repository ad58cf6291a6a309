//! Access requests as their people see them (contract §6.3, §7.1).

mod delegated;
mod legacy;
mod request;
mod submit;

use std::collections::BTreeMap;

use axum::{
    extract::{Path, State},
    response::Json,
};
use chrono::{Duration, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) use self::delegated::{find as find_delegated, list as list_delegated};
pub(super) use self::legacy::{
    create as create_legacy, details as details_legacy, find as find_legacy, list as list_legacy,
    reset as reset_legacy, revoke as revoke_legacy,
};
pub(super) use self::request::{Pair, Person, Request};
use self::submit::Wish;
use super::{
    auth::Caller,
    errors::Error,
    front::Front,
    input::{Input, message},
    lists::{Id, Listing},
    query::Query,
    state,
};
use crate::simulators::kit::{Call, Effects};

/// How long taking access away takes.
const REVOKING: Duration = Duration::seconds(2);

/// `CreateAccessRequestV4`. `custom_fields` may be missing only where the switch says so (contract §9).
#[derive(Deserialize)]
pub(super) struct New {
    bundle_reference: Option<String>,
    entitlements: Option<Vec<NewPair>>,
    justification: Option<String>,
    duration_in_sec: Option<i32>,
    custom_fields: Option<BTreeMap<String, String>>,
    grantee: Option<String>,
}

#[derive(Deserialize)]
struct NewPair {
    resource_id: String,
    permission_id: String,
}

/// `RequestAgainV4`.
#[derive(Deserialize)]
pub(super) struct Again {
    justification: Option<String>,
    custom_fields: Option<BTreeMap<String, String>>,
}

impl state::State {
    /// `AccessRequestEntitlementV4`: the permission by its name only (contract §11).
    pub(super) fn entitlements_of(&self, request: &Request) -> Vec<Value> {
        let show = |pair: &Pair| {
            let resource = self.resources.find(&pair.resource_id)?;
            let permission = self.permissions.find(&pair.permission_id)?;
            Some(json!({
                "integration": self.integration_partial(&resource.integration_id),
                "resource": resource.show_entitled(),
                "permission": { "name": permission.name },
                "status": request.status(),
            }))
        };
        request.pairs.iter().filter_map(show).collect()
    }

    /// Takes back what is pending, and takes away what was given.
    pub(super) fn end_request(&mut self, effects: &mut Effects<'_>, id: &str) -> Result<(), Error> {
        let request = self
            .requests
            .find(id)
            .ok_or_else(|| Error::no("access request", id))?;
        let before = request.show(self, "");
        let held = self.requests.find_mut(id).ok_or(Error::Internal)?;
        match held.status() {
            "Initializing" | "Pending" | "PendingMFA" => held.status = "Revoked".to_owned(),
            "Active" | "Granting" => {
                held.status = "Revoking".to_owned();
                held.ends = Some(Utc::now() + REVOKING);
                held.stands_still = false;
            }
            word => {
                return Err(Error::BadRequest(format!(
                    "the access request is {word} already"
                )));
            }
        }
        self.sessions.retain(|session| {
            session.request_ids.retain(|one| one != id);
            !session.request_ids.is_empty()
        });
        let after = self.requests.find(id).map(|one| one.show(self, ""));
        effects.applied(id, before, json!(after));
        Ok(())
    }
}

/// Newest first: what the caller asked for, or what somebody else asked for on the caller's behalf.
pub(super) async fn list(
    State(front): State<Front>,
    Caller(caller): Caller,
    listing: Listing,
) -> Json<Value> {
    let caller = caller.unwrap_or_default();
    front.world.read(|state| {
        let rows = state.requests.newest_from(listing.start());
        let rows = rows.filter(|(_, one)| takes(listing.query(), one, caller));
        Json(listing.answer(rows, |one| one.show(state, caller)))
    })
}

fn takes(query: &Query, one: &Request, caller: &str) -> bool {
    let is_asked_for = match query.one("requestor") {
        Some(who) => one.is_of(caller) && (who == one.requestor.id || who == one.requestor.email),
        None => one.requestor.email == caller,
    };
    is_asked_for && query.takes_any("statuses", [one.status()])
}

pub(super) async fn find(
    State(front): State<Front>,
    Caller(caller): Caller,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    let caller = caller.unwrap_or_default();
    front
        .world
        .read(|state| Ok(Json(own(state, &id, caller)?.show(state, caller))))
}

/// A request that the caller made or that was made for the caller.
fn own<'a>(state: &'a state::State, id: &str, caller: &str) -> Result<&'a Request, Error> {
    let one = state.requests.find(id).filter(|one| one.is_of(caller));
    one.ok_or_else(|| Error::no("access request", id))
}

pub(super) async fn entitlements(
    State(front): State<Front>,
    Caller(caller): Caller,
    Path(id): Id,
    listing: Listing,
) -> Result<Json<Value>, Error> {
    let caller = caller.unwrap_or_default();
    front.world.read(|state| {
        let mut rows = state.entitlements_of(own(state, &id, caller)?);
        let query = listing.query();
        let text = |row: &Value, at: &str| {
            row.pointer(at)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        rows.retain(|row| {
            query.takes_any("integration_ids", [text(row, "/integration/id").as_str()])
                && query.takes_any("resource_types", [text(row, "/resource/type/id").as_str()])
                && query.takes_any("statuses", [text(row, "/status").as_str()])
        });
        Ok(Json(listing.answer_whole(rows)))
    })
}

/// One request for each flow that what is asked for goes by (contract §7.1).
pub(super) async fn create(
    State(front): State<Front>,
    Caller(caller): Caller,
    call: Call,
    Input(new): Input<New>,
) -> Result<Json<Value>, Error> {
    let caller = caller.unwrap_or_default();
    let custom_fields = fields(&front, new.custom_fields)?;
    front.world.change(&call, |state, effects| {
        let asks = state.user_of_email(caller).ok_or(Error::Internal)?;
        let gets = match new.grantee.as_deref() {
            Some(who) => state
                .person(who)
                .ok_or_else(|| Error::BadRequest(format!("there is no user {who}")))?,
            None => asks,
        };
        let (pairs, bundle) = match (new.bundle_reference.as_deref(), new.entitlements) {
            (Some(reference), None) => {
                let bundle = state.referred_bundle(reference)?;
                let named = (bundle.id.clone(), bundle.name.clone());
                (state.pairs_in(bundle), Some(named))
            }
            (None, Some(given)) if !given.is_empty() => {
                let pair = |one: NewPair| Pair {
                    resource_id: one.resource_id,
                    permission_id: one.permission_id,
                };
                (given.into_iter().map(pair).collect(), None)
            }
            _ => {
                return Err(Error::bad(
                    "either bundle_reference or entitlements is needed",
                ));
            }
        };
        let wish = Wish {
            asks: person(asks),
            gets: person(gets),
            pairs,
            bundle,
            justification: new.justification,
            seconds: new.duration_in_sec,
            custom_fields,
            splits: true,
        };
        let made = state.submit(effects, wish)?;
        Ok(Json(
            made.iter().map(|one| one.show(state, caller)).collect(),
        ))
    })
}

fn person(user: &state::User) -> Person {
    Person {
        id: user.id.clone(),
        email: user.email.clone(),
    }
}

fn fields(
    front: &Front,
    given: Option<BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, Error> {
    match given {
        Some(given) => Ok(given),
        None if front.quirks.custom_fields_are_optional => Ok(BTreeMap::new()),
        None => Err(Error::Field("FIELD_MISSING", "custom_fields", json!({}))),
    }
}

pub(super) async fn again(
    State(front): State<Front>,
    Caller(caller): Caller,
    call: Call,
    Path(id): Id,
    Input(given): Input<Again>,
) -> Result<Json<Value>, Error> {
    let caller = caller.unwrap_or_default();
    let custom_fields = fields(&front, given.custom_fields)?;
    front.world.change(&call, |state, effects| {
        let old = own(state, &id, caller)?.clone();
        let asks = state.user_of_email(caller).ok_or(Error::Internal)?;
        let wish = Wish {
            asks: person(asks),
            gets: old.grantee,
            pairs: old.pairs,
            bundle: old.bundle,
            justification: given.justification,
            seconds: old.seconds.and_then(|seconds| i32::try_from(seconds).ok()),
            custom_fields,
            splits: true,
        };
        let made = state.submit(effects, wish)?;
        Ok(Json(
            made.iter().map(|one| one.show(state, caller)).collect(),
        ))
    })
}

pub(super) async fn revoke(
    State(front): State<Front>,
    Caller(caller): Caller,
    call: Call,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    let caller = caller.unwrap_or_default();
    front.world.change(&call, |state, effects| {
        own(state, &id, caller)?;
        state.end_request(effects, &id)?;
        Ok(Json(message("the access request is being revoked")))
    })
}
