//! Invites: the only way into a tenant.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Role, State, Tenant, now};
use crate::simulators::{kit::rfc3339, lightelligence::errors::Error};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InviteStatus {
    Open,
    Accepted,
    Declined,
}

impl InviteStatus {
    pub fn word(self) -> &'static str {
        match self {
            InviteStatus::Open => "open",
            InviteStatus::Accepted => "accepted",
            InviteStatus::Declined => "declined",
        }
    }

    /// What an invited person may answer.
    pub fn answer(word: &str) -> Option<Self> {
        [InviteStatus::Accepted, InviteStatus::Declined]
            .into_iter()
            .find(|status| status.word() == word)
    }
}

#[derive(Debug, Clone)]
pub struct Invite {
    pub id: Uuid,
    pub receiver_email: String,
    pub sender: Option<Uuid>,
    pub roles: Vec<Uuid>,
    pub status: InviteStatus,
    pub created: DateTime<Utc>,
    pub updated: DateTime<Utc>,
}

impl Invite {
    pub fn show(&self, tenant: &Tenant) -> Value {
        let roles: Vec<&Role> = self
            .roles
            .iter()
            .filter_map(|id| tenant.roles.get(*id))
            .collect();
        let names: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
        let shown: Vec<Value> = roles.iter().map(|role| role.show_briefly()).collect();
        json!({
            "id": self.id,
            "tenantId": tenant.id,
            "tenantName": tenant.name,
            "senderId": self.sender,
            "receiverEmail": self.receiver_email,
            "status": self.status.word(),
            "roles": shown,
            "roleNames": names,
            "createdAt": rfc3339(self.created),
            "updatedAt": rfc3339(self.updated),
        })
    }
}

impl State {
    /// Invites somebody, whether they have registered or not.
    pub fn invite(
        &mut self,
        tenant: Uuid,
        sender: Option<Uuid>,
        receiver_email: String,
        roles: Vec<Uuid>,
    ) -> Result<Uuid, Error> {
        let user = self.user_by_email(&receiver_email).map(|user| user.id);
        let tenant = self.tenant_mut(tenant)?;
        if user.is_some_and(|user| tenant.members.contains(user)) {
            return Err(Error::conflict("The user is in the tenant already"));
        }
        let waits = |(_, invite): (Uuid, &Invite)| {
            invite.status == InviteStatus::Open
                && invite.receiver_email.eq_ignore_ascii_case(&receiver_email)
        };
        if tenant.invites.iter().any(waits) {
            return Err(Error::conflict("The user has been invited already"));
        }
        let id = Uuid::new_v4();
        let created = now();
        let invite = Invite {
            id,
            receiver_email,
            sender,
            roles,
            status: InviteStatus::Open,
            created,
            updated: created,
        };
        tenant.invites.insert(id, invite);
        Ok(id)
    }

    /// Accepts an open invite for this user, or declines it.
    pub fn answer_invite(
        &mut self,
        tenant: Uuid,
        invite: Uuid,
        user: Uuid,
        answer: InviteStatus,
    ) -> Result<(), Error> {
        let tenant = self.tenant_mut(tenant)?;
        let found = tenant
            .invites
            .get_mut(invite)
            .ok_or_else(Error::not_found)?;
        if found.status != InviteStatus::Open {
            return Err(Error::conflict("The invite is not open"));
        }
        found.status = answer;
        found.updated = now();
        if answer == InviteStatus::Accepted {
            // A role that went meanwhile is not given.
            let given = found.roles.clone();
            let there = given.into_iter().filter(|id| tenant.roles.contains(*id));
            let roles = there.collect();
            tenant.seat(user, roles);
        }
        Ok(())
    }

    /// Withdraws an invite that nobody has answered.
    pub fn withdraw(&mut self, tenant: Uuid, invite: Uuid) -> Result<(), Error> {
        let tenant = self.tenant_mut(tenant)?;
        let found = tenant.invites.get(invite).ok_or_else(Error::not_found)?;
        if found.status != InviteStatus::Open {
            return Err(Error::conflict("Only open invites can be deleted"));
        }
        tenant.invites.remove(invite);
        Ok(())
    }

    /// The invites that went to a user, each with its tenant.
    pub fn invites_of(&self, user: Uuid) -> Result<Vec<(&Tenant, &Invite)>, Error> {
        let email = &self.user(user)?.email;
        let mut all = Vec::new();
        for (_, tenant) in self.tenants.iter() {
            for (_, invite) in tenant.invites.iter() {
                if invite.receiver_email.eq_ignore_ascii_case(email) {
                    all.push((tenant, invite));
                }
            }
        }
        Ok(all)
    }
}
