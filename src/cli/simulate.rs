//! `iam-gateway simulate <vendor>`: one vendor simulator alone.

use std::net::SocketAddr;

use clap::builder::PossibleValuesParser;
use serde::Serialize;
use tracing::info;

use super::{Failure, Listen, announce, shutdown_signal};
use crate::simulators::{self, Options, VENDORS};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whose simulator.
    #[arg(value_parser = PossibleValuesParser::new(VENDORS))]
    vendor: String,
    #[command(flatten)]
    listen: Listen,
    /// Address and port of the control API; port 0 picks a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    control_listen: SocketAddr,
    /// How many accounts to begin with [default: some 60].
    #[arg(long, value_name = "N")]
    accounts: Option<usize>,
    /// A switch of the vendor's own; may be given several times.
    #[arg(long = "quirk", value_name = "NAME=VALUE", value_parser = parse_quirk)]
    quirks: Vec<(String, String)>,
}

/// The ready line.
#[derive(Serialize)]
struct Ready<'a> {
    event: &'static str,
    url: &'a str,
    control: &'a str,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let asked_to_end = shutdown_signal()?;
    let options = Options {
        listen: args.listen.listen,
        control_listen: args.control_listen,
        accounts: args.accounts,
        quirks: args.quirks.into_iter().collect(),
    };
    let running = simulators::start(&args.vendor, options).await?;
    info!(
        vendor = args.vendor,
        "Simulating {} at {}", args.vendor, running.url
    );
    announce(&Ready {
        event: "ready",
        url: &running.url,
        control: &running.control,
    })?;
    asked_to_end.cancelled().await;
    running.shutdown().await;
    Ok(())
}

fn parse_quirk(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("is not of the form NAME=VALUE".to_owned()),
    }
}
