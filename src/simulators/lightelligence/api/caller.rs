//! Who calls, and what they may reach: 404 hides what is not theirs, 403 is said inside their own tenant only (contract §3).

use axum::{extract::FromRequestParts, http::request::Parts};
use uuid::Uuid;

use super::input;
use crate::simulators::{
    kit::World,
    lightelligence::{
        errors::Error,
        permissions::{self, Permission},
        realm::{self, Access},
        state::State,
    },
};

/// Who a good access token stands for.
pub struct Caller {
    pub user: Uuid,
    pub client: String,
    /// A client on its own, rather than a person by means of one.
    pub is_client: bool,
    /// The tenant that the token is for, if the caller is in it still.
    tenant: Option<Uuid>,
    pub permissions: Vec<&'static Permission>,
    tells_other_users: bool,
}

impl FromRequestParts<World<State>> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, world: &World<State>) -> Result<Self, Error> {
        let token = realm::bearer(&parts.headers).ok_or_else(Error::unauthorized)?;
        world.read(|state| {
            let access = state.realm.access(token).ok_or_else(Error::unauthorized)?;
            Caller::of(state, access)
        })
    }
}

impl Caller {
    fn of(state: &State, access: Access) -> Result<Self, Error> {
        // Without this scope a token is not fully valid (contract §2.2).
        if !realm::has_scope(&access.scope, "olt-applications") {
            return Err(Error::no_access());
        }
        let client = state.realm.client(&access.client);
        let client = client.ok_or_else(Error::unauthorized)?;
        let is_client = client.service_account == Some(access.user);
        let tenant = access.tenant.and_then(|id| state.tenants.get(id));
        let tenant = tenant.filter(|tenant| is_client || tenant.members.contains(access.user));
        let granted = match tenant {
            None => Vec::new(),
            Some(_) if is_client => permissions::ALL.iter().collect(),
            Some(tenant) => tenant.permissions_of(access.user),
        };
        Ok(Caller {
            user: access.user,
            client: access.client,
            is_client,
            tenant: tenant.map(|tenant| tenant.id),
            permissions: client.limit(granted),
            tells_other_users: state.settings.tells_other_users,
        })
    }

    fn may(&self, alias: &str) -> bool {
        self.permissions
            .iter()
            .any(|permission| permission.alias == alias)
    }

    /// The tenant of the token, in which the caller has this permission.
    pub fn here(&self, alias: &str) -> Result<Uuid, Error> {
        let tenant = self.tenant.ok_or_else(Error::no_access)?;
        if self.may(alias) {
            Ok(tenant)
        } else {
            Err(Error::no_access())
        }
    }

    /// The tenant that a path names, if it is the token's.
    pub fn inside(&self, path: &str, alias: &str) -> Result<Uuid, Error> {
        let named = input::id("tenantId", path)?;
        if self.tenant != Some(named) {
            return Err(Error::not_found());
        }
        self.here(alias)
    }

    /// The user that a path names, if it is the caller.
    pub fn myself(&self, path: &str) -> Result<Uuid, Error> {
        let named = input::id("userId", path)?;
        match named == self.user {
            true => Ok(named),
            false if self.tells_other_users => Err(Error::other_user()),
            false => Err(Error::not_found()),
        }
    }
}
