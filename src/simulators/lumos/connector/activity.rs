//! Who logged in when.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    access::WORKSPACE,
    envelope::{Answer, Envelope},
    errors::Error,
    listing,
    routes::Connector,
};
use crate::simulators::kit::{Call, rfc3339, seeded};

/// One login.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Login {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) at: DateTime<Utc>,
    /// The workspace that was entered.
    workspace: Option<&'static str>,
}

impl Login {
    /// Three of four accounts have logged in, some of them twice.
    pub(super) fn seed<'a>(accounts: impl Iterator<Item = &'a str>) -> Vec<Login> {
        let mut logins = Vec::new();
        for (n, account) in accounts.enumerate().filter(|(n, _)| n % 4 != 3) {
            for again in 0..=usize::from(n % 6 == 0) {
                logins.push(Login {
                    id: format!("act-{n}-{again}"),
                    account: account.to_owned(),
                    at: seeded(n * 7 + again * 500),
                    workspace: (n % 5 == 0).then_some("1"),
                });
            }
        }
        logins
    }

    /// ActivityRecord.
    pub(super) fn show(&self) -> Value {
        let targets: Vec<Value> = self
            .workspace
            .iter()
            .map(|id| {
                json!({
                    "account_id": null,
                    "entitlement": {
                        "id": "member", "type": "workspace_role", "resource_id": id, "resource_type": WORKSPACE
                    }
                })
            })
            .collect();
        json!({
            "id": self.id,
            "activity_type": "ACCOUNT_LOGIN",
            "timestamp": rfc3339(self.at),
            "actor": { "account_id": self.account },
            "targets": targets,
            "metadata": { "client": "browser" }
        })
    }
}

#[derive(Deserialize)]
struct LastActivity {
    account_ids: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Records {
    since_date: String,
    actors: Vec<Actor>,
}

#[derive(Deserialize)]
struct Actor {
    account_id: String,
}

impl Records {
    /// Which logins are asked for.
    pub(super) fn pick(
        &self,
        connector: &Connector,
    ) -> Result<impl Fn(&Login) -> bool + use<'_>, Error> {
        let since = moment(&self.since_date).ok_or_else(|| {
            Error::invalid_value("since_date must be a date or a time of ISO 8601")
        })?;
        let everybody = self.actors.is_empty() && connector.quirks.no_actors_is_everybody;
        Ok(move |login: &Login| {
            let is_asked = || {
                let mut actors = self.actors.iter();
                actors.any(|actor| actor.account_id == login.account)
            };
            login.at >= since && (everybody || is_asked())
        })
    }
}

/// The last login of each account asked for that has one.
pub(super) fn last(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: LastActivity = envelope.request("GetLastActivityRequest")?;
    let rows = listing::rows(|state| {
        let last = |id: &String| {
            let logins = state.logins.iter().filter(|login| login.account == *id);
            logins.max_by_key(|login| login.at).cloned()
        };
        Cow::Owned(request.account_ids.iter().filter_map(last).collect())
    });
    listing::page(
        connector,
        call,
        envelope,
        rows,
        |login: &Login| json!({ "account_id": login.account, "event_type": "last_login", "happened_at": rfc3339(login.at) }),
    )
}

pub(super) fn records(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Records = envelope.request("ListActivityRecordsRequest")?;
    let pick = request.pick(connector)?;
    let rows = listing::rows(|state| {
        let logins = state.logins.iter().filter(|login| pick(login));
        Cow::Owned(logins.cloned().collect())
    });
    listing::page(connector, call, envelope, rows, Login::show)
}

/// A time, or a day from its beginning.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    time.ok().or_else(|| {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(day.and_hms_opt(0, 0, 0)?.and_utc())
    })
}
