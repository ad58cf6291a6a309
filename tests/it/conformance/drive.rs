//! Driving one capability of an adapter that reads, whichever it is.

use std::collections::BTreeSet;

use chrono::{TimeDelta, Utc};
use iam_gateway::adapters::contract::{AdapterError, Page, PageRequest, Pair, Trouble};
use iam_gateway::domain::{AccountRecord, Capability, EntitlementRecord, ExternalKey, GrantRecord};
use uuid::Uuid;

use crate::adapters::stand::Stand;

/// Pages after which a listing is taken for endless.
const MOST_PAGES: usize = 2000;

/// Pages in a row that bring nothing new, after which a listing is taken for a circle.
const MOST_IDLE: usize = 60;

/// A whole listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// The keys, without repetitions.
    pub keys: BTreeSet<ExternalKey>,
    /// How many items there were, those that could not be converted included.
    pub told: usize,
    /// What was wrong, in words.
    pub defects: Vec<String>,
    /// How many pages there were.
    pub pages: usize,
    /// Whether it was left because it led back to where it had been.
    pub is_circle: bool,
}

/// Goes over a listing to its end.
pub async fn list(stand: &Stand, of: Capability, size: u32) -> Result<Listed, AdapterError> {
    let mut listed = Listed::default();
    let mut page = PageRequest { cursor: None, size };
    loop {
        let (keys, defects, next) = one_page(stand, of, &page).await?;
        listed.told += keys.len() + defects.len();
        listed.keys.extend(keys);
        listed.defects.extend(defects);
        listed.pages += 1;
        assert!(
            listed.pages < MOST_PAGES,
            "{of}: an endless listing at {size}, {} keys, next {next:?}",
            listed.keys.len()
        );
        match next {
            Some(next) => page.cursor = Some(next),
            None => return Ok(listed),
        }
    }
}

/// As [`list`], until the listing ends or leads back to where it was, which is for the caller to see.
pub async fn list_until_circle(
    stand: &Stand,
    of: Capability,
    size: u32,
) -> Result<Listed, AdapterError> {
    let mut listed = Listed::default();
    let mut page = PageRequest { cursor: None, size };
    let (mut seen, mut idle) = (BTreeSet::new(), 0);
    while listed.pages < MOST_PAGES {
        let (keys, defects, next) = one_page(stand, of, &page).await?;
        let known = listed.keys.len();
        listed.told += keys.len() + defects.len();
        listed.keys.extend(keys);
        listed.defects.extend(defects);
        listed.pages += 1;
        idle = if listed.keys.len() > known {
            0
        } else {
            idle + 1
        };
        match next {
            Some(next) if seen.insert(next.clone()) && idle < MOST_IDLE => page.cursor = Some(next),
            Some(_) => {
                listed.is_circle = true;
                return Ok(listed);
            }
            None => return Ok(listed),
        }
    }
    listed.is_circle = true;
    Ok(listed)
}

type OnePage = (Vec<ExternalKey>, Vec<String>, Option<String>);

async fn one_page(
    stand: &Stand,
    of: Capability,
    page: &PageRequest,
) -> Result<OnePage, AdapterError> {
    fn keys<T>(page: Page<T>, key: impl Fn(&T) -> ExternalKey) -> OnePage {
        (
            page.items.iter().map(key).collect(),
            page.defects,
            page.next,
        )
    }
    let (adapter, call) = (&stand.adapter, stand.reading());
    Ok(match of {
        Capability::ListAccounts => {
            let lister = adapter.account_lister().expect("a slot");
            keys(lister.list_accounts(&call, page).await?, |it| {
                it.external_key.clone()
            })
        }
        Capability::ListResources => {
            let lister = adapter.resource_lister().expect("a slot");
            keys(lister.list_resources(&call, page).await?, |it| {
                it.external_key.clone()
            })
        }
        Capability::ListEntitlements => {
            let lister = adapter.entitlement_lister().expect("a slot");
            keys(lister.list_entitlements(&call, page).await?, |it| {
                it.external_key.clone()
            })
        }
        Capability::ListGrants => {
            let lister = adapter.grant_lister().expect("a slot");
            keys(lister.list_grants(&call, page).await?, |it| {
                it.external_key()
            })
        }
        Capability::ListActivity => {
            let lister = adapter.activity_lister().expect("a slot");
            let since = Utc::now() - TimeDelta::days(3650);
            let page = lister.list_activity(&call, since, page).await?;
            keys(page, |it| it.external_key.clone())
        }
        other => panic!("{other} lists nothing"),
    })
}

/// The accounts and entitlements that the vendor shows, with what they say of themselves.
pub async fn accounts(stand: &Stand) -> Vec<AccountRecord> {
    stand.everybody(100).await
}

/// As [`accounts`].
pub async fn entitlements(stand: &Stand) -> Vec<EntitlementRecord> {
    stand.entitlements().await
}

/// Reads the first thing of a listing that can be read alone; whether it is there. `None`: none of them can.
pub async fn readable(stand: &Stand, of: Capability) -> Option<ExternalKey> {
    let listing = match of {
        Capability::ReadAccounts => Capability::ListAccounts,
        Capability::ReadResources => Capability::ListResources,
        Capability::ReadEntitlements => Capability::ListEntitlements,
        other => panic!("{other} reads nothing by a key"),
    };
    for key in list(stand, listing, 100).await.expect("a listing").keys {
        match read(stand, of, &key).await {
            Ok(true) => return Some(key),
            Ok(false) => panic!("{} is listed and reads as gone", key.as_str()),
            Err(error) if error.trouble == Trouble::Unsupported => {}
            Err(error) => panic!("{}: {error}", key.as_str()),
        }
    }
    None
}

/// A grant of the listing that can be read alone.
pub async fn readable_grant(stand: &Stand) -> Option<(AccountRecord, EntitlementRecord)> {
    let listed = list(stand, Capability::ListGrants, 100)
        .await
        .expect("a listing");
    let entitlements = entitlements(stand).await;
    for account in accounts(stand).await {
        for entitlement in &entitlements {
            let key = GrantRecord::key(&account.external_key, &entitlement.external_key);
            if !listed.keys.contains(&key) {
                continue;
            }
            match read_grant(stand, &account, entitlement).await {
                Ok(true) => return Some((account, entitlement.clone())),
                Ok(false) => panic!("{} is listed and reads as gone", key.as_str()),
                Err(error) if error.trouble == Trouble::Unsupported => {}
                Err(error) => panic!("{}: {error}", key.as_str()),
            }
        }
    }
    None
}

/// Whether the account holds it.
pub async fn read_grant(
    stand: &Stand,
    account: &AccountRecord,
    entitlement: &EntitlementRecord,
) -> Result<bool, AdapterError> {
    let reader = stand.adapter.grant_reader().expect("a slot");
    let pair = Pair {
        account,
        entitlement,
    };
    Ok(reader.find_grant(&stand.reading(), pair).await?.is_some())
}

/// The key of something that is not there, shaped like this one.
pub fn absent(there: &ExternalKey) -> ExternalKey {
    let mut parts = there.parts();
    if let Some(last) = parts.last_mut() {
        *last = match Uuid::parse_str(last) {
            Ok(_) => Uuid::from_u128(0x404).to_string(),
            Err(_) => format!("not-{last}"),
        };
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    ExternalKey::new(&parts)
}

/// Whether the thing is there.
pub async fn read(stand: &Stand, of: Capability, key: &ExternalKey) -> Result<bool, AdapterError> {
    let (adapter, call) = (&stand.adapter, stand.reading());
    Ok(match of {
        Capability::ReadAccounts => {
            let reader = adapter.account_reader().expect("a slot");
            reader.find_account(&call, key).await?.is_some()
        }
        Capability::ReadResources => {
            let reader = adapter.resource_reader().expect("a slot");
            reader.find_resource(&call, key).await?.is_some()
        }
        Capability::ReadEntitlements => {
            let reader = adapter.entitlement_reader().expect("a slot");
            reader.find_entitlement(&call, key).await?.is_some()
        }
        other => panic!("{other} reads nothing by a key"),
    })
}
