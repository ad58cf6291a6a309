//! The rest: what the connector says of its data and of the way to it, and what was changed of late.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    envelope::{Answer, Envelope},
    errors::Error,
    listing,
    quirks::Credential,
    routes::Connector,
    tokens,
};
use crate::simulators::kit::{Call, rfc3339, seeded};

/// Name, whose it is, type.
const ATTRIBUTES: [(&str, &str, &str); 3] = [
    ("manager", "account", "user"),
    ("tier", "entitlement", "string"),
    ("owner", "non_human_account", "string"),
];

pub(super) fn custom_attributes(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let rows = listing::rows(|_| (&ATTRIBUTES[..]).into());
    listing::page(
        connector,
        call,
        envelope,
        rows,
        |(name, whose, kind)| json!({ "customized_type": whose, "name": name, "attribute_type": kind, "description": null }),
    )
}

#[derive(Deserialize)]
struct Updated {
    since: Option<DateTime<Utc>>,
    cursor: Option<String>,
    custom_attributes: Option<Vec<String>>,
}

/// The accounts changed since then; the cursor wins over the time (contract §B7). What the seed made is as old as the seed.
pub(super) fn updated_accounts(
    connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Updated = envelope.request("ListUpdatedAccountsRequest")?;
    let from = match &request.cursor {
        Some(cursor) => Some(tokens::offset(cursor).ok_or_else(Error::invalid_page_token)?),
        None => request.since.filter(|since| *since > seeded(0)).map(|_| 0),
    };
    let custom = request.custom_attributes.unwrap_or_default();
    let response = connector.world.read(|state| {
        let state = &state.connector;
        let is_new = |id: &String| match from {
            Some(from) => state.touched.iter().skip(from).any(|touched| touched == id),
            None => true,
        };
        let accounts = state.accounts.iter().filter(|account| is_new(&account.id));
        json!({
            "accounts": accounts.map(|account| account.show(&custom)).collect::<Vec<_>>(),
            "cursor": tokens::token(state.touched.len())
        })
    });
    Ok(envelope.answer(response))
}

/// The directory answers of the present moment, whatever it is asked for.
pub(super) fn recency(
    connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let names = connector.capabilities().into_iter();
    let listed = names.filter(|name| name.starts_with("list_"));
    let now = rfc3339(Utc::now());
    let data: Map<String, Value> = listed
        .map(|name| (name.to_owned(), now.as_str().into()))
        .collect();
    Ok(envelope.answer(json!({ "data": data })))
}

/// Nothing was ever paid for it.
pub(super) fn expenses(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let rows = listing::rows(|_| Vec::<Value>::new().into());
    listing::page(connector, call, envelope, rows, Value::clone)
}

pub(super) fn probe(
    _connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    Ok(envelope.answer(json!({ "results": [] })))
}

#[derive(Deserialize)]
struct ValidateConfig {
    credential: Map<String, Value>,
}

/// Whether a credential has the shape of the declared kind; whether it is let in is another question.
pub(super) fn credential_config(
    connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: ValidateConfig = envelope.request("ValidateCredentialConfigRequest")?;
    let kind = connector.quirks.credential.kind();
    let given: Vec<&str> = Credential::KINDS
        .into_iter()
        .filter(|kind| {
            request
                .credential
                .get(*kind)
                .is_some_and(|one| !one.is_null())
        })
        .collect();
    let errors: Vec<String> = (given != [kind])
        .then(|| format!("a credential of the kind {kind} is expected"))
        .into_iter()
        .collect();
    Ok(envelope.answer(json!({ "valid": errors.is_empty(), "validation_errors": errors })))
}

#[derive(Deserialize)]
struct Arbitrary {
    url: String,
    method: Option<Method>,
    body: Option<String>,
    query: Option<BTreeMap<String, Vec<String>>>,
    #[serde(rename = "headers")]
    _headers: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    Get,
    Post,
}

/// Calls nobody: says what it would have called.
pub(super) fn arbitrary(
    _connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Arbitrary = envelope.request("FulfillArbitraryEndpointRequest")?;
    if url::Url::parse(&request.url).is_err() {
        return Err(Error::invalid_value("url is no URL"));
    }
    let method = match request.method.unwrap_or(Method::Get) {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    Ok(envelope.answer(json!({
        "status_code": 200,
        "headers": {},
        "body": json!({
            "method": method, "url": request.url, "query": request.query, "body": request.body
        }).to_string()
    })))
}
