//! Requests that are passed through: rebuilt from their parts, with the token that the operation is for.

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::Client;
use crate::adapters::apono::catalogue::{ADMINISTRATOR, PERSONAL};
use crate::adapters::apono::tokens::Area;
use crate::adapters::contract::{AdapterError, Call, Forward, Forwarded, Trouble};
use crate::adapters::transport::{Request, below};

const JSON: &str = "application/json";

impl Client {
    /// Sends an operation that changes nothing.
    pub(in super::super) async fn forward_read(
        &self,
        call: &Call,
        forward: &Forward,
    ) -> Result<Forwarded, AdapterError> {
        let request = self.forwarded(forward)?;
        self.channel.forward_read(call, request).await
    }

    /// Sends an operation that changes something, once. `before` is recorded with the mark.
    pub(in super::super) async fn forward_write(
        &self,
        call: &Call,
        forward: &Forward,
        before: &Value,
    ) -> Result<Forwarded, AdapterError> {
        let request = self.forwarded(forward)?;
        self.channel.forward_write(call, request, before).await
    }

    fn forwarded(&self, forward: &Forward) -> Result<Request, AdapterError> {
        let area = match forward.operation.credential {
            PERSONAL => Area::User,
            ADMINISTRATOR => Area::Legacy,
            _ => Area::Admin,
        };
        let sign = self.tokens.for_area(area).map_err(|error| {
            // It is the connection that lacks a token, not the token that lacks a right.
            AdapterError::new(Trouble::Unsupported, error.message)
        })?;
        let segments: Vec<&str> = forward.segments.iter().map(String::as_str).collect();
        let mut url = below(&self.base, &segments);
        if !forward.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&forward.query);
        }
        let method = Method::from_bytes(forward.operation.method.as_bytes())
            .map_err(|_| AdapterError::invalid("", "the operation has no method"))?;
        let mut headers = HeaderMap::new();
        let accept = forward.accept.as_deref().unwrap_or(JSON);
        insert(&mut headers, ACCEPT, accept)?;
        // The vendor asks for it always (§1).
        let kind = forward.content_type.as_deref().unwrap_or(JSON);
        insert(&mut headers, CONTENT_TYPE, kind)?;
        Ok(Request {
            method,
            url,
            headers,
            body: forward.body.clone(),
            sign: Some(sign),
        })
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), AdapterError> {
    let value = HeaderValue::from_str(value)
        .map_err(|_| AdapterError::invalid("", format!("the header {name} can't be sent on")))?;
    headers.insert(name, value);
    Ok(())
}
