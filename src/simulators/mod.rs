//! Stand-ins for the vendors: servers on loopback that behave as the vendors' contracts say, for tests and for the sandbox.
//!
//! They know nothing of the rest of this crate, so that no misreading of a contract can be shared with an adapter.

mod devo;
pub mod kit;
mod lumos;
mod luna;

use anyhow::bail;

pub use self::kit::{
    Drift, DriftOp, Effect, Fault, Holdings, Match, Options, Received, Rule, Running,
};

/// The vendors that [`start`] knows.
pub const VENDORS: &[&str] = &["devo", "lumos", "luna"];

/// Starts the simulator of a vendor; returns when it can be called.
pub async fn start(vendor: &str, options: Options) -> anyhow::Result<Running> {
    match vendor {
        "devo" => kit::start(devo::Devo::new(&options)?, &options).await,
        "lumos" => kit::start(lumos::Lumos::new(&options)?, &options).await,
        "luna" => kit::start(luna::Luna::new(&options)?, &options).await,
        _ => bail!(
            "there is no simulator of {vendor:?}; there is one of: {}",
            VENDORS.join(", ")
        ),
    }
}
