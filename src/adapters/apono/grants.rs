//! Who is in which group: listed group by group, read in the list of a group's members, and changed one member at a time.
//!
//! What else people hold they asked for, and only they see it: there is no list of it for the tenant (§10). A personal token shows
//! its owner's requests, and neither whose token it is nor the id of a permission, so nothing is made of them here.

mod holders;
mod people;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Place;
use super::convert::{self, EntitlementKey};
use super::pages::{malformed, next, page};
use super::place::{InGrants, cursor, place};
use super::{Api, wire};
use crate::adapters::contract::{
    AdapterError, Call, Completeness, GrantsEntitlements, ListsGrants, Outcome, Page, PageRequest,
    Pair, ReadsGrants, RevokesEntitlements, Trouble,
};
use crate::domain::{AccountRecord, Effect, EntitlementRecord, GrantRecord};

/// Why absence from the listing means nothing.
const PARTIAL: &str = "Apono lists the members of groups; what people were given by access requests only they themselves can see";

/// No group has so many pages of members; a listing that goes on and on is cut here.
const MAX_PAGES: usize = 10_000;

#[async_trait]
impl ListsGrants for Api {
    fn completeness(&self) -> Completeness {
        Completeness::Partial(PARTIAL)
    }

    /// A page of the members of one group. The group is asked for again for each of them, by the same token.
    async fn list_grants(
        &self,
        call: &Call,
        wanted: &PageRequest,
    ) -> Result<Page<GrantRecord>, AdapterError> {
        let at = place(wanted.cursor.as_deref(), InGrants::default())?;
        let asked = match &at.group {
            None => Place::First(1),
            Some(token) => Place::Token(token),
        };
        let mut groups = self.client.groups(call, asked).await?;
        let mut defects = Vec::new();
        let group = groups.items.pop();
        if !groups.items.is_empty() {
            return Err(malformed(
                "Apono listed several groups where one was asked for",
            ));
        }
        let following = next(groups.pagination, at.group.as_deref(), &mut defects);
        let (mut items, mut more) = (Vec::new(), None);
        match group.map(convert::group) {
            None => {}
            Some(Err(defect)) => defects.push(format!("a group: {defect}")),
            Some(Ok(group)) => {
                let asked = self.place(wanted, &at.members);
                match self.members(call, &group.external_id, asked).await? {
                    None => defects.push("a group went while its members were listed".to_owned()),
                    Some(members) => {
                        more = next(members.pagination, at.members.as_deref(), &mut defects);
                        items = self.held(call, &group, members.items, &mut defects).await?;
                    }
                }
            }
        }
        let next = match (more, following) {
            (Some(members), _) => Some(InGrants {
                group: at.group,
                members: Some(members),
            }),
            (None, Some(group)) => Some(InGrants {
                group: Some(group),
                members: None,
            }),
            (None, None) => None,
        };
        Ok(page(items, next.as_ref().map(cursor), defects))
    }
}

#[async_trait]
impl ReadsGrants for Api {
    async fn find_grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Option<GrantRecord>, AdapterError> {
        let Some(EntitlementKey::Group(id)) = EntitlementKey::read(&pair.entitlement.external_key)
        else {
            return Err(AdapterError::new(
                Trouble::Unsupported,
                "Apono shows who is in a group; who holds anything else only the holders can see",
            ));
        };
        let email = self.membership(call, &id, pair.account).await?;
        Ok(email.map(|email| record(pair, &email)))
    }
}

#[async_trait]
impl GrantsEntitlements for Api {
    fn turns_of_granting(&self, pair: Pair<'_>) -> String {
        turns(pair.entitlement)
    }

    fn prepare_grant(&self, pair: Pair<'_>) -> Result<(), AdapterError> {
        membership_of(pair).map(drop)
    }

    async fn grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Outcome<Option<GrantRecord>>, AdapterError> {
        let (id, email) = membership_of(pair)?;
        if let Some(email) = self.membership(call, &id, pair.account).await? {
            return Ok(Outcome {
                effect: Effect::Noop,
                value: Some(record(pair, &email)),
            });
        }
        self.own_group(call, &id).await?;
        let before = json!({ "is_member": false });
        self.client.add_member(call, &id, email, &before).await?;
        match self.membership(call, &id, pair.account).await? {
            Some(email) => Ok(Outcome {
                effect: Effect::Created,
                value: Some(record(pair, &email)),
            }),
            None => Err(malformed(
                "Apono accepted the new member and does not show it in the group",
            )),
        }
    }
}

#[async_trait]
impl RevokesEntitlements for Api {
    fn turns_of_revoking(&self, pair: Pair<'_>) -> String {
        turns(pair.entitlement)
    }

    fn prepare_revoke(&self, pair: Pair<'_>) -> Result<(), AdapterError> {
        membership_of(pair).map(drop)
    }

    async fn revoke(
        &self,
        call: &Call,
        pair: Pair<'_>,
        _restores: Option<&EntitlementRecord>,
    ) -> Result<Outcome<()>, AdapterError> {
        let (id, _) = membership_of(pair)?;
        let outcome = |effect| Outcome { effect, value: () };
        // By the address that the list names, which may be an alias.
        let Some(email) = self.membership(call, &id, pair.account).await? else {
            return Ok(outcome(Effect::Noop));
        };
        self.own_group(call, &id).await?;
        let before = json!({ "is_member": true });
        self.client
            .remove_member(call, &id, &email, &before)
            .await?;
        match self.membership(call, &id, pair.account).await? {
            None => Ok(outcome(Effect::Deleted)),
            Some(_) => Err(malformed(
                "Apono accepted that the member goes and still shows it in the group",
            )),
        }
    }
}

/// All members of a group can be replaced at once, so that whatever is done to it takes turns by the group.
pub(super) fn turns(entitlement: &EntitlementRecord) -> String {
    entitlement.external_key.as_str().to_owned()
}

fn record(pair: Pair<'_>, email: &str) -> GrantRecord {
    convert::member(pair.account.external_key.clone(), pair.entitlement, email)
}

/// The id of the group and the address of the account, where the one can be made a member of the other.
fn membership_of(pair: Pair<'_>) -> Result<(String, &str), AdapterError> {
    let id = changeable_group(pair.entitlement).map_err(|error| error.at("/entitlement_id"))?;
    let email = address(pair.account).map_err(|error| error.at("/account_id"))?;
    Ok((id, email))
}

/// The id of the group that an entitlement is the membership of, where it was made in Apono.
pub(super) fn changeable_group(entitlement: &EntitlementRecord) -> Result<String, AdapterError> {
    let unsupported = |words| Err(AdapterError::new(Trouble::Unsupported, words));
    let id = match EntitlementKey::read(&entitlement.external_key) {
        Some(EntitlementKey::Group(id)) => id,
        Some(EntitlementKey::Bundle(_) | EntitlementKey::Pair) | None => {
            return unsupported(
                "at Apono this is given by access requests; directly granted is only the membership of a group that was made in Apono",
            );
        }
    };
    if !entitlement.assignable {
        return unsupported(
            "this group comes from a directory and is changed there; only groups that were made in Apono can be changed here",
        );
    }
    Ok(id)
}

/// The address by which Apono is told who it is about.
pub(super) fn address(account: &AccountRecord) -> Result<&str, AdapterError> {
    let email = account.email.as_deref();
    let email = email.filter(|email| !matches!(*email, "" | "." | ".."));
    email.ok_or_else(|| {
        AdapterError::new(
            Trouble::Invalid,
            "Apono names people by their e-mail address, and this account has none",
        )
    })
}

impl Api {
    /// The group, which is there and still is one that can be changed.
    pub(super) async fn own_group(
        &self,
        call: &Call,
        id: &str,
    ) -> Result<EntitlementRecord, AdapterError> {
        let group = self.group(call, id).await?;
        let group =
            group.ok_or_else(|| AdapterError::new(Trouble::NotFound, "the group is gone"))?;
        if group.assignable {
            return Ok(group);
        }
        Err(AdapterError::new(
            Trouble::Conflict,
            "the group comes from a directory by now and is changed there",
        ))
    }

    /// A page of the members of a group; `None` when the group is proven gone.
    async fn members(
        &self,
        call: &Call,
        id: &str,
        asked: Place<'_>,
    ) -> Result<Option<wire::TokenPage>, AdapterError> {
        match self.client.group_members(call, id, asked).await {
            Ok(members) => Ok(Some(members)),
            Err(error) if error.trouble == Trouble::NotFound => match self.group(call, id).await? {
                None => Ok(None),
                Some(_) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// The address by which an account is in a group; `None` when the whole list shows that it is not.
    async fn membership(
        &self,
        call: &Call,
        id: &str,
        account: &AccountRecord,
    ) -> Result<Option<String>, AdapterError> {
        let known = convert::emails(account);
        let mut found = None;
        let is_it = |email: &str| {
            if known.contains(&email.to_lowercase()) {
                found = Some(email.to_owned());
            }
            found.is_some()
        };
        self.each_member(call, id, is_it).await?;
        Ok(found)
    }

    /// Goes over the addresses of the members of a group until one of them `is_enough`; `None` when the group is proven gone. An
    /// address that can't be read proves nothing.
    async fn each_member(
        &self,
        call: &Call,
        id: &str,
        mut is_enough: impl FnMut(&str) -> bool + Send,
    ) -> Result<Option<()>, AdapterError> {
        let mut token: Option<String> = None;
        let mut defects = Vec::new();
        for _ in 0..MAX_PAGES {
            let asked = match &token {
                None => Place::First(self.page_size),
                Some(token) => Place::Token(token),
            };
            let Some(members) = self.members(call, id, asked).await? else {
                return Ok(None);
            };
            for member in &members.items {
                match email_of(member) {
                    Some(email) if is_enough(&email) => return Ok(Some(())),
                    Some(_) => {}
                    None => defects.push("a member of the group has no address".to_owned()),
                }
            }
            let after = next(members.pagination, token.as_deref(), &mut defects);
            if let Some(defect) = defects.pop() {
                return Err(malformed(defect));
            }
            match after {
                Some(after) => token = Some(after),
                None => return Ok(Some(())),
            }
        }
        Err(malformed(
            "Apono's list of the members of the group has no end",
        ))
    }
}

/// The address that a list of members names.
pub(super) fn email_of(member: &Value) -> Option<String> {
    let wire::Member { email } = wire::Member::deserialize(member).ok()?;
    email.filter(|email| !email.is_empty())
}
