//! Switching accounts on and off.

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{DEVO, LUMOS, LUNA, TestApp, WRITABLE};

#[tokio::test]
async fn an_account_is_switched_off_and_on_where_the_vendor_has_states() {
    for vendor in WRITABLE.into_iter().filter(|vendor| vendor.has_states) {
        let app = TestApp::builder().vendor(vendor).start().await;
        app.synced(vendor).await;
        let account = app
            .accounts(vendor, "&email=bruno.keller@example.org")
            .await
            .remove(0);
        assert_eq!(account["status"], "active");
        let path = |verb: &str| format!("/v1/accounts/{}/{verb}", text(&account["id"]));
        let off = app
            .admin()
            .post(&path("deactivate"), Value::Null)
            .await
            .expect(200);
        assert!(
            ["inactive", "suspended"].contains(&text(&off["status"])),
            "{off:#}"
        );
        assert_eq!(app.effects(vendor).len(), 1);
        let again = app
            .admin()
            .post(&path("deactivate"), json!({}))
            .await
            .expect(200);
        assert_eq!(again["status"], off["status"]);
        assert_eq!(app.effects(vendor).len(), 1, "already so: nothing was sent");
        let on = app
            .admin()
            .post(&path("activate"), Value::Null)
            .await
            .expect(200);
        assert_eq!(on["status"], "active");
        assert_eq!(app.effects(vendor).len(), 2);
        let words: Vec<String> = app
            .operations()
            .await
            .iter()
            .map(|operation| {
                format!(
                    "{} {}",
                    text(&operation["kind"]),
                    text(&operation["effect"])
                )
            })
            .collect();
        assert_eq!(
            words,
            [
                "account.deactivate updated",
                "account.deactivate noop",
                "account.activate updated"
            ]
        );
        app.stop().await;
    }
}

#[tokio::test]
async fn where_the_vendor_has_no_states_the_refusal_says_what_it_can() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let account = app.create_account(LUNA.new_account("newcomer")).await;
    let before = app.requests(LUNA).len();
    for verb in ["activate", "deactivate"] {
        let path = format!("/v1/accounts/{}/{verb}", text(&account["id"]));
        let problem = app
            .admin()
            .post(&path, Value::Null)
            .await
            .problem(422, "capability_not_supported");
        let can = problem["capabilities"].to_string();
        assert!(
            can.contains("accounts.delete") && !can.contains(verb),
            "{problem:#}"
        );
    }
    assert_eq!(app.requests(LUNA).len(), before);
    assert_eq!(
        account["status"], "active",
        "a vendor without states gives active"
    );
    app.stop().await;
}

#[tokio::test]
async fn every_status_of_a_vendor_has_its_word() {
    let app = TestApp::builder().vendor(DEVO).vendor(LUMOS).start().await;
    for (vendor, words) in [
        (DEVO, vec!["active", "inactive", "pending"]),
        (
            LUMOS,
            vec![
                "active",
                "deprovisioned",
                "inactive",
                "pending",
                "suspended",
                "unknown",
            ],
        ),
    ] {
        app.synced(vendor).await;
        let mut seen: Vec<String> = app
            .accounts(vendor, "")
            .await
            .iter()
            .map(|account| text(&account["status"]).to_owned())
            .collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen, words, "{}", vendor.name);
    }
    app.stop().await;
}
