//! Whatever bytes the identity provider may answer with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use jsonwebtoken::DecodingKey;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::super::identity::{decode, realm_key, signing_key};
use super::super::login::{Grant, tokens};
use super::super::token::{Claims, Token};
use crate::adapters::contract::AdapterError;
use crate::adapters::lightelligence::judge::IdentityJudge;
use crate::adapters::lightelligence::wire;
use crate::adapters::transport::Answer;
use crate::adapters::transport::any_answer::{Family, Made};

/// Nothing that is looked for is the identity provider's, so that it can say of nothing that it is gone.
fn never(_: &Answer) -> bool {
    false
}

/// Whatever was issued is renewed no later than it ends.
fn keep(issued: wire::Issued) -> Result<Made, AdapterError> {
    let now = Utc::now();
    let kept = tokens(issued, &Grant::Client, now);
    assert!(kept.due_at <= kept.expires_at);
    // What no header can carry is an error in words.
    if let Ok(token) = Token::new(1, &kept, None) {
        token.age(now);
    }
    Ok(Made::default())
}

#[test]
fn tokens_that_are_issued() {
    let issued = [
        r#"{"access_token":"a.b.c","expires_at":"2031-05-22T10:29:51Z","refresh_token":"r","scope":"openid"}"#,
        r#"{"access_token":"a.b.c","expires_in":864000,"refresh_expires_in":950400,"token_type":"bearer","not-before-policy":0}"#,
    ];
    Family::answers(
        "lightelligence issued tokens",
        &IdentityJudge,
        never,
        &issued,
    )
    .hold(|answer| keep(decode(answer)?));
}

/// The claims are read without their signature, so that anybody may have written them.
#[test]
fn claims_of_tokens() {
    let claims = r#"{"jti":"x","exp":1893456000,"nbf":0,"iat":1893452400,"iss":"https://login.example.test/realm",
        "sub":"33333333-3333-4333-8333-333333333333","tenant":"11111111-1111-4111-8111-111111111111","typ":"Bearer"}"#;
    Family::answers("lightelligence claims", &IdentityJudge, never, &[claims]).hold(|answer| {
        let payload = URL_SAFE_NO_PAD.encode(&answer.body);
        let token = SecretString::from(format!("eyJhbGciOiJSUzI1NiJ9.{payload}.c2ln"));
        if let Some(claims) = Claims::of(&token) {
            claims.is_for(Uuid::nil());
            claims.tenant();
        }
        keep(wire::Issued {
            access_token: token.expose_secret().to_owned(),
            expires_at: None,
            expires_in: None,
            refresh_token: None,
        })
    });
}

#[test]
fn keys_of_the_realm() {
    let keys = r#"{"keys":[{"kid":"k1","kty":"RSA","alg":"RS256","use":"sig","n":"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1Wl","e":"AQAB"}]}"#;
    Family::answers("lightelligence keys", &IdentityJudge, never, &[keys]).hold(|answer| {
        let wire::Keys { keys } = decode(answer)?;
        let found: Vec<(String, DecodingKey)> = keys.into_iter().filter_map(signing_key).collect();
        drop(found);
        Ok(Made::default())
    });
    let realm = r#"{"realm":"r","public_key":"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA","token-service":"https://x"}"#;
    Family::answers("lightelligence realm", &IdentityJudge, never, &[realm]).hold(|answer| {
        let _ = realm_key(decode(answer)?);
        Ok(Made::default())
    });
}

#[test]
fn refusals() {
    let bodies = [
        r#"{"error":"invalid_grant","error_description":"Invalid refresh token"}"#,
        r#"{"error":"unauthorized_client"}"#,
        r#"{"error_description":7}"#,
    ];
    Family::refusals(
        "lightelligence identity refusals",
        &IdentityJudge,
        never,
        &bodies,
    )
    .hold(|_| Ok(Made::default()));
}
