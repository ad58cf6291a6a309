//! The roles of a user (contract §4): set as a whole, changed to one, or some of them removed.

use axum::{
    body::Bytes,
    extract::{Path, State},
    response::Json,
};
use serde_json::Value;

use super::{
    auth::Caller,
    errors::Error,
    front::Front,
    input,
    state::{self, ADMIN, OWNER},
};
use crate::simulators::kit::Call;

type Devo = State<Front>;
type Answer = Result<Json<Value>, Error>;

pub(super) async fn set(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(place): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let roles = named(&front, &body)?;
    change(&front, &caller, &call, place, |_| Ok(roles))
}

/// For users with a single role.
pub(super) async fn set_one(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path((email, domain, role)): Path<(String, String, String)>,
) -> Answer {
    change(&front, &caller, &call, (email, domain), |held| match held {
        [_] => Ok(vec![role]),
        _ => Err(Error::generic("The user has more than one role")),
    })
}

pub(super) async fn remove(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path((email, domain)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let words = named(&front, &body)?;
    caller.check(&domain)?;
    let named = front.world.read(|state| {
        let found = state.domain(&domain)?;
        let roles = words.iter().map(|word| found.role(word));
        roles.collect::<Result<Vec<_>, _>>()
    });
    let named = named.map_err(|error| front.refuse(error))?;
    change(&front, &caller, &call, (email, domain), |held| {
        let left = held.iter().filter(|role| !named.contains(role));
        Ok(left.cloned().collect())
    })
}

fn change(
    front: &Front,
    caller: &Caller,
    call: &Call,
    (email, domain): (String, String),
    wanted: impl FnOnce(&[String]) -> Result<Vec<String>, Error>,
) -> Answer {
    caller.check(&domain)?;
    let changed = front.world.change(call, |state, effects| {
        let before = state.user(&domain, &email)?;
        let wanted = wanted(&state.roles_of(&domain, &email)?)?;
        state.set_roles(&domain, &email, &wanted)?;
        let after = state.user(&domain, &email)?;
        if before != after {
            effects.applied(&email, before, after.clone());
        }
        Ok(after)
    });
    changed.map(Json).map_err(|error| front.refuse(error))
}

/// The roles that a body names under the key that is set.
fn named(front: &Front, body: &[u8]) -> Result<Vec<String>, Error> {
    let key = &front.quirks.roles_body_key;
    let body: Value = input::read(body)?;
    let words = body[key].as_array().map(|words| {
        let words = words.iter().map(|word| word.as_str().map(str::to_owned));
        words.collect::<Option<Vec<_>>>()
    });
    words
        .flatten()
        .filter(|words| !words.is_empty())
        .ok_or_else(|| Error::generic(format!("Field {key} is not valid")))
}

impl state::State {
    /// The words for the roles that a user holds.
    pub(super) fn roles_of(&self, domain: &str, email: &str) -> Result<Vec<String>, Error> {
        let domain = self.domain(domain)?;
        Ok(domain.members[domain.position(email)?].roles.clone())
    }

    /// Sets the roles of a user by the rules of contract §4: at least one, each of them known, ADMIN alone, and always for
    /// the owner.
    pub(super) fn set_roles(
        &mut self,
        domain: &str,
        email: &str,
        wanted: &[String],
    ) -> Result<(), Error> {
        let found = self.domain_mut(domain)?;
        let position = found.position(email)?;
        let mut roles: Vec<String> = Vec::with_capacity(wanted.len());
        for word in wanted {
            if word.eq_ignore_ascii_case(OWNER) {
                return Err(Error::generic("Role 'OWNER' can not be assigned"));
            }
            let role = found.role(word)?;
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        let has_admin = roles.iter().any(|role| role == ADMIN);
        if roles.is_empty() {
            return Err(Error::generic("A user must have one role at least"));
        }
        if has_admin && roles.len() > 1 {
            return Err(Error::generic(
                "Role 'ADMIN' can not be combined with other roles",
            ));
        }
        let member = &mut found.members[position];
        if member.owner && !has_admin {
            return Err(Error::generic("Domain owner can not lose role 'ADMIN'"));
        }
        member.roles = roles;
        Ok(())
    }
}
