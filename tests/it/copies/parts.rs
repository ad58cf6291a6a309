//! The parts of a sync: in order, each by itself, and from where a run was left.

use iam_gateway::simulators::{Fault, Rule};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::text;
use crate::support::{DEVO, LUMOS_MAIN, LUNA, READABLE, TestApp};

/// The parts of a run, as `noun status`.
fn told(run: &Value) -> Vec<String> {
    let parts = run["parts"].as_array().expect("parts");
    parts
        .iter()
        .map(|part| format!("{} {}", text(&part["noun"]), text(&part["status"])))
        .collect()
}

fn refusal(code: u16) -> Fault {
    Fault::Status {
        code,
        headers: Default::default(),
        body: None,
        apply: false,
    }
}

#[tokio::test]
async fn a_run_goes_over_whatever_the_connection_lists() {
    const ORDER: [&str; 5] = [
        "resources",
        "entitlements",
        "accounts",
        "grants",
        "activity",
    ];
    for vendor in READABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let run = app.synced(vendor).await;
        let path = format!("/v1/connections/{}/capabilities", vendor.connection);
        let can = app.get(&path).await["capabilities"].to_string();
        let expected: Vec<String> = ORDER
            .iter()
            .filter(|noun| can.contains(&format!("\"{noun}.list\"")))
            .map(|noun| format!("{noun} complete"))
            .collect();
        assert!(expected.contains(&"accounts complete".to_owned()));
        assert_eq!(told(&run), expected, "{}", vendor.variant);
        for count in ["pages", "seen", "created"] {
            let parts = run["parts"].as_array().expect("parts").iter();
            let sum: i64 = parts.filter_map(|part| part[count].as_i64()).sum();
            assert_eq!(run[count].as_i64(), Some(sum), "{count}");
        }
        for part in run["parts"].as_array().expect("parts") {
            let noun = text(&part["noun"]);
            let path = format!("/v1/{noun}?connection_id={}&limit=1000", vendor.connection);
            let listed = app.get(&path).await;
            assert_eq!(listed["stale"], false, "{noun}");
            assert!(listed["as_of"].is_string(), "{noun}");
            // Accounts that are deleted at the vendor are seen as well.
            let shown = app.all(&path).await.len() as i64;
            assert!(Some(shown) <= part["created"].as_i64(), "{noun}");
        }
        let again = app.synced(vendor).await;
        for count in ["created", "changed", "removed"] {
            assert_eq!(again[count], 0, "{count} at {}: {again:#}", vendor.variant);
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn a_part_that_fails_by_itself_leaves_the_others_alone() {
    let app = TestApp::builder().vendor(DEVO).start().await;
    app.faults(
        DEVO,
        [Rule::new(refusal(400))
            .method("GET")
            .path_contains("/roles")
            .times(0)],
    );
    let run = app.sync(DEVO).await;
    assert_eq!(run["status"], "failed");
    assert_eq!(
        told(&run),
        [
            "resources complete",
            "entitlements failed",
            "accounts complete",
            "grants failed"
        ],
        "{run:#}"
    );
    let detail = text(&run["error"]["detail"]);
    assert!(detail.contains("entitlements"), "{detail}");
    assert_eq!(app.get("/v1/accounts").await["stale"], false);
    let entitlements = app.get("/v1/entitlements").await;
    assert_eq!(
        (&entitlements["stale"], &entitlements["as_of"]),
        (&json!(true), &Value::Null)
    );
    app.stop().await;
}

#[tokio::test]
async fn trouble_of_the_connection_ends_the_run() {
    let app = TestApp::builder().vendor(DEVO).start().await;
    app.synced(DEVO).await;
    app.faults(DEVO, [Rule::new(refusal(401)).times(0)]);
    let before = app.requests(DEVO).len();
    let run = app.sync(DEVO).await;
    assert_eq!(run["status"], "failed");
    assert_eq!(run["error"]["code"], "upstream_auth_failed", "{run:#}");
    let parts = run["parts"].as_array().expect("parts");
    assert_eq!(parts.len(), 4);
    assert!(parts.iter().all(|part| part["status"] == "failed"));
    let why = text(&parts[3]["defects"][0]);
    assert!(why.contains("not reached"), "{why}");
    let calls = app.requests(DEVO).len() - before;
    assert!(calls <= 3, "{calls} calls after the first was refused");
    assert_eq!(app.get("/v1/grants").await["stale"], true);
    app.stop().await;
}

/// As another replica left it that was killed: the entitlements are done, of the accounts nothing is.
#[tokio::test]
async fn a_run_that_was_left_goes_on_with_the_part_at_hand() {
    let app = TestApp::builder().vendor(DEVO).start().await;
    let mut transaction = app.sql().begin().await.expect("a transaction");
    let run: Uuid = sqlx::query_scalar(
        "insert into sync_runs (id, connection_id, noun, cause, status, started_at, part_started_at, owner, epoch,
             lease_until, pages, seen, created)
         values (gen_random_uuid(), $1::uuid, 'accounts', 'demand', 'running', clock_timestamp(), clock_timestamp(),
             gen_random_uuid(), 1, clock_timestamp(), 7, 70, 70) returning id",
    )
    .bind(app.connection_id(DEVO))
    .fetch_one(&mut *transaction)
    .await
    .expect("a run");
    for (seq, noun) in ["resources", "entitlements"].iter().enumerate() {
        sqlx::query(
            "insert into sync_parts (run_id, noun, seq, status, pages, passes, seen, created, changed, removed, defects)
             values ($1, $2, $3, 'complete', $4, 1, 35, 35, 0, 0, '[]')",
        )
        .bind(run)
        .bind(*noun)
        .bind(seq as i16 + 1)
        .bind(seq as i32 + 3)
        .execute(&mut *transaction)
        .await
        .expect("a part");
    }
    transaction.commit().await.expect("a commit");
    let run = app.sync_ended(DEVO, &json!(run.to_string())).await;
    assert_eq!(
        told(&run)[..3],
        [
            "resources complete",
            "entitlements complete",
            "accounts complete"
        ],
        "{run:#}"
    );
    let accounts = app.accounts(DEVO, "").await.len();
    assert_eq!(run["parts"][2]["created"], accounts, "{run:#}");
    assert_eq!(run["parts"][1]["seen"], 35, "it was not read again");
    // There are no entitlements, so that no grant has one.
    assert_eq!(run["parts"][3]["status"], "incomplete", "{run:#}");
    let why = text(&run["parts"][3]["defects"][0]);
    assert!(why.contains("doesn't list"), "{why}");
    assert_eq!(run["parts"][3]["created"], 0);
    app.stop().await;
}

#[tokio::test]
async fn a_listing_that_shows_a_part_says_so() {
    let app = TestApp::builder()
        .vendor(LUMOS_MAIN)
        .vendor(LUNA)
        .start()
        .await;
    app.synced(LUMOS_MAIN).await;
    app.synced(LUNA).await;
    let all = app.get("/v1/grants").await;
    assert_eq!(all["partial"], json!([app.connection_id(LUMOS_MAIN)]));
    assert_eq!(all["not_covered"], json!([]));
    let whole = app.get("/v1/grants?connection_id=luna").await;
    assert_eq!(whole["partial"], json!([]));
    app.stop().await;
}

#[tokio::test]
async fn a_grant_that_went_behind_our_back_is_found_gone() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.synced(LUNA).await;
    let before = app.all("/v1/grants?connection_id=luna&limit=1000").await;
    let account = app.account(&before[0]["account_id"]).await;
    let drift = json!([crate::syncs::remove(&account["external_id"])]);
    app.drift(LUNA, drift);
    let run = app.synced(LUNA).await;
    assert_eq!(run["parts"][1]["removed"], 1, "{run:#}");
    let path = format!("/v1/grants/{}", text(&before[0]["id"]));
    assert_eq!(app.get(&path).await["status"], "deleted");
    app.stop().await;
}
