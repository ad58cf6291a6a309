//! A gateway on loopback with its database, a simulator, and as many accounts as wanted.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use iam_gateway::app::{App, AppSettings};
use iam_gateway::config::Config;
use iam_gateway::domain::{Caller, Scope};
use iam_gateway::postgres::Embedded;
use iam_gateway::services::Intent;
use iam_gateway::services::keys::{CreateApiKey, create_api_key};
use iam_gateway::simulators::{self, Options, Running};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How many accounts the slow vendor has.
pub(crate) const SLOW_ACCOUNTS: usize = 3000;

/// Everything that a measurement needs.
#[derive(Clone)]
pub(crate) struct Stage {
    /// The gateway's address.
    pub(crate) gateway: String,
    /// The simulator's address.
    pub(crate) vendor: String,
    http: reqwest::Client,
    key: String,
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    database: Embedded,
    simulator: Running,
    slow: Running,
    shutdown: CancellationToken,
    server: JoinHandle<anyhow::Result<()>>,
}

impl Stage {
    /// Starts it all below the temporary folder, where the account of the database server can get as well.
    pub(crate) async fn open(accounts: i32) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("iam-gateway-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let database = Embedded::start(&folder).await?;
        database.ensure_database("bench").await?;
        let options = Options::default().with_quirk("auth", "none");
        let simulator = simulators::start("luna", options.clone()).await?;
        let many = Options {
            accounts: Some(SLOW_ACCOUNTS),
            ..options
        };
        let slow = simulators::start("luna", many).await?;

        let config = Config::load(|_| None)?;
        let keys = config.master_keys(&folder)?;
        let mut settings = AppSettings::new(&config);
        for url in [&simulator.url, &slow.url] {
            let rule = url.trim_start_matches("http://").parse();
            let rule = rule.map_err(|error| anyhow::anyhow!("{error}"))?;
            settings.transport.allow_plain_and_private(rule);
        }
        let app = App::start(&database.url("bench"), &keys, settings).await?;
        let key = key(&app).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let gateway = format!("http://{}", listener.local_addr()?);
        let shutdown = CancellationToken::new();
        let server = tokio::spawn(app.serve(listener, shutdown.clone()));
        let stage = Self {
            gateway,
            vendor: simulator.url.clone(),
            http: reqwest::Client::builder().no_proxy().build()?,
            key,
            inner: Arc::new(Inner {
                folder,
                database,
                simulator,
                slow,
                shutdown,
                server,
            }),
        };
        stage.fill(accounts).await?;
        Ok(stage)
    }

    /// The vendor that can be made slow.
    pub(crate) fn slow(&self) -> &Running {
        &self.inner.slow
    }

    /// A database beside the gateway's.
    pub(crate) async fn another_database(&self, name: &str) -> anyhow::Result<SecretString> {
        self.inner.database.ensure_database(name).await?;
        Ok(self.inner.database.url(name))
    }

    /// Connections to the simulators, and one whose accounts are only in our tables.
    async fn fill(&self, accounts: i32) -> anyhow::Result<()> {
        let mut id = String::new();
        for (name, simulator) in [
            ("luna", &self.inner.simulator),
            ("slow", &self.inner.slow),
            ("many", &self.inner.simulator),
        ] {
            let parts = simulator
                .connection("luna/accounts")
                .context("a connection")?;
            let body = json!({
                "name": name,
                "vendor": "luna",
                "variant": "luna/accounts",
                "settings": parts["settings"],
                "credentials": parts["credentials"],
                "sync_every_seconds": 0,
            });
            let made = self.post(&self.gateway, "/v1/connections", body).await?;
            let made: Value = serde_json::from_slice(&made)?;
            id = made["id"].as_str().context("an id")?.to_owned();
        }
        use secrecy::ExposeSecret as _;
        let url = self.inner.database.url("bench");
        let sql = sqlx::PgPool::connect(url.expose_secret()).await?;
        sqlx::query(
            "insert into accounts (id, connection_id, vendor, external_key, external_id, login, email, display_name,
                 kind, status, attributes, raw, fingerprint, source)
             select gen_random_uuid(), $1::uuid, 'luna', format('[\"%s\"]', n), n::text, 'person' || n || '@example.org',
                 'person' || n || '@example.org', 'Person ' || n, 'human', 'active', '{\"account_type\": \"user\"}',
                 jsonb_build_object('account_id', n, 'login', 'person' || n || '@example.org'), ''::bytea, 'sync'
             from generate_series(1, $2) n",
        )
        .bind(id)
        .bind(accounts)
        .execute(&sql)
        .await?;
        sqlx::query("vacuum analyze accounts").execute(&sql).await?;
        sql.close().await;
        Ok(())
    }

    /// `GET` of the gateway, which must be a 200.
    pub(crate) async fn read(&self, path: &str) -> anyhow::Result<Bytes> {
        let request = self.http.get(format!("{}{path}", self.gateway));
        let response = request.bearer_auth(&self.key).send().await?;
        let status = response.status();
        let body = response.bytes().await?;
        ensure!(
            status == 200,
            "{path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        Ok(body)
    }

    /// `POST` of JSON, which must be a 200, a 201 or a 202.
    pub(crate) async fn post(&self, root: &str, path: &str, body: Value) -> anyhow::Result<Bytes> {
        let request = self
            .http
            .post(format!("{root}{path}"))
            .header("content-type", "application/json")
            .body(body.to_string());
        // The simulator asks for no credential and is sent none.
        let request = if root == self.gateway {
            request.bearer_auth(&self.key)
        } else {
            request
        };
        let response = request.send().await?;
        let status = response.status();
        let body = response.bytes().await?;
        let good = matches!(status.as_u16(), 200..=202);
        ensure!(good, "{path}: {status} {}", String::from_utf8_lossy(&body));
        Ok(body)
    }

    /// Ends it all.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        // Idle connections would keep the server waiting.
        drop(self.http);
        let inner = Arc::into_inner(self.inner).context("a client still runs")?;
        inner.shutdown.cancel();
        inner.server.await??;
        inner.simulator.shutdown().await;
        inner.slow.shutdown().await;
        inner.database.stop().await?;
        Ok(std::fs::remove_dir_all(inner.folder)?)
    }
}

async fn key(app: &App) -> anyhow::Result<String> {
    let scopes = Scope::ALL.iter().filter(|scope| !scope.needs_person());
    let create = CreateApiKey {
        name: "bench".to_owned(),
        scopes: scopes.map(|scope| scope.as_str().to_owned()).collect(),
        connections: None,
        person: None,
        expires_in_seconds: Some(3600),
        sandbox: false,
    };
    let intent = Intent {
        request_id: "bench".to_owned(),
        idempotency_key: None,
        method: "POST",
        path: "/v1/api-keys".to_owned(),
        body: Vec::new(),
        respond_async: false,
        plan: false,
    };
    let made = create_api_key(app.services(), &Caller::system(), create, &intent).await;
    let (_, key) = made.map_err(|error| anyhow::anyhow!("a key: {error}"))?;
    Ok(key.expose().to_owned())
}
