//! The brake: a run that would remove too much stops, and two people may lift it.

use serde_json::{Value, json};

use super::{add, remove, rows};
use crate::support::app::{part, text};
use crate::support::{Answer, Client, LUMOS, LUNA, TestApp, Vendor};

const ADA: &str = "ada@example.org";
const BO: &str = "bo@example.org";

/// A synced connection that lost 60 of its 300 accounts behind our back.
async fn after_a_loss() -> TestApp {
    let app = TestApp::builder().vendor_of(LUNA, 300).start().await;
    app.synced(LUNA).await;
    lose(&app, LUNA, 10, 60).await;
    app
}

async fn lose(app: &TestApp, vendor: Vendor, skip: usize, many: usize) {
    let all = app.accounts(vendor, "").await;
    let drifts: Vec<Value> = all
        .iter()
        .skip(skip)
        .take(many)
        .map(|account| remove(&account["external_id"]))
        .collect();
    app.drift(vendor, json!(drifts));
}

async fn person(app: &TestApp, email: &str) -> Client {
    app.person(email, &["connections:read", "connections:write"])
        .await
}

async fn lift(client: &Client, vendor: Vendor, run: &Value, reason: &str) -> Answer {
    let path = format!(
        "/v1/connections/{}/syncs/{}/lift-brake",
        vendor.connection,
        text(&run["id"])
    );
    client.post(&path, json!({"reason": reason})).await
}

#[track_caller]
fn stopped(run: &Value) {
    assert_eq!(run["status"], "failed", "{run:#}");
    assert_eq!(run["error"]["code"], "change_brake");
    assert_eq!(run["removed"], 0);
}

#[tokio::test]
async fn a_run_that_would_remove_too_much_stops_and_says_what() {
    let app = after_a_loss().await;
    let before = rows(&app).await;
    let run = app.sync(LUNA).await;
    stopped(&run);
    // Their grants are not in the listing either.
    let brake =
        json!({"missing": 120, "live": 600, "lifted_by": [], "needs": 2, "lifted_into": null});
    assert_eq!(run["brake"], brake);
    for noun in ["accounts", "grants"] {
        let part = part(&run, noun);
        assert_eq!(
            (&part["missing"], &part["live"], &part["error"]["code"]),
            (&json!(60), &json!(300), &json!("change_brake"))
        );
    }
    assert_eq!(rows(&app).await, before);
    app.stop().await;
}

#[tokio::test]
async fn a_run_that_was_not_stopped_has_no_brake() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let run = app.synced(LUNA).await;
    assert_eq!(run["brake"], Value::Null);
    let ada = person(&app, ADA).await;
    let problem = lift(&ada, LUNA, &run, "none")
        .await
        .problem(409, "conflict");
    assert!(
        text(&problem["detail"]).contains("`complete`"),
        "{problem:#}"
    );
    app.stop().await;
}

#[tokio::test]
async fn two_people_lift_the_brake_that_a_service_ran_into() {
    let app = after_a_loss().await;
    let before = rows(&app).await;
    let run = app.sync(LUNA).await;
    let (ada, bo) = (person(&app, ADA).await, person(&app, BO).await);

    let proposed = lift(&ada, LUNA, &run, "They left.").await.expect(200);
    let brake = &proposed["brake"];
    assert_eq!(
        (&brake["needs"], &brake["lifted_into"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(brake["lifted_by"][0]["person"], ADA);
    assert_eq!(brake["lifted_by"][0]["reason"], "They left.");
    assert_eq!(rows(&app).await, before, "one person is not enough");

    let confirmed = lift(&bo, LUNA, &run, "HR says so, too.").await.expect(200);
    let brake = &confirmed["brake"];
    assert_eq!(brake["needs"], 0);
    assert_eq!(brake["lifted_by"].as_array().map(Vec::len), Some(2));
    let next = app.sync_ended(LUNA, &brake["lifted_into"]).await;
    assert_eq!(
        (&next["status"], &next["removed"], &next["requested_by"]),
        (&json!("complete"), &json!(60), &json!(BO)),
        "{next:#}"
    );
    let deleted = app.accounts(LUNA, "&status=deleted").await;
    assert_eq!(deleted.len(), 60);

    let trail = app
        .all("/v1/audit-events?action=connection.lift_brake")
        .await;
    let told: Vec<_> = trail
        .iter()
        .rev()
        .map(|event| {
            let detail = &event["detail"];
            assert_eq!(
                (&detail["missing"], &detail["live"]),
                (&json!(120), &json!(600))
            );
            assert_eq!(detail["run"], run["id"]);
            [
                text(&event["actor_person"]),
                text(&event["outcome"]),
                text(&detail["reason"]),
            ]
        })
        .collect();
    assert_eq!(
        told,
        [
            [ADA, "proposed", "They left."],
            [BO, "succeeded", "HR says so, too."]
        ]
    );
    let problem = lift(&ada, LUNA, &run, "again")
        .await
        .problem(409, "conflict");
    assert!(text(&problem["detail"]).contains("already"), "{problem:#}");
    app.stop().await;
}

#[tokio::test]
async fn who_asked_for_the_run_is_the_first_of_the_two() {
    let app = after_a_loss().await;
    let ada = person(&app, ADA).await;
    let run = ada
        .post("/v1/connections/luna/sync", Value::Null)
        .await
        .expect(202);
    assert_eq!(run["requested_by"], ADA);
    let run = app.sync_ended(LUNA, &run["id"]).await;
    stopped(&run);
    assert_eq!(run["brake"]["needs"], 1);
    let problem = lift(&ada, LUNA, &run, "mine").await;
    let problem = problem.problem(403, "forbidden");
    assert!(
        text(&problem["detail"]).contains("second person"),
        "{problem:#}"
    );
    // Another key of the same person is the same person.
    let again = person(&app, "ADA@example.org").await;
    lift(&again, LUNA, &run, "mine")
        .await
        .problem(403, "forbidden");

    let bo = person(&app, BO).await;
    let lifted = lift(&bo, LUNA, &run, "I looked.").await.expect(200);
    let next = app.sync_ended(LUNA, &lifted["brake"]["lifted_into"]).await;
    assert_eq!(next["removed"], 60, "{next:#}");
    app.stop().await;
}

#[tokio::test]
async fn a_lift_needs_a_person_a_reason_and_a_second_person() {
    let app = after_a_loss().await;
    let run = app.sync(LUNA).await;
    let problem = lift(app.admin(), LUNA, &run, "I am a service").await;
    let problem = problem.problem(403, "forbidden");
    assert!(
        text(&problem["detail"]).contains("for people"),
        "{problem:#}"
    );
    let reader = app.person(ADA, &["connections:read"]).await;
    lift(&reader, LUNA, &run, "x")
        .await
        .problem(403, "forbidden");

    let ada = person(&app, ADA).await;
    for reason in ["", "  ", &"x".repeat(1001)] {
        let problem = lift(&ada, LUNA, &run, reason).await;
        let problem = problem.problem(400, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], "/reason");
    }
    let nobody = json!({"id": "019fffff-ffff-7fff-bfff-ffffffffffff"});
    lift(&ada, LUNA, &nobody, "x")
        .await
        .problem(404, "not_found");
    lift(&ada, LUNA, &json!({"id": "latest"}), "x")
        .await
        .problem(404, "not_found");

    lift(&ada, LUNA, &run, "first").await.expect(200);
    lift(&ada, LUNA, &run, "second")
        .await
        .problem(403, "forbidden");
    let shown = app.get("/v1/connections/luna/syncs").await["items"][0].clone();
    assert_eq!(shown["brake"]["needs"], 1, "what was refused left no trace");
    assert_eq!(
        shown["brake"]["lifted_by"].as_array().map(Vec::len),
        Some(1)
    );
    app.stop().await;
}

#[tokio::test]
async fn a_newer_run_makes_a_lift_pointless() {
    let app = after_a_loss().await;
    let (ada, bo) = (person(&app, ADA).await, person(&app, BO).await);
    let run = app.sync(LUNA).await;
    lift(&ada, LUNA, &run, "They left.").await.expect(200);
    let newer = app.sync(LUNA).await;
    stopped(&newer);
    let problem = lift(&bo, LUNA, &run, "yes").await.problem(409, "conflict");
    assert!(text(&problem["detail"]).contains("newer"), "{problem:#}");
    assert_eq!(newer["brake"]["needs"], 2, "nobody spoke of this one yet");
    app.stop().await;
}

#[tokio::test]
async fn a_lifted_run_removes_no_more_than_was_named() {
    let app = after_a_loss().await;
    let (ada, bo) = (person(&app, ADA).await, person(&app, BO).await);
    let run = app.sync(LUNA).await;
    lift(&ada, LUNA, &run, "They left.").await.expect(200);
    lose(&app, LUNA, 100, 5).await;
    let before = rows(&app).await;
    let lifted = lift(&bo, LUNA, &run, "yes").await.expect(200);
    let next = app.sync_ended(LUNA, &lifted["brake"]["lifted_into"]).await;
    stopped(&next);
    assert_eq!(
        (&next["brake"]["missing"], &next["brake"]["needs"]),
        (&json!(130), &json!(1)),
        "who lifted the first asked for this one"
    );
    assert!(
        text(&next["error"]["detail"]).contains("5 of them"),
        "{next:#}"
    );
    assert_eq!(rows(&app).await, before);
    lift(&bo, LUNA, &next, "those too")
        .await
        .problem(403, "forbidden");
    let lifted = lift(&ada, LUNA, &next, "those too").await.expect(200);
    let last = app.sync_ended(LUNA, &lifted["brake"]["lifted_into"]).await;
    assert_eq!(last["removed"], 65, "{last:#}");
    app.stop().await;
}

#[tokio::test]
async fn what_came_back_meanwhile_stays() {
    let app = after_a_loss().await;
    let (ada, bo) = (person(&app, ADA).await, person(&app, BO).await);
    let gone = app.accounts(LUNA, "").await[10].clone();
    let run = app.sync(LUNA).await;
    lift(&ada, LUNA, &run, "They left.").await.expect(200);
    let who = text(&gone["email"]).split('@').next().expect("a name");
    let back = add(LUNA, who, Some(text(&gone["external_id"])));
    app.drift(LUNA, json!([back]));
    let lifted = lift(&bo, LUNA, &run, "yes").await.expect(200);
    let next = app.sync_ended(LUNA, &lifted["brake"]["lifted_into"]).await;
    assert_eq!(
        (&next["status"], &next["removed"]),
        (&json!("complete"), &json!(59))
    );
    assert_ne!(app.account(&gone["id"]).await["status"], "deleted");
    app.stop().await;
}

/// The stopped run was the first that missed them, the lifted one is the second.
#[tokio::test]
async fn where_no_single_read_tells_the_lifted_run_is_the_second_that_misses_them() {
    let app = TestApp::builder()
        .vendor_quirk(LUMOS, "lacks", "info,get_account")
        .start()
        .await;
    app.admin()
        .post("/v1/connections/lumos-connector/check", Value::Null)
        .await
        .expect(200);
    let all = part(&app.synced(LUMOS).await, "accounts")["seen"].clone();
    lose(&app, LUMOS, 2, 53).await;
    let run = app.sync(LUMOS).await;
    stopped(&run);
    assert_eq!(part(&run, "accounts")["live"], all);
    let (ada, bo) = (person(&app, ADA).await, person(&app, BO).await);
    lift(&ada, LUMOS, &run, "They left.").await.expect(200);
    let lifted = lift(&bo, LUMOS, &run, "yes").await.expect(200);
    let next = app.sync_ended(LUMOS, &lifted["brake"]["lifted_into"]).await;
    assert_eq!(
        (&next["status"], &next["removed"]),
        (&json!("complete"), &json!(53)),
        "{next:#}"
    );
    app.stop().await;
}
