//! JSON Web Tokens, written and read.

use std::sync::Arc;

use aws_lc_rs::{
    hmac::{self, HMAC_SHA256},
    rand,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::keys::SigningKey;

/// The realm's own secret for refresh tokens, which nobody else is meant to read.
#[derive(Clone)]
pub struct RefreshKey(Arc<hmac::Key>);

impl RefreshKey {
    pub fn generate() -> Self {
        let mut secret = [0; 32];
        rand::fill(&mut secret).expect("the system has random bytes");
        RefreshKey(Arc::new(hmac::Key::new(HMAC_SHA256, &secret)))
    }

    pub fn write(&self, claims: &Value) -> String {
        let message = message(&json!({ "alg": "HS256", "typ": "JWT" }), claims);
        let signature = hmac::sign(&self.0, message.as_bytes());
        join(&message, signature.as_ref())
    }

    /// The claims of a token of its own.
    pub fn read(&self, token: &str) -> Option<Value> {
        let (message, signature) = split(token)?;
        hmac::verify(&self.0, message.as_bytes(), &signature).ok()?;
        claims(message)
    }
}

/// A token for everybody to verify.
pub fn write(key: &SigningKey, claims: &Value) -> String {
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key.kid });
    let message = message(&header, claims);
    join(&message, &key.sign(message.as_bytes()))
}

/// The claims of a token that one of these keys has signed.
pub fn read(keys: &[Arc<SigningKey>], token: &str) -> Option<Value> {
    let (message, signature) = split(token)?;
    let header = part(message.split('.').next()?)?;
    if header["alg"] != "RS256" {
        return None;
    }
    let key = keys.iter().find(|key| header["kid"] == *key.kid)?;
    key.has_signed(message.as_bytes(), &signature)
        .then(|| claims(message))?
}

fn message(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

fn join(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn split(token: &str) -> Option<(&str, Vec<u8>)> {
    let (message, signature) = token.rsplit_once('.')?;
    Some((message, URL_SAFE_NO_PAD.decode(signature).ok()?))
}

fn claims(message: &str) -> Option<Value> {
    part(message.split_once('.')?.1)
}

fn part(text: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
