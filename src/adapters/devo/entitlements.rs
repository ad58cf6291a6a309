//! Listing and reading domains and their roles.

use async_trait::async_trait;

use super::domains::Domains;
use super::reach::Reach;
use super::roles::{self, Roles};
use super::{Api, convert};
use crate::adapters::contract::{
    AdapterError, Call, ListsEntitlements, ListsResources, Page, PageRequest, ReadsEntitlements,
    ReadsResources, Trouble,
};
use crate::domain::{EntitlementRecord, ExternalKey, ResourceRecord};

#[async_trait]
impl ListsResources for Api {
    /// Devo has no pages (§3): the first is the only one.
    async fn list_resources(
        &self,
        call: &Call,
        _page: &PageRequest,
    ) -> Result<Page<ResourceRecord>, AdapterError> {
        let Domains { known, defects } = match &self.settings.reach {
            Reach::Multitenant(_) => self.domains(call).await?,
            Reach::Domain(name) => {
                let only = self.domain(name).read(call).await?;
                return Ok(whole(only.into_iter().collect(), Vec::new()));
            }
        };
        Ok(whole(known.into_values().collect(), defects))
    }
}

#[async_trait]
impl ReadsResources for Api {
    async fn find_resource(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<ResourceRecord>, AdapterError> {
        let name = self.covered(convert::domain(key))?;
        self.domain(&name).read(call).await
    }
}

#[async_trait]
impl ListsEntitlements for Api {
    async fn list_entitlements(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<EntitlementRecord>, AdapterError> {
        let mut walk = self.walk(call, page).await?;
        while let Some(name) = walk.next_domain() {
            let roles = self.domain(&name).roles(call).await;
            walk.add(&name, roles.map(|roles| records(roles, &name)))?;
        }
        Ok(walk.page())
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
        let name = self.covered(roles::domain(key))?;
        let Some(roles) = self.domain(&name).roles(call).await? else {
            return Ok(None);
        };
        if *key == roles::owner_key(&name) {
            return Ok(Some(roles::owner(&name)));
        }
        match roles.with_key(key) {
            Some(role) => Ok(Some(role.clone().record(&name))),
            None => roles.lacks().map(|()| None),
        }
    }
}

impl Roles {
    /// That a role is not among these proves that it is gone, unless one of them could not be read.
    pub(super) fn lacks(&self) -> Result<(), AdapterError> {
        match self.defects.first() {
            None => Ok(()),
            Some(defect) => Err(AdapterError::new(
                Trouble::Malformed,
                format!("Devo's list of roles can't be used: {defect}"),
            )),
        }
    }
}

impl Api {
    /// The domain that a key names, if the connection covers it.
    fn covered(&self, domain: Option<String>) -> Result<String, AdapterError> {
        let reach = &self.settings.reach;
        let covered = domain.filter(|domain| reach.covers(domain));
        covered.ok_or_else(|| {
            let words = format!("the key is of nothing in {reach}");
            AdapterError::new(Trouble::Invalid, words)
        })
    }
}

/// The roles of a domain as entitlements, and beside them that of its owner; nothing of one that is gone.
fn records(roles: Option<Roles>, domain: &str) -> Page<EntitlementRecord> {
    let Some(Roles { known, defects }) = roles else {
        return whole(Vec::new(), Vec::new());
    };
    let listed = known.into_iter().map(|role| role.record(domain));
    whole(listed.chain([roles::owner(domain)]).collect(), defects)
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
