//! The harness: a database per test, an app in the process or the real program, vendors' simulators, and clients.
//!
//! - [`TestApp`] is a replica in this process, asked through its router. Its times are short ([`app::quick`]).
//! - [`Serve`] and [`Simulate`] run the real program, for signals and `kill -9`.
//! - [`Client`] asks either of them; [`Control`] asks a simulator that runs as a program of its own.
//! - [`Database`] is one test's own, cloned from a template that was migrated once.

pub mod answer;
pub mod app;
pub mod builder;
pub mod client;
pub mod cluster;
pub mod control;
pub mod keys;
pub mod programs;
pub mod vendors;
pub mod wait;

pub use answer::Answer;
pub use app::TestApp;
pub use client::Client;
pub use cluster::Database;
pub use control::Control;
pub use programs::{Serve, Simulate};
pub use vendors::{
    APONO, CREATABLE, DEVO, DEVO_MULTITENANT, LIGHTELLIGENCE, LUMOS, LUMOS_MAIN, LUNA, READABLE,
    Vendor, WRITABLE,
};
pub use wait::eventually;
