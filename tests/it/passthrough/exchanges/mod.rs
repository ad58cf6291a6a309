//! One exchange through the gateway per documented operation: the vendor gets the request that its contract documents, byte for
//! byte, with the credential of that operation and nothing of the caller's, and its documented answer comes back.
//!
//! A file per variant holds its requests, all of them good ones against the simulator's seed; [`drive`] makes the exchanges, and
//! [`validator`] lets somebody else look at them. The tests are made from the catalogue: an operation without a request fails
//! them, and so does a request without an operation.

mod apono;
mod devo;
mod direct;
mod drive;
mod lightelligence;
mod lumos_connector;
mod lumos_main;
mod luna;
mod validator;

use std::collections::BTreeMap;

use iam_gateway::services::catalogue::UpstreamOperation;
use iam_gateway::simulators::Received;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use url::form_urlencoded;

use crate::support::Vendor;
use direct::Direct;
use drive::exchange_all;

/// What a documented request is, and what the vendor answers it with.
#[derive(Clone)]
struct Exchange {
    /// The operation.
    id: &'static str,
    /// The values of the path's parameters, in order, decoded.
    values: Vec<String>,
    /// The query, decoded, in order.
    query: Vec<(&'static str, String)>,
    accept: &'static str,
    content_type: Option<&'static str>,
    body: String,
    /// The documented success.
    status: u16,
}

impl Exchange {
    /// A request of neither parameters nor body, answered with a 200.
    fn of(id: &'static str) -> Self {
        Self {
            id,
            values: Vec::new(),
            query: Vec::new(),
            accept: ACCEPT,
            content_type: None,
            body: String::new(),
            status: 200,
        }
    }

    /// Names the path's parameters.
    fn at(mut self, values: &[&str]) -> Self {
        self.values = values.iter().map(|value| (*value).to_owned()).collect();
        self
    }

    /// Asks with a query.
    fn asking(mut self, query: &[(&'static str, &str)]) -> Self {
        let owned = |(name, value): &(&'static str, &str)| (*name, (*value).to_owned());
        self.query = query.iter().map(owned).collect();
        self
    }

    fn accepting(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    /// Sends JSON. Its blanks are the caller's own, and stay.
    fn json(self, body: &Value) -> Self {
        self.sending("application/json", format!(" {body}\n"))
    }

    /// Sends a form.
    fn form(self, fields: &[(&str, &str)]) -> Self {
        let mut form = form_urlencoded::Serializer::new(String::new());
        let form = form.extend_pairs(fields).finish();
        self.sending("application/x-www-form-urlencoded", form)
    }

    fn sending(mut self, content_type: &'static str, body: impl Into<String>) -> Self {
        self.content_type = Some(content_type);
        self.body = body.into();
        self
    }

    /// Is answered with another success than 200.
    fn answered(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// In no words that the gateway would choose by itself, so that its own readings are told apart.
const ACCEPT: &str = "application/json, */*;q=0.1";

/// The documented requests of a variant, and what its vendor documents for all of them.
trait Contract {
    const VENDOR: Vendor;

    /// How the simulator is switched, so that it has everything.
    const QUIRKS: &'static [(&'static str, &'static str)] = &[];

    /// `Content-Type` of requests without a body, where the vendor documents one.
    const WITHOUT_BODY: Option<&'static str> = None;

    /// Writes without an effect, since all is so already or lies elsewhere, and readings that leave one.
    const UNUSUAL: &'static [&'static str] = &[];

    /// Operations that take a credential which such a connection can't have: they are refused before anything is sent.
    const OF_OTHER_CREDENTIALS: &'static [&'static str] = &[];

    /// Whether the connection logs in for a token, which a reset of the simulator ends.
    const LOGS_IN: bool = false;

    /// Every documented operation once, against the simulator as it is now; prepares there what the seed lacks.
    async fn exchanges(direct: &Direct<'_>) -> Vec<Exchange>;

    /// The path at the vendor.
    fn path(operation: &UpstreamOperation, exchange: &Exchange) -> String {
        filled(operation, &exchange.values, SEGMENT)
    }

    /// The query at the vendor.
    fn query(_operation: &UpstreamOperation, exchange: &Exchange) -> Vec<(&'static str, String)> {
        exchange.query.clone()
    }

    /// Whether this body at the vendor is the one that was given.
    fn is_body(_operation: &UpstreamOperation, exchange: &Exchange, received: &str) -> bool {
        exchange.body == received
    }

    /// The headers besides the ordinary ones: the credential's, and what else the vendor documents.
    fn headers(arrival: &Arrival<'_>) -> BTreeMap<&'static str, String>;
}

/// A documented request that arrived at the vendor.
struct Arrival<'a> {
    /// The connection as the simulator wants it, with the credentials in clear.
    connection: &'a Value,
    operation: &'a UpstreamOperation,
    exchange: &'a Exchange,
    received: &'a Received,
}

/// What RFC 3986 lets stand in a segment of a path.
const SEGMENT: &AsciiSet = &UNRESERVED.remove(b'@').remove(b'+').remove(b':');

/// What RFC 3986 never wants encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The path of an operation with these values for its parameters.
fn filled(operation: &UpstreamOperation, values: &[String], encoded: &'static AsciiSet) -> String {
    let mut rest = values.iter();
    let mut segments = Vec::new();
    for segment in operation.path.split('/') {
        segments.push(if segment.starts_with('{') {
            let value = rest.next().expect(operation.id);
            utf8_percent_encode(value, encoded).to_string()
        } else {
            segment.to_owned()
        });
    }
    assert!(rest.next().is_none(), "{}: a value too many", operation.id);
    segments.join("/")
}
