//! Giving roles to users and taking them away: the vendor replaces the whole set, so it is read, changed, written and compared.

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::convert::{self, Held, Key};
use super::owners::FEWER_OWNERS;
use super::{Api, wire};
use crate::adapters::contract::{
    AdapterError, Call, GrantsEntitlements, Outcome, Pair, RevokesEntitlements, SideEffect, Trouble,
};
use crate::adapters::transport::read_back;
use crate::domain::{Effect, EntitlementRecord, GrantRecord};

#[async_trait]
impl GrantsEntitlements for Api {
    /// The user. An owner's acts go with those that may leave the tenant with one owner less, for taking `owner` away must
    /// not meet another act on the same set.
    fn turns_of_granting(&self, pair: Pair<'_>) -> String {
        if convert::is_owner(pair.account) {
            FEWER_OWNERS.to_owned()
        } else {
            format!("roles of {}", pair.account.external_key.as_str())
        }
    }

    fn prepare_grant(&self, pair: Pair<'_>) -> Result<(), AdapterError> {
        self.subject(pair).map(drop)
    }

    async fn grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Outcome<Option<GrantRecord>>, AdapterError> {
        let (user, role) = self.subject(pair)?;
        let before = self.roles_of(call, user).await?.ok_or_else(left)?;
        let there = |roles: Vec<Held>| {
            let held = roles.into_iter().find(|held| held.id == role);
            held.map(|held| convert::grant(user, held))
        };
        if holds(&before, role) {
            return Ok(Outcome {
                effect: Effect::Noop,
                value: there(before),
            });
        }
        let mut wanted = ids(&before);
        wanted.insert(role);
        match self.replace(call, user, pair, &before, &wanted).await {
            Ok(()) => {}
            // The 404 alone would not tell whether the user is gone or hidden (§3). A reading does.
            Err(refusal) if refusal.trouble == Trouble::NotFound => {
                let now = self.roles_of(call, user).await.map_err(refused)?;
                return Err(now.map_or_else(left, |_| rejected(refusal)));
            }
            Err(error) => return Err(error),
        }
        let shown = self
            .compared(call, user, |now| wanted.is_subset(now))
            .await?;
        Ok(Outcome {
            effect: Effect::Created,
            value: there(shown),
        })
    }
}

#[async_trait]
impl RevokesEntitlements for Api {
    /// As for granting; and whoever takes `owner` away looks first whether another owner stays.
    fn turns_of_revoking(&self, pair: Pair<'_>) -> String {
        if convert::is_role_of_owners(pair.entitlement) {
            FEWER_OWNERS.to_owned()
        } else {
            self.turns_of_granting(pair)
        }
    }

    fn prepare_revoke(&self, pair: Pair<'_>) -> Result<(), AdapterError> {
        self.subject(pair).map(drop)
    }

    /// No role excludes another here, so none is to be given back.
    async fn revoke(
        &self,
        call: &Call,
        pair: Pair<'_>,
        _restores: Option<&EntitlementRecord>,
    ) -> Result<Outcome<()>, AdapterError> {
        let (user, role) = self.subject(pair)?;
        const GONE: Outcome<()> = Outcome {
            effect: Effect::Noop,
            value: (),
        };
        // Who has left the tenant holds nothing in it.
        let before = self.roles_of(call, user).await?.unwrap_or_default();
        let Some(held) = before.iter().find(|held| held.id == role) else {
            return Ok(GONE);
        };
        if held.is_owner() || convert::is_role_of_owners(pair.entitlement) {
            self.refuse_own_login(call, user).await?;
            self.refuse_last_owner(call, user).await?;
        }
        let mut wanted = ids(&before);
        wanted.remove(&role);
        match self.replace(call, user, pair, &before, &wanted).await {
            Ok(()) => {}
            Err(refusal) if refusal.trouble == Trouble::NotFound => {
                let now = self.roles_of(call, user).await.map_err(refused)?;
                return match now.is_some_and(|now| holds(&now, role)) {
                    true => Err(rejected(refusal)),
                    false => Ok(GONE),
                };
            }
            Err(error) => return Err(error),
        }
        self.compared(call, user, |now| {
            !now.contains(&role) && wanted.is_subset(now)
        })
        .await?;
        Ok(Outcome {
            effect: Effect::Deleted,
            value: (),
        })
    }
}

impl Api {
    /// The user and the role, if the one can be given the other.
    fn subject(&self, pair: Pair<'_>) -> Result<(Uuid, Uuid), AdapterError> {
        let role = match convert::key(&pair.entitlement.external_key) {
            Some(Key::Role(role)) => role,
            Some(Key::Permission(_)) => {
                return Err(AdapterError::unsupported(
                    "/entitlement_id",
                    "Lightelligence gives permissions with roles only: choose a role that has this one",
                ));
            }
            _ => {
                return Err(AdapterError::invalid(
                    "/entitlement_id",
                    "this is no role of a Lightelligence tenant",
                ));
            }
        };
        let tenant = convert::tenant_key(self.settings.tenant_id);
        if pair.entitlement.resource_key.as_ref() != Some(&tenant) {
            return Err(AdapterError::invalid(
                "/entitlement_id",
                "this is a role of another tenant than the connection's: choose one of its own",
            ));
        }
        match convert::key(&pair.account.external_key) {
            Some(Key::User(user)) => Ok((user, role)),
            Some(Key::Invite(_)) => Err(AdapterError::unsupported(
                "/account_id",
                "the roles of an invite stay as they were when it was made: wait until it is accepted, or delete the account \
                 and create it anew with entitlement_ids",
            )),
            _ => Err(AdapterError::invalid(
                "/account_id",
                "this is no user of a Lightelligence tenant",
            )),
        }
    }

    /// Sends the set as it shall be.
    async fn replace(
        &self,
        call: &Call,
        user: Uuid,
        pair: Pair<'_>,
        before: &[Held],
        wanted: &BTreeSet<Uuid>,
    ) -> Result<(), AdapterError> {
        let seen = json!({ "roles": ids(before) });
        if self.settings.legacy_roles {
            let names = self.names(call, pair, before, wanted).await?;
            let role_names = names.iter().map(String::as_str).collect();
            let body = wire::NewRoleNames { role_names };
            return self
                .client
                .replace_role_names(call, user, &body, &seen)
                .await;
        }
        let roles = wanted.iter().map(|id| wire::RoleId { id: *id }).collect();
        let body = wire::NewRoles { roles };
        self.client.replace_roles(call, user, &body, &seen).await
    }

    /// The names of these roles: those held before say theirs, or it is looked up; the one that is granted is known.
    async fn names(
        &self,
        call: &Call,
        pair: Pair<'_>,
        before: &[Held],
        wanted: &BTreeSet<Uuid>,
    ) -> Result<Vec<String>, AdapterError> {
        let mut names = Vec::with_capacity(wanted.len());
        for id in wanted {
            let held = before.iter().find(|held| held.id == *id);
            let name = match held.map(|held| &held.name) {
                None => pair.entitlement.name.clone(),
                Some(Some(name)) => name.clone(),
                Some(None) => {
                    let found = self.roles.name(&self.client, call, *id).await?;
                    found.map_err(|_| {
                        let words = format!(
                            "the user holds the role {id}, which has no name, and by names alone it would be lost"
                        );
                        refused(AdapterError::new(Trouble::Malformed, words))
                    })?
                }
            };
            names.push(name);
        }
        Ok(names)
    }

    /// Reads the set after it was written, until it is as it should be.
    ///
    /// # Errors
    /// [`Trouble::Malformed`] when it does not come to be so: what was accepted is not what is there.
    async fn compared(
        &self,
        call: &Call,
        user: Uuid,
        is_as_wanted: impl Fn(&BTreeSet<Uuid>) -> bool,
    ) -> Result<Vec<Held>, AdapterError> {
        let shown = read_back(|| self.roles_of(call, user), |now| is_as_wanted(&ids(now))).await;
        let words = match shown {
            Some(now) if is_as_wanted(&ids(&now)) => return Ok(now),
            Some(_) => {
                "Lightelligence accepted the roles and shows others: somebody changed them at the same moment, or it kept \
                 them otherwise than asked"
            }
            None => "Lightelligence accepted the roles and does not show them",
        };
        Err(AdapterError::new(Trouble::Malformed, words).with_effect(SideEffect::Unknown))
    }
}

fn ids(roles: &[Held]) -> BTreeSet<Uuid> {
    roles.iter().map(|held| held.id).collect()
}

fn holds(roles: &[Held], role: Uuid) -> bool {
    roles.iter().any(|held| held.id == role)
}

/// That the vendor refused, or that nothing was sent, is certain, whatever a reading says.
fn refused(error: AdapterError) -> AdapterError {
    error.with_effect(SideEffect::None)
}

fn rejected(refusal: AdapterError) -> AdapterError {
    AdapterError {
        trouble: Trouble::Rejected,
        ..refusal
    }
}

fn left() -> AdapterError {
    AdapterError::new(
        Trouble::NotFound,
        "the user has left the tenant: only users of the tenant hold roles in it",
    )
}
