//! An independent validator between the gateway and a simulator, by hand: every exchange is made through it.
//!
//! With Prism (npm package `@stoplight/prism-cli`) and the vendor's own OpenAPI file, in two shells:
//!
//! ```sh
//! prism proxy apono-openapi.json http://127.0.0.1:5411 --port 4411 --errors
//! EXCHANGES_VIA=apono/tenant,127.0.0.1:5411,http://127.0.0.1:4411,nulls=left_out cargo test --locked --test it -- exchanges::apono
//! ```
//!
//! The main API of Lumos wants `main_times=zoned`: its file knows no times without a zone, which the API sends all the same (§A4).
//! Apono's file forbids most of the nulls that it calls nullable, hence `nulls=left_out`.
//!
//! With `--errors` it answers what violates the file by itself, so that the exchange fails and says why; without, it lists the
//! violations and hands them on.

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
