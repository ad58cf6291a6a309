//! Whose signature a token must have.

use super::*;

#[tokio::test]
async fn a_write_needs_the_realms_own_signature() {
    let realm = Realm::start().await;
    realm
        .shows(
            CERTS,
            200,
            json!({ "keys": [jwk(0, "a"), { "kty": "odd" }] }),
        )
        .await;
    let good = realm.claims();
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let hs256 = {
        let header = Header::new(Algorithm::HS256);
        encode(
            &header,
            &good,
            &EncodingKey::from_secret(b"not-a-real-secret"),
        )
        .unwrap()
    };
    let now = Utc::now().timestamp();
    for (token, refusal) in [
        (realm.signed(0, Some("a"), &good), None),
        (realm.signed(0, Some("a"), &with("nbf", json!(1))), None),
        (realm.signed(1, Some("a"), &good), Some("signature")),
        (hs256, Some("RS256")),
        (
            realm.signed(
                0,
                Some("a"),
                &with("iss", json!("https://elsewhere.example")),
            ),
            Some("issuer"),
        ),
        (
            realm.signed(0, Some("a"), &with("exp", json!(1000))),
            Some("expired"),
        ),
        // A realm whose clock is some minutes behind, or ahead.
        (
            realm.signed(0, Some("a"), &with("exp", json!(now - 240))),
            None,
        ),
        (
            realm.signed(0, Some("a"), &with("nbf", json!(now + 240))),
            None,
        ),
        (
            realm.signed(0, Some("a"), &with("nbf", json!(9_999_999_999i64))),
            Some("not valid yet"),
        ),
        ("no-jwt".to_owned(), Some("no JWT")),
    ] {
        let outcome = realm.write(&keeper_with(&realm, &token).await).await;
        match refusal {
            None => outcome.unwrap(),
            Some(words) => {
                let error = outcome.expect_err(words);
                assert_eq!(error.trouble, Trouble::AuthFailed);
                assert!(error.message.contains(words), "{}", error.message);
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_key_costs_one_look_however_often_it_is_met() {
    let realm = Realm::start().await;
    realm
        .shows(CERTS, 200, json!({ "keys": [jwk(0, "a")] }))
        .await;
    let known = keeper_with(&realm, &realm.signed(0, Some("a"), &realm.claims())).await;
    realm.write(&known).await.unwrap();
    assert_eq!(realm.asked(CERTS).await, 1);
    let unknown = keeper_with(&realm, &realm.signed(1, Some("b"), &realm.claims())).await;
    let (one, other) = tokio::join!(realm.write(&unknown), realm.write(&unknown));
    let mut told = [one, other].map(|outcome| outcome.expect_err("unknown").trouble);
    told.sort_by_key(|trouble| *trouble == Trouble::AuthFailed);
    assert_eq!(
        told,
        [Trouble::Unavailable, Trouble::AuthFailed],
        "one looked, the other waited for that"
    );
    let later = realm.write(&unknown).await.expect_err("unknown");
    assert!(
        later
            .retry_after
            .is_some_and(|wait| wait > Duration::from_secs(50))
    );
    assert_eq!(realm.asked(CERTS).await, 2);
}

#[tokio::test]
async fn the_realms_one_key_is_second_choice() {
    let realm = Realm::start().await;
    let der: PublicKeyX509Der<'_> = KEYS[0].public_key().as_der().unwrap();
    let public_key = BASE64_STANDARD.encode(der.as_ref());
    realm
        .shows(
            "/realm",
            200,
            json!({ "realm": "olt", "public_key": public_key }),
        )
        .await;
    // The keys can't be read, or the token names none.
    realm.shows(CERTS, 503, json!({})).await;
    for kid in [Some("a"), None] {
        let good = keeper_with(&realm, &realm.signed(0, kid, &realm.claims())).await;
        realm.write(&good).await.unwrap();
        let forged = keeper_with(&realm, &realm.signed(1, kid, &realm.claims())).await;
        let error = realm.write(&forged).await.expect_err("forged");
        assert_eq!(error.trouble, Trouble::AuthFailed, "{}", error.message);
    }
    // Where keys are published, it is no way around them.
    let strict = Realm::start().await;
    strict
        .shows("/realm", 200, json!({ "public_key": public_key }))
        .await;
    strict
        .shows(CERTS, 200, json!({ "keys": [jwk(1, "b")] }))
        .await;
    let other = keeper_with(&strict, &strict.signed(0, Some("a"), &strict.claims())).await;
    assert!(strict.write(&other).await.is_err());
    assert_eq!(strict.asked("/realm").await, 0);
}

/// A keeper that holds this very token.
async fn keeper_with(realm: &Realm, token: &str) -> Keeper {
    let kept = Tokens {
        access: token.into(),
        due_at: Utc::now() + TimeDelta::hours(1),
        expires_at: Utc::now() + TimeDelta::hours(1),
        refresh: None,
    };
    let version = realm.cell.load().await.unwrap().version;
    realm.cell.swap(version, &kept).await.unwrap();
    realm.keeper()
}
