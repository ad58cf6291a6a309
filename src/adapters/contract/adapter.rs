//! The slots that an adapter fills. What it can do is computed from them and from nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::{
    ActivatesAccounts, AdapterError, Call, CreatesAccounts, DeactivatesAccounts, DeletesAccounts,
    FindsSuccessors, Forwards, GrantsEntitlements, ListsAccounts, ListsActivity, ListsEntitlements,
    ListsGrants, ListsResources, ReadsAccounts, ReadsEntitlements, ReadsGrants, ReadsResources,
    ReplacesGrants, RevokesEntitlements, UpdatesAccounts, UpdatesEntitlements, UpdatesManyAccounts,
};
use crate::domain::Capability;

/// One thing that a check found wrong, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable word: `unreachable`, `auth_failed`, `wrong_tenant`, `capability_missing` …
    pub code: String,
    /// In plain words, without secrets.
    pub detail: String,
    /// Whether the connection can't be used because of it.
    pub fatal: bool,
}

/// What a check saw.
#[derive(Clone, Debug, Default)]
pub struct CheckReport {
    /// What it found; none is best.
    pub findings: Vec<Finding>,
    /// What this connection can do of what its variant can; `None`: all of it.
    pub capabilities: Option<BTreeSet<Capability>>,
    /// JSON Schema of `attributes` when an account is created, where the connection has one of its own.
    pub create_attributes_schema: Option<Value>,
}

/// Every adapter can say whether its connection works.
#[async_trait]
pub trait Checks: Send + Sync {
    /// Asks the vendor; an error means that nothing could be learned.
    async fn check(&self, call: &Call) -> Result<CheckReport, AdapterError>;
}

/// One connection's vendor, as far as it is implemented.
#[derive(Clone)]
pub struct Adapter {
    checks: Arc<dyn Checks>,
    lists_accounts: Option<Arc<dyn ListsAccounts>>,
    reads_accounts: Option<Arc<dyn ReadsAccounts>>,
    creates_accounts: Option<Arc<dyn CreatesAccounts>>,
    updates_accounts: Option<Arc<dyn UpdatesAccounts>>,
    updates_many_accounts: Option<Arc<dyn UpdatesManyAccounts>>,
    deletes_accounts: Option<Arc<dyn DeletesAccounts>>,
    activates_accounts: Option<Arc<dyn ActivatesAccounts>>,
    deactivates_accounts: Option<Arc<dyn DeactivatesAccounts>>,
    finds_successors: Option<Arc<dyn FindsSuccessors>>,
    lists_resources: Option<Arc<dyn ListsResources>>,
    reads_resources: Option<Arc<dyn ReadsResources>>,
    lists_entitlements: Option<Arc<dyn ListsEntitlements>>,
    reads_entitlements: Option<Arc<dyn ReadsEntitlements>>,
    updates_entitlements: Option<Arc<dyn UpdatesEntitlements>>,
    lists_grants: Option<Arc<dyn ListsGrants>>,
    reads_grants: Option<Arc<dyn ReadsGrants>>,
    grants_entitlements: Option<Arc<dyn GrantsEntitlements>>,
    revokes_entitlements: Option<Arc<dyn RevokesEntitlements>>,
    replaces_grants: Option<Arc<dyn ReplacesGrants>>,
    lists_activity: Option<Arc<dyn ListsActivity>>,
    forwards: Option<Arc<dyn Forwards>>,
}

impl Adapter {
    /// An adapter that can be checked and nothing else yet.
    pub fn new(checks: Arc<dyn Checks>) -> Self {
        Self {
            checks,
            lists_accounts: None,
            reads_accounts: None,
            creates_accounts: None,
            updates_accounts: None,
            updates_many_accounts: None,
            deletes_accounts: None,
            activates_accounts: None,
            deactivates_accounts: None,
            finds_successors: None,
            lists_resources: None,
            reads_resources: None,
            lists_entitlements: None,
            reads_entitlements: None,
            updates_entitlements: None,
            lists_grants: None,
            reads_grants: None,
            grants_entitlements: None,
            revokes_entitlements: None,
            replaces_grants: None,
            lists_activity: None,
            forwards: None,
        }
    }

    /// Fills the slot.
    #[must_use]
    pub fn lists_accounts(mut self, api: Arc<dyn ListsAccounts>) -> Self {
        self.lists_accounts = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn reads_accounts(mut self, api: Arc<dyn ReadsAccounts>) -> Self {
        self.reads_accounts = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn creates_accounts(mut self, api: Arc<dyn CreatesAccounts>) -> Self {
        self.creates_accounts = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn updates_accounts(mut self, api: Arc<dyn UpdatesAccounts>) -> Self {
        self.updates_accounts = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn updates_many_accounts(mut self, api: Arc<dyn UpdatesManyAccounts>) -> Self {
        self.updates_many_accounts = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn deletes_accounts(mut self, api: Arc<dyn DeletesAccounts>) -> Self {
        self.deletes_accounts = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn activates_accounts(mut self, api: Arc<dyn ActivatesAccounts>) -> Self {
        self.activates_accounts = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn deactivates_accounts(mut self, api: Arc<dyn DeactivatesAccounts>) -> Self {
        self.deactivates_accounts = Some(api);
        self
    }

    /// Fills the slot. It is no capability of its own: it makes reading whole where accounts turn into others.
    #[must_use]
    pub fn finds_successors(mut self, api: Arc<dyn FindsSuccessors>) -> Self {
        self.finds_successors = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn lists_resources(mut self, api: Arc<dyn ListsResources>) -> Self {
        self.lists_resources = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn reads_resources(mut self, api: Arc<dyn ReadsResources>) -> Self {
        self.reads_resources = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn lists_entitlements(mut self, api: Arc<dyn ListsEntitlements>) -> Self {
        self.lists_entitlements = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn reads_entitlements(mut self, api: Arc<dyn ReadsEntitlements>) -> Self {
        self.reads_entitlements = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn updates_entitlements(mut self, api: Arc<dyn UpdatesEntitlements>) -> Self {
        self.updates_entitlements = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn lists_grants(mut self, api: Arc<dyn ListsGrants>) -> Self {
        self.lists_grants = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn reads_grants(mut self, api: Arc<dyn ReadsGrants>) -> Self {
        self.reads_grants = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn grants_entitlements(mut self, api: Arc<dyn GrantsEntitlements>) -> Self {
        self.grants_entitlements = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn revokes_entitlements(mut self, api: Arc<dyn RevokesEntitlements>) -> Self {
        self.revokes_entitlements = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn replaces_grants(mut self, api: Arc<dyn ReplacesGrants>) -> Self {
        self.replaces_grants = Some(api);
        self
    }

    /// Fills the slot.
    #[must_use]
    pub fn lists_activity(mut self, api: Arc<dyn ListsActivity>) -> Self {
        self.lists_activity = Some(api);
        self
    }

    /// Fills the slot. It is no capability of its own: what can be passed through is what the catalogue lists.
    #[must_use]
    pub fn forwards(mut self, api: Arc<dyn Forwards>) -> Self {
        self.forwards = Some(api);
        self
    }

    /// The slot for checks.
    pub fn checker(&self) -> &Arc<dyn Checks> {
        &self.checks
    }

    /// The slot, if filled.
    pub fn account_lister(&self) -> Option<&Arc<dyn ListsAccounts>> {
        self.lists_accounts.as_ref()
    }

    /// The slot, if filled.
    pub fn account_reader(&self) -> Option<&Arc<dyn ReadsAccounts>> {
        self.reads_accounts.as_ref()
    }

    /// The slot, if filled.
    pub fn account_creator(&self) -> Option<&Arc<dyn CreatesAccounts>> {
        self.creates_accounts.as_ref()
    }

    /// The slot, if filled.
    pub fn account_updater(&self) -> Option<&Arc<dyn UpdatesAccounts>> {
        self.updates_accounts.as_ref()
    }

    /// The slot, if filled.
    pub fn many_accounts_updater(&self) -> Option<&Arc<dyn UpdatesManyAccounts>> {
        self.updates_many_accounts.as_ref()
    }

    /// The slot, if filled.
    pub fn account_deleter(&self) -> Option<&Arc<dyn DeletesAccounts>> {
        self.deletes_accounts.as_ref()
    }

    /// The slot, if filled.
    pub fn account_activator(&self) -> Option<&Arc<dyn ActivatesAccounts>> {
        self.activates_accounts.as_ref()
    }

    /// The slot, if filled.
    pub fn account_deactivator(&self) -> Option<&Arc<dyn DeactivatesAccounts>> {
        self.deactivates_accounts.as_ref()
    }

    /// The slot, if filled.
    pub fn successor_finder(&self) -> Option<&Arc<dyn FindsSuccessors>> {
        self.finds_successors.as_ref()
    }

    /// The slot, if filled.
    pub fn resource_lister(&self) -> Option<&Arc<dyn ListsResources>> {
        self.lists_resources.as_ref()
    }

    /// The slot, if filled.
    pub fn resource_reader(&self) -> Option<&Arc<dyn ReadsResources>> {
        self.reads_resources.as_ref()
    }

    /// The slot, if filled.
    pub fn entitlement_lister(&self) -> Option<&Arc<dyn ListsEntitlements>> {
        self.lists_entitlements.as_ref()
    }

    /// The slot, if filled.
    pub fn entitlement_reader(&self) -> Option<&Arc<dyn ReadsEntitlements>> {
        self.reads_entitlements.as_ref()
    }

    /// The slot, if filled.
    pub fn entitlement_updater(&self) -> Option<&Arc<dyn UpdatesEntitlements>> {
        self.updates_entitlements.as_ref()
    }

    /// The slot, if filled.
    pub fn grant_lister(&self) -> Option<&Arc<dyn ListsGrants>> {
        self.lists_grants.as_ref()
    }

    /// The slot, if filled.
    pub fn grant_reader(&self) -> Option<&Arc<dyn ReadsGrants>> {
        self.reads_grants.as_ref()
    }

    /// The slot, if filled.
    pub fn granter(&self) -> Option<&Arc<dyn GrantsEntitlements>> {
        self.grants_entitlements.as_ref()
    }

    /// The slot, if filled.
    pub fn revoker(&self) -> Option<&Arc<dyn RevokesEntitlements>> {
        self.revokes_entitlements.as_ref()
    }

    /// The slot, if filled.
    pub fn grant_replacer(&self) -> Option<&Arc<dyn ReplacesGrants>> {
        self.replaces_grants.as_ref()
    }

    /// The slot, if filled.
    pub fn activity_lister(&self) -> Option<&Arc<dyn ListsActivity>> {
        self.lists_activity.as_ref()
    }

    /// The slot, if filled.
    pub fn forwarder(&self) -> Option<&Arc<dyn Forwards>> {
        self.forwards.as_ref()
    }

    /// What the filled slots amount to.
    pub fn capabilities(&self) -> BTreeSet<Capability> {
        let filled = |capability: &Capability| match capability {
            Capability::ListAccounts => self.lists_accounts.is_some(),
            Capability::ReadAccounts => self.reads_accounts.is_some(),
            Capability::CreateAccounts => self.creates_accounts.is_some(),
            Capability::UpdateAccounts => self.updates_accounts.is_some(),
            Capability::UpdateManyAccounts => self.updates_many_accounts.is_some(),
            Capability::DeleteAccounts => self.deletes_accounts.is_some(),
            Capability::ActivateAccounts => self.activates_accounts.is_some(),
            Capability::DeactivateAccounts => self.deactivates_accounts.is_some(),
            Capability::ListResources => self.lists_resources.is_some(),
            Capability::ReadResources => self.reads_resources.is_some(),
            Capability::ListEntitlements => self.lists_entitlements.is_some(),
            Capability::ReadEntitlements => self.reads_entitlements.is_some(),
            Capability::UpdateEntitlements => self.updates_entitlements.is_some(),
            Capability::ListGrants => self.lists_grants.is_some(),
            Capability::ReadGrants => self.reads_grants.is_some(),
            Capability::CreateGrants => self.grants_entitlements.is_some(),
            Capability::DeleteGrants => self.revokes_entitlements.is_some(),
            Capability::ReplaceGrants => self.replaces_grants.is_some(),
            Capability::ListActivity => self.lists_activity.is_some(),
        };
        Capability::ALL.into_iter().filter(filled).collect()
    }
}
