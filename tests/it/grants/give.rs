//! What a grant and its end do: at the vendor, in our tables, in the ledger and the trail.

use serde_json::{Value, json};

use super::{
    ADA, BRUNO, ROOT, account, entitlement, give, last_operation, path, row, synced, wish,
};
use crate::support::app::text;
use crate::support::{DEVO, LUNA};

#[tokio::test]
async fn an_entitlement_is_given_and_taken_away() {
    let app = synced(DEVO).await;
    let body = json!({
        "account_id": account(&app, BRUNO).await,
        "entitlement_id": entitlement(&app, "reviewer").await,
        "reason": "Reviews the quarter.",
    });
    let answer = app.admin().post("/v1/grants", body.clone()).await;
    let grant = answer.expect(201);
    assert_eq!(answer.header("location"), path(&grant));
    for (field, value) in [
        ("status", json!("active")),
        ("managed", json!(true)),
        ("ambiguous", json!(false)),
        ("source", json!("write")),
        ("displaced_id", Value::Null),
        ("account_id", body["account_id"].clone()),
        ("entitlement_id", body["entitlement_id"].clone()),
    ] {
        assert_eq!(grant[field], value, "{field}: {grant:#}");
    }
    let operation = last_operation(&app).await;
    assert_eq!(
        (
            &operation["kind"],
            &operation["effect"],
            &operation["sends"]
        ),
        (&json!("grant.create"), &json!("created"), &json!(1))
    );
    assert_eq!(
        (
            &operation["grant_id"],
            &operation["entitlement_id"],
            &operation["account_id"]
        ),
        (&grant["id"], &body["entitlement_id"], &body["account_id"])
    );
    let events = format!("/v1/audit-events?operation_id={}", text(&operation["id"]));
    for event in app.all(&events).await {
        assert_eq!(
            (&event["noun"], &event["noun_id"]),
            (&json!("grant"), &grant["id"])
        );
        assert_eq!(event["detail"]["account_id"], body["account_id"]);
        assert_eq!(event["detail"]["entitlement_id"], body["entitlement_id"]);
        if event["outcome"] == "requested" {
            assert_eq!(event["detail"]["reason"], body["reason"]);
        }
    }

    let because = json!({"reason": "The quarter is over."});
    app.admin()
        .delete(&path(&grant))
        .json(because)
        .await
        .expect(204);
    let gone = row(&app, BRUNO, "reviewer").await.expect("its row");
    assert_eq!(gone.0, "deleted");
    let operation = last_operation(&app).await;
    assert_eq!(operation["effect"], "deleted");
    assert_eq!(
        app.trail(&operation["id"]).await,
        ["grant.delete requested", "grant.delete succeeded"]
    );
    assert_eq!(app.effects(DEVO).len(), 2, "{:#?}", app.effects(DEVO));
    app.stop().await;
}

#[tokio::test]
async fn what_is_held_already_is_success_and_stays_whose_it_is() {
    let app = synced(DEVO).await;
    let grant = give(&app, ADA, "reviewer").await;
    assert_eq!(grant["managed"], false, "somebody else gave it");
    assert_eq!(last_operation(&app).await["effect"], "noop");
    let ours = give(&app, BRUNO, "reviewer").await;
    let again = give(&app, BRUNO, "reviewer").await;
    assert_eq!(
        (&again["id"], &again["managed"]),
        (&ours["id"], &json!(true))
    );
    assert_eq!(last_operation(&app).await["effect"], "noop");
    app.the_effect(DEVO);
    app.stop().await;
}

#[tokio::test]
async fn what_our_copy_did_not_know_is_found_and_stays_unmanaged() {
    let app = synced(DEVO).await;
    // Our copy has lost it; the vendor has not.
    sqlx::query("delete from grants where account_id::text = $1")
        .bind(text(&account(&app, ADA).await))
        .execute(app.sql())
        .await
        .expect("gone");
    let grant = give(&app, ADA, "reviewer").await;
    assert_eq!(
        (&grant["status"], &grant["managed"]),
        (&json!("active"), &json!(false))
    );
    assert!(app.effects(DEVO).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn what_is_gone_already_is_success() {
    let app = synced(DEVO).await;
    let grant = give(&app, BRUNO, "reviewer").await;
    app.admin().delete(&path(&grant)).await.expect(204);
    app.admin().delete(&path(&grant)).await.expect(204);
    assert_eq!(last_operation(&app).await["effect"], "noop");
    assert_eq!(app.effects(DEVO).len(), 2);
    // What comes back is the same grant.
    let back = give(&app, BRUNO, "reviewer").await;
    assert_eq!(
        (&back["id"], &back["status"], &back["managed"]),
        (&grant["id"], &json!("active"), &json!(true))
    );
    app.stop().await;
}

#[tokio::test]
async fn unmanaged_access_goes_by_an_explicit_deletion() {
    let app = synced(DEVO).await;
    let grant = give(&app, ADA, "reviewer").await;
    app.admin().delete(&path(&grant)).await.expect(204);
    assert_eq!(app.the_effect(DEVO).after["role"], "NO_PRIVILEGES");
    app.stop().await;
}

#[tokio::test]
async fn one_key_and_one_body_are_one_grant() {
    let app = synced(DEVO).await;
    let wish = wish(&app, BRUNO, "reviewer").await;
    let ask = |body: &Value| {
        app.admin()
            .post("/v1/grants", body.clone())
            .idempotent("g-1")
    };
    let first = ask(&wish).await.expect(201);
    let second = ask(&wish).await.expect(201);
    assert_eq!(first["id"], second["id"]);
    assert_eq!(app.operations().await.len(), 1);
    let mut other = wish.clone();
    other["reason"] = json!("another");
    ask(&other).await.problem(422, "idempotency_key_reused");
    app.stop().await;
}

#[tokio::test]
async fn who_does_not_wait_follows_the_operation() {
    let app = synced(DEVO).await;
    let wish = wish(&app, BRUNO, "reviewer").await;
    let asked = app.admin().post("/v1/grants", wish).respond_async().await;
    let operation = asked.expect(202);
    assert!(
        operation["grant_id"].is_string(),
        "it has a row from the start: {operation:#}"
    );
    assert_eq!(
        app.wait_operation(&operation["id"]).await["status"],
        "succeeded"
    );
    let of_it = format!("/v1/operations?grant_id={}", text(&operation["grant_id"]));
    assert_eq!(app.all(&of_it).await.len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn a_plan_shows_the_request_and_leaves_no_trace() {
    let app = synced(LUNA).await;
    let wish = wish(&app, ADA, "admin").await;
    let asked = app.admin().post("/v1/grants?mode=plan", wish.clone()).await;
    let plan = asked.expect(200);
    assert_eq!(
        (&plan["kind"], &plan["would"], &plan["grant_id"]),
        (&json!("grant.create"), &json!("send"), &Value::Null)
    );
    assert_eq!(plan["entitlement_id"], wish["entitlement_id"]);
    assert_eq!(plan["request"]["method"], "PATCH");
    assert_eq!(plan["request"]["body"]["account_type"], "admin");
    assert_eq!(row(&app, ADA, "admin").await, None);
    assert!(app.operations().await.is_empty() && app.effects(LUNA).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn what_an_account_holds_shows_on_the_account_too() {
    let app = synced(LUNA).await;
    give(&app, ADA, "admin").await;
    let account = app.account(&account(&app, ADA).await).await;
    assert_eq!(account["attributes"]["account_type"], "admin");
    assert_eq!(account["source"], "write");
    app.stop().await;
}

#[tokio::test]
async fn an_account_is_made_with_what_it_shall_hold() {
    let app = synced(LUNA).await;
    let mut body = LUNA.new_account("newcomer");
    body["entitlement_ids"] = json!([entitlement(&app, "advanced_user").await]);
    let made = app.create_account(body.clone()).await;
    assert_eq!(made["attributes"]["account_type"], "advanced_user");
    let held = row(&app, "newcomer@example.org", "advanced_user").await;
    assert_eq!(held, Some(("active".into(), true, None)));

    body = LUNA.new_account("nobody");
    let nothing = uuid::Uuid::now_v7().to_string();
    body["entitlement_ids"] = json!([entitlement(&app, "admin").await, nothing]);
    let problem = app.admin().post("/v1/accounts", body.clone()).await;
    let problem = problem.problem(400, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "/entitlement_ids/1");
    body["entitlement_ids"] = json!([entitlement(&app, "face:view").await]);
    let problem = app.admin().post("/v1/accounts", body).await;
    let problem = problem.problem(422, "capability_not_supported");
    assert_eq!(problem["errors"][0]["pointer"], "/entitlement_ids");
    app.the_effect(LUNA);
    app.stop().await;
}

#[tokio::test]
async fn with_the_account_goes_what_it_held() {
    let app = synced(LUNA).await;
    let root = account(&app, ROOT).await;
    let of_root = row(&app, ROOT, "admin").await.expect("it is admin");
    assert_eq!(of_root.0, "active");
    app.admin()
        .delete(&format!("/v1/accounts/{}", text(&root)))
        .await
        .expect(204);
    assert_eq!(
        row(&app, ROOT, "admin").await.expect("its row").0,
        "deleted"
    );
    app.stop().await;
}
