//! Passing documented operations through.
//!
//! Three operations name an account by the header `Luna-Account-Id` (§2). Callers of the gateway send no headers to a vendor,
//! so there it is a query parameter of that name.

use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;

use super::Api;
use super::client::ACCOUNT_ID_HEADER;
use crate::adapters::contract::{
    AdapterError, Call, Forward, Forwarded, Forwards, Trouble, UpstreamOperation,
};
use crate::adapters::transport::Request;

/// The operations that know the header.
const NAME_AN_ACCOUNT: [&str; 3] = ["create_account", "create_token", "replace_token"];

#[async_trait]
impl Forwards for Api {
    async fn forward_read(
        &self,
        call: &Call,
        forward: &Forward,
    ) -> Result<Forwarded, AdapterError> {
        let request = self.forwarded(call, forward)?;
        let channel = self.client.channel(is_text(forward.operation));
        channel.forward_read(call, request).await
    }

    async fn forward_write(
        &self,
        call: &Call,
        forward: &Forward,
        before: &Value,
    ) -> Result<Forwarded, AdapterError> {
        let request = self.forwarded(call, forward)?;
        let channel = self.client.channel(is_text(forward.operation));
        channel.forward_write(call, request, before).await
    }
}

impl Api {
    fn forwarded(&self, call: &Call, forward: &Forward) -> Result<Request, AdapterError> {
        let operation = forward.operation;
        let method = Method::from_bytes(operation.method.as_bytes()).map_err(|_| {
            AdapterError::new(Trouble::Unsupported, "Luna documents no such operation")
        })?;
        let segments: Vec<&str> = forward.segments.iter().map(String::as_str).collect();
        let mut request = self.client.documented(call, method, &segments);
        if let Some(accept) = &forward.accept {
            request.headers.insert(ACCEPT, header(&ACCEPT, accept)?);
        }
        let json = (!forward.body.is_empty()).then_some("application/json");
        if let Some(content_type) = forward.content_type.as_deref().or(json) {
            let value = header(&CONTENT_TYPE, content_type)?;
            request.headers.insert(CONTENT_TYPE, value);
        }
        for (name, value) in &forward.query {
            if NAME_AN_ACCOUNT.contains(&operation.id)
                && ACCOUNT_ID_HEADER.as_str().eq_ignore_ascii_case(name)
            {
                let value = header(&ACCOUNT_ID_HEADER, value)?;
                request.headers.insert(ACCOUNT_ID_HEADER, value);
            } else {
                request.url.query_pairs_mut().append_pair(name, value);
            }
        }
        request.body = forward.body.clone();
        Ok(request)
    }
}

/// Whether a good answer need not be JSON (§8).
fn is_text(operation: &UpstreamOperation) -> bool {
    matches!(
        operation.id,
        "get_metrics" | "get_config" | "get_docs_spec" | "get_docs_dev"
    )
}

fn header(name: &HeaderName, value: &str) -> Result<HeaderValue, AdapterError> {
    HeaderValue::from_str(value).map_err(|_| {
        AdapterError::new(
            Trouble::Invalid,
            format!("`{name}` holds what no header can carry"),
        )
    })
}
