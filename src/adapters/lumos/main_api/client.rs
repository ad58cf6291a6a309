//! The main API's endpoints, as far as they are read: one function each.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use url::Url;

use super::catalogue;
use super::judge::MainJudge;
use super::paging::{Cursor, Listed, Numbered, Offset, Paging};
use super::settings::Settings;
use crate::adapters::contract::{AdapterError, Call, Forward, Forwarded, Trouble};
use crate::adapters::transport::{Authorization, Channel, Request, Sign, below};
use crate::adapters::vendor::{BuildError, Parts};

/// One connection's way to its tenant.
pub(super) struct Client {
    channel: Channel,
    base: Url,
    sign: Arc<dyn Sign>,
}

impl Client {
    pub(super) fn new(parts: &Parts, settings: &Settings) -> Result<Self, BuildError> {
        let credentials = &parts.credentials;
        if credentials.kind != "api_token" {
            return Err(BuildError(format!(
                "lumos/main has no credentials of kind `{}`",
                credentials.kind
            )));
        }
        let token = credentials.require("token")?;
        let channel = parts.transport.channel(
            "lumos",
            parts.connection_id,
            &settings.base_url,
            Arc::new(MainJudge),
            vec![token.clone()],
        );
        Ok(Self {
            channel,
            base: settings.base_url.clone(),
            sign: Arc::new(Authorization::bearer(token)?),
        })
    }

    /// `GET /users/current`: the user whose token it is.
    pub(super) async fn current_user(&self, call: &Call) -> Result<Value, AdapterError> {
        self.get(call, self.url(&["users", "current"])).await
    }

    /// `GET /users`, with custom attributes.
    pub(super) async fn users(
        &self,
        call: &Call,
        place: Numbered,
    ) -> Result<Listed<Numbered>, AdapterError> {
        let url = with_custom_attributes(self.url(&["users"]));
        self.page(call, url, place).await
    }

    /// `GET /users/{user_id}`, with custom attributes.
    pub(super) async fn user(&self, call: &Call, id: &str) -> Result<Value, AdapterError> {
        let url = with_custom_attributes(self.url(&["users", id]));
        self.get(call, url).await
    }

    /// `GET /accounts`.
    pub(super) async fn accounts(
        &self,
        call: &Call,
        place: Numbered,
    ) -> Result<Listed<Numbered>, AdapterError> {
        self.page(call, self.url(&["accounts"]), place).await
    }

    /// `GET /apps`, the disconnected ones too, with custom attributes.
    pub(super) async fn apps(
        &self,
        call: &Call,
        place: Numbered,
    ) -> Result<Listed<Numbered>, AdapterError> {
        let url = with_custom_attributes(self.url(&["apps"]));
        self.page(call, url, place).await
    }

    /// `GET /apps/{app_id}`, with custom attributes.
    pub(super) async fn app(&self, call: &Call, id: &str) -> Result<Value, AdapterError> {
        let url = with_custom_attributes(self.url(&["apps", id]));
        self.get(call, url).await
    }

    /// `GET /appstore/apps`.
    pub(super) async fn store_apps(
        &self,
        call: &Call,
        place: Numbered,
    ) -> Result<Listed<Numbered>, AdapterError> {
        self.page(call, self.url(&["appstore", "apps"]), place)
            .await
    }

    /// `GET /appstore/requestable_permissions` of an app. An app that is not in the AppStore has permissions, too.
    pub(super) async fn permissions(
        &self,
        call: &Call,
        app_id: &str,
        place: Numbered,
    ) -> Result<Listed<Numbered>, AdapterError> {
        let mut url = self.url(&["appstore", "requestable_permissions"]);
        url.query_pairs_mut().append_pair("app_id", app_id);
        self.page(call, url, place).await
    }

    /// `GET /appstore/requestable_permissions/{permission_id}`.
    pub(super) async fn permission(&self, call: &Call, id: &str) -> Result<Value, AdapterError> {
        let url = self.url(&["appstore", "requestable_permissions", id]);
        self.get(call, url).await
    }

    /// `GET /groups`.
    pub(super) async fn groups(
        &self,
        call: &Call,
        place: Numbered,
    ) -> Result<Listed<Numbered>, AdapterError> {
        self.page(call, self.url(&["groups"]), place).await
    }

    /// `GET /groups/{group_id}`.
    pub(super) async fn group(&self, call: &Call, id: &str) -> Result<Value, AdapterError> {
        self.get(call, self.url(&["groups", id])).await
    }

    /// `GET /groups/{group_id}/users`.
    pub(super) async fn members(
        &self,
        call: &Call,
        group_id: &str,
        place: Numbered,
    ) -> Result<Listed<Numbered>, AdapterError> {
        let url = self.url(&["groups", group_id, "users"]);
        self.page(call, url, place).await
    }

    /// `GET /appstore/access_requests` of these statuses, the oldest first.
    pub(super) async fn requests(
        &self,
        call: &Call,
        statuses: &[&str],
        place: Numbered,
    ) -> Result<Listed<Numbered>, AdapterError> {
        let mut url = self.url(&["appstore", "access_requests"]);
        url.query_pairs_mut()
            .extend_pairs(statuses.iter().map(|status| ("statuses", status)))
            .append_pair("sort", "ASC");
        self.page(call, url, place).await
    }

    /// `GET /activity_logs`.
    pub(super) async fn activity_logs(
        &self,
        call: &Call,
        since: Option<DateTime<Utc>>,
        place: Offset,
    ) -> Result<Listed<Offset>, AdapterError> {
        let url = from(self.url(&["activity_logs"]), "since", since);
        self.page(call, url, place).await
    }

    /// `GET /identity_events`.
    pub(super) async fn identity_events(
        &self,
        call: &Call,
        since: Option<DateTime<Utc>>,
        place: Cursor,
    ) -> Result<Listed<Cursor>, AdapterError> {
        let url = from(self.url(&["identity_events"]), "start_time", since);
        self.page(call, url, place).await
    }

    /// A documented operation that changes nothing, as its caller put it.
    pub(super) async fn forward_read(
        &self,
        call: &Call,
        forward: &Forward,
    ) -> Result<Forwarded, AdapterError> {
        self.channel
            .forward_read(call, self.forwarding(forward)?)
            .await
    }

    /// A documented operation that changes something, likewise.
    pub(super) async fn forward_write(
        &self,
        call: &Call,
        forward: &Forward,
        before: &Value,
    ) -> Result<Forwarded, AdapterError> {
        self.channel
            .forward_write(call, self.forwarding(forward)?, before)
            .await
    }

    /// The path is made anew from the template, so that only parameters can differ; operations without a credential get none.
    fn forwarding(&self, forward: &Forward) -> Result<Request, AdapterError> {
        let operation = forward.operation;
        let template = operation.path.split('/').skip(1);
        let path: Vec<&str> = template
            .zip(&forward.segments)
            .map(|(part, given)| if part.starts_with('{') { given } else { part })
            .collect();
        let mut url = self.url(&path);
        if !forward.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&forward.query);
        }
        let mut headers = HeaderMap::new();
        for (name, given) in [
            (ACCEPT, &forward.accept),
            (CONTENT_TYPE, &forward.content_type),
        ] {
            if let Some(given) = given {
                let value = HeaderValue::from_str(given).map_err(|_| {
                    AdapterError::new(
                        Trouble::Invalid,
                        format!("the header `{name}` can't be passed on as it is"),
                    )
                })?;
                headers.insert(name, value);
            }
        }
        let method = Method::from_bytes(operation.method.as_bytes());
        Ok(Request {
            method: method.map_err(|_| {
                AdapterError::new(Trouble::Unsupported, "the operation has no method to send")
            })?,
            url,
            headers,
            body: forward.body.clone(),
            sign: (operation.credential != catalogue::NONE).then(|| Arc::clone(&self.sign)),
        })
    }

    async fn page<P: Paging>(
        &self,
        call: &Call,
        mut url: Url,
        place: P,
    ) -> Result<Listed<P>, AdapterError> {
        place.ask(&mut url);
        let page = self.get(call, url).await?;
        place.read(page).ok_or_else(|| {
            AdapterError::new(
                Trouble::Malformed,
                "Lumos' answer is no page of the documented form",
            )
        })
    }

    async fn get(&self, call: &Call, url: Url) -> Result<Value, AdapterError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let request = Request {
            method: Method::GET,
            url,
            headers,
            body: Bytes::new(),
            sign: Some(Arc::clone(&self.sign)),
        };
        self.channel.read(call, request).await?.json()
    }

    fn url(&self, path: &[&str]) -> Url {
        below(&self.base, path)
    }
}

fn with_custom_attributes(mut url: Url) -> Url {
    url.query_pairs_mut()
        .append_pair("expand", "custom_attributes");
    url
}

/// Narrowed to what happened since then.
fn from(mut url: Url, name: &str, since: Option<DateTime<Utc>>) -> Url {
    if let Some(since) = since {
        let since = since.to_rfc3339_opts(SecondsFormat::Micros, true);
        url.query_pairs_mut().append_pair(name, &since);
    }
    url
}
