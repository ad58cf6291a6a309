//! An adapter on its own, connected to its vendor's simulator through the real transport.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use iam_gateway::adapters::contract::{
    Adapter, AdapterError, Call, CheckReport, MarkRefused, MemoryCell, PageRequest, Sent,
};
use iam_gateway::adapters::transport::{Transport, TransportConfig};
use iam_gateway::adapters::variant;
use iam_gateway::adapters::vendor::{Credentials, Parts};
use iam_gateway::domain::{AccountRecord, EntitlementRecord, ExternalKey};
use iam_gateway::simulators::{self, Options, Running};
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use crate::support::Vendor;

/// The marks that were set, in order.
#[derive(Default)]
struct Marks(Mutex<Vec<Value>>);

#[async_trait]
impl Sent for Marks {
    async fn mark(&self, before: &Value) -> Result<(), MarkRefused> {
        self.0.lock().unwrap().push(before.clone());
        Ok(())
    }
}

/// A vendor's simulator, and an adapter that is connected to it.
pub struct Stand {
    pub vendor: Running,
    pub adapter: Adapter,
    marks: Arc<Marks>,
}

impl Stand {
    /// With these switches of the simulator, and the connection changed before the adapter is built.
    pub async fn start(
        vendor: Vendor,
        quirks: &[(&str, &str)],
        change: impl FnOnce(&mut Value),
    ) -> Self {
        let mut options = Options::default();
        for (name, value) in quirks {
            options = options.with_quirk(name, value);
        }
        Self::tuned(
            vendor,
            options,
            async |connection| change(connection),
            |_| {},
        )
        .await
    }

    /// With these options of the simulator, and the connection and the way out changed before the adapter is built.
    pub async fn tuned(
        vendor: Vendor,
        options: Options,
        change: impl AsyncFnOnce(&mut Value),
        tune: impl FnOnce(&mut TransportConfig),
    ) -> Self {
        let running = simulators::start(vendor.name, options).await.unwrap();
        let mut connection = running.connection(vendor.variant).unwrap();
        change(&mut connection).await;
        let mut config = TransportConfig {
            plain_http_hosts: vec!["127.0.0.1".parse().unwrap()],
            private_hosts: vec!["127.0.0.1".parse().unwrap()],
            ..TransportConfig::default()
        };
        config.retry.first_wait = Duration::from_millis(1);
        tune(&mut config);
        let parts = Parts {
            connection_id: Uuid::now_v7(),
            settings: connection["settings"].clone(),
            credentials: opened(&connection["credentials"]),
            cell: MemoryCell::empty(),
            transport: Transport::new(config).unwrap(),
        };
        let build = variant(vendor.variant).unwrap().build;
        Self {
            vendor: running,
            adapter: build(parts).unwrap(),
            marks: Arc::default(),
        }
    }

    pub fn reading(&self) -> Call {
        Call::read("test-request", Instant::now() + Duration::from_secs(10))
    }

    pub fn writing(&self) -> Call {
        let deadline = Instant::now() + Duration::from_secs(10);
        Call::write(
            "test-request",
            deadline,
            Uuid::now_v7(),
            Arc::new([]),
            self.marks.clone(),
        )
    }

    pub fn marks(&self) -> Vec<Value> {
        self.marks.0.lock().unwrap().clone()
    }

    pub async fn check(&self) -> CheckReport {
        let checker = self.adapter.checker();
        checker.check(&self.reading()).await.unwrap()
    }

    /// What a check finds: code, and whether it is fatal.
    pub async fn found(&self) -> Vec<(String, bool)> {
        let findings = self.check().await.findings;
        findings
            .into_iter()
            .map(|one| (one.code, one.fatal))
            .collect()
    }

    pub async fn find(&self, key: &ExternalKey) -> Result<Option<AccountRecord>, AdapterError> {
        let reader = self.adapter.account_reader().unwrap();
        reader.find_account(&self.reading(), key).await
    }

    pub async fn list(&self, page: &PageRequest) -> (Vec<AccountRecord>, Option<String>) {
        let lister = self.adapter.account_lister().unwrap();
        let page = lister.list_accounts(&self.reading(), page).await.unwrap();
        assert_eq!(page.defects, Vec::<String>::new());
        (page.items, page.next)
    }

    /// The whole listing, at this page size.
    pub async fn everybody(&self, size: u32) -> Vec<AccountRecord> {
        let mut page = PageRequest { cursor: None, size };
        let mut seen = Vec::new();
        loop {
            let (items, next) = self.list(&page).await;
            seen.extend(items);
            if next.is_none() {
                return seen;
            }
            page.cursor = next;
        }
    }

    /// Every entitlement; none where they are not listed.
    pub async fn entitlements(&self) -> Vec<EntitlementRecord> {
        let Some(lister) = self.adapter.entitlement_lister() else {
            return Vec::new();
        };
        let mut page = PageRequest {
            cursor: None,
            size: 100,
        };
        let mut all = Vec::new();
        loop {
            let found = lister.list_entitlements(&self.reading(), &page).await;
            let found = found.expect("a page");
            all.extend(found.items);
            match found.next {
                Some(next) => page.cursor = Some(next),
                None => return all,
            }
        }
    }
}

fn opened(credentials: &Value) -> Credentials {
    let mut fields: BTreeMap<String, String> = serde_json::from_value(credentials.clone()).unwrap();
    Credentials {
        kind: fields.remove("kind").unwrap(),
        fields: fields
            .into_iter()
            .map(|(name, value)| (name, SecretString::from(value)))
            .collect(),
    }
}

/// The ids that the simulator's things have, under this name.
pub fn ids(things: &[Value], name: &str) -> Vec<String> {
    let id = |thing: &Value| thing[name].as_str().unwrap().to_owned();
    things.iter().map(id).collect()
}
