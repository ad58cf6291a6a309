//! The grant capabilities, one trait each.
//!
//! A vendor that keeps the entitlements of an account as one set that is replaced whole reads the set, changes it, writes it
//! and compares what it reads then; [`GrantsEntitlements::turns_of_granting`] makes such acts on one account take turns over all
//! replicas. The order of a write is that of the accounts' (see [`super::CreatesAccounts`]).

use async_trait::async_trait;

use super::{AdapterError, Call, Outcome, Page, PageRequest};
use crate::domain::{AccountRecord, EntitlementRecord, GrantRecord};

/// Whether a listing shows all that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It does: what it lacks may be gone.
    Whole,
    /// It does not, and why, in words: what it lacks may be there all the same.
    Partial(&'static str),
}

/// Who holds, or shall hold, what.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The account, as the vendor said it last.
    pub account: &'a AccountRecord,
    /// The entitlement, as the vendor said it last.
    pub entitlement: &'a EntitlementRecord,
}

/// Lists the grants of a connection.
#[async_trait]
pub trait ListsGrants: Send + Sync {
    /// Whether the listing shows every grant. Where it does not, absence from it means nothing.
    fn completeness(&self) -> Completeness;

    /// One page; the caller loops and may stop and resume at any cursor.
    async fn list_grants(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<GrantRecord>, AdapterError>;
}

/// Reads one grant.
#[async_trait]
pub trait ReadsGrants: Send + Sync {
    /// The grant, or `None` when the vendor's answer proves that the account does not hold the entitlement; an account or
    /// an entitlement that is proven gone holds and is held by nothing. [`super::Trouble::Unsupported`] where no reading can
    /// tell. A grant that comes back `ambiguous` proves nothing either way.
    async fn find_grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Option<GrantRecord>, AdapterError>;
}

/// Gives entitlements to accounts.
#[async_trait]
pub trait GrantsEntitlements: Send + Sync {
    /// What acts of granting and revoking take turns by, over all replicas: the account where the vendor replaces a set or
    /// counts per account, else the pair. Never the same word as an account's own acts take turns by, unless they must not
    /// go on at the same time.
    fn turns_of_granting(&self, pair: Pair<'_>) -> String;

    /// Checks the pair without any I/O.
    ///
    /// # Errors
    /// [`super::Trouble::Unsupported`] or [`super::Trouble::Invalid`] with the pointer of the field (`/entitlement_id`,
    /// `/account_id`) where this can't be granted: not assignable, of another resource, of a kind that has no way to grant.
    fn prepare_grant(&self, pair: Pair<'_>) -> Result<(), AdapterError>;

    /// Makes the readings that must be made, checks limits against them, and sends the one mutating request; then reads
    /// whether the account holds it, where the answer does not show it. Repeating it is safe: what is held already is a
    /// [`crate::domain::Effect::Noop`]. Other entitlements of the account stay as they are.
    ///
    /// # Errors
    /// [`super::Trouble::Conflict`] in words where a limit or another entitlement is in the way.
    async fn grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Outcome<Option<GrantRecord>>, AdapterError>;
}

/// Takes entitlements away from accounts.
#[async_trait]
pub trait RevokesEntitlements: Send + Sync {
    /// As [`GrantsEntitlements::turns_of_granting`], with the same words; but removals that must see each other (the last
    /// owner, say) may take turns by a wider one.
    fn turns_of_revoking(&self, pair: Pair<'_>) -> String;

    /// Checks the pair without any I/O.
    ///
    /// # Errors
    /// As [`GrantsEntitlements::prepare_grant`].
    fn prepare_revoke(&self, pair: Pair<'_>) -> Result<(), AdapterError>;

    /// As [`GrantsEntitlements::grant`], the other way round: what is not held any more is a [`crate::domain::Effect::Noop`].
    /// `restores` is the entitlement of the same exclusive group that the grant took the place of, where there was one: the
    /// account gets it back by the same request.
    ///
    /// # Errors
    /// [`super::Trouble::Conflict`] in words where it can't be taken away.
    async fn revoke(
        &self,
        call: &Call,
        pair: Pair<'_>,
        restores: Option<&EntitlementRecord>,
    ) -> Result<Outcome<()>, AdapterError>;
}
