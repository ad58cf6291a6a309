//! Lumos' main API: contract §A4.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Arrival, Contract, Direct, Exchange, exchange_all};
use crate::support::app::text;
use crate::support::{LUMOS_MAIN, Vendor};

struct LumosMain;

const PAGE: [(&str, &str); 2] = [("page", "1"), ("size", "3")];

impl Contract for LumosMain {
    const VENDOR: Vendor = LUMOS_MAIN;

    async fn exchanges(direct: &Direct<'_>) -> Vec<Exchange> {
        let tenant = Tenant::prepared(direct).await;
        [
            tenant.of_apps(),
            tenant.of_people(),
            of_the_rest(),
            tenant.of_the_store(),
            tenant.of_requests(),
            tenant.of_policies(),
            tenant.of_knowledge(),
        ]
        .concat()
    }

    /// The token, but for the four operations that take none (§A1).
    fn headers(arrival: &Arrival<'_>) -> BTreeMap<&'static str, String> {
        let token = text(&arrival.connection["credentials"]["token"]);
        match arrival.operation.credential {
            "none" => BTreeMap::new(),
            _ => BTreeMap::from([("authorization", format!("Bearer {token}"))]),
        }
    }
}

/// The ids that the tenant's seed has, and of two jobs.
struct Tenant {
    apps: Vec<String>,
    /// Its app, and its identifier there.
    account: (String, String),
    user: String,
    group: String,
    upload: String,
    records: String,
    permission: String,
    rule: String,
    request: String,
    pending: String,
    task: String,
    policy: String,
    review: String,
    reviewed: String,
    context: String,
    agreement: String,
}

impl Tenant {
    async fn prepared(direct: &Direct<'_>) -> Self {
        let ask = |method: &str, path: &str| {
            let asked = direct.request(method, path);
            asked.bearer_auth(direct.credential("token"))
        };
        let get = async |path: &str| Direct::json(ask("GET", path)).await;
        let post =
            async |path: &str, body: Value| Direct::json(ask("POST", path).json(&body)).await;
        let first = async |path: &str| text(&get(path).await["items"][0]["id"]).to_owned();

        let apps = get("/apps").await;
        let apps = apps["items"].as_array().expect("apps").iter();
        let apps: Vec<String> = apps.map(|app| text(&app["id"]).to_owned()).collect();
        let account = &get("/accounts").await["items"][0];
        let account = |field: &str| text(&account[field]).to_owned();
        let upload = post(
            "/accounts/upload",
            json!({ "app_id": apps[5], "accounts": [] }),
        )
        .await;
        let records = post("/activity_records", json!({ "records": [] })).await;
        let review = &get("/access_reviews").await["items"][0];
        let contexts = get("/v1/knowledge/context").await;
        Self {
            apps,
            account: (account("app_id"), account("unique_identifier")),
            user: first("/users").await,
            group: first("/groups").await,
            upload: text(&upload["job_id"]).to_owned(),
            records: text(&records["job"]["job_id"]).to_owned(),
            // One that was made at Lumos: others can't be deleted.
            permission: first(
                "/appstore/requestable_permissions?search_term=read&exact_match=true",
            )
            .await,
            rule: first("/appstore/pre_approval_rules").await,
            request: first("/appstore/access_requests").await,
            pending: first("/appstore/access_requests?statuses=PENDING").await,
            task: first("/tasks?task_category=GENERIC").await,
            policy: first("/access_policies").await,
            review: text(&review["id"]).to_owned(),
            reviewed: text(&review["apps"][0]["id"]).to_owned(),
            context: text(&contexts["knowledge_context"][0]["id"]).to_owned(),
            agreement: first("/vendor_agreements").await,
        }
    }

    fn of_apps(&self) -> Vec<Exchange> {
        let of = Exchange::of;
        let (first, third) = (self.apps[0].as_str(), self.apps[2].as_str());
        let github = "github.com";
        vec![
            of("list_apps").asking(&[
                ("name_search", "g"),
                ("connection_source", "API"),
                ("disconnected", "false"),
                ("expand", "custom_attributes"),
                PAGE[0],
                PAGE[1],
            ]),
            of("create_app").json(
                &json!({ "name": "Wiki", "category": "Productivity", "description": "Pages" }),
            ),
            of("get_app_categories"),
            of("get_app")
                .at(&[first])
                .asking(&[("expand", "custom_attributes")]),
            of("update_app")
                .at(&[first])
                .json(&json!({ "description": "Ours" })),
            of("reconnect_app")
                .at(&[third])
                .json(&json!({ "app_class_id": github, "auth": { "token": "new" } })),
            of("disconnect_app").at(&[third]),
            of("get_app_settings").at(&[first]),
            of("update_app_settings")
                .at(&[first])
                .json(&json!({ "in_app_store": false })),
            of("trigger_app_sync")
                .at(&[first])
                .json(&json!({ "sync_type": "full_sync" }))
                .answered(202),
            of("list_integrations").asking(&[("query", "git"), PAGE[0], PAGE[1]]),
            of("get_integration").at(&[github]),
            of("get_integration_connection_schema").at(&[github]),
        ]
    }

    fn of_people(&self) -> Vec<Exchange> {
        let of = Exchange::of;
        let user = self.user.as_str();
        vec![
            of("current_user"),
            of("list_users").asking(&[
                ("search_term", "ada"),
                ("exact_match", "false"),
                ("expand", "custom_attributes"),
                PAGE[0],
                PAGE[1],
            ]),
            of("get_user").at(&[user]).asking(&[("expand", "custom_attributes")]),
            of("get_user_accounts").at(&[user]).asking(&[("expand", "app"), PAGE[0], PAGE[1]]),
            of("get_user_roles").at(&[user]),
            of("add_role_to_user").at(&[user, "viewer"]).answered(201),
            of("remove_role_from_user").at(&[user, "admin"]).answered(204),
            of("get_accounts").asking(&[
                ("discovered_after", "2020-01-01T00:00:00Z"),
                ("status", "ACTIVE"),
                ("status", "STAGED"),
                ("expand", "app"),
                PAGE[0],
                PAGE[1],
            ]),
            of("post_accounts").json(&json!({
                "app_id": self.apps[5], "accounts": [{ "unique_identifier": "zoe", "email": "zoe@example.org", "status": "ACTIVE" }]
            })),
            of("get_upload_job_state").at(&[&self.upload]),
            of("get_groups").asking(&[("name", "e"), ("exact_match", "false"), PAGE[0], PAGE[1]]),
            of("get_group").at(&[&self.group]),
            of("get_group_membership").at(&[&self.group]).asking(&PAGE),
            of("get_activity_logs").asking(&[("since", "2025-01-06T00:00:00Z"), ("limit", "5"), ("offset", "1")]),
            of("get_identity_events").asking(&[("limit", "5")]),
            of("activity_records").json(&json!({ "records": [{
                "account": { "external_id": self.account.1 }, "event": { "type": "LOGIN" },
                "timestamp": "2031-01-01T00:00:00Z", "source_app_id": self.account.0
            }] })),
            of("get_activity_records_job_state").at(&[&self.records]),
            of("process_airbase_milestone_event").at(&[&self.apps[0]]).json(&json!({
                "id": "1", "object": "event", "type": "purchase_request_approved", "created_date": "2031-01-01", "data": {}
            })),
            of("process_vendr_request_completed").at(&[&self.apps[0]]),
        ]
    }

    fn of_the_store(&self) -> Vec<Exchange> {
        let of = Exchange::of;
        let (first, second) = (self.apps[0].as_str(), self.apps[1].as_str());
        let (permission, rule) = (self.permission.as_str(), self.rule.as_str());
        let inherited = ("include_inherited_configs", "false");
        vec![
            of("get_appstore_apps").asking(&[("name_search", "g"), ("all_visibilities", "true"), PAGE[0], PAGE[1]]),
            of("add_app_to_appstore").json(&json!({ "app_id": self.apps[4] })),
            of("get_appstore_app").at(&[first]).asking(&[("expand", "custom_attributes")]),
            of("remove_app_from_appstore").at(&[first]),
            of("get_appstore_app_settings").at(&[first]),
            of("update_appstore_app_settings")
                .at(&[first])
                .json(&json!({ "custom_request_instructions": "Say what for" })),
            of("get_appstore_permissions_for_app")
                .at(&[first])
                .asking(&[("search_term", "a"), inherited, PAGE[0], PAGE[1]]),
            of("get_appstore_permissions").asking(&[("app_id", second), ("in_app_store", "true"), inherited, PAGE[0], PAGE[1]]),
            of("create_appstore_requestable_permission")
                .asking(&[inherited])
                .json(&json!({ "app_id": second, "label": "Triage" }))
                .answered(201),
            of("get_appstore_permission").at(&[permission]).asking(&[inherited]),
            of("update_appstore_permission")
                .at(&[permission])
                .asking(&[inherited])
                .json(&json!({ "label": "Reader" })),
            of("delete_appstore_permission").at(&[permission]).answered(204),
            of("get_appstore_pre_approval_rules_for_app").asking(&[("app_id", second), PAGE[0], PAGE[1]]),
            of("create_pre_approval_rule")
                .json(&json!({ "justification": "On call", "app_id": second, "time_based_access": ["4 hours"] }))
                .answered(201),
            of("get_appstore_pre_approval_rule").at(&[rule]),
            of("update_pre_approval_rule").at(&[rule]).json(&json!({ "justification": "On call" })),
            of("delete_pre_approval_rule").at(&[rule]).answered(204),
        ]
    }

    fn of_requests(&self) -> Vec<Exchange> {
        let of = Exchange::of;
        let task = self.task.as_str();
        vec![
            of("get_access_requests").asking(&[
                ("statuses", "PENDING"),
                ("statuses", "PROVISIONED"),
                ("sort", "DESC"),
                ("expand", "tasks"),
                ("expand", "custom_fields"),
                PAGE[0],
                PAGE[1],
            ]),
            of("create_access_request")
                .json(&json!({
                    "app_id": self.apps[1], "requestable_permission_ids": [self.permission],
                    "business_justification": "On call", "access_length": "4 hours"
                }))
                .answered(201),
            of("get_access_request")
                .at(&[&self.request])
                .asking(&[("expand", "tasks"), ("expand", "custom_fields")]),
            of("cancel_access_request")
                .at(&[&self.pending])
                .asking(&[("reason", "no need & no time")])
                .answered(204),
            of("list_tasks").asking(&[
                ("show_all_tasks", "true"),
                ("task_category", "GENERIC"),
                ("sort_by", "createdAt"),
                ("sort_direction", "desc"),
                ("expand", "actions"),
                ("expand", "assignees"),
                PAGE[0],
                PAGE[1],
            ]),
            of("get_task")
                .at(&[task])
                .asking(&[("expand", "actions"), ("expand", "comments")]),
            of("get_task_actions").at(&[task]),
            of("perform_task_action")
                .at(&[task])
                .json(&json!({ "action_type": "HOLD", "transition_to": "BLOCKED" }))
                .answered(204),
            of("reassign_task")
                .at(&[task])
                .json(&json!({ "user_ids": [self.user] }))
                .answered(204),
            of("add_task_comment")
                .at(&[task])
                .json(&json!({ "comment": "Looking into it" }))
                .answered(201),
            of("complete_task").at(&[task]).answered(204),
            of("dismiss_task").at(&[task]).answered(204),
        ]
    }

    fn of_policies(&self) -> Vec<Exchange> {
        let of = Exchange::of;
        let (policy, review) = (self.policy.as_str(), self.review.as_str());
        let everybody = json!({
            "name": "Everybody", "business_justification": "Notes", "apps": [{ "id": self.apps[5] }],
            "is_everyone_condition": true
        });
        vec![
            of("get_access_policies").asking(&[("name", "a"), PAGE[0], PAGE[1]]),
            of("create_access_policy").json(&everybody),
            of("get_access_policy").at(&[policy]),
            of("delete_access_policy").at(&[policy]).answered(204),
            of("update_access_policy").at(&[policy]).json(&everybody),
            of("list_access_reviews").asking(&PAGE),
            of("create_access_review")
                .json(&json!({ "name": "Second quarter", "deadline_at": "2031-07-01T00:00:00Z" }))
                .answered(201),
            of("get_scope_options").asking(&[("arda_id", &self.reviewed)]),
            of("get_access_review").at(&[review]),
            of("update_access_review")
                .at(&[review])
                .json(&json!({ "name": "Renamed" })),
            of("delete_access_review").at(&[review]).answered(204),
            of("add_apps_to_access_review")
                .at(&[review])
                .json(&json!({ "apps": [{ "id": self.apps[1] }] }))
                .answered(201),
            of("delete_access_review_app")
                .at(&[review, &self.reviewed])
                .answered(204),
        ]
    }

    fn of_knowledge(&self) -> Vec<Exchange> {
        let of = Exchange::of;
        let context = self.context.as_str();
        let form = || {
            let body = "--part\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nOn call\r\n--part--\r\n";
            ("multipart/form-data; boundary=part", body)
        };
        vec![
            of("list_knowledge_context").asking(&[("page_size", "3")]),
            of("create_knowledge_context").sending(form().0, form().1).answered(201),
            of("get_knowledge_context").at(&[context]),
            of("update_knowledge_context").at(&[context]).sending(form().0, form().1),
            of("delete_knowledge_context").at(&[context]).answered(204),
            of("list_vendor_agreements").asking(&PAGE),
            of("update_vendor_agreement_custom_attribute")
                .at(&[&self.agreement, "cost center"])
                .json(&json!({ "value": "4712" })),
            of("create_found_document").json(&json!({
                "unique_identifier": "d-1", "files": [{ "type": "url", "value": "https://files.example" }]
            })),
            of("create_order")
                .json(&json!({
                    "unique_identifier": "o-1", "vendor": { "name": "GitHub" }, "start_date": "2031-01-01",
                    "end_date": "2031-12-31", "auto_renewal": false, "line_items": []
                }))
                .answered(201),
        ]
    }
}

fn of_the_rest() -> Vec<Exchange> {
    let of = Exchange::of;
    vec![
        of("get_inline_webhooks"),
        of("lumos_art").accepting("text/plain"),
        of("lumos_liveness_check"),
    ]
}

#[tokio::test]
async fn every_operation_of_lumos_main_is_exchanged_as_documented() {
    exchange_all::<LumosMain>().await;
}
