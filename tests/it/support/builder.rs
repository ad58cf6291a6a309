//! Making a [`TestApp`]: which vendors, with how many accounts, with which times.

use std::time::Duration;

use iam_gateway::adapters::transport::{BreakerConfig, RetryConfig};
use iam_gateway::app::{App, AppSettings};
use iam_gateway::config::Config;
use iam_gateway::services::ServiceSettings;
use iam_gateway::simulators::{self, Options};
use secrecy::SecretString;
use serde_json::json;

use super::app::{Seat, TestApp};
use super::keys::{self, KeySpec};
use super::{Client, Database, Vendor};

/// What a test changes about its replica before it starts.
type Change = Box<dyn FnOnce(&mut AppSettings) + Send>;

/// A replica to be started; see the module's head for an example.
#[derive(Default)]
pub struct Builder {
    vendors: Vec<(Vendor, Options)>,
    change: Vec<Change>,
}

/// The times of tests. An absence takes two readings, both 700 ms after the sending and that far apart, to be believed.
pub fn quick() -> ServiceSettings {
    ServiceSettings {
        lease: Duration::from_secs(4),
        heartbeat: Duration::from_millis(500),
        answer_wait: Duration::from_secs(8),
        attempt: Duration::from_millis(500),
        settle: Some(Duration::from_millis(200)),
        give_up: Duration::from_secs(600),
        ..ServiceSettings::default()
    }
}

/// Settings of a replica in a test: small pools, short times.
pub fn settings(config: &Config) -> AppSettings {
    let mut settings = AppSettings::new(config);
    settings.services = quick();
    settings.request_connections = 6;
    settings.background_connections = 6;
    settings.transport.attempt_timeout = Duration::from_millis(500);
    settings.transport.retry = RetryConfig {
        attempts: 3,
        first_wait: Duration::from_millis(20),
        longest_wait: Duration::from_millis(100),
    };
    settings.transport.breaker = BreakerConfig {
        failures: 20,
        open_for: Duration::from_millis(500),
    };
    settings
}

impl Builder {
    /// Starts the vendor's simulator and makes a connection to it.
    pub fn vendor(self, vendor: Vendor) -> Self {
        self.vendor_with(vendor, Options::default())
    }

    /// The same, with this many accounts at the vendor.
    pub fn vendor_of(self, vendor: Vendor, accounts: usize) -> Self {
        let options = Options {
            accounts: Some(accounts),
            ..Options::default()
        };
        self.vendor_with(vendor, options)
    }

    /// The same, with a switch of the simulator's own.
    pub fn vendor_quirk(self, vendor: Vendor, name: &str, value: &str) -> Self {
        self.vendor_quirks(vendor, &[(name, value)])
    }

    /// The same, with several switches.
    pub fn vendor_quirks(self, vendor: Vendor, quirks: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let options = Options {
            quirks: quirks.iter().map(owned).collect(),
            ..Options::default()
        };
        self.vendor_with(vendor, options)
    }

    /// The same, with any options of the simulator.
    pub fn vendor_with(mut self, vendor: Vendor, options: Options) -> Self {
        self.vendors.push((vendor, options));
        self
    }

    /// Changes how the replica behaves.
    pub fn settings(mut self, change: impl FnOnce(&mut AppSettings) + Send + 'static) -> Self {
        self.change.push(Box::new(change));
        self
    }

    /// Starts it all: database, simulators, replica, connections. Nothing is synced yet.
    pub async fn start(self) -> TestApp {
        let database = Database::create().await;
        let config = keys::config();
        let master_keys = config
            .master_keys(std::path::Path::new("/"))
            .expect("given");
        let mut settings = settings(&config);
        let mut seats = Vec::new();
        for (vendor, options) in self.vendors {
            let simulator = simulators::start(vendor.name, options)
                .await
                .unwrap_or_else(|error| panic!("simulator of {}: {error}", vendor.name));
            // This port and no other: everything else on loopback stays forbidden.
            let rule = simulator.url.trim_start_matches("http://");
            settings
                .transport
                .plain_http_hosts
                .push(rule.parse().expect("an address"));
            settings
                .transport
                .private_hosts
                .push(rule.parse().expect("an address"));
            seats.push((vendor, simulator));
        }
        for change in self.change {
            change(&mut settings);
        }
        let url = SecretString::from(database.url());
        let app = App::start(&url, &master_keys, settings)
            .await
            .expect("the replica starts");
        let spec = KeySpec {
            scopes: keys::service_scopes(),
            ..KeySpec::default()
        };
        let key = keys::mint(app.services(), spec).await;
        let admin = Client::in_process(app.router()).with_key(&key);
        let mut connected = Vec::new();
        for (vendor, simulator) in seats {
            let parts = simulator
                .connection(vendor.variant)
                .expect("a variant it has");
            let body = json!({
                "name": vendor.connection,
                "vendor": vendor.name,
                "variant": vendor.variant,
                "settings": parts["settings"],
                "credentials": parts["credentials"],
                "sync_every_seconds": 0,
            });
            let made = admin.post("/v1/connections", body).await.expect(201);
            connected.push(Seat {
                vendor,
                connection_id: made["id"].as_str().expect("an id").to_owned(),
                simulator,
            });
        }
        TestApp::new(app, database, admin, connected)
    }
}
