//! Requests that are passed through: rebuilt from their parts, with the credential that the operation asks for.

use reqwest::Method;
use std::sync::Arc;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use super::Client;
use crate::adapters::contract::{AdapterError, Call, Forward, Forwarded, SideEffect};
use crate::adapters::lightelligence::catalogue::{self, Credential};
use crate::adapters::transport::{Channel, Request, below};

impl Client {
    /// Sends an operation that changes nothing.
    pub(in super::super) async fn forward_read(
        &self,
        call: &Call,
        forward: &Forward,
    ) -> Result<Forwarded, AdapterError> {
        let (channel, request, by_token) = self.forwarded(forward)?;
        if !by_token {
            return channel.forward_read(call, request).await;
        }
        let send = |call: Call, request| async move { channel.forward_read(&call, request).await };
        self.reading(call, &request, send).await
    }

    /// Sends an operation that changes something, once. `before` is recorded with the mark.
    pub(in super::super) async fn forward_write(
        &self,
        call: &Call,
        forward: &Forward,
        before: &Value,
    ) -> Result<Forwarded, AdapterError> {
        let (channel, request, by_token) = self.forwarded(forward)?;
        if !by_token {
            return channel.forward_write(call, request, before).await;
        }
        let send = |call: Call, request| async move {
            channel.forward_write(&call, request, before).await
        };
        self.writing(call, &request, send).await
    }

    /// The way that an operation goes and its request, and whether it is still to be signed with an access token.
    fn forwarded(&self, forward: &Forward) -> Result<(&Channel, Request, bool), AdapterError> {
        let (channel, base) = if forward.operation.api == catalogue::IDENTITY_API {
            (&self.realm, &self.realm_base)
        } else {
            (&self.channel, &self.base)
        };
        let mut request = rebuilt(base, forward)?;
        let by_token = match Credential::of(forward.operation) {
            Credential::Nothing => false,
            Credential::Client => {
                request.sign = Some(Arc::new(self.login.authorization().0));
                false
            }
            Credential::AccessToken => true,
            Credential::ClientToken if self.login.is_of_client() => true,
            Credential::ClientToken => {
                return Err(AdapterError::unsupported(
                    "",
                    "Lightelligence answers this to a client that logs in for itself, and this connection logs in as a person: \
                     its credentials are not of the kind `client_credentials`",
                )
                .with_effect(SideEffect::None));
            }
        };
        Ok((channel, request, by_token))
    }
}

fn rebuilt(base: &Url, forward: &Forward) -> Result<Request, AdapterError> {
    let segments: Vec<&str> = forward.segments.iter().map(String::as_str).collect();
    let mut url = below(base, &segments);
    if !forward.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&forward.query);
    }
    let method = Method::from_bytes(forward.operation.method.as_bytes())
        .map_err(|_| AdapterError::invalid("", "the operation has no method that can be sent"))?;
    let mut headers = HeaderMap::new();
    let accept = forward.accept.as_deref().unwrap_or("application/json");
    insert(&mut headers, ACCEPT, accept)?;
    if let Some(kind) = &forward.content_type {
        insert(&mut headers, CONTENT_TYPE, kind)?;
    }
    Ok(Request {
        method,
        url,
        headers,
        body: forward.body.clone(),
        sign: None,
    })
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), AdapterError> {
    let value = HeaderValue::from_str(value).map_err(|_| {
        let words = format!("the header {name} can't be sent on as it is");
        AdapterError::invalid("", words)
    })?;
    headers.insert(name, value);
    Ok(())
}
