//! The attributes of many identities at once (§6.14).

use reqwest::Method;
use serde::Serialize;
use serde_json::Value;

use super::{Client, decode};
use crate::adapters::apono::wire::{AttributesAnswer, OffsetPage};
use crate::adapters::contract::{AdapterError, Call};

const ATTRIBUTES: &[&str] = &["v2", "bulk", "identities", "attributes"];

impl Client {
    /// `GET /api/v2/bulk/identities/attributes`: of these people, or of everybody; the one legacy list that has pages (§3).
    pub(in super::super) async fn attributes(
        &self,
        call: &Call,
        emails: &[&str],
        limit: usize,
        skip: u64,
    ) -> Result<OffsetPage, AdapterError> {
        let emails = emails.iter().map(|email| ("emails", (*email).to_owned()));
        let place = [("limit", limit.to_string()), ("skip", skip.to_string())];
        let query: Vec<(&str, String)> = emails.chain(place).collect();
        self.whole(call, ATTRIBUTES, &query).await
    }

    /// `PUT /api/v2/bulk/identities/attributes`: adds or sets.
    pub(in super::super) async fn set_attributes(
        &self,
        call: &Call,
        rows: &impl Serialize,
        before: &Value,
    ) -> Result<AttributesAnswer, AdapterError> {
        let answer = self.write(call, Method::PUT, ATTRIBUTES, rows, before);
        decode(&answer.await?)
    }

    /// `DELETE /api/v2/bulk/identities/attributes`, which says in its body what to take away.
    pub(in super::super) async fn remove_attributes(
        &self,
        call: &Call,
        rows: &impl Serialize,
        before: &Value,
    ) -> Result<AttributesAnswer, AdapterError> {
        let answer = self.write(call, Method::DELETE, ATTRIBUTES, rows, before);
        decode(&answer.await?)
    }

    /// An error made of a row's words, without the secrets of the connection and of the call.
    pub(in super::super) fn redacted(&self, call: &Call, error: AdapterError) -> AdapterError {
        self.channel.redacted(call, error)
    }
}
