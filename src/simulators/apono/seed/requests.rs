//! Requests of the people who have tokens, one in each status (contract §4); one is for somebody else.

use chrono::Duration;

use crate::simulators::{
    apono::{
        requests::{Person, Request},
        state::{Integration, State},
    },
    kit::{people, seeded},
};

const STATUSES: [&str; 9] = [
    "Initializing",
    "Pending",
    "PendingMFA",
    "Granting",
    "Active",
    "Rejected",
    "Revoking",
    "Revoked",
    "Failed",
];

/// None where those people aren't there.
pub(super) fn all(state: &State) -> Vec<Request> {
    let people: Vec<Person> = state
        .users
        .rows()
        .take(people::SANDBOX)
        .map(|user| Person {
            id: user.id.clone(),
            email: user.email.clone(),
        })
        .collect();
    let systems: Vec<&Integration> = state
        .integrations
        .rows()
        .filter(|one| !one.resource_types.is_empty())
        .collect();
    let request = |(n, status): (usize, &'static str)| {
        let requestor = people.get(n % people.len().max(1))?;
        let other = people.get(1).filter(|_| n == 2);
        let grantee = other.unwrap_or(requestor);
        let system = systems[n % systems.len()];
        let created = seeded(n);
        let ends = matches!(status, "Active" | "Revoking" | "Revoked");
        Some(Request {
            id: people::uuid("apono/request", n).to_string(),
            status,
            seconds: (n % 3 != 2).then_some(14_400),
            justification: (n % 4 != 3).then_some("on call"),
            created,
            ends: ends.then(|| created + Duration::hours(4)),
            integration_id: system.id.clone(),
            integration_name: system.name,
            resource_type: system.resource_types[0],
            requestor: requestor.clone(),
            grantee: grantee.clone(),
        })
    };
    let all = STATUSES.into_iter().enumerate();
    all.filter_map(request).collect()
}
