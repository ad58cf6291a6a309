//! Resolves names and hands out only the addresses that may be dialled. A check before the lookup would be worth nothing:
//! a name can answer a public address to the check and an inner one to the connection.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::AddressPolicy;

tokio::task_local! {
    /// The port of the URL that is being dialled, for entries bound to one: a resolver is told the name alone.
    ///
    /// It is read while the request's own task starts to connect. Were it missing, entries bound to a port would match nothing.
    pub(in crate::adapters::transport) static DIALLED_PORT: u16;
}

/// Where addresses come from.
#[async_trait]
pub(in crate::adapters::transport) trait Lookup:
    Send + Sync
{
    /// Every address of a name.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
pub(in crate::adapters::transport) struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// The client's resolver, with the policy between it and the world.
pub(in crate::adapters::transport) struct GuardedResolver {
    policy: Arc<AddressPolicy>,
    lookup: Arc<dyn Lookup>,
}

impl GuardedResolver {
    pub(in crate::adapters::transport) fn new(
        policy: Arc<AddressPolicy>,
        lookup: Arc<dyn Lookup>,
    ) -> Self {
        Self { policy, lookup }
    }
}

/// No address of the name may be dialled. Seen in logs only: to the caller it reads like any other unreachable host.
#[derive(Debug, thiserror::Error)]
#[error("every address of the name is refused")]
struct AllRefused;

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let port = DIALLED_PORT.try_with(|port| *port).ok();
        let policy = Arc::clone(&self.policy);
        let lookup = Arc::clone(&self.lookup);
        Box::pin(async move {
            let name = name.as_str();
            let found = lookup.lookup(name).await?;
            let (open, refused): (Vec<IpAddr>, Vec<IpAddr>) = found
                .into_iter()
                .partition(|address| policy.permits(name, *address, port));
            if !refused.is_empty() {
                tracing::warn!(
                    host = name,
                    addresses = ?refused,
                    "Refused to dial {name}: it resolves to an address that is not public and not listed"
                );
            }
            if open.is_empty() {
                return Err(AllRefused.into());
            }
            let addresses: Addrs =
                Box::new(open.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
