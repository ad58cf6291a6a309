//! What Apono starts with: integrations of both categories and every status with what is in them, everybody as a user, groups
//! of both origins, flows of each sort, and a few requests of those who have tokens.

mod access;
mod integrations;
mod inventory;
mod requests;

use std::collections::BTreeMap;

use super::{
    auth,
    state::{Group, State, User},
};
use crate::simulators::kit::people;

const DEPARTMENTS: [&str; 5] = ["engineering", "finance", "operations", "people", "sales"];
const OFFICES: [&str; 4] = ["Berlin", "Lisbon", "Osaka", "Toronto"];

pub(super) fn state(count: usize) -> State {
    let mut state = State::default();
    state.token_owners = auth::owners().map(str::to_owned).collect();
    for integration in integrations::all() {
        state.integrations.add(integration);
    }
    inventory::fill(&mut state);
    let mut groups = groups();
    for (n, person) in people::everybody(count).enumerate() {
        let key = state.add_user(user(n, person));
        groups[n % DEPARTMENTS.len()].members.insert(key);
        // The two that were made in Apono, the last of them of few.
        if n % 4 == 0 {
            groups[DEPARTMENTS.len()].members.insert(key);
        }
        if n < people::SANDBOX {
            groups[DEPARTMENTS.len() + 1].members.insert(key);
        }
    }
    for group in groups {
        state.groups.add(group);
    }
    access::fill(&mut state);
    for request in requests::all(&state) {
        state.requests.add(request);
    }
    requests::open_sessions(&mut state);
    state
}

fn user(n: usize, person: people::Person) -> User {
    let nickname = format!(
        "{}@example.net",
        person.email.split('@').next().unwrap_or_default()
    );
    let roles: &[&str] = match n {
        0 => &["Admin"],
        2 => &["Power User", "Viewer"],
        _ if n % 12 == 7 => &["Viewer"],
        _ if n % 12 == 10 => &["Deployment"],
        _ => &[],
    };
    // Few were invited to Apono itself; the others come from one of the two directories.
    let source = match n % 8 {
        6 => None,
        3 => Some(integration_id(1)),
        _ => Some(integration_id(0)),
    };
    let attributes = BTreeMap::from([
        ("department".to_owned(), DEPARTMENTS[n % 5].to_owned()),
        ("office".to_owned(), OFFICES[n % 4].to_owned()),
    ]);
    User {
        id: people::uuid("apono/user", n).to_string(),
        email: person.email,
        email_aliases: if n % 7 == 3 {
            vec![nickname]
        } else {
            Vec::new()
        },
        first_name: person.given_name,
        last_name: person.family_name,
        active: n < people::SANDBOX || n % 11 != 5,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        attributes: source.is_some().then_some(attributes),
        source_id: source,
        leaves_out: n.is_multiple_of(3),
    }
}

fn groups() -> Vec<Group> {
    let group = |n: usize, name: &str, source: Option<usize>| Group {
        id: people::uuid("apono/group", n).to_string(),
        name: name.to_owned(),
        source_id: source.map(|_| format!("00g{}", people::uuid("apono/source-group", n).simple())),
        source_integration_id: source.map(integration_id),
        members: Default::default(),
        leaves_out: n.is_multiple_of(2),
    };
    let synced = DEPARTMENTS.iter().enumerate();
    synced
        .map(|(n, name)| group(n, name, Some(0)))
        .chain([group(5, "on-call", None), group(6, "break-glass", None)])
        .collect()
}

/// The id of the nth seeded connector.
fn connector_id(n: usize) -> String {
    people::uuid("apono/connector", n).to_string()
}

/// The id of the nth seeded integration.
fn integration_id(n: usize) -> String {
    people::uuid("apono/integration", n).to_string()
}
