//! Each capability of each variant against each case.

use std::time::Duration;

use iam_gateway::adapters;
use iam_gateway::domain::Capability;
use iam_gateway::simulators::Options;
use serde_json::json;

use super::book::Book;
use super::cases::{self, Case};
use super::front::{Front, Passed};
use crate::adapters::stand::Stand;
use crate::support::{
    APONO, DEVO, DEVO_MULTITENANT, LIGHTELLIGENCE, LUMOS, LUMOS_MAIN, LUNA, Vendor,
};

/// One variant under trial.
pub struct Bench {
    pub stand: Stand,
    pub front: Front,
    pub variant: &'static str,
    pub book: Book,
}

impl Bench {
    pub async fn start(vendor: Vendor) -> Self {
        let options = Options {
            accounts: Some(12),
            ..Options::default()
        };
        Self::tuned(vendor, options).await
    }

    /// With these options of the simulator.
    pub async fn tuned(vendor: Vendor, options: Options) -> Self {
        let described = adapters::vendor(vendor.name).expect("a vendor");
        let mut front = None;
        let stand = Stand::tuned(
            vendor,
            options,
            async |connection| {
                let base = connection["settings"]["base_url"].as_str().expect("a URL");
                let mut url = url::Url::parse(base).expect("a URL");
                let origin = url.origin().ascii_serialization();
                let before = Front::start(described, &origin).await;
                let port = url::Url::parse(&before.url).expect("a URL").port();
                url.set_port(port).expect("a port");
                connection["settings"]["base_url"] = json!(url.as_str().trim_end_matches('/'));
                front = Some(before);
            },
            |transport| {
                transport.attempt_timeout = Duration::from_millis(1500);
                transport.retry.attempts = 2;
                transport.breaker.failures = u32::MAX;
            },
        )
        .await;
        Self {
            stand,
            front: front.expect("a front"),
            variant: vendor.variant,
            book: Book::default(),
        }
    }

    pub fn cases(&self) -> Vec<Case> {
        cases::cases(&format!("{}/somewhere-else", self.front.url))
    }

    /// Complaints that hold for every request, whatever the case.
    pub fn manners(&mut self, of: Capability, case: &str, passed: &[Passed]) {
        if passed.iter().any(|one| one.path.contains("somewhere-else")) {
            self.book
                .note(of, case, Some("a redirect was followed".into()));
        }
        if passed.iter().any(|one| one.wants_compressed) {
            self.book
                .note(of, case, Some("a compressed answer was asked for".into()));
        }
    }

    async fn all(mut self) {
        // A capability that is added breaks the build here until somebody says how it is driven.
        for of in self.stand.adapter.capabilities() {
            match of {
                Capability::ListAccounts
                | Capability::ListResources
                | Capability::ListEntitlements
                | Capability::ListGrants
                | Capability::ListActivity => self.listing(of).await,
                Capability::ReadAccounts
                | Capability::ReadResources
                | Capability::ReadEntitlements => self.reading(of).await,
                Capability::ReadGrants => self.reading_grants().await,
                Capability::CreateAccounts
                | Capability::UpdateAccounts
                | Capability::DeleteAccounts
                | Capability::ActivateAccounts
                | Capability::DeactivateAccounts
                | Capability::CreateGrants
                | Capability::DeleteGrants
                | Capability::UpdateManyAccounts
                | Capability::UpdateEntitlements
                | Capability::ReplaceGrants => self.writing(of).await,
            }
        }
        self.book.close(self.variant);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn luna_accounts_stands_every_case() {
    Bench::start(LUNA).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devo_domain_stands_every_case() {
    Bench::start(DEVO).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devo_multitenant_stands_every_case() {
    Bench::start(DEVO_MULTITENANT).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lumos_connector_stands_every_case() {
    Bench::start(LUMOS).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lumos_main_stands_every_case() {
    Bench::start(LUMOS_MAIN).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apono_tenant_stands_every_case() {
    Bench::start(APONO).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lightelligence_tenant_stands_every_case() {
    Bench::start(LIGHTELLIGENCE).await.all().await;
}
