//! One running simulator with its vendor's types erased: what the server, the control API and [`Running`](super::Running) share.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use serde_json::Value;

use super::{Drift, Holdings, Vendor, World, calls::CallLog, faults::Schedule, world::Effect};

pub(super) struct Simulator {
    pub(super) calls: CallLog,
    pub(super) schedule: Schedule,
    held: Box<dyn Held>,
    resets: AtomicU64,
}

impl Simulator {
    pub(super) fn new<V: Vendor>(vendor: Arc<V>, world: World<V::State>) -> Self {
        Simulator {
            calls: CallLog::default(),
            schedule: Schedule::default(),
            held: Box::new(Vault { vendor, world }),
            resets: AtomicU64::new(0),
        }
    }

    pub(super) fn connection(&self, variant: &str, url: &str) -> Option<Value> {
        self.held.connection(variant, url)
    }

    pub(super) fn effects(&self) -> Vec<Effect> {
        self.held.effects()
    }

    pub(super) fn holdings(&self) -> Holdings {
        self.held.holdings()
    }

    pub(super) fn drift(&self, drifts: &[Drift]) -> Result<(), String> {
        self.held.drift(drifts)
    }

    pub(super) fn error_body(&self, path: &str) -> Value {
        self.held.error_body(path)
    }

    /// Back to the seed: state, effects, calls and faults.
    pub(super) fn reset(&self) {
        self.resets.fetch_add(1, Ordering::AcqRel);
        self.schedule.clear();
        self.held.reseed();
        self.calls.clear();
    }

    /// How often it was reset: a call that waited over a reset must not touch the new state.
    pub(super) fn resets(&self) -> u64 {
        self.resets.load(Ordering::Acquire)
    }
}

trait Held: Send + Sync {
    fn connection(&self, variant: &str, url: &str) -> Option<Value>;
    fn effects(&self) -> Vec<Effect>;
    fn holdings(&self) -> Holdings;
    fn drift(&self, drifts: &[Drift]) -> Result<(), String>;
    fn error_body(&self, path: &str) -> Value;
    fn reseed(&self);
}

struct Vault<V: Vendor> {
    vendor: Arc<V>,
    world: World<V::State>,
}

impl<V: Vendor> Held for Vault<V> {
    fn connection(&self, variant: &str, url: &str) -> Option<Value> {
        self.vendor.connection(variant, url)
    }

    fn effects(&self) -> Vec<Effect> {
        self.world.effects()
    }

    fn holdings(&self) -> Holdings {
        self.world.read(|state| self.vendor.holdings(state))
    }

    /// All of them or none.
    fn drift(&self, drifts: &[Drift]) -> Result<(), String> {
        self.world.change_unseen(|state| {
            let mut changed = state.clone();
            for (n, drift) in drifts.iter().enumerate() {
                self.vendor
                    .drift(&mut changed, drift)
                    .map_err(|why| format!("[{n}]: {why}"))?;
            }
            *state = changed;
            Ok(())
        })
    }

    fn error_body(&self, path: &str) -> Value {
        self.vendor.error_body(path)
    }

    fn reseed(&self) {
        self.world.reset(self.vendor.seed());
    }
}
