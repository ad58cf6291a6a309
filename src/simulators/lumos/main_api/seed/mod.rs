//! The tenant to begin with: apps of every status, people as users, their accounts in several apps, accounts that are nobody's.

mod accounts;
mod apps;
mod store;
mod work;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

use super::{
    activity::{Event, Log},
    state::{Group, State, User},
};
use crate::simulators::kit::{
    people::{self, Person},
    seeded,
};

const DEPARTMENTS: [&str; 5] = ["engineering", "finance", "operations", "people", "sales"];
/// The app that everybody is in.
const DIRECTORY: usize = 0;
/// How many logs are kept at most.
const MAX_LOGS: usize = 1_000;

/// As many accounts, and half as many users: one account of each in the directory, then more of theirs in the other apps,
/// every fifth of which is a service's or a role.
pub(in crate::simulators::lumos) fn seed(count: usize) -> State {
    let mut state = State::default();
    for app in apps::all() {
        state.apps.put(app.id, app);
    }
    // The owners of tokens are there, whatever is asked for.
    let users: Vec<User> = people::everybody(usize::MAX)
        .filter(|person| !person.service)
        .take(count.div_ceil(2).max(people::SANDBOX))
        .enumerate()
        .map(|(n, person)| user(n, person))
        .collect();
    for k in 0..count {
        state.put_account(accounts::account(k, &users));
    }
    for group in groups(&users) {
        state.groups.put(group.id, group);
    }
    state.logs = (0..count.min(MAX_LOGS)).map(|n| log(n, &users)).collect();
    state.events = users
        .iter()
        .enumerate()
        .step_by(3)
        .take(MAX_LOGS)
        .map(|(n, user)| event(n, user))
        .collect();
    let count = users.len();
    for user in users {
        state.users.put(user.id, user);
    }
    for n in 0..count.min(people::SANDBOX) {
        let role = if n == 0 { "admin" } else { "member" };
        state.roles.insert(user_id(n), [role.to_owned()].into());
    }
    store::fill(&mut state, count);
    work::fill(&mut state);
    state
}

/// In whole seconds, as times are shown, so that a filter by a time just shown finds what it should.
fn at(n: usize) -> DateTime<Utc> {
    seeded(n).trunc_subsecs(0)
}

/// The id of the nth seeded user.
pub(super) fn user_id(n: usize) -> Uuid {
    people::uuid("lumos/main/user", n)
}

fn app_id(n: usize) -> Uuid {
    people::uuid("lumos/main/app", n)
}

/// The departments' groups come first, then the approvers', then the cloud readers'.
fn group_id(n: usize) -> Uuid {
    people::uuid("lumos/main/group", n)
}

fn user(n: usize, person: Person) -> User {
    let status = match n {
        0..people::SANDBOX => Some("ACTIVE"),
        _ => match n % 12 {
            4 => Some("STAGED"),
            6 => Some("SUSPENDED"),
            8 => Some("INACTIVE"),
            10 => None,
            _ => Some("ACTIVE"),
        },
    };
    let is_filler = n >= people::SHARED;
    User {
        id: user_id(n),
        email: (!is_filler || n % 13 != 2).then_some(person.email),
        given_name: (!is_filler || n % 10 != 9).then_some(person.given_name),
        family_name: Some(person.family_name),
        status: status.map(str::to_owned),
        department: (n % 7 != 6).then_some(DEPARTMENTS[n % DEPARTMENTS.len()]),
        manager: (n > 0).then(|| user_id(n % people::SANDBOX)),
    }
}

fn groups(users: &[User]) -> Vec<Group> {
    let group = |n: usize, name: &str, is_member: &dyn Fn(usize, &User) -> bool| {
        let synced = n < DEPARTMENTS.len();
        let id = group_id(n);
        let members = users.iter().enumerate();
        let members = members.filter(|(n, user)| is_member(*n, user));
        Group {
            id,
            app_id: synced.then(|| app_id(DIRECTORY)),
            integration_specific_id: synced
                .then(|| format!("00g{}", &id.simple().to_string()[..17])),
            name: name.to_owned(),
            description: n.is_multiple_of(2).then(|| format!("Everybody in {name}")),
            lifecycle: if synced { "SYNCED" } else { "NATIVE" },
            members: members.map(|(_, user)| user.id).collect(),
        }
    };
    let mut groups: Vec<Group> = DEPARTMENTS
        .iter()
        .enumerate()
        .map(|(n, name)| group(n, name, &|_, user| user.department == Some(*name)))
        .collect();
    groups.push(group(DEPARTMENTS.len(), "approvers", &|n, _| {
        n < people::SANDBOX
    }));
    // Whom a permission is given to comes in here.
    groups.push(group(DEPARTMENTS.len() + 1, "cloud readers", &|_, _| false));
    groups
}

fn log(n: usize, users: &[User]) -> Log {
    let hash = digest(&SHA256, format!("lumos/main/log/{n}").as_bytes());
    let (kind, title) = match n % 3 {
        0 => ("USER_LOGGED_IN", "User logged in"),
        1 => ("ACCESS_REQUEST_CREATED", "Access request created"),
        _ => ("ACCOUNT_SYNCED", "Account synced"),
    };
    Log {
        hash: hex::encode(hash),
        kind: kind.into(),
        title: title.into(),
        outcome: if n % 8 == 7 { "Failed" } else { "Succeeded" }.into(),
        // Syncs run by themselves.
        actor: (n % 3 != 2).then(|| users[n % users.len()].id),
        target: people::uuid("lumos/main/account", n).to_string(),
        at: (n > 0).then(|| at(n)),
    }
}

fn event(n: usize, user: &User) -> Event {
    let department = DEPARTMENTS[(n + 1) % DEPARTMENTS.len()].to_owned();
    Event {
        id: people::uuid("lumos/main/event", n),
        user_id: user.id,
        at: at(n),
        field: if n.is_multiple_of(2) { "team" } else { "title" }.to_owned(),
        before: (!n.is_multiple_of(4)).then_some(department),
        after: user.department.map(str::to_owned),
    }
}
