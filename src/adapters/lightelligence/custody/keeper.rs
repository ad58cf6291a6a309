//! One renewal at a time, whoever asks: first among the callers of this replica, then among all replicas.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use futures_util::future::{BoxFuture, FutureExt, Shared};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use super::identity::Identity;
use super::keys::Keys;
use super::login::{Grant, Login, tokens};
use super::token::{Age, Token};
use super::trouble::{cell, dead};
use crate::adapters::contract::{
    AdapterError, Call, CellTrouble, CredentialCell, Kept, Tokens, Trouble,
};
use crate::adapters::lightelligence::judge::{is_invalid_grant, is_refused_request};
use crate::adapters::lightelligence::settings::Settings;
use crate::adapters::vendor::{BuildError, Parts};

/// How long a renewal goes on in all before its callers are told.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the identity provider is asked in one renewal.
const TRIES: u32 = 4;
/// The wait before it is asked again; doubles from there.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// How often it is looked whether the replica that renews is done.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long a renewal that the API asked for is not repeated at its asking: a second 401 is about something else.
const REFUSAL_PAUSE: Duration = Duration::from_secs(30);

/// Keeps one connection's access token good. Cheap to clone.
#[derive(Clone)]
pub(in super::super) struct Keeper(Arc<Inner>);

struct Inner {
    login: Login,
    tenant: Uuid,
    identity: Arc<Identity>,
    keys: Keys,
    cell: Arc<dyn CredentialCell>,
    current: Mutex<Option<Arc<Token>>>,
    renewal: Mutex<Option<Renewal>>,
    /// The saving whose token is not for our tenant although we asked for that.
    misdirected: Mutex<Option<i64>>,
}

/// What all who wait for one renewal get.
type Renewal = Shared<BoxFuture<'static, Result<Arc<Token>, AdapterError>>>;

impl Keeper {
    pub(in super::super) fn new(parts: &Parts, settings: &Settings) -> Result<Self, BuildError> {
        let login = Login::new(&parts.credentials)?;
        let identity = Arc::new(Identity::new(parts, settings, &login));
        Ok(Self(Arc::new(Inner {
            login,
            tenant: settings.tenant_id,
            keys: Keys::new(Arc::clone(&identity)),
            identity,
            cell: Arc::clone(&parts.cell),
            current: Mutex::default(),
            renewal: Mutex::default(),
            misdirected: Mutex::default(),
        })))
    }

    /// A token for our tenant. While the one in hand is fresh this asks nobody.
    ///
    /// # Errors
    /// What the identity provider or the cell says; [`Trouble::Timeout`] at the call's deadline.
    pub(in super::super) async fn token(&self, call: &Call) -> Result<Arc<Token>, AdapterError> {
        let token = self.any(call, None).await?;
        let Some(claims) = &token.claims else {
            return Ok(token);
        };
        if claims.is_for(self.0.tenant) {
            return Ok(token);
        }
        // It may come from a login in another tenant: a renewal names ours. Once, for it may be refused us.
        if *lock(&self.0.misdirected) == Some(token.version) {
            return Err(self.misdirected(&token));
        }
        let other = self.any(call, Some(token.version)).await?;
        match &other.claims {
            Some(claims) if !claims.is_for(self.0.tenant) => {
                *lock(&self.0.misdirected) = Some(other.version);
                Err(self.misdirected(&other))
            }
            _ => Ok(other),
        }
    }

    /// A token for a write: for our tenant, and proven to be the realm's.
    ///
    /// # Errors
    /// As [`Keeper::token`]; [`Trouble::AuthFailed`] when the token is not to be trusted.
    pub(in super::super) async fn token_for_write(
        &self,
        call: &Call,
    ) -> Result<Arc<Token>, AdapterError> {
        let token = self.token(call).await?;
        self.0.keys.prove(call, &token).await?;
        Ok(token)
    }

    /// Another token than the one that the API has refused with this error: one that was saved since, or a new one.
    ///
    /// # Errors
    /// As [`Keeper::token`]; the refusal itself when the refused token is the answer to a refusal already.
    pub(in super::super) async fn other_than(
        &self,
        call: &Call,
        refused: &Token,
        refusal: AdapterError,
    ) -> Result<Arc<Token>, AdapterError> {
        let is_vain = refused
            .after_refusal
            .is_some_and(|at| at.elapsed() < REFUSAL_PAUSE);
        if is_vain {
            return Err(refusal);
        }
        self.any(call, Some(refused.version)).await
    }

    /// Whether the token in hand is for another tenant, although ours was asked for.
    pub(in super::super) fn is_misdirected(&self) -> bool {
        let in_hand = lock(&self.0.current).as_ref().map(|token| token.version);
        in_hand.is_some() && *lock(&self.0.misdirected) == in_hand
    }

    /// A token that is not this one.
    async fn any(&self, call: &Call, refused: Option<i64>) -> Result<Arc<Token>, AdapterError> {
        let in_hand = lock(&self.0.current).clone();
        if let Some(token) = in_hand.filter(|token| Some(token.version) != refused) {
            match token.age(Utc::now()) {
                Age::Fresh => return Ok(token),
                Age::Due => {
                    // Goes on by itself; nobody waits while the old one is good.
                    drop(self.renewal(None));
                    return Ok(token);
                }
                Age::Ended => {}
            }
        }
        loop {
            let renewed = timeout_at(call.deadline, self.renewal(refused))
                .await
                .map_err(|_| {
                    AdapterError::new(
                        Trouble::Timeout,
                        "the identity provider gave no access token in time",
                    )
                })??;
            // A renewal that was under way already knew nothing of the refusal.
            if Some(renewed.version) != refused {
                return Ok(renewed);
            }
        }
    }

    /// The renewal that is under way, or a new one. It is carried by the cell: it must not end because a caller goes away, for
    /// the answer to a one-time token comes once.
    fn renewal(&self, refused: Option<i64>) -> Renewal {
        let mut slot = lock(&self.0.renewal);
        if let Some(renewal) = slot.as_ref() {
            return renewal.clone();
        }
        let (tell, told) = oneshot::channel();
        let inner = Arc::clone(&self.0);
        let work = async move {
            let done = Done(&inner);
            let outcome = inner.renew(refused).await;
            drop(done);
            // All who waited may have gone.
            let _ = tell.send(outcome);
        };
        let renewal = async move {
            told.await.unwrap_or_else(|_| {
                let words = "the renewal of the access token was cut short";
                Err(AdapterError::new(Trouble::Unavailable, words))
            })
        };
        let renewal = renewal.boxed().shared();
        *slot = Some(renewal.clone());
        self.0.cell.carry(Box::pin(work));
        renewal
    }

    fn misdirected(&self, token: &Token) -> AdapterError {
        let named = token
            .claims
            .as_ref()
            .map_or("none", |claims| claims.tenant());
        AdapterError::new(
            Trouble::AuthFailed,
            format!(
                "the access token is for the tenant {named}, not for {}, and asking for that one did not help: \
                 check the setting tenant_id, or log in as a user of that tenant and PATCH credentials",
                self.0.tenant
            ),
        )
    }
}

/// Makes room for the next renewal, however this one ends.
struct Done<'a>(&'a Inner);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        *lock(&self.0.renewal) = None;
    }
}

impl Inner {
    async fn renew(&self, refused: Option<i64>) -> Result<Arc<Token>, AdapterError> {
        let end = Instant::now() + PATIENCE;
        let mut tries = 0;
        loop {
            let kept = self.cell.load().await.map_err(cell)?;
            if let Some(reason) = &kept.dead {
                return Err(self.end(reason));
            }
            // What was saved last; a token that is only due is better than none, should the renewal fail.
            let saved = self.adopt(&kept, refused)?;
            if let Some((token, Age::Fresh)) = &saved {
                return Ok(Arc::clone(token));
            }
            let failed = |error: AdapterError| match &saved {
                Some((token, _)) if error.trouble.is_passing() => Ok(Arc::clone(token)),
                _ => Err(error),
            };
            let wait = match self.cell.lease(kept.version).await.map_err(cell)? {
                // Another replica is at it: what it saves is for us as well.
                None => LOOK_EVERY,
                Some(lease) => {
                    tries += 1;
                    let outcome = self.exchange(&kept, refused.is_some(), end).await;
                    if outcome.is_err() {
                        // Not given back, it ends by itself.
                        let _ = self.cell.release(lease).await;
                    }
                    match outcome {
                        Ok(Some(token)) => return Ok(token),
                        Ok(None) => continue,
                        Err(error) if !error.trouble.is_passing() || tries >= TRIES => {
                            return failed(error);
                        }
                        Err(error) => {
                            let pause = FIRST_PAUSE * 2u32.pow(tries - 1);
                            let wait = error.retry_after.unwrap_or_default().max(pause);
                            if Instant::now() + wait >= end {
                                return failed(error);
                            }
                            wait
                        }
                    }
                }
            };
            if Instant::now() + wait >= end {
                let words = "another replica renews the access token and is not done yet";
                let error = AdapterError::new(Trouble::Unavailable, words);
                return failed(error.after(Some(Duration::from_secs(1))));
            }
            sleep(wait).await;
        }
    }

    /// What was saved last, if it can be used, as the token in hand.
    fn adopt(
        &self,
        kept: &Kept,
        refused: Option<i64>,
    ) -> Result<Option<(Arc<Token>, Age)>, AdapterError> {
        let Some(tokens) = &kept.tokens else {
            return Ok(None);
        };
        let token = Token::new(kept.version, tokens, None)?;
        let age = token.age(Utc::now());
        if Some(kept.version) == refused || age == Age::Ended {
            return Ok(None);
        }
        *lock(&self.current) = Some(Arc::clone(&token));
        Ok(Some((token, age)))
    }

    /// Buys new tokens and saves them, in this order, before anybody uses them. `None` when another replica was faster: then
    /// what it saved is to be looked at.
    ///
    /// What can't be helped: an identity provider that takes each refresh token once has used ours up when its answer is
    /// lost, or this process is killed, between its deed and our saving. Nobody has the new one then. The next renewal shows
    /// the old one again, which is right in all other cases; if it is refused, the credentials are declared dead, and only a
    /// new login helps.
    async fn exchange(
        &self,
        kept: &Kept,
        after_refusal: bool,
        end: Instant,
    ) -> Result<Option<Arc<Token>>, AdapterError> {
        let grant = match self.login.grant(kept) {
            Ok(grant) => grant,
            Err(reason) => return self.bury(kept, reason.to_owned()).await,
        };
        let asked_at = Utc::now();
        let tenant = grant.takes_tenant().then_some(self.tenant);
        let mut answer = self.identity.token(&self.login, &grant, tenant, end).await;
        if answer.as_ref().is_err_and(is_invalid_grant) {
            let now = self.cell.load().await.map_err(cell)?;
            if now.version != kept.version {
                return Ok(None);
            }
        }
        // The same words are said when the login may not switch to the tenant, and others where the tenant can't be named with
        // this grant (§2.3). Without it the login itself is judged: if that is good, its token's claim tells what is wrong.
        if tenant.is_some() && answer.as_ref().is_err_and(is_refused_request) {
            answer = self.identity.token(&self.login, &grant, None, end).await;
        }
        let issued = match answer {
            Ok(issued) => issued,
            // A client's own login is good again as soon as the identity provider thinks so.
            Err(error) if is_invalid_grant(&error) && !matches!(grant, Grant::Client) => {
                let reason = format!(
                    "its {} is of no use any more: {}",
                    grant.what(),
                    error.message
                );
                return self.bury(kept, reason).await;
            }
            Err(error) => return Err(error),
        };
        let tokens = tokens(issued, &grant, asked_at);
        let token = |version| {
            let after_refusal = after_refusal.then(Instant::now);
            Token::new(version, &tokens, after_refusal)
        };
        // A token that no header can carry is not worth saving.
        token(kept.version)?;
        let Some(version) = self.save(kept.version, &tokens, end).await? else {
            return Ok(None);
        };
        let token = token(version)?;
        *lock(&self.current) = Some(Arc::clone(&token));
        metrics::counter!("upstream_token_renewals_total", "outcome" => "renewed").increment(1);
        tracing::info!(version, "Renewed an access token");
        Ok(Some(token))
    }

    /// Saves what may be the only good refresh token there is: a short outage of the database must not lose it.
    async fn save(
        &self,
        seen: i64,
        tokens: &Tokens,
        end: Instant,
    ) -> Result<Option<i64>, AdapterError> {
        let end = end.max(Instant::now() + PATIENCE / 2);
        loop {
            match self.cell.swap(seen, tokens).await {
                Err(CellTrouble::Unreachable) if Instant::now() + FIRST_PAUSE < end => {
                    sleep(FIRST_PAUSE).await;
                }
                Err(trouble) => {
                    tracing::error!(%trouble, "New tokens could not be saved and are lost");
                    return Err(cell(trouble));
                }
                Ok(saved) => return Ok(saved),
            }
        }
    }

    /// Declares the credentials dead, unless another replica saved something meanwhile.
    async fn bury(&self, kept: &Kept, reason: String) -> Result<Option<Arc<Token>>, AdapterError> {
        if !self.cell.bury(kept.version, &reason).await.map_err(cell)? {
            return Ok(None);
        }
        metrics::counter!("upstream_token_renewals_total", "outcome" => "dead").increment(1);
        tracing::warn!("The credentials of a connection are of no use any more: {reason}");
        Err(self.end(&reason))
    }

    /// The login is over: what is in hand is not shown any more, and the vendor is left alone.
    fn end(&self, reason: &str) -> AdapterError {
        *lock(&self.current) = None;
        dead(reason)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Nothing panics while one is held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
