//! Every documented operation, passed through the adapter to the simulator.

use futures_util::TryStreamExt;
use iam_gateway::adapters::contract::{AdapterError, Forward, Trouble, UpstreamOperation};
use iam_gateway::adapters::vendor;
use serde_json::{Value, json};

use super::Lumos;

fn operations() -> Vec<&'static UpstreamOperation> {
    let all = vendor("lumos")
        .unwrap()
        .operations
        .iter()
        .copied()
        .flatten();
    all.filter(|one| one.api == "connector").collect()
}

fn operation(id: &str) -> &'static UpstreamOperation {
    operations().into_iter().find(|one| one.id == id).unwrap()
}

impl Lumos {
    /// Everything that a connector can have.
    async fn whole(style: &str) -> Self {
        Self::with(&[
            ("lacks", "none"),
            ("non_human", "some"),
            ("path_style", style),
            ("outer_token", "simulated-outer"),
        ])
        .await
    }

    async fn send(&self, forward: &Forward) -> Result<(u16, Vec<u8>), AdapterError> {
        let forwarder = self.adapter.forwarder().unwrap();
        let came = if forward.operation.writes {
            let before = json!({"seen": forward.operation.id});
            forwarder
                .forward_write(&self.writing(), forward, &before)
                .await?
        } else {
            forwarder.forward_read(&self.reading(), forward).await?
        };
        assert_eq!(came.content_type.as_deref(), Some("application/json"));
        let chunks: Vec<_> = came.body.try_collect().await?;
        Ok((came.status, chunks.concat()))
    }

    /// A good `request`.
    fn request(&self, id: &str) -> Value {
        let state = self.vendor.state();
        let account = &state.accounts[0]["integration_specific_id"];
        let other = &state.accounts[2]["integration_specific_id"];
        let client = json!({"client_id": "c", "client_secret": "simulated-client-secret"});
        let with = |more: Value| {
            let mut all = client.clone();
            all.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            all
        };
        let entitlement = |kind: &str, id: &str| {
            json!({
                "account_integration_specific_id": other, "resource_integration_specific_id": "",
                "resource_type": "", "entitlement_type": kind, "entitlement_integration_specific_id": id,
                "application_instance_id": "app-1"
            })
        };
        match id {
            "create_account" => json!({"email": "zoe@example.org", "department": "sales"}),
            "update_account" => json!({"id": account, "cost_center": 1}),
            "assign_entitlement" | "unassign_entitlement" => entitlement("team", "support"),
            "assign_application_entitlement" | "unassign_application_entitlement" => {
                entitlement("application_role", "editor")
            }
            "get_application" => json!({"application_instance_id": "app-1"}),
            "assign_application" | "unassign_application" | "get_application_account" => {
                json!({"application_instance_id": "app-1", "account_id": account})
            }
            "get_last_activity" => json!({"account_ids": [account]}),
            "list_activity_records" | "list_applications_activity_records" => {
                json!({"since_date": "2025-01-01", "actors": [{"account_id": account}]})
            }
            "transfer_data" => json!({"source_account_id": account, "target_account_id": other}),
            "fulfill_arbitrary_endpoint" => {
                json!({"url": "https://acme.example/x", "method": "POST"})
            }
            "validate_credential_config" => json!({"credential": {"token": {"token": "t"}}}),
            "get_authorization_url" => json!({
                "client_id": "c", "scopes": ["a"], "redirect_uri": "https://gw.example/cb", "state": "s"
            }),
            "handle_authorization_callback" => {
                with(json!({"redirect_uri_with_code": "https://gw.example/cb?code=x"}))
            }
            "handle_client_credentials_request" => with(json!({"scopes": ["a"]})),
            "refresh_access_token" => with(json!({"refresh_token": "r"})),
            _ => json!({"account_id": account}),
        }
    }

    fn forward(&self, operation: &'static UpstreamOperation) -> Forward {
        let is_of_host = operation.id == "list_connector_app_ids";
        let segments = operation
            .path
            .split('/')
            .skip(1)
            .map(|segment| match segment {
                "{connector_id}" => "acme_directory".to_owned(),
                other => other.to_owned(),
            });
        // The blanks and the order are the caller's own, and stay.
        let body = format!(
            "{{ \"page\":{{\"size\": 3}},\n \"request\": {} ",
            self.request(operation.id)
        );
        let body = if is_of_host {
            String::new()
        } else {
            format!("{body}}}")
        };
        Forward {
            operation,
            segments: segments.collect(),
            query: vec![("x".into(), "a b&c=ä".into())],
            accept: Some("application/json, */*".into()),
            content_type: (!is_of_host).then(|| "application/json; charset=utf-8".into()),
            body: body.into(),
        }
    }
}

#[tokio::test]
async fn every_operation_arrives_with_the_connections_own_parts_in_its_envelope() {
    let mut sent = 0;
    for style in ["id", "connectors", "bare"] {
        let lumos = Lumos::whole(style).await;
        for operation in operations() {
            let id = operation.id;
            lumos.vendor.reset();
            let forward = lumos.forward(operation);
            let answer = lumos.send(&forward).await;
            let (status, answer) = answer.unwrap_or_else(|error| panic!("{id}: {error:?}"));
            let call = lumos.vendor.requests().pop().unwrap();
            assert_eq!(
                (call.status, call.method.as_str()),
                (Some(status), "POST"),
                "{id}"
            );
            let word = operation.path.rsplit('/').next().unwrap();
            let prefix = match style {
                _ if id == "list_connector_app_ids" => "",
                "id" => "/acme_directory",
                "connectors" => "/connectors/acme_directory",
                _ => "",
            };
            assert_eq!(call.path, format!("{prefix}/{word}"), "{id}");
            assert_eq!(call.query, "x=a+b%26c%3D%C3%A4", "{id}");
            let header = |name: &str| call.headers.get(name).map(String::as_str);
            assert_eq!(
                header("authorization"),
                Some("Bearer simulated-outer"),
                "{id}"
            );
            assert_eq!(header("accept"), forward.accept.as_deref(), "{id}");
            assert_eq!(
                header("content-type"),
                forward.content_type.as_deref(),
                "{id}"
            );
            let theirs = std::str::from_utf8(&forward.body).unwrap();
            assert!(
                call.body.starts_with(theirs.trim_end_matches('}')),
                "{id}: {}",
                call.body
            );
            if !forward.body.is_empty() {
                let mut body: Value = serde_json::from_str(&call.body).unwrap();
                let body = body.as_object_mut().unwrap();
                let auth = body.remove("auth");
                let token = json!({"token": {"token": "simulated-connector-token"}});
                let is_asked = operation.credential != "none";
                assert_eq!(auth, is_asked.then_some(token), "{id}");
                assert_eq!(
                    body.remove("settings"),
                    Some(json!({"region": "eu"})),
                    "{id}"
                );
                let sent: Value = serde_json::from_str(theirs).unwrap();
                assert_eq!(Value::Object(body.clone()), sent, "{id}");
            }
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            assert!(!answer["response"].is_null(), "{id}: {answer}");
            assert_eq!(
                operation.writes,
                !answer["execution_summary"].is_null() || operation.dangerous,
                "{id}"
            );
            sent += 1;
        }
    }
    assert_eq!(sent, 3 * 53);
}

/// The simulator says so of a path that it lacks, and says it to none that the contract lists.
#[tokio::test]
async fn the_simulator_serves_every_path_in_all_three_shapes() {
    let lumos = Lumos::whole("id").await;
    let http = reqwest::Client::new();
    let status = async |path: String| {
        let url = format!("{}{path}", lumos.vendor.url);
        let asked = http.post(url).bearer_auth("simulated-outer").send().await;
        asked.unwrap().status().as_u16()
    };
    assert_eq!(status("/acme_directory/nothing".into()).await, 404);
    for operation in operations() {
        for name in ["/acme_directory", "/connectors/acme_directory", ""] {
            let path = operation.path.replace("/{connector_id}", name);
            assert_eq!(status(path).await, 200, "{} at {name}", operation.id);
        }
    }
}

#[tokio::test]
async fn nobody_brings_a_credential_or_names_another_connector() {
    let lumos = Lumos::start().await;
    let good = lumos.forward(operation("list_accounts"));
    let with_body = |body: &str| Forward {
        body: body.to_owned().into(),
        ..good.clone()
    };
    let mut other = good.clone();
    other.segments[0] = "somebody_else".into();
    let mut host = lumos.forward(operation("list_connector_app_ids"));
    host.body = "{}".into();
    for (forward, pointer) in [
        (
            with_body(r#"{"auth": {"token": {"token": "mine"}}, "request": {}}"#),
            Some("/auth"),
        ),
        (
            with_body(r#"{"request": {}, "settings": {}}"#),
            Some("/settings"),
        ),
        (with_body("[]"), Some("")),
        (other, None),
        (host, Some("")),
    ] {
        let error = lumos.send(&forward).await.unwrap_err();
        assert_eq!(
            (error.trouble, error.pointer.as_deref()),
            (Trouble::Invalid, pointer)
        );
        assert!(!error.message.contains("mine"));
    }
    assert!(lumos.vendor.requests().is_empty());
    assert!(lumos.marks().is_empty());

    // Nothing stands for an empty request.
    assert!(lumos.send(&with_body("")).await.is_ok());
}

#[tokio::test]
async fn an_error_inside_a_200_stays_an_error_when_passed_through() {
    let lumos = Lumos::start().await;
    let mut forward = lumos.forward(operation("get_account"));
    forward.body = r#"{"request": {"account_id": "nobody"}}"#.into();
    let error = lumos.send(&forward).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::NotFound);
}
