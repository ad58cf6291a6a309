//! What happens behind the clients' backs: in the seeded tenant, and in the realm.
//!
//! | kind | op | what |
//! | --- | --- | --- |
//! | `account` | add, change, remove | a user of the tenant: `email`, `firstName`, `lastName`, `roleNames` |
//! | `grant` | add, remove | one role of a user of the tenant, the user by the id: `{"roleName": …}` |
//! | `role` | add, change, remove | a role of the tenant's own: `name`, `description`, `permissions` |
//! | `invite` | change, remove | its receiver's answer, `{"status": "accepted"}` or `declined`, or its withdrawal |
//! | `signing_key` | add, remove | another key signs from now on; a key goes, and all that it has signed |
//! | `access_token` | remove | it expires now, by its `jti`; all of them without an id |
//! | `session` | remove | its refresh tokens are dead; all of them without an id |
//! | `settings` | change | the switches of [`Settings`](super::settings::Settings) |

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    api,
    errors::Error,
    state::{InviteStatus, NewRole, State, User},
};
use crate::simulators::kit::{Drift, DriftOp};

/// A user as a drift spells one.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
struct Person {
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    role_names: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Granted {
    role_name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    status: String,
}

pub fn apply(state: &mut State, drift: &Drift) -> Result<(), String> {
    match (drift.kind.as_str(), drift.op) {
        ("account", op) => account(state, op, drift),
        ("grant", DriftOp::Add) => grant(state, drift, true),
        ("grant", DriftOp::Remove) => grant(state, drift, false),
        ("role", op) => role(state, op, drift),
        ("invite", DriftOp::Change) => answer(state, drift),
        ("invite", DriftOp::Remove) => {
            let home = state.home;
            state.withdraw(home, needed(drift)?).map_err(words)
        }
        ("signing_key", DriftOp::Add) => {
            state.realm.add_key();
            Ok(())
        }
        ("signing_key", DriftOp::Remove) => {
            let kid = drift.id.as_deref().ok_or("the key's id is missing")?;
            state.realm.remove_key(kid)
        }
        ("access_token", DriftOp::Remove) => state.realm.expire_access(id(drift)?),
        ("session", DriftOp::Remove) => state.realm.end_sessions(id(drift)?),
        ("settings", DriftOp::Change) => state.settings.change(&drift.value),
        (kind, op) => Err(format!("there is no {op:?} of {kind:?} here")),
    }
}

fn account(state: &mut State, op: DriftOp, drift: &Drift) -> Result<(), String> {
    let home = state.home;
    if op == DriftOp::Remove {
        let user = needed(drift)?;
        state.place(home, user).map_err(words)?;
        state.tenant_mut(home).map_err(words)?.unseat(user);
        return Ok(());
    }
    let person: Person = read(&drift.value)?;
    let tenant = state.tenant(home).map_err(words)?;
    let roles = person
        .role_names
        .map(|names| {
            let role = |name: &String| {
                let role = tenant.role_named(name);
                role.ok_or_else(|| format!("there is no role {name:?}"))
            };
            names.iter().map(role).collect::<Result<Vec<Uuid>, _>>()
        })
        .transpose()?;
    let user = match op {
        DriftOp::Add => {
            let email = person.email.ok_or("email is missing")?;
            let user = match state.user_by_email(&email) {
                Some(user) => user.id,
                None => register(
                    state,
                    id(drift)?,
                    email,
                    person.first_name,
                    person.last_name,
                )?,
            };
            if state.place(home, user).is_ok() {
                return Err("the user is in the tenant already".to_owned());
            }
            user
        }
        DriftOp::Change | DriftOp::Remove => {
            let user = needed(drift)?;
            state.place(home, user).map_err(words)?;
            let old = state.user(user).map_err(words)?.clone();
            let change = User {
                id: user,
                email: person.email.unwrap_or(old.email),
                first_name: person.first_name.unwrap_or(old.first_name),
                last_name: person.last_name.unwrap_or(old.last_name),
            };
            state.rename(user, change).map_err(words)?;
            user
        }
    };
    let tenant = state.tenant_mut(home).map_err(words)?;
    match roles {
        Some(roles) => tenant.seat(user, roles),
        None if op == DriftOp::Add => {
            let reader = tenant.role_named("reader").into_iter().collect();
            tenant.seat(user, reader);
        }
        None => {}
    }
    Ok(())
}

/// Gives a user of the tenant one role more, or takes one away.
fn grant(state: &mut State, drift: &Drift, given: bool) -> Result<(), String> {
    let user = needed(drift)?;
    let Granted { role_name } = read(&drift.value)?;
    let home = state.home;
    let tenant = state.tenant_mut(home).map_err(words)?;
    let role = tenant.role_named(&role_name);
    let role = role.ok_or_else(|| format!("there is no role {role_name:?}"))?;
    let member = tenant.members.get(user);
    let mut roles = member.ok_or("there is no such user")?.roles.clone();
    if roles.contains(&role) == given {
        let has = if given { "has" } else { "does not have" };
        return Err(format!("the user {has} the role {role_name:?}"));
    }
    roles.retain(|held| *held != role);
    roles.extend(given.then_some(role));
    tenant.seat(user, roles);
    Ok(())
}

fn register(
    state: &mut State,
    id: Option<Uuid>,
    email: String,
    first_name: Option<String>,
    last_name: Option<String>,
) -> Result<Uuid, String> {
    let id = id.unwrap_or_else(Uuid::new_v4);
    let user = User {
        id,
        email,
        first_name: first_name.unwrap_or_default(),
        last_name: last_name.unwrap_or_default(),
    };
    state.register(user).map_err(words)?;
    Ok(id)
}

fn role(state: &mut State, op: DriftOp, drift: &Drift) -> Result<(), String> {
    let home = state.home;
    let fields = || -> Result<NewRole, String> {
        api::role_fields(&Bytes::from(drift.value.to_string())).map_err(words)
    };
    let tenant = state.tenant_mut(home).map_err(words)?;
    match op {
        DriftOp::Add => {
            let id = id(drift)?.unwrap_or_else(Uuid::new_v4);
            tenant.add_role(id, fields()?).map(drop).map_err(words)
        }
        DriftOp::Change => {
            let id = needed(drift)?;
            tenant.change_role(id, fields()?).map(drop).map_err(words)
        }
        DriftOp::Remove => tenant.remove_role(needed(drift)?).map(drop).map_err(words),
    }
}

/// The receiver answers; whoever accepts has registered before.
fn answer(state: &mut State, drift: &Drift) -> Result<(), String> {
    let home = state.home;
    let wanted = needed(drift)?;
    let Answer { status } = read(&drift.value)?;
    let answer = InviteStatus::answer(&status).ok_or("accepted or declined is expected")?;
    let tenant = state.tenant(home).map_err(words)?;
    let invite = tenant.invites.get(wanted);
    let email = invite
        .ok_or("there is no such invite")?
        .receiver_email
        .clone();
    let user = match state.user_by_email(&email) {
        Some(user) => user.id,
        None => register(state, None, email, None, None)?,
    };
    state
        .answer_invite(home, wanted, user, answer)
        .map_err(words)
}

fn id(drift: &Drift) -> Result<Option<Uuid>, String> {
    let read = |text: &String| text.parse().map_err(|_| format!("{text:?} is not a UUID"));
    drift.id.as_ref().map(read).transpose()
}

fn needed(drift: &Drift) -> Result<Uuid, String> {
    id(drift)?.ok_or_else(|| format!("the id of the {} is missing", drift.kind))
}

fn read<T: for<'de> Deserialize<'de>>(value: &Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.to_string())
}

fn words(error: Error) -> String {
    error.message().to_owned()
}
