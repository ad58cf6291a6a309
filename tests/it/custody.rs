//! The tokens that a connection lives by: one renewal for all callers and replicas, nothing lost, nothing shown.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use iam_gateway::simulators::kit::people;
use iam_gateway::simulators::{self, Drift, Fault, Options, Received, Rule, Running};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::support::app::{connection_body, text};
use crate::support::{Client, Database, LIGHTELLIGENCE, Serve, TestApp, eventually, keys};

const CHECK: &str = "/v1/connections/lightelligence/check";
const CONNECTION: &str = "/v1/connections/lightelligence";

/// What the token endpoint was asked, in order.
fn renewals(simulator: &Running) -> Vec<Received> {
    let mut all = simulator.requests();
    all.retain(|request| request.path.ends_with("/openid-connect/token"));
    all
}

fn drift(simulator: &Running, drifts: Value) {
    let drifts: Vec<Drift> = serde_json::from_value(drifts).expect("drifts");
    simulator.drift(&drifts).expect("it drifts so");
}

/// The API takes none of the access tokens that were issued so far.
fn end_access(simulator: &Running) {
    drift(simulator, json!([{"op": "remove", "kind": "access_token"}]));
}

fn on_token(fault: Fault) -> Rule {
    Rule::new(fault).method("POST").path_contains("/token")
}

fn out_of_order() -> Fault {
    Fault::Status {
        code: 500,
        headers: Default::default(),
        body: Some(json!({"error": "unknown_error"})),
        apply: false,
    }
}

async fn check(client: &Client) -> Value {
    client.post(CHECK, Value::Null).await.expect(200)
}

async fn healthy(client: &Client) {
    let checked = check(client).await;
    assert_eq!(checked["healthy"], true, "{checked:#}");
}

/// What a check of an unhealthy connection finds.
async fn finding(client: &Client) -> (String, String) {
    let checked = check(client).await;
    assert_eq!(checked["healthy"], false, "{checked:#}");
    let found = &checked["findings"][0];
    (
        text(&found["code"]).to_owned(),
        text(&found["detail"]).to_owned(),
    )
}

async fn with_quirk(name: &str, value: &str) -> TestApp {
    TestApp::builder()
        .vendor_quirk(LIGHTELLIGENCE, name, value)
        .start()
        .await
}

/// Two programs on one database, and the vendor in this process.
struct Pair {
    database: Database,
    simulator: Running,
    replicas: [Serve; 2],
    clients: [Client; 2],
}

impl Pair {
    async fn start(options: Options, environment: &[(&str, &str)]) -> Self {
        let database = Database::create().await;
        let simulator = simulators::start("lightelligence", options)
            .await
            .expect("a simulator");
        let replicas = [
            Serve::start(database.url(), environment).await,
            Serve::start(database.url(), environment).await,
        ];
        let key = keys::mint_for(&database).await;
        let clients = [0, 1].map(|n| replicas[n].client().with_key(&key));
        let body = connection_body(LIGHTELLIGENCE, &simulator, LIGHTELLIGENCE.connection);
        clients[0].post("/v1/connections", body).await.expect(201);
        Self {
            database,
            simulator,
            replicas,
            clients,
        }
    }

    async fn stop(self) {
        drop(self.replicas);
        self.database.remove().await;
    }
}

const PATIENT: [(&str, &str); 2] = [
    ("IAM_GATEWAY_ATTEMPT_SECONDS", "8"),
    ("IAM_GATEWAY_CONNECTION_CONCURRENCY", "32"),
];

#[tokio::test]
async fn a_hundred_callers_at_two_replicas_cost_one_renewal() {
    let pair = Pair::start(Options::default(), &PATIENT).await;
    let hundred = async || {
        let all = (0..100).map(|n| check(&pair.clients[n % 2]));
        let failed: Vec<Value> = join_all(all)
            .await
            .into_iter()
            .filter(|checked| checked["healthy"] != true)
            .collect();
        assert!(
            failed.is_empty(),
            "{} failed, such as {:#}",
            failed.len(),
            failed[0]
        );
    };
    hundred().await;
    assert_eq!(renewals(&pair.simulator).len(), 1, "nobody had a token");
    end_access(&pair.simulator);
    hundred().await;
    assert_eq!(renewals(&pair.simulator).len(), 2, "nobody had a good one");
    let sessions = pair.simulator.state().tokens;
    let stale: i64 = sessions
        .iter()
        .filter_map(|session| session["stale"].as_i64())
        .sum();
    assert_eq!(stale, 0, "no refresh token was shown twice: {sessions:#?}");
    pair.stop().await;
}

#[tokio::test]
async fn a_replica_that_was_killed_while_it_renewed_holds_nobody_up_for_long() {
    let options = Options::default().with_quirk("rotation", "off");
    let mut pair = Pair::start(options, &[("IAM_GATEWAY_ATTEMPT_SECONDS", "3")]).await;
    pair.simulator
        .faults([on_token(Fault::DelayMs { value: 60_000 })]);
    let client = pair.clients[0].clone();
    let asking = tokio::spawn(async move { client.post(CHECK, Value::Null).await });
    eventually("the renewal on its way", async || {
        (renewals(&pair.simulator).len() == 1).then_some(())
    })
    .await;
    let held: i64 = sqlx::query_scalar(
        "select count(*) from connection_tokens where lease_until > clock_timestamp()",
    )
    .fetch_one(pair.database.sql())
    .await
    .expect("a count");
    assert_eq!(held, 1, "it renews under a lease");
    pair.replicas[0].program.kill_9().await;
    let _ = asking.await;
    let started = Instant::now();
    healthy(&pair.clients[1]).await;
    assert!(
        started.elapsed() < Duration::from_secs(9),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(renewals(&pair.simulator).len(), 2);
    pair.stop().await;
}

#[tokio::test]
async fn an_identity_provider_in_trouble_costs_time_and_nothing_else() {
    let app = TestApp::builder()
        .vendor(LIGHTELLIGENCE)
        .settings(|settings| settings.services.attempt = Duration::from_secs(5))
        .start()
        .await;
    let simulator = app.simulator(LIGHTELLIGENCE);
    simulator.faults([on_token(out_of_order()).times(2)]);
    healthy(app.admin()).await;
    assert_eq!(renewals(simulator).len(), 3);

    end_access(simulator);
    simulator.faults([on_token(out_of_order()).times(0)]);
    let (code, detail) = finding(app.admin()).await;
    assert_eq!(code, "unreachable", "{detail}");
    simulator.clear_faults();
    healthy(app.admin()).await;
    let answered = renewals(simulator);
    let answered = answered
        .iter()
        .filter(|request| request.status == Some(200));
    assert_eq!(answered.count(), 2, "the token that was kept is still good");
    app.stop().await;
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_where_it_can_not_be_had_that_is_told() {
    for (rotation, lost) in [("off", false), ("on", true)] {
        let app = with_quirk("rotation", rotation).await;
        let simulator = app.simulator(LIGHTELLIGENCE);
        simulator.faults([on_token(Fault::DropAfterApply)]);
        if lost {
            let (code, detail) = finding(app.admin()).await;
            assert_eq!(code, "auth_failed");
            assert!(
                detail.contains("Log in again and PATCH credentials"),
                "{detail}"
            );
        } else {
            healthy(app.admin()).await;
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn a_dead_credential_is_told_at_once_until_there_is_another() {
    let app = TestApp::builder().vendor(LIGHTELLIGENCE).start().await;
    healthy(app.admin()).await;
    let simulator = app.simulator(LIGHTELLIGENCE);
    drift(simulator, json!([{"op": "remove", "kind": "session"}]));
    end_access(simulator);
    let (code, detail) = finding(app.admin()).await;
    assert_eq!(code, "auth_failed");
    assert!(
        detail.contains("Session not active")
            && detail.contains("Log in again and PATCH credentials"),
        "{detail}"
    );
    let asked = simulator.requests().len();
    for _ in 0..3 {
        assert_eq!(finding(app.admin()).await.1, detail);
    }
    let refused = app
        .admin()
        .post("/v1/accounts", LIGHTELLIGENCE.new_account("ann"))
        .await;
    refused.problem(502, "upstream_auth_failed");
    assert_eq!(
        app.sync(LIGHTELLIGENCE).await["error"]["code"],
        "upstream_auth_failed"
    );
    assert_eq!(
        simulator.requests().len(),
        asked,
        "the vendor is left alone"
    );

    let credentials = json!({"kind": "client_credentials", "client_id": "acme-iam-service", "client_secret": "simulated-client-secret"});
    app.admin()
        .patch(CONNECTION, json!({"credentials": credentials}))
        .await
        .expect(200);
    healthy(app.admin()).await;
    // A new name is no new login.
    let before = renewals(simulator).len();
    app.admin()
        .patch(CONNECTION, json!({"name": "lights"}))
        .await
        .expect(200);
    let checked = app
        .admin()
        .post("/v1/connections/lights/check", Value::Null)
        .await
        .expect(200);
    assert_eq!(checked["healthy"], true);
    assert_eq!(renewals(simulator).len(), before);
    app.stop().await;
}

#[tokio::test]
async fn a_code_is_exchanged_once_and_lived_by_from_then_on() {
    let app = with_quirk("auth", "authorization_code").await;
    healthy(app.admin()).await;
    let simulator = app.simulator(LIGHTELLIGENCE);
    end_access(simulator);
    healthy(app.admin()).await;
    let kinds: Vec<bool> = renewals(simulator)
        .iter()
        .map(|request| request.body.contains("grant_type=authorization_code"))
        .collect();
    assert_eq!(kinds, [true, false]);
    // Another adapter for the same connection goes on with what was kept.
    app.admin()
        .patch(CONNECTION, json!({"sync_every_seconds": 3600}))
        .await
        .expect(200);
    healthy(app.admin()).await;
    assert_eq!(renewals(simulator).len(), 2);
    app.synced(LIGHTELLIGENCE).await;
    app.stop().await;
}

#[tokio::test]
async fn a_tenant_that_the_login_is_not_in_is_told_and_costs_no_credential() {
    let app = TestApp::builder().vendor(LIGHTELLIGENCE).start().await;
    let home = app.get(CONNECTION).await["settings"]["tenant_id"].clone();
    let elsewhere = people::uuid("lightelligence/tenant", 2);
    let point = async |tenant: Value| {
        let change = json!({"settings": {"tenant_id": tenant}});
        app.admin().patch(CONNECTION, change).await.expect(200);
    };
    point(json!(elsewhere)).await;
    let (code, detail) = finding(app.admin()).await;
    assert_eq!(code, "wrong_tenant");
    assert!(
        detail.contains("tenant_id") && detail.contains(&elsewhere.to_string()),
        "{detail}"
    );
    let asked = app.requests(LIGHTELLIGENCE).len();
    let refused = app
        .admin()
        .post("/v1/accounts", LIGHTELLIGENCE.new_account("ann"))
        .await;
    refused.problem(502, "upstream_auth_failed");
    assert_eq!(
        app.requests(LIGHTELLIGENCE).len(),
        asked,
        "nothing was sent with such a token"
    );
    // Another tenant of the same login is switched to.
    point(json!(people::uuid("lightelligence/tenant", 1))).await;
    healthy(app.admin()).await;
    point(home).await;
    healthy(app.admin()).await;
    app.create_account(LIGHTELLIGENCE.new_account("ann")).await;
    app.stop().await;
}

#[tokio::test]
async fn the_hard_limit_of_custom_applications_is_said_plainly() {
    let app = with_quirk("auth", "custom_application").await;
    let (code, detail) = finding(app.admin()).await;
    assert_eq!(code, "capability_missing");
    assert!(
        detail.contains("custom application") && detail.contains("PATCH credentials"),
        "{detail}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_new_signing_key_costs_one_look_at_the_realm() {
    let app = TestApp::builder().vendor(LIGHTELLIGENCE).start().await;
    let simulator = app.simulator(LIGHTELLIGENCE);
    let looks = || {
        let all = simulator.requests();
        all.iter()
            .filter(|request| request.path.ends_with("/certs"))
            .count()
    };
    app.create_account(LIGHTELLIGENCE.new_account("ann")).await;
    app.create_account(LIGHTELLIGENCE.new_account("ben")).await;
    assert_eq!(looks(), 1);
    drift(simulator, json!([{"op": "add", "kind": "signing_key"}]));
    end_access(simulator);
    let admin = app.admin();
    let crowd = ["cat", "dan", "eve", "fay"].map(|who| {
        admin
            .post("/v1/accounts", LIGHTELLIGENCE.new_account(who))
            .into_future()
    });
    for made in join_all(crowd).await {
        made.expect(201);
    }
    assert_eq!(looks(), 2);
    app.stop().await;
}

#[tokio::test]
async fn tokens_are_in_no_log_no_answer_and_nowhere_at_rest() {
    let pair = Pair::start(Options::default(), &[("IAM_GATEWAY_LOG", "trace")]).await;
    let [client, _] = &pair.clients;
    let mut answers = vec![client.post(CHECK, Value::Null).await];
    answers.push(
        client
            .post("/v1/accounts", LIGHTELLIGENCE.new_account("ann"))
            .await,
    );
    end_access(&pair.simulator);
    answers.push(client.post(CHECK, Value::Null).await);
    // A vendor that repeats what it was shown.
    let seen = pair.simulator.requests();
    let shown = seen
        .iter()
        .rev()
        .find_map(|request| request.headers.get("authorization").cloned());
    let echo = Fault::Status {
        code: 400,
        headers: Default::default(),
        body: Some(json!({"errorMessage": shown, "errorCode": "ODD"})),
        apply: false,
    };
    pair.simulator
        .faults([Rule::new(echo).method("POST").path_contains("/invites")]);
    answers.push(
        client
            .post("/v1/accounts", LIGHTELLIGENCE.new_account("ben"))
            .await,
    );
    for path in [
        "/v1/operations?limit=100",
        "/v1/audit-events?limit=100",
        CONNECTION,
        "/metrics",
    ] {
        answers.push(client.get(path).await);
    }
    let rows: Vec<String> = sqlx::query_scalar(
        "select t::text from connection_tokens t union all select s::text from connection_secrets s
         union all select o::text from operations o union all select a::text from audit_events a",
    )
    .fetch_all(pair.database.sql())
    .await
    .expect("rows");
    let secrets = secrets(&pair.simulator);
    assert!(
        secrets.len() >= 4,
        "two access tokens and two refresh tokens at least"
    );
    let mut places: Vec<(String, String)> = rows
        .into_iter()
        .map(|row| ("the database".to_owned(), row))
        .collect();
    places.extend(answers.iter().map(|answer| {
        (
            answer.asked.clone(),
            format!("{:?} {}", answer.headers, answer.text),
        )
    }));
    places.push(("the log".to_owned(), pair.replicas[0].program.log()));
    for (place, text) in places {
        for secret in secrets.iter() {
            for form in [secret.clone(), hex::encode(secret)] {
                assert!(!text.contains(&form), "a token got out into {place}");
            }
        }
    }
    let ciphertexts: i64 = sqlx::query_scalar(
        "select count(*) from connection_tokens where access_ciphertext is not null and refresh_ciphertext is not null",
    )
    .fetch_one(pair.database.sql())
    .await
    .expect("a count");
    assert_eq!(ciphertexts, 1);
    pair.stop().await;
}

/// The signature of every token that went over the wire: it is in the token and nowhere else.
fn secrets(simulator: &Running) -> Arc<[String]> {
    let mut found = std::collections::BTreeSet::new();
    for request in simulator.requests() {
        let bearer = request.headers.get("authorization");
        let shown = bearer
            .and_then(|header| header.strip_prefix("Bearer "))
            .map(str::to_owned);
        let form: Vec<(String, String)> = url::form_urlencoded::parse(request.body.as_bytes())
            .into_owned()
            .collect();
        let refresh = form
            .into_iter()
            .find(|(name, _)| name == "refresh_token")
            .map(|(_, value)| value);
        for token in shown.into_iter().chain(refresh) {
            let signature = token.rsplit('.').next().expect("a part");
            assert!(signature.len() > 20, "{token}");
            found.insert(signature.to_owned());
        }
    }
    found.into_iter().collect()
}
