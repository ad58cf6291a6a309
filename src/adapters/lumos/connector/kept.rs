//! Something learned of the connector by several calls, and kept for a while.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use crate::adapters::contract::AdapterError;

/// One thing; however many want it, it is asked for once.
pub(super) struct Kept<T>(Cache<(), Arc<T>>);

impl<T: Send + Sync + 'static> Kept<T> {
    /// Kept for so long after it was learned.
    pub(super) fn new(life: Duration) -> Self {
        Self(Cache::builder().max_capacity(1).time_to_live(life).build())
    }

    /// It, learned now if it is not kept. What fails is not kept.
    pub(super) async fn get_or(
        &self,
        learn: impl Future<Output = Result<T, AdapterError>>,
    ) -> Result<Arc<T>, AdapterError> {
        // On the heap: several calls deep, and held in each state of the cache's own future.
        let learn = Box::pin(learn);
        self.0
            .try_get_with((), async { learn.await.map(Arc::new) })
            .await
            .map_err(|error| (*error).clone())
    }

    /// Learns it anew the next time.
    pub(super) async fn forget(&self) {
        self.0.invalidate(&()).await;
    }
}
