//! The API's endpoints, one function each.

mod send;
mod through;

use std::sync::Arc;

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::custody::{Keeper, Login};
use super::judge::{ApiJudge, PassedOn};
use super::settings::Settings;
use super::wire;
use crate::adapters::contract::{AdapterError, Call, Trouble};
use crate::adapters::transport::{Answer, Channel, Door, Request, below};
use crate::adapters::vendor::{BuildError, Parts};

/// One connection's way to its tenant.
pub(super) struct Client {
    channel: Channel,
    keeper: Keeper,
    login: Login,
    base: Url,
    /// The way to the realm, for what is passed through; the keeper has its own.
    realm: Channel,
    realm_base: Url,
    tenant: Uuid,
    legacy_roles: bool,
}

impl Client {
    pub(super) fn new(parts: &Parts, settings: &Settings) -> Result<Self, BuildError> {
        let channel = parts.transport.channel(
            super::VENDOR.slug,
            parts.connection_id,
            &settings.base_url,
            Arc::new(ApiJudge),
            // The API gets access tokens only; each call names its own.
            Vec::new(),
        );
        let login = Login::new(&parts.credentials)?;
        let secrets = login.secrets().into_iter().chain([login.authorization().1]);
        let realm = parts.transport.channel_by(
            Door::Identity,
            super::VENDOR.slug,
            parts.connection_id,
            &settings.realm_url,
            Arc::new(PassedOn),
            secrets.collect(),
        );
        Ok(Self {
            channel,
            keeper: Keeper::new(parts, settings)?,
            login,
            base: settings.base_url.clone(),
            realm,
            realm_base: settings.realm_url.clone(),
            tenant: settings.tenant_id,
            legacy_roles: settings.legacy_roles,
        })
    }

    /// `GET /tenants/{tenantId}/users`. Pages count from 0.
    pub(super) async fn list_users(
        &self,
        call: &Call,
        page: u32,
        size: u32,
    ) -> Result<wire::Listing, AdapterError> {
        self.list(call, self.of_tenant(&["users"]), page, size)
            .await
    }

    /// `GET /tenants/{tenantId}/invites`. Pages count from 0.
    pub(super) async fn list_invites(
        &self,
        call: &Call,
        page: u32,
        size: u32,
    ) -> Result<wire::Listing, AdapterError> {
        self.list(call, self.of_tenant(&["invites"]), page, size)
            .await
    }

    /// `GET /roles`, or its deprecated forerunner (§4).
    pub(super) async fn list_roles(
        &self,
        call: &Call,
        page: u32,
        size: u32,
    ) -> Result<wire::Listing, AdapterError> {
        let url = if self.legacy_roles {
            self.of_tenant(&["roles"])
        } else {
            below(&self.base, &["roles"])
        };
        self.list(call, url, page, size).await
    }

    /// `GET /roles/{roleId}`, of the tenant of the token.
    pub(super) async fn role(&self, call: &Call, role: Uuid) -> Result<Value, AdapterError> {
        let url = below(&self.base, &["roles", &role.to_string()]);
        self.single(call, url).await
    }

    /// `GET /permissions`: those of the platform.
    pub(super) async fn list_permissions(
        &self,
        call: &Call,
        page: u32,
        size: u32,
    ) -> Result<wire::Listing, AdapterError> {
        let url = paged(below(&self.base, &["permissions"]), page, size);
        let answer = self.read(call, request(Method::GET, url)).await?;
        nested(&answer, "permissions")
    }

    /// `GET /tenants/{tenantId}`.
    pub(super) async fn tenant(&self, call: &Call) -> Result<Value, AdapterError> {
        let outcome = self.single(call, self.of_tenant(&[])).await;
        outcome.map_err(|error| self.of_hidden_tenant(error))
    }

    /// `GET /tenants/{tenantId}/users/{userId}/roles`: an answer means that the user is there.
    pub(super) async fn user_roles(
        &self,
        call: &Call,
        user: Uuid,
        page: u32,
        size: u32,
    ) -> Result<wire::Listing, AdapterError> {
        let url = self.of_tenant(&["users", &user.to_string(), "roles"]);
        let request = request(Method::GET, paged(url, page, size));
        nested(&self.read(call, request).await?, "roles")
    }

    /// `PUT /tenants/{tenantId}/users/{userId}/roles`: these and no others from now on.
    pub(super) async fn replace_roles(
        &self,
        call: &Call,
        user: Uuid,
        roles: &wire::NewRoles,
        before: &Value,
    ) -> Result<(), AdapterError> {
        let url = self.of_tenant(&["users", &user.to_string(), "roles"]);
        let request = with_json(request(Method::PUT, url), roles)?;
        self.write(call, request, before).await.map(drop)
    }

    /// `PUT /tenants/{tenantId}/users/{userId}`: the same by names, which the vendor has deprecated (§4).
    pub(super) async fn replace_role_names(
        &self,
        call: &Call,
        user: Uuid,
        roles: &wire::NewRoleNames<'_>,
        before: &Value,
    ) -> Result<(), AdapterError> {
        let url = self.of_tenant(&["users", &user.to_string()]);
        let request = with_json(request(Method::PUT, url), roles)?;
        self.write(call, request, before).await.map(drop)
    }

    /// `GET /users/{userId}/permissions`: what the user may do in the tenant of the token.
    pub(super) async fn permissions(
        &self,
        call: &Call,
        user: Uuid,
    ) -> Result<wire::Permissions, AdapterError> {
        let url = below(&self.base, &["users", &user.to_string(), "permissions"]);
        let data = self.single(call, url).await?;
        wire::Permissions::deserialize(data).map_err(|_| undocumented())
    }

    /// `POST /tenants/{tenantId}/invites`. What is answered beside the success is not documented: the invite, or nothing.
    pub(super) async fn create_invite(
        &self,
        call: &Call,
        invite: &wire::NewInvite<'_>,
        before: &Value,
    ) -> Result<Option<Value>, AdapterError> {
        let request = with_json(request(Method::POST, self.of_tenant(&["invites"])), invite)?;
        let answer = self.write(call, request, before).await?;
        let single: Result<wire::Single, _> = decode(&answer);
        Ok(single.ok().map(|single| single.data))
    }

    /// `DELETE /tenants/{tenantId}/invites/{inviteId}`: only open ones can be deleted (§5).
    pub(super) async fn delete_invite(
        &self,
        call: &Call,
        invite: Uuid,
        before: &Value,
    ) -> Result<(), AdapterError> {
        let url = self.of_tenant(&["invites", &invite.to_string()]);
        let request = request(Method::DELETE, url);
        self.write(call, request, before).await.map(drop)
    }

    /// `DELETE /tenants/{tenantId}/users/{userId}`: out of the tenant; the login itself stays.
    pub(super) async fn remove_user(
        &self,
        call: &Call,
        user: Uuid,
        before: &Value,
    ) -> Result<(), AdapterError> {
        let url = self.of_tenant(&["users", &user.to_string()]);
        let request = request(Method::DELETE, url);
        self.write(call, request, before).await.map(drop)
    }

    /// The user, or service account, whom our token is of; `None` when the token does not say.
    pub(super) async fn subject(&self, call: &Call) -> Result<Option<Uuid>, AdapterError> {
        let token = self.keeper.token(call).await?;
        let subject = token
            .claims
            .as_ref()
            .and_then(|claims| claims.sub.as_deref());
        Ok(subject.and_then(|text| Uuid::parse_str(text).ok()))
    }

    /// Whether our token may be used for a write, without sending one.
    pub(super) async fn prove_token(&self, call: &Call) -> Result<(), AdapterError> {
        self.keeper.token_for_write(call).await.map(drop)
    }

    /// Whether our token is for another tenant, although ours was asked for.
    pub(super) fn is_misdirected(&self) -> bool {
        self.keeper.is_misdirected()
    }

    async fn list(
        &self,
        call: &Call,
        url: Url,
        page: u32,
        size: u32,
    ) -> Result<wire::Listing, AdapterError> {
        let request = request(Method::GET, paged(url, page, size));
        let answer = self.read(call, request).await;
        decode(&answer.map_err(|error| self.of_hidden_tenant(error))?)
    }

    async fn single(&self, call: &Call, url: Url) -> Result<Value, AdapterError> {
        let wire::Single { data } = decode(&self.read(call, request(Method::GET, url)).await?)?;
        Ok(data)
    }

    /// A tenant and its lists are there for whoever may see them; that they are not proves nothing about what would be in them.
    fn of_hidden_tenant(&self, error: AdapterError) -> AdapterError {
        if error.trouble != Trouble::NotFound {
            return error;
        }
        AdapterError {
            trouble: Trouble::AuthFailed,
            message: format!(
                "Lightelligence shows no tenant {} to this credential: check the settings tenant_id and base_url",
                self.tenant
            ),
            ..error
        }
    }

    /// The URL of a path below our tenant.
    fn of_tenant(&self, segments: &[&str]) -> Url {
        let tenant = self.tenant.to_string();
        let path: Vec<&str> = ["tenants", &tenant]
            .iter()
            .chain(segments)
            .copied()
            .collect();
        below(&self.base, &path)
    }
}

fn request(method: Method, url: Url) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Request {
        method,
        url,
        headers,
        body: Bytes::new(),
        sign: None,
    }
}

/// The URL of one page; pages count from 0 (§3).
fn paged(mut url: Url, page: u32, size: u32) -> Url {
    url.query_pairs_mut()
        .append_pair("page", &page.to_string())
        .append_pair("pageSize", &size.to_string());
    url
}

fn with_json(mut request: Request, body: &impl Serialize) -> Result<Request, AdapterError> {
    let body = serde_json::to_vec(body)
        .map_err(|_| AdapterError::invalid("", "the request can't be written as JSON"))?;
    request.body = body.into();
    let json = HeaderValue::from_static("application/json");
    request.headers.insert(CONTENT_TYPE, json);
    Ok(request)
}

pub(super) fn decode<T: DeserializeOwned>(answer: &Answer) -> Result<T, AdapterError> {
    serde_json::from_slice(&answer.body).map_err(|_| undocumented())
}

/// A page whose items may be one level deeper, under this name.
pub(super) fn nested(answer: &Answer, name: &str) -> Result<wire::Listing, AdapterError> {
    let nested: wire::Nested = decode(answer)?;
    nested.listing(name).ok_or_else(undocumented)
}

fn undocumented() -> AdapterError {
    AdapterError::new(
        Trouble::Malformed,
        "Lightelligence's answer does not have the documented form",
    )
}
