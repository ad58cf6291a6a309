//! Apono's endpoints, as far as accounts need them: one function each.

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::judge::AponoJudge;
use super::settings::Settings;
use super::tokens::{Area, Tokens};
use super::wire::{OffsetPage, TokenPage};
use crate::adapters::contract::{AdapterError, Call, Trouble};
use crate::adapters::transport::{Answer, Channel, Request, below};
use crate::adapters::vendor::{BuildError, Parts};

const USERS: &[&str] = &["admin", "v3", "users"];
const LEGACY_USERS: &[&str] = &["v2", "users"];
const ACCESS_REQUESTS: &[&str] = &["user", "v4", "access-requests"];

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
}

impl Client {
    pub(super) fn new(parts: &Parts, settings: &Settings) -> Result<Self, BuildError> {
        let tokens = Tokens::parse(&parts.credentials)?;
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
        let path = [USERS, &[id]].concat();
        self.get(call, self.request(&path)?).await?.json()
    }

    /// `GET /api/v2/users`: all of them, there are no pages.
    pub(super) async fn legacy_users(&self, call: &Call) -> Result<OffsetPage, AdapterError> {
        decode(&self.get(call, self.request(LEGACY_USERS)?).await?)
    }

    /// `GET /api/v2/users/{id}`, which takes an address in place of the id too.
    pub(super) async fn legacy_user(&self, call: &Call, id: &str) -> Result<Value, AdapterError> {
        let path = [LEGACY_USERS, &[id]].concat();
        self.get(call, self.request(&path)?).await?.json()
    }

    /// `GET /api/user/v4/access-requests`: those of the personal token's owner.
    pub(super) async fn access_requests(
        &self,
        call: &Call,
        place: Place<'_>,
    ) -> Result<TokenPage, AdapterError> {
        self.page(call, ACCESS_REQUESTS, place).await
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
        let mut request = self.request(path)?;
        let (name, value) = match place {
            Place::First(limit) => ("limit", limit.to_string()),
            Place::Token(token) => ("page_token", token.to_owned()),
        };
        request.url.query_pairs_mut().append_pair(name, &value);
        decode(&self.get(call, request).await?)
    }

    async fn get(&self, call: &Call, request: Request) -> Result<Answer, AdapterError> {
        self.channel.read(call, request).await
    }

    /// A reading of a path below `/api`, with the token that the path is for.
    fn request(&self, path: &[&str]) -> Result<Request, AdapterError> {
        let json = HeaderValue::from_static("application/json");
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, json.clone());
        // The vendor asks for it always (§1).
        headers.insert(CONTENT_TYPE, json);
        Ok(Request {
            method: Method::GET,
            url: below(&self.base, &[&["api"], path].concat()),
            headers,
            body: Bytes::new(),
            sign: Some(self.tokens.for_area(Area::of(path))?),
        })
    }
}

fn decode<T: DeserializeOwned>(answer: &Answer) -> Result<T, AdapterError> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        AdapterError::new(
            Trouble::Malformed,
            "Apono's answer is no page of the documented form",
        )
    })
}
