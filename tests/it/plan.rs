//! `mode=plan`: what an act would send is shown, and nothing is sent or recorded.

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{DEVO, LUMOS, LUNA, TestApp, Vendor, WRITABLE};
use crate::syncs::{add, remove};

const MARK: &str = "[redacted]";

/// What the service has recorded, of whatever kind: a plan adds nothing to it.
async fn records(app: &TestApp) -> (i64, i64, i64, i64) {
    sqlx::query_as(
        "select (select count(*) from operations), (select count(*) from audit_events),
             (select count(*) from idempotency_keys), (select coalesce(sum(version), 0)::bigint from accounts)",
    )
    .fetch_one(app.sql())
    .await
    .expect("counts")
}

/// Asks for a plan, which must come and leave no trace.
async fn planned(app: &TestApp, vendor: Vendor, method: &str, path: &str, body: Value) -> Value {
    let before = (records(app).await, app.effects(vendor).len());
    let path = format!("{path}?mode=plan");
    let ask = app.admin().ask(method, &path).idempotent("of-a-plan");
    let plan = ask.json(body).await.expect(200);
    let after = (records(app).await, app.effects(vendor).len());
    assert_eq!(before, after, "{method} {path} did something: {plan:#}");
    plan
}

/// Whether a planned body is the sent one, but for what is redacted.
fn is_same(planned: &Value, sent: &Value) -> bool {
    match (planned, sent) {
        (Value::String(mark), _) if mark == MARK => true,
        (Value::Object(planned), Value::Object(sent)) => {
            planned.len() == sent.len()
                && planned
                    .iter()
                    .all(|(name, value)| sent.get(name).is_some_and(|sent| is_same(value, sent)))
        }
        (planned, sent) => planned == sent,
    }
}

/// The request of a plan must be the one that the act itself then sends.
async fn comes_true(app: &TestApp, vendor: Vendor, method: &str, path: &str, body: Value) -> Value {
    let plan = planned(app, vendor, method, path, body.clone()).await;
    assert_eq!(plan["would"], "send", "{plan:#}");
    assert_eq!(plan["refusal"], Value::Null);
    let request = &plan["request"];
    let before = app.requests(vendor).len();
    let answer = app.admin().ask(method, path).json(body).await;
    assert!(answer.status.is_success(), "{answer}");
    let url = text(&request["url"]);
    let sent: Vec<_> = app.requests(vendor)[before..]
        .iter()
        .filter(|sent| {
            sent.method == request["method"]
                && url.ends_with(&sent.path)
                && is_same(
                    &request["body"],
                    &serde_json::from_str(&sent.body).unwrap_or_default(),
                )
        })
        .cloned()
        .collect();
    assert_eq!(sent.len(), 1, "{plan:#} is not what was sent");
    let headers = request["headers"].as_object().expect("headers");
    for (name, value) in headers {
        assert!(sent[0].headers.contains_key(name), "{name} was not sent");
        // What is made anew for each request differs.
        let is_own = ["luna-account-id", "luna-request-id"].contains(&name.as_str());
        assert!(
            is_own || value == MARK || *value == sent[0].headers[name],
            "{name}: {value}"
        );
    }
    answer.text.parse().unwrap_or_default()
}

#[tokio::test]
async fn every_act_at_every_vendor_is_shown_as_it_will_be_sent() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let new = vendor.new_account("planned");
        let made = comes_true(&app, vendor, "POST", "/v1/accounts", new).await;
        let path = format!("/v1/accounts/{}", text(&made["id"]));
        let [change, _] = vendor.changes();
        comes_true(&app, vendor, "PATCH", &path, change).await;
        comes_true(&app, vendor, "DELETE", &path, Value::Null).await;
        if vendor.has_states {
            // One that was there before: a new one may still have to follow an invitation.
            app.synced(vendor).await;
            let active = &app.accounts(vendor, "&status=active").await[0];
            for verb in ["deactivate", "activate"] {
                let path = format!("/v1/accounts/{}/{verb}", text(&active["id"]));
                comes_true(&app, vendor, "POST", &path, Value::Null).await;
            }
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn a_plan_says_what_it_is_about_and_what_it_read() {
    let app = TestApp::builder().vendor(DEVO).start().await;
    let account = app.create_account(DEVO.new_account("read")).await;
    let path = format!("/v1/accounts/{}", text(&account["id"]));
    let before = app.requests(DEVO).len();
    let [change, _] = DEVO.changes();
    let plan = planned(&app, DEVO, "PATCH", &path, change).await;
    assert_eq!(plan["kind"], "account.update");
    assert_eq!(plan["vendor"], "devo");
    assert_eq!(plan["account_id"], account["id"]);
    assert_eq!(plan["connection_id"], app.connection_id(DEVO));
    let read: Vec<(String, Option<u16>)> = app.requests(DEVO)[before..]
        .iter()
        .map(|received| (received.path.clone(), received.status))
        .collect();
    let shown = plan["readings"].as_array().expect("readings");
    assert!(!shown.is_empty(), "a change is made upon a reading");
    assert_eq!(shown.len(), read.len(), "{plan:#}");
    for (shown, (path, status)) in shown.iter().zip(read) {
        assert_eq!(shown["method"], "GET");
        assert!(text(&shown["url"]).ends_with(&path), "{shown}");
        assert_eq!(shown["status"], json!(status));
    }
    app.stop().await;
}

#[tokio::test]
async fn no_secret_is_in_a_plan() {
    let app = TestApp::builder()
        .vendor_quirk(LUNA, "auth", "basic")
        .vendor(DEVO)
        .vendor(LUMOS)
        .start()
        .await;
    for vendor in WRITABLE {
        let mut body = vendor.new_account("secretive");
        let mut secrets = Vec::new();
        if vendor == LUNA {
            body["password"] = json!("first \"secret\" of/secretive");
            secrets.push("of/secretive".to_owned());
        }
        let credentials = app
            .simulator(vendor)
            .connection(vendor.variant)
            .expect("a connection")["credentials"]
            .clone();
        for (name, value) in credentials.as_object().expect("credentials") {
            if !["kind", "login"].contains(&name.as_str()) {
                secrets.push(text(value).to_owned());
            }
        }
        assert!(!secrets.is_empty(), "{}", vendor.name);
        let plan = planned(&app, vendor, "POST", "/v1/accounts", body).await;
        let shown = plan.to_string();
        for secret in secrets {
            assert!(!shown.contains(&secret), "{}: {shown}", vendor.name);
        }
        assert!(shown.contains(MARK), "{}: {shown}", vendor.name);
        if vendor == LUNA {
            assert_eq!(plan["request"]["body"]["password"], MARK);
            assert_eq!(plan["request"]["headers"]["authorization"], MARK);
        }
        if vendor == DEVO {
            assert_eq!(plan["request"]["headers"]["x-logtrust-sign"], MARK);
            assert_eq!(
                plan["request"]["headers"]["x-logtrust-reseller-apikey"],
                MARK
            );
        }
    }
    app.stop().await;
}

#[tokio::test]
async fn what_is_so_already_would_be_a_noop() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        app.synced(vendor).await;
        if vendor.has_states {
            let active = &app.accounts(vendor, "&status=active").await[0];
            let path = format!("/v1/accounts/{}/activate", text(&active["id"]));
            let plan = planned(&app, vendor, "POST", &path, Value::Null).await;
            assert_eq!(
                (&plan["would"], &plan["request"]),
                (&json!("noop"), &Value::Null)
            );
            assert_ne!(plan["readings"], json!([]), "it was looked at");
        }
        // Gone at the vendor, and not known here yet.
        let gone = &app.accounts(vendor, "").await[1];
        app.drift(vendor, json!([remove(&gone["external_id"])]));
        let path = format!("/v1/accounts/{}", text(&gone["id"]));
        let plan = planned(&app, vendor, "DELETE", &path, Value::Null).await;
        assert_eq!(plan["would"], "noop", "{plan:#}");
        app.stop().await;
    }
}

#[tokio::test]
async fn what_contradicts_the_vendors_state_would_be_refused() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        app.synced(vendor).await;
        let gone = &app.accounts(vendor, "").await[1];
        app.drift(
            vendor,
            json!([remove(&gone["external_id"]), add(vendor, "taken", None)]),
        );
        let path = format!("/v1/accounts/{}", text(&gone["id"]));
        let [change, _] = vendor.changes();
        let plan = planned(&app, vendor, "PATCH", &path, change).await;
        assert_eq!(plan["would"], "refuse", "{plan:#}");
        assert_eq!(plan["request"], Value::Null);
        assert_eq!(plan["refusal"]["code"], "conflict", "{plan:#}");
        // Where we choose the id, only the vendor can say that the login is taken.
        let new = vendor.new_account("taken");
        let plan = planned(&app, vendor, "POST", "/v1/accounts", new).await;
        let would = if vendor.chooses_ids { "send" } else { "refuse" };
        assert_eq!(plan["would"], would, "{plan:#}");
        app.stop().await;
    }
}

#[tokio::test]
async fn what_would_be_refused_without_a_plan_is_refused_with_one() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("kept")).await;
    let path = format!("/v1/accounts/{}?mode=plan", text(&account["id"]));
    let [change, _] = LUNA.changes();
    let (field, value) = LUNA.unkept();
    let unkept = app.admin().patch(&path, json!({ field: value })).await;
    unkept.problem(422, "capability_not_supported");
    let stale = app.admin().patch(&path, change.clone()).if_match("\"999\"");
    stale.await.problem(412, "precondition_failed");
    let reader = app.client(&["accounts:read"]).await;
    reader
        .patch(&path, change.clone())
        .await
        .problem(403, "forbidden");
    let path = format!("/v1/accounts/{}", text(&account["id"]));
    for mode in ["dry-run", "Plan", ""] {
        let answer = app
            .admin()
            .patch(&format!("{path}?mode={mode}"), change.clone())
            .await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), ["mode"]);
    }
    let answer = app
        .admin()
        .patch(&format!("{path}?modus=plan"), change.clone())
        .await;
    answer.problem(400, "invalid_request");
    assert_eq!(app.effects(LUNA).len(), 1, "the creation and nothing else");
    app.admin()
        .patch(&format!("{path}?mode=apply"), change)
        .await
        .expect(200);
    assert_eq!(app.effects(LUNA).len(), 2, "`apply` does it");
    app.stop().await;
}

#[tokio::test]
async fn a_plan_that_can_not_be_made_is_an_error() {
    let app = TestApp::builder().vendor(DEVO).start().await;
    let account = app.create_account(DEVO.new_account("unread")).await;
    app.faults(
        DEVO,
        [DEVO
            .on_read(Fault::Status {
                code: 503,
                headers: Default::default(),
                body: None,
                apply: false,
            })
            .times(0)],
    );
    let path = format!("/v1/accounts/{}?mode=plan", text(&account["id"]));
    let [change, _] = DEVO.changes();
    let answer = app.admin().patch(&path, change).await;
    answer.problem(503, "upstream_unavailable");
    app.stop().await;
}

#[tokio::test]
async fn the_key_of_a_plan_stays_free_for_the_act() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let new = LUNA.new_account("keyed");
    let post = |path: &str| app.admin().post(path, new.clone()).idempotent("one-key");
    let plan = post("/v1/accounts?mode=plan").await.expect(200);
    assert_eq!(plan["would"], "send");
    let made = post("/v1/accounts").await.expect(201);
    assert_eq!(post("/v1/accounts").await.expect(201)["id"], made["id"]);
    let again = post("/v1/accounts?mode=plan")
        .respond_async()
        .await
        .expect(200);
    assert_eq!(again["would"], "send", "a plan is never an earlier outcome");
    assert_eq!(app.effects(LUNA).len(), 1);
    app.stop().await;
}
