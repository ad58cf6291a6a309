//! Custody against single answers of an identity provider; the simulator's tests are where the rest is.

mod any_answer;
mod proof;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;
use wiremock::matchers::{body_string_contains, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::login::{Grant, tokens};
use super::{Keeper, Token};
use crate::adapters::contract::{
    AdapterError, Call, CredentialCell, Kept, MemoryCell, Tokens, Trouble,
};
use crate::adapters::lightelligence::settings::Settings;
use crate::adapters::lightelligence::wire::Issued;
use crate::adapters::transport::{Transport, TransportConfig};
use crate::adapters::vendor::{Credentials, Parts};

const TENANT: &str = "11111111-1111-4111-8111-111111111111";
const TOKEN: &str = "/realm/protocol/openid-connect/token";
const CERTS: &str = "/realm/protocol/openid-connect/certs";

/// Two keys of this process's own making.
static KEYS: LazyLock<[KeyPair; 2]> =
    LazyLock::new(|| [0, 1].map(|_| KeyPair::generate(KeySize::Rsa2048).unwrap()));

fn signing(n: usize) -> EncodingKey {
    let der: Pkcs8V1Der<'_> = KEYS[n].as_der().unwrap();
    let text = BASE64_STANDARD.encode(der.as_ref());
    let (begin, end) = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----");
    EncodingKey::from_rsa_pem(format!("{begin}\n{text}\n{end}\n").as_bytes()).unwrap()
}

fn jwk(n: usize, kid: &str) -> Value {
    let jwk = Jwk::from_encoding_key(&signing(n), Algorithm::RS256).unwrap();
    let mut shown = serde_json::to_value(jwk).unwrap();
    shown["kid"] = json!(kid);
    shown["use"] = json!("sig");
    shown
}

/// An identity provider, and a connection that lives by it.
struct Realm {
    server: MockServer,
    cell: Arc<dyn CredentialCell>,
}

impl Realm {
    async fn start() -> Self {
        Self {
            server: MockServer::start().await,
            cell: MemoryCell::empty(),
        }
    }

    /// As a replica has it.
    fn keeper(&self) -> Keeper {
        let mut config = TransportConfig {
            plain_http_hosts: vec!["127.0.0.1".parse().unwrap()],
            private_hosts: vec!["127.0.0.1".parse().unwrap()],
            ..TransportConfig::default()
        };
        config.retry.first_wait = Duration::from_millis(1);
        let settings = json!({
            "base_url": format!("{}/v1", self.server.uri()),
            "realm_url": self.issuer(),
            "tenant_id": TENANT,
        });
        let fields = [
            ("client_id", "portal"),
            ("refresh_token", "first-refresh-token"),
        ];
        let parts = Parts {
            connection_id: Uuid::now_v7(),
            settings: settings.clone(),
            credentials: Credentials {
                kind: "refresh_token".to_owned(),
                fields: fields
                    .map(|(name, value)| (name.to_owned(), SecretString::from(value)))
                    .into(),
            },
            cell: Arc::clone(&self.cell),
            transport: Transport::new(config).unwrap(),
        };
        Keeper::new(&parts, &Settings::parse(&settings).unwrap()).unwrap()
    }

    fn issuer(&self) -> String {
        format!("{}/realm", self.server.uri())
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.issuer(), "exp": Utc::now().timestamp() + 3600, "nbf": 0, "sub": TENANT, "tenant": TENANT
        })
    }

    fn signed(&self, key: usize, kid: Option<&str>, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = kid.map(str::to_owned);
        encode(&header, claims, &signing(key)).unwrap()
    }

    /// Issues this token for any refresh token, and the next refresh token with it.
    async fn issues(
        &self,
        access: &str,
        template: impl FnOnce(ResponseTemplate) -> ResponseTemplate,
    ) {
        let body = json!({ "access_token": access, "expires_in": 3600, "refresh_token": "next-refresh-token" });
        let answer = template(ResponseTemplate::new(200).set_body_json(body));
        Mock::given(method("POST"))
            .and(path(TOKEN))
            .respond_with(answer)
            .mount(&self.server)
            .await;
    }

    async fn shows(&self, at: &str, status: u16, body: Value) {
        Mock::given(method("GET"))
            .and(path(at))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&self.server)
            .await;
    }

    async fn asked(&self, at: &str) -> usize {
        let received = self.server.received_requests().await.unwrap();
        received.iter().filter(|one| one.url.path() == at).count()
    }

    async fn write(&self, keeper: &Keeper) -> Result<(), AdapterError> {
        keeper.token_for_write(&call(10_000)).await.map(drop)
    }
}

fn call(deadline_ms: u64) -> Call {
    Call::read(
        "a-request",
        Instant::now() + Duration::from_millis(deadline_ms),
    )
}

fn text(token: &Token) -> &str {
    token.secret.expose_secret()
}

#[tokio::test]
async fn a_renewal_outlives_the_caller_who_asked_for_it() {
    let realm = Realm::start().await;
    realm
        .issues("slow-token", |answer| {
            answer.set_delay(Duration::from_millis(400))
        })
        .await;
    let keeper = realm.keeper();
    let started = Instant::now();
    let error = keeper.token(&call(50)).await.err().expect("too early");
    assert_eq!(error.trouble, Trouble::Timeout);
    assert!(
        started.elapsed() < Duration::from_millis(300),
        "the deadline is the caller's"
    );
    let token = keeper.token(&call(10_000)).await.unwrap();
    assert_eq!(text(&token), "slow-token");
    assert_eq!(realm.asked(TOKEN).await, 1, "it was joined, not begun anew");
    let kept = realm.cell.load().await.unwrap();
    let refresh = kept.tokens.unwrap().refresh.unwrap();
    assert_eq!(
        refresh.expose_secret(),
        "next-refresh-token",
        "saved before it is used"
    );
}

#[tokio::test]
async fn two_replicas_that_begin_at_once_ask_once() {
    let realm = Realm::start().await;
    realm
        .issues("token", |answer| {
            answer.set_delay(Duration::from_millis(200))
        })
        .await;
    let (one, other) = (realm.keeper(), realm.keeper());
    let (call_of_one, call_of_other) = (call(10_000), call(10_000));
    let (first, second) = tokio::join!(one.token(&call_of_one), other.token(&call_of_other));
    assert_eq!(text(&first.unwrap()), text(&second.unwrap()));
    assert_eq!(realm.asked(TOKEN).await, 1);
}

#[tokio::test]
async fn a_refusal_counts_only_if_nobody_saved_a_newer_token() {
    let realm = Realm::start().await;
    let refused = json!({ "error": "invalid_grant", "error_description": "Stale token" });
    let slow = ResponseTemplate::new(400)
        .set_body_json(refused)
        .set_delay(Duration::from_millis(300));
    Mock::given(method("POST"))
        .and(path(TOKEN))
        .respond_with(slow)
        .mount(&realm.server)
        .await;
    let keeper = realm.keeper();
    let call = call(10_000);
    // The other replica's answer came first; ours was stopped in between.
    let other = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let newer = Tokens {
            access: "of-the-other".into(),
            due_at: Utc::now() + TimeDelta::hours(1),
            expires_at: Utc::now() + TimeDelta::hours(1),
            refresh: Some("newer".into()),
        };
        realm.cell.swap(0, &newer).await.unwrap()
    };
    let (token, saved) = tokio::join!(keeper.token(&call), other);
    assert_eq!(saved, Some(1));
    assert_eq!(text(&token.unwrap()), "of-the-other");
    assert_eq!(realm.cell.load().await.unwrap().dead, None);
    assert_eq!(realm.asked(TOKEN).await, 1);
}

#[tokio::test]
async fn a_token_that_is_due_is_used_on_while_it_is_renewed() {
    let realm = Realm::start().await;
    let due = Tokens {
        access: "due".into(),
        due_at: Utc::now() - TimeDelta::seconds(1),
        expires_at: Utc::now() + TimeDelta::seconds(50),
        refresh: Some("kept-refresh-token".into()),
    };
    realm.cell.swap(0, &due).await.unwrap();
    Mock::given(method("POST"))
        .and(path(TOKEN))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(4)
        .mount(&realm.server)
        .await;
    let keeper = realm.keeper();
    let token = keeper.token(&call(10_000)).await.unwrap();
    assert_eq!(
        text(&token),
        "due",
        "a trouble of the identity provider is not ours yet"
    );
    realm.issues("renewed", |answer| answer).await;
    let mut last = String::new();
    for _ in 0..100 {
        last = text(&keeper.token(&call(10_000)).await.unwrap()).to_owned();
        if last == "renewed" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(last, "renewed");
    let shown = realm.server.received_requests().await.unwrap();
    let all_by_the_kept = shown
        .iter()
        .all(|one| String::from_utf8_lossy(&one.body).contains("kept-refresh-token"));
    assert!(all_by_the_kept, "nothing was lost on the way");
}

#[tokio::test]
async fn the_tenant_is_named_and_a_client_that_is_refused_is_no_dead_login() {
    let realm = Realm::start().await;
    Mock::given(method("POST"))
        .and(path(TOKEN))
        .and(header("tenant", TENANT))
        .and(body_string_contains("refresh_token=first-refresh-token"))
        .respond_with(
            ResponseTemplate::new(401).set_body_json(json!({ "error": "unauthorized_client" })),
        )
        .expect(2)
        .mount(&realm.server)
        .await;
    let keeper = realm.keeper();
    for _ in 0..2 {
        let error = keeper.token(&call(10_000)).await.err().expect("refused");
        assert_eq!(error.trouble, Trouble::AuthFailed);
        assert!(error.message.contains("client_secret"), "{}", error.message);
    }
    let Kept { version, dead, .. } = realm.cell.load().await.unwrap();
    assert_eq!((version, dead), (0, None));
}

#[test]
fn a_life_is_told_in_three_ways_and_renewed_before_its_end() {
    let asked_at: DateTime<Utc> = "2030-01-01T00:00:00Z".parse().unwrap();
    let life = |issued: Issued| {
        let kept = tokens(issued, &Grant::Client, asked_at);
        (
            (kept.expires_at - asked_at).num_seconds(),
            (kept.expires_at - kept.due_at).num_seconds(),
        )
    };
    let issued = |at: Option<&str>, seconds: Option<f64>| Issued {
        access_token: "opaque".to_owned(),
        expires_at: at.map(str::to_owned),
        expires_in: seconds,
        refresh_token: None,
    };
    assert_eq!(
        life(issued(Some("2030-01-01T01:00:00Z"), Some(60.0))),
        (3600, 60)
    );
    assert_eq!(life(issued(None, Some(864_000.0))), (864_000, 60));
    assert_eq!(
        life(issued(None, Some(40.0))),
        (40, 10),
        "a short life is not all renewal"
    );
    assert_eq!(life(issued(Some("soon"), None)), (60, 15));
    let claims = json!({ "exp": asked_at.timestamp() + 500, "iss": "x" });
    let jwt = encode(&Header::default(), &claims, &EncodingKey::from_secret(b"x")).unwrap();
    let by_claim = Issued {
        access_token: jwt,
        ..issued(None, None)
    };
    assert_eq!(life(by_claim), (500, 60));
}

#[test]
fn another_houses_clock_makes_no_life_longer_or_shorter() {
    let asked_at: DateTime<Utc> = "2030-01-01T00:00:00Z".parse().unwrap();
    for minutes in [-600, -7, 0, 7, 600] {
        let theirs = asked_at + TimeDelta::minutes(minutes);
        let end = theirs + TimeDelta::seconds(500);
        let claims = json!({ "iat": theirs.timestamp(), "exp": end.timestamp(), "iss": "x" });
        let jwt = encode(&Header::default(), &claims, &EncodingKey::from_secret(b"x")).unwrap();
        for written in [None, Some(end.to_rfc3339())] {
            let issued = Issued {
                access_token: jwt.clone(),
                expires_at: written,
                expires_in: None,
                refresh_token: None,
            };
            let kept = tokens(issued, &Grant::Client, asked_at);
            assert_eq!((kept.expires_at - asked_at).num_seconds(), 500, "{minutes}");
        }
        // One that tells nothing of itself has its life from the answer.
        let issued = Issued {
            access_token: "opaque".to_owned(),
            expires_at: Some((asked_at - TimeDelta::minutes(7)).to_rfc3339()),
            expires_in: Some(500.0),
            refresh_token: None,
        };
        let kept = tokens(issued, &Grant::Client, asked_at);
        assert_eq!((kept.expires_at - asked_at).num_seconds(), 500);
    }
}

#[test]
fn without_a_new_refresh_token_the_old_one_goes_on() {
    let issued = |refresh: Option<&str>| Issued {
        access_token: "opaque".to_owned(),
        expires_at: None,
        expires_in: Some(60.0),
        refresh_token: refresh.map(str::to_owned),
    };
    let old = SecretString::from("old");
    let grant = Grant::Refresh(&old);
    for (given, kept) in [(None, "old"), (Some("new"), "new")] {
        let refresh = tokens(issued(given), &grant, Utc::now()).refresh.unwrap();
        assert_eq!(refresh.expose_secret(), kept);
    }
    let client = tokens(issued(Some("new")), &Grant::Client, Utc::now());
    assert!(client.refresh.is_none(), "its login can be repeated");
}
