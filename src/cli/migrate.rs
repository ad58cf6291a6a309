//! `iam-gateway migrate`: the schema, brought up to date.

use std::path::Path;

use secrecy::ExposeSecret;
use tracing::info;

use super::{DataDir, Database, Failure, Use, shutdown_signal};
use crate::{config::Config, store::Store};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    data_dir: DataDir,
}

pub(super) async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let data_dir = args.data_dir.path();
    let asked_to_end = shutdown_signal()?;
    tokio::select! {
        result = migrate(&config, &data_dir) => result,
        () = asked_to_end.cancelled() => Err(Failure::Failed("interrupted; run it again".to_owned())),
    }
}

async fn migrate(config: &Config, data_dir: &Path) -> Result<(), Failure> {
    let database = Database::open(config, data_dir, Use::Beside).await?;
    let store = Store::connect(database.url().expose_secret(), 1, 1).await?;
    store.migrate().await?;
    info!("The database is up to date");
    store.close().await;
    database.close().await
}
