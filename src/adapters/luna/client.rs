//! Luna's endpoints, one function each.

use std::sync::Arc;

use aws_lc_rs::digest;
use bytes::Bytes;
use chrono::Utc;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::draft::{Draft, Edit};
use super::judge::LunaJudge;
use super::settings::Settings;
use super::wire;
use crate::adapters::contract::{AdapterError, Call, Trouble};
use crate::adapters::transport::{self, Answer, Authorization, Channel, Request, Sign};
use crate::adapters::vendor::{BuildError, Credentials, Parts};

/// Names the account to act for; on a creation, the id that it shall get (§2).
pub(super) const ACCOUNT_ID_HEADER: HeaderName = HeaderName::from_static("luna-account-id");
/// `<unix seconds>,<uuid>` (§2).
const REQUEST_ID_HEADER: &str = "luna-request-id";

/// Paths below the API prefix.
const ACCOUNTS: &str = "/accounts";
/// Paths below the base URL (§8).
const HEALTHCHECK: &str = "/healthcheck";
const VERSION: &str = "/version";

/// One connection's way to its Luna service.
pub(super) struct Client {
    channel: Channel,
    /// The same way for answers that may be text (§8).
    texts: Channel,
    base: Url,
    api_prefix: String,
    headers: HeaderMap,
    sign: Option<Arc<dyn Sign>>,
}

impl Client {
    pub(super) fn new(parts: &Parts, settings: &Settings) -> Result<Self, BuildError> {
        let (sign, secrets) = credential(&parts.credentials)?;
        let channel = |judge: LunaJudge| {
            parts.transport.channel(
                super::VENDOR.slug,
                parts.connection_id,
                &settings.base_url,
                Arc::new(judge),
                secrets.clone(),
            )
        };
        let mut headers = settings.extra_headers()?;
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Ok(Self {
            channel: channel(LunaJudge::OfJson),
            texts: channel(LunaJudge::OfAnything),
            base: settings.base_url.clone(),
            api_prefix: settings.api_prefix.clone(),
            headers,
            sign,
        })
    }

    /// `GET /accounts`. Pages count from 1.
    pub(super) async fn list_accounts(
        &self,
        call: &Call,
        page: u32,
        page_size: u32,
    ) -> Result<wire::AccountPage, AdapterError> {
        let mut request = self.api(call, Method::GET, ACCOUNTS);
        request
            .url
            .query_pairs_mut()
            .append_pair("page", &page.to_string())
            .append_pair("page_size", &page_size.to_string());
        decode(&self.channel.read(call, request).await?)
    }

    /// `GET /accounts/{account_id}`.
    pub(super) async fn get_account(&self, call: &Call, id: Uuid) -> Result<Value, AdapterError> {
        let request = self.api(call, Method::GET, &format!("{ACCOUNTS}/{id}"));
        self.channel.read(call, request).await?.json()
    }

    /// `POST /accounts`, asking for the given id.
    pub(super) async fn create_account(
        &self,
        call: &Call,
        id: Uuid,
        draft: &Draft<'_>,
        before: &Value,
    ) -> Result<wire::Created, AdapterError> {
        let mut request = self.api(call, Method::POST, ACCOUNTS);
        set_body(
            &mut request,
            &wire::NewAccount {
                login: &draft.login,
                password: draft.password.expose_secret(),
                account_type: draft.account_type,
                description: draft.description,
            },
        )?;
        request
            .headers
            .insert(ACCOUNT_ID_HEADER, header_value(&id.to_string()));
        let answer = self.channel.write(call, request, before).await?;
        // The success is certain by now; an answer without the id only means that we have to look for ourselves.
        Ok(decode(&answer).unwrap_or_default())
    }

    /// `PATCH /accounts/{account_id}`. The answer shows nothing (§5).
    pub(super) async fn patch_account(
        &self,
        call: &Call,
        id: Uuid,
        edit: &Edit<'_>,
        before: &Value,
    ) -> Result<(), AdapterError> {
        let mut request = self.api(call, Method::PATCH, &format!("{ACCOUNTS}/{id}"));
        set_body(
            &mut request,
            &wire::AccountPatch {
                login: edit.login.as_deref(),
                password: edit.password.map(ExposeSecret::expose_secret),
                account_type: edit.account_type,
                description: edit.description,
            },
        )?;
        self.channel.write(call, request, before).await.map(drop)
    }

    /// `DELETE /accounts/{account_id}`.
    pub(super) async fn delete_account(
        &self,
        call: &Call,
        id: Uuid,
        before: &Value,
    ) -> Result<(), AdapterError> {
        let request = self.api(call, Method::DELETE, &format!("{ACCOUNTS}/{id}"));
        self.channel.write(call, request, before).await.map(drop)
    }

    /// `GET /healthcheck`.
    pub(super) async fn healthcheck(&self, call: &Call) -> Result<(), AdapterError> {
        let request = self.request(call, Method::GET, HEALTHCHECK);
        self.channel.read(call, request).await.map(drop)
    }

    /// `GET /version`.
    pub(super) async fn version(&self, call: &Call) -> Result<(), AdapterError> {
        let request = self.request(call, Method::GET, VERSION);
        self.channel.read(call, request).await.map(drop)
    }

    /// The way out for answers that are JSON, or may be text.
    pub(super) fn channel(&self, is_text: bool) -> &Channel {
        if is_text { &self.texts } else { &self.channel }
    }

    /// A request to a path as the contract prints it, whose `/1` is the connection's API prefix.
    pub(super) fn documented(&self, call: &Call, method: Method, segments: &[&str]) -> Request {
        let prefix = self.api_prefix.split('/');
        let prefix: Vec<&str> = prefix.filter(|segment| !segment.is_empty()).collect();
        let path = match segments {
            ["1", rest @ ..] => [&prefix[..], rest].concat(),
            whole => whole.to_vec(),
        };
        Request {
            url: transport::below(&self.base, &path),
            ..self.request(call, method, "")
        }
    }

    fn api(&self, call: &Call, method: Method, path: &str) -> Request {
        self.request(call, method, &format!("{}{path}", self.api_prefix))
    }

    /// A request below the base URL. `path` is made of constants, the checked prefix and ids that are UUIDs.
    fn request(&self, call: &Call, method: Method, path: &str) -> Request {
        let mut headers = self.headers.clone();
        headers.insert(
            REQUEST_ID_HEADER,
            header_value(&luna_request_id(&call.request_id, Utc::now().timestamp())),
        );
        Request {
            method,
            url: below(&self.base, path),
            headers,
            body: Bytes::new(),
            sign: self.sign.clone(),
        }
    }
}

/// The URL of a path below the base, whose own path is kept.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// Luna's form of a request id: the caller's own where it is a UUID, else one that always comes out the same for it.
fn luna_request_id(request_id: &str, unix_seconds: i64) -> String {
    let uuid = Uuid::parse_str(request_id).unwrap_or_else(|_| {
        let digest = digest::digest(&digest::SHA256, request_id.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.as_ref()[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    });
    format!("{unix_seconds:010},{uuid}")
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digits, hexadecimal, commas and hyphens fit a header")
}

fn set_body(request: &mut Request, body: &impl serde::Serialize) -> Result<(), AdapterError> {
    let bytes = serde_json::to_vec(body)
        .map_err(|_| AdapterError::invalid("", "the request can't be written as JSON"))?;
    request.body = bytes.into();
    request
        .headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(())
}

pub(super) fn decode<T: DeserializeOwned>(answer: &Answer) -> Result<T, AdapterError> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        AdapterError::new(
            Trouble::Malformed,
            "Luna's answer does not have the documented form",
        )
    })
}

/// How requests are authenticated, and the values that no message may repeat.
type Credential = (Option<Arc<dyn Sign>>, Vec<SecretString>);

fn credential(credentials: &Credentials) -> Result<Credential, BuildError> {
    match credentials.kind.as_str() {
        "none" => Ok((None, Vec::new())),
        "basic" => {
            let login = credentials.require("login")?;
            let password = credentials.require("password")?;
            let (sign, encoded) = Authorization::basic(login, password);
            Ok((Some(Arc::new(sign)), vec![password.clone(), encoded]))
        }
        "bearer" => {
            let token = credentials.require("token")?;
            let sign = Authorization::bearer(token)?;
            Ok((Some(Arc::new(sign)), vec![token.clone()]))
        }
        other => Err(BuildError(format!(
            "luna/accounts has no credentials of kind `{other}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::AUTHORIZATION;

    use super::*;

    #[test]
    fn a_request_id_has_lunas_form() {
        let uuid = "0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11";
        assert_eq!(
            luna_request_id(uuid, 1_893_456_000),
            format!("1893456000,{uuid}")
        );
        assert_eq!(
            luna_request_id(&uuid.to_uppercase(), 1_893_456_000),
            format!("1893456000,{uuid}")
        );
        let form = regex::Regex::new(
            "^[0-9]{10},[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$",
        )
        .unwrap();
        let made = luna_request_id("not-a-uuid", 5);
        assert!(form.is_match(&made), "{made}");
        assert_eq!(made, luna_request_id("not-a-uuid", 5));
        assert_ne!(made, luna_request_id("another", 5));
    }

    #[test]
    fn a_path_in_the_base_url_is_kept() {
        for (base, url) in [
            (
                "https://luna.example:5170",
                "https://luna.example:5170/1/accounts",
            ),
            ("https://luna.example/", "https://luna.example/1/accounts"),
            (
                "https://x.example/iam/luna/?a=b#c",
                "https://x.example/iam/luna/1/accounts",
            ),
        ] {
            let base = Url::parse(base).unwrap();
            assert_eq!(below(&base, "/1/accounts").as_str(), url);
        }
    }

    #[test]
    fn basic_and_bearer_write_the_header() {
        let signed = |kind: &str, fields: &[(&str, &str)]| {
            let credentials = Credentials {
                kind: kind.to_owned(),
                fields: fields
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), SecretString::from(*value)))
                    .collect(),
            };
            let (sign, _) = credential(&credentials).unwrap();
            let mut request = Request {
                method: Method::GET,
                url: Url::parse("https://luna.example").unwrap(),
                headers: HeaderMap::new(),
                body: Bytes::new(),
                sign: None,
            };
            sign.unwrap().sign(&mut request).unwrap();
            let value = request.headers.remove(AUTHORIZATION).unwrap();
            assert!(value.is_sensitive());
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(
            signed("basic", &[("login", "ada"), ("password", "pw")]),
            "Basic YWRhOnB3"
        );
        assert_eq!(signed("bearer", &[("token", "t0k")]), "Bearer t0k");
    }

    #[test]
    fn unusable_credentials_are_refused_without_showing_them() {
        for (kind, field) in [("bearer", "token"), ("hmac", "token"), ("basic", "login")] {
            let credentials = Credentials {
                kind: kind.to_owned(),
                fields: [(field.to_owned(), SecretString::from("canary\n"))].into(),
            };
            let error = credential(&credentials)
                .err()
                .expect("it should be refused");
            assert!(!error.0.contains("canary"), "{error}");
        }
    }
}
