//! The sandbox: a replica and the vendors' simulators, connected and synced, with nothing configured.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use secrecy::SecretString;
use serde::Serialize;
use uuid::Uuid;

use crate::app::{App, AppSettings};
use crate::config::MasterKeys;
use crate::domain::{Caller, Connections, Scope};
use crate::error::{Code, Error};
use crate::services::connections::{self, NewConnection};
use crate::services::keys::{self, CreateApiKey};
use crate::services::{Intent, PageSpec, Services, syncs};
use crate::simulators::{self, Running};

/// Seconds between scheduled syncs of the sandbox's connections.
const SYNC_SECONDS: i32 = 300;
/// How long the sandbox's keys live: a week.
const KEY_SECONDS: i64 = 7 * 86_400;
/// How long the first syncs may take in all.
const SYNC_PATIENCE: Duration = Duration::from_secs(120);

/// A running sandbox.
pub struct Sandbox {
    /// The replica.
    pub app: App,
    /// What a newcomer needs to know.
    pub welcome: Welcome,
    simulators: Vec<Running>,
}

/// The sandbox's part of the ready line.
#[derive(Clone, Debug, Serialize)]
pub struct Welcome {
    /// A service's key with all scopes.
    pub api_key: String,
    /// Keys of people who may ask and decide.
    pub people: Vec<PersonKey>,
    /// The simulators, by vendor.
    pub simulators: BTreeMap<String, Desk>,
}

/// A person's key.
#[derive(Clone, Debug, Serialize)]
pub struct PersonKey {
    /// The person.
    pub email: String,
    /// The key.
    pub api_key: String,
}

/// Where a simulator is.
#[derive(Clone, Debug, Serialize)]
pub struct Desk {
    /// The vendor's API.
    pub url: String,
    /// The simulator's control API.
    pub control: String,
}

impl Sandbox {
    /// Starts the simulators and the replica, drops what an earlier sandbox left, connects and syncs.
    ///
    /// # Errors
    /// When one of these fails.
    pub async fn start(
        database_url: &SecretString,
        master_keys: &MasterKeys,
        mut settings: AppSettings,
    ) -> anyhow::Result<Self> {
        let mut simulators = Vec::new();
        let mut desks = BTreeMap::new();
        for vendor in simulators::VENDORS {
            let running = simulators::start(vendor, simulators::Options::default())
                .await
                .with_context(|| format!("simulator of {vendor}"))?;
            let rule = running
                .url
                .trim_start_matches("http://")
                .parse()
                .with_context(|| format!("address of the simulator of {vendor}"))?;
            settings.transport.allow_plain_and_private(rule);
            desks.insert(
                (*vendor).to_owned(),
                Desk {
                    url: running.url.clone(),
                    control: running.control.clone(),
                },
            );
            simulators.push(running);
        }
        let app = App::start(database_url, master_keys, settings).await?;
        let services = app.services();
        connections::drop_sandbox(services, "sandbox-start")
            .await
            .map_err(plain)?;
        for seat in simulators::CONNECTIONS {
            let position = simulators::VENDORS
                .iter()
                .position(|vendor| *vendor == seat.vendor)
                .with_context(|| format!("no simulator of {}", seat.vendor))?;
            let parts = simulators[position]
                .connection(seat.variant)
                .with_context(|| format!("the simulator has no {}", seat.variant))?;
            connect(services, seat, &parts)
                .await
                .map_err(plain)
                .with_context(|| format!("connection {}", seat.name))?;
        }
        sync_all(services).await?;
        let welcome = welcome(services, desks).await.map_err(plain)?;
        Ok(Self {
            app,
            welcome,
            simulators,
        })
    }

    /// Takes the replica out, to be served; the simulators run as long as what remains is kept.
    pub fn split(self) -> (App, Welcome, Vec<Running>) {
        (self.app, self.welcome, self.simulators)
    }
}

async fn connect(
    services: &Services,
    seat: &simulators::SandboxConnection,
    parts: &serde_json::Value,
) -> Result<(), Error> {
    let caller = Caller::system();
    let new = NewConnection {
        name: seat.name.to_owned(),
        vendor: seat.vendor.to_owned(),
        variant: Some(seat.variant.to_owned()),
        settings: parts["settings"].clone(),
        credentials: parts["credentials"].clone(),
        sync_every_seconds: Some(SYNC_SECONDS),
        sandbox: true,
    };
    let intent = intent("/v1/connections");
    let row = connections::create_connection(services, &caller, new, &intent).await?;
    let id = row.id.to_string();
    connections::check_connection(services, &caller, &id, &intent.request_id).await?;
    Ok(())
}

/// Syncs every connection and waits for it; the schedules would be in no hurry.
async fn sync_all(services: &Services) -> anyhow::Result<()> {
    let caller = Caller::system();
    let deadline = tokio::time::Instant::now() + SYNC_PATIENCE;
    let newest = || PageSpec {
        limit: 1,
        cursor: None,
    };
    for seat in simulators::CONNECTIONS {
        match syncs::start_sync(services, &caller, seat.name, &intent("/v1/connections")).await {
            Ok(_) => {}
            // Its schedule was faster.
            Err(error) if error.code == Code::Conflict => {}
            Err(error) => return Err(plain(error)),
        }
    }
    for seat in simulators::CONNECTIONS {
        loop {
            let syncs = syncs::list_syncs(services, &caller, seat.name, newest())
                .await
                .map_err(plain)?;
            match syncs
                .runs
                .items
                .first()
                .map(|run| (run.status.as_str(), run))
            {
                Some(("complete", _)) => break,
                Some(("incomplete" | "failed", run)) => bail!(
                    "the first sync of {} is {}: {:?} {}",
                    seat.name,
                    run.status,
                    run.error,
                    run.defects
                ),
                _ if tokio::time::Instant::now() > deadline => {
                    bail!("the first sync of {} takes too long", seat.name)
                }
                _ => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
    Ok(())
}

async fn welcome(
    services: &Services,
    simulators: BTreeMap<String, Desk>,
) -> Result<Welcome, Error> {
    let all: Vec<Scope> = Scope::ALL
        .iter()
        .copied()
        .filter(|scope| !scope.needs_person())
        .collect();
    let api_key = key(services, "sandbox", None, &all).await?;
    let asking = [
        Scope::CONNECTIONS_READ,
        // Lifting the brake of a sync takes two people.
        Scope::CONNECTIONS_WRITE,
        Scope::ACCOUNTS_READ,
        Scope::IDENTITIES_READ,
        Scope::ENTITLEMENTS_READ,
        Scope::GRANTS_READ,
        Scope::POLICIES_READ,
        Scope::ACCESS_REQUESTS_READ,
        Scope::ACCESS_REQUESTS_WRITE,
        Scope::ACCESS_REQUESTS_DECIDE,
    ];
    let mut people = Vec::new();
    for email in simulators::sandbox_people() {
        let api_key = key(services, &email, Some(email.clone()), &asking).await?;
        people.push(PersonKey { email, api_key });
    }
    Ok(Welcome {
        api_key,
        people,
        simulators,
    })
}

async fn key(
    services: &Services,
    name: &str,
    person: Option<String>,
    scopes: &[Scope],
) -> Result<String, Error> {
    // The command line acts with every scope, a person's included.
    let maker = Caller {
        person: Some("sandbox".into()),
        connections: Connections::All,
        ..Caller::system()
    };
    let create = CreateApiKey {
        name: name.to_owned(),
        scopes: scopes
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        connections: None,
        person,
        expires_in_seconds: Some(KEY_SECONDS),
        sandbox: true,
    };
    let (_, key) = keys::create_api_key(services, &maker, create, &intent("/v1/api-keys")).await?;
    Ok(key.expose().to_owned())
}

fn intent(path: &str) -> Intent {
    Intent {
        request_id: Uuid::new_v4().to_string(),
        idempotency_key: None,
        method: "POST",
        path: path.to_owned(),
        body: Vec::new(),
        respond_async: false,
        plan: false,
    }
}

fn plain(error: Error) -> anyhow::Error {
    let fields: Vec<String> = error
        .fields
        .iter()
        .map(|field| format!("{}: {}", field.pointer, field.detail))
        .collect();
    anyhow::anyhow!(
        "{} {}",
        error.internal.unwrap_or(error.detail),
        fields.join("; ")
    )
}
