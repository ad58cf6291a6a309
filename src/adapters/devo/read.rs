//! Listing and reading accounts.

use std::collections::HashSet;

use async_trait::async_trait;
use serde_json::Value;

use super::domain::{Domain, is_of};
use super::{Api, convert};
use crate::adapters::contract::{
    AdapterError, Call, ListsAccounts, Page, PageRequest, ReadsAccounts, Trouble,
};
use crate::adapters::transport::read_back;
use crate::domain::{AccountRecord, ExternalKey};

#[async_trait]
impl ListsAccounts for Api {
    /// Users of a domain that is switched off are as Devo shows them: nothing says that it changes them, and the domain's own
    /// status tells (§5).
    async fn list_accounts(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<AccountRecord>, AdapterError> {
        let mut walk = self.walk(call, page).await?;
        while let Some(name) = walk.next_domain() {
            let users = self.domain(&name).users(call).await;
            walk.add(&name, users.map(|users| records(users, &name)))?;
        }
        Ok(walk.page())
    }
}

#[async_trait]
impl ReadsAccounts for Api {
    async fn find_account(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let (domain, email) = self.user_in(key)?;
        self.domain(&domain).find(call, &email).await
    }
}

impl Domain<'_> {
    /// The user as a write's answer shows it; `None` when it shows no user, or another one.
    pub(super) fn shown(self, answer: Option<Value>, email: &str) -> Option<AccountRecord> {
        let raw = answer.filter(|raw| is_of(raw, email))?;
        convert::record(raw, self.name).ok()
    }

    /// The user as Devo shows it after a write (§8).
    pub(super) async fn read_back(
        self,
        call: &Call,
        email: &str,
        shows: impl Fn(&AccountRecord) -> bool + Send,
    ) -> Option<AccountRecord> {
        read_back(|| self.find(call, email), shows).await
    }

    /// A write was answered "not found". That counts only when the user is missing for certain; otherwise it is the
    /// credentials that Devo does not know (§2).
    pub(super) async fn has_lost(self, call: &Call, email: &str) -> Result<(), AdapterError> {
        match self.find(call, email).await? {
            None => Ok(()),
            Some(_) => Err(AdapterError::new(
                Trouble::Rejected,
                "Devo says that it can't find the user, and shows it at the same time",
            )),
        }
    }

    /// An error of a write, or of the reading before it: "not found" stands only when the user is really gone.
    pub(super) async fn confirmed(
        self,
        call: &Call,
        email: &str,
        error: AdapterError,
    ) -> AdapterError {
        if error.trouble != Trouble::NotFound {
            return error;
        }
        match self.has_lost(call, email).await {
            Ok(()) => error,
            Err(other) => other.with_effect(error.effect),
        }
    }
}

/// The users of a domain as accounts: there are no pages (§3).
fn records(users: Vec<Value>, domain: &str) -> Page<AccountRecord> {
    let total = users.len() as u64;
    let mut items = Vec::with_capacity(users.len());
    let mut defects = Vec::new();
    let mut seen = HashSet::new();
    for (index, raw) in users.into_iter().enumerate() {
        match convert::record(raw, domain) {
            Ok(record) if !seen.insert(record.external_key.clone()) => {
                defects.push(format!("user {} is listed twice", index + 1));
            }
            Ok(record) => items.push(record),
            Err(defect) => defects.push(format!("user {}: {defect}", index + 1)),
        }
    }
    Page {
        items,
        next: None,
        total: Some(total),
        defects,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_whole_list_is_one_page() {
        let users = vec![json!({ "email": "a@b.co" }), json!({ "email": "c@d.co" })];
        let page = records(users, "acme");
        assert_eq!(
            (page.items.len(), page.total, page.next),
            (2, Some(2), None)
        );
        assert!(page.defects.is_empty());
    }

    #[test]
    fn bad_and_repeated_users_are_defects_and_cost_only_themselves() {
        let users = vec![
            json!({ "email": "a@b.co" }),
            json!({ "userName": "no address" }),
            json!({ "email": "A@b.co" }),
            json!({ "email": "c@d.co", "domain": "other" }),
            json!({ "email": "e@f.co" }),
        ];
        let page = records(users, "acme");
        assert_eq!(page.items.len(), 2);
        assert_eq!(page.total, Some(5));
        let starts = ["user 2:", "user 3 is listed twice", "user 4:"];
        for (defect, start) in page.defects.iter().zip(starts) {
            assert!(defect.starts_with(start), "{defect}");
        }
        assert_eq!(page.defects.len(), starts.len());
    }
}
