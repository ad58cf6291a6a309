//! What every vendor simulator is made of, and nothing that any one vendor has.
//!
//! A simulator is a type that implements [`Vendor`]: it seeds a state, and gives an ordinary axum `Router` over a [`World`] of
//! it. The kit puts that router on a loopback port and a control API on another, and adds what no vendor code has to know:
//! the log of calls, the faults, the resets. Two things are asked of a handler:
//!
//! - it takes a [`Call`] and changes the world only through [`World::change`], reporting each change to [`Effects::applied`]
//!   in the same closure;
//! - when it lists, it asks [`Call::page_fault`] once and does as told ([`paging`] has the arithmetic).
//!
//! The control API: `GET /requests`, `GET /effects`, `GET /state`, `GET|POST|DELETE /faults`, `POST /drift`, `POST /reset`.
//! `POST /faults` appends a schedule such as this one; the fields of each fault are those of [`Fault`], and all but `fault`
//! may be left out:
//!
//! ```json
//! [{"match": {"method": "POST", "path_contains": "/accounts"}, "fault": "drop_after_apply", "times": 3, "after": 1},
//!  {"fault": {"kind": "status", "code": 503, "headers": {"retry-after": "2"}, "body": {"why": "closed"}}}]
//! ```
//!
//! `times` (default 1, a rate limit's for ever; 0 or null is for ever) counts the calls struck, `after` those let pass first.
//! Rules are tried in order and the first that strikes wins, except that a `delay_ms` goes on to the next.

mod calls;
mod control;
mod cut;
mod faults;
mod intercept;
pub mod paging;
pub mod people;
mod server;
mod simulator;
#[cfg(test)]
mod tests;
mod times;
mod world;

use std::{collections::BTreeMap, fmt::Display, net::SocketAddr, str::FromStr};

use anyhow::{anyhow, ensure};
use axum::Router;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::{
    calls::{Call, Received},
    faults::{Fault, Match, PageFault, Rule},
    server::{Running, start},
    times::{rfc3339, seeded},
    world::{Effect, Effects, World},
};

/// How many accounts a vendor is seeded with when nobody says.
pub const DEFAULT_ACCOUNTS: usize = 60;

/// A simulated vendor.
pub trait Vendor: Send + Sync + 'static {
    /// Everything that the vendor holds.
    type State: Clone + Send + 'static;

    /// The state to begin with, the same on every call.
    fn seed(&self) -> Self::State;

    /// The vendor's API. Paths that it lacks are its own to refuse, too (`Router::fallback`).
    fn router(&self, world: World<Self::State>) -> Router;

    /// What a client of this variant needs to connect: `{"settings": {"base_url": …}, "credentials": {…}}`, with credentials
    /// plainly made up. `url` is the root that the router is served at. None if the vendor has no such variant.
    fn connection(&self, variant: &str, url: &str) -> Option<Value>;

    /// The vendor's own objects, without secrets.
    fn holdings(&self, state: &Self::State) -> Holdings;

    /// Does one thing behind the clients' backs. The reason of a refusal is shown to whoever wrote the drift.
    fn drift(&self, state: &mut Self::State, drift: &Drift) -> Result<(), String>;

    /// The body with which the vendor would say that something failed, for the fault `error_in_200`.
    fn error_body(&self, path: &str) -> Value;
}

/// What a vendor holds, as `GET /state` shows it; lists of things that a vendor doesn't have stay empty.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Holdings {
    /// Accounts.
    pub accounts: Vec<Value>,
    /// Entitlements.
    pub entitlements: Vec<Value>,
    /// Who holds which entitlement.
    pub grants: Vec<Value>,
    /// Issued credentials, without their secrets.
    pub tokens: Vec<Value>,
    /// Access requests.
    pub requests: Vec<Value>,
    /// People, where they are something else than their accounts.
    pub users: Vec<Value>,
    /// Groups with their members.
    pub groups: Vec<Value>,
    /// Applications or systems that accounts are in.
    pub apps: Vec<Value>,
    /// What the vendor's further APIs hold, by variant; the rest is the first API's.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub apis: BTreeMap<&'static str, Holdings>,
}

impl Holdings {
    /// What a client of this variant can come to see.
    pub fn of(&self, variant: &str) -> &Holdings {
        self.apis.get(variant).unwrap_or(self)
    }
}

/// One change behind everybody's back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// What to do.
    pub op: DriftOp,
    /// To which kind of thing: `account`, or another that the vendor has.
    pub kind: String,
    /// The vendor's id of it; an `add` may leave it out.
    #[serde(default)]
    pub id: Option<String>,
    /// The thing to add, or the fields to change, spelled as the vendor spells them.
    #[serde(default)]
    pub value: Value,
}

/// What a [`Drift`] does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftOp {
    /// A new thing appears.
    Add,
    /// Some fields of a thing change.
    Change,
    /// A thing goes.
    Remove,
}

/// How to start a simulator.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the vendor's API listens: loopback; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where the control API listens, likewise.
    pub control_listen: SocketAddr,
    /// How many accounts to seed, [`DEFAULT_ACCOUNTS`] if none is said.
    pub accounts: Option<usize>,
    /// The vendor's own switches by name, such as `auth` = `basic`.
    pub quirks: BTreeMap<String, String>,
}

impl Default for Options {
    fn default() -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Options {
            listen: anywhere,
            control_listen: anywhere,
            accounts: None,
            quirks: BTreeMap::new(),
        }
    }
}

impl Options {
    /// How many accounts to seed.
    pub fn account_count(&self) -> usize {
        self.accounts.unwrap_or(DEFAULT_ACCOUNTS)
    }

    /// Turns a switch of the vendor's.
    pub fn with_quirk(mut self, name: &str, value: &str) -> Self {
        self.quirks.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The value of a switch, if it is set.
    pub fn quirk<T>(&self, name: &str) -> anyhow::Result<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let read = |value: &String| {
            value
                .parse()
                .map_err(|why| anyhow!("quirk {name}={value}: {why}"))
        };
        self.quirks.get(name).map(read).transpose()
    }

    /// The value of a switch that is one of these words; the first of them if it isn't set.
    pub fn word(&self, name: &str, words: &'static [&'static str]) -> anyhow::Result<&'static str> {
        let Some(given) = self.quirks.get(name) else {
            return Ok(words[0]);
        };
        words
            .iter()
            .find(|word| *word == given)
            .copied()
            .ok_or_else(|| {
                anyhow!(
                    "quirk {name}={given}: one of {} is expected",
                    words.join(", ")
                )
            })
    }

    /// Refuses switches that the vendor doesn't have; every vendor calls this first.
    pub fn allow_quirks(&self, known: &[&str]) -> anyhow::Result<()> {
        for name in self.quirks.keys() {
            ensure!(
                known.contains(&name.as_str()),
                "there is no quirk {name}; there {}",
                match known {
                    [] => "are none".to_owned(),
                    known => format!("is {}", known.join(", ")),
                }
            );
        }
        Ok(())
    }
}
