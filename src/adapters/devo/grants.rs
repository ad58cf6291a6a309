//! Who holds which role, and changing that: Devo sets the roles of a user as a whole (§4).
//!
//! Each change reads the set, changes it, sets it and compares what it reads then; acts on one user take turns.

use std::collections::HashSet;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::domain::Domain;
use super::entitlements::whole;
use super::roles::{self, NO_PRIVILEGES, Role, Roles};
use super::{Api, convert};
use crate::adapters::contract::{
    AdapterError, Call, Completeness, GrantsEntitlements, ListsGrants, Outcome, Page, PageRequest,
    Pair, ReadsGrants, RevokesEntitlements, Trouble,
};
use crate::domain::{AccountRecord, Effect, EntitlementRecord, ExternalKey, GrantRecord};

#[async_trait]
impl ListsGrants for Api {
    fn completeness(&self) -> Completeness {
        Completeness::Whole
    }

    async fn list_grants(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<GrantRecord>, AdapterError> {
        let mut walk = self.walk(call, page).await?;
        while let Some(name) = walk.next_domain() {
            let grants = self.domain(&name).grants(call).await;
            walk.add(&name, grants)?;
        }
        Ok(walk.page())
    }
}

#[async_trait]
impl ReadsGrants for Api {
    async fn find_grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Option<GrantRecord>, AdapterError> {
        let name = self.domain_of(pair)?;
        let domain = self.domain(&name);
        let Some(user) = domain.find(call, &pair.account.external_id).await? else {
            return Ok(None);
        };
        let wanted = &pair.entitlement.external_key;
        if *wanted == roles::owner_key(&name) {
            let owns = convert::is_owner(&user).ok_or_else(|| {
                let words = "Devo does not say whether the user owns the domain";
                AdapterError::new(Trouble::Malformed, words)
            })?;
            return Ok(owns.then(|| grant(&user, wanted, roles::OWNER)));
        }
        let roles = domain.roles(call).await?.unwrap_or_default();
        let words = roles.without_rest(&words(&user)?);
        let role = Wanted::of(&roles, pair.entitlement)?;
        let found = words.iter().find(|word| role.is(&roles, word));
        Ok(found.map(|word| grant(&user, wanted, word)))
    }
}

#[async_trait]
impl GrantsEntitlements for Api {
    fn turns_of_granting(&self, pair: Pair<'_>) -> String {
        turns(pair)
    }

    fn prepare_grant(&self, pair: Pair<'_>) -> Result<(), AdapterError> {
        self.grantable(pair).map(drop)
    }

    async fn grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Outcome<Option<GrantRecord>>, AdapterError> {
        let name = self.grantable(pair)?;
        let domain = self.domain(&name);
        let email = &pair.account.external_id;
        let user = domain.find(call, email).await?.ok_or_else(|| {
            AdapterError::new(Trouble::NotFound, "the user is not in the domain any more")
                .at("/account_id")
        })?;
        let roles = domain.roles(call).await?.unwrap_or_default();
        let key = &pair.entitlement.external_key;
        let Some(role) = roles.with_key(key) else {
            roles.lacks()?;
            let words = "the domain does not have this role any more";
            return Err(AdapterError::new(Trouble::NotFound, words).at("/entitlement_id"));
        };
        let before = words(&user)?;
        let held = roles.without_rest(&before);
        let is_it = |word: &String| roles.called(word).is_some_and(|one| one.key() == key);
        if let Some(word) = held.iter().find(|word| is_it(word)) {
            return Ok(Outcome {
                effect: Effect::Noop,
                value: Some(grant(&user, key, word)),
            });
        }
        check_alone(&roles, role, &held)?;
        let mut wanted = held;
        wanted.push(role.word().to_owned());
        let shown = domain.set(call, email, &roles, &before, &wanted).await?;
        Ok(Outcome {
            effect: Effect::Created,
            value: shown.map(|user| grant(&user, key, role.word())),
        })
    }
}

#[async_trait]
impl RevokesEntitlements for Api {
    fn turns_of_revoking(&self, pair: Pair<'_>) -> String {
        turns(pair)
    }

    fn prepare_revoke(&self, pair: Pair<'_>) -> Result<(), AdapterError> {
        self.grantable(pair).map(drop)
    }

    /// ADMIN is the only member of its exclusive group, so that nothing is ever to be restored; were there something, it
    /// would come back with the same set.
    async fn revoke(
        &self,
        call: &Call,
        pair: Pair<'_>,
        restores: Option<&EntitlementRecord>,
    ) -> Result<Outcome<()>, AdapterError> {
        let name = self.grantable(pair)?;
        let domain = self.domain(&name);
        let email = &pair.account.external_id;
        let nothing = Outcome {
            effect: Effect::Noop,
            value: (),
        };
        let Some(user) = domain.find(call, email).await? else {
            return Ok(nothing);
        };
        let roles = domain.roles(call).await?.unwrap_or_default();
        let role = Wanted::of(&roles, pair.entitlement)?;
        let before = words(&user)?;
        let held = roles.without_rest(&before);
        let (gone, mut wanted): (Vec<_>, Vec<_>) =
            held.into_iter().partition(|word| role.is(&roles, word));
        if gone.is_empty() {
            return Ok(nothing);
        }
        if convert::is_owner(&user) == Some(true) && role.is_admin() {
            let words = "the user owns the domain, and an owner keeps the role ADMIN";
            return Err(AdapterError::new(Trouble::Conflict, words).at("/entitlement_id"));
        }
        if let Some(back) = restores.and_then(|back| roles.with_key(&back.external_key)) {
            wanted.push(back.word().to_owned());
        }
        domain.set(call, email, &roles, &before, &wanted).await?;
        Ok(Outcome {
            effect: Effect::Deleted,
            value: (),
        })
    }
}

impl Api {
    /// The domain that both are of.
    fn domain_of(&self, pair: Pair<'_>) -> Result<String, AdapterError> {
        let user = self.user_in(&pair.account.external_key);
        let (domain, _) = user.map_err(|error| error.at("/account_id"))?;
        if roles::domain(&pair.entitlement.external_key).as_ref() != Some(&domain) {
            let words = format!("this is not a role of the domain {domain}, where the user is");
            return Err(AdapterError::invalid("/entitlement_id", words));
        }
        Ok(domain)
    }

    /// The domain of a pair that can be granted and revoked.
    fn grantable(&self, pair: Pair<'_>) -> Result<String, AdapterError> {
        let domain = self.domain_of(pair)?;
        match roles::grantable(pair.entitlement, &domain) {
            Ok(()) => Ok(domain),
            Err(words) => Err(AdapterError::unsupported("/entitlement_id", words)),
        }
    }
}

impl Domain<'_> {
    /// Everything that users of the domain hold.
    async fn grants(self, call: &Call) -> Result<Page<GrantRecord>, AdapterError> {
        let roles = self.roles(call).await?.unwrap_or_default();
        let users = self.users(call).await?;
        Ok(held(users, &roles, self.name))
    }

    /// Sets the roles of a user and looks whether Devo shows them; the user as it is then, where it can be read.
    async fn set(
        self,
        call: &Call,
        email: &str,
        roles: &Roles,
        before: &[String],
        wanted: &[String],
    ) -> Result<Option<AccountRecord>, AdapterError> {
        // Devo lets nobody be without a role (§4).
        let wanted = match wanted {
            [] => vec![NO_PRIVILEGES.to_owned()],
            some => some.to_vec(),
        };
        let mark = json!({ "roles": before });
        let sent = match (before, wanted.as_slice()) {
            ([_], [one]) => {
                let put = self.client().put_role(call, self.name, email, one, &mark);
                put.await
            }
            _ => {
                let put = self
                    .client()
                    .put_roles(call, self.name, email, &wanted, &mark);
                put.await
            }
        };
        if let Err(error) = sent {
            let error = self.confirmed(call, email, error).await;
            return Err(match error.pointer {
                Some(_) => error.at("/entitlement_id"),
                None => error,
            });
        }
        let shows = |user: &AccountRecord| {
            convert::role_words(user).is_some_and(|shown| roles.are_same(&shown, &wanted))
        };
        match self.read_back(call, email, shows).await {
            Some(user) if !shows(&user) => Err(AdapterError::new(
                Trouble::Malformed,
                format!(
                    "Devo accepted the roles {} for the user and still shows {}",
                    wanted.join(", "),
                    convert::role_words(&user).unwrap_or_default().join(", ")
                ),
            )),
            shown => Ok(shown),
        }
    }
}

/// The role of a pair, as the domain has it now or, when it has it no more, as it was.
enum Wanted<'a> {
    There(&'a Role),
    Gone(&'a EntitlementRecord),
}

impl<'a> Wanted<'a> {
    fn of(roles: &'a Roles, entitlement: &'a EntitlementRecord) -> Result<Self, AdapterError> {
        match roles.with_key(&entitlement.external_key) {
            Some(role) => Ok(Self::There(role)),
            None => roles.lacks().map(|()| Self::Gone(entitlement)),
        }
    }

    fn is(&self, roles: &Roles, word: &str) -> bool {
        match (self, roles.called(word)) {
            (Self::There(role), Some(called)) => role.key() == called.key(),
            (Self::There(_), None) => false,
            // Whoever holds its old word holds what is left of it, unless another role has that word now.
            (Self::Gone(role), None) => role.external_id.eq_ignore_ascii_case(word),
            (Self::Gone(_), Some(_)) => false,
        }
    }

    fn is_admin(&self) -> bool {
        matches!(self, Self::There(role) if role.is_admin())
    }
}

/// The same for granting and revoking: each of them sets everything that the user has.
fn turns(pair: Pair<'_>) -> String {
    format!("roles of {}", pair.account.external_key.as_str())
}

/// ADMIN goes with no other role (§4).
fn check_alone(roles: &Roles, role: &Role, held: &[String]) -> Result<(), AdapterError> {
    let has_admin = held
        .iter()
        .any(|word| roles.called(word).is_some_and(Role::is_admin));
    if held.is_empty() || !role.is_admin() && !has_admin {
        return Ok(());
    }
    Err(AdapterError::new(
        Trouble::Conflict,
        format!(
            "the user has {}, and ADMIN can't be combined with other roles at Devo: revoke that first",
            held.join(", ")
        ),
    )
    .at("/entitlement_id"))
}

/// What must be known before a set is replaced: what is in it.
fn words(user: &AccountRecord) -> Result<Vec<String>, AdapterError> {
    convert::role_words(user).ok_or_else(|| {
        AdapterError::new(
            Trouble::Malformed,
            "Devo does not say which roles the user has",
        )
    })
}

fn grant(user: &AccountRecord, role: &ExternalKey, word: &str) -> GrantRecord {
    let raw = json!({ "email": user.external_id, "role": word });
    GrantRecord::held(user.external_key.clone(), role.clone(), raw)
}

/// The grants of these users.
fn held(users: Vec<Value>, roles: &Roles, domain: &str) -> Page<GrantRecord> {
    let mut items = Vec::new();
    let mut defects = roles.defects.clone();
    let mut seen = HashSet::new();
    for (index, raw) in users.into_iter().enumerate() {
        let place = index + 1;
        let user = match convert::record(raw, domain) {
            Ok(user) => user,
            Err(defect) => {
                defects.push(format!("user {place}: {defect}"));
                continue;
            }
        };
        if !seen.insert(user.external_key.clone()) {
            defects.push(format!("user {place} is listed twice"));
            continue;
        }
        let Some(words) = convert::role_words(&user) else {
            defects.push(format!(
                "user {place}: Devo does not say which roles it has"
            ));
            continue;
        };
        let mut keys = HashSet::new();
        for word in roles.without_rest(&words) {
            match roles.called(&word) {
                Some(role) if keys.insert(role.key()) => {
                    items.push(grant(&user, role.key(), &word));
                }
                Some(_) => {}
                None => defects.push(format!(
                    "user {place} has the role `{word}`, which is not in the domain's list of roles"
                )),
            }
        }
        // Left out it may be by an older Devo; what is there must say something.
        if user.raw.get("owner").is_some_and(Value::is_null) {
            defects.push(format!(
                "user {place}: Devo does not say whether it owns the domain"
            ));
        }
        if convert::is_owner(&user) == Some(true) {
            items.push(grant(&user, &roles::owner_key(domain), roles::OWNER));
        }
    }
    let mut page = whole(items, defects);
    // Users are counted by Devo, grants are not.
    page.total = None;
    page
}

#[cfg(test)]
mod tests;
