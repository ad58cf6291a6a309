//! Access flows: who may ask for what, and for how long (contract §6.2, §7.4).

mod legacy;
mod party;
mod terms;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Json,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) use self::legacy::{
    create as create_legacy, find as find_legacy, list as list_legacy, remove as remove_legacy,
    update as update_legacy,
};
use self::terms::{Escalation, Scope, Timeframe};
pub(super) use self::{
    party::{Condition, Logic, Party},
    terms::{ApproverGroup, Policy, RequestFor, Settings},
};
use super::{
    errors::Error,
    front::Front,
    input::{Input, unique},
    inventory::{Permission, Resource},
    lists::{Id, Listing},
    state::{self, User},
    table::Row,
    targets::{self, Target},
};
use crate::simulators::kit::{Call, Effects, rfc3339};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Trigger {
    SelfServe,
    Automatic,
}

/// `AccessFlowV2`.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) is_active: bool,
    pub(super) trigger: Trigger,
    pub(super) requestors: Party,
    pub(super) request_for: Option<RequestFor>,
    pub(super) targets: Vec<Target>,
    /// None: whoever asks gets it.
    pub(super) approvers: Option<Policy>,
    pub(super) escalation: Option<Escalation>,
    /// None: without end.
    pub(super) minutes: Option<i32>,
    pub(super) timeframe: Option<Timeframe>,
    pub(super) settings: Settings,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: Option<DateTime<Utc>>,
}

/// `AccessFlowUpsertV2`; `request_for_others` must be sent and means nothing any more.
#[derive(Deserialize)]
pub(super) struct Upsert {
    name: String,
    description: Option<String>,
    active: bool,
    trigger: Trigger,
    requestors: Party,
    request_for: Option<RequestFor>,
    access_targets: Vec<targets::Upsert>,
    approver_policy: Option<Policy>,
    escalation_policy: Option<Escalation>,
    grant_duration_in_min: Option<i32>,
    timeframe: Option<Timeframe>,
    settings: Settings,
    #[serde(rename = "request_for_others")]
    _request_for_others: bool,
}

impl Row for Flow {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Flow {
    pub(super) fn new(id: String, name: &str, requestors: Party, targets: Vec<Target>) -> Self {
        Flow {
            id,
            name: name.to_owned(),
            description: None,
            is_active: true,
            trigger: Trigger::SelfServe,
            requestors,
            request_for: None,
            targets,
            approvers: None,
            escalation: None,
            minutes: Some(480),
            timeframe: None,
            settings: Settings::default(),
            created: Utc::now(),
            updated: None,
        }
    }

    fn show(&self, state: &state::State) -> Value {
        let targets = self.targets.iter().map(|target| state.show_target(target));
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "active": self.is_active,
            "trigger": self.trigger,
            "requestors": self.requestors.show(state),
            "request_for": self.request_for.as_ref().map(|one| one.show(state)),
            "access_targets": targets.collect::<Vec<_>>(),
            "approver_policy": self.approvers.as_ref().map(|one| one.show(state)),
            "escalation_policy": self.escalation.as_ref().map(|one| one.show(state)),
            "grant_duration_in_min": self.minutes,
            "timeframe": self.timeframe,
            "settings": self.settings,
            "creation_date": rfc3339(self.created),
            "update_date": self.updated.map(rfc3339),
        })
    }

    /// What belongs to one trigger only.
    fn check(&self) -> Result<(), Error> {
        if self.requestors.conditions.is_empty() {
            return Err(Error::bad("requestors must not be empty"));
        }
        if self.minutes.is_some_and(|minutes| minutes <= 0) {
            return Err(Error::bad("grant_duration_in_min must be above 0"));
        }
        if let Some(request_for) = &self.request_for {
            request_for.check()?;
        }
        let is_asked =
            self.request_for.is_some() || self.approvers.is_some() || self.timeframe.is_some();
        if self.trigger == Trigger::Automatic && (is_asked || self.settings.justification_required)
        {
            return Err(Error::bad(
                "an AUTOMATIC flow takes no request_for, approver_policy, timeframe and justification",
            ));
        }
        Ok(())
    }

    /// Whether somebody may ask for somebody by this flow.
    pub(super) fn lets(&self, state: &state::State, asks: &User, gets: &User) -> bool {
        let scopes = self
            .request_for
            .as_ref()
            .map(|one| one.request_scopes.as_slice());
        let scopes = scopes.unwrap_or(&[Scope::Myself]);
        let is_for = if asks.id == gets.id {
            scopes.contains(&Scope::Myself)
        } else {
            let grantees = self
                .request_for
                .as_ref()
                .and_then(|one| one.grantees.as_ref());
            scopes.contains(&Scope::Others)
                && grantees.is_none_or(|party| party.includes(state, gets))
        };
        self.is_active
            && self.trigger == Trigger::SelfServe
            && is_for
            && self.requestors.includes(state, asks)
    }

    pub(super) fn covers(
        &self,
        state: &state::State,
        resource: &Resource,
        permission: &Permission,
    ) -> bool {
        self.targets
            .iter()
            .any(|target| state.covers(target, resource, permission))
    }
}

impl Upsert {
    fn read(self, state: &state::State) -> Result<Flow, Error> {
        let mut flow = Flow {
            description: self.description,
            is_active: self.active,
            trigger: self.trigger,
            request_for: self.request_for,
            approvers: self.approver_policy,
            escalation: self.escalation_policy,
            minutes: self.grant_duration_in_min,
            timeframe: self.timeframe,
            settings: self.settings,
            ..Flow::new(
                Uuid::new_v4().to_string(),
                &self.name,
                self.requestors,
                state.targets(self.access_targets, false)?,
            )
        };
        flow.requestors.resolve(state)?;
        if let Some(request_for) = &mut flow.request_for {
            request_for.resolve(state)?;
        }
        if let Some(policy) = &mut flow.approvers {
            policy.resolve(state)?;
        }
        if let Some(escalation) = &mut flow.escalation {
            escalation.resolve(state)?;
        }
        Ok(flow)
    }
}

impl state::State {
    /// Keeps a new flow, or one in the place of another.
    fn keep_flow(
        &mut self,
        effects: &mut Effects<'_>,
        id: Option<&str>,
        mut flow: Flow,
    ) -> Result<&Flow, Error> {
        flow.check()?;
        let others = self.flows.rows();
        let others = others.map(|one| (one.id.as_str(), one.name.as_str()));
        unique("access flow", &flow.name, id, others)?;
        let mut before = Value::Null;
        if let Some(id) = id {
            let old = self
                .flows
                .find(id)
                .ok_or_else(|| Error::no("access flow", id))?;
            before = old.show(self);
            flow.id = id.to_owned();
            flow.created = old.created;
            flow.updated = Some(Utc::now());
        }
        effects.applied(flow.id.clone(), before, flow.show(self));
        let id = flow.id.clone();
        self.flows.put(flow);
        self.flows.find(&id).ok_or(Error::Internal)
    }

    fn drop_flow(&mut self, effects: &mut Effects<'_>, id: &str) -> Result<(), Error> {
        let gone = self.flows.remove(id);
        let gone = gone.ok_or_else(|| Error::no("access flow", id))?;
        effects.applied(id, gone.show(self), Value::Null);
        Ok(())
    }
}

pub(super) async fn list(State(front): State<Front>, listing: Listing) -> Json<Value> {
    front.world.read(|state| {
        let rows = state.flows.from(listing.start());
        Json(listing.answer(rows, |one| one.show(state)))
    })
}

pub(super) async fn find(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let one = state.flows.find(&id);
        Ok(Json(
            one.ok_or_else(|| Error::no("access flow", &id))?
                .show(state),
        ))
    })
}

pub(super) async fn create(
    State(front): State<Front>,
    call: Call,
    Input(given): Input<Upsert>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let flow = given.read(state)?;
        let id = state.keep_flow(effects, None, flow)?.id.clone();
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
            .flows
            .find(&id)
            .ok_or_else(|| Error::no("access flow", &id))?;
        let flow = given.read(state)?;
        state.keep_flow(effects, Some(&id), flow)?;
        shown(state, &id)
    })
}

fn shown(state: &state::State, id: &str) -> Result<Json<Value>, Error> {
    let flow = state.flows.find(id).ok_or(Error::Internal)?;
    Ok(Json(flow.show(state)))
}

pub(super) async fn remove(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<StatusCode, Error> {
    front.world.change(&call, |state, effects| {
        state.drop_flow(effects, &id)?;
        Ok(StatusCode::NO_CONTENT)
    })
}
