use super::*;

const V2: &str = "/v2/accounts/acme%40parent/tokens";
const WS: &str = "/ws/accounts/acme@parent/credentials/tokens";

/// Status and body of a call with the token of the Credentials API.
async fn bear(devo: &Running, method: &str, path: &str, body: Value) -> (u16, Value) {
    let connection = devo.connection("devo/domain").unwrap();
    let token = connection["credentials"]["token"].as_str().unwrap();
    let bearer = [("authorization", format!("Bearer {token}"))];
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let answer = send(devo, method, path, &body, &bearer).await;
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

#[tokio::test]
async fn a_token_lives_under_either_flavour_of_its_path() {
    let devo = devo().await;
    let new = json!({
        "name": "ci ingest", "owner": "owner@example.org", "audience": "http", "scopes": "table://my.app.ci",
        "expiresInSeconds": -1
    });
    let (status, made) = bear(&devo, "POST", V2, new).await;
    assert_eq!(status, 200);
    assert_eq!(
        (&made["scope"], &made["expiration"]),
        (&json!("table://my.app.ci"), &Value::Null)
    );
    assert_eq!(made["token"].as_str().unwrap().len(), 32);
    let one = |root: &str| format!("{root}/{}", made["id"]);
    assert_eq!(
        bear(&devo, "GET", &one(WS), Value::Null).await,
        (200, made.clone())
    );
    let (_, listed) = bear(&devo, "GET", WS, Value::Null).await;
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .all(|token| token.get("token").is_none())
    );
    assert_eq!(listed.as_array().unwrap().len(), 3);
    let act = |verb: &str| format!("{}/{verb}", one(V2));
    assert_eq!(
        bear(&devo, "PUT", &act("disable"), Value::Null).await.1["active"],
        false
    );
    assert_eq!(
        bear(&devo, "PUT", &act("enable"), Value::Null).await.1["active"],
        true
    );
    let (_, renamed) = bear(&devo, "PUT", &act("rename"), json!({ "name": "ci" })).await;
    assert_eq!(renamed["name"], "ci");
    assert_eq!(bear(&devo, "DELETE", &one(WS), Value::Null).await.0, 204);
    let (status, gone) = bear(&devo, "GET", &one(V2), Value::Null).await;
    assert_eq!(status, 400);
    assert!(
        gone["error"]["message"]
            .as_str()
            .unwrap()
            .ends_with("not found")
    );
    assert_eq!(devo.state().tokens.len(), 2);
    assert!(
        devo.effects()
            .iter()
            .all(|one| !one.after.to_string().contains("\"token\""))
    );
}

#[tokio::test]
async fn a_token_has_defaults_and_times_of_its_own_spelling() {
    let devo = devo().await;
    let (_, made) = bear(&devo, "POST", V2, json!({ "audience": "apiv2" })).await;
    assert_eq!(
        (&made["name"], &made["scope"]),
        (&json!("Unnamed"), &json!("default"))
    );
    assert_eq!(
        (&made["owner"], &made["user"]),
        (&json!("owner@example.org"), &made["owner"])
    );
    let time = |field: &str| {
        let text = made[field].as_str().unwrap();
        assert!(text.ends_with("+0000"), "{text}");
        chrono::DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.3f%z").unwrap()
    };
    let lifetime = (time("expiration") - time("created")).num_seconds();
    assert_eq!(
        (lifetime, &made["expires_in_seconds"]),
        (86_400, &json!(86_400))
    );
    for wrong in [
        json!({}),
        json!({ "audience": " " }),
        json!({ "audience": "http", "expiresInSeconds": 0 }),
        json!({ "audience": "http", "owner": "nobody@example.org" }),
    ] {
        assert_eq!(
            bear(&devo, "POST", V2, wrong.clone()).await.0,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn tokens_take_a_token_and_no_signature() {
    let devo = with(&[("token_path_prefix", "/xxx")]).await;
    assert_eq!(call(&devo, "GET", WS, Value::Null).await.0, 401);
    assert_eq!(
        bear(&devo, "GET", &format!("/xxx{V2}"), Value::Null)
            .await
            .0,
        200
    );
    assert_eq!(bear(&devo, "GET", V2, Value::Null).await.0, 404);
}
