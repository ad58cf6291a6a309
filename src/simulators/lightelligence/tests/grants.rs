use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Api, claims, code_for, credentials, drift, home, is, own_tokens, owner_tokens, part, post_form,
    post_form_with, realm, refresh, start, started_with, told,
};
use crate::simulators::{DriftOp, lightelligence::seed};

#[tokio::test]
async fn a_refresh_token_gives_tokens_for_the_same_tenant() {
    let vendor = start().await;
    let before = Utc::now();
    let refresh_token = credentials(&vendor)["refresh_token"].clone();
    let answer = refresh(&vendor, refresh_token.as_str().unwrap(), &[]).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(answer.headers["pragma"], "no-cache");
    let tokens = answer.expect(200);
    assert_eq!(
        (&tokens["expires_in"], &tokens["refresh_expires_in"]),
        (&json!(864_000), &json!(950_400))
    );
    assert_eq!(tokens["token_type"], "bearer");
    assert_eq!(tokens["scope"], seed::SCOPE);
    let expires = tokens["expires_at"].as_str().unwrap();
    let lasts = DateTime::parse_from_rfc3339(expires).unwrap().to_utc() - before;
    assert!(
        (863_998..=864_010).contains(&lasts.num_seconds()),
        "{lasts}"
    );

    let header = part(&tokens["access_token"], 0);
    assert_eq!(
        (&header["alg"], &header["typ"]),
        (&json!("RS256"), &json!("JWT"))
    );
    let said = claims(&tokens["access_token"]);
    assert_eq!(said["iss"], realm(&vendor));
    assert_eq!(said["aud"], seed::PORTAL);
    assert_eq!(said["sub"], json!(seed::user(0)));
    assert_eq!(said["tenant"], json!(seed::home()));
    assert_eq!(said["nbf"], 0);
    assert_eq!(said["typ"], "Bearer");
    assert_eq!(said["session_state"], tokens["session_state"]);
    assert!(said["clientId"].is_null());
    let refreshing = claims(&tokens["refresh_token"]);
    assert_eq!(refreshing["typ"], "Refresh");
    assert!(refreshing["tenant"].is_null(), "{refreshing}");
}

#[tokio::test]
async fn a_used_refresh_token_is_stale_and_that_is_noted() {
    let vendor = start().await;
    let first = credentials(&vendor)["refresh_token"].clone();
    let first = first.as_str().unwrap();
    let second = refresh(&vendor, first, &[]).await.expect(200);
    let again = refresh(&vendor, first, &[]).await;
    assert_eq!(told(&again), is(400, "invalid_grant", "Stale token"));
    // The newest one goes on.
    let newest = second["refresh_token"].as_str().unwrap();
    refresh(&vendor, newest, &[]).await.expect(200);
    let tokens = vendor.state().tokens;
    let session = tokens
        .iter()
        .find(|token| token["kind"] == "session")
        .unwrap();
    assert_eq!(
        (&session["refreshes"], &session["staleRefreshes"]),
        (&json!(2), &json!(1))
    );
    assert!(vendor.effects().is_empty());
    let calls = vendor.requests();
    let statuses: Vec<_> = calls.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [Some(200), Some(400), Some(200)]);
}

#[tokio::test]
async fn without_rotation_a_refresh_token_can_be_used_again() {
    let vendor = start().await;
    let off = drift(
        DriftOp::Change,
        "settings",
        None,
        json!({"rotation": "off"}),
    );
    vendor.drift(&[off]).unwrap();
    let token = credentials(&vendor)["refresh_token"].clone();
    for _ in 0..3 {
        refresh(&vendor, token.as_str().unwrap(), &[])
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_reset_makes_the_first_refresh_token_good_again() {
    let vendor = start().await;
    owner_tokens(&vendor).await;
    vendor.reset();
    owner_tokens(&vendor).await;
}

#[tokio::test]
async fn the_tenant_header_switches_to_a_tenant_of_the_users_only() {
    let vendor = start().await;
    let tokens = owner_tokens(&vendor).await;
    let tenants = Api::with(&vendor, &tokens)
        .get(&format!("/users/{}/tenants", seed::user(0)))
        .await
        .expect(200);
    let other = tenants["data"][1]["id"].as_str().unwrap().to_owned();
    let token = tokens["refresh_token"].as_str().unwrap();
    let switched = refresh(&vendor, token, &[("tenant", &other)])
        .await
        .expect(200);
    assert_eq!(claims(&switched["access_token"])["tenant"], other);
    // Kept until the next switch.
    let token = switched["refresh_token"].as_str().unwrap();
    let kept = refresh(&vendor, token, &[]).await.expect(200);
    assert_eq!(claims(&kept["access_token"])["tenant"], other);

    let token = kept["refresh_token"].as_str().unwrap();
    let nobodys = uuid::Uuid::new_v4().to_string();
    for tenant in ["no uuid", &nobodys] {
        let answer = refresh(&vendor, token, &[("tenant", tenant)]).await;
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (400, &json!("invalid_grant"))
        );
    }
    // A refusal uses nothing up.
    refresh(&vendor, token, &[]).await.expect(200);
}

#[tokio::test]
async fn a_client_picks_its_tenant_by_the_header_too() {
    let vendor = start().await;
    let tokens = own_tokens(&vendor, seed::SERVICE, &[]).await.expect(200);
    let said = claims(&tokens["access_token"]);
    assert_eq!(said["tenant"], json!(seed::home()));
    assert_eq!(said["clientId"], seed::SERVICE);
    assert_eq!(said["scope"], "openid olt-applications");
    let other = crate::simulators::kit::people::uuid("lightelligence/tenant", 1).to_string();
    let header = [("tenant", other.as_str())];
    let tokens = own_tokens(&vendor, seed::SERVICE, &header)
        .await
        .expect(200);
    assert_eq!(claims(&tokens["access_token"])["tenant"], other);
    // The custom application is not installed there.
    let custom = seed::application().to_string();
    let answer = own_tokens(&vendor, &custom, &header).await;
    assert_eq!(
        (answer.status, &answer.body["error"]),
        (400, &json!("invalid_grant"))
    );

    let strict = started_with(&[("tenant_header", "refresh_only")]).await;
    let answer = own_tokens(&strict, seed::SERVICE, &header).await;
    assert_eq!(
        (answer.status, &answer.body["error"]),
        (400, &json!("invalid_request"))
    );
    own_tokens(&strict, seed::SERVICE, &[]).await.expect(200);
}

#[tokio::test]
async fn a_code_is_good_once_for_its_client_and_its_address() {
    let vendor = start().await;
    let exchange = async |code: &str, redirect_uri: &str, client: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", client),
            ("client_secret", seed::SECRET),
            ("code", code),
            ("redirect_uri", redirect_uri),
        ];
        post_form(&vendor, "token", &fields).await
    };
    let code = code_for(&vendor, "owner@example.org", seed::PORTAL).await;
    let other = exchange(&code, seed::REDIRECT_URI, seed::SERVICE).await;
    assert_eq!(told(&other), is(400, "invalid_grant", "Auth error"));
    let tokens = exchange(&code, seed::REDIRECT_URI, seed::PORTAL)
        .await
        .expect(200);
    assert_eq!(claims(&tokens["id_token"])["typ"], "ID");
    let token = tokens["refresh_token"].as_str().unwrap();
    let token = refresh(&vendor, token, &[]).await.expect(200)["refresh_token"].clone();
    // Who comes second ends the session of who came first.
    let again = exchange(&code, seed::REDIRECT_URI, seed::PORTAL).await;
    assert_eq!(told(&again), is(400, "invalid_grant", "Code not valid"));
    let dead = refresh(&vendor, token.as_str().unwrap(), &[]).await;
    assert_eq!(told(&dead), is(400, "invalid_grant", "Session not active"));

    let code = code_for(&vendor, "owner@example.org", seed::PORTAL).await;
    let elsewhere = exchange(&code, "http://localhost/other", seed::PORTAL).await;
    assert_eq!(
        told(&elsewhere),
        is(400, "invalid_grant", "Incorrect redirect_uri")
    );
    let at_once = drift(
        DriftOp::Change,
        "settings",
        None,
        json!({"code_seconds": 0}),
    );
    vendor.drift(&[at_once]).unwrap();
    let code = code_for(&vendor, "owner@example.org", seed::PORTAL).await;
    let late = exchange(&code, seed::REDIRECT_URI, seed::PORTAL).await;
    assert_eq!(told(&late), is(400, "invalid_grant", "Code is expired"));
}

#[tokio::test]
async fn each_kind_of_credential_connects() {
    for kind in ["refresh_token", "client_credentials", "authorization_code"] {
        let vendor = started_with(&[("auth", kind)]).await;
        let credentials = credentials(&vendor);
        assert_eq!(credentials["kind"], kind);
        let mut fields = vec![("grant_type", kind), ("scope", seed::SCOPE)];
        for (name, value) in credentials.as_object().unwrap() {
            if name != "kind" {
                fields.push((name, value.as_str().unwrap()));
            }
        }
        let tokens = post_form(&vendor, "token", &fields).await.expect(200);
        let users = Api::with(&vendor, &tokens)
            .get(&home("/users"))
            .await
            .expect(200);
        assert_eq!(users["meta"]["itemsTotal"], 60, "{kind}");
    }
}

#[tokio::test]
async fn lifetimes_can_be_changed_and_ended() {
    let vendor = start().await;
    let short = json!({"access_seconds": 0, "refresh_seconds": "3"});
    let change = drift(DriftOp::Change, "settings", None, short);
    vendor.drift(&[change]).unwrap();
    let tokens = owner_tokens(&vendor).await;
    assert_eq!(
        (&tokens["expires_in"], &tokens["refresh_expires_in"]),
        (&json!(0), &json!(3))
    );
    let api = Api::with(&vendor, &tokens);
    assert_eq!(
        api.get(&home("/users")).await.refusal(),
        (401, "UNAUTHORIZED")
    );

    let none = drift(
        DriftOp::Change,
        "settings",
        None,
        json!({"refresh_seconds": 0}),
    );
    vendor.drift(&[none]).unwrap();
    let token = tokens["refresh_token"].as_str().unwrap();
    let tokens = refresh(&vendor, token, &[]).await.expect(200);
    let late = refresh(&vendor, tokens["refresh_token"].as_str().unwrap(), &[]).await;
    assert_eq!(told(&late), is(400, "invalid_grant", "Token is not active"));
}

#[tokio::test]
async fn scopes_can_shrink_and_decide_what_a_token_is_good_for() {
    let vendor = start().await;
    let tokens = owner_tokens(&vendor).await;
    let with_scope = async |token: &Value, scope: &str| {
        let fields = [
            ("grant_type", "refresh_token"),
            ("client_id", seed::PORTAL),
            ("refresh_token", token.as_str().unwrap()),
            ("scope", scope),
        ];
        post_form_with(&vendor, "token", &fields, &[]).await
    };
    let more = with_scope(&tokens["refresh_token"], "openid olt-internal").await;
    assert_eq!(
        (more.status, &more.body["error"]),
        (400, &json!("invalid_scope"))
    );
    let less = with_scope(&tokens["refresh_token"], "openid email")
        .await
        .expect(200);
    let api = Api::with(&vendor, &less);
    let refused = api.get(&home("/users")).await;
    assert_eq!(refused.refusal(), (403, "NO_ACCESS_TO_RESOURCE"));
    // The session has its full scope still.
    let full = with_scope(&less["refresh_token"], seed::SCOPE)
        .await
        .expect(200);
    Api::with(&vendor, &full)
        .get(&home("/users"))
        .await
        .expect(200);
}
