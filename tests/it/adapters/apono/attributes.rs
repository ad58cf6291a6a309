//! The attributes of people, through the gateway: of one, and of many by one request.

use iam_gateway::simulators::{Fault, Rule};
use serde_json::{Value, json};

use super::gateway::synced;
use crate::support::app::text;
use crate::support::{APONO, TestApp};

const ADA: &str = "ada.lind@example.org";
const BRUNO: &str = "bruno.keller@example.org";
const CHIARA: &str = "chiara.moretti@example.org";

async fn account(app: &TestApp, email: &str) -> Value {
    let path = format!("/v1/accounts?connection_id=apono&email={email}");
    app.get(&path).await["items"][0].clone()
}

async fn path(app: &TestApp, email: &str) -> String {
    format!("/v1/accounts/{}", text(&account(app, email).await["id"]))
}

/// What the vendor has of somebody's attributes.
fn held(app: &TestApp, email: &str) -> Value {
    let users = app.simulator(APONO).state().accounts;
    let user = users.iter().find(|one| one["email"] == email);
    user.expect(email)["attributes"].clone()
}

async fn last(app: &TestApp) -> Value {
    app.operations().await.pop().expect("an operation")
}

fn on_attributes(method: &str, fault: Fault) -> Rule {
    Rule::new(fault)
        .method(method)
        .path_contains("/identities/attributes")
}

async fn wish(app: &TestApp, all: &[(&str, Value)]) -> Value {
    let mut items = Vec::new();
    for (email, attributes) in all {
        let id = account(app, email).await["id"].clone();
        items.push(json!({ "account_id": id, "attributes": attributes }));
    }
    json!({ "connection_id": "apono", "items": items, "reason": "They were renumbered." })
}

#[tokio::test]
async fn an_attribute_is_set_and_taken_away_and_the_others_stay() {
    let app = synced().await;
    let path = path(&app, ADA).await;
    let before = held(&app, ADA);
    let set = json!({ "attributes": { "cost_centre": "4711" } });
    let plan = format!("{path}?mode=plan");
    let planned = app.admin().patch(&plan, set.clone()).await.expect(200);
    assert_eq!(
        planned["request"]["body"],
        json!([{ "email": ADA, "attributes": { "cost_centre": "4711" } }])
    );
    for effect in ["updated", "noop"] {
        let changed = app.admin().patch(&path, set.clone()).await.expect(200);
        assert_eq!(changed["attributes"]["attributes"], held(&app, ADA));
        assert_eq!(changed["attributes"]["attributes"]["cost_centre"], "4711");
        assert_eq!(last(&app).await["effect"], effect);
    }
    let away = json!({ "attributes": { "cost_centre": null, "never_there": null } });
    for effect in ["updated", "noop"] {
        let changed = app.admin().patch(&path, away.clone()).await.expect(200);
        assert_eq!(changed["attributes"]["attributes"], before);
        assert_eq!(last(&app).await["effect"], effect);
    }
    assert_eq!(held(&app, ADA), before);
    assert_eq!(app.effects(APONO).len(), 2);
    app.stop().await;
}

#[tokio::test]
async fn what_one_request_can_not_do_is_refused_in_words() {
    let app = synced().await;
    let path = path(&app, ADA).await;
    let before = app.requests(APONO).len();
    for (body, pointer, words) in [
        (
            json!({ "attributes": { "a": "1", "b": null } }),
            "/attributes",
            "once more",
        ),
        (
            json!({ "display_name": "Ada", "attributes": { "a": "1" } }),
            "/display_name",
            "identity sources",
        ),
        (
            json!({ "attributes": { "roles": "Admin" } }),
            "/attributes/roles",
            "the user itself",
        ),
    ] {
        let answer = app.admin().patch(&path, body).await;
        let problem = answer.problem(422, "capability_not_supported");
        assert_eq!(answer.pointers(), [pointer]);
        assert!(text(&problem["detail"]).contains(words), "{problem:#}");
    }
    let answer = app
        .admin()
        .patch(&path, json!({ "attributes": { "a": 1 } }))
        .await;
    answer.problem(400, "invalid_request");
    assert_eq!(answer.pointers(), ["/attributes/a"]);
    assert_eq!(app.requests(APONO).len(), before);
    app.stop().await;
}

#[tokio::test]
async fn a_row_that_failed_inside_a_200_is_a_failure_of_the_operation() {
    let app = synced().await;
    let path = path(&app, ADA).await;
    for (error_code, status, code) in [
        ("VALUE_NOT_ALLOWED", 422, "upstream_rejected"),
        ("ATTRIBUTE_CONFLICT", 409, "conflict"),
        ("SCHEMA_NOT_FOUND", 404, "not_found"),
    ] {
        let row = json!({ "email": ADA, "success": false, "errors": [{ "error_code": error_code, "error_details": "not so" }] });
        let refused = Fault::Status {
            code: 200,
            headers: Default::default(),
            body: Some(
                json!({ "summary": { "total": 1, "succeeded": 0, "failed": 1 }, "results": [row] }),
            ),
            apply: false,
        };
        app.faults(APONO, [on_attributes("PUT", refused)]);
        let set = json!({ "attributes": { "team": "core" } });
        let problem = app.admin().patch(&path, set).await.problem(status, code);
        assert!(text(&problem["detail"]).contains(error_code), "{problem:#}");
        assert_eq!(problem["upstream"]["code"], error_code);
        let operation = last(&app).await;
        assert_eq!(
            (&operation["status"], &operation["sends"]),
            (&json!("failed"), &json!(1))
        );
    }
    assert!(app.effects(APONO).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn attributes_whose_answer_is_lost_are_read_where_they_are_kept() {
    for users_api in ["current", "legacy"] {
        let app = TestApp::builder().vendor(APONO).start().await;
        let settings = json!({ "settings": { "users_api": users_api } });
        let apono = "/v1/connections/apono";
        app.admin().patch(apono, settings).await.expect(200);
        app.synced(APONO).await;
        let path = path(&app, ADA).await;
        for (fault, team, sends) in [
            (Fault::DropAfterApply, "core", 1),
            (Fault::DropBeforeApply, "data", 2),
        ] {
            app.faults(APONO, [on_attributes("PUT", fault)]);
            let set = json!({ "attributes": { "team": team } });
            let changed = app.admin().patch(&path, set).await.expect(200);
            let shown = &changed["attributes"]["attributes"]["team"];
            let is_shown = users_api == "current";
            assert_eq!(*shown == team, is_shown, "{changed:#}");
            assert_eq!(held(&app, ADA)["team"], team);
            let operation = last(&app).await;
            assert_eq!(
                (&operation["effect"], &operation["sends"]),
                (&json!("updated"), &json!(sends))
            );
        }
        assert_eq!(app.effects(APONO).len(), 2);
        app.stop().await;
    }
}

#[tokio::test]
async fn many_are_changed_by_one_request_and_each_tells_of_itself() {
    let app = synced().await;
    let gone = account(&app, CHIARA).await;
    app.drift(
        APONO,
        json!([{ "op": "remove", "kind": "account", "id": gone["external_id"] }]),
    );
    let all = [ADA, CHIARA, BRUNO].map(|email| (email, json!({ "cost_centre": "4711" })));
    let body = wish(&app, &all).await;
    let ask = |key: &'static str| {
        let ask = app.admin().ask("PATCH", "/v1/accounts");
        ask.json(body.clone()).idempotent(key)
    };
    let told = ask("renumbered").await.expect(200);
    assert_eq!(
        told["summary"],
        json!({ "total": 3, "succeeded": 2, "failed": 1 })
    );
    let items = told["items"].as_array().expect("items");
    for (item, asked) in items.iter().zip(body["items"].as_array().expect("items")) {
        assert_eq!(item["account_id"], asked["account_id"]);
    }
    let statuses: Vec<&str> = items.iter().map(|item| text(&item["status"])).collect();
    assert_eq!(statuses, ["updated", "failed", "updated"]);
    assert_eq!(items[0]["error"], Value::Null);
    assert_eq!(items[1]["error"]["code"], "not_found");
    assert!(text(&items[1]["error"]["detail"]).contains("USER_NOT_FOUND"));

    let writes = app.requests(APONO).into_iter();
    assert_eq!(writes.filter(|one| one.method == "PUT").count(), 1);
    for email in [ADA, BRUNO] {
        let shown = account(&app, email).await;
        assert_eq!(shown["attributes"]["attributes"], held(&app, email));
        assert_eq!(shown["attributes"]["attributes"]["cost_centre"], "4711");
        assert_eq!(shown["source"], "write");
    }
    let operation = last(&app).await;
    assert_eq!(
        (
            &operation["kind"],
            &operation["status"],
            &operation["effect"]
        ),
        (
            &json!("account.update_many"),
            &json!("succeeded"),
            &json!("updated")
        )
    );
    assert_eq!(operation["result"], told);
    assert_eq!(ask("renumbered").await.expect(200), told);
    assert_eq!(app.operations().await.len(), 1);
    let events = app.get("/v1/audit-events?limit=1").await["items"][0].clone();
    assert_eq!(events["detail"]["reason"], "They were renumbered.");
    app.stop().await;
}

#[tokio::test]
async fn many_whose_answer_is_lost_are_settled_one_by_one() {
    let app = synced().await;
    let gone = account(&app, CHIARA).await;
    app.drift(
        APONO,
        json!([{ "op": "remove", "kind": "account", "id": gone["external_id"] }]),
    );
    let change = async |app: &TestApp, value: &str, emails: &[&str]| {
        let all: Vec<(&str, Value)> = emails
            .iter()
            .map(|email| (*email, json!({ "team": value })))
            .collect();
        let body = wish(app, &all).await;
        app.admin().patch("/v1/accounts", body).await.expect(200)
    };
    app.faults(APONO, [on_attributes("PUT", Fault::DropAfterApply)]);
    let told = change(&app, "core", &[ADA, BRUNO]).await;
    assert_eq!(told["summary"]["succeeded"], 2);
    assert_eq!(last(&app).await["sends"], 1);
    app.faults(APONO, [on_attributes("PUT", Fault::DropBeforeApply)]);
    let told = change(&app, "data", &[ADA, BRUNO]).await;
    assert_eq!(told["summary"]["succeeded"], 2);
    assert_eq!(last(&app).await["sends"], 2);
    // One of them is nobody: no reading shows why, so that the rest is asked for again.
    app.faults(APONO, [on_attributes("PUT", Fault::DropAfterApply)]);
    let told = change(&app, "sales", &[ADA, CHIARA]).await;
    assert_eq!(told["items"][0]["status"], "updated");
    assert_eq!(told["items"][1]["error"]["code"], "not_found");
    assert_eq!(last(&app).await["sends"], 2);
    // No answer ever comes: what was done is told apart from what was not.
    app.faults(
        APONO,
        [on_attributes("PUT", Fault::DropAfterApply).times(3)],
    );
    let told = change(&app, "legal", &[ADA, CHIARA]).await;
    assert_eq!(told["items"][0]["status"], "updated");
    assert_eq!(told["items"][1]["error"]["code"], "upstream_unavailable");
    let operation = last(&app).await;
    assert_eq!(
        (&operation["status"], &operation["sends"]),
        (&json!("succeeded"), &json!(3))
    );
    assert_eq!(held(&app, ADA)["team"], "legal");
    app.stop().await;
}

#[tokio::test]
async fn whom_no_request_can_change_is_refused_by_the_place_in_the_body() {
    let app = synced().await;
    let before = app.requests(APONO).len();
    let set = json!({ "team": "core" });
    let twice = wish(&app, &[(ADA, set.clone()), (ADA, set.clone())]).await;
    let answer = app.admin().patch("/v1/accounts", twice).await;
    answer.problem(400, "invalid_request");
    assert_eq!(answer.pointers(), ["/items/1/account_id"]);
    let both = wish(&app, &[(ADA, set), (BRUNO, json!({ "team": null }))]).await;
    let answer = app.admin().patch("/v1/accounts", both).await;
    answer.problem(422, "capability_not_supported");
    assert_eq!(answer.pointers(), ["/items/1/attributes"]);
    let none = json!({ "connection_id": "apono", "items": [] });
    let answer = app.admin().patch("/v1/accounts", none).await;
    assert_eq!(answer.pointers(), ["/items"]);
    assert_eq!(app.requests(APONO).len(), before);
    app.stop().await;
}

#[tokio::test]
async fn one_and_many_take_turns_by_the_connection() {
    let app = synced().await;
    app.faults(
        APONO,
        [on_attributes("PUT", Fault::DelayMs { value: 150 }).times(0)],
    );
    let many = wish(
        &app,
        &[
            (ADA, json!({ "team": "a" })),
            (BRUNO, json!({ "team": "a" })),
        ],
    )
    .await;
    let path = path(&app, ADA).await;
    let (many, one) = tokio::join!(
        app.admin().patch("/v1/accounts", many).send(),
        app.admin()
            .patch(&path, json!({ "attributes": { "team": "b" } }))
            .send(),
    );
    many.expect("an answer").expect(200);
    one.expect("an answer").expect(200);
    let shown = account(&app, ADA).await;
    assert_eq!(shown["attributes"]["attributes"], held(&app, ADA));
    let keys: Vec<String> = sqlx::query_scalar("select distinct serial_key from operations")
        .fetch_all(app.sql())
        .await
        .expect("words");
    assert_eq!(keys, ["attributes"]);
    app.stop().await;
}
