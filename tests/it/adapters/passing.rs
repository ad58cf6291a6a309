//! Passing documented operations through an adapter to its simulator, and what arrived there.

use futures_util::TryStreamExt;
use iam_gateway::adapters::contract::{AdapterError, Forward, UpstreamOperation};
use iam_gateway::simulators::Received;
use serde_json::Value;

use super::stand::Stand;

/// What a caller gives with a documented operation.
#[derive(Default)]
pub struct Given<'a> {
    /// The values of the path's parameters, in order.
    pub values: Vec<&'a str>,
    pub query: Vec<(&'a str, &'a str)>,
    pub accept: Option<&'a str>,
    pub content_type: Option<&'a str>,
    pub body: &'a str,
}

/// What came back.
pub struct Passed {
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

/// The documented operation of that API with this id.
pub fn operation(vendor: &str, api: &str, id: &str) -> &'static UpstreamOperation {
    let vendor = iam_gateway::adapters::vendor(vendor).unwrap();
    let mut all = vendor.operations.iter().copied().flatten();
    all.find(|one| (one.api, one.id) == (api, id)).expect(id)
}

impl Stand {
    /// Sends a documented operation through the adapter.
    pub async fn pass(
        &self,
        operation: &'static UpstreamOperation,
        given: &Given<'_>,
    ) -> Result<Passed, AdapterError> {
        let mut values = given.values.iter();
        let segments = operation.path.split('/').skip(1).map(|segment| {
            if segment.starts_with('{') {
                (*values.next().expect(operation.path)).to_owned()
            } else {
                segment.to_owned()
            }
        });
        let owned = |text: &str| text.to_owned();
        let forward = Forward {
            operation,
            segments: segments.collect(),
            query: given
                .query
                .iter()
                .map(|(name, value)| (owned(name), owned(value)))
                .collect(),
            accept: given.accept.map(owned),
            content_type: given.content_type.map(owned),
            body: given.body.to_owned().into(),
        };
        let forwarder = self.adapter.forwarder().unwrap();
        let forwarded = if operation.writes {
            let before = Value::Null;
            forwarder
                .forward_write(&self.writing(), &forward, &before)
                .await?
        } else {
            forwarder.forward_read(&self.reading(), &forward).await?
        };
        let body: Vec<bytes::Bytes> = forwarded.body.try_collect().await?;
        Ok(Passed {
            content_type: forwarded.content_type,
            body: body.concat(),
        })
    }

    /// The last call that the simulator received.
    pub fn last(&self) -> Received {
        self.vendor.requests().pop().unwrap()
    }
}
