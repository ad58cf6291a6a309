//! Accounts: what the same request means at each vendor.

use crate::support::app::text;
use crate::support::{ALL, TestApp};

#[tokio::test]
async fn an_account_is_created_once_at_each_vendor() {
    for vendor in ALL {
        let app = TestApp::builder().vendor(vendor).start().await;
        let answer = app
            .admin()
            .post("/v1/accounts", vendor.new_account("newcomer"))
            .await;
        let account = answer.expect(201);
        assert_eq!(account["vendor"], vendor.name);
        assert_eq!(account["email"], "newcomer@example.org");
        assert_eq!(account["connection_id"], app.connection_id(vendor));
        assert_eq!(account["source"], "write");
        assert_eq!(
            answer.header("location"),
            format!("/v1/accounts/{}", text(&account["id"]))
        );
        let effect = app.the_effect(vendor);
        assert!(effect.before.is_null(), "{effect:?}");
        assert!(
            effect.after.to_string().contains("newcomer@example.org"),
            "{effect:?}"
        );
        app.stop().await;
    }
}
