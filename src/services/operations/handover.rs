//! Vendors' answers that are not kept, on their way from the task that runs an operation to the caller that waits for it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::adapters::contract::Forwarded;

/// Who waits on this replica for which operation's answer.
#[derive(Default)]
pub(crate) struct Handover(Mutex<HashMap<Uuid, oneshot::Sender<Forwarded>>>);

/// Somebody who waits. Dropped, nobody does any more, and the answer goes.
pub(crate) struct Waiting<'a> {
    handover: &'a Handover,
    operation_id: Uuid,
    answer: oneshot::Receiver<Forwarded>,
}

impl Handover {
    /// Begins to wait; before the operation is recorded, so that its answer can't be missed.
    pub(crate) fn wait_for(&self, operation_id: Uuid) -> Waiting<'_> {
        let (sender, answer) = oneshot::channel();
        self.lock().insert(operation_id, sender);
        Waiting {
            handover: self,
            operation_id,
            answer,
        }
    }

    /// Hands an answer over, if somebody waits for it here.
    pub(super) fn give(&self, operation_id: Uuid, answer: Forwarded) {
        if let Some(sender) = self.lock().remove(&operation_id) {
            // Whoever went away meanwhile does not want it.
            let _ = sender.send(answer);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, oneshot::Sender<Forwarded>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting<'_> {
    /// The answer, if it came.
    pub(crate) fn take(&mut self) -> Option<Forwarded> {
        self.answer.try_recv().ok()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.handover.lock().remove(&self.operation_id);
    }
}
