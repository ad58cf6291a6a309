//! Driving one capability of an adapter that changes something, whichever it is.

use iam_gateway::adapters::contract::{AdapterError, Call, CreatesAccounts, Pair};
use iam_gateway::domain::{
    AccountChange, AccountRecord, AccountStatus, AttributesChange, Capability, Effect,
    EntitlementChange, EntitlementRecord, NewAccount,
};
use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::drive::{accounts, entitlements};
use crate::adapters::stand::Stand;

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
