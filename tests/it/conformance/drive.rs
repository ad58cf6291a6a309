//! Driving one capability of an adapter, whichever it is.

use std::collections::BTreeSet;

use chrono::{TimeDelta, Utc};
use iam_gateway::adapters::contract::{
    AdapterError, Call, CreatesAccounts, Page, PageRequest, Pair, Trouble,
};
use iam_gateway::domain::{
    AccountChange, AccountRecord, AccountStatus, AttributesChange, Capability, Effect,
    EntitlementChange, EntitlementRecord, ExternalKey, GrantRecord, NewAccount,
};
use secrecy::SecretString;
use serde_json::{Map, Value};
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

/// One act, ready to be sent as often as a case wants: each time at something else, or after it was undone.
pub struct Act<'a> {
    stand: &'a Stand,
    of: Capability,
    round: usize,
    victims: Vec<AccountRecord>,
    /// Made to be deleted.
    doomed: Option<AccountRecord>,
    pair: Option<(AccountRecord, EntitlementRecord)>,
}

impl<'a> Act<'a> {
    /// `None`: the vendor shows nothing that it could be done to.
    pub async fn prepare(stand: &'a Stand, of: Capability) -> Option<Self> {
        let all = accounts(stand).await;
        let mut act = Self {
            stand,
            of,
            round: 0,
            victims: Vec::new(),
            doomed: None,
            pair: None,
        };
        if matches!(
            of,
            Capability::CreateGrants
                | Capability::DeleteGrants
                | Capability::UpdateEntitlements
                | Capability::ReplaceGrants
        ) {
            act.pair = act.choose(&all).await;
            act.pair.as_ref()?;
        }
        // Whoever is invited can be neither switched on nor off.
        act.victims = all;
        act.victims
            .retain(|one| one.status == AccountStatus::Active);
        (!act.victims.is_empty()).then_some(act)
    }

    /// An account and an entitlement that it can be given and that can be taken from it again.
    async fn choose(&self, all: &[AccountRecord]) -> Option<(AccountRecord, EntitlementRecord)> {
        let (granter, revoker) = (self.stand.adapter.granter()?, self.stand.adapter.revoker()?);
        for entitlement in entitlements(self.stand).await {
            for account in all.iter().filter(|one| one.status == AccountStatus::Active) {
                let pair = Pair {
                    account,
                    entitlement: &entitlement,
                };
                if granter.prepare_grant(pair).is_err() || revoker.prepare_revoke(pair).is_err() {
                    continue;
                }
                let given = granter.grant(&self.stand.writing(), pair).await;
                if given.is_ok_and(|outcome| outcome.effect == Effect::Created)
                    && revoker
                        .revoke(&self.stand.writing(), pair, None)
                        .await
                        .is_ok()
                {
                    return Some((account.clone(), entitlement));
                }
            }
        }
        None
    }

    /// Brings things to where the act has something to do. Not struck by any case.
    pub async fn reset(&mut self) {
        self.round += 1;
        let adapter = &self.stand.adapter;
        let pair = self.pair.as_ref().map(|(account, entitlement)| Pair {
            account,
            entitlement,
        });
        let call = self.stand.writing();
        match self.of {
            Capability::CreateGrants => {
                let revoker = adapter.revoker().expect("a slot");
                revoker
                    .revoke(&call, pair.expect("a pair"), None)
                    .await
                    .expect("undone");
            }
            Capability::DeleteGrants => {
                let granter = adapter.granter().expect("a slot");
                granter
                    .grant(&call, pair.expect("a pair"))
                    .await
                    .expect("done again");
            }
            Capability::ReplaceGrants => {
                let api = adapter.grant_replacer().expect("a slot");
                let (_, entitlement) = self.pair.as_ref().expect("a pair");
                api.replace_grants(&call, entitlement, &self.victims[..1])
                    .await
                    .expect("others");
            }
            Capability::ActivateAccounts => {
                let known = self.victim().await;
                if known.status == AccountStatus::Active {
                    let api = adapter.account_deactivator().expect("a slot");
                    api.deactivate_account(&call, &known)
                        .await
                        .expect("switched off");
                }
            }
            Capability::DeactivateAccounts => {
                let known = self.victim().await;
                if known.status != AccountStatus::Active {
                    let api = adapter.account_activator().expect("a slot");
                    api.activate_account(&call, &known)
                        .await
                        .expect("switched on");
                }
            }
            Capability::DeleteAccounts => {
                let api = adapter.account_creator().expect("a slot");
                let new = newcomer(&**api, &format!("doomed{}", self.round));
                let made = api.create_account(&call, &new, &[]).await.expect("made");
                self.doomed = Some(made.value);
            }
            _ => {}
        }
    }

    /// An attribute with another value each time.
    fn attributes(&self) -> Map<String, Value> {
        let value = format!("value {}", self.round);
        Map::from_iter([("department".to_owned(), value.into())])
    }

    /// The account that it is done to, as the vendor shows it now.
    async fn victim(&self) -> AccountRecord {
        let known = &self.victims[self.victims.len() / 2];
        let found = self.stand.find(&known.external_key).await;
        found.expect("a reading").unwrap_or_else(|| known.clone())
    }

    /// Sends it; what it did.
    pub async fn send(&self, call: &Call) -> Result<Effect, AdapterError> {
        let adapter = &self.stand.adapter;
        let pair = self.pair.as_ref().map(|(account, entitlement)| Pair {
            account,
            entitlement,
        });
        Ok(match self.of {
            Capability::CreateAccounts => {
                let api = adapter.account_creator().expect("a slot");
                let new = newcomer(&**api, &format!("newcomer{}", self.round));
                api.create_account(call, &new, &[]).await?.effect
            }
            Capability::UpdateAccounts => {
                let api = adapter.account_updater().expect("a slot");
                let known = self.victims[self.victims.len() / 2].clone();
                let change = [
                    AccountChange {
                        given_name: Some(Some(format!("Name {}", self.round))),
                        ..AccountChange::default()
                    },
                    AccountChange {
                        display_name: Some(Some(format!("Name {}", self.round))),
                        ..AccountChange::default()
                    },
                    AccountChange {
                        attributes: self.attributes(),
                        ..AccountChange::default()
                    },
                ]
                .into_iter()
                .find(|change| api.prepare_update(&known, change).is_ok())
                .expect("a change that this vendor can keep");
                api.update_account(call, &known, &change).await?.effect
            }
            Capability::DeleteAccounts => {
                let api = adapter.account_deleter().expect("a slot");
                let known = self.doomed.as_ref().expect("an account");
                api.delete_account(call, known).await?.effect
            }
            Capability::ActivateAccounts => {
                let api = adapter.account_activator().expect("a slot");
                let known = &self.victims[self.victims.len() / 2];
                api.activate_account(call, known).await?.effect
            }
            Capability::DeactivateAccounts => {
                let api = adapter.account_deactivator().expect("a slot");
                let known = &self.victims[self.victims.len() / 2];
                api.deactivate_account(call, known).await?.effect
            }
            Capability::CreateGrants => {
                let api = adapter.granter().expect("a slot");
                api.grant(call, pair.expect("a pair")).await?.effect
            }
            Capability::DeleteGrants => {
                let api = adapter.revoker().expect("a slot");
                api.revoke(call, pair.expect("a pair"), None).await?.effect
            }
            Capability::UpdateManyAccounts => {
                let api = adapter.many_accounts_updater().expect("a slot");
                let change = |account: &AccountRecord| AttributesChange {
                    account: account.clone(),
                    attributes: self.attributes(),
                };
                let changes: Vec<_> = self.victims.iter().take(3).map(change).collect();
                api.update_accounts(call, &changes).await?.effect
            }
            Capability::UpdateEntitlements => {
                let api = adapter.entitlement_updater().expect("a slot");
                let (_, entitlement) = self.pair.as_ref().expect("a pair");
                let name = format!("name-{}", self.round);
                let change = EntitlementChange { name };
                let outcome = api.update_entitlement(call, entitlement, &change).await?;
                outcome.effect
            }
            Capability::ReplaceGrants => {
                let api = adapter.grant_replacer().expect("a slot");
                let (_, entitlement) = self.pair.as_ref().expect("a pair");
                let holders = &self.victims[1..3];
                api.replace_grants(call, entitlement, holders).await?.effect
            }
            other => panic!("{other} changes nothing"),
        })
    }
}

/// A new account of the sort that this vendor takes.
fn newcomer(api: &dyn CreatesAccounts, name: &str) -> NewAccount {
    let email = format!("{name}@example.org");
    let bare = NewAccount {
        operation_id: Uuid::now_v7(),
        login: None,
        email: Some(email),
        display_name: None,
        given_name: None,
        family_name: None,
        kind: None,
        password: None,
        attributes: Map::new(),
        entitlements: Vec::new(),
    };
    let with_password = NewAccount {
        password: Some(SecretString::from("first-secret-of-all")),
        ..bare.clone()
    };
    let named = NewAccount {
        login: Some(name.to_owned()),
        given_name: Some("Given".into()),
        family_name: Some("Family".into()),
        attributes: Map::from_iter([("department".to_owned(), "engineering".into())]),
        ..bare.clone()
    };
    let placed = NewAccount {
        attributes: Map::from_iter([("domain".to_owned(), "acme@parent".into())]),
        ..bare.clone()
    };
    [named, with_password, bare, placed]
        .into_iter()
        .find(|new| api.prepare_create(new).is_ok())
        .expect("an account that this vendor takes")
}
