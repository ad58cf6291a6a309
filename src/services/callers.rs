//! Who calls, and whether they may.

use std::collections::BTreeSet;

use super::Services;
use crate::domain::{Caller, Connections, Scope};
use crate::error::{Code, Error, Result};
use crate::secrets::{ApiKey, Mac, Purpose};
use crate::store::keys::{self, ApiKeyRow};

/// The caller behind a bearer credential.
///
/// # Errors
/// [`Code::Unauthenticated`] without a word on which part is wrong.
pub async fn authenticate(services: &Services, bearer: &str) -> Result<Caller> {
    let refused = || {
        Error::new(
            Code::Unauthenticated,
            "This API key is not valid: unknown, expired or revoked.",
        )
    };
    let key = ApiKey::parse(bearer).ok_or_else(refused)?;
    let pool = services.store().requests();
    let row = keys::find_live_by_prefix(pool, key.prefix())
        .await?
        .into_iter()
        .find(|row| stored_mac(row).is_some_and(|mac| key.matches(services.keyring(), &mac)))
        .ok_or_else(refused)?;
    // The row says when it was last noted: most requests write nothing.
    let noted = row
        .last_used_at
        .is_some_and(|at| chrono::Utc::now() - at < chrono::TimeDelta::seconds(55));
    if !noted {
        keys::touch(pool, row.id).await?;
    }
    Ok(caller(row))
}

/// Refuses a caller that lacks a scope.
///
/// # Errors
/// [`Code::Forbidden`], naming the scope.
pub fn require(caller: &Caller, scope: Scope) -> Result<()> {
    if !caller.has(scope) {
        return Err(Error::new(
            Code::Forbidden,
            format!("This needs the scope `{scope}`, which your key does not have."),
        ));
    }
    if scope.needs_person() && caller.person.is_none() {
        return Err(Error::new(
            Code::Forbidden,
            format!("`{scope}` is for people; your key is a service's."),
        ));
    }
    Ok(())
}

fn stored_mac(row: &ApiKeyRow) -> Option<Mac> {
    Some(Mac {
        key_id: row.hash_key_id.clone(),
        tag: row.hash.as_slice().try_into().ok()?,
    })
}

fn caller(row: ApiKeyRow) -> Caller {
    let scopes: BTreeSet<Scope> = row
        .scopes
        .iter()
        .filter_map(|word| Scope::parse(word))
        .collect();
    Caller {
        id: row.id,
        name: row.name,
        person: row.person,
        scopes,
        connections: row
            .connection_ids
            .map_or(Connections::All, Connections::Only),
    }
}

/// Keyed hash of a body, for comparing a repeated request with the first.
pub(super) fn body_hmac(services: &Services, body: &[u8]) -> Vec<u8> {
    services
        .keyring()
        .hmac(Purpose::Idempotency, body)
        .tag
        .to_vec()
}

/// Whether a kept hash is this body's, under whichever master key it was made.
pub(super) fn same_body(services: &Services, body: &[u8], kept: &[u8]) -> bool {
    services
        .keyring()
        .hmacs(Purpose::Idempotency, body)
        .any(|mac| mac.tag.as_slice() == kept)
}
