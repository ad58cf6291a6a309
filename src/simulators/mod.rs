//! Stand-ins for the vendors: servers on loopback that behave as the vendors' contracts say, for tests and for the sandbox.
//!
//! They know nothing of the rest of this crate, so that no misreading of a contract can be shared with an adapter.

mod apono;
mod devo;
pub mod kit;
mod lightelligence;
mod lumos;
mod luna;

use anyhow::bail;

pub use self::kit::{
    Drift, DriftOp, Effect, Fault, Holdings, Match, Options, Received, Rule, Running,
};

/// The vendors that [`start`] knows.
pub const VENDORS: &[&str] = &["apono", "devo", "lightelligence", "lumos", "luna"];

/// A connection that the sandbox makes.
#[derive(Clone, Copy, Debug)]
pub struct SandboxConnection {
    /// Its name.
    pub name: &'static str,
    /// Its vendor, whose simulator serves it.
    pub vendor: &'static str,
    /// Its variant.
    pub variant: &'static str,
}

/// The connections that the sandbox makes; a simulator may serve several.
pub const CONNECTIONS: &[SandboxConnection] = &[
    SandboxConnection {
        name: "apono",
        vendor: "apono",
        variant: "apono/tenant",
    },
    SandboxConnection {
        name: "devo",
        vendor: "devo",
        variant: "devo/domain",
    },
    SandboxConnection {
        name: "lightelligence",
        vendor: "lightelligence",
        variant: "lightelligence/tenant",
    },
    SandboxConnection {
        name: "lumos",
        vendor: "lumos",
        variant: "lumos/main",
    },
    SandboxConnection {
        name: "lumos-connector",
        vendor: "lumos",
        variant: "lumos/connector",
    },
    SandboxConnection {
        name: "luna",
        vendor: "luna",
        variant: "luna/accounts",
    },
];

/// The e-mail addresses of the sandbox's people; each has an account at every vendor.
pub fn sandbox_people() -> Vec<String> {
    kit::people::everybody(kit::people::SANDBOX)
        .map(|person| person.email)
        .collect()
}

/// Starts the simulator of a vendor; returns when it can be called.
pub async fn start(vendor: &str, options: Options) -> anyhow::Result<Running> {
    match vendor {
        "apono" => kit::start(apono::Apono::new(&options)?, &options).await,
        "devo" => kit::start(devo::Devo::new(&options)?, &options).await,
        "lightelligence" => {
            kit::start(lightelligence::Lightelligence::new(&options)?, &options).await
        }
        "lumos" => kit::start(lumos::Lumos::new(&options)?, &options).await,
        "luna" => kit::start(luna::Luna::new(&options)?, &options).await,
        _ => bail!(
            "there is no simulator of {vendor:?}; there is one of: {}",
            VENDORS.join(", ")
        ),
    }
}
