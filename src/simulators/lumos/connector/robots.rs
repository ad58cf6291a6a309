//! Accounts that are nobody's: of workloads, and the credentials that lead to accounts.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    envelope::{Answer, Envelope},
    errors::Error,
    listing,
    routes::Connector,
    state::{Account, State, Status},
};
use crate::simulators::kit::{Call, people, rfc3339, seeded};

/// NonHumanAccount.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Robot {
    n: usize,
    pub(super) id: String,
    resource: String,
    workload: &'static str,
    status: Status,
}

const WORKLOADS: [&str; 5] = ["backup", "deploy", "ingest", "metrics", "mirror"];

impl Robot {
    pub(super) fn seed() -> Vec<Robot> {
        let robot = |(n, workload): (usize, &&'static str)| Robot {
            n,
            id: format!("nha-{n}"),
            // The first is at `2`, which is a workspace's id and a project's.
            resource: (n + 2).to_string(),
            workload,
            status: if n == 3 {
                Status::Inactive
            } else {
                Status::Active
            },
        };
        WORKLOADS.iter().enumerate().map(robot).collect()
    }

    fn show(&self, custom: &[String]) -> Value {
        let custom: Map<String, Value> = custom
            .iter()
            .filter(|name| *name == "owner")
            .map(|name| (name.clone(), format!("team-{}", self.n % 2).into()))
            .collect();
        json!({
            "resource_id": self.resource,
            "id": self.id,
            "label": format!("{} runner", self.workload),
            "workload_name": self.workload,
            "workload_id": people::uuid("lumos/connector/workload", self.n),
            "type": "service_principal",
            "status": self.status.word(),
            "created_at": rfc3339(seeded(self.n)),
            "updated_at": null,
            "last_login": self.n.is_multiple_of(2).then(|| rfc3339(seeded(self.n + 100))),
            "last_activity": null,
            "custom_attributes": if custom.is_empty() { Value::Null } else { custom.into() },
            "extra_data": { "runtime": "container" }
        })
    }
}

#[derive(Deserialize)]
struct Listing {
    custom_attributes: Option<Vec<String>>,
}

pub(super) fn list(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Listing = envelope.request("ListNonHumanAccountsRequest")?;
    let custom = request.custom_attributes.unwrap_or_default();
    let rows = listing::rows(|state| Cow::Borrowed(&state.robots[..]));
    listing::page(connector, call, envelope, rows, |robot| robot.show(&custom))
}

/// Of the first three.
pub(super) fn last_activity(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let rows = listing::rows(|state| {
        let active = state.robots.iter().filter(|robot| robot.n < 3);
        Cow::Owned(active.cloned().collect())
    });
    listing::page(connector, call, envelope, rows, |robot: &Robot| {
        json!({
            "non_human_account_id": robot.id,
            "event_type": "last_activity",
            "happened_at": rfc3339(seeded(robot.n + 1000))
        })
    })
}

pub(super) fn list_credentials(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let _: Listing = envelope.request("ListCredentialsRequest")?;
    listing::page(connector, call, envelope, credentials, |(n, account)| {
        json!({
            "resource_id": "1",
            "external_id": format!("cred-{n}"),
            "label": format!("Key {n}"),
            "credential_type": "api_key",
            "status": if n % 3 == 2 { "stale" } else { "active" },
            "grants_access_to_account_id": account.id,
            "grants_access_to_non_human_account_id": null,
            "created_at": rfc3339(seeded(*n)),
            "updated_at": null,
            "last_used_at": rfc3339(seeded(n + 50)),
            "expires_at": null,
            "last_rotated_at": null,
            "last_activity": null,
            "custom_attributes": null,
            "extra_data": null
        })
    })
}

pub(super) fn credentials_last_activity(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    listing::page(connector, call, envelope, credentials, |(n, _)| {
        json!({
            "credential_id": format!("cred-{n}"),
            "event_type": "last_activity",
            "happened_at": rfc3339(seeded(n + 50))
        })
    })
}

/// Services have keys.
fn credentials(state: &State) -> Cow<'_, [(usize, Account)]> {
    let services = state
        .accounts
        .iter()
        .filter(|one| one.service == Some(true));
    Cow::Owned(services.cloned().enumerate().collect())
}
