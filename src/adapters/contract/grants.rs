//! The grant capabilities, one trait each.
//!
//! A vendor that keeps the entitlements of an account as one set that is replaced whole reads the set, changes it, writes it
//! and compares what it reads then; [`GrantsEntitlements::turns_of_granting`] makes such acts on one account take turns over all
//! replicas. The order of a write is that of the accounts' (see [`super::CreatesAccounts`]).

use std::collections::HashSet;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

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

/// Who holds an entitlement, by the names that the vendor has for holders (addresses, say), as it spells them. As JSON it is
/// the state that is recorded with the mark of a replacement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holders {
    /// One name each.
    pub holders: Vec<String>,
}

impl Holders {
    /// Whether each of these, told by names in lower case, is among them.
    pub fn include(&self, all: &[Vec<String>]) -> Vec<bool> {
        let there: HashSet<String> = self.holders.iter().map(|one| one.to_lowercase()).collect();
        let is_there = |names: &Vec<String>| names.iter().any(|name| there.contains(name));
        all.iter().map(is_there).collect()
    }

    /// Those who are none of these.
    pub fn besides(&self, all: &[Vec<String>]) -> Vec<String> {
        let known: HashSet<&str> = all.iter().flatten().map(String::as_str).collect();
        let others = self.holders.iter();
        others
            .filter(|holder| !known.contains(holder.to_lowercase().as_str()))
            .cloned()
            .collect()
    }

    /// Whether they are these, and nobody else.
    pub fn are(&self, all: &[Vec<String>]) -> bool {
        self.include(all).into_iter().all(|is_there| is_there) && self.besides(all).is_empty()
    }
}

/// Replaces all who hold an entitlement by one request.
#[async_trait]
pub trait ReplacesGrants: Send + Sync {
    /// What replacements take turns by, over all replicas: the word by which the acts of granting and revoking this entitlement
    /// do as well.
    fn turns_of_replacing(&self, entitlement: &EntitlementRecord) -> String;

    /// The names by which [`Holders`] may call an account, in lower case.
    fn names_of(&self, account: &AccountRecord) -> Vec<String>;

    /// Checks without any I/O whether these and nobody else can hold it.
    ///
    /// # Errors
    /// As [`GrantsEntitlements::prepare_grant`]; the pointer of an account is `/account_ids/N`.
    fn prepare_replacement(
        &self,
        entitlement: &EntitlementRecord,
        holders: &[AccountRecord],
    ) -> Result<(), AdapterError>;

    /// Everybody who holds it; `None` when the entitlement is proven gone. What can't be read to its end is an error.
    async fn find_holders(
        &self,
        call: &Call,
        entitlement: &EntitlementRecord,
    ) -> Result<Option<Holders>, AdapterError>;

    /// Reads who holds it, and makes these the holders by the one mutating request, which records what was read with the mark;
    /// then reads whether they are. Repeating it is safe: where they are already, it is a [`crate::domain::Effect::Noop`]. The
    /// value is who held it before.
    ///
    /// # Errors
    /// [`super::Trouble::NotFound`] where the entitlement is gone, [`super::Trouble::Conflict`] in words where something is in
    /// the way.
    async fn replace_grants(
        &self,
        call: &Call,
        entitlement: &EntitlementRecord,
        holders: &[AccountRecord],
    ) -> Result<Outcome<Holders>, AdapterError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&[&str]]) -> Vec<Vec<String>> {
        let names = |one: &&[&str]| one.iter().map(|name| (*name).to_owned()).collect();
        all.iter().map(names).collect()
    }

    #[test]
    fn holders_are_known_by_any_of_their_names_whatever_the_case() {
        let there = Holders {
            holders: vec!["Ada@x.org".into(), "b@x.org".into()],
        };
        assert!(there.are(&names(&[&["ada@x.org"], &["other@x.org", "b@x.org"]])));
        assert!(!there.are(&names(&[&["ada@x.org"]])), "one too many");
        let more = names(&[&["ada@x.org"], &["b@x.org"], &["c@x.org"]]);
        assert!(!there.are(&more), "one is missing");
        assert_eq!(there.besides(&names(&[&["b@x.org"]])), ["Ada@x.org"]);
        let both = names(&[&["c@x.org"], &["b@x.org", "x@x.org"]]);
        assert_eq!(there.include(&both), [false, true]);
        assert!(Holders::default().are(&[]));
    }
}
