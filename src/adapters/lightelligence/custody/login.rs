//! What a connection was given to log in with, and what its next token is bought with.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::token::Claims;
use crate::adapters::contract::{Kept, Tokens};
use crate::adapters::lightelligence::wire;
use crate::adapters::transport::Authorization;
use crate::adapters::vendor::{BuildError, Credentials};

/// How long before its end a token is renewed; at most a quarter of its whole life.
const EARLY: TimeDelta = TimeDelta::seconds(60);
/// How long a token is believed to live when nothing says so.
const SHORT_LIFE: TimeDelta = TimeDelta::seconds(60);

/// The client that logs in, and how.
pub(in super::super) struct Login {
    pub(super) client_id: SecretString,
    pub(super) client_secret: Option<SecretString>,
    way: Way,
}

enum Way {
    /// Begins with this refresh token; each renewal may give another one.
    Refresh(SecretString),
    /// Can be repeated at any time.
    Client,
    /// Good for one exchange; then by the refresh token that came of it.
    Code {
        code: SecretString,
        redirect_uri: SecretString,
    },
}

/// What the next token is bought with.
pub(super) enum Grant<'a> {
    Refresh(&'a SecretString),
    Client,
    Code {
        code: &'a SecretString,
        redirect_uri: &'a SecretString,
    },
}

impl Grant<'_> {
    /// Whether the tenant can be named with it (§2.3: the vendor's documents name one, its apps both).
    pub(super) fn takes_tenant(&self) -> bool {
        !matches!(self, Self::Code { .. })
    }

    /// In words, for a person.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Self::Refresh(_) => "refresh token",
            Self::Client => "client's own login",
            Self::Code { .. } => "one-time code",
        }
    }
}

impl Login {
    pub(in super::super) fn new(credentials: &Credentials) -> Result<Self, BuildError> {
        let way = match credentials.kind.as_str() {
            "refresh_token" => Way::Refresh(credentials.require("refresh_token")?.clone()),
            "client_credentials" => {
                credentials.require("client_secret")?;
                Way::Client
            }
            "authorization_code" => Way::Code {
                code: credentials.require("code")?.clone(),
                redirect_uri: credentials.require("redirect_uri")?.clone(),
            },
            other => {
                return Err(BuildError(format!(
                    "lightelligence/tenant has no credentials of kind `{other}`"
                )));
            }
        };
        Ok(Self {
            client_id: credentials.require("client_id")?.clone(),
            client_secret: credentials.fields.get("client_secret").cloned(),
            way,
        })
    }

    /// What the next token is bought with, after what was kept last.
    ///
    /// # Errors
    /// In words, when there is nothing to go on with.
    pub(super) fn grant<'a>(&'a self, kept: &'a Kept) -> Result<Grant<'a>, &'static str> {
        let newest = kept.tokens.as_ref().map(|tokens| &tokens.refresh);
        match (&self.way, newest) {
            (Way::Client, _) => Ok(Grant::Client),
            (_, Some(Some(token))) => Ok(Grant::Refresh(token)),
            (_, Some(None)) => {
                Err("the login gave no refresh token, and its access token has ended")
            }
            (Way::Refresh(token), None) => Ok(Grant::Refresh(token)),
            (Way::Code { code, redirect_uri }, None) => Ok(Grant::Code { code, redirect_uri }),
        }
    }

    /// Whether the client logs in for itself, not for a person.
    pub(in super::super) fn is_of_client(&self) -> bool {
        matches!(self.way, Way::Client)
    }

    /// The client's id and secret as a header, which a public one has with an empty secret (RFC 6749 §2.3.1: both encoded as
    /// in forms); and what no message may repeat of it.
    pub(in super::super) fn authorization(&self) -> (Authorization, SecretString) {
        let encoded = |secret: &SecretString| {
            let bytes = secret.expose_secret().as_bytes();
            SecretString::from(form_urlencoded::byte_serialize(bytes).collect::<String>())
        };
        let secret = self.client_secret.as_ref().map(encoded).unwrap_or_default();
        Authorization::basic(&encoded(&self.client_id), &secret)
    }

    /// The secrets that no message may repeat.
    pub(in super::super) fn secrets(&self) -> Vec<SecretString> {
        let mut secrets = Vec::from_iter(self.client_secret.clone());
        match &self.way {
            Way::Refresh(token) => secrets.push(token.clone()),
            Way::Client => {}
            Way::Code { code, .. } => secrets.push(code.clone()),
        }
        secrets
    }
}

/// What was issued for a grant, as it is kept. `asked_at` is when it was asked for: a life is counted from there.
pub(super) fn tokens(issued: wire::Issued, grant: &Grant<'_>, asked_at: DateTime<Utc>) -> Tokens {
    let wire::Issued {
        access_token,
        expires_at,
        expires_in,
        refresh_token,
    } = issued;
    let access = SecretString::from(access_token);
    let claims = Claims::of(&access).unwrap_or_default();
    // An end is told by the clock of who issued it. Where that tells the beginning too, the life between the two counts.
    let by_our_clock = |end: DateTime<Utc>| match claims.issued_at() {
        Some(begin) if begin < end => asked_at.checked_add_signed(end - begin),
        _ => Some(end),
    };
    let counted = expires_in
        .filter(|seconds| (0.0..=1e9).contains(seconds))
        .map(|seconds| asked_at + TimeDelta::milliseconds((seconds * 1000.0) as i64));
    let written = expires_at
        .and_then(|text| DateTime::parse_from_rfc3339(&text).ok())
        .and_then(|time| by_our_clock(time.to_utc()))
        // Nobody issues what is over already: that is another clock's end.
        .filter(|end| *end > asked_at || counted.is_none());
    let expires_at = written
        .or(counted)
        .or_else(|| claims.expires_at().and_then(by_our_clock))
        .unwrap_or(asked_at + SHORT_LIFE);
    let life = (expires_at - asked_at).max(TimeDelta::zero());
    let refresh = match (refresh_token, grant) {
        (_, Grant::Client) => None,
        (Some(newer), _) => Some(SecretString::from(newer)),
        // RFC 6749 §6: without a new one the old one goes on.
        (None, Grant::Refresh(older)) => Some((*older).clone()),
        (None, Grant::Code { .. }) => None,
    };
    Tokens {
        access,
        due_at: expires_at - EARLY.min(life / 4),
        expires_at,
        refresh,
    }
}
