use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use url::{Url, form_urlencoded};

use super::{Answer, claims, http, post_form, realm, send, start};
use crate::simulators::{Running, lightelligence::seed};

const GOOD: [(&str, &str); 5] = [
    ("client_id", seed::PORTAL),
    ("redirect_uri", seed::REDIRECT_URI),
    ("scope", seed::SCOPE),
    ("response_type", "code"),
    ("response_mode", "query"),
];

/// The good request with these fields instead, or without them where they are empty.
fn but<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = |(name, _): &&(&str, &str)| !changes.iter().any(|(changed, _)| changed == name);
    let mut fields: Vec<_> = GOOD.iter().filter(kept).copied().collect();
    fields.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    fields
}

/// As a browser asks.
async fn browse(vendor: &Running, fields: &[(&str, &str)]) -> Answer {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let url = format!("{}/protocol/openid-connect/auth?{query}", realm(vendor));
    send(http().get(url)).await
}

fn location(answer: &Answer) -> Url {
    assert_eq!(answer.status, 302, "{}", answer.body);
    Url::parse(answer.headers["location"].to_str().unwrap()).unwrap()
}

#[tokio::test]
async fn the_code_comes_back_in_the_mode_that_was_asked_for() {
    let vendor = start().await;
    let by_query = location(&browse(&vendor, &but(&[("state", "a b")])).await);
    let pairs: Vec<_> = by_query.query_pairs().into_owned().collect();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["code", "session_state", "state"]);
    assert_eq!(pairs[2].1, "a b");

    let fragment = but(&[("response_mode", "fragment")]);
    let target = location(&browse(&vendor, &fragment).await);
    assert!(target.query().is_none());
    assert!(target.fragment().unwrap().starts_with("code="), "{target}");

    let page = but(&[("response_mode", "form_post"), ("nonce", "n-1")]);
    let page = post_form(&vendor, "auth", &page).await.expect(200);
    let page = page.as_str().unwrap();
    assert!(
        page.contains(&format!(r#"action="{}""#, seed::REDIRECT_URI)),
        "{page}"
    );
    let (_, rest) = page.split_once(r#"name="code" value=""#).unwrap();
    let (code, _) = rest.split_once('"').unwrap();
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", seed::PORTAL),
        ("code", code),
        ("redirect_uri", seed::REDIRECT_URI),
    ];
    let tokens = post_form(&vendor, "token", &fields).await.expect(200);
    assert_eq!(claims(&tokens["id_token"])["nonce"], "n-1");
}

#[tokio::test]
async fn bad_authorization_requests_are_refused() {
    let vendor = start().await;
    for (change, error) in [
        (("client_id", ""), "invalid_request"),
        (("client_id", "nobody"), "invalid_client"),
        (("redirect_uri", ""), "invalid_request"),
        (("redirect_uri", "http://evil.example/"), "invalid_request"),
        (("redirect_uri", "no url"), "invalid_request"),
        (("scope", ""), "invalid_request"),
        (("response_type", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_mode", ""), "invalid_request"),
        (("response_mode", "jwt"), "invalid_request"),
        (("response_mode", "form_post"), "invalid_request"),
        (("login_hint", "nobody@example.org"), "access_denied"),
    ] {
        for answer in [
            browse(&vendor, &but(&[change])).await,
            post_form(&vendor, "auth", &but(&[change])).await,
        ] {
            assert_eq!(
                (answer.status, &answer.body["error"]),
                (400, &json!(error)),
                "{change:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_proof_key_must_be_shown() {
    let vendor = start().await;
    let verifier = "a-verifier-that-is-long-enough-for-anybody-who-counts";
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    for (method, challenge) in [("S256", hash.as_str()), ("plain", verifier)] {
        for (shown, expected) in [
            (None, Some("PKCE code verifier not specified")),
            (Some("another"), Some("PKCE verification failed")),
            (Some(verifier), None),
        ] {
            let proof = [
                ("code_challenge", challenge),
                ("code_challenge_method", method),
            ];
            let target = location(&browse(&vendor, &but(&proof)).await);
            let code = target.query_pairs().next().unwrap().1.into_owned();
            let mut fields = vec![
                ("grant_type", "authorization_code"),
                ("client_id", seed::PORTAL),
                ("code", &code),
                ("redirect_uri", seed::REDIRECT_URI),
            ];
            fields.extend(shown.map(|shown| ("code_verifier", shown)));
            let answer = post_form(&vendor, "token", &fields).await;
            assert_eq!(answer.body["error_description"].as_str(), expected);
            assert_eq!(answer.status, if expected.is_some() { 400 } else { 200 });
        }
    }
}
