//! Passing documented operations through: the URL rebuilt from the template's segments, and the credential that the
//! operation takes.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;

use super::catalogue::CREDENTIALS_API;
use super::client::below;
use super::reach::Reach;
use super::settings::{Settings, TokenPathFlavor};
use super::{Api, sign};
use crate::adapters::contract::{AdapterError, Call, Forward, Forwarded, Forwards, Trouble};
use crate::adapters::transport::{Request, Sign};
use crate::adapters::vendor::{BuildError, Credentials};

/// Where the two APIs are, and the credentials that a connection has for them.
pub(super) struct Ways {
    provisioning: Url,
    host: Url,
    token_path_flavor: TokenPathFlavor,
    token_path_prefix: String,
    /// What every call of the gateway's own carries.
    usual: Arc<dyn Sign>,
    /// Whether that is a signature.
    is_signature: bool,
    /// A token in the `Authorization` header, where there is a token at all.
    bearer: Option<Arc<dyn Sign>>,
    /// How to come by one.
    wants_token: &'static str,
}

impl Ways {
    pub(super) fn new(
        settings: &Settings,
        credentials: &Credentials,
        usual: Arc<dyn Sign>,
    ) -> Result<Self, BuildError> {
        Ok(Self {
            provisioning: settings.base_url.clone(),
            host: host(&settings.base_url),
            token_path_flavor: settings.token_path_flavor,
            token_path_prefix: settings.token_path_prefix.clone(),
            usual,
            is_signature: credentials.kind == "hmac",
            bearer: sign::bearer(credentials)?,
            wants_token: match settings.reach {
                Reach::Domain(_) => "add `token` to the connection's credentials",
                // Tokens are a domain's own (§1).
                Reach::Multitenant(_) => "make a connection to the one domain whose token it is",
            },
        })
    }

    fn request(&self, forward: &Forward) -> Result<Request, AdapterError> {
        let operation = forward.operation;
        let method = Method::from_bytes(operation.method.as_bytes()).map_err(|_| unknown())?;
        let mut url = self.url(forward)?;
        if !forward.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&forward.query);
        }
        let mut headers = HeaderMap::new();
        // Documented for every request, with or without a body (§2), unless the caller says otherwise.
        for (name, given) in [
            (ACCEPT, &forward.accept),
            (CONTENT_TYPE, &forward.content_type),
        ] {
            let value = header(&name, given.as_deref().unwrap_or("application/json"))?;
            headers.insert(name, value);
        }
        Ok(Request {
            method,
            url,
            headers,
            body: forward.body.clone(),
            sign: Some(self.credential(operation.credential)?),
        })
    }

    fn url(&self, forward: &Forward) -> Result<Url, AdapterError> {
        let segments: Vec<&str> = forward.segments.iter().map(String::as_str).collect();
        if forward.operation.api != CREDENTIALS_API {
            return below(&self.provisioning, &segments);
        }
        let prefix = self.token_path_prefix.split('/');
        let prefix: Vec<&str> = prefix.filter(|segment| !segment.is_empty()).collect();
        let path = match (self.token_path_flavor, segments.as_slice()) {
            (TokenPathFlavor::V2, _) => [&prefix[..], &segments].concat(),
            // The two differ before the tokens, and nowhere behind (§1).
            (TokenPathFlavor::Ws, ["v2", "accounts", account, rest @ ..]) => {
                [&["ws", "accounts", account, "credentials"], rest].concat()
            }
            (TokenPathFlavor::Ws, _) => return Err(unknown()),
        };
        below(&self.host, &path)
    }

    /// The credential that an operation takes, in the catalogue's words.
    fn credential(&self, word: &str) -> Result<Arc<dyn Sign>, AdapterError> {
        let lacks = |words: String| Err(AdapterError::new(Trouble::Unsupported, words));
        match word {
            "hmac" if !self.is_signature => lacks(
                "Devo takes this operation only with a multitenant's API key and secret, and the connection has a token"
                    .to_owned(),
            ),
            "bearer" => match &self.bearer {
                Some(bearer) => Ok(bearer.clone()),
                None => lacks(format!(
                    "Devo takes this operation only with a token: {}",
                    self.wants_token
                )),
            },
            _ => Ok(self.usual.clone()),
        }
    }
}

#[async_trait]
impl Forwards for Api {
    async fn forward_read(
        &self,
        call: &Call,
        forward: &Forward,
    ) -> Result<Forwarded, AdapterError> {
        let request = self.ways.request(forward)?;
        self.client.channel().forward_read(call, request).await
    }

    async fn forward_write(
        &self,
        call: &Call,
        forward: &Forward,
        before: &Value,
    ) -> Result<Forwarded, AdapterError> {
        let request = self.ways.request(forward)?;
        let channel = self.client.channel();
        channel.forward_write(call, request, before).await
    }
}

/// What the base URL is below: the provisioning API has a path of its own there (§1).
fn host(base: &Url) -> Url {
    let mut host = base.clone();
    let path = base.path().trim_end_matches('/');
    host.set_path(path.strip_suffix("/probio").unwrap_or(path));
    host
}

fn header(name: &HeaderName, value: &str) -> Result<HeaderValue, AdapterError> {
    HeaderValue::from_str(value).map_err(|_| {
        AdapterError::new(
            Trouble::Invalid,
            format!("`{name}` holds what no header can carry"),
        )
    })
}

fn unknown() -> AdapterError {
    AdapterError::new(Trouble::Unsupported, "Devo documents no such operation")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_the_provisioning_api_is_below() {
        for (base, expected) in [
            (
                "https://api-us.devo.example/probio",
                "https://api-us.devo.example/",
            ),
            ("https://x.example/devo/probio/", "https://x.example/devo"),
            ("https://x.example/devo", "https://x.example/devo"),
        ] {
            assert_eq!(host(&Url::parse(base).unwrap()).as_str(), expected);
        }
    }
}
