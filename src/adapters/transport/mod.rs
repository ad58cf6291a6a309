//! The one way out to vendors: address guard, deadlines, retries of reads, breaker, concurrency, pace, redaction.
//! What a vendor's answers mean is not known here; each adapter brings a [`Judge`] for that.

mod authorization;
mod breaker;
mod channel;
mod client;
mod clock;
mod config;
mod deadline;
mod exchange;
mod guard;
mod lane;
mod meter;
mod pace;
mod read_back;
mod redact;
mod request;
mod retry;
#[cfg(test)]
mod tests;

pub use authorization::{Authorization, UnfitCredential};
pub use breaker::BreakerState;
pub use channel::{Channel, Judge};
pub use client::{Transport, TransportError};
pub use config::{BreakerConfig, RetryConfig, StreamConfig, TransportConfig};
pub use guard::{AddressPolicy, Refusal};
pub use lane::{Door, Traffic};
pub use pace::Quota;
pub use read_back::read_back;
pub use request::{Answer, Request, Sign, below};
#[cfg(test)]
pub(in crate::adapters) use tests::any_answer;
