//! API keys for tests, and the master key that they hang on.

use std::time::Duration;

use iam_gateway::app::{App, AppSettings};
use iam_gateway::config::Config;
use iam_gateway::domain::{Caller, Scope};
use iam_gateway::services::keys::{CreateApiKey, create_api_key};
use iam_gateway::services::{Intent, Services};
use secrecy::SecretString;

use super::{Database, builder};

/// Made up, and the same for every test: what one replica sealed another opens.
pub const MASTER_KEY: &str = "tests:dGhpcnR5LXR3byBieXRlcyBvZiBhIHRlc3Qga2V5ISE=";

/// Which key a test wants.
#[derive(Clone, Debug, Default)]
pub struct KeySpec {
    /// Words of scopes.
    pub scopes: Vec<String>,
    /// Names of connections; `None`: all.
    pub connections: Option<Vec<String>>,
    /// The person whose key it is.
    pub person: Option<String>,
}

/// Every scope that a service may hold.
pub fn service_scopes() -> Vec<String> {
    Scope::ALL
        .iter()
        .filter(|scope| !scope.needs_person())
        .map(|scope| scope.as_str().to_owned())
        .collect()
}

/// The operator's settings as tests have them: a master key, and nothing else.
pub fn config() -> Config {
    Config::load(|name| (name == "IAM_GATEWAY_MASTER_KEY").then(|| MASTER_KEY.to_owned()))
        .expect("settings of ours")
}

/// Makes a key behind the face's back.
pub async fn mint(services: &Services, spec: KeySpec) -> String {
    let create = CreateApiKey {
        name: spec.person.clone().unwrap_or_else(|| "test".to_owned()),
        scopes: spec.scopes,
        connections: spec.connections,
        person: spec.person,
        expires_in_seconds: Some(3600),
        sandbox: false,
    };
    let intent = Intent {
        request_id: "test-harness".into(),
        idempotency_key: None,
        method: "POST",
        path: "/v1/api-keys".into(),
        body: Vec::new(),
        respond_async: false,
        plan: false,
    };
    let (_, key) = create_api_key(services, &Caller::system(), create, &intent)
        .await
        .expect("a key");
    key.expose().to_owned()
}

/// A key with every scope of a service, for a real program that serves this database with [`MASTER_KEY`].
pub async fn mint_for(database: &Database) -> String {
    let config = config();
    let keys = config
        .master_keys(std::path::Path::new("/"))
        .expect("given");
    let settings = AppSettings {
        request_connections: 1,
        background_connections: 1,
        drain: Duration::ZERO,
        ..builder::settings(&config)
    };
    let url = SecretString::from(database.url());
    let services = App::connect(&url, &keys, settings)
        .await
        .expect("connected");
    let spec = KeySpec {
        scopes: service_scopes(),
        ..KeySpec::default()
    };
    let key = mint(&services, spec).await;
    services.store().close().await;
    key
}
