//! Tokens that come of a connection's credentials, kept sealed in one row for all replicas.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::Services;
use crate::adapters::contract::{CellTrouble, CredentialCell, Kept, Lease, Tokens};
use crate::error::Error;
use crate::secrets::{Sealed, SecretError, Vault};
use crate::store::Store;
use crate::store::connections::ConnectionRow;
use crate::store::custody::{self, SealedTokens, TokenPlace, TokenRow};

/// The fields under which the tokens are sealed; no field of credentials has such a name.
const ACCESS: &str = "tokens.access";
const REFRESH: &str = "tokens.refresh";

/// The cell of a connection at this version of its credentials.
pub(super) fn cell(services: &Services, row: &ConnectionRow) -> Arc<dyn CredentialCell> {
    Arc::new(StoredCell {
        store: services.store().clone(),
        vault: services.vault().clone(),
        tasks: services.ledger().tasks(),
        place: TokenPlace {
            connection_id: row.id,
            credentials_version: row.credentials_version,
        },
        // One exchange fits in with room to spare; others wait no longer for one who was killed.
        lease: services.settings().attempt * 2,
    })
}

struct StoredCell {
    store: Store,
    vault: Vault,
    tasks: TaskTracker,
    place: TokenPlace,
    lease: Duration,
}

impl StoredCell {
    fn owner(&self, field: &'static str) -> [String; 2] {
        [self.place.connection_id.to_string(), field.to_owned()]
    }

    fn seal(&self, field: &'static str, secret: &SecretString) -> Result<Sealed, CellTrouble> {
        let [id, field] = self.owner(field);
        self.vault
            .seal(&[&id, &field], secret.expose_secret().as_bytes())
            .map_err(unreadable)
    }

    fn open(&self, field: &'static str, sealed: &Sealed) -> Result<SecretString, CellTrouble> {
        let [id, field] = self.owner(field);
        let plain = self
            .vault
            .open(&[&id, &field], sealed)
            .map_err(unreadable)?;
        std::str::from_utf8(&plain)
            .map(SecretString::from)
            .map_err(|_| CellTrouble::Unreadable("no text".to_owned()))
    }

    fn tokens(&self, sealed: &SealedTokens) -> Result<Tokens, CellTrouble> {
        let refresh = sealed.refresh.as_ref();
        Ok(Tokens {
            access: self.open(ACCESS, &sealed.access)?,
            due_at: sealed.due_at,
            expires_at: sealed.expires_at,
            refresh: refresh
                .map(|sealed| self.open(REFRESH, sealed))
                .transpose()?,
        })
    }
}

#[async_trait]
impl CredentialCell for StoredCell {
    async fn load(&self) -> Result<Kept, CellTrouble> {
        let row = custody::load(self.store.background(), self.place)
            .await
            .map_err(unreachable)?;
        let TokenRow {
            version,
            tokens,
            dead_reason,
        } = row.ok_or(CellTrouble::Replaced)?;
        Ok(Kept {
            version,
            tokens: tokens.map(|sealed| self.tokens(&sealed)).transpose()?,
            dead: dead_reason,
        })
    }

    async fn lease(&self, seen: i64) -> Result<Option<Lease>, CellTrouble> {
        let holder = Uuid::new_v4();
        let seconds = self.lease.as_secs_f64();
        let pool = self.store.background();
        let taken = custody::lease(pool, self.place, seen, holder, seconds)
            .await
            .map_err(unreachable)?;
        Ok(taken.then_some(Lease(holder)))
    }

    async fn release(&self, Lease(holder): Lease) -> Result<(), CellTrouble> {
        custody::release(self.store.background(), self.place, holder)
            .await
            .map_err(unreachable)
    }

    async fn swap(&self, seen: i64, tokens: &Tokens) -> Result<Option<i64>, CellTrouble> {
        let refresh = tokens.refresh.as_ref();
        let sealed = SealedTokens {
            access: self.seal(ACCESS, &tokens.access)?,
            due_at: tokens.due_at,
            expires_at: tokens.expires_at,
            refresh: refresh.map(|token| self.seal(REFRESH, token)).transpose()?,
        };
        custody::swap(self.store.background(), self.place, seen, sealed)
            .await
            .map_err(unreachable)
    }

    async fn bury(&self, seen: i64, reason: &str) -> Result<bool, CellTrouble> {
        custody::bury(self.store.background(), self.place, seen, reason)
            .await
            .map_err(unreachable)
    }

    fn carry(&self, work: BoxFuture<'static, ()>) {
        self.tasks.spawn(work);
    }
}

fn unreachable(error: Error) -> CellTrouble {
    if error.is_retryable() {
        CellTrouble::Unreachable
    } else {
        CellTrouble::Unreadable(error.internal.unwrap_or(error.detail))
    }
}

fn unreadable(error: SecretError) -> CellTrouble {
    CellTrouble::Unreadable(error.to_string())
}
