//! One function per capability, and the envelope around all of them (contract §B2, §B3).

mod listings;

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use url::Url;

use super::credentials::{Connection, OuterToken};
use super::settings::Settings;
use super::wire::{
    AppInfo, Assigned, Assignment, CreatedAccount, Envelope, ExecutionSummary, Info, StatusAnswer,
    Unassigned, ValidatedCredentials,
};
use crate::adapters::contract::{AdapterError, Call, Forwarded, Trouble};
use crate::adapters::transport::{Answer, Channel, Request, Sign, below};

pub(super) use listings::{Listed, Listing};

/// Speaks to one connector.
pub(super) struct Client {
    channel: Channel,
    base_url: Url,
    prefix: Vec<String>,
    connector_settings: Map<String, Value>,
    credentials: Connection,
    outer: Option<Arc<OuterToken>>,
}

/// The answer to a write.
pub(super) struct Written<T> {
    pub(super) response: T,
    /// `response` as it came.
    pub(super) raw: Value,
    pub(super) summary: ExecutionSummary,
}

impl Client {
    pub(super) fn new(channel: Channel, settings: &Settings, credentials: Connection) -> Self {
        Self {
            channel,
            base_url: settings.base_url.clone(),
            prefix: settings.prefix().into_iter().map(str::to_owned).collect(),
            connector_settings: settings.connector_settings.clone(),
            outer: credentials.outer().map(Arc::new),
            credentials,
        }
    }

    pub(super) async fn validate_credentials(
        &self,
        call: &Call,
    ) -> Result<ValidatedCredentials, AdapterError> {
        self.read(call, "validate_credentials", json!({})).await
    }

    /// The SDK's HTTP server answers 404 here (contract §B7).
    pub(super) async fn info(&self, call: &Call) -> Result<Info, AdapterError> {
        self.read(call, "info", json!({})).await
    }

    pub(super) async fn connected_info(&self, call: &Call) -> Result<Info, AdapterError> {
        self.read(call, "connected_info", json!({})).await
    }

    pub(super) async fn app_info(&self, call: &Call) -> Result<AppInfo, AdapterError> {
        self.read(call, "app_info", json!({})).await
    }

    /// The document of the host, which may serve more connectors than this one. It lies beside the connectors.
    pub(super) async fn openapi(&self, call: &Call) -> Result<Value, AdapterError> {
        let request = self.request(Method::GET, &["openapi.json"], Bytes::new());
        self.channel.read(call, request).await?.json()
    }

    pub(super) async fn get_account(
        &self,
        call: &Call,
        id: &str,
        attributes: &[String],
    ) -> Result<Value, AdapterError> {
        let mut request = account_id(id);
        if !attributes.is_empty() {
            request.insert("custom_attributes".into(), attributes.into());
        }
        self.read(call, "get_account", request).await
    }

    pub(super) async fn create_account(
        &self,
        call: &Call,
        account: Map<String, Value>,
        before: &Value,
    ) -> Result<Written<CreatedAccount>, AdapterError> {
        self.write(call, "create_account", account, before).await
    }

    pub(super) async fn update_account(
        &self,
        call: &Call,
        account: Map<String, Value>,
        before: &Value,
    ) -> Result<Written<Value>, AdapterError> {
        self.write(call, "update_account", account, before).await
    }

    pub(super) async fn activate_account(
        &self,
        call: &Call,
        id: &str,
        before: &Value,
    ) -> Result<Written<StatusAnswer>, AdapterError> {
        self.write(call, "activate_account", account_id(id), before)
            .await
    }

    pub(super) async fn deactivate_account(
        &self,
        call: &Call,
        id: &str,
        before: &Value,
    ) -> Result<Written<StatusAnswer>, AdapterError> {
        self.write(call, "deactivate_account", account_id(id), before)
            .await
    }

    pub(super) async fn delete_account(
        &self,
        call: &Call,
        id: &str,
        before: &Value,
    ) -> Result<Written<StatusAnswer>, AdapterError> {
        self.write(call, "delete_account", account_id(id), before)
            .await
    }

    pub(super) async fn assign_entitlement(
        &self,
        call: &Call,
        assignment: &Assignment<'_>,
        before: &Value,
    ) -> Result<Written<Assigned>, AdapterError> {
        let request = assignment.request();
        self.write(call, "assign_entitlement", request, before)
            .await
    }

    pub(super) async fn unassign_entitlement(
        &self,
        call: &Call,
        assignment: &Assignment<'_>,
        before: &Value,
    ) -> Result<Written<Unassigned>, AdapterError> {
        let request = assignment.request();
        self.write(call, "unassign_entitlement", request, before)
            .await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        call: &Call,
        capability: &str,
        request: impl Into<Value>,
    ) -> Result<T, AdapterError> {
        let body = self.body(request);
        let envelope = self.send_read(call, capability, body).await?;
        parse(capability, envelope.response.unwrap_or_default())
    }

    async fn send_read(
        &self,
        call: &Call,
        capability: &str,
        body: Map<String, Value>,
    ) -> Result<Envelope, AdapterError> {
        let request = self.capability(capability, &body)?;
        // Acts are many calls deep by now; on the heap the transport's part weighs on none of their stacks.
        let answer = Box::pin(self.channel.read(call, request)).await;
        open(capability, &answer.map_err(|e| naming(capability, e))?)
    }

    async fn write<T: DeserializeOwned>(
        &self,
        call: &Call,
        capability: &str,
        request: Map<String, Value>,
        before: &Value,
    ) -> Result<Written<T>, AdapterError> {
        let request = self.capability(capability, &self.body(request))?;
        let answer = Box::pin(self.channel.write(call, request, before)).await;
        let envelope = open(capability, &answer.map_err(|e| naming(capability, e))?)?;
        let raw = envelope.response.unwrap_or_default();
        Ok(Written {
            response: parse(capability, raw.clone())?,
            raw,
            summary: ExecutionSummary::read(&envelope.execution_summary),
        })
    }

    /// Hands on the answer to a request that changes nothing.
    pub(super) async fn forward_read(
        &self,
        call: &Call,
        request: Request,
    ) -> Result<Forwarded, AdapterError> {
        self.channel.forward_read(call, request).await
    }

    /// Hands on the answer to the one mutating request of an operation.
    pub(super) async fn forward_write(
        &self,
        call: &Call,
        request: Request,
        before: &Value,
    ) -> Result<Forwarded, AdapterError> {
        self.channel.forward_write(call, request, before).await
    }

    /// The envelope.
    fn body(&self, request: impl Into<Value>) -> Map<String, Value> {
        let mut body = self.own_parts(true);
        body.insert("request".into(), request.into());
        body
    }

    /// What the connection puts into every envelope. `settings` is always there: without it a connector that declares some
    /// answers `bad_request`.
    pub(super) fn own_parts(&self, has_credential: bool) -> Map<String, Value> {
        let mut parts = Map::new();
        if has_credential {
            self.credentials.fill(&mut parts);
        }
        parts.insert("settings".into(), self.connector_settings.clone().into());
        parts
    }

    fn capability(
        &self,
        capability: &str,
        body: &Map<String, Value>,
    ) -> Result<Request, AdapterError> {
        let prefix = self.prefix.iter().map(String::as_str);
        let path: Vec<&str> = prefix.chain([capability]).collect();
        let body = serde_json::to_vec(body).map_err(|_| {
            AdapterError::new(Trouble::Invalid, "the request can't be written as JSON")
        })?;
        Ok(self.request(Method::POST, &path, body.into()))
    }

    /// A request to a path below the base URL.
    pub(super) fn request(&self, method: Method, path: &[&str], body: Bytes) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        Request {
            method,
            url: below(&self.base_url, path),
            headers,
            body,
            sign: self.outer.clone().map(|outer| outer as Arc<dyn Sign>),
        }
    }
}

fn account_id(id: &str) -> Map<String, Value> {
    Map::from_iter([("account_id".to_owned(), id.into())])
}

/// The envelope of an answer.
pub(super) fn open(capability: &str, answer: &Answer) -> Result<Envelope, AdapterError> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| malformed(capability, "it is no response envelope"))
}

/// The `response` of an envelope.
pub(super) fn parse<T: DeserializeOwned>(
    capability: &str,
    response: Value,
) -> Result<T, AdapterError> {
    if response.is_null() {
        return Err(malformed(capability, "its `response` is missing"));
    }
    // serde's own words repeat values of the answer, which may be personal.
    serde_json::from_value(response)
        .map_err(|_| malformed(capability, "its `response` has an unexpected shape"))
}

/// Says which capability it is that the connector lacks.
fn naming(capability: &str, mut error: AdapterError) -> AdapterError {
    if error.trouble == Trouble::Unsupported {
        error.message = format!("`{capability}`: {}", error.message);
    }
    error
}

fn malformed(capability: &str, why: &str) -> AdapterError {
    AdapterError::new(
        Trouble::Malformed,
        format!("the connector's answer to `{capability}` makes no sense: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_response_is_malformed_and_proves_nothing() {
        let error = parse::<StatusAnswer>("delete_account", Value::Null)
            .err()
            .unwrap();
        assert_eq!(error.trouble, Trouble::Malformed);
        assert_eq!(error.effect, crate::adapters::contract::SideEffect::Unknown);
    }
}
