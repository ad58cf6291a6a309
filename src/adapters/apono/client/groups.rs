//! Groups and their members (§6.13).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, Place};
use crate::adapters::apono::wire::TokenPage;
use crate::adapters::contract::{AdapterError, Call};

const GROUPS: &[&str] = &["admin", "v1", "groups"];

impl Client {
    /// `GET /api/admin/v1/groups`.
    pub(in super::super) async fn groups(
        &self,
        call: &Call,
        place: Place<'_>,
    ) -> Result<TokenPage, AdapterError> {
        self.page(call, GROUPS, place).await
    }

    /// `GET /api/admin/v1/groups/{id}`.
    pub(in super::super) async fn group(
        &self,
        call: &Call,
        id: &str,
    ) -> Result<Value, AdapterError> {
        self.one(call, GROUPS, id).await
    }

    /// `GET /api/admin/v1/groups/{id}/members`.
    pub(in super::super) async fn group_members(
        &self,
        call: &Call,
        id: &str,
        place: Place<'_>,
    ) -> Result<TokenPage, AdapterError> {
        let path = [GROUPS, &[id, "members"]].concat();
        self.page(call, &path, place).await
    }

    /// `PUT /api/admin/v1/groups/{id}/members/{email}`.
    pub(in super::super) async fn add_member(
        &self,
        call: &Call,
        id: &str,
        email: &str,
        before: &Value,
    ) -> Result<(), AdapterError> {
        self.member(call, Method::PUT, id, email, before).await
    }

    /// `DELETE /api/admin/v1/groups/{id}/members/{email}`.
    pub(in super::super) async fn remove_member(
        &self,
        call: &Call,
        id: &str,
        email: &str,
        before: &Value,
    ) -> Result<(), AdapterError> {
        self.member(call, Method::DELETE, id, email, before).await
    }

    /// `PUT /api/admin/v1/groups/{id}/members`: these and nobody else.
    pub(in super::super) async fn replace_members(
        &self,
        call: &Call,
        id: &str,
        emails: &[&str],
        before: &Value,
    ) -> Result<(), AdapterError> {
        let path = [GROUPS, &[id, "members"]].concat();
        let body = json!({ "members_emails": emails });
        // There is no body to an answer that is good (§1).
        self.write(call, Method::PUT, &path, &body, before)
            .await
            .map(drop)
    }

    /// `PUT /api/admin/v1/groups/{id}/name`, which answers with the group.
    pub(in super::super) async fn rename_group(
        &self,
        call: &Call,
        id: &str,
        name: &str,
        before: &Value,
    ) -> Result<Value, AdapterError> {
        let path = [GROUPS, &[id, "name"]].concat();
        let body = json!({ "name": name });
        self.write(call, Method::PUT, &path, &body, before)
            .await?
            .json()
    }

    async fn member(
        &self,
        call: &Call,
        method: Method,
        id: &str,
        email: &str,
        before: &Value,
    ) -> Result<(), AdapterError> {
        let path = [GROUPS, &[id, "members", email]].concat();
        let request = self.request(method, &path)?;
        // There is no body to an answer that is good (§1).
        self.channel.write(call, request, before).await.map(drop)
    }
}
