//! The ids of the tenant's roles by name, kept for a few minutes (§7).

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use uuid::Uuid;

use super::client::Client;
use super::settings::MAX_PAGE_SIZE;
use super::walk::walk;
use super::wire::RoleWord;
use crate::adapters::contract::{AdapterError, Call};

/// The vendor's documents ask for no more.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// What was read last. Locked over a reading, so that all who wait share it.
#[derive(Default)]
pub(super) struct Roles(Mutex<Option<Read>>);

struct Read {
    at: Instant,
    ids: BTreeMap<String, Uuid>,
}

impl Roles {
    /// The id of the role with this name; the names of those that there are when there is none. A name that is not among
    /// the roles in hand may be a new one's: then they are read again.
    pub(super) async fn id(
        &self,
        client: &Client,
        call: &Call,
        name: &str,
    ) -> Result<Result<Uuid, String>, AdapterError> {
        self.look(client, call, |ids| ids.get(name).copied()).await
    }

    /// The name of the role with this id; the names of those that there are when there is none.
    pub(super) async fn name(
        &self,
        client: &Client,
        call: &Call,
        id: Uuid,
    ) -> Result<Result<String, String>, AdapterError> {
        let named = |ids: &BTreeMap<String, Uuid>| {
            let mut ids = ids.iter();
            ids.find_map(|(name, known)| (*known == id).then(|| name.clone()))
        };
        self.look(client, call, named).await
    }

    async fn look<T>(
        &self,
        client: &Client,
        call: &Call,
        find: impl Fn(&BTreeMap<String, Uuid>) -> Option<T>,
    ) -> Result<Result<T, String>, AdapterError> {
        let mut read = self.0.lock().await;
        let in_hand = read.as_ref().filter(|read| read.at.elapsed() < MAX_AGE);
        if let Some(found) = in_hand.and_then(|read| find(&read.ids)) {
            return Ok(Ok(found));
        }
        let ids = read_all(client, call).await?;
        let found = find(&ids).ok_or_else(|| {
            let known: Vec<&str> = ids.keys().map(String::as_str).collect();
            known.join(", ")
        });
        *read = Some(Read {
            at: Instant::now(),
            ids,
        });
        Ok(found)
    }
}

async fn read_all(client: &Client, call: &Call) -> Result<BTreeMap<String, Uuid>, AdapterError> {
    let mut ids = BTreeMap::new();
    walk(
        |page| client.list_roles(call, page, MAX_PAGE_SIZE),
        |raw| {
            if let Ok(RoleWord {
                id: Some(id),
                name: Some(name),
            }) = RoleWord::deserialize(raw)
                && let Ok(id) = Uuid::parse_str(&id)
            {
                ids.insert(name, id);
            }
            ControlFlow::Continue(())
        },
    )
    .await?;
    Ok(ids)
}
