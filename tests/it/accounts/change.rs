//! Changing and deleting accounts.

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{LUNA, TestApp, WRITABLE};

#[tokio::test]
async fn a_change_is_made_once_and_shown() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let answer = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .await;
        let path = format!("/v1/accounts/{}", text(&answer.expect(201)["id"]));
        let [change, _] = vendor.changes();
        let changed = app.admin().patch(&path, change.clone()).await;
        let (field, value) = change
            .as_object()
            .and_then(|change| change.iter().next())
            .expect("a field");
        assert_eq!(changed.expect(200)[field], *value);
        assert_ne!(changed.header("etag"), answer.header("etag"));
        assert_eq!(app.get(&path).await[field], *value);
        let effects = app.effects(vendor);
        assert_eq!(effects.len(), 2, "{effects:#?}");
        assert!(
            effects[1].after.to_string().contains(text(value)),
            "{effects:#?}"
        );
        app.stop().await;
    }
}

#[tokio::test]
async fn a_merge_patch_is_json_too() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("newcomer")).await;
    let path = format!("/v1/accounts/{}", text(&account["id"]));
    let ask = app
        .admin()
        .ask("PATCH", &path)
        .header("content-type", "application/merge-patch+json")
        .body(r#"{"display_name": null}"#);
    assert_eq!(ask.await.expect(200)["display_name"], Value::Null);
    app.stop().await;
}

#[tokio::test]
async fn a_change_that_makes_no_sense_is_refused_before_anything_is_sent() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("newcomer")).await;
    let path = format!("/v1/accounts/{}", text(&account["id"]));
    let before = app.requests(LUNA).len();
    let cases = [
        (json!({}), 400, ""),
        (json!({"colour": "red"}), 400, "/colour"),
        (json!({"login": null}), 400, "/login"),
        (json!({"login": "a@my-co.com"}), 400, "/login"),
        (json!({"given_name": "Ada"}), 422, "/given_name"),
        (json!({"display_name": 7}), 400, "/display_name"),
        (
            json!({"display_name": "x".repeat(129)}),
            400,
            "/display_name",
        ),
        (
            json!({"attributes": {"account_type": "king"}}),
            400,
            "/attributes/account_type",
        ),
        (json!({"password": "x"}), 400, "/password"),
    ];
    for (change, status, pointer) in cases {
        let answer = app.admin().patch(&path, change.clone()).await;
        answer.expect(status);
        assert_eq!(answer.pointers(), [pointer], "{change}");
    }
    assert_eq!(app.requests(LUNA).len(), before);
    app.stop().await;
}

#[tokio::test]
async fn who_saw_an_older_version_changes_nothing() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let created = app
        .admin()
        .post("/v1/accounts", LUNA.new_account("newcomer"))
        .await;
    let path = format!("/v1/accounts/{}", text(&created.json()["id"]));
    let old = created.header("etag");
    let [first, second] = LUNA.changes();
    let changed = app.admin().patch(&path, first).if_match(old).await;
    changed.expect(200);
    let sent = app.effects(LUNA).len();
    app.admin()
        .patch(&path, second.clone())
        .if_match(old)
        .await
        .problem(412, "precondition_failed");
    app.admin()
        .delete(&path)
        .if_match(old)
        .await
        .problem(412, "precondition_failed");
    app.admin()
        .patch(&path, second.clone())
        .if_match("W/\"1\"")
        .await
        .problem(412, "precondition_failed");
    app.admin()
        .patch(&path, second.clone())
        .if_match("nonsense")
        .await
        .problem(400, "invalid_request");
    assert_eq!(app.effects(LUNA).len(), sent, "nothing reached the vendor");
    app.admin()
        .patch(&path, second)
        .if_match(changed.header("etag"))
        .await
        .expect(200);
    app.stop().await;
}

#[tokio::test]
async fn what_is_deleted_stays_deleted_and_readable() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let account = app.create_account(vendor.new_account("newcomer")).await;
        let path = format!("/v1/accounts/{}", text(&account["id"]));
        app.admin().delete(&path).await.expect(204);
        app.admin().delete(&path).await.expect(204);
        let effects = app.effects(vendor);
        assert_eq!(effects.len(), 2, "created and deleted once: {effects:#?}");
        assert!(!holds(
            &app.simulator(vendor).state().accounts,
            "newcomer@example.org"
        ));
        let words: Vec<String> = app
            .operations()
            .await
            .iter()
            .map(|operation| text(&operation["effect"]).to_owned())
            .collect();
        assert_eq!(words, ["created", "deleted", "noop"]);

        assert_eq!(app.get(&path).await["status"], "deleted");
        assert!(app.accounts(vendor, "").await.is_empty());
        assert_eq!(app.accounts(vendor, "&status=deleted").await.len(), 1);
        let [change, _] = vendor.changes();
        app.admin()
            .patch(&path, change)
            .await
            .problem(409, "conflict");
        app.stop().await;
    }
}

#[tokio::test]
async fn what_went_behind_our_back_is_no_failure_to_delete_and_a_conflict_to_change() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        for (who, deletes) in [("first", true), ("second", false)] {
            let account = app.create_account(vendor.new_account(who)).await;
            let path = format!("/v1/accounts/{}", text(&account["id"]));
            app.drift(
                vendor,
                json!([{"op": "remove", "kind": "account", "id": account["external_id"]}]),
            );
            if deletes {
                app.admin().delete(&path).await.expect(204);
            } else {
                let [change, _] = vendor.changes();
                app.admin()
                    .patch(&path, change)
                    .await
                    .problem(409, "conflict");
            }
            assert_eq!(
                app.get(&path).await["status"],
                "deleted",
                "{who} at {}",
                vendor.name
            );
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn the_owner_of_a_domain_is_not_deleted() {
    use crate::support::DEVO;
    let app = TestApp::builder().vendor(DEVO).start().await;
    app.synced(DEVO).await;
    let accounts = app.accounts(DEVO, "").await;
    let owner = accounts
        .iter()
        .find(|account| account["attributes"]["owner"] == true)
        .expect("a domain has an owner");
    let path = format!("/v1/accounts/{}", text(&owner["id"]));
    let problem = app.admin().delete(&path).await.problem(409, "conflict");
    assert_eq!(problem["upstream"]["vendor"], "devo");
    assert_eq!(problem["upstream"]["code"], "112", "{problem:#}");
    assert!(
        problem["upstream"]["correlation_id"].is_string(),
        "{problem:#}"
    );
    assert_ne!(app.get(&path).await["status"], "deleted");
    app.stop().await;
}

fn holds(accounts: &[Value], email: &str) -> bool {
    accounts
        .iter()
        .any(|account| account.to_string().contains(email))
}
