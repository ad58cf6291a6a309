//! `iam-gateway healthcheck`: asks the service on this machine whether it can work, for containers without a shell.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::{Failure, Listen};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    listen: Listen,
    /// Ask only whether the process lives; whether its database answers does not count.
    #[arg(long)]
    live: bool,
}

pub(super) async fn run(args: Args) -> Result<(), Failure> {
    let address = reachable(args.listen.listen);
    let probe = if args.live { "livez" } else { "readyz" };
    let url = format!("http://{address}/{probe}");
    let client = reqwest::Client::builder()
        .no_proxy()
        // No TLS on loopback: it works where there are no CA certificates, too.
        .tls_certs_only([])
        .timeout(PATIENCE)
        .build()
        .map_err(|error| Failure::Failed(error.to_string()))?;
    let answer = client
        .get(&url)
        .send()
        .await
        .map_err(|error| Failure::Failed(format!("no answer: {error}")))?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let words = answer.text().await.unwrap_or_default();
    Err(Failure::Failed(format!(
        "{url} answered {status}: {}",
        words.trim()
    )))
}

/// The address under which a process on the same machine reaches a listener.
fn reachable(listener: SocketAddr) -> SocketAddr {
    let ip = match listener.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listener.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_every_address_is_asked_on_loopback() {
        let asked = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(asked("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(asked("[::]:8080"), "[::1]:8080");
        assert_eq!(asked("192.0.2.1:80"), "192.0.2.1:80");
    }
}
