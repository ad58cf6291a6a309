//! This replica's part of the ledger: who it is, how much it runs at once, and who waits for what.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::Handover;

/// This replica as an owner of operations and sync runs.
pub struct Ledger {
    owner: Uuid,
    per_connection: usize,
    slots: Mutex<HashMap<Uuid, Arc<Semaphore>>>,
    sync_slots: Arc<Semaphore>,
    ended: broadcast::Sender<Uuid>,
    handover: Handover,
    tasks: TaskTracker,
    closing: CancellationToken,
    stopping: CancellationToken,
}

impl Ledger {
    /// A new owner: every start of the program is one.
    pub(crate) fn new(per_connection: usize, sync_runs: usize) -> Self {
        Self {
            owner: Uuid::new_v4(),
            per_connection,
            slots: Mutex::default(),
            sync_slots: Arc::new(Semaphore::new(sync_runs)),
            ended: broadcast::channel(1024).0,
            handover: Handover::default(),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
            stopping: CancellationToken::new(),
        }
    }

    /// The name under which this replica owns work.
    pub fn owner(&self) -> Uuid {
        self.owner
    }

    /// Whether no new work may be claimed.
    pub fn is_closing(&self) -> bool {
        self.closing.is_cancelled()
    }

    /// Ends when no new work may be claimed.
    pub async fn closed(&self) {
        self.closing.cancelled().await;
    }

    /// Claims nothing more, lets what runs finish within `grace`, then hands the rest over to other replicas.
    pub async fn close(&self, grace: std::time::Duration) {
        self.closing.cancel();
        self.tasks.close();
        if tokio::time::timeout(grace, self.tasks.wait())
            .await
            .is_err()
        {
            self.stopping.cancel();
            self.tasks.wait().await;
        }
    }

    /// Ends when what runs must be handed over.
    pub(crate) async fn stopped(&self) {
        self.stopping.cancelled().await;
    }

    /// Runs a piece of work that [`Ledger::close`] waits for.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }

    /// The tasks that [`Ledger::close`] waits for, for those who know nothing else of the ledger.
    pub(crate) fn tasks(&self) -> TaskTracker {
        self.tasks.clone()
    }

    /// Waits until fewer than the allowed operations of a connection run here.
    pub(super) async fn slot(&self, connection_id: Uuid) -> Option<OwnedSemaphorePermit> {
        self.semaphore(connection_id).acquire_owned().await.ok()
    }

    /// A slot, if one is free.
    pub(super) fn try_slot(&self, connection_id: Uuid) -> Option<OwnedSemaphorePermit> {
        self.semaphore(connection_id).try_acquire_owned().ok()
    }

    /// A slot for a sync run, if one is free.
    pub(crate) fn try_sync_slot(&self) -> Option<OwnedSemaphorePermit> {
        self.sync_slots.clone().try_acquire_owned().ok()
    }

    /// The connections that have no free slot here.
    pub(super) fn busy(&self) -> Vec<Uuid> {
        self.slots()
            .iter()
            .filter(|(_, slots)| slots.available_permits() == 0)
            .map(|(id, _)| *id)
            .collect()
    }

    /// News of ended operations.
    pub(super) fn endings(&self) -> broadcast::Receiver<Uuid> {
        self.ended.subscribe()
    }

    /// Tells waiting callers that an operation ended, here or on another replica.
    pub fn announce_end(&self, operation_id: Uuid) {
        // Nobody waiting is fine.
        let _ = self.ended.send(operation_id);
    }

    /// Where vendors' answers are handed to whoever waits for them here.
    pub(crate) fn handover(&self) -> &Handover {
        &self.handover
    }

    fn semaphore(&self, connection_id: Uuid) -> Arc<Semaphore> {
        self.slots()
            .entry(connection_id)
            .or_insert_with(|| Arc::new(Semaphore::new(self.per_connection)))
            .clone()
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Arc<Semaphore>>> {
        self.slots
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
