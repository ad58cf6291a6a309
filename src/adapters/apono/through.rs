//! Documented operations passed through as they are, each with the token of its part of the API.

use async_trait::async_trait;
use serde_json::Value;

use super::Api;
use crate::adapters::contract::{AdapterError, Call, Forward, Forwarded, Forwards};

#[async_trait]
impl Forwards for Api {
    async fn forward_read(
        &self,
        call: &Call,
        forward: &Forward,
    ) -> Result<Forwarded, AdapterError> {
        self.client.forward_read(call, forward).await
    }

    async fn forward_write(
        &self,
        call: &Call,
        forward: &Forward,
        before: &Value,
    ) -> Result<Forwarded, AdapterError> {
        self.client.forward_write(call, forward, before).await
    }
}
