use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

use super::{
    Api, claims, drift, get_realm, home, http, owner_tokens, part, post_form, realm, refresh, send,
    start, started_with,
};
use crate::simulators::{DriftOp, Running, lightelligence::seed};

async fn keys(vendor: &Running) -> Vec<Value> {
    let set = get_realm(vendor, "/protocol/openid-connect/certs").await;
    set["keys"].as_array().unwrap().clone()
}

/// Message and signature of a token.
fn signed(token: &Value) -> (&str, Vec<u8>) {
    let (message, signature) = token.as_str().unwrap().rsplit_once('.').unwrap();
    (message, URL_SAFE_NO_PAD.decode(signature).unwrap())
}

/// Whether a key of the set, taken by its numbers, verifies the token.
fn verifies(key: &Value, token: &Value) -> bool {
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let key = RsaPublicKeyComponents {
        n: number("n"),
        e: number("e"),
    };
    let (message, signature) = signed(token);
    key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &signature)
        .is_ok()
}

/// The key of a set that the token says it was signed with.
fn named<'a>(keys: &'a [Value], token: &Value) -> Option<&'a Value> {
    let kid = part(token, 0)["kid"].clone();
    keys.iter().find(|key| key["kid"] == kid)
}

#[tokio::test]
async fn tokens_verify_by_the_set_of_keys_and_by_the_realms_key() {
    let vendor = start().await;
    let token = owner_tokens(&vendor).await["access_token"].clone();
    let keys = keys(&vendor).await;
    assert_eq!(keys.len(), 2);
    assert!(verifies(named(&keys, &token).unwrap(), &token));
    let other = keys.iter().find(|key| Some(*key) != named(&keys, &token));
    assert!(!verifies(other.unwrap(), &token));

    let info = get_realm(&vendor, "").await;
    assert_eq!(
        (&info["realm"], &info["tokens-not-before"]),
        (&json!("olt"), &json!(0))
    );
    assert!(info["admin-api"].is_null());
    let der = STANDARD
        .decode(info["public_key"].as_str().unwrap())
        .unwrap();
    let (message, signature) = signed(&token);
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
        .verify(message.as_bytes(), &signature)
        .unwrap();
}

#[tokio::test]
async fn a_new_key_signs_while_the_old_ones_still_verify() {
    let vendor = start().await;
    let old = owner_tokens(&vendor).await;
    let before = keys(&vendor).await;
    vendor
        .drift(&[drift(DriftOp::Add, "signing_key", None, Value::Null)])
        .unwrap();
    let after = keys(&vendor).await;
    assert_eq!(after.len(), 3);
    assert!(named(&after, &old["access_token"]).is_some());
    let token = old["refresh_token"].as_str().unwrap();
    let new = refresh(&vendor, token, &[]).await.expect(200);
    assert!(named(&before, &new["access_token"]).is_none());
    assert!(verifies(
        named(&after, &new["access_token"]).unwrap(),
        &new["access_token"]
    ));
    for tokens in [&old, &new] {
        Api::with(&vendor, tokens)
            .get(&home("/users"))
            .await
            .expect(200);
    }
    let info = get_realm(&vendor, "").await;
    let der = STANDARD
        .decode(info["public_key"].as_str().unwrap())
        .unwrap();
    let (message, signature) = signed(&new["access_token"]);
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
        .verify(message.as_bytes(), &signature)
        .unwrap();
    vendor.reset();
    assert_eq!(keys(&vendor).await, before);
}

#[tokio::test]
async fn a_key_that_goes_takes_its_tokens_along_but_not_the_refresh_tokens() {
    let vendor = start().await;
    let old = owner_tokens(&vendor).await;
    let kid = part(&old["access_token"], 0)["kid"].clone();
    let kid = kid.as_str().unwrap();
    vendor
        .drift(&[
            drift(DriftOp::Add, "signing_key", None, Value::Null),
            drift(DriftOp::Remove, "signing_key", Some(kid), Value::Null),
        ])
        .unwrap();
    assert!(named(&keys(&vendor).await, &old["access_token"]).is_none());
    let api = Api::with(&vendor, &old);
    assert_eq!(
        api.get(&home("/users")).await.refusal(),
        (401, "UNAUTHORIZED")
    );
    let token = old["refresh_token"].as_str().unwrap();
    let new = refresh(&vendor, token, &[]).await.expect(200);
    Api::with(&vendor, &new)
        .get(&home("/users"))
        .await
        .expect(200);

    let shown = vendor.state().tokens;
    let left = shown.iter().filter(|token| token["kind"] == "signing_key");
    let ids: Vec<String> = left.map(|key| key["id"].as_str().unwrap().into()).collect();
    assert_eq!(ids.len(), 2);
    let gone: Vec<_> = ids
        .iter()
        .map(|id| drift(DriftOp::Remove, "signing_key", Some(id), Value::Null))
        .collect();
    assert!(
        vendor
            .drift(&gone)
            .unwrap_err()
            .contains("the last key stays")
    );
}

#[tokio::test]
async fn all_access_tokens_can_be_made_to_expire_now() {
    let vendor = start().await;
    let tokens = owner_tokens(&vendor).await;
    let api = Api::with(&vendor, &tokens);
    api.get(&home("/users")).await.expect(200);
    let jti = claims(&tokens["access_token"])["jti"].clone();
    let one = drift(DriftOp::Remove, "access_token", jti.as_str(), Value::Null);
    vendor.drift(std::slice::from_ref(&one)).unwrap();
    assert_eq!(
        api.get(&home("/users")).await.refusal(),
        (401, "UNAUTHORIZED")
    );
    assert!(vendor.drift(&[one]).is_err());

    let token = tokens["refresh_token"].as_str().unwrap();
    let tokens = refresh(&vendor, token, &[]).await.expect(200);
    let all = drift(DriftOp::Remove, "access_token", None, Value::Null);
    vendor.drift(&[all]).unwrap();
    let api = Api::with(&vendor, &tokens);
    assert_eq!(
        api.get(&home("/users")).await.refusal(),
        (401, "UNAUTHORIZED")
    );
    let token = tokens["refresh_token"].as_str().unwrap();
    refresh(&vendor, token, &[]).await.expect(200);
}

#[tokio::test]
async fn the_discovery_document_names_endpoints_that_answer() {
    let vendor = start().await;
    let document = get_realm(&vendor, "/.well-known/openid-configuration").await;
    assert_eq!(document["issuer"], realm(&vendor));
    let certs = send(http().get(document["jwks_uri"].as_str().unwrap())).await;
    assert!(certs.expect(200)["keys"].is_array());
    for endpoint in [
        "authorization_endpoint",
        "userinfo_endpoint",
        "end_session_endpoint",
    ] {
        let answer = send(http().get(document[endpoint].as_str().unwrap())).await;
        assert!(![404, 405].contains(&answer.status), "{endpoint}");
    }
    for endpoint in ["token_endpoint", "introspection_endpoint"] {
        let answer = send(http().post(document[endpoint].as_str().unwrap())).await;
        assert!([400, 401].contains(&answer.status), "{endpoint}");
    }
    let elsewhere = realm(&vendor).replace("olt", "other");
    let answer = send(http().get(elsewhere)).await;
    assert_eq!(answer.expect(404), json!({"error": "Realm does not exist"}));
    let certs = document["jwks_uri"].as_str().unwrap();
    let answer = send(http().post(certs)).await;
    assert_eq!(
        answer.expect(405),
        json!({"error": "HTTP 405 Method Not Allowed"})
    );
}

#[tokio::test]
async fn userinfo_tells_what_the_scopes_allow() {
    let vendor = start().await;
    let url = format!("{}/protocol/openid-connect/userinfo", realm(&vendor));
    let ask =
        async |token: &Value| send(http().get(&url).bearer_auth(token.as_str().unwrap())).await;
    let tokens = owner_tokens(&vendor).await;
    assert_eq!(
        ask(&tokens["access_token"]).await.expect(200),
        json!({
            "sub": seed::user(0), "emailVerified": true, "name": "Olga Owner",
            "preferred_username": "owner@example.org", "given_name": "Olga", "family_name": "Owner",
            "tenant": seed::home(), "email": "owner@example.org",
        })
    );
    let own = super::own_tokens(&vendor, seed::SERVICE, &[])
        .await
        .expect(200);
    let said = ask(&own["access_token"]).await.expect(200);
    assert!(said["email"].is_null() && said["sub"].is_string(), "{said}");

    let bad = ask(&json!("a.b.c")).await;
    assert_eq!(
        (bad.status, &bad.body["error"]),
        (401, &json!("invalid_token"))
    );
    let none = send(http().get(&url)).await;
    assert_eq!(
        (none.status, &none.body["error"]),
        (401, &json!("invalid_request"))
    );
    let old = started_with(&[("idp", "old")]).await;
    let url = format!("{}/protocol/openid-connect/userinfo", realm(&old));
    assert_eq!(send(http().get(&url)).await.status, 400);

    let all = drift(DriftOp::Remove, "session", None, Value::Null);
    vendor.drift(&[all]).unwrap();
    let gone = ask(&tokens["access_token"]).await;
    assert_eq!(gone.status, 401);
    let said = gone.body["error_description"].as_str().unwrap();
    assert!(said.contains("session not found"), "{said}");
}

#[tokio::test]
async fn introspection_and_signing_out_need_the_client() {
    let vendor = start().await;
    let tokens = owner_tokens(&vendor).await;
    let access = tokens["access_token"].as_str().unwrap();
    let service = [
        ("client_id", seed::SERVICE),
        ("client_secret", seed::SECRET),
    ];
    let introspect = async |token: &str| {
        let fields = [&service[..], &[("token", token)]].concat();
        post_form(&vendor, "token/introspect", &fields)
            .await
            .expect(200)
    };
    let said = introspect(access).await;
    assert_eq!(
        (&said["active"], &said["client_id"]),
        (&json!(true), &json!(seed::PORTAL))
    );
    assert_eq!(introspect("a.b.c").await, json!({"active": false}));
    let public = [("client_id", seed::PORTAL), ("token", access)];
    assert_eq!(
        post_form(&vendor, "token/introspect", &public).await.status,
        403
    );

    let token = tokens["refresh_token"].as_str().unwrap();
    let foreign = [&service[..], &[("refresh_token", token)]].concat();
    assert_eq!(post_form(&vendor, "logout", &foreign).await.status, 400);
    let own = [("client_id", seed::PORTAL), ("refresh_token", token)];
    post_form(&vendor, "logout", &own).await.expect(204);
    assert_eq!(
        refresh(&vendor, token, &[]).await.body["error_description"],
        "Session not active"
    );
}

#[tokio::test]
async fn a_browser_signs_out_by_its_id_token() {
    let vendor = start().await;
    let tokens = owner_tokens(&vendor).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let leave = async |query: &str| {
        let url = format!("{}/protocol/openid-connect/logout?{query}", realm(&vendor));
        send(http().get(url)).await
    };
    assert_eq!(
        leave("redirect_uri=http%3A%2F%2Fevil.example").await.status,
        400
    );
    let answer = leave(&format!(
        "id_token_hint={hint}&post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Fbye"
    ))
    .await;
    assert_eq!(answer.headers["location"], "http://localhost/bye");
    let token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(refresh(&vendor, token, &[]).await.status, 400);
}
