//! The simulator, asked past the gateway.

use iam_gateway::simulators::Running;
use reqwest::RequestBuilder;
use serde_json::Value;

use crate::support::Vendor;
use crate::support::app::text;

pub(super) struct Direct<'a> {
    pub(super) simulator: &'a Running,
    /// What the simulator wants for a connection, with the credentials in clear.
    pub(super) connection: Value,
    http: reqwest::Client,
}

impl<'a> Direct<'a> {
    pub(super) fn to(simulator: &'a Running, vendor: Vendor) -> Self {
        Self {
            simulator,
            connection: simulator.connection(vendor.variant).expect("a variant"),
            http: reqwest::Client::new(),
        }
    }

    /// One of the connection's credentials.
    pub(super) fn credential(&self, name: &str) -> &str {
        text(&self.connection["credentials"][name])
    }

    /// A request to this path, with its query.
    pub(super) fn request(&self, method: &str, place: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        let url = format!("{}{place}", self.simulator.url);
        self.http.request(method, url)
    }

    /// The JSON of an answer, which must be a success.
    pub(super) async fn json(request: RequestBuilder) -> Value {
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}
