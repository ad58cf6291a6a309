//! Users, anywhere and in a domain (contract §4).

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Json,
};
use serde_json::Value;

use super::{
    auth::Caller,
    errors::Error,
    front::Front,
    input::{self, Change, NewUser},
    state::{self, Status},
};
use crate::simulators::kit::{Call, PageFault};

type Devo = State<Front>;
type Answer = Result<Json<Value>, Error>;

/// How many rows a listing doubles when a page fault asks for repetition.
const REPEATED_ROWS: usize = 10;

pub(super) async fn find_anywhere(State(front): Devo, Path(email): Path<String>) -> Answer {
    let found = front.world.read(|state| Ok(state.person(&email)?.show()));
    found.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn find_by_id(State(front): Devo, Path(id): Path<String>) -> Answer {
    let found = front.world.read(|state| {
        let person = state.person_by(|person| person.id == id, &id)?;
        Ok(person.show())
    });
    found.map(Json).map_err(|error| front.refuse(error))
}

/// There are no pages (contract §3), so a page fault damages the one answer: rows missing, or rows twice.
pub(super) async fn list(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(domain): Path<String>,
) -> Answer {
    caller.check(&domain)?;
    let users = front.world.read(|state| state.users(&domain));
    let mut users = users.map_err(|error| front.refuse(error))?;
    match call.page_fault() {
        None => {}
        Some(PageFault::Missing) => users.truncate(users.len() / 2),
        Some(PageFault::Loop | PageFault::Repeat) => {
            let again: Vec<Value> = users.iter().take(REPEATED_ROWS).cloned().collect();
            users.extend(again);
        }
    }
    Ok(Json(users.into()))
}

pub(super) async fn find(
    State(front): Devo,
    caller: Caller,
    Path((email, domain)): Path<(String, String)>,
) -> Answer {
    caller.check(&domain)?;
    let found = front.world.read(|state| state.user(&domain, &email));
    found.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn find_internal(
    State(front): Devo,
    caller: Caller,
    Path((id, domain)): Path<(String, String)>,
) -> Answer {
    find_in(&front, &caller, &domain, &id, |person| person.id == id)
}

pub(super) async fn find_external(
    State(front): Devo,
    caller: Caller,
    Path((id, domain)): Path<(String, String)>,
) -> Answer {
    find_in(&front, &caller, &domain, &id, |person| {
        person.external_id.as_ref() == Some(&id)
    })
}

fn find_in(
    front: &Front,
    caller: &Caller,
    domain: &str,
    id: &str,
    is: impl Fn(&state::Person) -> bool,
) -> Answer {
    caller.check(domain)?;
    let found = front.world.read(|state| {
        let email = state.person_by(is, id)?.email.clone();
        state.user(domain, &email)
    });
    found.map(Json).map_err(|error| front.refuse(error))
}

/// The person still has to follow the mail, unless that is skipped.
pub(super) async fn add_internal(
    State(front): Devo,
    caller: Caller,
    call: Call,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Answer {
    let mut new = NewUser::read(&body)?;
    new.external_id = None;
    let status = if input::skips_validation(query.as_deref())? {
        Status::Active
    } else {
        Status::Pending
    };
    add(&front, &caller, &call, &new, status)
}

pub(super) async fn add_external(
    State(front): Devo,
    caller: Caller,
    call: Call,
    body: Bytes,
) -> Answer {
    let new = NewUser::read(&body)?;
    if new.external_id.as_deref().unwrap_or_default().is_empty() {
        return Err(Error::generic("Field externalId is not valid"));
    }
    add(&front, &caller, &call, &new, Status::Active)
}

fn add(front: &Front, caller: &Caller, call: &Call, new: &NewUser, status: Status) -> Answer {
    caller.check(&new.domain)?;
    let added = front.world.change(call, |state, effects| {
        let user = state.add(new, status)?;
        effects.applied(&new.email, Value::Null, user.clone());
        Ok(user)
    });
    added.map(Json).map_err(|error| front.refuse(error))
}

/// Changes the person, in every domain at once.
pub(super) async fn change(
    State(front): Devo,
    call: Call,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    let change = Change::read(&body)?;
    let changed = front.world.change(&call, |state, effects| {
        let (before, after) = state.change(&id, change)?;
        if before != after {
            effects.applied(&id, before, after.clone());
        }
        Ok(after)
    });
    changed.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn enable(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path((email, domain)): Path<(String, String)>,
) -> Answer {
    caller.check(&domain)?;
    let from = [Status::Inactive];
    switch(
        &front,
        &call,
        (&email, &domain),
        "enable",
        &from,
        Status::Active,
    )
}

pub(super) async fn disable(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path((email, domain)): Path<(String, String)>,
) -> Answer {
    caller.check(&domain)?;
    let from = [Status::Active, Status::Pending];
    switch(
        &front,
        &call,
        (&email, &domain),
        "disable",
        &from,
        Status::Inactive,
    )
}

fn switch(
    front: &Front,
    call: &Call,
    (email, domain): (&str, &str),
    act: &str,
    from: &[Status],
    to: Status,
) -> Answer {
    let switched = front.world.change(call, |state, effects| {
        let before = state.user(domain, email)?;
        state.switch(domain, email, act, from, to)?;
        let after = state.user(domain, email)?;
        effects.applied(email, before, after.clone());
        Ok(after)
    });
    switched.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn remove(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path((email, domain)): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    caller.check(&domain)?;
    let removed = front.world.change(&call, |state, effects| {
        let before = state.user(&domain, &email)?;
        state.remove(&domain, &email)?;
        effects.applied(&email, before, Value::Null);
        Ok(StatusCode::OK)
    });
    removed.map_err(|error| front.refuse(error))
}
