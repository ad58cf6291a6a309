//! Listing and reading accounts.

use async_trait::async_trait;
use serde_json::Value;

use super::client::Listing;
use super::{Connector, convert, malformed_listing};
use crate::adapters::contract::{
    AdapterError, Call, ListsAccounts, Page, PageRequest, ReadsAccounts, SideEffect, Trouble,
};
use crate::adapters::transport::read_back;
use crate::domain::{AccountRecord, AccountStatus, ExternalKey, NewAccount};

/// What cursors of the two listings begin with.
const ACCOUNTS: &str = "accounts:";
const NON_HUMAN: &str = "non_human:";

#[async_trait]
impl ListsAccounts for Connector {
    /// Everybody, and then the workloads where the connector knows some.
    async fn list_accounts(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<AccountRecord>, AdapterError> {
        let cursor = page.cursor.as_deref().unwrap_or(ACCOUNTS);
        if page.cursor.is_none() {
            self.learned.forget_about_accounts().await;
        }
        let token = |prefix| cursor.strip_prefix(prefix).map(filled);
        if let Some(token) = token(NON_HUMAN) {
            let mut page = self.non_human_page(call, page, token).await?;
            page.next = page.next.map(|token| format!("{NON_HUMAN}{token}"));
            return Ok(page);
        }
        let token = token(ACCOUNTS).ok_or_else(|| {
            AdapterError::new(
                Trouble::Invalid,
                "the cursor was not made by this connector",
            )
        })?;
        let attributes = self.attributes_of(call, "account").await?;
        let listing = Listing::accounts(&attributes);
        let wanted = PageRequest {
            cursor: token,
            size: page.size,
        };
        let absent = self.settings.status_when_absent;
        let convert = |item: &Value| convert::account(item, absent);
        let mut page = self.converted(call, &listing, &wanted, convert).await?;
        self.place(call, &mut page.items).await?;
        self.last_used(call, &mut page.items).await?;
        let goes_on = self.description(call).await?.has("list_non_human_accounts");
        page.next = match page.next {
            Some(token) => Some(format!("{ACCOUNTS}{token}")),
            None => goes_on.then(|| NON_HUMAN.to_owned()),
        };
        Ok(page)
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
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
    /// How many to ask for.
    pub(super) fn page_size(&self, page: &PageRequest) -> u32 {
        page.size.min(self.settings.page_size).max(1)
    }

    /// One page of a listing, converted item by item.
    pub(super) async fn converted<T>(
        &self,
        call: &Call,
        listing: &Listing,
        page: &PageRequest,
        convert: impl Fn(&Value) -> Result<T, String> + Send,
    ) -> Result<Page<T>, AdapterError> {
        let size = self.page_size(page);
        let token = page.cursor.as_deref();
        let listed = self.client.page(call, listing, token, size).await?;
        Ok(listed.converted(convert))
    }

    /// One page of the workloads' accounts.
    async fn non_human_page(
        &self,
        call: &Call,
        page: &PageRequest,
        cursor: Option<String>,
    ) -> Result<Page<AccountRecord>, AdapterError> {
        let attributes = self.attributes_of(call, "non_human_account").await?;
        let listing = Listing::non_human_accounts(&attributes);
        let size = page.size;
        let absent = self.settings.status_when_absent;
        let convert = |item: &Value| convert::non_human(item, absent);
        let mut page = self
            .converted(call, &listing, &PageRequest { cursor, size }, convert)
            .await?;
        self.place(call, &mut page.items).await?;
        let seen = self.non_human_activity(call).await?;
        for record in &mut page.items {
            let last = seen.get(&record.external_id).copied();
            record.last_activity_at = record.last_activity_at.max(last);
        }
        Ok(page)
    }

    /// The account as the connector shows it now.
    pub(super) async fn get(&self, call: &Call, id: &str) -> Result<AccountRecord, AdapterError> {
        let attributes = self.attributes_of(call, "account").await?;
        let item = self.client.get_account(call, id, &attributes).await?;
        let malformed = |why: String| {
            AdapterError::new(
                Trouble::Malformed,
                format!("the connector's answer to `get_account` makes no sense: {why}"),
            )
        };
        let mut record =
            convert::account(&item, self.settings.status_when_absent).map_err(malformed)?;
        if record.external_id != id {
            return Err(malformed("it is about another account".into()));
        }
        let one = std::slice::from_mut(&mut record);
        self.place(call, one).await?;
        self.last_used(call, one).await?;
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
        let read = async || match Box::pin(self.get(call, id)).await {
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
        let attributes = self.attributes_of(call, "account").await?;
        let listing = Listing::accounts(&attributes);
        let absent = self.settings.status_when_absent;
        let mut found: Vec<AccountRecord> = Vec::new();
        self.client
            .walk(call, &listing, self.settings.page_size, |item| {
                let record = convert::account(item, absent)
                    .map_err(|why| malformed_listing("list_accounts", &why))?;
                let known = found.iter().any(|f| f.external_key == record.external_key);
                if !known && is_match(&record, new) {
                    found.push(record);
                }
                Ok(())
            })
            .await?;
        Ok(found)
    }
}

/// The vendor's id in a key of ours.
pub(super) fn account_id(key: &ExternalKey) -> Result<String, AdapterError> {
    match key.parts().as_slice() {
        [id] => Ok(id.clone()),
        [first, _] if first == convert::NON_HUMAN => Err(AdapterError::new(
            Trouble::Unsupported,
            "a connector only lists the accounts of workloads: they can't be read alone, changed or given anything",
        )),
        _ => Err(AdapterError::new(
            Trouble::Invalid,
            "the account's key was not made by this connector",
        )),
    }
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
        let trouble = |parts: &[&str]| account_id(&ExternalKey::new(parts)).unwrap_err().trouble;
        assert_eq!(trouble(&["a", "b"]), Trouble::Invalid);
        assert_eq!(trouble(&["non_human", "b"]), Trouble::Unsupported);
    }
}
