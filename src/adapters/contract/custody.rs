//! Where a connection keeps the tokens that it lives by, so that all replicas live by the same ones.
//!
//! An OAuth refresh token may be good for one use only. Whoever uses it holds the lease, saves what came of it by
//! compare-and-swap, and only then uses the new access token. The lease spares the vendor needless requests; what is right
//! rests on the swap alone.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use uuid::Uuid;

/// What an identity provider issued.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// Shown to the vendor's API.
    pub access: SecretString,
    /// When it should be renewed.
    pub due_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Buys the next one; `None` where the login itself can be repeated.
    pub refresh: Option<SecretString>,
}

/// What a cell holds.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Counts what was saved; 0: nothing yet, the connection's credentials are all there is.
    pub version: i64,
    /// What was saved last.
    pub tokens: Option<Tokens>,
    /// Why the credentials are of no use any more, in words for the caller. Only new credentials help.
    pub dead: Option<String>,
}

/// The right to renew, for a bounded time. It ends by itself, should its holder be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease(pub Uuid);

/// Why a cell can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellTrouble {
    /// The database can't be reached now.
    #[error("the gateway's database can't be reached")]
    Unreachable,
    /// The credentials were replaced: these here are of the past.
    #[error("the credentials of the connection were replaced just now")]
    Replaced,
    /// What is kept can't be read. The words are for the log.
    #[error("the tokens that are kept can't be read: {0}")]
    Unreadable(String),
}

/// One connection's tokens, shared by all replicas.
#[async_trait]
pub trait CredentialCell: Send + Sync {
    /// What it holds now.
    async fn load(&self) -> Result<Kept, CellTrouble>;

    /// Takes the right to renew what was seen at `seen`; `None` when another has it, or something was saved since.
    async fn lease(&self, seen: i64) -> Result<Option<Lease>, CellTrouble>;

    /// Gives the right back before its time.
    async fn release(&self, lease: Lease) -> Result<(), CellTrouble>;

    /// Saves tokens over what was seen at `seen`, alive or declared dead meanwhile; the new version, or `None` when
    /// another saved first.
    async fn swap(&self, seen: i64, tokens: &Tokens) -> Result<Option<i64>, CellTrouble>;

    /// Declares the credentials of no use, unless something was saved since `seen`; whether that is so now.
    async fn bury(&self, seen: i64, reason: &str) -> Result<bool, CellTrouble>;

    /// Does work that must not end because a caller went away; a replica that stops waits for it.
    fn carry(&self, work: BoxFuture<'static, ()>);
}

/// A cell that lasts as long as its process: for adapters that are built to be looked at, and for tests.
#[derive(Debug, Default)]
pub struct MemoryCell(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    kept: Kept,
    lease: Option<Lease>,
}

impl MemoryCell {
    /// An empty one.
    pub fn empty() -> Arc<dyn CredentialCell> {
        Arc::new(Self::default())
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl CredentialCell for MemoryCell {
    async fn load(&self) -> Result<Kept, CellTrouble> {
        Ok(self.held().kept.clone())
    }

    async fn lease(&self, seen: i64) -> Result<Option<Lease>, CellTrouble> {
        let mut held = self.held();
        if held.lease.is_some() || held.kept.version != seen {
            return Ok(None);
        }
        held.lease = Some(Lease(Uuid::new_v4()));
        Ok(held.lease)
    }

    async fn release(&self, lease: Lease) -> Result<(), CellTrouble> {
        let mut held = self.held();
        if held.lease == Some(lease) {
            held.lease = None;
        }
        Ok(())
    }

    async fn swap(&self, seen: i64, tokens: &Tokens) -> Result<Option<i64>, CellTrouble> {
        let mut held = self.held();
        if held.kept.version != seen {
            return Ok(None);
        }
        held.kept = Kept {
            version: seen + 1,
            tokens: Some(tokens.clone()),
            dead: None,
        };
        held.lease = None;
        Ok(Some(seen + 1))
    }

    async fn bury(&self, seen: i64, reason: &str) -> Result<bool, CellTrouble> {
        let mut held = self.held();
        if held.kept.version == seen {
            held.kept.dead = Some(reason.to_owned());
        }
        Ok(held.kept.dead.is_some())
    }

    fn carry(&self, work: BoxFuture<'static, ()>) {
        tokio::spawn(work);
    }
}
