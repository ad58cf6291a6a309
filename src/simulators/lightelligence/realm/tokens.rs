//! What is in the tokens (contract §2.3), issued and read back.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Realm, Session, jwt, sessions};
use crate::simulators::lightelligence::settings::Settings;

/// The answer to a token request, for a session as it stands. `scope` is the access token's.
pub fn issue(
    realm: &mut Realm,
    settings: &Settings,
    issuer: &str,
    session: Uuid,
    scope: &str,
    own_account: bool,
) -> Option<Value> {
    realm.tidy();
    let now = Utc::now();
    let (jti, refresh) = (Uuid::new_v4(), Uuid::new_v4());
    let access_until = now + Duration::seconds(settings.access_seconds.into());
    let refresh_until = now + Duration::seconds(settings.refresh_seconds.into());
    let session = realm.sessions.get_mut(&session)?;
    session.refresh = refresh;
    session.expires = refresh_until;
    let session: &Session = session;

    let access_claims = access_claims(issuer, session, jti, scope, now, access_until, own_account);
    let refresh_claims = refresh_claims(issuer, session, refresh_until);
    realm.access.insert(jti, access_until);
    let key = &realm.keys[0];
    let mut answer = json!({
        "access_token": jwt::write(key, &access_claims),
        "expires_in": settings.access_seconds,
        "expires_at": access_until.to_rfc3339_opts(SecondsFormat::Secs, true),
        "refresh_expires_in": settings.refresh_seconds,
        "refresh_token": realm.refresh_key.write(&refresh_claims),
        "token_type": "bearer",
        "not-before-policy": 0,
        "session_state": session.id,
        "scope": scope,
    });
    if has(scope, "openid") && !own_account {
        answer["id_token"] = json!(jwt::write(key, &id_claims(&access_claims, session)));
    }
    Some(answer)
}

fn access_claims(
    issuer: &str,
    session: &Session,
    jti: Uuid,
    scope: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    own_account: bool,
) -> Value {
    let mut claims = json!({
        "jti": jti,
        "exp": until.timestamp(),
        "nbf": 0,
        "iat": now.timestamp(),
        "iss": issuer,
        "aud": session.client,
        "sub": session.user,
        "typ": "Bearer",
        "azp": session.client,
        "auth_time": session.since.timestamp(),
        "session_state": session.id,
        "acr": "1",
        "allowed-origins": ["*"],
        "resource_access": {},
        "scope": scope,
    });
    if let Some(tenant) = session.tenant {
        claims["tenant"] = json!(tenant);
    }
    if own_account {
        claims["clientId"] = json!(session.client);
        claims["clientHost"] = json!("127.0.0.1");
        claims["clientAddress"] = json!("127.0.0.1");
    }
    claims
}

/// A refresh token names no tenant.
fn refresh_claims(issuer: &str, session: &Session, until: DateTime<Utc>) -> Value {
    json!({
        "jti": session.refresh,
        "exp": until.timestamp(),
        "nbf": 0,
        "iat": Utc::now().timestamp(),
        "iss": issuer,
        "aud": issuer,
        "sub": session.user,
        "typ": "Refresh",
        "azp": session.client,
        "session_state": session.id,
        "scope": session.scope,
    })
}

/// The refresh token of a seeded session, as `issuer` would have issued it.
pub fn seeded_refresh(key: &jwt::RefreshKey, issuer: &str, session: &sessions::Session) -> String {
    key.write(&refresh_claims(issuer, session, session.expires))
}

fn id_claims(access: &Value, session: &Session) -> Value {
    let mut claims = access.clone();
    claims["jti"] = json!(Uuid::new_v4());
    claims["typ"] = json!("ID");
    if let Some(nonce) = &session.nonce {
        claims["nonce"] = json!(nonce);
    }
    if let Some(fields) = claims.as_object_mut() {
        for access_only in ["allowed-origins", "resource_access", "scope"] {
            fields.remove(access_only);
        }
    }
    claims
}

/// Whether a space-delimited list of scopes has this one.
pub fn has(scope: &str, wanted: &str) -> bool {
    scope.split(' ').any(|word| word == wanted)
}

/// What a good access token says.
#[derive(Debug, Clone)]
pub struct Access {
    pub user: Uuid,
    pub client: String,
    pub tenant: Option<Uuid>,
    pub session: Uuid,
    pub scope: String,
}

impl Realm {
    /// Reads an access token: of one of the keys, and not expired.
    pub fn access(&self, token: &str) -> Option<Access> {
        let claims = self.access_claims(token)?;
        let id = |name: &str| Uuid::parse_str(claims[name].as_str()?).ok();
        Some(Access {
            user: id("sub")?,
            client: claims["azp"].as_str()?.to_owned(),
            tenant: id("tenant"),
            session: id("session_state")?,
            scope: claims["scope"].as_str()?.to_owned(),
        })
    }

    pub fn access_claims(&self, token: &str) -> Option<Value> {
        let claims = jwt::read(&self.keys, token)?;
        let jti = Uuid::parse_str(claims["jti"].as_str()?).ok()?;
        let is_good = claims["typ"] == "Bearer" && *self.access.get(&jti)? > Utc::now();
        is_good.then_some(claims)
    }
}

/// The bearer token of a request.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}
