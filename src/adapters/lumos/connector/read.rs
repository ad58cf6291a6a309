//! Listing and reading accounts.

use std::collections::HashSet;

use async_trait::async_trait;

use super::{Connector, convert};
use crate::adapters::contract::{
    AdapterError, Call, ListsAccounts, Page, PageRequest, ReadsAccounts, SideEffect, Trouble,
};
use crate::adapters::transport::read_back;
use crate::domain::{AccountRecord, AccountStatus, ExternalKey, NewAccount};

/// A connector may hand out a token for ever (contract §B5); no listing that is read whole for one answer is this long.
const MOST_PAGES: usize = 10_000;

#[async_trait]
impl ListsAccounts for Connector {
    async fn list_accounts(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<AccountRecord>, AdapterError> {
        let size = page.size.min(self.settings.page_size).max(1);
        let listed = self
            .client
            .list_accounts(call, page.cursor.as_deref(), size)
            .await?;
        let mut items = Vec::with_capacity(listed.items.len());
        let mut defects = Vec::new();
        for item in &listed.items {
            match convert::account(item, self.settings.status_when_absent) {
                Ok(record) => items.push(record),
                Err(defect) => defects.push(defect),
            }
        }
        Ok(Page {
            items,
            next: listed.token,
            total: None,
            defects,
        })
    }
}

#[async_trait]
impl ReadsAccounts for Connector {
    async fn find_account(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let id = account_id(key)?;
        match self.get(call, &id).await {
            Ok(record) if record.status == AccountStatus::Deleted => Ok(None),
            Ok(record) => Ok(Some(record)),
            Err(error) => {
                self.confirm_gone(call, error).await?;
                Ok(None)
            }
        }
    }
}

impl Connector {
    /// The account as the connector shows it now.
    pub(super) async fn get(&self, call: &Call, id: &str) -> Result<AccountRecord, AdapterError> {
        let item = self.client.get_account(call, id).await?;
        let malformed = |why: String| {
            AdapterError::new(
                Trouble::Malformed,
                format!("the connector's answer to `get_account` makes no sense: {why}"),
            )
        };
        let record =
            convert::account(&item, self.settings.status_when_absent).map_err(malformed)?;
        if record.external_id != id {
            return Err(malformed("it is about another account".into()));
        }
        Ok(record)
    }

    /// `Ok` when `error` proves that the account is gone.
    ///
    /// The SDK turns every 404 of the third party into `not_found` (contract §B4), one for a wrong tenant or region
    /// too. So the connection has to prove itself before its word for an absence counts.
    pub(super) async fn confirm_gone(
        &self,
        call: &Call,
        error: AdapterError,
    ) -> Result<(), AdapterError> {
        if error.trouble != Trouble::NotFound {
            return Err(error);
        }
        let validated = self.client.validate_credentials(call).await?;
        if validated.valid != Some(true) {
            return Err(AdapterError::new(
                Trouble::AuthFailed,
                "the connector knows no such account, but says too that the credentials are not valid",
            )
            .with_effect(SideEffect::Unknown));
        }
        Ok(())
    }

    /// The account after a write; `None` when it can't be seen.
    pub(super) async fn read_back(
        &self,
        call: &Call,
        id: &str,
        shows: impl Fn(&AccountRecord) -> bool + Send,
    ) -> Option<AccountRecord> {
        let read = async || match self.get(call, id).await {
            Ok(record) => Ok(Some(record)),
            Err(error) if error.trouble == Trouble::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        read_back(read, shows).await
    }

    /// Every live account that the new one would be, or is: of the same e-mail address or the same user name.
    ///
    /// Reads the whole listing, for a connector has no search; a listing that can't be trusted is an error.
    pub(super) async fn matches(
        &self,
        call: &Call,
        new: &NewAccount,
    ) -> Result<Vec<AccountRecord>, AdapterError> {
        let mut found: Vec<AccountRecord> = Vec::new();
        let mut seen = HashSet::new();
        let mut token: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let page = PageRequest {
                cursor: token.take(),
                size: self.settings.page_size,
            };
            let listed = self.list_accounts(call, &page).await?;
            if let Some(defect) = listed.defects.first() {
                return Err(untrusted(defect));
            }
            for record in listed.items {
                let known = found.iter().any(|f| f.external_key == record.external_key);
                if !known && is_match(&record, new) {
                    found.push(record);
                }
            }
            let Some(next) = listed.next else {
                return Ok(found);
            };
            if !seen.insert(next.clone()) {
                return Err(untrusted("it goes in circles"));
            }
            token = Some(next);
        }
        Err(untrusted("it does not end"))
    }
}

/// The vendor's id in a key of ours.
pub(super) fn account_id(key: &ExternalKey) -> Result<String, AdapterError> {
    match key.parts().as_slice() {
        [id] => Ok(id.clone()),
        _ => Err(AdapterError::new(
            Trouble::Invalid,
            "the account's key was not made by this connector",
        )),
    }
}

fn untrusted(why: &str) -> AdapterError {
    AdapterError::new(
        Trouble::Malformed,
        format!("the connector's list of accounts can't be relied on: {why}"),
    )
}

/// Any of the new account's names counts, wherever the connector shows it: it may fill only one of the two.
fn is_match(record: &AccountRecord, new: &NewAccount) -> bool {
    let same = |theirs: &Option<String>, ours: &Option<String>| match (theirs, ours) {
        (Some(theirs), Some(ours)) => theirs.to_lowercase() == ours.to_lowercase(),
        _ => false,
    };
    record.status != AccountStatus::Deleted
        && (same(&record.email, &new.email)
            || same(&record.login, &new.login)
            || same(&record.login, &new.email)
            || same(&record.email, &new.login))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};
    use uuid::Uuid;

    use super::super::settings::AbsentStatus;
    use super::*;

    fn new(email: Option<&str>, login: Option<&str>) -> NewAccount {
        NewAccount {
            operation_id: Uuid::nil(),
            login: login.map(str::to_owned),
            email: email.map(str::to_owned),
            display_name: None,
            given_name: None,
            family_name: None,
            kind: None,
            password: None,
            attributes: Map::new(),
            entitlements: Vec::new(),
        }
    }

    fn record(email: Option<&str>, username: Option<&str>, status: &str) -> AccountRecord {
        let item = json!({
            "integration_specific_id": "1", "email": email, "username": username, "user_status": status
        });
        convert::account(&item, AbsentStatus::Unknown).unwrap()
    }

    #[test]
    fn either_name_makes_a_match() {
        let ada = new(Some("Ada@example.com"), Some("ada"));
        assert!(is_match(
            &record(Some("ada@EXAMPLE.com"), None, "ACTIVE"),
            &ada
        ));
        assert!(is_match(&record(None, Some("ada"), "SUSPENDED"), &ada));
        assert!(is_match(
            &record(None, Some("ada@example.com"), "PENDING"),
            &ada
        ));
        assert!(!is_match(&record(None, None, "ACTIVE"), &new(None, None)));
        assert!(!is_match(
            &record(Some("bo@example.com"), Some("bo"), "ACTIVE"),
            &ada
        ));
    }

    #[test]
    fn what_is_deleted_is_no_match() {
        let ada = new(Some("ada@example.com"), None);
        assert!(!is_match(
            &record(Some("ada@example.com"), None, "DELETED"),
            &ada
        ));
    }

    #[test]
    fn only_our_own_keys_name_an_account() {
        assert_eq!(account_id(&ExternalKey::new(&["a\"b"])).unwrap(), "a\"b");
        assert!(account_id(&ExternalKey::new(&["a", "b"])).is_err());
    }
}
