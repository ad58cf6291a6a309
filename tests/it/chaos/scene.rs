//! The programs of one test: simulators, a database, and replicas that come and go.

use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::{Client, Control, Database, Serve, Simulate, Vendor, eventually, keys};

/// Short times: a lease of 3 s, an attempt of 1 s, settling of 1 s; an absence is believed after 4 s.
const TIMES: [(&str, &str); 5] = [
    ("IAM_GATEWAY_LEASE_SECONDS", "3"),
    ("IAM_GATEWAY_HEARTBEAT_SECONDS", "1"),
    ("IAM_GATEWAY_ATTEMPT_SECONDS", "1"),
    ("IAM_GATEWAY_ANSWER_WAIT_SECONDS", "4"),
    ("IAM_GATEWAY_LOG", "info,sqlx=error"),
];

/// Vendors, a database, and where the service answers at the moment.
pub(super) struct Scene {
    pub(super) database: Database,
    pub(super) vendors: Vec<(Vendor, Simulate)>,
    pub(super) desk: Desk,
}

/// What a client has to know: a key, and an address that changes.
#[derive(Clone)]
pub(super) struct Desk {
    key: String,
    here: Arc<Mutex<Client>>,
}

impl Desk {
    fn new(key: String, url: &str) -> Self {
        let client = Client::over_http(url).with_key(&key);
        Self {
            key,
            here: Arc::new(Mutex::new(client)),
        }
    }

    /// For a client that stays with the present replica.
    pub(super) fn settled(&self) -> Self {
        Self {
            key: self.key.clone(),
            here: Arc::new(Mutex::new(self.client())),
        }
    }

    /// Says that the service answers elsewhere now.
    fn moved(&self, url: &str) {
        let client = Client::over_http(url).with_key(&self.key);
        *self.here.lock().expect("not poisoned") = client;
    }

    /// An administrator at the present address.
    pub(super) fn client(&self) -> Client {
        self.here.lock().expect("not poisoned").clone()
    }
}

impl Scene {
    /// Simulators and connections to them, and the first replica.
    pub(super) async fn open(vendors: &[Vendor]) -> (Self, Serve) {
        Self::open_with(vendors, &[]).await
    }

    /// The same, with arguments for the simulators.
    pub(super) async fn open_with(vendors: &[Vendor], arguments: &[&str]) -> (Self, Serve) {
        let database = Database::create().await;
        let mut simulators = Vec::new();
        for vendor in vendors {
            simulators.push((*vendor, Simulate::start_with(*vendor, arguments).await));
        }
        let desk = Desk::new(keys::mint_for(&database).await, "");
        let scene = Self {
            database,
            vendors: simulators,
            desk,
        };
        let serve = scene.serve().await;
        for (vendor, simulator) in &scene.vendors {
            let body = simulator.connection_body(*vendor).await;
            scene
                .desk
                .client()
                .post("/v1/connections", body)
                .await
                .expect(201);
        }
        (scene, serve)
    }

    /// Starts a replica; clients go there from now on.
    pub(super) async fn serve(&self) -> Serve {
        let serve = Serve::start(self.database.url(), &TIMES).await;
        self.desk.moved(&serve.url);
        serve
    }

    /// The control API of a vendor's simulator.
    pub(super) fn control(&self, vendor: Vendor) -> &Control {
        let seat = self.vendors.iter().find(|(seat, _)| *seat == vendor);
        &seat.expect("a vendor of this scene").1.control
    }

    /// Syncs a connection, and demands that the run is complete.
    pub(super) async fn sync(&self, vendor: Vendor) -> Value {
        let client = self.desk.client();
        let path = format!("/v1/connections/{}/sync", vendor.connection);
        let run = client.post(&path, Value::Null).await.expect(202);
        let path = format!("/v1/connections/{}/syncs", vendor.connection);
        let run = eventually("the end of a sync", async || {
            let runs = client.get(&path).await.expect(200);
            let mut runs = runs["items"].as_array().expect("items").iter();
            let run = runs.find(|known| known["id"] == run["id"])?.clone();
            (!matches!(run["status"].as_str(), Some("pending" | "running"))).then_some(run)
        })
        .await;
        assert_eq!(run["status"], "complete", "{run:#}");
        run
    }

    /// Every live account of a connection, as the gateway lists them.
    pub(super) async fn accounts(&self, vendor: Vendor) -> Vec<Value> {
        let client = self.desk.client();
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!(
                "/v1/accounts?connection_id={}&limit=1000{cursor}",
                vendor.connection
            );
            let page = client.get(&path).await.expect(200);
            items.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// Ends the scene of a test that went well.
    pub(super) async fn close(self) {
        self.database.remove().await;
    }
}
