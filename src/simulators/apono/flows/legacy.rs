//! Flows as the older API has them: seconds for minutes and times, names for conditions (contract §7.4).

use axum::{
    extract::{Path, State},
    response::Json,
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ApproverGroup, Condition, Flow, Logic, Party, Policy, Trigger,
    terms::{Day, Timeframe},
};
use crate::simulators::{
    apono::{
        errors::Error,
        front::Front,
        input::{Input, message, read_value},
        lists::{self, Id},
        state::{self, legacy_time},
        targets::{LegacyTarget, Target},
    },
    kit::Call,
};

/// Access that never ends.
const NEVER: i32 = -1;

/// `UpsertAccessFlowV1`.
#[derive(Deserialize)]
pub(in super::super) struct Upsert {
    name: String,
    active: bool,
    trigger: TriggerOf,
    grantees: Vec<Named>,
    integration_targets: Option<Vec<LegacyTarget>>,
    bundle_targets: Option<Vec<BundleTarget>>,
    approvers: Option<Vec<Named>>,
    revoke_after_in_sec: i32,
    settings: Option<Settings>,
}

#[derive(Deserialize)]
struct TriggerOf {
    #[serde(rename = "type")]
    kind: Word,
    timeframe: Option<Times>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    UserRequest,
    Automatic,
}

#[derive(Deserialize)]
struct Times {
    start_of_day_time_in_seconds: i64,
    end_of_day_time_in_seconds: i64,
    days_in_week: Vec<Day>,
    time_zone: String,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct BundleTarget {
    bundle_id: String,
}

#[derive(Default, Deserialize)]
struct Settings {
    require_justification_on_request_again: Option<bool>,
    require_all_approvers: Option<bool>,
    require_approver_justification: Option<bool>,
    approver_cannot_approve_himself: Option<bool>,
}

fn clock(seconds: i64) -> Result<String, Error> {
    if !(0..=86_400).contains(&seconds) {
        return Err(Error::bad("a time of the day is 0 to 86400 seconds"));
    }
    Ok(format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60))
}

fn seconds(clock: &str) -> i64 {
    let mut parts = clock.split(':').map(|part| part.parse().unwrap_or(0));
    let hours: i64 = parts.next().unwrap_or(0);
    hours * 3600 + parts.next().unwrap_or(0) * 60
}

impl Upsert {
    /// With what the older API does not have taken from `old`.
    fn read(self, state: &state::State, old: Option<&Flow>) -> Result<Flow, Error> {
        let mut targets = Vec::new();
        for target in self.integration_targets.into_iter().flatten() {
            targets.push(target.read(state)?);
        }
        for target in self.bundle_targets.into_iter().flatten() {
            targets.push(Target::Bundle(
                state.referred_bundle(&target.bundle_id)?.id.clone(),
            ));
        }
        if targets.is_empty() {
            return Err(Error::bad("a flow needs a target"));
        }
        let conditions = |named: Vec<Named>| -> Vec<Condition> {
            let condition = |one: Named| Condition::is(&one.kind, vec![one.id]);
            named.into_iter().map(condition).collect()
        };
        let id = old.map_or_else(|| Uuid::new_v4().to_string(), |old| old.id.clone());
        let requestors = Party::any(conditions(self.grantees));
        let mut flow = match old {
            Some(old) => old.clone(),
            None => Flow::new(id, &self.name, requestors.clone(), Vec::new()),
        };
        let settings = self.settings.unwrap_or_default();
        flow.name = self.name;
        flow.is_active = self.active;
        flow.requestors = requestors;
        flow.targets = targets;
        flow.trigger = match self.trigger.kind {
            Word::UserRequest => Trigger::SelfServe,
            Word::Automatic => Trigger::Automatic,
        };
        let times = |times: Times| {
            Ok(Timeframe {
                start_time: clock(times.start_of_day_time_in_seconds)?,
                end_time: clock(times.end_of_day_time_in_seconds)?,
                days_of_week: times.days_in_week,
                time_zone: times.time_zone,
            })
        };
        flow.timeframe = self.trigger.timeframe.map(times).transpose()?;
        let group = |one| ApproverGroup {
            logical_operator: Logic::Or,
            approvers: vec![one],
        };
        flow.approvers = self
            .approvers
            .filter(|all| !all.is_empty())
            .map(|approvers| {
                let groups = conditions(approvers).into_iter().map(group).collect();
                Policy::new(settings.require_all_approvers == Some(true), groups)
            });
        flow.minutes = match self.revoke_after_in_sec {
            NEVER => None,
            seconds if seconds > 0 => Some((seconds - 1) / 60 + 1),
            _ => return Err(Error::bad("revoke_after_in_sec must be above 0, or -1")),
        };
        let held = &mut flow.settings;
        held.justification_required = settings.require_justification_on_request_again == Some(true);
        held.require_approver_reason = settings.require_approver_justification == Some(true);
        held.requestor_cannot_approve_himself =
            settings.approver_cannot_approve_himself == Some(true);
        Ok(flow)
    }
}

impl Flow {
    /// `AccessFlowV1`.
    fn show_legacy(&self) -> Value {
        let named = |condition: &Condition| -> Vec<Value> {
            let kind = &condition.kind;
            match &condition.values {
                Some(values) => values
                    .iter()
                    .map(|id| json!({ "id": id, "type": kind }))
                    .collect(),
                None => vec![json!({ "id": kind, "type": kind })],
            }
        };
        let mut trigger = json!({ "type": match self.trigger {
            Trigger::SelfServe => "user_request",
            Trigger::Automatic => "automatic",
        }});
        if let Some(times) = &self.timeframe {
            trigger["timeframe"] = json!({
                "start_of_day_time_in_seconds": seconds(&times.start_time),
                "end_of_day_time_in_seconds": seconds(&times.end_time),
                "days_in_week": times.days_of_week,
                "time_zone": times.time_zone,
            });
        }
        let bundles = self.targets.iter().filter_map(|target| match target {
            Target::Bundle(id) => Some(json!({ "bundle_id": id })),
            Target::Integration(_) | Target::Scope(_) => None,
        });
        let integrations = self.targets.iter().filter_map(Target::show_legacy);
        let approvers = self
            .approvers
            .iter()
            .flat_map(|policy| &policy.approver_groups);
        let approvers = approvers.flat_map(|group| &group.approvers).flat_map(named);
        json!({
            "id": self.id,
            "name": self.name,
            "active": self.is_active,
            "trigger": trigger,
            "grantees": self.requestors.conditions.iter().flat_map(named).collect::<Vec<_>>(),
            "integration_targets": integrations.collect::<Vec<_>>(),
            "bundle_targets": bundles.collect::<Vec<_>>(),
            "approvers": approvers.collect::<Vec<_>>(),
            "revoke_after_in_sec": self.minutes.map_or(NEVER, |minutes| minutes.saturating_mul(60)),
            "settings": {
                "require_justification_on_request_again": self.settings.justification_required,
                "require_all_approvers": self.approvers.as_ref().is_some_and(Policy::needs_all),
                "require_approver_justification": self.settings.require_approver_reason,
                "approver_cannot_approve_himself": self.settings.requestor_cannot_approve_himself,
            },
            "created_date": legacy_time(self.created),
        })
    }
}

pub(in super::super) async fn list(State(front): State<Front>) -> Json<Value> {
    front.world.read(|state| {
        let rows = state.flows.rows().map(Flow::show_legacy);
        Json(lists::whole(&front.quirks, state.flows.len(), rows))
    })
}

pub(in super::super) async fn find(
    State(front): State<Front>,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let one = state.flows.find(&id);
        Ok(Json(
            one.ok_or_else(|| Error::no("access flow", &id))?
                .show_legacy(),
        ))
    })
}

pub(in super::super) async fn create(
    State(front): State<Front>,
    call: Call,
    Input(given): Input<Upsert>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let flow = given.read(state, None)?;
        Ok(Json(state.keep_flow(effects, None, flow)?.show_legacy()))
    })
}

/// What is missing stays; a list that is given takes the place of the old one.
pub(in super::super) async fn update(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(given): Input<serde_json::Map<String, Value>>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let old = state
            .flows
            .find(&id)
            .ok_or_else(|| Error::no("access flow", &id))?;
        let mut whole = old.show_legacy();
        for (name, value) in given.into_iter().filter(|(_, value)| !value.is_null()) {
            whole[name] = value;
        }
        let flow = read_value::<Upsert>(whole)?.read(state, Some(old))?;
        Ok(Json(
            state.keep_flow(effects, Some(&id), flow)?.show_legacy(),
        ))
    })
}

pub(in super::super) async fn remove(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        state.drop_flow(effects, &id)?;
        Ok(Json(message("the access flow was deleted")))
    })
}
