//! Giving entitlements to accounts and taking them away, through the ledger.

mod ambiguous;
mod exclusive;
mod give;
mod killed;
mod parked;
mod queue;
mod refused;
mod syncs;
mod unclear;

use iam_gateway::simulators::{Fault, Rule};
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{DEVO, TestApp, Vendor};

/// At Luna of the type `user`, as most people; at Devo a reviewer.
const ADA: &str = "ada.lind@example.org";
/// At Devo without any role.
const BRUNO: &str = "bruno.keller@example.org";
/// At Luna the one `admin`.
const ROOT: &str = "root@luna.example";

/// A replica that knows who holds what at the vendor.
async fn synced(vendor: Vendor) -> TestApp {
    let app = TestApp::builder().vendor(vendor).start().await;
    app.synced(vendor).await;
    app
}

/// An account by its address.
async fn account(app: &TestApp, email: &str) -> Value {
    let found = "select id::text from accounts where email = $1";
    one(app, found, email).await
}

/// An entitlement by the vendor's word for it.
async fn entitlement(app: &TestApp, word: &str) -> Value {
    let found = "select id::text from entitlements where external_id = $1";
    one(app, found, word).await
}

async fn one(app: &TestApp, query: &'static str, word: &str) -> Value {
    let id: String = sqlx::query_scalar(query)
        .bind(word)
        .fetch_one(app.sql())
        .await
        .unwrap_or_else(|error| panic!("{word}: {error}"));
    json!(id)
}

/// The body of a grant.
async fn wish(app: &TestApp, email: &str, word: &str) -> Value {
    json!({
        "account_id": account(app, email).await,
        "entitlement_id": entitlement(app, word).await,
    })
}

/// Makes a grant, which must be a 201.
async fn give(app: &TestApp, email: &str, word: &str) -> Value {
    let wish = wish(app, email, word).await;
    app.admin().post("/v1/grants", wish).await.expect(201)
}

/// Where a grant is.
fn path(grant: &Value) -> String {
    format!("/v1/grants/{}", text(&grant["id"]))
}

/// Where a grant stands in our tables: its status, whether it is managed, and the vendor's word for what it displaced.
async fn row(app: &TestApp, email: &str, word: &str) -> Option<(String, bool, Option<String>)> {
    sqlx::query_as(
        "select g.status, g.managed, d.external_id
         from grants g
             join accounts a on a.id = g.account_id
             join entitlements e on e.id = g.entitlement_id
             left join entitlements d on d.id = g.displaced_id
         where a.email = $1 and e.external_id = $2",
    )
    .bind(email)
    .bind(word)
    .fetch_optional(app.sql())
    .await
    .expect("grants")
}

/// The status of a grant in our tables.
async fn status(app: &TestApp, email: &str, word: &str) -> Option<String> {
    row(app, email, word).await.map(|(status, ..)| status)
}

/// What an account holds at Luna.
fn luna_type(app: &TestApp, login: &str) -> Value {
    let accounts = app.simulator(crate::support::LUNA).state().accounts;
    let account = accounts.into_iter().find(|one| one["login"] == login);
    account.expect("an account")["account_type"].clone()
}

/// A fault that strikes the request which sets the roles of a user at Devo.
fn on_roles(fault: Fault) -> Rule {
    Rule::new(fault).method("PUT").path_contains("/role")
}

/// A fault that strikes the request which gives or takes away at a vendor.
fn on_write(vendor: Vendor, fault: Fault) -> Rule {
    if vendor == DEVO {
        on_roles(fault)
    } else {
        vendor.on_update(fault)
    }
}

/// The last operation.
async fn last_operation(app: &TestApp) -> Value {
    app.operations().await.pop().expect("an operation")
}
