//! The ids of the tenant's roles by name, kept for a few minutes (§7).

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::client::Client;
use super::settings::MAX_PAGE_SIZE;
use super::walk::walk;
use super::wire::Role;
use crate::adapters::contract::{AdapterError, Call, Trouble};

/// The vendor's documents ask for no more.
const MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// What was read last. Locked over a reading, so that all who wait share it.
#[derive(Default)]
pub(super) struct Roles(Mutex<Option<Read>>);

struct Read {
    at: Instant,
    ids: BTreeMap<String, String>,
}

impl Roles {
    /// The id of the role with this name. A name that is not among the roles in hand may be a new one's: then they are read
    /// again.
    ///
    /// # Errors
    /// What the vendor says; [`Trouble::Rejected`] when the tenant has no such role.
    pub(super) async fn id(
        &self,
        client: &Client,
        call: &Call,
        name: &str,
    ) -> Result<String, AdapterError> {
        let mut read = self.0.lock().await;
        let in_hand = read.as_ref().filter(|read| read.at.elapsed() < MAX_AGE);
        if let Some(id) = in_hand.and_then(|read| read.ids.get(name)) {
            return Ok(id.clone());
        }
        let ids = read_all(client, call).await?;
        let found = ids.get(name).cloned();
        let known: Vec<&str> = ids.keys().map(String::as_str).collect();
        let missing = AdapterError::new(
            Trouble::Rejected,
            format!(
                "the tenant has no role `{name}`, which the setting invite_role names; it has {}",
                known.join(", ")
            ),
        );
        *read = Some(Read {
            at: Instant::now(),
            ids,
        });
        found.ok_or(missing)
    }
}

async fn read_all(client: &Client, call: &Call) -> Result<BTreeMap<String, String>, AdapterError> {
    let mut ids = BTreeMap::new();
    walk(
        |page| client.list_roles(call, page, MAX_PAGE_SIZE),
        |raw| {
            if let Ok(Role {
                id: Some(id),
                name: Some(name),
            }) = Role::deserialize(raw)
            {
                ids.insert(name, id);
            }
            ControlFlow::Continue(())
        },
    )
    .await?;
    Ok(ids)
}
