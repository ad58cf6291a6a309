//! A ready `Authorization` header, for vendors that take the same one with every request.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};

use super::{Request, Sign};
use crate::adapters::contract::AdapterError;

/// A ready `Authorization` header.
pub struct Authorization(HeaderValue);

/// A credential that can't be sent. No part of it is in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the credential has characters that no header can carry")]
pub struct UnfitCredential;

impl Authorization {
    /// `Bearer <token>`.
    ///
    /// # Errors
    /// When the token can't stand in a header.
    pub fn bearer(token: &SecretString) -> Result<Self, UnfitCredential> {
        Self::new("Bearer", token)
    }

    /// `Basic <login and password>`, and the part after `Basic`, which no message may repeat either.
    pub fn basic(login: &SecretString, password: &SecretString) -> (Self, SecretString) {
        let pair = format!("{}:{}", login.expose_secret(), password.expose_secret());
        let encoded = SecretString::from(BASE64_STANDARD.encode(pair));
        let header = Self::new("Basic", &encoded).expect("Base64 fits a header");
        (header, encoded)
    }

    fn new(scheme: &str, secret: &SecretString) -> Result<Self, UnfitCredential> {
        let text = format!("{scheme} {}", secret.expose_secret());
        let mut value = HeaderValue::from_str(&text).map_err(|_| UnfitCredential)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl Sign for Authorization {
    fn sign(&self, request: &mut Request) -> Result<(), AdapterError> {
        request.headers.insert(AUTHORIZATION, self.0.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::Method;
    use reqwest::header::HeaderMap;
    use url::Url;

    use super::*;

    fn signed(authorization: &Authorization) -> HeaderValue {
        let mut request = Request {
            method: Method::GET,
            url: Url::parse("https://vendor.example").unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            sign: None,
        };
        authorization.sign(&mut request).unwrap();
        request.headers.remove(AUTHORIZATION).unwrap()
    }

    #[test]
    fn the_header_is_written_and_marked_as_sensitive() {
        let bearer = signed(&Authorization::bearer(&"t0ken".into()).unwrap());
        assert_eq!(bearer, "Bearer t0ken");
        let (basic, encoded) = Authorization::basic(&"ada".into(), &"pw".into());
        let basic = signed(&basic);
        assert_eq!(basic, "Basic YWRhOnB3");
        assert_eq!(encoded.expose_secret(), "YWRhOnB3");
        assert!(bearer.is_sensitive() && basic.is_sensitive());
    }

    #[test]
    fn a_token_with_a_line_break_is_refused_without_being_repeated() {
        let error = Authorization::bearer(&"t0ken\r\nx-admin: 1".into()).err();
        assert_eq!(error, Some(UnfitCredential));
        assert!(!UnfitCredential.to_string().contains("t0ken"));
    }
}
