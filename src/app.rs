//! Wiring: from settings to a running replica. Used by the commands and by tests alike.

use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::adapters::transport::{Transport, TransportConfig};
use crate::config::{Config, MasterKeys};
use crate::http::{self, HttpSettings};
use crate::secrets::Keyring;
use crate::services::{ServiceSettings, Services};
use crate::store::Store;
use crate::{telemetry, work};

/// How long requests and operations may go on after the word to stop.
const GRACE: Duration = Duration::from_secs(30);

/// One replica: the use cases, the HTTP face and the loops.
pub struct App {
    services: Services,
    router: Router,
    loops: JoinSet<()>,
    drain: Duration,
}

/// How a replica behaves, apart from where its database is.
pub struct AppSettings {
    /// The use cases.
    pub services: ServiceSettings,
    /// The way out.
    pub transport: TransportConfig,
    /// The HTTP face.
    pub http: HttpSettings,
    /// Connections of the pool for callers.
    pub request_connections: u32,
    /// Connections of the pool for work without a caller.
    pub background_connections: u32,
    /// How long requests are still taken after the word to stop.
    pub drain: Duration,
}

impl AppSettings {
    /// What the operator's settings amount to.
    pub fn new(config: &Config) -> Self {
        let defaults = ServiceSettings::default();
        let outgoing = TransportConfig::default();
        Self {
            services: ServiceSettings {
                lease: config.operations.lease,
                heartbeat: config.operations.heartbeat,
                answer_wait: config.operations.answer_wait,
                operations_per_connection: config.operations.per_connection,
                sync_runs: config.sync.workers,
                attempt: config.outgoing.attempt,
                page_size: config.sync.page_size,
                activity_first: config.sync.activity_first,
                activity_kept: config.sync.activity_kept,
                ..defaults
            },
            transport: TransportConfig {
                connect_timeout: config.outgoing.connect_timeout,
                attempt_timeout: config.outgoing.attempt,
                // A request may leave only while the ledger's lease surely holds.
                mark_window: outgoing.mark_window.min(config.operations.lease / 4),
                max_answer_bytes: config.outgoing.max_answer_bytes,
                concurrency: config.outgoing.concurrency,
                plain_http_hosts: config.outgoing.plain_http_hosts.clone(),
                private_hosts: config.outgoing.private_hosts.clone(),
                ..outgoing
            },
            http: HttpSettings {
                base_path: config.http.base_path.clone(),
                max_body_bytes: config.http.max_body_bytes,
                metrics: || telemetry::metrics().render(),
            },
            request_connections: config.database.max_connections,
            background_connections: config.database.background_connections,
            drain: config.http.drain,
        }
    }
}

impl App {
    /// Connects, migrates and sets the loops going. Nothing listens yet.
    ///
    /// # Errors
    /// When the database can't be reached or migrated, or the settings make no sense together.
    pub async fn start(
        database_url: &SecretString,
        keys: &MasterKeys,
        settings: AppSettings,
    ) -> anyhow::Result<Self> {
        // Nothing is counted before the recorder is there.
        telemetry::metrics();
        let http = settings.http.clone();
        let drain = settings.drain;
        let services = Self::connect(database_url, keys, settings).await?;
        Ok(Self {
            router: http::router(services.clone(), http),
            loops: work::start(&services),
            services,
            drain,
        })
    }

    /// The use cases alone: connected and migrated, with nothing going on by itself.
    ///
    /// # Errors
    /// As [`App::start`].
    pub async fn connect(
        database_url: &SecretString,
        keys: &MasterKeys,
        settings: AppSettings,
    ) -> anyhow::Result<Services> {
        // What happens before somebody first looks counts as well.
        telemetry::metrics();
        let keyring = Keyring::new(keys.iter()).context("master keys")?;
        let transport = Transport::new(settings.transport).context("outgoing calls")?;
        let store = Store::connect(
            database_url.expose_secret(),
            settings.request_connections,
            settings.background_connections,
        )
        .await
        .map_err(reason)
        .context("the database can't be reached")?;
        store
            .migrate()
            .await
            .map_err(reason)
            .context("the database can't be migrated")?;
        Ok(Services::new(store, keyring, transport, settings.services))
    }

    /// The use cases.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The HTTP face.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Answers until `shutdown`; from then on it is not ready, takes requests for the time of draining, lets what runs finish
    /// within 30 s and hands over the rest.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: CancellationToken,
    ) -> anyhow::Result<()> {
        let closing = CancellationToken::new();
        let server = axum::serve(listener, self.router.clone())
            .with_graceful_shutdown(closing.clone().cancelled_owned())
            .into_future();
        let server = tokio::spawn(server);
        shutdown.cancelled().await;
        self.services.pulse().drain();
        if !self.drain.is_zero() {
            info!(
                "Draining: not ready, and taking requests for {} s more",
                self.drain.as_secs()
            );
            tokio::time::sleep(self.drain).await;
        }
        closing.cancel();
        info!(
            "Stopping: no new requests, {} s for what runs",
            GRACE.as_secs()
        );
        let deadline = tokio::time::Instant::now() + GRACE;
        // Operations first finish what requests wait for; both end within the same grace.
        let (_, served) = tokio::join!(
            self.services.ledger().close(GRACE),
            tokio::time::timeout_at(deadline, server)
        );
        match served {
            Ok(joined) => joined.context("server")?.context("server")?,
            Err(_) => warn!("Requests were still open after {} s", GRACE.as_secs()),
        }
        self.stop().await;
        info!("Stopped");
        Ok(())
    }

    /// Ends the loops and closes the database. What runs is handed over at once if [`App::serve`] did not wait for it.
    pub async fn stop(mut self) {
        self.services.ledger().close(Duration::ZERO).await;
        while self.loops.join_next().await.is_some() {}
        self.services.store().close().await;
    }
}

/// The internal side of an error, for the operator who starts the program.
fn reason(error: crate::error::Error) -> anyhow::Error {
    anyhow::anyhow!(error.internal.unwrap_or(error.detail))
}
