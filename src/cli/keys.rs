//! `iam-gateway keys create`: the first key, and the way back in when the last one is lost.

use clap::Subcommand;
use serde_json::json;

use super::{DataDir, Database, Failure, Use, announce};
use crate::app::{App, AppSettings};
use crate::config::Config;
use crate::domain::{Caller, Scope};
use crate::services::Intent;
use crate::services::keys::{self, CreateApiKey};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    data_dir: DataDir,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an API key and print it, once.
    Create(Create),
}

#[derive(Debug, clap::Args)]
struct Create {
    /// A name for people and for the audit trail.
    #[arg(long)]
    name: String,
    /// A scope, such as accounts:read; repeat it for several. Without any: all that the key may hold.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A connection, by name or id; repeat it for several. Without any: all, also future ones.
    #[arg(long = "connection", value_name = "CONNECTION")]
    connections: Vec<String>,
    /// The e-mail address of the person whose key it is.
    #[arg(long, value_name = "EMAIL")]
    person: Option<String>,
    /// Days until it ends.
    #[arg(long, default_value_t = 90)]
    days: i64,
}

pub(super) async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let data_dir = args.data_dir.path();
    let database = Database::open(&config, &data_dir, Use::Beside).await?;
    let Command::Create(create) = args.command;
    let made = async {
        let keys = config.master_keys(&data_dir)?;
        let settings = AppSettings::new(&config);
        let services = App::connect(database.url(), &keys, settings).await?;
        let made = make(&services, create).await;
        services.store().close().await;
        made
    }
    .await;
    database.close().await?;
    made
}

async fn make(services: &crate::services::Services, create: Create) -> Result<(), Failure> {
    // Who can reach the database and the master key can do everything anyway.
    let maker = Caller {
        name: "command line".to_owned(),
        person: Some("command line".to_owned()),
        ..Caller::system()
    };
    let scopes = if create.scopes.is_empty() {
        Scope::ALL
            .iter()
            .filter(|scope| !scope.needs_person() || create.person.is_some())
            .map(|scope| scope.as_str().to_owned())
            .collect()
    } else {
        create.scopes
    };
    let create = CreateApiKey {
        name: create.name,
        scopes,
        connections: (!create.connections.is_empty()).then_some(create.connections),
        person: create.person,
        expires_in_seconds: Some(create.days.saturating_mul(86_400)),
        sandbox: false,
    };
    let intent = Intent {
        request_id: uuid::Uuid::new_v4().to_string(),
        idempotency_key: None,
        method: "POST",
        path: "/v1/api-keys".to_owned(),
        body: Vec::new(),
        respond_async: false,
        plan: false,
    };
    let (row, key) = keys::create_api_key(services, &maker, create, &intent)
        .await
        .map_err(|error| {
            let fields: Vec<String> = error
                .fields
                .iter()
                .map(|field| format!("{} {}", field.pointer, field.detail))
                .collect();
            Failure::Usage(if fields.is_empty() {
                error.detail
            } else {
                fields.join("\n")
            })
        })?;
    announce(&json!({
        "id": row.id,
        "name": row.name,
        "expires_at": row.expires_at,
        "api_key": key.expose(),
    }))?;
    Ok(())
}
