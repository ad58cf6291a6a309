//! A connection's circuit breaker: after a run of failures it is left alone for a while, then probed by one call at a time.
//!
//! `tower-resilience-circuitbreaker` does not fit: it wraps a whole call and knows good and bad only, but a
//! call that was fenced, or refused to be signed, says nothing about the vendor and must not close or open anything; and
//! its refusal does not say how long to wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::{BreakerConfig, meter};

/// How long a caller is asked to wait while a probe is under way.
const PROBE_WAIT: Duration = Duration::from_secs(1);

/// What the breaker does with calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakerState {
    /// Lets them pass.
    Closed,
    /// Refuses them.
    Open,
    /// Lets one pass to see whether the vendor is back.
    HalfOpen,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed { failures: u32 },
    Open { until: Instant },
    HalfOpen { probing: bool },
}

/// What a call told about the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It answers.
    Healthy,
    /// It does not, or not usefully.
    Failing,
}

pub(super) struct Breaker {
    vendor: &'static str,
    config: BreakerConfig,
    state: Mutex<State>,
}

/// Leave for one call. Dropped without a verdict it changes nothing, except that another probe may go.
pub(super) struct Pass {
    breaker: Arc<Breaker>,
    is_probe: bool,
    is_settled: bool,
}

impl Breaker {
    pub(super) fn new(vendor: &'static str, config: BreakerConfig) -> Self {
        Self {
            vendor,
            config,
            state: Mutex::new(State::Closed { failures: 0 }),
        }
    }

    pub(super) fn state(&self) -> BreakerState {
        match *self.lock() {
            State::Closed { .. } => BreakerState::Closed,
            State::Open { until } if Instant::now() < until => BreakerState::Open,
            State::Open { .. } | State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Whether it holds nothing that a fresh one would not.
    pub(super) fn is_fresh(&self) -> bool {
        matches!(*self.lock(), State::Closed { failures: 0 })
    }

    /// Asks for leave to call; refused with the time to wait.
    pub(super) fn admit(self: &Arc<Self>) -> Result<Pass, Duration> {
        let mut state = self.lock();
        let is_probe = match *state {
            State::Closed { .. } => false,
            State::Open { until } => {
                let left = until.saturating_duration_since(Instant::now());
                if !left.is_zero() {
                    return Err(left);
                }
                *state = State::HalfOpen { probing: true };
                true
            }
            State::HalfOpen { probing: true } => return Err(PROBE_WAIT),
            State::HalfOpen { probing: false } => {
                *state = State::HalfOpen { probing: true };
                true
            }
        };
        Ok(Pass {
            breaker: Arc::clone(self),
            is_probe,
            is_settled: false,
        })
    }

    fn settle(&self, is_probe: bool, verdict: Verdict) {
        let mut state = self.lock();
        *state = match (*state, verdict) {
            (State::Closed { .. }, Verdict::Healthy) => State::Closed { failures: 0 },
            (State::Closed { failures }, Verdict::Failing) => {
                if failures + 1 < self.config.failures {
                    State::Closed {
                        failures: failures + 1,
                    }
                } else {
                    meter::breaker_opened(self.vendor);
                    self.opened()
                }
            }
            (State::HalfOpen { .. }, Verdict::Healthy) if is_probe => {
                meter::breaker_closed(self.vendor);
                State::Closed { failures: 0 }
            }
            (State::HalfOpen { .. }, Verdict::Failing) if is_probe => self.opened(),
            // A call from before it opened: what it saw is older than what is known.
            (state @ (State::Open { .. } | State::HalfOpen { .. }), _) => state,
        };
    }

    fn opened(&self) -> State {
        State::Open {
            until: Instant::now() + self.config.open_for,
        }
    }

    fn release_probe(&self) {
        let mut state = self.lock();
        if let State::HalfOpen { probing } = &mut *state {
            *probing = false;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while it is held, and the state is valid at every moment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Breaker {
    fn drop(&mut self) {
        if !matches!(*self.lock(), State::Closed { .. }) {
            meter::breaker_closed(self.vendor);
        }
    }
}

impl Pass {
    /// The vendor answers well so far, and goes on answering. For a probe that is enough, for others wait for its verdict;
    /// from here on it counts like any other call.
    pub(super) fn answered(mut self) -> Self {
        if std::mem::take(&mut self.is_probe) {
            self.breaker.settle(true, Verdict::Healthy);
        }
        self
    }

    pub(super) fn record(mut self, verdict: Verdict) {
        self.is_settled = true;
        self.breaker.settle(self.is_probe, verdict);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.is_probe && !self.is_settled {
            self.breaker.release_probe();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN_FOR: Duration = Duration::from_millis(40);

    fn breaker() -> Arc<Breaker> {
        let config = BreakerConfig {
            failures: 3,
            open_for: OPEN_FOR,
        };
        Arc::new(Breaker::new("test", config))
    }

    fn fail(breaker: &Arc<Breaker>, times: usize) {
        for _ in 0..times {
            let pass = breaker.admit().expect("it lets calls pass");
            pass.record(Verdict::Failing);
        }
    }

    #[tokio::test]
    async fn a_run_of_failures_opens_and_a_success_in_between_does_not() {
        let breaker = breaker();
        fail(&breaker, 2);
        let pass = breaker.admit().expect("still closed");
        pass.record(Verdict::Healthy);
        fail(&breaker, 2);
        assert_eq!(breaker.state(), BreakerState::Closed);
        fail(&breaker, 1);
        assert_eq!(breaker.state(), BreakerState::Open);
        let wait = breaker.admit().err().expect("refused while open");
        assert!(wait > Duration::ZERO && wait <= OPEN_FOR);
    }

    #[tokio::test]
    async fn one_probe_at_a_time_decides() {
        let breaker = breaker();
        fail(&breaker, 3);
        tokio::time::sleep(OPEN_FOR * 2).await;
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        let probe = breaker.admit().expect("a probe may go");
        assert!(breaker.admit().is_err(), "a second one may not");
        probe.record(Verdict::Failing);
        assert_eq!(breaker.state(), BreakerState::Open);
        tokio::time::sleep(OPEN_FOR * 2).await;
        let probe = breaker.admit().expect("a probe may go again");
        probe.record(Verdict::Healthy);
        assert_eq!(breaker.state(), BreakerState::Closed);
    }

    #[tokio::test]
    async fn a_probe_that_says_nothing_makes_room_for_another() {
        let breaker = breaker();
        fail(&breaker, 3);
        tokio::time::sleep(OPEN_FOR * 2).await;
        drop(breaker.admit().expect("a probe may go"));
        assert_eq!(breaker.state(), BreakerState::HalfOpen);
        assert!(breaker.admit().is_ok());
    }

    #[tokio::test]
    async fn a_probe_with_a_long_answer_closes_it_at_once_and_still_counts_how_it_ends() {
        let breaker = breaker();
        fail(&breaker, 3);
        tokio::time::sleep(OPEN_FOR * 2).await;
        let long = breaker.admit().expect("a probe may go").answered();
        assert_eq!(breaker.state(), BreakerState::Closed);
        fail(&breaker, 2);
        long.record(Verdict::Failing);
        assert_eq!(breaker.state(), BreakerState::Open);
    }

    #[tokio::test]
    async fn a_late_answer_from_before_does_not_close_it() {
        let breaker = breaker();
        let early = breaker.admit().expect("closed at first");
        fail(&breaker, 3);
        early.record(Verdict::Healthy);
        assert_eq!(breaker.state(), BreakerState::Open);
    }
}
