//! The JWT of a token: made and read back, never trusted without its signature (contract §6).

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use uuid::Uuid;

use super::tokens::Token;

/// The service's own; nobody else can verify a token.
const SIGNING_SECRET: &[u8] = b"simulated-luna-signing-secret";

/// `{"typ":"JWT","alg":"HS256"}`, and the three members that the contract names.
pub(super) fn made(token: &Token) -> String {
    let header = json!({ "typ": "JWT", "alg": "HS256" });
    let payload = json!({
        "tokenId": token.id, "expirationTime": token.expiration, "accountId": token.account_id
    });
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encoded(header), encoded(payload));
    let signature = hmac::sign(&key(), signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The id of the token that this is the JWT of; none if it was not made here.
pub(super) fn token_id(text: &str) -> Option<Uuid> {
    let (signed, signature) = text.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    hmac::verify(&key(), signed.as_bytes(), &signature).ok()?;
    let (_, payload) = signed.split_once('.')?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let payload: Value = serde_json::from_slice(&payload).ok()?;
    payload["tokenId"].as_str()?.parse().ok()
}

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, SIGNING_SECRET)
}
