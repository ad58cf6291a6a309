//! Groups and their members (contract §6.13, §7.10). Those that come from a directory are visible and not editable.

use std::collections::BTreeSet;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Json,
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    errors::Error,
    front::Front,
    input::{Input, unique},
    lists::{Id, Listing},
    state::{self, Group},
};
use crate::simulators::kit::Call;

/// `CreateGroupV1`.
#[derive(Deserialize)]
pub(super) struct NewGroup {
    name: String,
    members_emails: Vec<String>,
}

/// `UpdateGroupMembersV1`.
#[derive(Deserialize)]
pub(super) struct Members {
    members_emails: Vec<String>,
}

/// `UpdateGroupV1`.
#[derive(Deserialize)]
pub(super) struct Name {
    name: String,
}

pub(super) async fn list(State(front): State<Front>, listing: Listing) -> Json<Value> {
    front.world.read(|state| {
        let groups = state.groups.from(listing.start());
        let rows = groups.filter(|(_, group)| listing.query().takes_like("name", &group.name));
        Json(listing.answer(rows, |group| state.group(group)))
    })
}

pub(super) async fn find(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let group = state.groups.find(&id);
        let group = group.ok_or_else(|| Error::no("group", &id))?;
        Ok(Json(state.group(group)))
    })
}

pub(super) async fn members(
    State(front): State<Front>,
    Path(id): Id,
    listing: Listing,
) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let group = state.groups.find(&id);
        let group = group.ok_or_else(|| Error::no("group", &id))?;
        let members = group.members.range(listing.start()..);
        let rows = members.filter_map(|key| Some((*key, state.users.at(*key)?)));
        Ok(Json(
            listing.answer(rows, |user| json!({ "email": user.email })),
        ))
    })
}

pub(super) async fn create(
    State(front): State<Front>,
    call: Call,
    Input(new): Input<NewGroup>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        unique("group", &new.name, None, own_names(state))?;
        let group = Group {
            id: Uuid::new_v4().to_string(),
            name: new.name,
            source_id: None,
            source_integration_id: None,
            members: keys(state, &new.members_emails)?,
            leaves_out: false,
        };
        let shown = state.group(&group);
        effects.applied(group.id.clone(), Value::Null, shown.clone());
        state.groups.add(group);
        Ok(Json(shown))
    })
}

pub(super) async fn remove(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<StatusCode, Error> {
    front.world.change(&call, |state, effects| {
        let shown = state.group(own(state, &id)?);
        state.groups.remove(&id);
        effects.applied(id, shown, Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}

pub(super) async fn rename(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(name): Input<Name>,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let before = state.group(own(state, &id)?);
        unique("group", &name.name, Some(&id), own_names(state))?;
        let group = state.groups.find_mut(&id).ok_or(Error::Internal)?;
        group.name = name.name;
        let group = group.clone();
        let after = state.group(&group);
        if before != after {
            effects.applied(id, before, after.clone());
        }
        Ok(Json(after))
    })
}

/// The whole set.
pub(super) async fn replace_members(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(given): Input<Members>,
) -> Result<StatusCode, Error> {
    front.world.change(&call, |state, effects| {
        let before = own(state, &id)?.members.clone();
        let after = keys(state, &given.members_emails)?;
        if before != after {
            let told = |members: &BTreeSet<u64>| json!({ "members_emails": state.emails(members) });
            effects.applied(id.clone(), told(&before), told(&after));
            state.groups.find_mut(&id).ok_or(Error::Internal)?.members = after;
        }
        Ok(StatusCode::NO_CONTENT)
    })
}

/// One more; who is in already stays in.
pub(super) async fn add_member(
    State(front): State<Front>,
    call: Call,
    Path((id, email)): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    front.world.change(&call, |state, effects| {
        own(state, &id)?;
        let key = state
            .key_of_email(&email)
            .ok_or_else(|| Error::no("user", &email))?;
        let group = state.groups.find_mut(&id).ok_or(Error::Internal)?;
        if group.members.insert(key) {
            effects.applied(member(&id, &email), Value::Null, json!({ "email": email }));
        }
        Ok(StatusCode::NO_CONTENT)
    })
}

/// One less; nobody who isn't in can be taken out.
pub(super) async fn remove_member(
    State(front): State<Front>,
    call: Call,
    Path((id, email)): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    front.world.change(&call, |state, effects| {
        own(state, &id)?;
        let key = state.key_of_email(&email);
        let group = state.groups.find_mut(&id).ok_or(Error::Internal)?;
        if !key.is_some_and(|key| group.members.remove(&key)) {
            return Err(Error::no("member", &email));
        }
        effects.applied(member(&id, &email), json!({ "email": email }), Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}

fn member(group: &str, email: &str) -> String {
    format!("{group}/{email}")
}

/// A group that was made in Apono, as only those can be changed.
fn own<'a>(state: &'a state::State, id: &str) -> Result<&'a Group, Error> {
    let group = state.groups.find(id);
    let group = group.ok_or_else(|| Error::no("group", id))?;
    if group.is_synced() {
        return Err(Error::Forbidden(
            "this group comes from a directory and is changed there".to_owned(),
        ));
    }
    Ok(group)
}

/// Names are unique among the groups that were made in Apono.
fn own_names(state: &state::State) -> impl Iterator<Item = (&str, &str)> {
    let own = state.groups.rows().filter(|group| !group.is_synced());
    own.map(|group| (group.id.as_str(), group.name.as_str()))
}

fn keys(state: &state::State, emails: &[String]) -> Result<BTreeSet<u64>, Error> {
    let key = |email: &String| {
        let key = state.key_of_email(email);
        key.ok_or_else(|| Error::BadRequest(format!("there is no user {email}")))
    };
    emails.iter().map(key).collect()
}
