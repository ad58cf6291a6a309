//! Webhooks, tasks, policies, reviews, knowledge and agreements: one or two of each.

use serde_json::json;
use uuid::Uuid;

use super::{app_id, at, store::permission_id, user_id};
use crate::simulators::{
    kit::people,
    lumos::main_api::{agreements, knowledge, policies, reviews, state::State, tasks::Task},
};

const HOOKS: [(&str, &str); 5] = [
    ("PROVISION", "Provision"),
    ("REQUEST_VALIDATION", "Validate requests"),
    ("PRE_APPROVAL", "On call?"),
    ("DEPROVISION", "Clean up"),
    ("SIEM", "Tell the SIEM"),
];
/// When all of it was made.
const MADE: &str = "2025-01-06T08:00:00Z";

pub(super) fn hook_id(n: usize) -> Uuid {
    people::uuid("lumos/main/hook", n)
}

pub(super) fn fill(state: &mut State) {
    for (n, (kind, name)) in HOOKS.into_iter().enumerate() {
        let description = n.is_multiple_of(2).then_some("Kept by the platform team");
        let hook = json!({ "id": hook_id(n), "hook_type": kind, "name": name, "description": description });
        state.hooks.put(hook_id(n), hook);
    }
    let task = Task {
        id: people::uuid("lumos/main/generic-task", 0),
        description: Some("Look over the integrations"),
        users: vec![user_id(0)],
        ..Task::new("GENERIC", at(0))
    };
    state.tasks.put(task.id, task);

    let id = people::uuid("lumos/main/policy", 0);
    let policy = policies::policy(
        id,
        &json!({
            "name": "Engineers",
            "business_justification": "They build it",
            "apps": [{ "id": app_id(1), "is_preapproved": true, "permissions": [{ "id": permission_id(2) }] }],
            "access_condition": { "attribute": "department", "equals": "engineering" }
        }),
    );
    state.policies.put(id, policy);

    let id = people::uuid("lumos/main/review", 0);
    let mut review = reviews::review(id, "First quarter", user_id(0), MADE);
    if let Some(app) = state.apps.find(app_id(0)) {
        let accounts = state.accounts_of(&app.id.to_string()).len();
        let place = people::uuid("lumos/main/reviewed-app", 0);
        review["apps"] = json!([reviews::reviewed(place, app, accounts, MADE)]);
    }
    state.reviews.put(id, review);

    for (n, title) in ["Who may have production access", "Names of systems"]
        .into_iter()
        .enumerate()
    {
        let id = people::uuid("lumos/main/knowledge", n);
        let mut entry = knowledge::entry(id, title, MADE);
        entry["product_scopes"] = json!([if n == 0 { "APPSTORE" } else { "GLOBAL" }]);
        entry["generic_tags"] = json!(["policy"]);
        entry["application_tags"] = json!([{ "id": app_id(3), "name": "AWS production" }]);
        state.knowledge.put(id, entry);
    }

    let id = people::uuid("lumos/main/agreement", 0);
    let agreement = agreements::agreement(
        id,
        &json!({
            "unique_identifier": "order-1",
            "vendor": { "name": "GitHub" },
            "start_date": "2025-01-01",
            "end_date": "2025-12-31",
            "currency": "EUR",
            "line_items": [{
                "name": "Seats", "type": "LICENSE", "quantity": 40, "start_date": "2025-01-01", "end_date": null,
                "unit_cost": { "period": "MONTH", "value": "19.5" }
            }],
            "custom_attributes": { "cost center": { "type": "TEXT", "value": "4711" } }
        }),
    );
    state.agreements.put(id, agreement);
}
