//! Requests as the older API has them: everybody's, without times (contract §7.8).

use axum::{
    extract::{Path, RawQuery, State},
    response::Json,
};
use chrono::{Duration, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Pair, Request, person, submit::Wish};
use crate::simulators::{
    apono::{
        auth::Caller,
        errors::Error,
        front::Front,
        input::{Input, message},
        lists::{self, Id},
        query::Query,
        sessions::Credentials,
        state,
    },
    kit::Call,
};

/// `CreateAccessRequest`.
#[derive(Deserialize)]
pub(in super::super) struct New {
    user_id: String,
    integration_id: String,
    resource_ids: Vec<String>,
    permissions: Vec<String>,
    justification: String,
    duration_in_sec: Option<i32>,
}

/// `AccessRequestsBulkRevokeRequestV3`.
#[derive(Deserialize)]
pub(in super::super) struct Several {
    request_ids: Vec<String>,
}

impl Request {
    fn legacy_status(&self) -> &'static str {
        match self.status() {
            "Granting" => "APPROVED",
            "Active" => "GRANTED",
            "Rejected" => "REJECTED",
            "Revoking" => "REVOKING",
            "Revoked" => "EXPIRED",
            "Failed" => "FAILED",
            _ => "PENDING",
        }
    }

    /// `AccessRequest`.
    fn show_legacy(&self, state: &state::State) -> Value {
        let mut resources: Vec<&str> = self
            .pairs
            .iter()
            .map(|pair| pair.resource_id.as_str())
            .collect();
        resources.dedup();
        let names = self
            .pairs
            .iter()
            .filter_map(|pair| state.permissions.find(&pair.permission_id));
        let mut permissions: Vec<&str> = names.map(|permission| permission.name.as_str()).collect();
        permissions.sort_unstable();
        permissions.dedup();
        let integration = resources.first().and_then(|id| state.resources.find(id));
        json!({
            "request_id": self.id,
            "friendly_request_id": self.friendly_id,
            "user_id": self.grantee.id,
            "status": self.legacy_status(),
            "integration_id": integration.map_or("", |one| &one.integration_id),
            "resource_ids": resources,
            "permissions": permissions,
            "justification": self.justification.as_deref().unwrap_or_default(),
        })
    }
}

pub(in super::super) async fn list(
    State(front): State<Front>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let query = Query::read(query.as_deref());
    let since = match query.one("days_offset").filter(|text| !text.is_empty()) {
        Some(days) => {
            let days: u32 = days
                .parse()
                .map_err(|_| Error::bad("days_offset must be a number"))?;
            Some(Utc::now() - Duration::days(days.into()))
        }
        None => None,
    };
    front.world.read(|state| {
        let rows = state
            .requests
            .newest_from(0)
            .map(|(_, one)| one)
            .filter(|one| {
                query.takes("user_id", &one.grantee.id)
                    && since.is_none_or(|since| one.created >= since)
            });
        let rows: Vec<Value> = rows.map(|one| one.show_legacy(state)).collect();
        Ok(Json(lists::whole(
            &front.quirks,
            rows.len(),
            rows.into_iter(),
        )))
    })
}

pub(in super::super) async fn find(
    State(front): State<Front>,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let one = state.requests.find(&id);
        Ok(Json(
            one.ok_or_else(|| Error::no("access request", &id))?
                .show_legacy(state),
        ))
    })
}

/// One object, and whoever calls may name whomever it is for.
pub(in super::super) async fn create(
    State(front): State<Front>,
    call: Call,
    Input(new): Input<New>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let user = state.users.find(&new.user_id);
        let user =
            user.ok_or_else(|| Error::BadRequest(format!("there is no user {}", new.user_id)))?;
        state.referred_integration(&new.integration_id)?;
        let mut pairs = Vec::new();
        for id in &new.resource_ids {
            let resource = state
                .resources
                .find(id)
                .filter(|one| one.integration_id == new.integration_id);
            let resource =
                resource.ok_or_else(|| Error::BadRequest(format!("there is no resource {id}")))?;
            for name in &new.permissions {
                let permission = state.permissions.rows().find(|permission| {
                    permission.name == *name
                        && permission.integration_id == resource.integration_id
                        && permission.kind == resource.kind
                });
                let permission = permission
                    .ok_or_else(|| Error::BadRequest(format!("there is no permission {name}")))?;
                pairs.push(Pair {
                    resource_id: id.clone(),
                    permission_id: permission.id.clone(),
                });
            }
        }
        let wish = Wish {
            asks: person(user),
            gets: person(user),
            pairs,
            bundle: None,
            justification: Some(new.justification),
            seconds: new.duration_in_sec,
            custom_fields: Default::default(),
            splits: false,
        };
        let made = state.submit(effects, wish)?;
        let one = made.first().ok_or(Error::Internal)?;
        Ok(Json(one.show_legacy(state)))
    })
}

/// All of them, or none where one is not there or over already.
pub(in super::super) async fn revoke(
    State(front): State<Front>,
    call: Call,
    Input(several): Input<Several>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        for id in &several.request_ids {
            let one = state
                .requests
                .find(id)
                .ok_or_else(|| Error::no("access request", id))?;
            if matches!(one.status(), "Revoking" | "Revoked" | "Rejected" | "Failed") {
                return Err(Error::BadRequest(format!("{id} is over already")));
            }
        }
        for id in &several.request_ids {
            state.end_request(effects, id)?;
        }
        Ok(Json(message("the access requests are being revoked")))
    })
}

/// `ConnectDetailsResponse`: plain text.
pub(in super::super) async fn details(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        state
            .requests
            .find(&id)
            .ok_or_else(|| Error::no("access request", &id))?;
        let mut texts = Vec::new();
        for session in state
            .sessions
            .rows_mut()
            .filter(|one| one.request_ids.contains(&id))
        {
            session.look(effects);
            texts.push(session.text());
        }
        if texts.is_empty() {
            return Err(Error::bad("the access request gives no access now"));
        }
        Ok(Json(json!({ "details": texts.join("\n") })))
    })
}

pub(in super::super) async fn reset(
    State(front): State<Front>,
    _caller: Caller,
    call: Call,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        state
            .requests
            .find(&id)
            .ok_or_else(|| Error::no("access request", &id))?;
        let mut is_reset = false;
        for session in state
            .sessions
            .rows_mut()
            .filter(|one| one.request_ids.contains(&id))
        {
            if session.status() != Credentials::NotApplicable {
                session.reset(effects)?;
                is_reset = true;
            }
        }
        if is_reset {
            Ok(Json(message("the credentials are being reset")))
        } else {
            Err(Error::bad("the access request has no credentials to reset"))
        }
    })
}
