//! An independent validator between the gateway and a simulator, by hand: every exchange is made through it.
//!
//! With Prism (npm package `@stoplight/prism-cli`) and the vendor's own OpenAPI file, in two shells:
//!
//! ```sh
//! prism proxy apono-openapi.json http://127.0.0.1:5411 --port 4411
//! EXCHANGES_VIA=apono/tenant,127.0.0.1:5411,http://127.0.0.1:4411,nulls=left_out cargo test --locked --test it -- exchanges::apono
//! ```
//!
//! It lists the violations and hands everything on; with `--errors` an exchange with a violation fails. These the files themselves
//! make impossible to avoid, or are Prism's:
//!
//! - Apono's has the text `AccessFlowV2.creation_date` as an object, and forbids the nulls of `allOf` that it calls nullable, hence
//!   `nulls=left_out`;
//! - Lumos' knows no times without a zone, which the API sends all the same (contract §A4): take `main_times=zoned`;
//! - a query parameter that may be an array or null is no array to Prism where it has one value only, as `expand` at Lumos.

use std::net::SocketAddr;
use std::time::Duration;

use iam_gateway::simulators::Options;
use serde_json::json;

use crate::support::builder::Builder;
use crate::support::{TestApp, Vendor};

/// Names the variant, where its simulator is to listen, where the validator does, and then switches of the simulator.
const VARIABLE: &str = "EXCHANGES_VIA";

pub(super) struct Validator {
    simulator: SocketAddr,
    url: String,
    switches: Vec<(String, String)>,
}

impl Validator {
    /// The one for this vendor, if there is one.
    pub(super) fn of(vendor: Vendor) -> Option<Self> {
        let value = std::env::var(VARIABLE).ok()?;
        let words: Vec<_> = value.split(',').collect();
        let [variant, simulator, url, switches @ ..] = &words[..] else {
            panic!("{VARIABLE} is `variant,address,url`, and not {value}");
        };
        let switch = |word: &&str| {
            let (name, value) = word.split_once('=').expect("name=value");
            (name.to_owned(), value.to_owned())
        };
        (*variant == vendor.variant).then(|| Self {
            simulator: simulator.parse().expect("an address"),
            url: (*url).to_owned(),
            switches: switches.iter().map(switch).collect(),
        })
    }

    /// A replica whose connection leads to the validator.
    pub(super) async fn between(
        &self,
        builder: Builder,
        vendor: Vendor,
        mut options: Options,
    ) -> TestApp {
        options.listen = self.simulator;
        options.quirks.extend(self.switches.iter().cloned());
        let host = self.url.trim_start_matches("http://");
        let host = host.parse().expect("an address");
        let builder = builder.vendor_with(vendor, options).settings(|settings| {
            settings.transport.allow_plain_and_private(host);
            settings.transport.attempt_timeout = Duration::from_secs(5);
        });
        let app = builder.start().await;
        let connection = app.simulator(vendor).connection(vendor.variant);
        let mut connection = connection.expect("a variant");
        connection["settings"]["base_url"] = json!(self.url);
        let path = format!("/v1/connections/{}", vendor.connection);
        app.admin().patch(&path, connection).await.expect(200);
        app
    }
}
