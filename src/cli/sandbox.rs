//! `iam-gateway sandbox`: everything at once, to try it, with nothing configured.

use serde::Serialize;
use tokio::net::TcpListener;

use super::serve::Ready;
use super::{DataDir, Database, Failure, Listen, Use, announce, shutdown_signal};
use crate::app::AppSettings;
use crate::config::{Config, MasterKeys};
use crate::sandbox::{Sandbox, Welcome};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    data_dir: DataDir,
    /// Allow an address that others can reach: whoever can, can read the keys of nothing real, and use this machine.
    #[arg(long)]
    expose: bool,
}

#[derive(Serialize)]
struct SandboxReady {
    #[serde(flatten)]
    ready: Ready,
    #[serde(flatten)]
    welcome: Welcome,
}

pub(super) async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let address = args.listen.listen;
    if !address.ip().is_loopback() && !args.expose {
        return Err(Failure::Usage(format!(
            "the sandbox prints its keys and is made for loopback; to listen on {address} all the same, say --expose"
        )));
    }
    let data_dir = args.data_dir.path();
    let shutdown = shutdown_signal()?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| Failure::Failed(format!("can't listen on {address}: {error}")))?;
    let database = Database::open(&config, &data_dir, Use::Alone).await?;
    let served = async {
        let keys = match &config.master_keys {
            Some(keys) => keys.clone(),
            None => MasterKeys::load_or_make(&data_dir.join("master.key"))?,
        };
        let settings = AppSettings::new(&config);
        let sandbox = Sandbox::start(database.url(), &keys, settings).await?;
        let (app, welcome, simulators) = sandbox.split();
        announce(&SandboxReady {
            ready: Ready::at(&listener, &config)?,
            welcome,
        })?;
        let served = app.serve(listener, shutdown).await;
        for simulator in simulators {
            simulator.shutdown().await;
        }
        Ok(served?)
    }
    .await;
    database.close().await?;
    served
}
