//! A simulated tenant through the whole gateway.

use std::collections::BTreeSet;

use iam_gateway::simulators::{Drift, DriftOp};
use serde_json::{Value, json};

use crate::support::{LUMOS_MAIN, TestApp};

/// Pairs of a person's address and the name of what they hold.
type Held = BTreeSet<(String, String)>;

async fn all(app: &TestApp, noun: &str) -> Vec<Value> {
    app.all(&format!(
        "/v1/{noun}?limit=1000&connection_id={}",
        connection(app).await
    ))
    .await
}

async fn connection(app: &TestApp) -> String {
    let connection = app.get("/v1/connections/lumos").await;
    text(&connection["id"])
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn named<'a>(things: &'a [Value], id: &Value) -> &'a Value {
    let mut things = things.iter();
    things.find(|thing| thing["id"] == *id).expect("a thing")
}

/// What the gateway says that people hold, by the vendor's ids.
async fn shown(app: &TestApp) -> Held {
    let (accounts, entitlements) = (all(app, "accounts").await, all(app, "entitlements").await);
    let pair = |grant: &Value| {
        let account = named(&accounts, &grant["account_id"]);
        let entitlement = named(&entitlements, &grant["entitlement_id"]);
        (
            text(&account["external_id"]),
            text(&entitlement["external_id"]),
        )
    };
    all(app, "grants").await.iter().map(pair).collect()
}

/// What the tenant says.
fn held(app: &TestApp) -> Held {
    let state = app.simulator(LUMOS_MAIN).state();
    let pair = |grant: &Value| {
        let entitlement = [&grant["group_id"], &grant["permission_id"]];
        let entitlement = entitlement.into_iter().find(|id| id.is_string());
        (text(&grant["user_id"]), text(entitlement.expect("an id")))
    };
    state
        .of(LUMOS_MAIN.variant)
        .grants
        .iter()
        .map(pair)
        .collect()
}

#[tokio::test]
async fn a_sync_copies_apps_entitlements_accounts_and_grants() {
    let app = TestApp::builder().vendor(LUMOS_MAIN).start().await;
    app.synced(LUMOS_MAIN).await;
    let state = app.simulator(LUMOS_MAIN).state();
    let tenant = state.of(LUMOS_MAIN.variant);

    let apps = all(&app, "resources").await;
    assert_eq!(apps.len(), tenant.apps.len());
    let entitlements = all(&app, "entitlements").await;
    let of = |kind: &str| {
        let of_kind = entitlements.iter().filter(|one| one["kind"] == kind);
        of_kind.collect::<Vec<_>>()
    };
    assert_eq!(of("group").len(), tenant.groups.len());
    assert_eq!(of("permission").len(), tenant.entitlements.len());
    for permission in of("permission") {
        let home = named(&apps, &permission["resource_id"]);
        assert_eq!(home["kind"], "app");
    }
    let accounts = all(&app, "accounts").await;
    let in_apps = accounts.iter().filter(|one| one["resource_id"].is_string());
    assert_eq!(in_apps.count(), tenant.accounts.len());
    assert_eq!(accounts.len(), tenant.accounts.len() + tenant.users.len());
    assert_eq!(shown(&app).await, held(&app));
    let grants = all(&app, "grants").await;
    assert!(grants.iter().all(|one| one["managed"] == false));

    app.stop().await;
}

#[tokio::test]
async fn who_signed_in_was_active_and_whose_data_changed_was_not() {
    let app = TestApp::builder().vendor(LUMOS_MAIN).start().await;
    let state = app.simulator(LUMOS_MAIN).state();
    let users = &state.of(LUMOS_MAIN.variant).users;
    let did = |event: &str, user: usize, outcome: &str| Drift {
        op: DriftOp::Add,
        kind: "main/log".into(),
        id: None,
        value: json!({ "event_type": event, "user_id": users[user]["id"], "outcome": outcome }),
    };
    let drifts = [
        did("USER_LOGGED_IN", 3, "Succeeded"),
        did("USER_LOGGED_IN", 4, "Failed"),
        did("ACCESS_REQUEST_CREATED", 5, "Succeeded"),
        Drift {
            op: DriftOp::Change,
            kind: "main/user".into(),
            id: users[7]["id"].as_str().map(str::to_owned),
            value: json!({ "given_name": "Renamed" }),
        },
    ];
    app.simulator(LUMOS_MAIN).drift(&drifts).expect("a drift");
    app.synced(LUMOS_MAIN).await;

    let reports = all(&app, "activity").await;
    let actions: BTreeSet<_> = reports.iter().map(|one| text(&one["action"])).collect();
    let expected = [
        "ACCESS_REQUEST_CREATED",
        "USER_LOGGED_IN",
        "identity.given_name",
    ];
    assert_eq!(actions, expected.map(str::to_owned).into());
    assert_eq!(reports.len(), 4, "what is long ago is not asked for");
    let used: Vec<_> = reports.iter().filter(|one| one["is_use"] == true).collect();
    assert_eq!(used.len(), 1);
    let accounts = all(&app, "accounts").await;
    let person = named(&accounts, &used[0]["account_id"]);
    assert_eq!(
        person["external_id"], users[3]["id"],
        "the login at Lumos itself"
    );
    assert_eq!(person["last_activity_at"], used[0]["happened_at"]);
    for other in [4, 5, 7] {
        let of_user = accounts
            .iter()
            .find(|one| one["external_id"] == users[other]["id"]);
        assert_eq!(of_user.expect("a user")["last_activity_at"], Value::Null);
    }
    app.stop().await;
}

#[tokio::test]
async fn what_the_grants_of_a_tenant_lack_is_not_taken_away_and_what_is_under_way_is_shown() {
    let app = TestApp::builder().vendor(LUMOS_MAIN).start().await;
    app.synced(LUMOS_MAIN).await;
    let before = shown(&app).await;
    let state = app.simulator(LUMOS_MAIN).state();
    let tenant = state.of(LUMOS_MAIN.variant);
    let given = tenant.requests.iter();
    let mut given = given.filter(|one| one["status"] == "COMPLETED");
    let request = given.next_back().expect("a request that gave something");
    let group = &tenant.groups[0];
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
    assert_eq!(shown(&app).await, before, "absence means nothing");
    assert_eq!(before.difference(&held(&app)).count(), 1);
    let grants = all(&app, "grants").await;
    let of_request = |one: &&Value| one["attributes"]["access_request_id"] == request["id"];
    let words: Vec<_> = grants
        .iter()
        .filter(of_request)
        .map(|one| (&one["status"], &one["vendor_status"]))
        .collect();
    assert_eq!(
        words,
        [(&json!("revoking"), &json!("PENDING_DEPROVISIONING"))]
    );
    app.stop().await;
}

#[tokio::test]
async fn a_grant_is_neither_given_nor_taken_here() {
    let app = TestApp::builder().vendor(LUMOS_MAIN).start().await;
    let able = app.get("/v1/connections/lumos/capabilities").await;
    let able = able["capabilities"].to_string();
    assert!(able.contains("grants.list"), "{able}");
    for absent in ["grants.create", "grants.delete", "grants.read"] {
        assert!(!able.contains(absent), "{able}");
    }
    app.stop().await;
}
