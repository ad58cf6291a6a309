//! The main API (contract part A), read only so far: users, accounts, apps, groups and what happened to them.
//!
//! It pages in three styles, speaks FastAPI's errors, and counts calls in the headers of every answer.

mod accounts;
mod activity;
mod apps;
mod drift;
mod errors;
mod front;
mod groups;
mod meta;
mod pages;
mod query;
mod quirks;
mod routes;
mod seed;
mod shelf;
mod state;
#[cfg(test)]
mod tests;
mod users;
mod words;

pub(super) use self::{quirks::Quirks, routes::router, seed::seed, state::State};

/// Whether a path is this API's rather than the connector's.
pub(super) fn owns(path: &str) -> bool {
    let area = path.trim_start_matches('/').split('/').next();
    area.is_some_and(|area| routes::AREAS.contains(&area))
}

/// What this API says when it fails for no reason of the caller's.
pub(super) fn internal_error() -> serde_json::Value {
    errors::Error::Internal.body()
}
