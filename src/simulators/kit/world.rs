//! What a vendor holds, behind one lock, with the list of every change that a call really made.

use std::sync::{Arc, Mutex, MutexGuard};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::{Call, times};

/// A change that a call really made.
#[derive(Debug, Clone, Serialize)]
pub struct Effect {
    /// Position in the list, from 1.
    pub seq: u64,
    /// When it was applied.
    #[serde(serialize_with = "times::millis")]
    pub at: DateTime<Utc>,
    /// Method and path template, such as `POST /1/accounts`.
    pub operation: String,
    /// The vendor's id of what changed.
    pub subject: String,
    /// The thing as the vendor would have shown it before; null where there was none.
    pub before: Value,
    /// The thing as the vendor shows it now; null where there is none.
    pub after: Value,
}

/// The shared state of a vendor. Cloning it is cheap and gives the same one.
pub struct World<S> {
    inner: Arc<Mutex<Inner<S>>>,
}

struct Inner<S> {
    state: S,
    effects: Vec<Effect>,
}

impl<S> Clone for World<S> {
    fn clone(&self) -> Self {
        World {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<S> World<S> {
    pub(super) fn new(state: S) -> Self {
        World {
            inner: Arc::new(Mutex::new(Inner {
                state,
                effects: Vec::new(),
            })),
        }
    }

    /// Looks at the state.
    pub fn read<T>(&self, look: impl FnOnce(&S) -> T) -> T {
        look(&self.lock().state)
    }

    /// Changes the state on behalf of a call. What the closure changes it must report to [`Effects::applied`]:
    /// both happen under one lock, so the list of effects is the truth.
    pub fn change<T>(&self, call: &Call, change: impl FnOnce(&mut S, &mut Effects<'_>) -> T) -> T {
        let inner = &mut *self.lock();
        let mut effects = Effects {
            list: &mut inner.effects,
            operation: &call.operation,
        };
        change(&mut inner.state, &mut effects)
    }

    /// Changes the state behind everybody's back: no effect is listed.
    pub(super) fn change_unseen<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        change(&mut self.lock().state)
    }

    pub(super) fn reset(&self, state: S) {
        let mut inner = self.lock();
        inner.state = state;
        inner.effects.clear();
    }

    pub(super) fn effects(&self) -> Vec<Effect> {
        self.lock().effects.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner<S>> {
        // A handler that panicked is a bug to see in its own answer, not in every later one.
        self.inner
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Where a call reports what it changed.
pub struct Effects<'a> {
    list: &'a mut Vec<Effect>,
    operation: &'a str,
}

impl Effects<'_> {
    /// Notes one applied change. `before` and `after` are the vendor's own objects, without secrets.
    pub fn applied(
        &mut self,
        subject: impl Into<String>,
        before: impl Into<Value>,
        after: impl Into<Value>,
    ) {
        self.list.push(Effect {
            seq: self.list.len() as u64 + 1,
            at: Utc::now(),
            operation: self.operation.to_owned(),
            subject: subject.into(),
            before: before.into(),
            after: after.into(),
        });
    }
}
