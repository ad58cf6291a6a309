//! One reading of a thing at a time: whoever asks for it while it is under way shares its outcome.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::services::operations::Ledger;

type Landing = watch::Receiver<Option<Result<()>>>;

/// The readings that are under way on this replica, by the id of what is read.
#[derive(Clone, Default)]
pub(in crate::services) struct Flights(Arc<Mutex<HashMap<Uuid, Landing>>>);

/// Takes a reading off the list however it ends.
struct UnderWay {
    flights: Flights,
    id: Uuid,
}

impl Flights {
    /// The outcome of the reading of `id` that is under way, else of this one. It runs in a task of its own, so that it does
    /// not end with the caller who happened to come first.
    pub(super) async fn share(
        &self,
        ledger: &Ledger,
        id: Uuid,
        reading: impl Future<Output = Result<()>> + Send + 'static,
    ) -> Result<()> {
        let mut landing = self.join_or_start(ledger, id, reading);
        match landing.wait_for(Option::is_some).await.as_deref() {
            Ok(Some(outcome)) => outcome.clone(),
            Ok(None) | Err(_) => Err(Error::internal("a reading ended without an outcome")),
        }
    }

    fn join_or_start(
        &self,
        ledger: &Ledger,
        id: Uuid,
        reading: impl Future<Output = Result<()>> + Send + 'static,
    ) -> Landing {
        let mut flights = self.lock();
        if let Some(landing) = flights.get(&id) {
            return landing.clone();
        }
        let (land, landing) = watch::channel(None);
        flights.insert(id, landing.clone());
        let under_way = UnderWay {
            flights: self.clone(),
            id,
        };
        ledger.spawn(async move {
            let outcome = reading.await;
            // Before the outcome is told: who comes from now on must not get what was read before they came.
            drop(under_way);
            let _ = land.send(Some(outcome));
        });
        landing
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Landing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.flights.lock().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;
    use crate::error::Code;

    struct Airport {
        flights: Flights,
        ledger: Ledger,
        readings: Arc<AtomicUsize>,
    }

    impl Airport {
        fn new() -> Self {
            Self {
                flights: Flights::default(),
                ledger: Ledger::new(1, 1),
                readings: Arc::default(),
            }
        }

        async fn read(&self, id: Uuid, outcome: Result<()>) -> Result<()> {
            let readings = self.readings.clone();
            let reading = async move {
                readings.fetch_add(1, Ordering::SeqCst);
                sleep(Duration::from_millis(50)).await;
                outcome
            };
            self.flights.share(&self.ledger, id, reading).await
        }

        fn readings(&self) -> usize {
            self.readings.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn who_comes_while_it_is_read_shares_the_outcome_and_who_comes_later_does_not() {
        let airport = Airport::new();
        let id = Uuid::now_v7();
        let failed = || Err(Error::new(Code::UpstreamTimeout, "too late"));
        let crowd = (0..10).map(|_| airport.read(id, failed()));
        for outcome in futures_util::future::join_all(crowd).await {
            assert_eq!(outcome.unwrap_err().code, Code::UpstreamTimeout);
        }
        assert_eq!(airport.readings(), 1);
        airport.read(id, Ok(())).await.expect("read anew");
        assert_eq!(airport.readings(), 2);
    }

    #[tokio::test]
    async fn different_things_are_read_by_themselves() {
        let airport = Airport::new();
        let crowd = (0..3).map(|_| airport.read(Uuid::now_v7(), Ok(())));
        futures_util::future::join_all(crowd).await;
        assert_eq!(airport.readings(), 3);
    }

    #[tokio::test]
    async fn a_reading_outlives_the_caller_who_began_it() {
        let airport = Airport::new();
        let id = Uuid::now_v7();
        let first = tokio::time::timeout(Duration::from_millis(10), airport.read(id, Ok(()))).await;
        assert!(first.is_err(), "the first caller left");
        airport.read(id, Ok(())).await.expect("the same reading");
        assert_eq!(airport.readings(), 1);
    }

    #[tokio::test]
    async fn a_reading_that_breaks_off_leaves_nobody_waiting() {
        let airport = Airport::new();
        let id = Uuid::now_v7();
        let broken = airport
            .flights
            .share(&airport.ledger, id, async { panic!("on purpose") })
            .await;
        assert_eq!(broken.unwrap_err().code, Code::Internal);
        airport.read(id, Ok(())).await.expect("read anew");
    }
}
