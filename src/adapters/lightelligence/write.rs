//! Inviting people, and taking them out of the tenant again.

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;

use super::convert::{self, Key};
use super::draft::{Draft, draft};
use super::owners::FEWER_OWNERS;
use super::{Api, read, wire};
use crate::adapters::contract::{
    AdapterError, Call, CreateProof, CreatesAccounts, DeletesAccounts, Outcome, SideEffect, Trouble,
};
use crate::adapters::transport::read_back;
use crate::domain::{AccountRecord, Effect, ExternalKey, NewAccount};

#[async_trait]
impl CreatesAccounts for Api {
    /// The vendor gives the id of an invite; what is ours is that nobody had this address before.
    fn create_proof(&self) -> CreateProof {
        CreateProof::OneNewMatch
    }

    fn prepare_create(&self, new: &NewAccount) -> Result<String, AdapterError> {
        draft(new, self.settings.tenant_id).map(|draft| draft.email)
    }

    /// The invites are read first: whoever accepts in between is found among the users.
    async fn find_matches(
        &self,
        call: &Call,
        new: &NewAccount,
    ) -> Result<Vec<AccountRecord>, AdapterError> {
        let Draft { email, roles: _ } = draft(new, self.settings.tenant_id)?;
        let invites = self.open_invites(call).await?;
        match self.user_by_email(call, &email).await? {
            Some(user) => Ok(vec![user]),
            None => invites.matching(|invite| convert::has_email(invite, &email)),
        }
    }

    async fn create_account(
        &self,
        call: &Call,
        new: &NewAccount,
        before: &[ExternalKey],
    ) -> Result<Outcome<AccountRecord>, AdapterError> {
        let Draft { email, mut roles } = draft(new, self.settings.tenant_id)?;
        if roles.is_empty() {
            // Resolved also where it goes by name, so that a role that is not there is told before anything is sent.
            let id = self.invite_role(call).await?;
            roles.push((id, self.settings.invite_role.clone()));
        }
        let legacy = self.settings.legacy_roles;
        let by_id = || roles.iter().map(|(id, _)| wire::RoleId { id: *id });
        let by_name = || roles.iter().map(|(_, name)| name.as_str());
        let invite = wire::NewInvite {
            receiver_email: &email,
            roles: (!legacy).then(|| by_id().collect()),
            role_names: legacy.then(|| by_name().collect()),
        };
        let before = json!({ "matches": before });
        let answered = self.client.create_invite(call, &invite, &before).await?;
        let shown = read_back(
            || async {
                let mut there = self.find_matches(call, new).await?;
                Ok(there.pop())
            },
            |_| true,
        )
        .await;
        let made = match shown {
            Some(record) => Some(record),
            None => answered.and_then(|raw| {
                let invite = convert::invite(self.settings.tenant_id, raw);
                invite.ok().flatten()
            }),
        };
        let value = made.ok_or_else(|| {
            AdapterError::new(
                Trouble::Malformed,
                "Lightelligence accepted the invite and does not show it",
            )
            .with_effect(SideEffect::Unknown)
        })?;
        Ok(Outcome {
            effect: Effect::Created,
            value,
        })
    }
}

#[async_trait]
impl DeletesAccounts for Api {
    /// Users go one at a time: whoever removes an owner looks first whether another one stays. An invite owns nothing.
    fn turns_of_removal(&self, known: &AccountRecord) -> Option<&'static str> {
        match convert::key(&known.external_key) {
            Some(Key::User(_)) => Some(FEWER_OWNERS),
            _ => None,
        }
    }

    async fn delete_account(
        &self,
        call: &Call,
        known: &AccountRecord,
    ) -> Result<Outcome<()>, AdapterError> {
        let key = convert::key(&known.external_key).ok_or_else(read::not_ours)?;
        let before =
            json!({ "status": known.status.as_str(), "roles": known.attributes.get("roles") });
        let deleted = match key {
            Key::Invite(id) => self.client.delete_invite(call, id, &before).await,
            Key::User(id) => {
                if convert::is_owner(known) {
                    self.refuse_last_owner(call, id).await?;
                }
                self.refuse_own_login(call, id).await?;
                self.client.remove_user(call, id, &before).await
            }
            Key::Tenant(_) | Key::Role(_) | Key::Permission(_) => return Err(read::not_ours()),
        };
        let refusal = match deleted {
            Ok(()) => {
                return Ok(Outcome {
                    effect: Effect::Deleted,
                    value: (),
                });
            }
            // It was there a moment ago; the 404 alone would not tell whether it is gone or hidden (§3), nor the 409 whether
            // an invite was deleted or accepted. A reading does.
            Err(error) if matches!(error.trouble, Trouble::NotFound | Trouble::Conflict) => error,
            Err(error) => return Err(error),
        };
        self.after_refusal(call, known, key, refusal).await
    }
}

impl Api {
    /// What a removal that was refused comes to: nothing to do, if a reading shows that nothing is left.
    async fn after_refusal(
        &self,
        call: &Call,
        known: &AccountRecord,
        key: Key,
        refusal: AdapterError,
    ) -> Result<Outcome<()>, AdapterError> {
        // That the vendor refused is certain, whatever a reading says.
        let refused = |error: AdapterError| error.with_effect(SideEffect::None);
        let left = match key {
            Key::User(id) => self.find_user(call, id).await.map_err(refused)?,
            Key::Invite(_) => {
                let email = known.email.as_deref().unwrap_or_default();
                let user = self.user_by_email(call, email).await.map_err(refused)?;
                if user.is_some() {
                    return Err(AdapterError::new(
                        Trouble::Conflict,
                        "the invite was accepted just now: the account is a user of the tenant. Delete it again to remove that",
                    ));
                }
                let open = self.open_invites(call).await.map_err(refused)?;
                let same = open.matching(|invite| invite.external_key == known.external_key);
                same.map_err(refused)?.pop()
            }
            Key::Tenant(_) | Key::Role(_) | Key::Permission(_) => None,
        };
        match left {
            None => Ok(Outcome {
                effect: Effect::Noop,
                value: (),
            }),
            Some(_) => Err(AdapterError {
                trouble: Trouble::Rejected,
                ..refusal
            }),
        }
    }

    /// The id of the role that the setting names.
    pub(super) async fn invite_role(&self, call: &Call) -> Result<Uuid, AdapterError> {
        let name = &self.settings.invite_role;
        let found = self.roles.id(&self.client, call, name).await?;
        found.map_err(|known| {
            AdapterError::new(
                Trouble::Rejected,
                format!(
                    "the tenant has no role `{name}`, which the setting invite_role names; it has {known}"
                ),
            )
        })
    }
}
