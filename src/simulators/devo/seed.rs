//! The users that Devo starts with: the domain's owner, the shared people, and fillers; beside it a domain without users.

use super::{
    domain::{CUSTOM, Domain, Role},
    state::{ADMIN, Member, NO_PRIVILEGES, Person, State, Status},
    tokens::Token,
};
use crate::simulators::kit::{people, seeded};

/// Who owns the seeded domain.
const OWNER: &str = "owner@example.org";

pub(super) fn state(domain: &str, count: usize) -> State {
    let mut state = State::default();
    let mut members = Vec::with_capacity(count);
    let owner = Person {
        id: state.next_id(),
        email: OWNER.to_owned(),
        user_name: "Domain Owner".to_owned(),
        phone: None,
        external_id: None,
    };
    if count > 0 {
        state.people.insert(owner.email.clone(), owner);
        members.push(Member {
            email: OWNER.to_owned(),
            roles: vec![ADMIN.to_owned()],
            owner: true,
            status: Status::Active,
        });
    }
    for (n, person) in people::everybody(count.saturating_sub(1)).enumerate() {
        members.push(Member {
            email: person.email.clone(),
            roles: roles_of(n),
            owner: false,
            status: status_of(n, person.service),
        });
        let person = Person {
            id: state.next_id(),
            user_name: person.display_name(),
            phone: (n % 4 == 1).then(|| format!("+49 30 {:07}", 1_000_000 + n)),
            external_id: (person.service).then(|| format!("ext-{n}")),
            email: person.email,
        };
        state.people.insert(person.email.clone(), person);
    }
    let mut add = |name: String, members| {
        let mut found = Domain::new(name.clone());
        found.members = members;
        found.roles.extend(custom_roles());
        state.domains.insert(name, found);
    };
    add(domain.to_owned(), members);
    if let Some((_, multitenant)) = domain.split_once('@') {
        add(format!("beta@{multitenant}"), Vec::new());
    }
    if count > 0 {
        for n in 0..2 {
            let token = token(domain, n, state.next_value());
            state.tokens.insert(token.id, token);
        }
    }
    state
}

fn custom_roles() -> [Role; 2] {
    let role = |id, name: &str| Role {
        id,
        name: name.to_owned(),
        kind: CUSTOM.to_owned(),
        description: None,
        policies: Vec::new(),
        applications: Vec::new(),
    };
    [role(334, "reviewer"), role(335, "Security Analyst")]
}

/// A permanent token and one of a day that is long over, both the owner's.
fn token(domain: &str, n: usize, value: String) -> Token {
    let (name, audience, seconds) = match n {
        0 => ("ci ingest", "http", -1),
        _ => ("nightly export", "apiv2", 86_400),
    };
    Token {
        id: 41 + n as u64,
        name: name.to_owned(),
        scope: "default".to_owned(),
        owner: OWNER.to_owned(),
        user: OWNER.to_owned(),
        audience: audience.to_owned(),
        active: true,
        account: domain.to_owned(),
        created: seeded(n),
        updated: seeded(n),
        seconds,
        value,
    }
}

/// Everybody has one at least, and ADMIN never comes with others (contract §4).
fn roles_of(n: usize) -> Vec<String> {
    let words: &[&str] = match n % 12 {
        0 => &["reviewer"],
        4 => &["reviewer", "Security Analyst"],
        7 => &[ADMIN],
        8 => &["Security Analyst"],
        10 => &["reviewer", NO_PRIVILEGES],
        _ => &[NO_PRIVILEGES],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn status_of(n: usize, service: bool) -> Status {
    match n {
        0..people::SANDBOX => Status::Active,
        _ if service => Status::Active,
        _ => match n % 11 {
            5 => Status::Pending,
            9 => Status::Inactive,
            _ => Status::Active,
        },
    }
}
