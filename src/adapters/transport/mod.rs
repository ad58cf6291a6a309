//! The one way out to vendors: address guard, deadlines, retries of reads, breaker, concurrency, redaction.

mod channel;
mod request;

pub use channel::{Channel, Judge, Transport};
pub use request::{Answer, Request, Sign};
