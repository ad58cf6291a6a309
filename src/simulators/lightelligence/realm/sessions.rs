//! Sessions, which refresh tokens prolong, and the codes that begin them.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Client, Realm};
use crate::simulators::kit::rfc3339;

/// Somebody's being signed in by a client.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: Uuid,
    pub user: Uuid,
    pub client: String,
    /// The tenant that its tokens are for; none for somebody who is in none.
    pub tenant: Option<Uuid>,
    /// What was asked for at its beginning.
    pub scope: String,
    /// The `jti` of its newest refresh token.
    pub refresh: Uuid,
    pub since: DateTime<Utc>,
    pub expires: DateTime<Utc>,
    pub nonce: Option<String>,
    /// How often it was prolonged.
    pub refreshes: u64,
    /// How often a refresh token was refused because a newer one had been issued.
    pub stale: u64,
}

impl Session {
    pub fn new(user: Uuid, client: &Client, tenant: Option<Uuid>, scope: &str) -> Self {
        let now = Utc::now();
        Session {
            id: Uuid::new_v4(),
            user,
            client: client.id.clone(),
            tenant,
            scope: scope.to_owned(),
            refresh: Uuid::new_v4(),
            since: now,
            expires: now,
            nonce: None,
            refreshes: 0,
            stale: 0,
        }
    }

    pub fn show(&self) -> Value {
        json!({
            "kind": "session",
            "id": self.id,
            "userId": self.user,
            "clientId": self.client,
            "tenantId": self.tenant,
            "scope": self.scope,
            "since": rfc3339(self.since),
            "expiresAt": rfc3339(self.expires),
            "refreshes": self.refreshes,
            "staleRefreshes": self.stale,
        })
    }
}

/// An authorization code.
#[derive(Debug, Clone)]
pub struct Code {
    pub client: String,
    pub user: Uuid,
    pub redirect_uri: String,
    pub scope: String,
    pub nonce: Option<String>,
    /// PKCE: the challenge, and whether it is a hash.
    pub challenge: Option<(String, bool)>,
    pub expires: DateTime<Utc>,
    /// The session to be, then the one that it was used for.
    pub session: Uuid,
    pub used: bool,
}

impl Realm {
    pub fn add_session(&mut self, session: Session) {
        self.sessions.insert(session.id, session);
    }

    pub fn add_code(&mut self, text: String, code: Code) {
        self.codes.insert(text, code);
    }

    /// Ends a session, or all of them; access tokens go on until they expire.
    pub fn end_sessions(&mut self, id: Option<Uuid>) -> Result<(), String> {
        match id {
            None => self.sessions.clear(),
            Some(id) => {
                self.sessions
                    .remove(&id)
                    .ok_or_else(|| format!("there is no session {id}"))?;
            }
        }
        Ok(())
    }

    /// Makes an access token invalid by its `jti`, or all of them.
    pub fn expire_access(&mut self, jti: Option<Uuid>) -> Result<(), String> {
        match jti {
            None => self.access.clear(),
            Some(jti) => {
                self.access
                    .remove(&jti)
                    .ok_or_else(|| format!("there is no access token {jti}"))?;
            }
        }
        Ok(())
    }

    /// Forgets what has expired, now and then, so that a long run does not fill the memory.
    pub fn tidy(&mut self) {
        let now = Utc::now();
        if self.access.len() % 1024 == 1023 {
            self.access.retain(|_, expires| *expires > now);
            // An expired session is still told apart from one that never was, for a while.
            self.sessions
                .retain(|_, session| session.expires > now - Duration::days(1));
            self.codes
                .retain(|_, code| code.expires > now - Duration::days(1));
        }
    }
}
