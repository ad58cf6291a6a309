//! A replica in this process, with the vendors that it is connected to.

use iam_gateway::app::App;
use iam_gateway::services::Services;
use iam_gateway::simulators::{Drift, Effect, Received, Rule, Running};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::builder::Builder;
use super::keys::{self, KeySpec};
use super::{Client, Database, Vendor, eventually};

/// A vendor's simulator and the connection to it.
pub(super) struct Seat {
    pub(super) vendor: Vendor,
    pub(super) connection_id: String,
    pub(super) simulator: Running,
}

/// A replica under test. End every test with [`TestApp::stop`], which fails it when work is left over.
pub struct TestApp {
    app: Option<App>,
    services: Services,
    database: Option<Database>,
    admin: Client,
    seats: Vec<Seat>,
}

impl TestApp {
    /// A replica to be started.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(super) fn new(app: App, database: Database, admin: Client, seats: Vec<Seat>) -> Self {
        Self {
            services: app.services().clone(),
            app: Some(app),
            database: Some(database),
            admin,
            seats,
        }
    }

    // Who asks.

    /// A service's key with every scope and every connection; the helpers of this type ask with it.
    pub fn admin(&self) -> &Client {
        &self.admin
    }

    /// A caller without a key.
    pub fn stranger(&self) -> Client {
        self.admin.stranger()
    }

    /// A service's key with these scopes.
    pub async fn client(&self, scopes: &[&str]) -> Client {
        self.key(KeySpec {
            scopes: words(scopes),
            ..KeySpec::default()
        })
        .await
    }

    /// A service's key that may read everything and change nothing.
    pub async fn reader(&self) -> Client {
        let mut scopes = keys::service_scopes();
        scopes.retain(|scope| scope.ends_with(":read"));
        self.key(KeySpec {
            scopes,
            ..KeySpec::default()
        })
        .await
    }

    /// A person's key.
    pub async fn person(&self, email: &str, scopes: &[&str]) -> Client {
        self.key(KeySpec {
            scopes: words(scopes),
            person: Some(email.to_owned()),
            ..KeySpec::default()
        })
        .await
    }

    /// A service's key with every scope, for these connections only.
    pub async fn only_for(&self, connections: &[&str]) -> Client {
        self.key(KeySpec {
            scopes: keys::service_scopes(),
            connections: Some(words(connections)),
            ..KeySpec::default()
        })
        .await
    }

    /// A key of any kind.
    pub async fn key(&self, spec: KeySpec) -> Client {
        self.admin.with_key(&keys::mint(&self.services, spec).await)
    }

    // What is there.

    /// The test's database.
    pub fn database(&self) -> &Database {
        self.database.as_ref().expect("there until the end")
    }

    /// The test's database, behind the service's back.
    pub fn sql(&self) -> &PgPool {
        self.database().sql()
    }

    /// A vendor's simulator.
    pub fn simulator(&self, vendor: Vendor) -> &Running {
        &self.seat(vendor).simulator
    }

    /// How many accounts a vendor holds.
    pub fn held(&self, vendor: Vendor) -> usize {
        vendor.held(self.simulator(vendor))
    }

    /// The id of the connection to a vendor.
    pub fn connection_id(&self, vendor: Vendor) -> &str {
        &self.seat(vendor).connection_id
    }

    /// Every change that was really made at a vendor.
    pub fn effects(&self, vendor: Vendor) -> Vec<Effect> {
        self.simulator(vendor).effects()
    }

    /// Every call that a vendor got.
    pub fn requests(&self, vendor: Vendor) -> Vec<Received> {
        self.simulator(vendor).requests()
    }

    /// Lets things go wrong at a vendor.
    pub fn faults(&self, vendor: Vendor, rules: impl IntoIterator<Item = Rule>) {
        self.simulator(vendor).faults(rules);
    }

    /// Changes accounts at a vendor behind the gateway's back: `[{"op", "kind", "id", "value"}]`.
    pub fn drift(&self, vendor: Vendor, drifts: Value) {
        let drifts: Vec<Drift> = serde_json::from_value(drifts).expect("drifts");
        self.simulator(vendor)
            .drift(&drifts)
            .expect("a vendor that drifts");
    }

    /// The only effect on this subject, or several where there must be one.
    #[track_caller]
    pub fn the_effect(&self, vendor: Vendor) -> Effect {
        let mut effects = self.effects(vendor);
        assert_eq!(effects.len(), 1, "{effects:#?}");
        effects.remove(0)
    }

    fn seat(&self, vendor: Vendor) -> &Seat {
        self.seats
            .iter()
            .find(|seat| seat.vendor == vendor)
            .unwrap_or_else(|| panic!("the test did not ask for {}", vendor.name))
    }

    // What tests do all the time, with the administrator's key.

    /// `GET`, which must be a 200.
    pub async fn get(&self, path: &str) -> Value {
        self.admin.get(path).await.expect(200)
    }

    /// Creates an account, which must be a 201.
    pub async fn create_account(&self, body: Value) -> Value {
        self.admin.post("/v1/accounts", body).await.expect(201)
    }

    /// An account as it is now.
    pub async fn account(&self, id: &Value) -> Value {
        self.get(&format!("/v1/accounts/{}", text(id))).await
    }

    /// Every account of the connection to a vendor, over all pages; `more` narrows (`&status=deleted`).
    pub async fn accounts(&self, vendor: Vendor, more: &str) -> Vec<Value> {
        let path = format!(
            "/v1/accounts?connection_id={}&limit=1000{more}",
            vendor.connection
        );
        self.all(&path).await
    }

    /// Every item of a list; `path` has a query already.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{path}{cursor}")).await;
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// Asks for a sync and waits for its end; the run.
    pub async fn sync(&self, vendor: Vendor) -> Value {
        let run = self.start_sync(vendor).await;
        self.sync_ended(vendor, &run["id"]).await
    }

    /// Asks for a sync.
    pub async fn start_sync(&self, vendor: Vendor) -> Value {
        let path = format!("/v1/connections/{}/sync", vendor.connection);
        self.admin.post(&path, Value::Null).await.expect(202)
    }

    /// Waits for the end of a run.
    pub async fn sync_ended(&self, vendor: Vendor, id: &Value) -> Value {
        let path = format!("/v1/connections/{}/syncs", vendor.connection);
        eventually("a sync's end", async || {
            let runs = self.get(&path).await;
            let run = runs["items"]
                .as_array()?
                .iter()
                .find(|run| run["id"] == *id)?
                .clone();
            let open = matches!(run["status"].as_str(), Some("pending" | "running"));
            (!open).then_some(run)
        })
        .await
    }

    /// Asks for a sync that must be complete.
    pub async fn synced(&self, vendor: Vendor) -> Value {
        let run = self.sync(vendor).await;
        assert_eq!(run["status"], "complete", "{run:#}");
        run
    }

    /// An operation as it is now.
    pub async fn operation(&self, id: &Value) -> Value {
        self.get(&format!("/v1/operations/{}", text(id))).await
    }

    /// Waits until an operation has ended, or is parked.
    pub async fn wait_operation(&self, id: &Value) -> Value {
        eventually("an operation's end", async || {
            let operation = self.operation(id).await;
            let open = matches!(operation["status"].as_str(), Some("pending" | "running"));
            (!open).then_some(operation)
        })
        .await
    }

    /// Every operation, oldest first.
    pub async fn operations(&self) -> Vec<Value> {
        let mut operations = self.all("/v1/operations?limit=1000").await;
        operations.reverse();
        operations
    }

    /// The audit trail of an operation, oldest first, as `action outcome`.
    pub async fn trail(&self, operation_id: &Value) -> Vec<String> {
        let path = format!("/v1/audit-events?operation_id={}", text(operation_id));
        let mut events = self.all(&path).await;
        events.reverse();
        events
            .iter()
            .map(|event| format!("{} {}", text(&event["action"]), text(&event["outcome"])))
            .collect()
    }

    // The end.

    /// Ends the replica; fails the test when an operation is still open.
    pub async fn stop(self) {
        self.end(&[]).await;
    }

    /// Ends the replica, where operations are parked with an unknown outcome on purpose.
    pub async fn stop_with_parked(self) {
        self.end(&["outcome_unknown"]).await;
    }

    async fn end(mut self, allowed: &[&str]) {
        let left: Vec<(String, String)> = sqlx::query_as(
            "select kind, status from operations where status in ('pending', 'running', 'outcome_unknown')
             and status <> all($1)",
        )
        .bind(allowed)
        .fetch_all(self.sql())
        .await
        .expect("a list of operations");
        assert!(left.is_empty(), "operations were left over: {left:?}");
        self.app.take().expect("there until the end").stop().await;
        for seat in self.seats.drain(..) {
            drop(seat.simulator);
        }
        self.database
            .take()
            .expect("there until the end")
            .remove()
            .await;
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if self.app.is_some() && !std::thread::panicking() {
            panic!("end the test with `app.stop().await`: it looks for work that was left over");
        }
    }
}

/// The text of a JSON string.
#[track_caller]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// One part of a sync that ended.
#[track_caller]
pub fn part<'a>(run: &'a Value, noun: &str) -> &'a Value {
    let parts = run["parts"].as_array().expect("parts");
    let part = parts.iter().find(|part| part["noun"] == noun);
    part.unwrap_or_else(|| panic!("no {noun}: {run:#}"))
}

/// The body of a new connection to a vendor, as its simulator wants it, to be changed by a test.
pub fn connection_body(vendor: Vendor, simulator: &Running, name: &str) -> Value {
    let parts = simulator
        .connection(vendor.variant)
        .expect("a variant it has");
    json!({
        "name": name,
        "vendor": vendor.name,
        "variant": vendor.variant,
        "settings": parts["settings"],
        "credentials": parts["credentials"],
        "sync_every_seconds": 0,
    })
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
