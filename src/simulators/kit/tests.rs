use std::time::{Duration, Instant};

use axum::{
    Json, Router,
    extract::{Path, State},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::*;

/// A vendor of nothing but names.
struct Names;

impl Vendor for Names {
    type State = Vec<String>;

    fn seed(&self) -> Vec<String> {
        vec!["ada".to_owned(), "bruno".to_owned(), "chiara".to_owned()]
    }

    fn router(&self, world: World<Vec<String>>) -> Router {
        Router::new()
            .route("/names", get(list))
            .route("/names/{name}", post(add))
            .with_state(world)
    }

    fn connection(&self, variant: &str, url: &str) -> Option<Value> {
        (variant == "names/list").then(|| json!({"settings": {"base_url": url}, "credentials": {}}))
    }

    fn holdings(&self, state: &Vec<String>) -> Holdings {
        Holdings {
            accounts: state.iter().map(|name| json!(name)).collect(),
            ..Holdings::default()
        }
    }

    fn drift(&self, state: &mut Vec<String>, drift: &Drift) -> Result<(), String> {
        let id = drift.id.clone().ok_or("id is missing")?;
        match drift.op {
            DriftOp::Add => state.push(id),
            DriftOp::Change | DriftOp::Remove => return Err("names only appear".to_owned()),
        }
        Ok(())
    }

    fn error_body(&self, path: &str) -> Value {
        json!({"failed": path})
    }
}

async fn list(State(world): State<World<Vec<String>>>, call: Call) -> Json<Value> {
    world.read(|names| {
        let page = paging::numbered(names.len(), 1, 2, call.page_fault());
        Json(json!({"names": names[page.rows], "total": page.total}))
    })
}

async fn add(
    State(world): State<World<Vec<String>>>,
    call: Call,
    Path(name): Path<String>,
) -> Json<Value> {
    world.change(&call, |names, effects| {
        names.push(name.clone());
        effects.applied(name.clone(), Value::Null, name.clone());
        Json(json!({"added": name}))
    })
}

async fn names() -> Running {
    start(Names, &Options::default()).await.unwrap()
}

async fn add_name(running: &Running, name: &str) -> reqwest::Result<reqwest::Response> {
    reqwest::Client::new()
        .post(format!("{}/names/{name}", running.url))
        .send()
        .await
}

async fn get_text(url: String) -> (u16, String) {
    let response = reqwest::get(url).await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn control(
    running: &Running,
    method: reqwest::Method,
    path: &str,
    body: Value,
) -> (u16, String) {
    let url = format!("{}{path}", running.control);
    let response = reqwest::Client::new()
        .request(method, url)
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn calls_and_effects_are_told_apart() {
    let running = names().await;
    add_name(&running, "dario").await.unwrap();
    get_text(format!("{}/names?a=b%20c", running.url)).await;
    get_text(format!("{}/nothing", running.url)).await;

    let requests = running.requests();
    let seen: Vec<_> = requests
        .iter()
        .map(|call| (call.method.as_str(), call.path.as_str(), call.status))
        .collect();
    assert_eq!(
        seen,
        [
            ("POST", "/names/dario", Some(200)),
            ("GET", "/names", Some(200)),
            ("GET", "/nothing", Some(404))
        ]
    );
    assert_eq!(requests[1].query, "a=b%20c");

    let effects = running.effects();
    assert_eq!(effects.len(), 1);
    assert_eq!(effects[0].operation, "POST /names/{name}");
    assert_eq!(effects[0].subject, "dario");
    assert_eq!(effects[0].before, Value::Null);
}

#[tokio::test]
async fn a_dropped_call_gets_no_answer_and_is_applied_or_not_as_asked() {
    let running = names().await;
    // One client for all, so that connections in its pool are cut, too.
    let client = reqwest::Client::new();
    let post = async |name| {
        client
            .post(format!("{}/names/{name}", running.url))
            .send()
            .await
    };
    running.faults([
        Rule::new(Fault::DropBeforeApply).after(1),
        Rule::new(Fault::DropAfterApply).after(1),
    ]);
    assert_eq!(post("dario").await.unwrap().status(), 200);
    let before = post("elif").await.unwrap_err();
    assert!(before.is_request(), "{before:?}");
    assert_eq!(running.effects().len(), 1);
    let after = post("elif").await.unwrap_err();
    assert!(after.is_request(), "{after:?}");
    assert_eq!(running.effects().len(), 2);
    assert_eq!(post("farid").await.unwrap().status(), 200);
    let statuses: Vec<_> = running.requests().iter().map(|call| call.status).collect();
    assert_eq!(statuses, [Some(200), None, None, Some(200)]);
}

#[tokio::test]
async fn a_delayed_call_is_applied_though_the_client_left() {
    let running = names().await;
    running.faults([Rule::new(Fault::DelayMs { value: 200 })]);
    let url = format!("{}/names/dario", running.url);
    let patience = Duration::from_millis(50);
    assert!(
        reqwest::Client::new()
            .post(url)
            .timeout(patience)
            .send()
            .await
            .unwrap_err()
            .is_timeout()
    );
    assert_eq!(running.effects().len(), 0);
    let waiting = Instant::now();
    while running.effects().is_empty() {
        assert!(waiting.elapsed() < Duration::from_secs(5), "never applied");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn answers_can_be_replaced() {
    let running = names().await;
    let (status, shown) = control(&running, reqwest::Method::POST, "/faults", json!([
        {"fault": {"kind": "status", "code": 503, "headers": {"retry-after": "7"}, "body": {"why": "closed"}}},
        {"fault": "malformed"},
        {"fault": {"kind": "oversized", "mib": 2}},
        {"fault": "error_in_200"},
        {"fault": {"kind": "redirect", "location": "http://127.0.0.1:1/"}},
        {"fault": "page_missing", "after": 2},
    ])).await;
    assert_eq!((status, shown.matches("\"struck\":0").count()), (200, 6));

    // The vendor carries out the broken and the oversized call, so its listing has been asked for a page twice by the end.
    let url = format!("{}/names", running.url);
    let closed = reqwest::get(&url).await.unwrap();
    assert_eq!(closed.headers()["retry-after"], "7");
    assert_eq!(
        (closed.status().as_u16(), closed.text().await.unwrap()),
        (503, r#"{"why":"closed"}"#.to_owned())
    );
    let (status, broken) = get_text(url.clone()).await;
    assert_eq!(status, 200);
    assert!(serde_json::from_str::<Value>(&broken).is_err());
    assert_eq!(
        get_text(url.clone()).await.1.len(),
        2 * 1024 * 1024 + r#"{"padding":""}"#.len()
    );
    assert_eq!(
        get_text(url.clone()).await,
        (200, r#"{"failed":"/names"}"#.to_owned())
    );
    let stay = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    assert_eq!(stay.get(&url).send().await.unwrap().status(), 307);
    assert_eq!(get_text(url.clone()).await.1, r#"{"names":[],"total":3}"#);
    assert_eq!(
        get_text(url).await.1,
        r#"{"names":["ada","bruno"],"total":3}"#
    );
}

#[tokio::test]
async fn the_control_api_drifts_resets_and_refuses_nonsense() {
    let running = names().await;
    let post = reqwest::Method::POST;
    let drift = json!([{"op": "add", "kind": "name", "id": "zoe"}]);
    assert_eq!(
        control(&running, post.clone(), "/drift", drift).await.0,
        204
    );
    assert_eq!(running.state().accounts.len(), 4);
    assert!(running.effects().is_empty());

    let half = json!([{"op": "add", "kind": "name", "id": "yan"}, {"op": "remove", "kind": "name", "id": "zoe"}]);
    assert_eq!(
        control(&running, post.clone(), "/drift", half).await,
        (400, r#"{"error":"[1]: names only appear"}"#.to_owned())
    );
    assert_eq!(running.state().accounts.len(), 4);
    let (status, why) = control(
        &running,
        post.clone(),
        "/faults",
        json!([{"fault": "explode"}]),
    )
    .await;
    assert_eq!(status, 400);
    assert!(why.contains("explode"), "{why}");
    assert_eq!(
        control(&running, post.clone(), "/faults", json!({}))
            .await
            .0,
        400
    );

    add_name(&running, "dario").await.unwrap();
    running.faults([Rule::new(Fault::DropBeforeApply).times(0)]);
    assert_eq!(control(&running, post, "/reset", json!(null)).await.0, 204);
    assert_eq!(
        (
            running.state().accounts.len(),
            running.effects().len(),
            running.requests().len()
        ),
        (3, 0, 0)
    );
    assert_eq!(add_name(&running, "dario").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_stopped_simulator_refuses_connections() {
    let running = names().await;
    let url = format!("{}/names", running.url);
    assert_eq!(get_text(url.clone()).await.0, 200);
    running.shutdown().await;
    assert!(reqwest::get(url).await.unwrap_err().is_connect());
}

#[tokio::test]
async fn only_loopback_and_known_switches_are_taken() {
    let open = Options {
        listen: "0.0.0.0:0".parse().unwrap(),
        ..Options::default()
    };
    assert!(start(Names, &open).await.is_err());
    assert!(
        Options::default()
            .with_quirk("colour", "red")
            .allow_quirks(&["auth"])
            .is_err()
    );
}
