//! The budget of a connection, where its vendor allows only so many calls.

use async_trait::async_trait;
use tokio::time::Instant;

use super::AdapterError;

/// What a call is for. Each is guaranteed a part of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Urgency {
    /// A sync: many calls that nobody waits for.
    Bulk,
    /// A reading or an act that somebody waits for.
    Ordinary,
    /// Taking access away.
    Removal,
}

impl Urgency {
    /// Every one, the least urgent first.
    pub const ALL: [Self; 3] = [Self::Bulk, Self::Ordinary, Self::Removal];

    /// The word for answers and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bulk => "syncs",
            Self::Ordinary => "ordinary",
            Self::Removal => "removals",
        }
    }
}

/// Leave for one call.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    /// The request must have left by then; a later one needs another permit.
    pub until: Instant,
}

/// Gives leave for calls, over all replicas. A connection without a budget has none of these and needs no leave.
#[async_trait]
pub trait Permits: Send + Sync {
    /// Waits for leave.
    ///
    /// # Errors
    /// [`super::Trouble::RateLimited`] at once when there will be none before the deadline, with the time to wait;
    /// [`super::Trouble::Unavailable`] when nobody can tell.
    async fn permit(&self, urgency: Urgency, deadline: Instant) -> Result<Permit, AdapterError>;
}
