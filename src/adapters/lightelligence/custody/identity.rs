//! The identity provider's endpoints, one function each.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, KeyAlgorithm, PublicKeyUse};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::login::{Grant, Login};
use crate::adapters::contract::{AdapterError, Call, Trouble};
use crate::adapters::lightelligence::judge::IdentityJudge;
use crate::adapters::lightelligence::settings::Settings;
use crate::adapters::lightelligence::{VENDOR, wire};
use crate::adapters::transport::{Answer, Channel, Door, Request, below};
use crate::adapters::vendor::Parts;

/// Names the tenant that a token shall be valid for (§2.3).
const TENANT_HEADER: &str = "tenant";
/// Without both of them a token is not fully valid (§2.2).
const SCOPE: &str = "openid olt-applications";

/// One connection's way to its realm.
pub(super) struct Identity {
    channel: Channel,
    realm: Url,
    connection_id: Uuid,
}

impl Identity {
    pub(super) fn new(parts: &Parts, settings: &Settings, login: &Login) -> Self {
        let channel = parts.transport.channel_by(
            Door::Identity,
            VENDOR.slug,
            parts.connection_id,
            &settings.realm_url,
            Arc::new(IdentityJudge),
            login.secrets(),
        );
        Self {
            channel,
            realm: settings.realm_url.clone(),
            connection_id: parts.connection_id,
        }
    }

    /// The issuer that tokens must name: the realm's URL.
    pub(super) fn issuer(&self) -> &str {
        self.realm.as_str().trim_end_matches('/')
    }

    /// `POST /protocol/openid-connect/token`, once. The form is in the body: in the query it would be ignored, and logged (§2.3).
    pub(super) async fn token(
        &self,
        login: &Login,
        grant: &Grant<'_>,
        tenant: Option<Uuid>,
        deadline: Instant,
    ) -> Result<wire::Issued, AdapterError> {
        let mut request = self.request(Method::POST, &["protocol", "openid-connect", "token"]);
        request.body = form(login, grant).into();
        request.headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        if let Some(tenant) = tenant {
            let value = HeaderValue::from_str(&tenant.to_string()).expect("a UUID fits a header");
            request.headers.insert(TENANT_HEADER, value);
        }
        let mut call = Call::read(format!("tokens-{}", self.connection_id), deadline);
        if let Grant::Refresh(token) = grant {
            call.secrets = [(*token).clone()].into();
        }
        decode(&self.channel.once(&call, request).await?)
    }

    /// `GET /protocol/openid-connect/certs`: the keys that may sign tokens, by their id.
    pub(super) async fn keys(
        &self,
        call: &Call,
    ) -> Result<HashMap<String, DecodingKey>, AdapterError> {
        let request = self.request(Method::GET, &["protocol", "openid-connect", "certs"]);
        let wire::Keys { keys } = decode(&self.channel.read(call, request).await?)?;
        Ok(keys.into_iter().filter_map(signing_key).collect())
    }

    /// `GET` of the realm: its present key, without an id (§2.1).
    pub(super) async fn realm_key(&self, call: &Call) -> Result<DecodingKey, AdapterError> {
        let request = self.request(Method::GET, &[]);
        realm_key(decode(&self.channel.read(call, request).await?)?)
    }

    fn request(&self, method: Method, path: &[&str]) -> Request {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Request {
            method,
            url: below(&self.realm, path),
            headers,
            body: Bytes::new(),
            sign: None,
        }
    }
}

fn form(login: &Login, grant: &Grant<'_>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    let mut add = |name: &str, value: &SecretString| {
        form.append_pair(name, value.expose_secret());
    };
    add("client_id", &login.client_id);
    if let Some(secret) = &login.client_secret {
        add("client_secret", secret);
    }
    match grant {
        Grant::Refresh(token) => add("refresh_token", token),
        Grant::Client => {}
        Grant::Code { code, redirect_uri } => {
            add("code", code);
            add("redirect_uri", redirect_uri);
        }
    }
    match grant {
        // The scopes of the login go on.
        Grant::Refresh(_) => form.append_pair("grant_type", "refresh_token"),
        Grant::Client => form
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", SCOPE),
        Grant::Code { .. } => form
            .append_pair("grant_type", "authorization_code")
            .append_pair("scope", SCOPE),
    };
    form.finish()
}

/// The key that a realm names.
pub(super) fn realm_key(realm: wire::Realm) -> Result<DecodingKey, AdapterError> {
    let wire::Realm { public_key } = realm;
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{public_key}\n-----END PUBLIC KEY-----\n");
    DecodingKey::from_rsa_pem(pem.as_bytes())
        .map_err(|_| AdapterError::new(Trouble::Malformed, "the realm's public key is no RSA key"))
}

/// A key with its id, if RS256 signatures can be checked with it.
pub(super) fn signing_key(raw: serde_json::Value) -> Option<(String, DecodingKey)> {
    let jwk = Jwk::deserialize(raw).ok()?;
    let fits = matches!(jwk.algorithm, AlgorithmParameters::RSA(_))
        && matches!(jwk.common.key_algorithm, None | Some(KeyAlgorithm::RS256))
        && matches!(
            jwk.common.public_key_use,
            None | Some(PublicKeyUse::Signature)
        );
    let id = jwk.common.key_id.clone()?;
    fits.then(|| DecodingKey::from_jwk(&jwk).ok())
        .flatten()
        .map(|key| (id, key))
}

pub(super) fn decode<T: DeserializeOwned>(answer: &Answer) -> Result<T, AdapterError> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        AdapterError::new(
            Trouble::Malformed,
            "the identity provider's answer does not have the documented form",
        )
    })
}
