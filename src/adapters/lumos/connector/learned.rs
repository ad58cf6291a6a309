//! What listings name by half and only another listing completes: the types of entitlements and of resources, the custom
//! attributes that there are, and when workloads were last active.
//!
//! Each is read whole, page by page, once for a listing run and for the acts of the next minutes, and only names are kept: for
//! 100 000 entitlements some 30 MB and, at 100 to a page, 1000 calls.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::client::Listing;
use super::convert::{self, Thing};
use super::kept::Kept;
use super::types::Types;
use super::{Connector, malformed_listing};
use crate::adapters::contract::{AdapterError, Call};
use crate::domain::{AccountRecord, ExternalKey};

/// A listing run begins with new ones. An act that finds one this old misses at most what was made since.
const KEPT_FOR: Duration = Duration::from_secs(300);

/// Everything that is kept between calls.
pub(super) struct Learned {
    entitlements: Kept<Entitlements>,
    resources: Kept<Resources>,
    attributes: Kept<Attributes>,
    non_human_activity: Kept<LastSeen>,
}

/// Who was last seen when.
pub(super) type LastSeen = HashMap<String, DateTime<Utc>>;

/// The types of resources by the resource's id; `None` where several share it.
type Resources = HashMap<String, Option<String>>;

/// Names of custom attributes with what they are of.
type Attributes = Vec<(String, String)>;

/// The keys of entitlements by what an association names of them.
#[derive(Default)]
pub(super) struct Entitlements(HashMap<Thing, Vec<ExternalKey>>);

impl Entitlements {
    /// Those that an association of this may mean.
    pub(super) fn matching(&self, thing: &Thing) -> &[ExternalKey] {
        self.0.get(thing).map_or(&[], Vec::as_slice)
    }

    /// Adds one by its key.
    pub(super) fn add(&mut self, key: ExternalKey) {
        if let [_, _, resource_id, id] = key.parts().as_slice() {
            let thing = Thing {
                id: id.clone(),
                resource_id: resource_id.clone(),
            };
            let known = self.0.entry(thing).or_default();
            if !known.contains(&key) {
                known.push(key);
            }
        }
    }
}

impl Learned {
    pub(super) fn new() -> Self {
        Self {
            entitlements: Kept::new(KEPT_FOR),
            resources: Kept::new(KEPT_FOR),
            attributes: Kept::new(KEPT_FOR),
            non_human_activity: Kept::new(KEPT_FOR),
        }
    }

    /// A listing of accounts begins.
    pub(super) async fn forget_about_accounts(&self) {
        self.resources.forget().await;
        self.attributes.forget().await;
        self.non_human_activity.forget().await;
    }

    /// A listing of entitlements begins.
    pub(super) async fn forget_attributes(&self) {
        self.attributes.forget().await;
    }

    /// A listing of grants begins.
    pub(super) async fn forget_entitlements(&self) {
        self.entitlements.forget().await;
    }
}

impl Connector {
    /// The entitlements by what associations name.
    pub(super) async fn entitlements(
        &self,
        call: &Call,
    ) -> Result<Arc<Entitlements>, AdapterError> {
        self.learned
            .entitlements
            .get_or(self.read_entitlements(call))
            .await
    }

    async fn read_entitlements(&self, call: &Call) -> Result<Entitlements, AdapterError> {
        let types: Types = self.description(call).await?.types.clone();
        let listing = Listing::entitlements(&[]);
        let mut all = Entitlements::default();
        self.client
            .walk(call, &listing, self.settings.page_size, |item| {
                // The defect is the entitlement listing's to tell; here an association that means it will match nothing.
                if let Ok(record) = convert::entitlement(item, &types) {
                    all.add(record.external_key);
                }
                Ok(())
            })
            .await?;
        Ok(all)
    }

    /// Fills in which resource accounts belong to: they name its id and not its type.
    pub(super) async fn place(
        &self,
        call: &Call,
        records: &mut [AccountRecord],
    ) -> Result<(), AdapterError> {
        let id_of = |record: &AccountRecord| {
            let id = record.raw["resource_id"].as_str();
            id.filter(|id| !id.is_empty()).map(str::to_owned)
        };
        if !records.iter().any(|record| id_of(record).is_some())
            || !self.description(call).await?.has("list_resources")
        {
            return Ok(());
        }
        let resources = self.learned.resources.get_or(self.read_resources(call));
        let resources = resources.await?;
        for record in records {
            record.resource_key = id_of(record).and_then(|id| {
                let kind = resources.get(&id)?.as_ref()?;
                Some(convert::resource_key(kind, &id))
            });
        }
        Ok(())
    }

    async fn read_resources(&self, call: &Call) -> Result<Resources, AdapterError> {
        let mut all = Resources::new();
        self.client
            .walk(
                call,
                &Listing::resources(),
                self.settings.page_size,
                |item| {
                    if let Ok(record) = convert::resource(item)
                        && let [kind, id] = record.external_key.parts().as_slice()
                    {
                        let known = all.entry(id.clone()).or_insert_with(|| Some(kind.clone()));
                        if known.as_ref() != Some(kind) {
                            *known = None;
                        }
                    }
                    Ok(())
                },
            )
            .await?;
        Ok(all)
    }

    /// The names of the custom attributes of `account`, `entitlement` or `non_human_account`: those that the connector lists,
    /// and of accounts those that the connection's setting adds.
    pub(super) async fn attributes_of(
        &self,
        call: &Call,
        what: &str,
    ) -> Result<Vec<String>, AdapterError> {
        let mut names = BTreeSet::new();
        if what == "account" {
            names.extend(self.settings.fetch_attributes.iter().cloned());
        }
        if self
            .description(call)
            .await?
            .has("list_custom_attributes_schema")
        {
            let listed = self.learned.attributes.get_or(self.read_attributes(call));
            let listed = listed.await?;
            let ours = listed.iter().filter(|(of, _)| of == what);
            names.extend(ours.map(|(_, name)| name.clone()));
        }
        Ok(names.into_iter().collect())
    }

    async fn read_attributes(&self, call: &Call) -> Result<Attributes, AdapterError> {
        let listing = Listing::custom_attributes_schema();
        let mut all = Attributes::new();
        self.client
            .walk(call, &listing, self.settings.page_size, |item| {
                let (of, name) = convert::custom_attribute(item).map_err(|why| {
                    // Left out it would seem as if every account had lost it.
                    malformed_listing("list_custom_attributes_schema", &why)
                })?;
                all.push((of, name));
                Ok(())
            })
            .await?;
        Ok(all)
    }

    /// When workloads were last active, by id; empty where the connector does not tell.
    pub(super) async fn non_human_activity(
        &self,
        call: &Call,
    ) -> Result<Arc<LastSeen>, AdapterError> {
        let read = async {
            let mut all = LastSeen::new();
            let description = self.description(call).await?;
            if description.has("get_non_human_account_last_activity") {
                let listing = Listing::non_human_last_activity();
                self.read_last_seen(call, &listing, &mut all).await?;
            }
            Ok(all)
        };
        self.learned.non_human_activity.get_or(read).await
    }

    /// Fills in when these accounts were last used, where the connector tells: a call more for each page of accounts.
    pub(super) async fn last_used(
        &self,
        call: &Call,
        records: &mut [AccountRecord],
    ) -> Result<(), AdapterError> {
        if records.is_empty() || !self.description(call).await?.has("get_last_activity") {
            return Ok(());
        }
        let mut seen = LastSeen::new();
        let ids: Vec<&str> = records.iter().map(|one| one.external_id.as_str()).collect();
        let listing = Listing::last_activity(&ids);
        self.read_last_seen(call, &listing, &mut seen).await?;
        for record in records {
            let last = seen.get(&record.external_id).copied();
            record.last_activity_at = record.last_activity_at.max(last);
        }
        Ok(())
    }

    async fn read_last_seen(
        &self,
        call: &Call,
        listing: &Listing,
        seen: &mut LastSeen,
    ) -> Result<(), AdapterError> {
        self.client
            .walk(call, listing, self.settings.page_size, |item| {
                if let Some((who, when)) = convert::last_activity(item) {
                    let last = seen.entry(who).or_insert(when);
                    *last = (*last).max(when);
                }
                Ok(())
            })
            .await
    }
}
