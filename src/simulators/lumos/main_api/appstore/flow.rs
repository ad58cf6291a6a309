//! What becomes of an access request (contract §A7): asked of a manager, then of approvers, then given, by hand or not, and
//! taken away at its end.

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::AccessRequest;
use crate::simulators::lumos::main_api::{errors::Error, state::State, tasks::Task};

/// The labels of lengths and their seconds; the last has no end.
const LENGTHS: [(&str, Option<i64>); 12] = [
    ("2 hours", Some(7_200)),
    ("4 hours", Some(14_400)),
    ("8 hours", Some(28_800)),
    ("12 hours", Some(43_200)),
    ("1 day", Some(86_400)),
    ("2 days", Some(172_800)),
    ("3 days", Some(259_200)),
    ("7 days", Some(604_800)),
    ("14 days", Some(1_209_600)),
    ("30 days", Some(2_592_000)),
    ("90 days", Some(7_776_000)),
    ("Unlimited", None),
];

/// For how many seconds access is wanted, by a number or a label; none is for ever.
pub(super) fn length(input: &Value) -> Result<Option<i64>, Error> {
    match input["expiration_in_seconds"].as_i64() {
        Some(seconds @ 1..) => return Ok(Some(seconds)),
        Some(_) => return Err(Error::bad("expiration_in_seconds must be positive")),
        None => {}
    }
    let Some(label) = input["access_length"].as_str() else {
        return Ok(None);
    };
    let known = LENGTHS.iter().find(|(known, _)| *known == label);
    known
        .map(|(_, seconds)| *seconds)
        .ok_or_else(|| Error::bad(format!("There is no access length {label}")))
}

/// Asks whoever has to be asked first.
pub(super) fn begin(state: &mut State, id: Uuid, now: DateTime<Utc>) {
    let Some(request) = state.requests.find(id) else {
        return;
    };
    let (app, target) = (request.app_id, request.target);
    let wanted = request.permissions.clone();
    let is_free = state
        .rules
        .all()
        .any(|rule| rule.frees(state, app, target, &wanted));
    let (asks_manager, asks_approvers) = approvals(state, request);
    match (is_free, asks_manager, asks_approvers) {
        (true, ..) | (false, false, false) => give(state, id, now),
        (false, true, _) => ask(
            state,
            id,
            "PENDING_MANAGER_APPROVAL",
            "MANAGER_APPROVAL",
            now,
        ),
        (false, false, true) => ask(state, id, "PENDING_APPROVAL", "APPROVAL", now),
    }
}

/// Whether a manager has to approve it, and whether others have to.
fn approvals(state: &State, request: &AccessRequest) -> (bool, bool) {
    let permission = request.permissions.first();
    let config = permission.and_then(|id| state.permissions.find(*id));
    let config = config.map(|permission| permission.effective(state));
    if let Some(config) = config {
        let approval = &config["request_approval_config"];
        let named = |name: &str| {
            let of = |kind: &str| approval[name][kind].as_array();
            ["groups", "users"]
                .iter()
                .filter_map(|kind| of(kind))
                .any(|ids| !ids.is_empty())
        };
        let stages = approval["request_approval_stages"].as_array();
        return (
            approval["manager_approval"] == "INITIAL_APPROVAL",
            approval["require_additional_approval"] == true
                || stages.is_some_and(|stages| !stages.is_empty())
                || named("approvers"),
        );
    }
    let app = state.apps.find(request.app_id);
    let needs = |name: &str| app.is_some_and(|app| app.settings["request_flow"][name] == true);
    (
        needs("require_manager_approval"),
        needs("require_additional_approval"),
    )
}

fn ask(state: &mut State, id: Uuid, status: &str, category: &'static str, now: DateTime<Utc>) {
    let Some(request) = state.requests.find_mut(id) else {
        return;
    };
    request.status = status.to_owned();
    let task = Task {
        request: Some(id),
        permission: request.permissions.first().copied(),
        app: Some(request.app_id),
        target: Some(request.target),
        ..Task::new(category, now)
    };
    state.tasks.put(task.id, task);
}

/// Gives what was asked for, unless somebody has to do it by hand.
fn give(state: &mut State, id: Uuid, now: DateTime<Utc>) {
    let Some(request) = state.requests.find(id) else {
        return;
    };
    let permission = request.permissions.first();
    let config = permission.and_then(|id| state.permissions.find(*id));
    let config = config.map(|permission| permission.effective(state));
    let fulfillment = config.map(|mut config| config["request_fulfillment_config"].take());
    let by_hand = match &fulfillment {
        Some(fulfillment) => fulfillment["manual_steps_needed"] == true,
        None => state
            .apps
            .find(request.app_id)
            .is_some_and(|app| app.settings["provisioning"]["manual_steps_needed"] == true),
    };
    if by_hand && request.status != "PENDING_MANUAL_PROVISIONING" {
        return ask(
            state,
            id,
            "PENDING_MANUAL_PROVISIONING",
            "PROVISIONING",
            now,
        );
    }
    let target = request.target;
    if let Some(request) = state.requests.find_mut(id) {
        request.status = "PROVISIONED".to_owned();
        request.expires_at = request
            .expiration
            .map(|length| now + Duration::seconds(length));
    }
    let group = provisioning_group(fulfillment.as_ref());
    if let Some(group) = group.and_then(|group| state.groups.find_mut(group))
        && !group.members.contains(&target)
    {
        group.members.push(target);
    }
}

fn provisioning_group(fulfillment: Option<&Value>) -> Option<Uuid> {
    let id = fulfillment?["provisioning_group"]["id"].as_str()?;
    Uuid::try_parse(id).ok()
}

/// What follows from a task that somebody completed, or dismissed.
pub(in super::super) fn resolve(
    state: &mut State,
    task: &Task,
    is_completed: bool,
    now: DateTime<Utc>,
) {
    let Some(id) = task.request else { return };
    let Some(request) = state.requests.find_mut(id) else {
        return;
    };
    request.supporter = task.resolved_by;
    let denied = match (task.category, is_completed) {
        ("MANAGER_APPROVAL", true) => {
            request.status = "MANAGER_APPROVED".to_owned();
            let request = request.clone();
            return match approvals(state, &request) {
                (_, true) => ask(state, id, "PENDING_APPROVAL", "APPROVAL", now),
                (_, false) => give(state, id, now),
            };
        }
        ("APPROVAL" | "PROVISIONING", true) => return give(state, id, now),
        ("MANAGER_APPROVAL", false) => "MANAGER_DENIED",
        ("APPROVAL", false) => "DENIED",
        ("PROVISIONING", false) => "DENIED_PROVISIONING",
        _ => return,
    };
    request.status = denied.to_owned();
}

/// Ends a pending request and what was asked about it.
pub(super) fn cancel(state: &mut State, id: Uuid, reason: Value) {
    if let Some(request) = state.requests.find_mut(id) {
        request.status = "CANCELLED".to_owned();
        request.notes.insert("CANCELLED".to_owned(), reason);
    }
    let of_it = |task: &&mut Task| task.request == Some(id) && task.status == "PENDING";
    for task in state.tasks.all_mut().filter(of_it) {
        task.status = "DISMISSED";
    }
}

/// Takes away what was given for a time that is over.
pub(in super::super) fn expire(state: &mut State, now: DateTime<Utc>) {
    let is_over = |request: &&AccessRequest| {
        matches!(request.status.as_str(), "PROVISIONED" | "COMPLETED")
            && request.expires_at.is_some_and(|end| end <= now)
    };
    let over: Vec<Uuid> = state
        .requests
        .all()
        .filter(is_over)
        .map(|one| one.id)
        .collect();
    for id in over {
        let Some(request) = state.requests.find_mut(id) else {
            continue;
        };
        request.status = "TIME_BASED_EXPIRED".to_owned();
        let (target, permission) = (request.target, request.permissions.first().copied());
        let config = permission.and_then(|id| state.permissions.find(id));
        let config = config.map(|permission| &permission.config["request_fulfillment_config"]);
        let group = provisioning_group(config);
        if let Some(group) = group.and_then(|group| state.groups.find_mut(group)) {
            group.members.retain(|member| *member != target);
        }
    }
}
