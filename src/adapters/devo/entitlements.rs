//! Listing and reading the domain and its roles.

use async_trait::async_trait;

use super::roles::{self, Roles};
use super::{Api, convert};
use crate::adapters::contract::{
    AdapterError, Call, ListsEntitlements, ListsResources, Page, PageRequest, ReadsEntitlements,
    ReadsResources, Trouble,
};
use crate::domain::{EntitlementRecord, ExternalKey, ResourceRecord};

#[async_trait]
impl ListsResources for Api {
    /// The domain is the only one.
    async fn list_resources(
        &self,
        call: &Call,
        _page: &PageRequest,
    ) -> Result<Page<ResourceRecord>, AdapterError> {
        Ok(whole(vec![self.domain(call).await?], Vec::new()))
    }
}

#[async_trait]
impl ReadsResources for Api {
    /// Never `None`: were the domain gone, so would be the credentials, and the answer would prove nothing (§2).
    async fn find_resource(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<ResourceRecord>, AdapterError> {
        if *key != convert::domain_key(&self.settings.domain) {
            return Err(AdapterError::new(
                Trouble::Invalid,
                "the key is not of this connection's domain",
            ));
        }
        self.domain(call).await.map(Some)
    }
}

#[async_trait]
impl ListsEntitlements for Api {
    /// Devo has no pages (§3): the first is the only one.
    async fn list_entitlements(
        &self,
        call: &Call,
        _page: &PageRequest,
    ) -> Result<Page<EntitlementRecord>, AdapterError> {
        let Roles { known, defects } = self.roles(call).await?;
        let domain = &self.settings.domain;
        let listed = known.into_iter().map(|role| role.record(domain));
        let items = listed.chain([roles::owner(domain)]).collect();
        Ok(whole(items, defects))
    }
}

#[async_trait]
impl ReadsEntitlements for Api {
    /// By the whole list, which only good credentials get: "role not found" alone proves nothing (§2).
    async fn find_entitlement(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<EntitlementRecord>, AdapterError> {
        let domain = &self.settings.domain;
        if roles::domain(key).as_ref() != Some(domain) {
            return Err(AdapterError::new(
                Trouble::Invalid,
                "the key is not of a role of this connection's domain",
            ));
        }
        let roles = self.roles(call).await?;
        if *key == roles::owner_key(domain) {
            return Ok(Some(roles::owner(domain)));
        }
        match roles.with_key(key) {
            Some(role) => Ok(Some(role.clone().record(domain))),
            None => roles.lacks(key).map(|()| None),
        }
    }
}

impl Roles {
    /// That the role of this key is not among these proves that it is gone, unless one of them could not be read or has lost
    /// its id.
    pub(super) fn lacks(&self, key: &ExternalKey) -> Result<(), AdapterError> {
        let unusable = |why: &str| {
            let words = format!("Devo's list of roles can't be used: {why}");
            Err(AdapterError::new(Trouble::Malformed, words))
        };
        match self.defects.first() {
            Some(defect) => unusable(defect),
            None if self.may_hide(key) => {
                unusable("one has no id, and may be the one that is looked for")
            }
            None => Ok(()),
        }
    }
}

impl Api {
    async fn domain(&self, call: &Call) -> Result<ResourceRecord, AdapterError> {
        let raw = self.client.domain(call).await;
        let raw = raw.map_err(|error| self.not_the_domain(error))?;
        convert::resource(raw, &self.settings.domain).map_err(|defect| {
            let words = format!("Devo's domain can't be used: {defect}");
            AdapterError::new(Trouble::Malformed, words)
        })
    }

    /// The roles of the domain.
    pub(super) async fn roles(&self, call: &Call) -> Result<Roles, AdapterError> {
        let listed = self.client.roles(call).await;
        let listed = listed.map_err(|error| self.not_the_domain(error))?;
        Ok(Roles::read(listed, &self.settings.domain))
    }
}

/// A listing that is one page.
pub(super) fn whole<T>(items: Vec<T>, defects: Vec<String>) -> Page<T> {
    let total = (items.len() + defects.len()) as u64;
    Page {
        items,
        next: None,
        total: Some(total),
        defects,
    }
}
