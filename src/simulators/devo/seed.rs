//! What Devo starts with: a domain with its owner, the shared people and fillers; beside it, in a multitenant, a domain without
//! users, one that shares people with the first, one that is switched off, and the multitenant's own.

use std::collections::BTreeSet;

use super::{
    domain::{CUSTOM, Domain, Role},
    state::{ADMIN, Member, NO_PRIVILEGES, Person, State, Status},
    tokens::Token,
};
use crate::simulators::kit::{people, seeded};

/// Who owns every seeded domain that has users.
const OWNER: &str = "owner@example.org";

/// Who of everybody is in the second domain as well, and in the one that is switched off.
const IN_RESEARCH: [usize; 3] = [0, 4, 11];
const IN_CLOSED: [usize; 1] = [2];

pub(super) fn state(domain: &str, count: usize) -> State {
    let mut state = State::default();
    let first = 0..count.saturating_sub(1);
    state.settle(domain.to_owned(), count, first);
    if let Some((_, multitenant)) = domain.split_once('@') {
        let named = |name: &str| format!("{name}@{multitenant}");
        state.settle(named("beta"), 0, []);
        state.settle(named("research"), count, IN_RESEARCH);
        state.settle(named("closed"), count, IN_CLOSED);
        state.settle(multitenant.to_owned(), count, []);
        if let Some(closed) = state.domains.get_mut(&named("closed")) {
            closed.is_active = false;
        }
    }
    if count > 0 {
        for n in 0..2 {
            let token = token(domain, n, state.next_value());
            state.tokens.insert(token.id, token);
        }
    }
    state
}

impl State {
    /// Makes a domain with its owner and these of everybody; with nobody at all where there are to be no accounts.
    fn settle(&mut self, name: String, count: usize, who: impl IntoIterator<Item = usize>) {
        let mut domain = Domain::new(name.clone());
        domain.roles.extend(custom_roles());
        // In each domain people hold something else.
        let shift = self.domains.len();
        if count > 0 {
            self.meet(Person {
                id: String::new(),
                email: OWNER.to_owned(),
                user_name: "Domain Owner".to_owned(),
                phone: None,
                external_id: None,
            });
            domain.members.push(Member {
                email: OWNER.to_owned(),
                roles: vec![ADMIN.to_owned()],
                owner: true,
                status: Status::Active,
            });
            let who: BTreeSet<usize> = who.into_iter().collect();
            let everybody = people::everybody(who.last().map_or(0, |last| last + 1));
            for (n, person) in everybody.enumerate().filter(|(n, _)| who.contains(n)) {
                domain.members.push(Member {
                    email: person.email.clone(),
                    roles: roles_of(n + shift),
                    owner: false,
                    status: status_of(n, person.service),
                });
                self.meet(Person {
                    id: String::new(),
                    user_name: person.display_name(),
                    phone: (n % 4 == 1).then(|| format!("+49 30 {:07}", 1_000_000 + n)),
                    external_id: (person.service).then(|| format!("ext-{n}")),
                    email: person.email,
                });
            }
        }
        self.domains.insert(name, domain);
    }

    /// Somebody who is a user elsewhere is known already.
    fn meet(&mut self, person: Person) {
        if !self.people.contains_key(&person.email) {
            let id = self.next_id();
            self.people
                .insert(person.email.clone(), Person { id, ..person });
        }
    }
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
