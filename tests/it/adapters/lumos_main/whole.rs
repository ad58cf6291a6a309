//! A simulated tenant through the whole gateway.

use iam_gateway::simulators::{Drift, DriftOp};
use serde_json::{Value, json};

use crate::support::{LUMOS_MAIN, TestApp};

async fn count(app: &TestApp, query: &'static str) -> usize {
    let count: i64 = sqlx::query_scalar(query)
        .fetch_one(app.sql())
        .await
        .expect("a count");
    usize::try_from(count).expect("a count")
}

/// A grant that is being taken away.
fn is_ending(grant: &&Value) -> bool {
    let status = grant["status"].as_str();
    status.is_some_and(|status| status.contains("DEPROVISIONING") || status == "REVERTING")
}

const LIVE_GRANTS: &str = "select count(*) from grants where status <> 'deleted'";

#[tokio::test]
async fn a_sync_copies_apps_entitlements_accounts_grants_and_what_happened() {
    let app = TestApp::builder().vendor(LUMOS_MAIN).start().await;
    app.synced(LUMOS_MAIN).await;
    let state = app.simulator(LUMOS_MAIN).state();
    let held = state.of(LUMOS_MAIN.variant);
    for (query, expected) in [
        ("select count(*) from resources", held.apps.len()),
        (
            "select count(*) from entitlements where kind = 'permission' and resource_id is not null",
            held.entitlements.len(),
        ),
        (
            "select count(*) from entitlements where kind = 'group'",
            held.groups.len(),
        ),
        (
            "select count(*) from accounts where resource_id is not null",
            held.accounts.len(),
        ),
        (
            "select count(*) from accounts where resource_id is null",
            held.users.len(),
        ),
        (LIVE_GRANTS, held.grants.len()),
        (
            "select count(*) from grants where status = 'revoking' and not managed",
            held.grants.iter().filter(is_ending).count(),
        ),
        ("select count(*) from activity", 69),
    ] {
        assert_eq!(count(&app, query).await, expected, "{query}");
    }
    let used = "select count(*) from accounts a where resource_id is null and last_activity_at = \
                (select max(happened_at) from activity where is_use and account_id = a.id)";
    assert!(count(&app, used).await > 5, "users who signed in");
    app.stop().await;
}

#[tokio::test]
async fn what_the_grants_of_a_tenant_lack_is_not_taken_away_and_what_is_under_way_is_shown() {
    let app = TestApp::builder().vendor(LUMOS_MAIN).start().await;
    app.synced(LUMOS_MAIN).await;
    let before = count(&app, LIVE_GRANTS).await;
    let state = app.simulator(LUMOS_MAIN).state();
    let held = state.of(LUMOS_MAIN.variant);
    let given = held.requests.iter();
    let given = given.filter(|one| one["status"] == "COMPLETED");
    let request = given.last().expect("a request that gave something");
    let group = &held.groups[0];
    let drifts = [
        Drift {
            op: DriftOp::Remove,
            kind: "main/member".into(),
            id: None,
            value: json!({ "group_id": group["id"], "user_id": group["members"][0] }),
        },
        Drift {
            op: DriftOp::Change,
            kind: "main/request".into(),
            id: request["id"].as_str().map(str::to_owned),
            value: json!({ "status": "PENDING_DEPROVISIONING" }),
        },
    ];
    app.simulator(LUMOS_MAIN).drift(&drifts).expect("a drift");
    for _ in 0..2 {
        app.synced(LUMOS_MAIN).await;
    }
    assert_eq!(
        count(&app, LIVE_GRANTS).await,
        before,
        "absence means nothing"
    );
    let words: Vec<Value> = sqlx::query_scalar(
        "select jsonb_build_array(status, vendor_status) from grants where attributes->>'access_request_id' = $1",
    )
    .bind(request["id"].as_str())
    .fetch_all(app.sql())
    .await
    .expect("grants");
    assert_eq!(words, [json!(["revoking", "PENDING_DEPROVISIONING"])]);
    app.stop().await;
}
