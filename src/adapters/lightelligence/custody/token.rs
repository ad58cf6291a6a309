//! An access token as it is used.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use uuid::Uuid;

use crate::adapters::contract::{AdapterError, Call, Tokens, Trouble};
use crate::adapters::transport::{Authorization, Request, Sign};

/// A call that begins this close to a token's end would end without it.
const TOO_LATE: TimeDelta = TimeDelta::seconds(1);

/// What a token says of itself (§2.3). A signature that was not looked at proves none of it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in super::super) struct Claims {
    /// The user, or the service account of a client.
    pub(in super::super) sub: Option<String>,
    /// The tenant that it is valid for.
    tenant: Option<String>,
    exp: Option<i64>,
    iat: Option<i64>,
}

impl Claims {
    /// What a token says, unproven; `None` when it is no JWT.
    pub(super) fn of(token: &SecretString) -> Option<Self> {
        jsonwebtoken::dangerous::insecure_decode_claims(token.expose_secret()).ok()
    }

    /// When it ends, by the clock of who issued it.
    pub(super) fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.exp
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
    }

    /// When it was issued, by the same clock.
    pub(super) fn issued_at(&self) -> Option<DateTime<Utc>> {
        self.iat
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
    }

    /// Whether it is valid for this tenant.
    pub(super) fn is_for(&self, tenant: Uuid) -> bool {
        let named = self.tenant.as_deref();
        named.and_then(|text| Uuid::parse_str(text).ok()) == Some(tenant)
    }

    /// The tenant that it names, for a message.
    pub(super) fn tenant(&self) -> &str {
        self.tenant.as_deref().unwrap_or("none")
    }
}

/// How far a token's life has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Good for long.
    Fresh,
    /// Good, and to be renewed.
    Due,
    /// Over.
    Ended,
}

/// An access token, ready to be shown.
pub(in super::super) struct Token {
    /// Which saving it comes from.
    pub(super) version: i64,
    pub(super) secret: SecretString,
    header: Authorization,
    due_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// `None`: it is no JWT.
    pub(in super::super) claims: Option<Claims>,
    /// Set once its signature and issuer were found good.
    pub(super) proven: OnceCell<()>,
    /// When it was obtained because the API had refused the one before.
    pub(super) after_refusal: Option<Instant>,
}

impl Token {
    /// # Errors
    /// When no header can carry it.
    pub(super) fn new(
        version: i64,
        tokens: &Tokens,
        after_refusal: Option<Instant>,
    ) -> Result<Arc<Self>, AdapterError> {
        let header = Authorization::bearer(&tokens.access).map_err(|_| {
            AdapterError::new(
                Trouble::Malformed,
                "the identity provider issued an access token that no header can carry",
            )
        })?;
        Ok(Arc::new(Self {
            version,
            claims: Claims::of(&tokens.access),
            secret: tokens.access.clone(),
            header,
            due_at: tokens.due_at,
            expires_at: tokens.expires_at,
            proven: OnceCell::new(),
            after_refusal,
        }))
    }

    pub(super) fn age(&self, now: DateTime<Utc>) -> Age {
        if now + TOO_LATE >= self.expires_at {
            Age::Ended
        } else if now >= self.due_at {
            Age::Due
        } else {
            Age::Fresh
        }
    }

    /// The call with this token among the secrets that no message may repeat.
    pub(in super::super) fn on(&self, call: &Call) -> Call {
        let mut call = call.clone();
        let secrets = call.secrets.iter().cloned();
        call.secrets = secrets.chain([self.secret.clone()]).collect();
        call
    }
}

impl Sign for Token {
    fn sign(&self, request: &mut Request) -> Result<(), AdapterError> {
        self.header.sign(request)
    }
}
