//! Behaviour of the whole service, against a real PostgreSQL and the vendors' simulators.
//!
//! `support` is the harness, `gates` holds the rules of the house, every other file is a noun. A test reads:
//!
//! ```ignore
//! let app = TestApp::builder().vendor(LUNA).start().await;
//! let account = app.create_account(LUNA.new_account("ann")).await;
//! assert_eq!(app.effects(LUNA).len(), 1);
//! app.stop().await;
//! ```

mod accounts;
mod adapters;
mod callers;
mod canary;
mod chaos;
mod conformance;
mod connections;
mod copies;
mod custody;
mod deploy;
mod face;
mod gates;
mod grants;
mod identities;
mod ledger;
mod migrations;
mod passthrough;
mod plan;
mod quota;
mod read_through;
mod replicas;
mod support;
mod syncs;
mod tour;
