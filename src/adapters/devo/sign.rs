//! How requests to Devo are authenticated: a token in a header, or a signature over the exact body (§2).

use std::sync::Arc;

use aws_lc_rs::hmac;
use chrono::Utc;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::settings::ApiKeyKind;
use crate::adapters::contract::AdapterError;
use crate::adapters::transport::{Request, Sign};
use crate::adapters::vendor::{BuildError, Credentials};

const STANDALONE_TOKEN: HeaderName = HeaderName::from_static("standalonetoken");
const TIMESTAMP: HeaderName = HeaderName::from_static("x-logtrust-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("x-logtrust-sign");
const DOMAIN_KEY: HeaderName = HeaderName::from_static("x-logtrust-domain-apikey");
const RESELLER_KEY: HeaderName = HeaderName::from_static("x-logtrust-reseller-apikey");

/// The signer for these credentials, and the values that no message may repeat.
pub(super) fn signer(
    credentials: &Credentials,
    api_key_kind: ApiKeyKind,
) -> Result<(Arc<dyn Sign>, Vec<SecretString>), BuildError> {
    match credentials.kind.as_str() {
        "hmac" => {
            let api_key = credentials.require("api_key")?;
            let api_secret = credentials.require("api_secret")?;
            let header = match api_key_kind {
                ApiKeyKind::Domain => DOMAIN_KEY,
                ApiKeyKind::Reseller => RESELLER_KEY,
            };
            let signer = Hmac {
                header,
                header_value: header_value(api_key.expose_secret())?,
                api_key: api_key.clone(),
                secret: hmac::Key::new(hmac::HMAC_SHA256, api_secret.expose_secret().as_bytes()),
            };
            let mut secrets = vec![api_key.clone(), api_secret.clone()];
            secrets.extend(credentials.fields.get("token").cloned());
            Ok((Arc::new(signer), secrets))
        }
        "standalone_token" => {
            let token = credentials.require("token")?;
            let value = header_value(token.expose_secret())?;
            Ok((
                Arc::new(Fixed(STANDALONE_TOKEN, value)),
                vec![token.clone()],
            ))
        }
        "bearer" => {
            let token = credentials.require("token")?;
            Ok((Arc::new(bearing(token)?), vec![token.clone()]))
        }
        other => Err(BuildError(format!(
            "Devo has no credentials of kind `{other}`"
        ))),
    }
}

/// The token of these credentials in the `Authorization` header, where they have one: what takes no signature takes that.
pub(super) fn bearer(credentials: &Credentials) -> Result<Option<Arc<dyn Sign>>, BuildError> {
    let token = credentials.fields.get("token");
    token
        .map(|token| Ok(Arc::new(bearing(token)?) as Arc<dyn Sign>))
        .transpose()
}

fn bearing(token: &SecretString) -> Result<Fixed, BuildError> {
    let value = header_value(&format!("Bearer {}", token.expose_secret()))?;
    Ok(Fixed(AUTHORIZATION, value))
}

fn header_value(text: &str) -> Result<HeaderValue, BuildError> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        BuildError("the credential has characters that no header can carry".to_owned())
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// A header that is always the same.
struct Fixed(HeaderName, HeaderValue);

impl Sign for Fixed {
    fn sign(&self, request: &mut Request) -> Result<(), AdapterError> {
        request.headers.insert(self.0.clone(), self.1.clone());
        Ok(())
    }
}

/// Signs key, body and time of each attempt anew: an old time would be refused.
struct Hmac {
    header: HeaderName,
    header_value: HeaderValue,
    api_key: SecretString,
    secret: hmac::Key,
}

impl Hmac {
    fn signature(&self, body: &[u8], timestamp: &str) -> String {
        let mut signed = hmac::Context::with_key(&self.secret);
        signed.update(self.api_key.expose_secret().as_bytes());
        signed.update(body);
        signed.update(timestamp.as_bytes());
        hex::encode(signed.sign())
    }
}

impl Sign for Hmac {
    fn sign(&self, request: &mut Request) -> Result<(), AdapterError> {
        let timestamp = Utc::now().timestamp_millis();
        let signature = self.signature(&request.body, &timestamp.to_string());
        let mut signature =
            HeaderValue::from_str(&signature).expect("hexadecimal digits fit a header");
        signature.set_sensitive(true);
        let headers = &mut request.headers;
        headers.insert(TIMESTAMP, HeaderValue::from(timestamp));
        headers.insert(SIGNATURE, signature);
        headers.insert(self.header.clone(), self.header_value.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::Method;
    use reqwest::header::HeaderMap;

    use super::*;

    fn credentials(kind: &str, fields: &[(&str, &str)]) -> Credentials {
        Credentials {
            kind: kind.to_owned(),
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), SecretString::from(*value)))
                .collect(),
        }
    }

    fn signed(credentials: &Credentials, kind: ApiKeyKind, body: &'static [u8]) -> HeaderMap {
        let (signer, _) = signer(credentials, kind).unwrap();
        let mut request = Request {
            method: Method::POST,
            url: url::Url::parse("https://devo.example").unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(body),
            sign: None,
        };
        signer.sign(&mut request).unwrap();
        request.headers
    }

    fn vector_key() -> Hmac {
        Hmac {
            header: DOMAIN_KEY,
            header_value: HeaderValue::from_static("KEY-0001"),
            api_key: "KEY-0001".into(),
            secret: hmac::Key::new(hmac::HMAC_SHA256, b"SECRET-0001"),
        }
    }

    #[test]
    fn the_vendors_test_vectors_come_out() {
        for (body, signature) in [
            (
                "",
                "2615b5ae68896d728b25183a1da6ede600b5dbb616e45c5add1c78adb1aab7ac",
            ),
            (
                r#"{"domain":"acme@parent","userName":"Ada","email":"ada@example.test","role":"OWNER"}"#,
                "416923cb3dfb281abd31ab853676cc9436ce9115aa47fcf547146b7f3f094fe5",
            ),
        ] {
            assert_eq!(
                vector_key().signature(body.as_bytes(), "1700000000000"),
                signature
            );
        }
    }

    #[test]
    fn a_signed_request_carries_its_own_time_and_the_right_key_header() {
        let credentials = credentials(
            "hmac",
            &[("api_key", "KEY-0001"), ("api_secret", "SECRET-0001")],
        );
        for (kind, there, not_there) in [
            (ApiKeyKind::Domain, DOMAIN_KEY, RESELLER_KEY),
            (ApiKeyKind::Reseller, RESELLER_KEY, DOMAIN_KEY),
        ] {
            let headers = signed(&credentials, kind, b"{}");
            assert_eq!(headers[&there], "KEY-0001");
            assert!(headers[&there].is_sensitive() && headers[SIGNATURE].is_sensitive());
            assert!(!headers.contains_key(&not_there));
            let timestamp = headers[TIMESTAMP].to_str().unwrap();
            let age = Utc::now().timestamp_millis() - timestamp.parse::<i64>().unwrap();
            assert!((0..60_000).contains(&age), "{age}");
            assert_eq!(
                headers[SIGNATURE].to_str().unwrap(),
                vector_key().signature(b"{}", timestamp)
            );
        }
    }

    #[test]
    fn tokens_go_into_their_headers() {
        let token = &[("token", "0123456789abcdef")];
        let headers = signed(
            &credentials("standalone_token", token),
            ApiKeyKind::Domain,
            b"",
        );
        assert_eq!(headers["standAloneToken"], "0123456789abcdef");
        let headers = signed(&credentials("bearer", token), ApiKeyKind::Domain, b"");
        assert_eq!(headers["Authorization"], "Bearer 0123456789abcdef");
    }

    #[test]
    fn unusable_credentials_are_refused_without_showing_them() {
        for (kind, fields) in [
            ("bearer", &[("token", "canary\n")][..]),
            ("hmac", &[("api_key", "canary\n"), ("api_secret", "canary")]),
            ("hmac", &[("api_secret", "canary")]),
            ("password", &[("token", "canary")]),
        ] {
            let error = signer(&credentials(kind, fields), ApiKeyKind::Domain)
                .err()
                .expect("it should be refused");
            assert!(!error.0.contains("canary"), "{error}");
        }
    }
}
