//! Every operation that the main API documents: the simulator has it, and the adapter passes it through.

use bytes::Bytes;
use futures_util::TryStreamExt;
use iam_gateway::adapters;
use iam_gateway::adapters::contract::{Forward, Forwarded, UpstreamOperation};
use serde_json::{Value, json};

use super::lumos;
use crate::adapters::stand::Stand;
use crate::support::LUMOS_MAIN;

fn operations() -> Vec<&'static UpstreamOperation> {
    let described = adapters::vendor("lumos").unwrap();
    let all = described.operations.iter().copied().flatten();
    all.filter(|one| one.api == "main").collect()
}

/// A call that the simulated tenant, as it is at the start, answers with success.
#[derive(Default)]
struct Sample {
    /// By the names of the parameters.
    parameters: Vec<(&'static str, String)>,
    query: Vec<(&'static str, String)>,
    content_type: Option<&'static str>,
    body: String,
}

impl Sample {
    fn json(body: &Value) -> Self {
        Sample {
            content_type: Some("application/json"),
            body: body.to_string(),
            ..Sample::default()
        }
    }

    fn asking(query: &[(&'static str, &str)]) -> Self {
        let owned = |(name, value): &(&'static str, &str)| (*name, (*value).to_owned());
        Sample {
            query: query.iter().map(owned).collect(),
            ..Sample::default()
        }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }
}

/// The tenant, asked without the adapter.
struct Tenant<'a> {
    lumos: &'a Stand,
    token: String,
}

impl<'a> Tenant<'a> {
    fn of(lumos: &'a Stand) -> Self {
        let connection = lumos.vendor.connection(LUMOS_MAIN.variant).unwrap();
        let token = connection["credentials"]["token"].as_str().unwrap();
        Tenant {
            lumos,
            token: token.to_owned(),
        }
    }

    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = method.parse().unwrap();
        let url = format!("{}{path}", self.lumos.vendor.url);
        reqwest::Client::new()
            .request(method, url)
            .bearer_auth(&self.token)
    }

    async fn answer(request: reqwest::RequestBuilder) -> Value {
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{response:?}");
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        Self::answer(self.request("GET", path)).await
    }

    async fn job(&self, path: &str, body: Value) -> Value {
        let request = self.request("POST", path);
        let request = request.header("content-type", "application/json");
        Self::answer(request.body(body.to_string())).await
    }

    /// The id of the first thing of a listing.
    async fn id(&self, path: &str) -> String {
        text(&self.get(path).await["items"][0]["id"])
    }

    async fn app(&self, n: usize) -> String {
        text(&self.get("/apps").await["items"][n]["id"])
    }

    async fn sample(&self, id: &str) -> Sample {
        let app = async |n: usize| self.app(n).await;
        let json = |body: Value| Sample::json(&body);
        match id {
            "list_apps" => Sample::asking(&[("expand", "custom_attributes"), ("size", "3")]),
            "create_app" => json(json!({ "name": "Wiki", "category": "Productivity", "description": "Pages" })),
            "get_app" | "get_app_settings" | "get_appstore_app" | "get_appstore_app_settings"
            | "get_appstore_permissions_for_app" | "remove_app_from_appstore"
            | "process_vendr_request_completed" => Sample::default()
                .with("app_id", app(0).await)
                .with("domain_app_uuid", app(0).await),
            "update_app" => json(json!({ "description": "Ours" })).with("app_id", app(0).await),
            "reconnect_app" => json(json!({ "app_class_id": "github.com", "auth": { "token": "new" } }))
                .with("app_id", app(2).await),
            "disconnect_app" => Sample::default().with("app_id", app(2).await),
            "update_app_settings" => json(json!({ "in_app_store": false })).with("app_id", app(0).await),
            "trigger_app_sync" => json(json!({ "sync_type": "full_sync" })).with("app_id", app(0).await),
            "list_integrations" => Sample::asking(&[("query", "git")]),
            "get_integration" | "get_integration_connection_schema" => {
                Sample::default().with("app_class_id", "github.com")
            }
            "list_users" => Sample::asking(&[("search_term", "ada"), ("exact_match", "false")]),
            "get_user" | "get_user_accounts" | "get_user_roles" => {
                Sample::default().with("user_id", self.id("/users").await)
            }
            "add_role_to_user" | "remove_role_from_user" => Sample::default()
                .with("user_id", self.id("/users").await)
                .with("role_name", "viewer"),
            "get_accounts" => Sample::asking(&[("status", "ACTIVE"), ("status", "STAGED")]),
            "post_accounts" => json(json!({ "app_id": app(5).await, "accounts": [{ "unique_identifier": "zoe" }] })),
            "get_upload_job_state" => {
                let job = self.job("/accounts/upload", json!({ "app_id": app(5).await })).await;
                Sample::default().with("job_id", text(&job["job_id"]))
            }
            "get_group" | "get_group_membership" => {
                Sample::default().with("group_id", self.id("/groups").await)
            }
            "get_activity_logs" => Sample::asking(&[("since", "2025-01-06T00:00:00Z"), ("limit", "5")]),
            "activity_records" => json(json!({ "records": [] })),
            "get_activity_records_job_state" => {
                let job = self.job("/activity_records", json!({ "records": [] })).await;
                Sample::default().with("job_id", text(&job["job"]["job_id"]))
            }
            "process_airbase_milestone_event" => json(json!({
                "id": "1", "object": "event", "type": "purchase_request_approved", "created_date": "2031-01-01", "data": {}
            }))
            .with("domain_app_uuid", app(0).await),
            "add_app_to_appstore" => json(json!({ "app_id": app(4).await })),
            "update_appstore_app_settings" => {
                json(json!({ "redirect_url": null })).with("app_id", app(0).await)
            }
            "create_appstore_requestable_permission" => {
                json(json!({ "app_id": app(1).await, "label": "Triage" }))
            }
            "get_appstore_permission" => Sample::default().with("permission_id", self.native().await),
            "update_appstore_permission" => {
                json(json!({ "label": "Reader" })).with("permission_id", self.native().await)
            }
            "delete_appstore_permission" => {
                Sample::default().with("permission_id", self.native().await)
            }
            "create_pre_approval_rule" => {
                json(json!({ "justification": "On call", "app_id": app(1).await }))
            }
            "update_pre_approval_rule" => json(json!({ "justification": "On call" }))
                .with("pre_approval_rule_id", self.id("/appstore/pre_approval_rules").await),
            "get_appstore_pre_approval_rule" | "delete_pre_approval_rule" => Sample::default()
                .with("pre_approval_rule_id", self.id("/appstore/pre_approval_rules").await),
            "get_access_requests" => {
                Sample::asking(&[("statuses", "PENDING"), ("sort", "DESC"), ("expand", "tasks")])
            }
            "create_access_request" => json(json!({
                "app_id": app(1).await, "requestable_permission_ids": [self.native().await], "access_length": "4 hours"
            })),
            "get_access_request" => {
                let path = "/appstore/access_requests";
                Sample::default().with("id", self.id(path).await)
            }
            "cancel_access_request" => {
                let path = "/appstore/access_requests?statuses=PENDING";
                Sample::asking(&[("reason", "no need")]).with("id", self.id(path).await)
            }
            "perform_task_action" => {
                self.task(json(json!({ "action_type": "HOLD", "transition_to": "BLOCKED" }))).await
            }
            "reassign_task" => {
                self.task(json(json!({ "user_ids": [self.id("/users").await] }))).await
            }
            "add_task_comment" => self.task(json(json!({ "comment": "Looking into it" }))).await,
            "get_task" | "get_task_actions" | "complete_task" | "dismiss_task" => {
                self.task(Sample::default()).await
            }
            "create_access_policy" => json(self.policy().await),
            "update_access_policy" => json(self.policy().await)
                .with("access_policy_id", self.id("/access_policies").await),
            "get_access_policy" | "delete_access_policy" => {
                Sample::default().with("access_policy_id", self.id("/access_policies").await)
            }
            "create_access_review" => {
                json(json!({ "name": "Second quarter", "deadline_at": "2031-07-01T00:00:00Z" }))
            }
            "get_scope_options" => {
                let review = self.get("/access_reviews").await;
                let place = text(&review["items"][0]["apps"][0]["id"]);
                Sample::asking(&[("arda_id", &place)])
            }
            "update_access_review" => self.review(json(json!({ "name": "Renamed" }))).await,
            "add_apps_to_access_review" => {
                let apps = json!([{ "id": app(1).await }]);
                self.review(json(json!({ "apps": apps }))).await
            }
            "get_access_review" | "delete_access_review" | "delete_access_review_app" => {
                self.review(Sample::default()).await
            }
            "create_knowledge_context" | "update_knowledge_context" => {
                let listed = self.get("/v1/knowledge/context").await;
                Sample {
                    content_type: Some("multipart/form-data; boundary=part"),
                    body: "--part\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nOn call\r\n--part--\r\n".into(),
                    ..Sample::default()
                }
                .with("knowledge_context_id", text(&listed["knowledge_context"][0]["id"]))
            }
            "get_knowledge_context" | "delete_knowledge_context" => {
                let listed = self.get("/v1/knowledge/context").await;
                let id = text(&listed["knowledge_context"][0]["id"]);
                Sample::default().with("knowledge_context_id", id)
            }
            "update_vendor_agreement_custom_attribute" => json(json!({ "value": "4712" }))
                .with("vendor_agreement_id", self.id("/vendor_agreements").await)
                .with("label", "cost center"),
            "create_found_document" => {
                json(json!({ "unique_identifier": "d-1", "files": [{ "type": "url", "value": "https://files.example" }] }))
            }
            "create_order" => json(json!({
                "unique_identifier": "o-1", "vendor": { "name": "GitHub" }, "start_date": "2031-01-01",
                "end_date": "2031-12-31", "auto_renewal": false, "line_items": []
            })),
            _ => Sample::default(),
        }
    }

    /// A permission that was made at Lumos.
    async fn native(&self) -> String {
        let listed =
            self.get("/appstore/requestable_permissions?search_term=read&exact_match=true");
        text(&listed.await["items"][0]["id"])
    }

    async fn task(&self, sample: Sample) -> Sample {
        sample.with("task_id", self.id("/tasks?task_category=GENERIC").await)
    }

    async fn review(&self, sample: Sample) -> Sample {
        let review = self.get("/access_reviews").await["items"][0].take();
        sample
            .with("access_review_id", text(&review["id"]))
            .with("arda_id", text(&review["apps"][0]["id"]))
    }

    async fn policy(&self) -> Value {
        json!({
            "name": "Everybody", "business_justification": "Notes", "apps": [{ "id": self.app(5).await }],
            "is_everyone_condition": true
        })
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn forward(operation: &'static UpstreamOperation, sample: &Sample) -> Forward {
    let part = |part: &str| {
        let name = part
            .strip_prefix('{')
            .and_then(|part| part.strip_suffix('}'));
        let Some(name) = name else {
            return part.to_owned();
        };
        let named = sample.parameters.iter().find(|(known, _)| *known == name);
        named
            .unwrap_or_else(|| panic!("{}: {name}", operation.id))
            .1
            .clone()
    };
    let owned = |(name, value): &(&str, String)| ((*name).to_owned(), value.clone());
    Forward {
        operation,
        segments: operation.path.split('/').skip(1).map(part).collect(),
        query: sample.query.iter().map(owned).collect(),
        accept: Some("application/json, text/plain".into()),
        content_type: sample.content_type.map(str::to_owned),
        body: Bytes::from(sample.body.clone()),
    }
}

#[tokio::test]
async fn the_simulator_has_every_documented_path() {
    let lumos = lumos(&[]).await;
    let tenant = Tenant::of(&lumos);
    let operations = operations();
    assert_eq!(operations.len(), 86);
    for operation in operations {
        let path = operation.path.replace(['{', '}'], "");
        let response = tenant
            .request(operation.method, &path)
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        let body = response.text().await.unwrap();
        let is_missing = status == 405 || body == r#"{"detail":"Not Found"}"#;
        assert!(
            !is_missing && status < 500,
            "{}: {status} {body}",
            operation.id
        );
    }
}

#[tokio::test]
async fn every_documented_operation_passes_through_as_documented() {
    let lumos = lumos(&[]).await;
    let tenant = Tenant::of(&lumos);
    let forwarder = lumos.adapter.forwarder().unwrap();
    for operation in operations() {
        lumos.vendor.reset();
        let sample = tenant.sample(operation.id).await;
        let forward = forward(operation, &sample);
        let before = lumos.vendor.requests().len();
        let outcome = if operation.writes {
            let call = lumos.writing();
            forwarder.forward_write(&call, &forward, &Value::Null).await
        } else {
            forwarder.forward_read(&lumos.reading(), &forward).await
        };
        let Forwarded {
            status,
            content_type,
            body,
        } = outcome.unwrap_or_else(|error| panic!("{}: {error:?}", operation.id));
        let answer: Vec<Bytes> = body.try_collect().await.unwrap();
        let answer = answer.concat();

        let received = lumos.vendor.requests();
        assert_eq!(received.len(), before + 1, "{}", operation.id);
        let sent = received.last().unwrap();
        assert_eq!(sent.method, operation.method);
        let path: Vec<String> = forward
            .segments
            .iter()
            .map(|part| part.replace(' ', "%20"))
            .collect();
        assert_eq!(sent.path, format!("/{}", path.join("/")));
        let query = sent.query.as_bytes();
        let query: Vec<_> = url::form_urlencoded::parse(query).into_owned().collect();
        assert_eq!(query, forward.query, "{}", operation.id);
        assert_eq!(sent.body, sample.body, "{}", operation.id);
        let header = |name: &str| sent.headers.get(name).map(String::as_str);
        assert_eq!(header("accept"), forward.accept.as_deref());
        assert_eq!(header("content-type"), sample.content_type);
        let token = format!("Bearer {}", tenant.token);
        let needed = (operation.credential == "api_token").then_some(token.as_str());
        assert_eq!(header("authorization"), needed, "{}", operation.id);
        assert_eq!(sent.status, Some(status), "{}", operation.id);

        match operation.id {
            "lumos_art" => assert_eq!(content_type.as_deref(), Some("text/plain; charset=utf-8")),
            _ if status == 204 => assert!(answer.is_empty(), "{}", operation.id),
            _ => {
                assert_eq!(content_type.as_deref(), Some("application/json"));
                let shown: Value = serde_json::from_slice(&answer).unwrap();
                // A job shows how often it was asked for.
                if !operation.writes && !operation.path.contains("{job_id}") {
                    let query = if sent.query.is_empty() { "" } else { "?" };
                    let place = format!("{}{query}{}", sent.path, sent.query);
                    assert_eq!(shown, tenant.get(&place).await, "{}", operation.id);
                }
            }
        }
    }
}
