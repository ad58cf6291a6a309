//! The command line: one file per command, and what they share.
//!
//! Exit codes: 0 done, 1 failed, 2 called or configured wrongly. Standard output carries results and the ready line only;
//! logs and errors go to standard error.

mod database;
mod failure;
mod healthcheck;
mod keys;
mod migrate;
mod openapi;
mod options;
mod ready;
mod sandbox;
mod serve;
mod signals;
mod simulate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tokio::runtime;

pub use database::{Database, Use};
pub use failure::Failure;
pub use openapi::documents;
pub use options::{DataDir, Listen};
pub use ready::announce;
pub use signals::shutdown_signal;

use crate::{
    config::{Config, LogFormat},
    telemetry,
};

/// One REST API in front of several identity and access vendors.
///
/// Settings come from environment variables; README.md lists them.
#[derive(Debug, Parser)]
#[command(name = "iam-gateway", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run one replica of the service.
    Serve(serve::Args),
    /// Run the service with simulated vendors, connected and synced, to try it out.
    Sandbox(sandbox::Args),
    /// Bring the database's schema up to date.
    Migrate(migrate::Args),
    /// Write the OpenAPI document and the capabilities by variant, or compare them with the kept files.
    Openapi(openapi::Args),
    /// Manage API keys.
    Keys(keys::Args),
    /// Ask the service on this machine whether it can work.
    Healthcheck(healthcheck::Args),
    /// Run the simulator of one vendor.
    Simulate(simulate::Args),
}

/// Runs the command that the process was started with, to its end.
pub fn run() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("iam-gateway: {failure}");
            failure.exit_code()
        }
    }
}

impl Cli {
    fn run(self) -> Result<(), Failure> {
        let config = Config::from_environment()?;
        telemetry::start_logs(
            &config.telemetry.filter,
            config.telemetry.format == LogFormat::Json,
        );
        telemetry::log_panics();
        runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?
            .block_on(self.command.run(config))
    }
}

impl Command {
    async fn run(self, config: Config) -> Result<(), Failure> {
        match self {
            Self::Serve(args) => serve::run(args, config).await,
            Self::Sandbox(args) => sandbox::run(args, config).await,
            Self::Openapi(args) => openapi::run(&args),
            Self::Keys(args) => keys::run(args, config).await,
            Self::Migrate(args) => migrate::run(args, config).await,
            Self::Healthcheck(args) => healthcheck::run(args).await,
            Self::Simulate(args) => simulate::run(args).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
