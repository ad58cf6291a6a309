//! The three ways to show who calls (contract §2), and what each may reach.

use std::str::FromStr;

use aws_lc_rs::hmac;
use axum::http::{HeaderMap, header::AUTHORIZATION};
use chrono::Utc;
use serde_json::{Value, json};

use super::{Quirks, errors::Error};

const RESELLER_KEY: &str = "simulated-reseller-key";
const RESELLER_SECRET: &str = "simulated-reseller-secret";
const DOMAIN_KEY: &str = "simulated-domain-key";
const DOMAIN_SECRET: &str = "simulated-domain-secret";
/// 32 hexadecimal digits, as documented.
const TOKEN: &str = "51300000000000000000000000c0ffee";

/// A kind of credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mechanism {
    Hmac,
    StandaloneToken,
    Bearer,
}

impl FromStr for Mechanism {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "hmac" => Ok(Mechanism::Hmac),
            "standalone_token" => Ok(Mechanism::StandaloneToken),
            "bearer" => Ok(Mechanism::Bearer),
            _ => Err("hmac, standalone_token or bearer is expected"),
        }
    }
}

/// The credentials of the seeded domain, by the mechanism that is set.
pub(super) fn credentials(quirks: &Quirks) -> Value {
    match quirks.mechanism {
        Mechanism::Hmac if quirks.is_multitenant() => {
            json!({ "kind": "hmac", "api_key": RESELLER_KEY, "api_secret": RESELLER_SECRET, "token": TOKEN })
        }
        Mechanism::Hmac => {
            json!({ "kind": "hmac", "api_key": DOMAIN_KEY, "api_secret": DOMAIN_SECRET, "token": TOKEN })
        }
        Mechanism::StandaloneToken => json!({ "kind": "standalone_token", "token": TOKEN }),
        Mechanism::Bearer => json!({ "kind": "bearer", "token": TOKEN }),
    }
}

/// The multitenant's own key, without the token of any domain.
pub(super) fn reseller_credentials() -> Value {
    json!({ "kind": "hmac", "api_key": RESELLER_KEY, "api_secret": RESELLER_SECRET })
}

/// Who calls, as far as it decides what may be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caller {
    /// The whole multitenant.
    Reseller,
    /// One domain.
    Domain(String),
}

impl Caller {
    /// Refuses other domains.
    pub(super) fn check(&self, domain: &str) -> Result<(), Error> {
        match self {
            Caller::Reseller => Ok(()),
            Caller::Domain(own) if own == domain => Ok(()),
            Caller::Domain(_) => Err(Error::forbidden(domain)),
        }
    }

    /// Refuses everybody but the multitenant's own key.
    pub(super) fn check_all(&self) -> Result<(), Error> {
        match self {
            Caller::Reseller => Ok(()),
            Caller::Domain(own) => Err(Error::forbidden(own)),
        }
    }
}

/// The key of a domain, as the domain itself is shown it.
pub(super) fn key_shown() -> Value {
    json!({ "name": "default", "apiKey": DOMAIN_KEY, "apiSecret": DOMAIN_SECRET })
}

/// What takes a token in the `Authorization` header and nothing else: what a token may reach, and the tokens (contract §2).
fn is_for_tokens_only(path: &str) -> bool {
    path == "/probio/access" || path.contains("/v2/accounts/") || path.starts_with("/ws/accounts/")
}

/// Who sent these bytes there; `None` when nobody who is known.
pub(super) fn caller(
    quirks: &Quirks,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Caller> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let own = || Caller::Domain(quirks.domain.clone());
    let bearer = header(AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    if is_for_tokens_only(path) {
        return (bearer == Some(TOKEN)).then(own);
    }
    if header("x-logtrust-sign").is_some() {
        let (key, secret, caller) = signer(quirks, headers)?;
        let timestamp = header("x-logtrust-timestamp")?;
        let skew = Utc::now()
            .timestamp_millis()
            .abs_diff(timestamp.parse().ok()?);
        let signed = sign(secret, key, body, timestamp);
        let is_good = header("x-logtrust-sign") == Some(&signed) && skew <= quirks.max_skew_ms;
        return is_good.then_some(caller);
    }
    let token = header("standalonetoken").or(bearer)?;
    // Multitenant domains take signed requests only.
    (token == TOKEN && !quirks.is_multitenant()).then(own)
}

/// The key that a signed request names, with its secret and what it opens.
fn signer(quirks: &Quirks, headers: &HeaderMap) -> Option<(&'static str, &'static str, Caller)> {
    let named = |header: &str, key: &str| {
        headers
            .get(header)
            .is_some_and(|value| value.as_bytes() == key.as_bytes())
    };
    // The header without a word in front is the Query API's, and was seen to work here too.
    let is = |header: &str, key: &str| named(header, key) || named("x-logtrust-apikey", key);
    if is("x-logtrust-reseller-apikey", RESELLER_KEY) {
        return Some((RESELLER_KEY, RESELLER_SECRET, Caller::Reseller));
    }
    let own = Caller::Domain(quirks.domain.clone());
    let is_own = is("x-logtrust-domain-apikey", DOMAIN_KEY)
        || quirks.takes_misplaced_key && named("x-logtrust-reseller-apikey", DOMAIN_KEY);
    is_own.then_some((DOMAIN_KEY, DOMAIN_SECRET, own))
}

/// The lower-case hex of the HMAC-SHA256 over key, exact body and timestamp.
fn sign(secret: &str, key: &str, body: &[u8], timestamp: &str) -> String {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&secret);
    context.update(key.as_bytes());
    context.update(body);
    context.update(timestamp.as_bytes());
    hex::encode(context.sign())
}

/// The headers of a signed request of the reseller's.
#[cfg(test)]
pub(super) fn signed_headers(body: &str, timestamp: i64) -> [(&'static str, String); 3] {
    headers(RESELLER_KEY, RESELLER_SECRET, body, timestamp)
}

/// The headers of a request without a body that is signed with a domain's key in the place of the reseller's.
#[cfg(test)]
pub(super) fn misplaced_headers(timestamp: i64) -> [(&'static str, String); 3] {
    headers(DOMAIN_KEY, DOMAIN_SECRET, "", timestamp)
}

#[cfg(test)]
fn headers(key: &str, secret: &str, body: &str, timestamp: i64) -> [(&'static str, String); 3] {
    let timestamp = timestamp.to_string();
    let signed = sign(secret, key, body.as_bytes(), &timestamp);
    [
        ("x-logtrust-reseller-apikey", key.to_owned()),
        ("x-logtrust-timestamp", timestamp),
        ("x-logtrust-sign", signed),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_contract() {
        let body = r#"{"domain":"acme@parent","userName":"Ada","email":"ada@example.test","role":"OWNER"}"#;
        for (body, signed) in [
            (
                "",
                "2615b5ae68896d728b25183a1da6ede600b5dbb616e45c5add1c78adb1aab7ac",
            ),
            (
                body,
                "416923cb3dfb281abd31ab853676cc9436ce9115aa47fcf547146b7f3f094fe5",
            ),
        ] {
            let made = sign("SECRET-0001", "KEY-0001", body.as_bytes(), "1700000000000");
            assert_eq!(made, signed);
        }
    }
}
