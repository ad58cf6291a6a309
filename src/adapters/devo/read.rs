//! Listing and reading accounts.

use std::collections::HashSet;

use async_trait::async_trait;
use serde_json::Value;

use super::{Api, convert};
use crate::adapters::contract::{
    AdapterError, Call, ListsAccounts, Page, PageRequest, ReadsAccounts, Trouble,
};
use crate::adapters::transport::read_back;
use crate::domain::{AccountRecord, ExternalKey};

#[async_trait]
impl ListsAccounts for Api {
    /// Devo has no pages (§3): the first is the only one.
    async fn list_accounts(
        &self,
        call: &Call,
        _page: &PageRequest,
    ) -> Result<Page<AccountRecord>, AdapterError> {
        Ok(page(self.users(call).await?, &self.settings.domain))
    }
}

#[async_trait]
impl ReadsAccounts for Api {
    async fn find_account(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let email = convert::email(key, &self.settings.domain).ok_or_else(|| {
            AdapterError::new(
                Trouble::Invalid,
                "the key is not of a user of this connection's domain",
            )
        })?;
        self.find(call, &email).await
    }
}

impl Api {
    /// The domain's user with this address; `None` only when that is proven.
    ///
    /// "Not found" alone proves nothing: Devo says so to unknown keys too (§2). So the domain's users are listed, which works
    /// only with good credentials, and the user must be missing there as well.
    pub(super) async fn find(
        &self,
        call: &Call,
        email: &str,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let raw = match self.client.user(call, email).await {
            Ok(raw) => Some(raw),
            Err(error) if error.trouble == Trouble::NotFound => {
                listed(self.users(call).await?, email)?
            }
            Err(error) => return Err(error),
        };
        let Some(raw) = raw else { return Ok(None) };
        if !is_of(&raw, email) {
            return Err(malformed(
                "Devo answered with another user than the one asked for".to_owned(),
            ));
        }
        convert::record(raw, &self.settings.domain)
            .map(Some)
            .map_err(|defect| malformed(format!("Devo's user can't be used: {defect}")))
    }

    /// All users of the domain.
    pub(super) async fn users(&self, call: &Call) -> Result<Vec<Value>, AdapterError> {
        let users = self.client.users(call).await;
        users.map_err(|error| self.not_the_domain(error))
    }

    /// "Not found" of something that is the whole domain's: it is the domain that Devo does not find, or the key (§2).
    pub(super) fn not_the_domain(&self, error: AdapterError) -> AdapterError {
        if error.trouble != Trouble::NotFound {
            return error;
        }
        let message = format!(
            "Devo does not know the domain {} with these credentials, or not in this region: {}",
            self.settings.domain, error.message
        );
        AdapterError {
            trouble: Trouble::AuthFailed,
            message,
            ..error
        }
    }

    /// The user as a write's answer shows it; `None` when it shows no user, or another one.
    pub(super) fn shown(&self, answer: Option<Value>, email: &str) -> Option<AccountRecord> {
        let raw = answer.filter(|raw| is_of(raw, email))?;
        convert::record(raw, &self.settings.domain).ok()
    }

    /// The user as Devo shows it after a write (§8).
    pub(super) async fn read_back(
        &self,
        call: &Call,
        email: &str,
        shows: impl Fn(&AccountRecord) -> bool + Send,
    ) -> Option<AccountRecord> {
        read_back(|| self.find(call, email), shows).await
    }

    /// A write was answered "not found". That counts only when the user is missing for certain; otherwise it is the
    /// credentials that Devo does not know (§2).
    pub(super) async fn is_gone(&self, call: &Call, email: &str) -> Result<(), AdapterError> {
        match self.find(call, email).await? {
            None => Ok(()),
            Some(_) => Err(AdapterError::new(
                Trouble::Rejected,
                "Devo says that it can't find the user, and shows it at the same time",
            )),
        }
    }
}

fn malformed(why: String) -> AdapterError {
    AdapterError::new(Trouble::Malformed, why)
}

/// The user with this address out of a whole list; `None` only if every user has an address: one without may be this one.
fn listed(users: Vec<Value>, email: &str) -> Result<Option<Value>, AdapterError> {
    let is_nameless = |user: &Value| user["email"].as_str().is_none_or(str::is_empty);
    let is_unproven = users.iter().any(is_nameless);
    match users.into_iter().find(|user| is_of(user, email)) {
        None if is_unproven => Err(malformed(
            "Devo lists a user without an address, who may be the one that is looked for"
                .to_owned(),
        )),
        found => Ok(found),
    }
}

fn is_of(user: &Value, email: &str) -> bool {
    let named = user["email"].as_str().unwrap_or_default();
    named.to_lowercase() == email.to_lowercase()
}

/// The users of a domain, as one page.
pub(super) fn page(users: Vec<Value>, domain: &str) -> Page<AccountRecord> {
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
        let page = page(users, "acme");
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
        let page = page(users, "acme");
        assert_eq!(page.items.len(), 2);
        assert_eq!(page.total, Some(5));
        let starts = ["user 2:", "user 3 is listed twice", "user 4:"];
        for (defect, start) in page.defects.iter().zip(starts) {
            assert!(defect.starts_with(start), "{defect}");
        }
        assert_eq!(page.defects.len(), starts.len());
    }

    #[test]
    fn a_user_without_an_address_may_be_the_one_that_is_looked_for() {
        let (ada, bob) = (
            json!({ "email": "Ada@x.co" }),
            json!({ "email": "bob@x.co" }),
        );
        let find = |users: &[&Value]| listed(users.iter().copied().cloned().collect(), "ada@x.co");
        assert_eq!(find(&[&bob]), Ok(None));
        for odd in [
            json!({ "email": null }),
            json!({ "email": 7 }),
            json!({}),
            json!("ada@x.co"),
        ] {
            assert_eq!(find(&[&odd, &ada]), Ok(Some(ada.clone())));
            let error = find(&[&bob, &odd]).expect_err("it proves nothing");
            assert_eq!(error.trouble, Trouble::Malformed);
        }
    }

    #[test]
    fn an_answer_about_somebody_else_is_noticed() {
        assert!(is_of(&json!({ "email": "Ada@x.co" }), "ada@X.co"));
        for other in [
            json!({ "email": "bob@x.co" }),
            json!({}),
            json!([]),
            json!(null),
        ] {
            assert!(!is_of(&other, "ada@x.co"), "{other}");
        }
    }
}
