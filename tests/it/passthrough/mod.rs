//! Documented operations of the vendors, passed through as they are.

mod exchanges;
mod killed;
mod large;
mod reads;
mod refusals;
mod touched;
mod unclear;
mod writes;

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{LUNA, TestApp, Vendor};

/// Turns the settings on that keep operations back.
async fn allow_everything(app: &TestApp, vendor: Vendor) {
    let settings = json!({"allow_raw_writes": true, "allow_dangerous_operations": true});
    let path = format!("/v1/connections/{}", vendor.connection);
    let patch = app.admin().patch(&path, json!({"settings": settings}));
    patch.await.expect(200);
}

fn upstream(vendor: Vendor, path: &str) -> String {
    format!("/v1/connections/{}/upstream/{path}", vendor.connection)
}

/// A connection whose accounts can be written as they are.
async fn luna() -> TestApp {
    let app = TestApp::builder().vendor(LUNA).start().await;
    allow_everything(&app, LUNA).await;
    app
}

/// The calls that the vendor got by this method at this path.
fn got(app: &TestApp, method: &str, path: &str) -> usize {
    app.requests(LUNA)
        .iter()
        .filter(|request| request.method == method && request.path == path)
        .count()
}

/// The body of a new account, in the vendor's own words.
fn raw_account(login: &str) -> Value {
    json!({"login": login, "password": "first-secret-of-raw", "account_type": "user"})
}

/// The id of an account at the vendor.
async fn account_at_luna(app: &TestApp, who: &str) -> (String, Value) {
    let account = app.create_account(LUNA.new_account(who)).await;
    (text(&account["external_id"]).to_owned(), account)
}
