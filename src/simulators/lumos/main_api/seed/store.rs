//! What can be asked for, by whom without being asked back, and what was asked for: a request of every status.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{DEPARTMENTS, app_id, at, group_id, user_id};
use crate::simulators::{
    kit::people,
    lumos::main_api::{
        appstore::{AccessRequest, Permission, Rule},
        refs,
        state::State,
        tasks::Task,
        words::REQUEST_STATUSES,
    },
};

/// Makes the members of `request_config`.
type Config = fn() -> Value;

/// App, label, whether it was made here, and what is set for it.
const PERMISSIONS: [(usize, &str, bool, Config); 10] = [
    (0, "Directory reader", false, visible),
    (0, "Help desk", false, by_manager),
    (1, "Read", true, visible),
    (1, "Write", true, by_manager),
    (1, "Maintain", true, by_approvers),
    (2, "Read", true, visible),
    (3, "ReadOnlyAccess", false, into_group),
    (3, "AdministratorAccess", false, by_hand),
    (5, "Editor", true, hidden),
    (6, "Sales", true, hidden),
];
/// How many requests there are at most.
const MAX_REQUESTS: usize = 210;

pub(super) fn permission_id(n: usize) -> Uuid {
    people::uuid("lumos/main/permission", n)
}

pub(super) fn fill(state: &mut State, users: usize) {
    for (n, (app, label, is_native, config)) in PERMISSIONS.into_iter().enumerate() {
        let mut permission = Permission::new(permission_id(n), app_id(app), label);
        if !is_native {
            permission.kind = "SYNCED";
        }
        refs::merge(&mut permission.config, config());
        state.permissions.put(permission.id, permission);
    }
    let rule = Rule::new(
        people::uuid("lumos/main/rule", 0),
        app_id(1),
        json!({
            "justification": "Engineers read code",
            "time_based_access": ["7 days", "Unlimited"],
            "preapproved_groups": [{ "id": group_id(0) }],
            "preapproved_permissions": [{ "id": permission_id(2) }],
            "preapproved_users_by_attribute": [{ "attribute": "department", "value": "engineering" }]
        }),
    );
    state.rules.put(rule.id, rule);
    for n in 0..users.min(MAX_REQUESTS) {
        put(
            state,
            request(n, REQUEST_STATUSES[n % REQUEST_STATUSES.len()], n),
        );
    }
    // Those who try things out have something already.
    for n in 0..people::SANDBOX {
        put(state, request(MAX_REQUESTS + n, "COMPLETED", n));
    }
}

fn request(n: usize, status: &str, user: usize) -> AccessRequest {
    let (permission, app) = (n % PERMISSIONS.len(), PERMISSIONS[n % PERMISSIONS.len()].0);
    let is_over = status.starts_with("TIME_BASED");
    let lasts = is_over || n.is_multiple_of(4);
    let note = (
        status.to_owned(),
        Value::from(n.is_multiple_of(2).then_some("As agreed")),
    );
    AccessRequest {
        id: people::uuid("lumos/main/request", n),
        app_id: app_id(app),
        requester: user_id(if n.is_multiple_of(3) { 0 } else { user }),
        target: user_id(user),
        supporter: (n % 5 == 1).then(|| user_id(2)),
        status: status.to_owned(),
        notes: Map::from_iter([note]),
        expires_at: lasts.then(|| {
            if is_over {
                at(n) + Duration::days(7)
            } else {
                far()
            }
        }),
        expiration: lasts.then_some(604_800),
        // Now and then the app itself.
        permissions: if n % 11 == 10 {
            Vec::new()
        } else {
            vec![permission_id(permission)]
        },
        requested_at: at(n),
    }
}

fn far() -> DateTime<Utc> {
    DateTime::from_timestamp(4_102_444_800, 0).unwrap_or_default()
}

/// With the task that it waits for, if it does.
fn put(state: &mut State, request: AccessRequest) {
    let category = match request.status.as_str() {
        "PENDING_MANAGER_APPROVAL" => Some("MANAGER_APPROVAL"),
        "PENDING_APPROVAL" => Some("APPROVAL"),
        "PENDING_MANUAL_PROVISIONING" => Some("PROVISIONING"),
        "PENDING_MANUAL_DEPROVISIONING" => Some("DEPROVISIONING"),
        _ => None,
    };
    if let Some(category) = category {
        let n = state.tasks.ids().len();
        let task = Task {
            id: people::uuid("lumos/main/task", n),
            request: Some(request.id),
            permission: request.permissions.first().copied(),
            app: Some(request.app_id),
            target: Some(request.target),
            users: vec![user_id(1)],
            groups: vec![group_id(DEPARTMENTS.len())],
            ..Task::new(category, request.requested_at)
        };
        state.tasks.put(task.id, task);
    }
    state.requests.put(request.id, request);
}

fn hidden() -> Value {
    json!({})
}

fn visible() -> Value {
    json!({ "appstore_visibility": "VISIBLE" })
}

fn by_manager() -> Value {
    json!({
        "appstore_visibility": "VISIBLE",
        "request_approval_config": {
            "request_approval_config_override": true,
            "manager_approval": "INITIAL_APPROVAL",
            "request_approval_stages": []
        },
        "request_validation_inline_webhook": { "id": super::work::hook_id(1) }
    })
}

fn by_approvers() -> Value {
    json!({
        "appstore_visibility": "VISIBLE",
        "allowed_groups_override": true,
        "allowed_groups": { "type": "SPECIFIED_GROUPS", "groups": [{ "id": group_id(0) }] },
        "request_approval_config": {
            "request_approval_config_override": true,
            "manager_approval": "NONE",
            "request_approval_stages": [
                { "approvers": [{ "type": "GROUP", "user": null, "group": { "id": group_id(DEPARTMENTS.len()) } }] },
                { "approvers": [{ "type": "USER", "user": { "id": user_id(0) }, "group": null }] }
            ]
        }
    })
}

fn into_group() -> Value {
    json!({
        "appstore_visibility": "VISIBLE",
        "request_fulfillment_config": {
            "manual_steps_needed": false,
            "time_based_access": ["2 hours", "12 hours"],
            "time_based_access_override": true,
            "provisioning_group": { "id": group_id(DEPARTMENTS.len() + 1) },
            "provisioning_webhook": { "id": super::work::hook_id(0) }
        }
    })
}

fn by_hand() -> Value {
    json!({
        "appstore_visibility": "VISIBLE",
        "request_fulfillment_config": {
            "manual_steps_needed": true,
            "manual_instructions": "Add the person in the console",
            "time_based_access": ["2 hours"],
            "time_based_access_override": true
        }
    })
}
