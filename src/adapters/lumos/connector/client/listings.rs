//! The capabilities that answer lists, and going over the pages of one (contract §B5).

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{Client, malformed};
use crate::adapters::contract::{AdapterError, Call, Page};
use crate::adapters::lumos::connector::wire::Envelope;

/// A connector may hand out a token for ever (contract §B5); no listing that is read whole for one answer is this long.
const MOST_PAGES: usize = 10_000;

/// What is listed.
pub(in super::super) struct Listing {
    capability: &'static str,
    request: Map<String, Value>,
}

/// One page of a listing as it came.
pub(in super::super) struct Listed {
    pub(in super::super) items: Vec<Value>,
    /// Opaque; handed back as it is.
    pub(in super::super) token: Option<String>,
}

impl Listed {
    /// The page in an envelope.
    pub(in super::super) fn read(
        capability: &str,
        envelope: Envelope,
    ) -> Result<Self, AdapterError> {
        // A missing list is not an empty one: that would say that everything is gone.
        let Some(Value::Array(items)) = envelope.response else {
            return Err(malformed(capability, "its `response` is no list"));
        };
        let token = envelope.page.and_then(|page| page.token);
        Ok(Self {
            items,
            token: token.filter(|token| !token.is_empty()),
        })
    }

    /// Its items, converted one by one.
    pub(in super::super) fn converted<T>(
        self,
        convert: impl Fn(&Value) -> Result<T, String>,
    ) -> Page<T> {
        let mut items = Vec::with_capacity(self.items.len());
        let mut defects = Vec::new();
        for item in &self.items {
            match convert(item) {
                Ok(record) => items.push(record),
                Err(defect) => defects.push(defect),
            }
        }
        Page {
            items,
            next: self.token,
            total: None,
            defects,
        }
    }
}

impl Listing {
    fn of(capability: &'static str) -> Self {
        Self {
            capability,
            request: Map::new(),
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.request.insert(name.into(), value.into());
        self
    }

    /// Asks for custom attributes, where there are some to ask for.
    fn showing(self, attributes: &[String]) -> Self {
        if attributes.is_empty() {
            return self;
        }
        self.with("custom_attributes", attributes)
    }

    pub(in super::super) fn accounts(attributes: &[String]) -> Self {
        Self::of("list_accounts").showing(attributes)
    }

    pub(in super::super) fn non_human_accounts(attributes: &[String]) -> Self {
        Self::of("list_non_human_accounts").showing(attributes)
    }

    pub(in super::super) fn resources() -> Self {
        Self::of("list_resources")
    }

    pub(in super::super) fn entitlements(attributes: &[String]) -> Self {
        Self::of("list_entitlements").showing(attributes)
    }

    pub(in super::super) fn associations() -> Self {
        Self::of("find_entitlement_associations")
    }

    pub(in super::super) fn associations_of(account: &str) -> Self {
        Self::of("get_account_entitlement_associations").with("account_id", account)
    }

    pub(in super::super) fn last_activity(accounts: &[&str]) -> Self {
        Self::of("get_last_activity").with("account_ids", accounts)
    }

    pub(in super::super) fn non_human_last_activity() -> Self {
        Self::of("get_non_human_account_last_activity")
    }

    pub(in super::super) fn custom_attributes_schema() -> Self {
        Self::of("list_custom_attributes_schema")
    }

    /// `since` in ISO 8601; the contract names no format.
    pub(in super::super) fn activity_records(since: &str, actors: &[String]) -> Self {
        let actors: Vec<Value> = actors
            .iter()
            .map(|id| json!({ "account_id": id }))
            .collect();
        Self::of("list_activity_records")
            .with("since_date", since)
            .with("actors", actors)
    }
}

impl Client {
    /// One page. The size stays the same over a listing.
    pub(in super::super) async fn page(
        &self,
        call: &Call,
        listing: &Listing,
        token: Option<&str>,
        size: u32,
    ) -> Result<Listed, AdapterError> {
        let mut body = self.body(listing.request.clone());
        let mut page = Map::from_iter([("size".to_owned(), size.into())]);
        if let Some(token) = token {
            page.insert("token".into(), token.into());
        }
        body.insert("page".into(), page.into());
        let envelope = self.send_read(call, listing.capability, body).await?;
        Listed::read(listing.capability, envelope)
    }

    /// Every item, page by page, to its end. Nothing is kept but what `each` keeps.
    pub(in super::super) async fn walk(
        &self,
        call: &Call,
        listing: &Listing,
        size: u32,
        mut each: impl FnMut(&Value) -> Result<(), AdapterError> + Send,
    ) -> Result<(), AdapterError> {
        let mut seen = HashSet::new();
        let mut token: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let page = self.page(call, listing, token.as_deref(), size);
            let listed = Box::pin(page).await?;
            listed.items.iter().try_for_each(&mut each)?;
            let Some(next) = listed.token else {
                return Ok(());
            };
            if !seen.insert(next.clone()) {
                return Err(malformed(listing.capability, "its pages go in circles"));
            }
            token = Some(next);
        }
        Err(malformed(listing.capability, "its pages do not end"))
    }
}
