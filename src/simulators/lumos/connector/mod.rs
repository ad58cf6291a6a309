//! The connector API (contract part B): a POST-only capability per path, errors inside a 200, every key written with nulls.
//!
//! The connector stands for a made-up directory: accounts with a department that must be named and a cost centre that may be,
//! and roles, teams, licences and features to hold there, in the whole directory or in a workspace or project of it.

mod access;
mod accounts;
mod activity;
mod applications;
mod describe;
mod drift;
mod entitlements;
mod envelope;
mod errors;
mod graphs;
mod integration;
mod licences;
mod listing;
mod oauth;
mod quirks;
mod robots;
mod routes;
mod schema;
mod state;
mod tokens;

pub(super) use self::{
    quirks::Quirks,
    routes::router,
    state::{State, seed},
};

/// The connector's name. In a path `_` may stand for `-` (contract §B1).
const APP_ID: &str = "acme-directory";

/// What the connector says when it fails for no reason of the caller's.
pub(super) fn internal_error() -> serde_json::Value {
    errors::Error::internal("the connector failed unexpectedly").body()
}
