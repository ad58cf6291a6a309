//! Use cases, one function each. They authorise, call adapters and the store, and know nothing of HTTP.

pub mod accounts;
pub mod activity;
pub mod audit;
pub mod callers;
pub mod catalogue;
mod connected;
pub mod connections;
mod coverage;
mod custody;
pub mod entitlements;
pub mod grants;
pub mod health;
pub mod identities;
pub mod keys;
mod lease;
pub mod operations;
mod paging;
pub mod passthrough;
pub mod quota;
mod read_through;
pub mod resources;
pub mod syncs;
mod upstream;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub use paging::PageSpec;
pub use read_through::MaxAge;

use crate::adapters::transport::Transport;
use crate::secrets::{Keyring, Vault};
use crate::store::Store;
use connected::Adapters;
use health::Pulse;
use operations::{Ledger, Plan};
use quota::Budgets;
use read_through::Flights;

/// How the services behave; times that matter for correctness are here and nowhere else.
#[derive(Clone, Debug)]
pub struct ServiceSettings {
    /// How long an operation or a sync run stays owned without a heartbeat.
    pub lease: Duration,
    /// Time between heartbeats; several fit into a lease.
    pub heartbeat: Duration,
    /// How long a caller waits for an outcome before it gets a 202.
    pub answer_wait: Duration,
    /// How long one request to a vendor may take. No less than the transport's: a reading after an unclear answer counts
    /// only when the request can't be under way any more.
    pub attempt: Duration,
    /// Overrides every variant's settle time; for tests.
    pub settle: Option<Duration>,
    /// How long an unclear outcome is read back before it is parked for a person.
    pub give_up: Duration,
    /// Operations of one connection that run at once on this replica.
    pub operations_per_connection: usize,
    /// Sync runs that go on at once on this replica.
    pub sync_runs: usize,
    /// Items asked for per page of a sync.
    pub page_size: u32,
    /// How far back the first sync of a connection asks what was done.
    pub activity_first: Duration,
    /// How long what vendors report that was done is kept.
    pub activity_kept: Duration,
}

impl Default for ServiceSettings {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            heartbeat: Duration::from_secs(10),
            answer_wait: Duration::from_secs(10),
            attempt: Duration::from_secs(10),
            settle: None,
            give_up: Duration::from_secs(600),
            operations_per_connection: 8,
            sync_runs: 4,
            page_size: 100,
            activity_first: Duration::from_secs(30 * 24 * 60 * 60),
            activity_kept: Duration::from_secs(400 * 24 * 60 * 60),
        }
    }
}

impl ServiceSettings {
    /// How long the readings of one act may take in all: several attempts fit in.
    fn readings(&self) -> Duration {
        self.attempt * 3
    }
}

/// Everything that a use case needs. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    keyring: Keyring,
    vault: Vault,
    transport: Transport,
    adapters: Adapters,
    slots: catalogue::Slots,
    ledger: Ledger,
    flights: Flights,
    budgets: Budgets,
    pulse: Pulse,
    settings: ServiceSettings,
}

impl Services {
    /// Wires the services of one replica.
    pub fn new(
        store: Store,
        keyring: Keyring,
        transport: Transport,
        settings: ServiceSettings,
    ) -> Self {
        let vault = Vault::new(keyring.clone());
        Self {
            inner: Arc::new(Inner {
                ledger: Ledger::new(settings.operations_per_connection, settings.sync_runs),
                flights: Flights::default(),
                budgets: Budgets::default(),
                adapters: Adapters::default(),
                slots: catalogue::Slots::default(),
                pulse: Pulse::default(),
                store,
                keyring,
                vault,
                transport,
                settings,
            }),
        }
    }

    /// The database.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// How the services behave.
    pub fn settings(&self) -> &ServiceSettings {
        &self.inner.settings
    }

    /// When the loops without a caller last worked.
    pub fn pulse(&self) -> &Pulse {
        &self.inner.pulse
    }

    /// The operations of this replica.
    pub fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }

    fn keyring(&self) -> &Keyring {
        &self.inner.keyring
    }

    fn vault(&self) -> &Vault {
        &self.inner.vault
    }

    fn transport(&self) -> &Transport {
        &self.inner.transport
    }

    fn adapters(&self) -> &Adapters {
        &self.inner.adapters
    }

    fn flights(&self) -> &Flights {
        &self.inner.flights
    }

    fn budgets(&self) -> &Budgets {
        &self.inner.budgets
    }

    fn slots(&self) -> &catalogue::Slots {
        &self.inner.slots
    }
}

/// What surrounds a mutation. Not for logs: the body may hold a password.
#[derive(Clone)]
pub struct Intent {
    /// The id of the request.
    pub request_id: String,
    /// `Idempotency-Key`, as sent.
    pub idempotency_key: Option<String>,
    /// HTTP method; with the path it is the scope of the key.
    pub method: &'static str,
    /// Path without query.
    pub path: String,
    /// The exact bytes of the body.
    pub body: Vec<u8>,
    /// `Prefer: respond-async`.
    pub respond_async: bool,
    /// `mode=plan`: shows what would be sent to the vendor, and sends nothing.
    pub plan: bool,
}

/// What a mutation toward a vendor answers.
#[derive(Clone, Debug)]
pub enum Reply<T> {
    /// It is done.
    Done(T),
    /// It goes on without the caller.
    Accepted {
        /// Where to look.
        operation_id: Uuid,
    },
    /// It was only planned.
    Planned(Plan),
}

/// A page of a list.
#[derive(Clone, Debug)]
pub struct Listing<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the list goes on.
    pub next_cursor: Option<String>,
    /// How good the answer is, where rows come from vendors.
    pub coverage: Option<Coverage>,
}

/// How good an answer is that rests on our copy.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The oldest complete observation that it rests on; `None`: never synced.
    pub as_of: Option<DateTime<Utc>>,
    /// Older than twice the interval, or the last run failed.
    pub stale: bool,
    /// Connections that can't list such things.
    pub not_covered: Vec<Uuid>,
    /// Connections that list some of them and not all.
    pub partial: Vec<Uuid>,
}

/// One thing with how good our copy of it is.
#[derive(Clone, Debug)]
pub struct Observed<T> {
    /// The thing.
    pub value: T,
    /// When it was last seen.
    pub as_of: Option<DateTime<Utc>>,
    /// Whether that is too long ago.
    pub stale: bool,
}
