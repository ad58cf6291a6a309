mod access;
mod refusals;

use reqwest::Client;
use serde_json::{Value, json};

use crate::simulators::{self, Drift, DriftOp, Fault, Options, Rule, Running};

async fn lumos() -> Running {
    with(&[]).await
}

async fn with(quirks: &[(&str, &str)]) -> Running {
    let options = quirks
        .iter()
        .fold(Options::default(), |options, (name, value)| {
            options.with_quirk(name, value)
        });
    simulators::start("lumos", options).await.unwrap()
}

/// Status and body of a POST as it is.
async fn post(lumos: &Running, path: &str, body: impl ToString) -> (u16, Value) {
    let response = Client::new()
        .post(format!("{}{path}", lumos.url))
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

fn envelope(request: Value) -> Value {
    json!({
        "auth": {"token": {"token": "simulated-connector-token"}},
        "settings": {"region": "eu"},
        "request": request
    })
}

/// The answer of a capability, which comes with 200 whatever it says.
async fn call(lumos: &Running, capability: &str, request: Value) -> Value {
    let (status, body) = post(
        lumos,
        &format!("/acme_directory/{capability}"),
        envelope(request),
    )
    .await;
    assert_eq!(status, 200, "{body}");
    body
}

fn code(body: &Value) -> &str {
    assert_eq!(body["is_error"], true, "{body}");
    body["error"]["error_code"].as_str().unwrap()
}

fn zoe() -> Value {
    json!({"email": "zoe@example.org", "given_name": "Zoe", "department": "sales"})
}

#[tokio::test]
async fn an_account_lives_from_create_to_delete() {
    let lumos = lumos().await;
    let created = call(&lumos, "create_account", zoe()).await;
    let id = created["response"]["id"].as_str().unwrap();
    assert_eq!(
        created["response"],
        json!({"id": id, "status": "ACTIVE", "created": true})
    );
    assert_eq!(
        created["execution_summary"]["effect"],
        json!({"kind": "created"})
    );

    let found = call(&lumos, "get_account", json!({"account_id": id})).await;
    assert_eq!(
        found["response"],
        json!({
            "integration_specific_id": id, "resource_id": null, "email": "zoe@example.org", "given_name": "Zoe",
            "family_name": null, "username": "zoe", "user_status": "ACTIVE",
            "extra_data": {"department": "sales", "cost_center": null}, "custom_attributes": null, "account_type": "user"
        })
    );

    let change = json!({"id": id, "cost_center": 4711, "given_name": null});
    let changed = call(&lumos, "update_account", change.clone()).await;
    assert_eq!(changed["response"]["cost_center"], 4711);
    assert_eq!(changed["response"]["given_name"], Value::Null);
    let again = call(&lumos, "update_account", change).await;
    assert_eq!(
        again["execution_summary"]["effect"],
        json!({"kind": "noop", "reason": "state_already_matches"})
    );

    let account = json!({"account_id": id});
    let off = call(&lumos, "deactivate_account", account.clone()).await;
    assert_eq!(off["response"]["status"], "SUSPENDED");
    let on = call(&lumos, "activate_account", account.clone()).await;
    assert_eq!(on["response"]["status"], "ACTIVE");
    let gone = call(&lumos, "delete_account", account.clone()).await;
    assert_eq!(
        gone["response"],
        json!({"status": "DELETED", "deleted": true})
    );
    for capability in ["delete_account", "get_account", "activate_account"] {
        let error = call(&lumos, capability, account.clone()).await;
        assert_eq!(code(&error), "not_found", "{capability}");
    }

    let operations: Vec<String> = lumos
        .effects()
        .iter()
        .map(|effect| effect.operation.clone())
        .collect();
    assert_eq!(
        operations,
        [
            "POST /{connector_id}/create_account",
            "POST /{connector_id}/update_account",
            "POST /{connector_id}/deactivate_account",
            "POST /{connector_id}/activate_account",
            "POST /{connector_id}/delete_account"
        ]
    );
}

#[tokio::test]
async fn the_three_places_are_one() {
    let lumos = lumos().await;
    for path in [
        "/list_accounts",
        "/acme_directory/list_accounts",
        "/acme-directory/list_accounts",
        "/connectors/acme_directory/list_accounts",
    ] {
        let (status, body) = post(&lumos, path, envelope(json!({}))).await;
        assert_eq!(
            (status, body["is_error"].clone()),
            (200, Value::Null),
            "{path}"
        );
    }
    let not_found = (404, json!({"detail": "Not Found"}));
    for path in [
        "/other/list_accounts",
        "/connectors/other/list_accounts",
        "/acme_directory/info",
        "/acme_directory/list_non_human_accounts",
        "/",
    ] {
        assert_eq!(
            post(&lumos, path, envelope(json!({}))).await,
            not_found,
            "{path}"
        );
    }
    let response = reqwest::get(format!("{}/acme_directory/list_accounts", lumos.url))
        .await
        .unwrap();
    assert_eq!(response.status(), 405);
    let text = response.text().await.unwrap();
    assert_eq!(text, r#"{"detail":"Method Not Allowed"}"#);
}

#[tokio::test]
async fn every_key_is_written_and_pages_lead_on() {
    let lumos = lumos().await;
    let mut ids = Vec::new();
    let mut page = json!({"size": 25});
    for expected in [25, 25, 10] {
        let mut body = envelope(json!({}));
        body["page"] = page;
        let (_, answer) = post(&lumos, "/acme_directory/list_accounts", body).await;
        let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            [
                "execution_summary",
                "page",
                "rate_limit",
                "raw_data",
                "response"
            ]
        );
        let rows = answer["response"].as_array().unwrap();
        assert_eq!(rows.len(), expected);
        assert!(rows.iter().all(|row| row.as_object().unwrap().len() == 10));
        ids.extend(
            rows.iter()
                .map(|row| row["integration_specific_id"].clone()),
        );
        page = answer["page"].clone();
    }
    assert_eq!(page, Value::Null);
    ids.sort_by_key(ToString::to_string);
    ids.dedup();
    assert_eq!(ids.len(), 60);
    assert_eq!(lumos.state().accounts.len(), 60);

    let mut body = envelope(json!({}));
    body["page"] = json!({"token": "00", "size": 25});
    let (_, error) = post(&lumos, "/acme_directory/list_accounts", body).await;
    assert_eq!(code(&error), "invalid_page_token");
}

#[tokio::test]
async fn it_describes_itself_where_it_is_asked_to() {
    let lumos = with(&[("lacks", "none")]).await;
    for capability in ["info", "connected_info"] {
        let info = call(&lumos, capability, json!({})).await;
        let argument = &info["response"]["capability_schema"]["create_account"]["argument"];
        assert_eq!(argument["required"], json!(["email", "department"]));
    }
    let app = call(&lumos, "app_info", json!({})).await;
    assert!(app["response"]["app_schema"]["paths"]["/create_account"].is_object());
    let document: Value = serde_json::from_str(
        &reqwest::get(format!("{}/openapi.json", lumos.url))
            .await
            .unwrap()
            .text()
            .await
            .unwrap(),
    )
    .unwrap();
    assert!(document["paths"]["/acme_directory/create_account"].is_object());
    assert_eq!(
        document["components"]["schemas"]["CreateAccount"]["properties"]["department"]["$ref"],
        "#/components/schemas/Department"
    );
    let (_, ids) = post(&lumos, "/list-connector-app-ids", "").await;
    assert_eq!(ids["response"], json!(["acme-directory"]));
}

#[tokio::test]
async fn page_faults_and_errors_inside_a_200_can_be_scheduled() {
    let lumos = lumos().await;
    lumos.faults([Rule::new(Fault::PageLoop).times(0)]);
    let first = call(&lumos, "list_accounts", json!({})).await;
    assert!(first["page"]["token"].is_string());
    lumos.clear_faults();
    lumos.faults([Rule::new(Fault::ErrorIn200 { body: None })]);
    let error = call(&lumos, "create_account", zoe()).await;
    assert_eq!(code(&error), "internal_error");
    assert!(lumos.effects().is_empty());
}

#[tokio::test]
async fn switches_change_what_connectors_differ_in() {
    let lumos = with(&[
        ("created_id", "null"),
        ("deactivated", "DEPROVISIONED"),
        ("deleted", "kept"),
        ("duplicates", "allowed"),
    ])
    .await;
    for _ in 0..2 {
        let created = call(&lumos, "create_account", zoe()).await;
        assert_eq!(created["response"]["id"], Value::Null);
    }
    let ada = lumos.state().accounts[0]["integration_specific_id"].clone();
    let account = json!({"account_id": ada});
    let off = call(&lumos, "deactivate_account", account.clone()).await;
    assert_eq!(off["response"]["status"], "DEPROVISIONED");
    call(&lumos, "delete_account", account.clone()).await;
    let kept = call(&lumos, "get_account", account.clone()).await;
    assert_eq!(kept["response"]["user_status"], "DELETED");
    let error = call(&lumos, "delete_account", account).await;
    assert_eq!(code(&error), "not_found");
}

#[tokio::test]
async fn drift_leaves_no_effect() {
    let lumos = lumos().await;
    let drift = |op, id: Option<&str>, value| Drift {
        op,
        kind: "account".into(),
        id: id.map(str::to_owned),
        value,
    };
    lumos
        .drift(&[
            drift(
                DriftOp::Add,
                Some("x-1"),
                json!({"email": "new@example.org"}),
            ),
            drift(
                DriftOp::Change,
                Some("x-1"),
                json!({"user_status": "INACTIVE", "department": "sales"}),
            ),
        ])
        .unwrap();
    let found = call(&lumos, "get_account", json!({"account_id": "x-1"})).await;
    assert_eq!(found["response"]["user_status"], "INACTIVE");
    lumos
        .drift(&[drift(DriftOp::Remove, Some("x-1"), Value::Null)])
        .unwrap();
    assert!(
        lumos
            .drift(&[drift(DriftOp::Remove, Some("x-1"), Value::Null)])
            .is_err()
    );
    assert!(lumos.effects().is_empty());
}
