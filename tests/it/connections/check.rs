//! Checks: what is wrong with a connection, in words.

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::{DEVO, LUMOS, LUNA, TestApp, WRITABLE};

#[tokio::test]
async fn a_check_finds_what_is_wrong() {
    for vendor in WRITABLE {
        let app = TestApp::builder().vendor(vendor).start().await;
        let path = format!("/v1/connections/{}", vendor.connection);
        let check = async || {
            app.admin()
                .post(&format!("{path}/check"), Value::Null)
                .await
                .expect(200)
        };
        let good = check().await;
        assert_eq!(
            good,
            json!({"healthy": true, "findings": []}),
            "{}",
            vendor.name
        );
        let shown = app.get(&path).await;
        assert_eq!(shown["healthy"], true);
        assert!(shown["checked_at"].is_string());
        let can = app.get(&format!("{path}/capabilities")).await;
        for capability in [
            "accounts.list",
            "accounts.read",
            "accounts.create",
            "accounts.update",
            "accounts.delete",
        ] {
            assert!(
                can["capabilities"].to_string().contains(capability),
                "{can:#}"
            );
        }
        let switches = can["capabilities"]
            .to_string()
            .contains("accounts.deactivate");
        assert_eq!(switches, vendor.has_states);

        app.faults(vendor, [all(Fault::DropBeforeApply)]);
        let bad = check().await;
        assert_eq!(bad["healthy"], false);
        assert_eq!(bad["findings"][0]["code"], "unreachable", "{bad:#}");
        assert_eq!(app.get(&path).await["findings"], bad["findings"]);
        app.simulator(vendor).clear_faults();
        assert_eq!(check().await["healthy"], true);
        app.stop().await;
    }
}

#[tokio::test]
async fn a_check_finds_wrong_credentials() {
    let app = TestApp::builder()
        .vendor_quirk(LUNA, "auth", "basic")
        .vendor(DEVO)
        .vendor(LUMOS)
        .start()
        .await;
    for (vendor, wrong) in [
        (
            LUNA,
            json!({"kind": "basic", "login": "x@y.zz", "password": "canary-credential"}),
        ),
        (
            DEVO,
            json!({"kind": "hmac", "api_key": "x", "api_secret": "canary-credential"}),
        ),
        (
            LUMOS,
            json!({"kind": "token", "token": "canary-credential"}),
        ),
    ] {
        let path = format!("/v1/connections/{}", vendor.connection);
        app.admin()
            .patch(&path, json!({"credentials": wrong}))
            .await
            .expect(200);
        let answer = app
            .admin()
            .post(&format!("{path}/check"), Value::Null)
            .await;
        let found = answer.expect(200);
        assert_eq!(found["healthy"], false, "{}", vendor.name);
        assert_eq!(found["findings"][0]["code"], "auth_failed", "{found:#}");
        assert!(!answer.text.contains("canary-credential"));
    }
    app.stop().await;
}

/// Every call.
fn all(fault: Fault) -> iam_gateway::simulators::Rule {
    iam_gateway::simulators::Rule::new(fault).times(0)
}
