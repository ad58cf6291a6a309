//! The process's HTTP client with its guards.

use std::sync::Arc;

use reqwest::{Client, ClientBuilder, redirect, retry};
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use super::guard::{GuardedResolver, Lookup, SystemLookup};
use super::lane::{Door, Lanes, Traffic};
use super::{AddressPolicy, Channel, Judge, TransportConfig};
use crate::adapters::contract::Permits;

/// The process's HTTP client with its guards; makes the channels. Cheap to clone.
#[derive(Clone)]
pub struct Transport {
    shared: Arc<Shared>,
    permits: Option<Arc<dyn Permits>>,
}

pub(super) struct Shared {
    pub(super) client: Client,
    pub(super) config: TransportConfig,
    pub(super) policy: Arc<AddressPolicy>,
    lanes: Lanes,
}

/// The HTTP client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the client for outgoing calls could not be made: {0}")]
pub struct TransportError(#[source] reqwest::Error);

impl Transport {
    /// The way out, for the whole process.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(config: TransportConfig) -> Result<Self, TransportError> {
        Self::with_lookup(config, Arc::new(SystemLookup))
    }

    pub(super) fn with_lookup(
        config: TransportConfig,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, TransportError> {
        let policy = Arc::new(AddressPolicy::new(
            config.plain_http_hosts.clone(),
            config.private_hosts.clone(),
        ));
        let resolver = Arc::new(GuardedResolver::new(Arc::clone(&policy), lookup));
        let client = settings(&config, Arc::clone(&resolver))
            .build()
            .or_else(|error| {
                // A bare container image has no certificates. What needs none (plain http to listed hosts) still works.
                tracing::warn!(
                    error = %error,
                    "No trusted certificates could be loaded, so https calls to vendors will fail: install ca-certificates"
                );
                settings(&config, resolver).tls_certs_only([]).build()
            })
            .map_err(TransportError)?;
        Ok(Self {
            shared: Arc::new(Shared {
                client,
                config,
                policy,
                lanes: Lanes::default(),
            }),
            permits: None,
        })
    }

    /// What may be called, for checking a connection's settings before they are stored.
    pub fn policy(&self) -> &AddressPolicy {
        &self.shared.policy
    }

    /// The same way out for a connection that may make only so many calls of its vendor's API.
    #[must_use]
    pub fn with_permits(&self, permits: Arc<dyn Permits>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            permits: Some(permits),
        }
    }

    /// How calls of a connection go on this replica, door by door; none of a connection that made no call lately.
    pub fn traffic(&self, connection_id: Uuid) -> Vec<(Door, Traffic)> {
        self.shared.lanes.traffic(connection_id)
    }

    /// A channel for one connection. Requests may go to the origin of `base` only; `secrets` are the values that no message may repeat.
    pub fn channel(
        &self,
        vendor: &'static str,
        connection_id: Uuid,
        base: &Url,
        judge: Arc<dyn Judge>,
        secrets: Vec<SecretString>,
    ) -> Channel {
        self.channel_by(Door::Api, vendor, connection_id, base, judge, secrets)
    }

    /// As [`Transport::channel`], by another door than the API's.
    pub fn channel_by(
        &self,
        door: Door,
        vendor: &'static str,
        connection_id: Uuid,
        base: &Url,
        judge: Arc<dyn Judge>,
        secrets: Vec<SecretString>,
    ) -> Channel {
        let origin = base.origin();
        let config = &self.shared.config;
        let lane = self
            .shared
            .lanes
            .lane(vendor, connection_id, door, origin.clone(), config);
        // The budget is the API's: an identity provider is another host with rules of its own.
        let permits = self.permits.clone().filter(|_| door == Door::Api);
        Channel::new(
            Arc::clone(&self.shared),
            lane,
            permits,
            vendor,
            connection_id,
            origin,
            judge,
            secrets,
        )
    }
}

fn settings(config: &TransportConfig, resolver: Arc<GuardedResolver>) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("iam-gateway/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(config.connect_timeout)
        .pool_idle_timeout(config.idle_timeout)
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        // The client would repeat requests that an HTTP/2 server turned away; a write is sent once, whatever a server says.
        .retry(retry::never())
        .dns_resolver(resolver)
}
