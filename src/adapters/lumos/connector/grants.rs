//! Who holds what. An association names no type (contract §B7), so the entitlements say which one is meant; where several
//! are, each is shown, as ambiguous.

use async_trait::async_trait;

use super::client::{Listed, Listing};
use super::convert::{self, Thing};
use super::learned::Entitlements;
use super::read::account_id;
use super::{Connector, malformed_listing};
use crate::adapters::contract::{
    AdapterError, Call, Completeness, ListsGrants, Page, PageRequest, Pair, ReadsGrants, Trouble,
};
use crate::domain::{EntitlementRecord, ExternalKey, GrantRecord};

const OF_ACCOUNT: &str = "get_account_entitlement_associations";
const OF_ALL: &str = "find_entitlement_associations";

#[async_trait]
impl ListsGrants for Connector {
    fn completeness(&self) -> Completeness {
        Completeness::Whole
    }

    async fn list_grants(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<GrantRecord>, AdapterError> {
        if page.cursor.is_none() {
            self.learned.forget_entitlements().await;
        }
        let entitlements = self.entitlements(call).await?;
        let size = self.page_size(page);
        let token = page.cursor.as_deref();
        let listed = self
            .client
            .page(call, &Listing::associations(), token, size)
            .await?;
        Ok(held(&listed, &entitlements))
    }
}

/// The grants that a page of associations names.
pub(super) fn held(listed: &Listed, entitlements: &Entitlements) -> Page<GrantRecord> {
    let mut items = Vec::with_capacity(listed.items.len());
    let mut defects = Vec::new();
    for item in &listed.items {
        let association = match convert::association(item) {
            Ok(association) => association,
            Err(defect) => {
                defects.push(defect);
                continue;
            }
        };
        let matching = entitlements.matching(&association.thing);
        if matching.is_empty() {
            defects.push(format!(
                "somebody holds the entitlement `{}`, which the connector's list of entitlements does not show",
                association.thing.id
            ));
        }
        let account = convert::key(&association.account);
        items.extend(matching.iter().map(|key| GrantRecord {
            ambiguous: matching.len() > 1,
            ..GrantRecord::held(account.clone(), key.clone(), item.clone())
        }));
    }
    Page {
        items,
        next: listed.token.clone(),
        total: None,
        defects,
    }
}

#[async_trait]
impl ReadsGrants for Connector {
    async fn find_grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Option<GrantRecord>, AdapterError> {
        let wanted = Wanted::of(pair)?;
        let held = self.held_by(call, &wanted.account).await?;
        if !held.contains(&wanted.thing) {
            return Ok(None);
        }
        Ok(Some(GrantRecord {
            ambiguous: self.is_ambiguous(call, &wanted).await?,
            ..wanted.grant(pair)
        }))
    }
}

/// A pair in the connector's own words.
pub(super) struct Wanted {
    pub(super) account: String,
    pub(super) kind: String,
    pub(super) resource_type: String,
    pub(super) thing: Thing,
    key: ExternalKey,
}

impl Wanted {
    /// [`Trouble::Unsupported`] for an account that associations do not speak of.
    pub(super) fn of(pair: Pair<'_>) -> Result<Self, AdapterError> {
        let account =
            account_id(&pair.account.external_key).map_err(|error| error.at("/account_id"))?;
        let key = &pair.entitlement.external_key;
        let Ok([kind, resource_type, resource_id, id]) = <[String; 4]>::try_from(key.parts())
        else {
            return Err(AdapterError::invalid(
                "/entitlement_id",
                "the entitlement's key was not made by this connector",
            ));
        };
        Ok(Self {
            account,
            kind,
            resource_type,
            thing: Thing { id, resource_id },
            key: key.clone(),
        })
    }

    /// The grant, for certain.
    pub(super) fn grant(&self, pair: Pair<'_>) -> GrantRecord {
        let raw = serde_json::json!({
            "account_id": self.account,
            "integration_specific_entitlement_id": self.thing.id,
            "integration_specific_resource_id": self.thing.resource_id
        });
        GrantRecord::held(pair.account.external_key.clone(), self.key.clone(), raw)
    }
}

impl Connector {
    /// What an account holds, as associations name it. An account that is proven gone holds nothing.
    pub(super) async fn held_by(
        &self,
        call: &Call,
        account: &str,
    ) -> Result<Vec<Thing>, AdapterError> {
        if !self.description(call).await?.lacks(OF_ACCOUNT) {
            match self
                .associations(
                    call,
                    &Listing::associations_of(account),
                    account,
                    OF_ACCOUNT,
                )
                .await
            {
                Ok(held) => return Ok(held),
                // Nobody said that the connector lacks it until it was asked.
                Err(error) if error.trouble == Trouble::Unsupported => {}
                Err(error) => {
                    self.confirm_gone(call, error).await?;
                    return Ok(Vec::new());
                }
            }
        }
        self.associations(call, &Listing::associations(), account, OF_ALL)
            .await
    }

    /// The account's own out of a whole listing, of which nothing else is kept.
    async fn associations(
        &self,
        call: &Call,
        listing: &Listing,
        account: &str,
        capability: &str,
    ) -> Result<Vec<Thing>, AdapterError> {
        let mut held = Vec::new();
        self.client
            .walk(call, listing, self.settings.page_size, |item| {
                // One that can't be read may be the one that matters.
                let association = convert::association(item)
                    .map_err(|defect| malformed_listing(capability, &defect))?;
                if association.account == account && !held.contains(&association.thing) {
                    held.push(association.thing);
                }
                Ok(())
            })
            .await?;
        Ok(held)
    }

    /// Whether an association that reads like the wanted grant may mean another one.
    pub(super) async fn is_ambiguous(
        &self,
        call: &Call,
        wanted: &Wanted,
    ) -> Result<bool, AdapterError> {
        let entitlements = self.entitlements(call).await?;
        let mut matching = entitlements.matching(&wanted.thing).iter();
        Ok(matching.any(|key| *key != wanted.key))
    }

    /// The ids of what the account may hold of the entitlement's type, but for what reads like `except`.
    pub(super) async fn of_type(
        &self,
        call: &Call,
        entitlement: &EntitlementRecord,
        held: &[Thing],
        except: Option<&Thing>,
    ) -> Result<Vec<String>, AdapterError> {
        let kind = super::limits::kind_of(&entitlement.external_key);
        let entitlements = self.entitlements(call).await?;
        let is_of_type = |thing: &&Thing| {
            let mut matching = entitlements.matching(thing).iter();
            Some(*thing) != except && matching.any(|key| super::limits::kind_of(key) == kind)
        };
        let counted = held.iter().filter(is_of_type);
        Ok(counted.map(|thing| thing.id.clone()).collect())
    }
}
