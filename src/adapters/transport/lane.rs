//! What the calls of one connection share, however often its adapter is built anew: breaker, concurrency limit, pace.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use url::Origin;
use uuid::Uuid;

use super::breaker::Breaker;
use super::pace::Pace;
use super::{BreakerState, Quota, TransportConfig};

/// Which of a connection's hosts a channel leads to. Each has a breaker and places of its own: an identity provider that is out
/// of order must not be asked more often because the API works, nor the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// The vendor's API.
    Api,
    /// The identity provider that issues the tokens for it.
    Identity,
}

/// How calls go by one door of a connection, on this replica.
#[derive(Clone, Copy, Debug)]
pub struct Traffic {
    /// What the breaker does with calls.
    pub breaker: BreakerState,
    /// What the vendor last said of the calls that are left, while that holds.
    pub announced: Option<Quota>,
    /// Calls under way.
    pub under_way: usize,
}

pub(super) struct Lane {
    /// A connection that was pointed at another host begins with a clean slate.
    origin: Origin,
    pub(super) places: Arc<Semaphore>,
    concurrency: usize,
    pub(super) breaker: Arc<Breaker>,
    pub(super) pace: Pace,
}

impl Lane {
    /// Whether it remembers nothing that a new one would not know.
    fn is_fresh(&self) -> bool {
        self.breaker.is_fresh() && self.pace.is_fresh()
    }
}

#[derive(Default)]
pub(super) struct Lanes {
    by_connection: Mutex<HashMap<(Uuid, Door), Arc<Lane>>>,
}

impl Lanes {
    pub(super) fn lane(
        &self,
        vendor: &'static str,
        connection_id: Uuid,
        door: Door,
        origin: Origin,
        config: &TransportConfig,
    ) -> Arc<Lane> {
        let mut lanes = self
            .by_connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = lanes.get(&(connection_id, door))
            && lane.origin == origin
        {
            return Arc::clone(lane);
        }
        // Lanes that nobody holds and that remember nothing go, so that deleted connections do not pile up.
        lanes.retain(|_, lane| Arc::strong_count(lane) > 1 || !lane.is_fresh());
        let lane = Arc::new(Lane {
            origin,
            places: Arc::new(Semaphore::new(config.concurrency.max(1))),
            concurrency: config.concurrency.max(1),
            breaker: Arc::new(Breaker::new(vendor, config.breaker)),
            pace: Pace::default(),
        });
        lanes.insert((connection_id, door), Arc::clone(&lane));
        lane
    }

    pub(super) fn traffic(&self, connection_id: Uuid) -> Vec<(Door, Traffic)> {
        let lanes = self
            .by_connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        [Door::Api, Door::Identity]
            .into_iter()
            .filter_map(|door| {
                let lane = lanes.get(&(connection_id, door))?;
                let traffic = Traffic {
                    breaker: lane.breaker.state(),
                    announced: lane.pace.announced(),
                    under_way: lane.concurrency - lane.places.available_permits(),
                };
                Some((door, traffic))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn origin(text: &str) -> Origin {
        Url::parse(text).expect(text).origin()
    }

    #[test]
    fn a_connection_keeps_its_lane_until_it_moves() {
        let lanes = Lanes::default();
        let config = TransportConfig::default();
        let id = Uuid::now_v7();
        let first = lanes.lane("test", id, Door::Api, origin("https://a.example/"), &config);
        let again = lanes.lane(
            "test",
            id,
            Door::Api,
            origin("https://a.example/v2"),
            &config,
        );
        let moved = lanes.lane("test", id, Door::Api, origin("https://b.example/"), &config);
        let identity = lanes.lane(
            "test",
            id,
            Door::Identity,
            origin("https://id.example/"),
            &config,
        );
        let still = lanes.lane(
            "test",
            id,
            Door::Identity,
            origin("https://id.example/"),
            &config,
        );
        assert!(
            Arc::ptr_eq(&identity, &still),
            "the doors don't displace each other"
        );
        assert!(Arc::ptr_eq(&first, &again));
        assert!(!Arc::ptr_eq(&first, &moved));
    }

    #[test]
    fn lanes_that_remember_nothing_are_dropped() {
        let lanes = Lanes::default();
        let config = TransportConfig::default();
        for _ in 0..5 {
            lanes.lane(
                "test",
                Uuid::now_v7(),
                Door::Api,
                origin("https://a.example/"),
                &config,
            );
        }
        let left = lanes.by_connection.lock().expect("not poisoned").len();
        assert_eq!(left, 1);
    }
}
