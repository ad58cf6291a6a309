//! `iam-gateway serve`: one replica of the service.

use serde::Serialize;
use tokio::net::TcpListener;

use super::{DataDir, Database, Failure, Listen, Use, announce, shutdown_signal};
use crate::app::{App, AppSettings};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    listen: Listen,
    #[command(flatten)]
    data_dir: DataDir,
}

/// The line that says that callers can come.
#[derive(Serialize)]
pub(super) struct Ready {
    event: &'static str,
    url: String,
    docs: String,
}

impl Ready {
    /// The addresses of a listener, as callers reach it.
    pub(super) fn at(listener: &TcpListener, config: &Config) -> Result<Self, Failure> {
        let root = match &config.http.public_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://{}", listener.local_addr()?),
        };
        let url = format!("{root}{}", config.http.base_path);
        Ok(Self {
            event: "ready",
            docs: format!("{url}/docs"),
            url,
        })
    }
}

pub(super) async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let data_dir = args.data_dir.path();
    let shutdown = shutdown_signal()?;
    // The port first: who can't have it should not have started a database.
    let listener = TcpListener::bind(args.listen.listen)
        .await
        .map_err(|error| {
            Failure::Failed(format!("can't listen on {}: {error}", args.listen.listen))
        })?;
    let database = Database::open(&config, &data_dir, Use::Alone).await?;
    let served = async {
        let keys = config.master_keys(&data_dir)?;
        let settings = AppSettings::new(&config);
        let app = App::start(database.url(), &keys, settings).await?;
        announce(&Ready::at(&listener, &config)?)?;
        Ok(app.serve(listener, shutdown).await?)
    }
    .await;
    database.close().await?;
    served
}
