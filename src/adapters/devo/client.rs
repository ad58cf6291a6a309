//! Devo's endpoints, one function each.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::draft::Draft;
use super::judge::DevoJudge;
use super::settings::Settings;
use super::{sign, wire};
use crate::adapters::contract::{AdapterError, Call, Trouble};
use crate::adapters::transport::{Channel, Request, Sign};
use crate::adapters::vendor::{BuildError, Parts};

/// What stays as it is in a path segment; `@` and `+` of an address do not (§4).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One connection's way to Devo.
pub(super) struct Client {
    channel: Channel,
    base: Url,
    roles_body_key: String,
    /// Name and value of the query parameter about mail validation, where one is to be sent.
    skip_validation: Option<(String, bool)>,
    sign: Arc<dyn Sign>,
}

/// The two acts that set the state of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    Enable,
    Disable,
}

impl Client {
    pub(super) fn new(parts: &Parts, settings: &Settings) -> Result<Self, BuildError> {
        let (sign, secrets) = sign::signer(&parts.credentials, settings.api_key_kind())?;
        let channel = parts.transport.channel(
            super::VENDOR.slug,
            parts.connection_id,
            &settings.base_url,
            Arc::new(DevoJudge),
            secrets,
        );
        let name = &settings.skip_validation_name;
        Ok(Self {
            channel,
            base: settings.base_url.clone(),
            roles_body_key: settings.roles_body_key.clone(),
            skip_validation: settings.skip_validation.map(|skip| (name.clone(), skip)),
            sign,
        })
    }

    /// The way out.
    pub(super) fn channel(&self) -> &Channel {
        &self.channel
    }

    /// How the gateway's own requests are authenticated.
    pub(super) fn sign(&self) -> Arc<dyn Sign> {
        self.sign.clone()
    }

    /// `GET /user/domain/{domain}`: all users at once, there are no pages (§3).
    pub(super) async fn users(
        &self,
        call: &Call,
        domain: &str,
    ) -> Result<Vec<Value>, AdapterError> {
        let request = self.request(Method::GET, &["user", "domain", domain])?;
        self.list(call, request).await
    }

    /// `GET /domain`: all domains of the multitenant.
    pub(super) async fn domains(&self, call: &Call) -> Result<Vec<Value>, AdapterError> {
        let request = self.request(Method::GET, &["domain"])?;
        self.list(call, request).await
    }

    /// `GET /domains/{d}`: the children of a multitenant.
    pub(super) async fn children(&self, call: &Call, of: &str) -> Result<Vec<Value>, AdapterError> {
        let request = self.request(Method::GET, &["domains", of])?;
        self.list(call, request).await
    }

    /// `GET /domain/{d}`.
    pub(super) async fn domain(&self, call: &Call, domain: &str) -> Result<Value, AdapterError> {
        let request = self.request(Method::GET, &["domain", domain])?;
        self.channel.read(call, request).await?.json()
    }

    /// `GET /domain/{d}/roles`: all roles at once.
    pub(super) async fn roles(
        &self,
        call: &Call,
        domain: &str,
    ) -> Result<Vec<Value>, AdapterError> {
        let request = self.request(Method::GET, &["domain", domain, "roles"])?;
        self.list(call, request).await
    }

    /// `GET /user/email/{email}/domain/{domain}`.
    pub(super) async fn user(
        &self,
        call: &Call,
        domain: &str,
        email: &str,
    ) -> Result<Value, AdapterError> {
        let request = self.request(Method::GET, &of_user(domain, email))?;
        self.channel.read(call, request).await?.json()
    }

    /// `GET /user/email/{email}`: the user as all domains share it.
    pub(super) async fn global_user(
        &self,
        call: &Call,
        email: &str,
    ) -> Result<wire::User, AdapterError> {
        let request = self.request(Method::GET, &["user", "email", email])?;
        let body = self.channel.read(call, request).await?.json()?;
        serde_json::from_value(body)
            .map_err(|_| malformed("Devo's user does not have the documented form"))
    }

    /// `POST /user/internal`, or `POST /user/external` for a user of an identity provider. The new user where
    /// the answer shows it.
    pub(super) async fn create_user(
        &self,
        call: &Call,
        draft: &Draft<'_>,
        before: &Value,
    ) -> Result<Option<Value>, AdapterError> {
        let kind = match draft.external_id {
            None => "internal",
            Some(_) => "external",
        };
        let mut request = self.request(Method::POST, &["user", kind])?;
        // External users have no mail validation to skip (§4).
        if let (Some((name, skip)), None) = (&self.skip_validation, draft.external_id) {
            let skip = if *skip { "true" } else { "false" };
            request.url.query_pairs_mut().append_pair(name, skip);
        }
        request.body = body(&wire::NewUser {
            domain: draft.domain,
            user_name: draft.user_name,
            email: &draft.email,
            role: &draft.role,
            phone: draft.phone,
            external_id: draft.external_id,
        })?;
        self.write(call, request, before).await
    }

    /// `PUT /user/internal/{id}`.
    pub(super) async fn put_user_info(
        &self,
        call: &Call,
        id: &str,
        info: &wire::UserInfo<'_>,
        before: &Value,
    ) -> Result<(), AdapterError> {
        let mut request = self.request(Method::PUT, &["user", "internal", id])?;
        request.body = body(info)?;
        self.write(call, request, before).await.map(drop)
    }

    /// `POST /user/email/{email}/domain/{domain}/enable` or `…/disable`. The user where the answer shows it.
    pub(super) async fn switch_user(
        &self,
        call: &Call,
        domain: &str,
        email: &str,
        switch: Switch,
        before: &Value,
    ) -> Result<Option<Value>, AdapterError> {
        let act = match switch {
            Switch::Enable => "enable",
            Switch::Disable => "disable",
        };
        let [user, by, email, of, domain] = of_user(domain, email);
        let request = self.request(Method::POST, &[user, by, email, of, domain, act])?;
        self.write(call, request, before).await
    }

    /// `DELETE /user/email/{email}/domain/{domain}`.
    pub(super) async fn delete_user(
        &self,
        call: &Call,
        domain: &str,
        email: &str,
        before: &Value,
    ) -> Result<(), AdapterError> {
        let request = self.request(Method::DELETE, &of_user(domain, email))?;
        self.write(call, request, before).await.map(drop)
    }

    /// `PUT /user/email/{email}/domain/{domain}/role`: these and no others.
    pub(super) async fn put_roles(
        &self,
        call: &Call,
        domain: &str,
        email: &str,
        roles: &[String],
        before: &Value,
    ) -> Result<(), AdapterError> {
        let [user, by, email, of, domain] = of_user(domain, email);
        let mut request = self.request(Method::PUT, &[user, by, email, of, domain, "role"])?;
        request.body = body(&HashMap::from([(&self.roles_body_key, roles)]))?;
        self.write(call, request, before).await.map(drop)
    }

    /// `PUT /user/email/{email}/domain/{domain}/role/{roleName}`: for a user with a single role.
    pub(super) async fn put_role(
        &self,
        call: &Call,
        domain: &str,
        email: &str,
        role: &str,
        before: &Value,
    ) -> Result<(), AdapterError> {
        let [user, by, email, of, domain] = of_user(domain, email);
        let request = self.request(Method::PUT, &[user, by, email, of, domain, "role", role])?;
        self.write(call, request, before).await.map(drop)
    }

    async fn list(&self, call: &Call, request: Request) -> Result<Vec<Value>, AdapterError> {
        match self.channel.read(call, request).await?.json()? {
            Value::Array(items) => Ok(items),
            _ => Err(malformed("Devo's answer is no list")),
        }
    }

    /// Sends a mutating request. The success is certain afterwards, so an answer without JSON is only an answer that
    /// shows nothing.
    async fn write(
        &self,
        call: &Call,
        request: Request,
        before: &Value,
    ) -> Result<Option<Value>, AdapterError> {
        let answer = self.channel.write(call, request, before).await?;
        Ok(answer.json().ok())
    }

    fn request(&self, method: Method, segments: &[&str]) -> Result<Request, AdapterError> {
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        headers.insert(ACCEPT, json.clone());
        // Documented for every signed request, with or without a body (§2).
        headers.insert(CONTENT_TYPE, json);
        Ok(Request {
            method,
            url: below(&self.base, segments)?,
            headers,
            body: Bytes::new(),
            sign: Some(self.sign.clone()),
        })
    }
}

/// The path of a user in a domain.
fn of_user<'a>(domain: &'a str, email: &'a str) -> [&'a str; 5] {
    ["user", "email", email, "domain", domain]
}

/// The URL of a path below the base, whose own path is kept.
pub(super) fn below(base: &Url, segments: &[&str]) -> Result<Url, AdapterError> {
    let mut path = base.path().trim_end_matches('/').to_owned();
    for segment in segments {
        // Dots alone would climb to another path, and nothing at all would join two.
        if matches!(*segment, "" | "." | "..") {
            return Err(AdapterError::new(
                Trouble::Invalid,
                "the account's key can't be part of a path at Devo",
            ));
        }
        path.push('/');
        path.extend(utf8_percent_encode(segment, SEGMENT));
    }
    let mut url = base.clone();
    url.set_path(&path);
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn body(body: &impl Serialize) -> Result<Bytes, AdapterError> {
    serde_json::to_vec(body)
        .map(Bytes::from)
        .map_err(|_| AdapterError::invalid("", "the request can't be written as JSON"))
}

fn malformed(message: &str) -> AdapterError {
    AdapterError::new(Trouble::Malformed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_encoded_and_the_base_path_is_kept() {
        let base = Url::parse("https://api-us.devo.example/probio/?a=b").unwrap();
        let url = below(
            &base,
            &["user", "email", "a+b/c@d.test", "domain", "acme@parent"],
        );
        assert_eq!(
            url.unwrap().as_str(),
            "https://api-us.devo.example/probio/user/email/a%2Bb%2Fc%40d.test/domain/acme%40parent"
        );
        let url = below(&base, &["user", "internal", "%2e%2e?#é"]).unwrap();
        assert_eq!(url.path(), "/probio/user/internal/%252e%252e%3F%23%C3%A9");
    }

    #[test]
    fn no_segment_climbs_out() {
        let base = Url::parse("https://devo.example/probio").unwrap();
        for segment in ["", ".", ".."] {
            assert!(below(&base, &["user", segment]).is_err(), "{segment:?}");
        }
    }

    #[test]
    fn the_body_leaves_out_what_is_not_there() {
        let new = wire::NewUser {
            domain: "acme@parent",
            user_name: Some("Ada"),
            email: "ada@example.test",
            role: "NO_PRIVILEGES",
            phone: None,
            external_id: None,
        };
        assert_eq!(
            body(&new).unwrap(),
            r#"{"domain":"acme@parent","userName":"Ada","email":"ada@example.test","role":"NO_PRIVILEGES"}"#
        );
    }
}
