//! Whether a token was really signed by the realm.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use super::identity::Identity;
use super::token::{Claims, Token};
use crate::adapters::contract::{AdapterError, Call, Trouble};

/// How long keys are believed: one that the realm withdrew is not taken for longer.
const MAX_AGE: Duration = Duration::from_secs(15 * 60);
/// How long after a key was looked for in vain no other unknown one is looked for.
const SEARCH_PAUSE: Duration = Duration::from_secs(60);

/// By how much the realm's clock may be off.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);

/// The realm's signing keys, as last seen.
pub(super) struct Keys {
    identity: Arc<Identity>,
    /// Locked over a fetch, so that all who wait share it.
    set: Mutex<Set>,
}

#[derive(Default)]
struct Set {
    by_id: HashMap<String, DecodingKey>,
    fetched_at: Option<Instant>,
    /// When a key was last looked for in vain.
    missed_at: Option<Instant>,
}

impl Keys {
    pub(super) fn new(identity: Arc<Identity>) -> Self {
        Self {
            identity,
            set: Mutex::default(),
        }
    }

    /// Proves once per token that the realm signed it: by RS256 and nothing else, whatever the token itself says.
    ///
    /// # Errors
    /// [`Trouble::AuthFailed`] when it did not; passing trouble when that can't be told now.
    pub(super) async fn prove(&self, call: &Call, token: &Token) -> Result<(), AdapterError> {
        let proof = async {
            let text = token.secret.expose_secret();
            let header = decode_header(text).map_err(|_| no_token("it is no JWT"))?;
            if header.alg != Algorithm::RS256 {
                return Err(no_token("it is not signed with RS256"));
            }
            let key = match header.kid.as_deref() {
                Some(id) => self.key(call, id).await?,
                None => self.identity.realm_key(call).await?,
            };
            let mut rules = Validation::new(Algorithm::RS256);
            rules.set_issuer(&[self.identity.issuer()]);
            rules.set_required_spec_claims(&["exp", "iss"]);
            // `nbf` is 0 in the vendor's tokens (§2.3), which is long ago. The audience is the client that logged in, not us.
            rules.validate_nbf = true;
            // How long it lives is counted elsewhere; here two clocks may differ by some minutes.
            rules.leeway = CLOCKS_DIFFER.as_secs();
            rules.validate_aud = false;
            decode::<Claims>(text, &key, &rules)
                .map(drop)
                .map_err(|error| no_token(words(error.kind())))
        };
        token.proven.get_or_try_init(|| proof).await.map(drop)
    }

    /// The key of this id. An unknown one costs a single look at the realm.
    async fn key(&self, call: &Call, id: &str) -> Result<DecodingKey, AdapterError> {
        let mut set = timeout_at(call.deadline, self.set.lock())
            .await
            .map_err(|_| {
                AdapterError::new(
                    Trouble::Timeout,
                    "the realm's signing keys were not there in time",
                )
            })?;
        let known = set.by_id.get(id).cloned();
        let is_recent = set.fetched_at.is_some_and(|at| at.elapsed() < MAX_AGE);
        let rests = set
            .missed_at
            .map(|at| SEARCH_PAUSE.saturating_sub(at.elapsed()))
            .filter(|left| !left.is_zero());
        match (known.clone(), rests) {
            (Some(key), _) if is_recent => return Ok(key),
            (None, Some(left)) if is_recent => {
                let words = "the access token is signed with a key that the realm does not publish, and it was looked for a moment ago";
                return Err(AdapterError::new(Trouble::Unavailable, words).after(Some(left)));
            }
            _ => {}
        }
        match self.identity.keys(call).await {
            Ok(by_id) => {
                set.by_id = by_id;
                set.fetched_at = Some(Instant::now());
                let found = set.by_id.get(id).cloned();
                set.missed_at = found.is_none().then(Instant::now);
                found.ok_or_else(|| {
                    no_token("it is signed with a key that the realm does not publish")
                })
            }
            Err(error) => {
                tracing::warn!(%error, "The realm's signing keys can't be read; going on with what is known");
                match known {
                    Some(key) => Ok(key),
                    // It names one key only, so it is second choice (§2.1).
                    None => self.identity.realm_key(call).await,
                }
            }
        }
    }
}

fn no_token(why: &str) -> AdapterError {
    AdapterError::new(
        Trouble::AuthFailed,
        format!("the access token is not to be trusted with a write: {why}"),
    )
}

fn words(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSignature => "its signature is not the realm's",
        ErrorKind::InvalidIssuer => "another issuer made it than the setting realm_url names",
        ErrorKind::ExpiredSignature => "it has expired",
        ErrorKind::ImmatureSignature => "it is not valid yet",
        ErrorKind::InvalidAlgorithm => "it is not signed with RS256",
        _ => "its claims are not those of an access token",
    }
}
