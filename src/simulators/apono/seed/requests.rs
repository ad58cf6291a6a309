//! Requests of the people who have tokens, one in each status (contract §4); one is for somebody else, and one is of two
//! systems, at one of which there are no credentials.

use std::collections::BTreeMap;

use chrono::Duration;

use crate::simulators::{
    apono::{
        requests::{Pair, Person, Request},
        sessions::Session,
        state::State,
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
    let systems: Vec<&str> = state
        .integrations
        .rows()
        .filter(|one| !one.resource_types.is_empty())
        .map(|one| one.id.as_str())
        .collect();
    let pair = |n: usize| {
        let mut there = state.pairs();
        let (resource, permission) =
            there.find(|(resource, _)| resource.integration_id == systems[n % systems.len()])?;
        Some(Pair {
            resource_id: resource.id.clone(),
            permission_id: permission.id.clone(),
        })
    };
    let request = |(n, status): (usize, &'static str)| {
        let requestor = people.get(n % people.len().max(1))?;
        let other = people.get(1).filter(|_| n == 2);
        let grantee = other.unwrap_or(requestor);
        let created = seeded(n);
        let ends = matches!(status, "Active" | "Revoking" | "Revoked");
        let second = (status == "Active").then(|| pair(2)).flatten();
        Some(Request {
            id: people::uuid("apono/request", n).to_string(),
            friendly_id: format!("AR-{}", 100 + n),
            status: status.to_owned(),
            seconds: (n % 3 != 2).then_some(14_400),
            justification: (n % 4 != 3).then(|| "on call".to_owned()),
            created,
            ends: ends.then(|| created + Duration::hours(4)),
            custom_fields: BTreeMap::new(),
            pairs: pair(n).into_iter().chain(second).collect(),
            requestor: requestor.clone(),
            grantee: grantee.clone(),
            bundle: None,
            flow: "databases on call".to_owned(),
            stands_still: true,
        })
    };
    let all = STATUSES.into_iter().enumerate();
    all.filter_map(request).collect()
}

/// Those of the active request, under ids that are the same on every start.
pub(super) fn open_sessions(state: &mut State) {
    let active = state.requests.rows().find(|one| one.status == "Active");
    let Some(request) = active.cloned() else {
        return;
    };
    for (n, pair) in request.pairs.iter().enumerate() {
        let resource = state.resources.find(&pair.resource_id);
        let integration = resource.and_then(|one| state.integrations.find(&one.integration_id));
        if let Some(integration) = integration {
            let id = people::uuid("apono/session", n).to_string();
            let session = Session::new(id, &request, integration.id.clone(), &integration.kind);
            state.sessions.add(session);
        }
    }
}
