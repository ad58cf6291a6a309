//! Apono's endpoints, one function each.

mod attributes;
mod groups;
mod through;

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::judge::AponoJudge;
use super::settings::{Settings, TimeUnit};
use super::tokens::{Area, Tokens};
use super::wire::{OffsetPage, TokenPage};
use crate::adapters::contract::{AdapterError, Call, Trouble};
use crate::adapters::transport::{Answer, Channel, Request, below};
use crate::adapters::vendor::{BuildError, Parts};

const USERS: &[&str] = &["admin", "v3", "users"];
const LEGACY_USERS: &[&str] = &["v2", "users"];
const ACCESS_REQUESTS: &[&str] = &["user", "v4", "access-requests"];
const INTEGRATIONS: &[&str] = &["admin", "v4", "integrations"];
const INVENTORY: &[&str] = &["v3", "integrations"];
const ACCESS_SCOPES: &[&str] = &["admin", "v1", "access-scopes"];
const BUNDLES: &[&str] = &["admin", "v2", "bundles"];
const AVAILABLE: &[&str] = &["user", "v1", "available-access", "entitlements"];
const ACTIVITY: &[&str] = &["v3", "activity"];

/// Which page of a listing by token is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// The first, this large.
    First(u32),
    /// The one behind another. The token carries the whole query, size included, so it goes alone (§3).
    Token(&'a str),
}

/// One connection's way to its tenant.
pub(super) struct Client {
    channel: Channel,
    base: Url,
    tokens: Tokens,
    time_unit: TimeUnit,
}

impl Client {
    pub(super) fn new(parts: &Parts, settings: &Settings) -> Result<Self, BuildError> {
        let tokens = Tokens::parse(&parts.credentials, settings.legacy_token)?;
        let channel = parts.transport.channel(
            super::VENDOR.slug,
            parts.connection_id,
            &settings.base_url,
            Arc::new(AponoJudge),
            tokens.secrets(),
        );
        Ok(Self {
            channel,
            base: settings.base_url.clone(),
            tokens,
            time_unit: settings.activity_time_unit,
        })
    }

    /// `GET /api/admin/v3/users`.
    pub(super) async fn users(
        &self,
        call: &Call,
        place: Place<'_>,
    ) -> Result<TokenPage, AdapterError> {
        self.page(call, USERS, place).await
    }

    /// `GET /api/admin/v3/users/{id}`.
    pub(super) async fn user(&self, call: &Call, id: &str) -> Result<Value, AdapterError> {
        self.one(call, USERS, id).await
    }

    /// `GET /api/v2/users`: all of them, there are no pages.
    pub(super) async fn legacy_users(&self, call: &Call) -> Result<OffsetPage, AdapterError> {
        self.whole(call, LEGACY_USERS, &[]).await
    }

    /// `GET /api/v2/users/{id}`, which takes an address in place of the id too.
    pub(super) async fn legacy_user(&self, call: &Call, id: &str) -> Result<Value, AdapterError> {
        self.one(call, LEGACY_USERS, id).await
    }

    /// `GET /api/user/v4/access-requests`: those of the personal token's owner.
    pub(super) async fn access_requests(
        &self,
        call: &Call,
        place: Place<'_>,
    ) -> Result<TokenPage, AdapterError> {
        self.page(call, ACCESS_REQUESTS, place).await
    }

    /// `GET /api/admin/v4/integrations`.
    pub(super) async fn integrations(
        &self,
        call: &Call,
        place: Place<'_>,
    ) -> Result<TokenPage, AdapterError> {
        self.page(call, INTEGRATIONS, place).await
    }

    /// `GET /api/admin/v4/integrations/{id}`.
    pub(super) async fn integration(&self, call: &Call, id: &str) -> Result<Value, AdapterError> {
        self.one(call, INTEGRATIONS, id).await
    }

    /// `GET /api/v3/integrations/{id}/resources`: all of them.
    pub(super) async fn integration_resources(
        &self,
        call: &Call,
        id: &str,
    ) -> Result<OffsetPage, AdapterError> {
        let path = [INVENTORY, &[id, "resources"]].concat();
        self.whole(call, &path, &[]).await
    }

    /// `GET /api/v3/integrations/{id}/permissions`: all of them.
    pub(super) async fn integration_permissions(
        &self,
        call: &Call,
        id: &str,
    ) -> Result<OffsetPage, AdapterError> {
        let path = [INVENTORY, &[id, "permissions"]].concat();
        self.whole(call, &path, &[]).await
    }

    /// `GET /api/admin/v1/access-scopes`.
    pub(super) async fn access_scopes(
        &self,
        call: &Call,
        place: Place<'_>,
    ) -> Result<TokenPage, AdapterError> {
        self.page(call, ACCESS_SCOPES, place).await
    }

    /// `GET /api/admin/v1/access-scopes/{id}`.
    pub(super) async fn access_scope(&self, call: &Call, id: &str) -> Result<Value, AdapterError> {
        self.one(call, ACCESS_SCOPES, id).await
    }

    /// `GET /api/admin/v2/bundles`.
    pub(super) async fn bundles(
        &self,
        call: &Call,
        place: Place<'_>,
    ) -> Result<TokenPage, AdapterError> {
        self.page(call, BUNDLES, place).await
    }

    /// `GET /api/admin/v2/bundles/{id}`.
    pub(super) async fn bundle(&self, call: &Call, id: &str) -> Result<Value, AdapterError> {
        self.one(call, BUNDLES, id).await
    }

    /// `GET /api/user/v1/available-access/entitlements`: what the personal token's owner may ask for.
    pub(super) async fn available_entitlements(
        &self,
        call: &Call,
        place: Place<'_>,
    ) -> Result<TokenPage, AdapterError> {
        self.page(call, AVAILABLE, place).await
    }

    /// `GET /api/v3/activity` of a window of time, told in seconds. Which unit the vendor counts is not documented (§2).
    pub(super) async fn activity(
        &self,
        call: &Call,
        from: i64,
        to: i64,
    ) -> Result<OffsetPage, AdapterError> {
        let told = |seconds: i64| match self.time_unit {
            TimeUnit::Seconds => seconds.to_string(),
            TimeUnit::Milliseconds => seconds.saturating_mul(1000).to_string(),
        };
        let window = [("start_date", told(from)), ("end_date", told(to))];
        self.whole(call, ACTIVITY, &window).await
    }

    pub(super) fn has_personal_token(&self) -> bool {
        self.tokens.has_personal()
    }

    async fn page(
        &self,
        call: &Call,
        path: &[&str],
        place: Place<'_>,
    ) -> Result<TokenPage, AdapterError> {
        let mut request = self.request(Method::GET, path)?;
        let (name, value) = match place {
            Place::First(limit) => ("limit", limit.to_string()),
            Place::Token(token) => ("page_token", token.to_owned()),
        };
        request.url.query_pairs_mut().append_pair(name, &value);
        decode(&self.get(call, request).await?)
    }

    async fn whole(
        &self,
        call: &Call,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<OffsetPage, AdapterError> {
        let mut request = self.request(Method::GET, path)?;
        if !query.is_empty() {
            request.url.query_pairs_mut().extend_pairs(query);
        }
        decode(&self.get(call, request).await?)
    }

    async fn one(&self, call: &Call, path: &[&str], id: &str) -> Result<Value, AdapterError> {
        let path = [path, &[id]].concat();
        self.get(call, self.request(Method::GET, &path)?)
            .await?
            .json()
    }

    async fn get(&self, call: &Call, request: Request) -> Result<Answer, AdapterError> {
        self.channel.read(call, request).await
    }

    /// Sends a request that changes something, with a body, once. `before` is recorded with the mark.
    async fn write(
        &self,
        call: &Call,
        method: Method,
        path: &[&str],
        body: &impl Serialize,
        before: &Value,
    ) -> Result<Answer, AdapterError> {
        let mut request = self.request(method, path)?;
        request.body = serde_json::to_vec(body)
            .map_err(|_| AdapterError::invalid("", "the request can't be written as JSON"))?
            .into();
        self.channel.write(call, request, before).await
    }

    /// A request for a path below `/api`, with the token that the path is for.
    fn request(&self, method: Method, path: &[&str]) -> Result<Request, AdapterError> {
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, json.clone());
        // The vendor asks for it always (§1).
        headers.insert(CONTENT_TYPE, json);
        Ok(Request {
            method,
            url: below(&self.base, &[&["api"], path].concat()),
            headers,
            body: Bytes::new(),
            sign: Some(self.tokens.for_area(Area::of(path))?),
        })
    }
}

pub(super) fn decode<T: DeserializeOwned>(answer: &Answer) -> Result<T, AdapterError> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        AdapterError::new(
            Trouble::Malformed,
            "Apono's answer is no page of the documented form",
        )
    })
}
