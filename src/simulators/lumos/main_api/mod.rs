//! The main API (contract part A), all of it: the tenant with its apps, people, accounts and groups, what happened to them, the
//! AppStore where access is asked for, and what people have to do about that.
//!
//! What depends on each other shows it: a completed task approves its request, an approved request puts into a group, an upload
//! makes accounts. It pages in three styles, speaks FastAPI's errors, and counts calls in the headers of every answer.

mod accounts;
mod activity;
mod agreements;
mod apps;
mod appstore;
mod drift;
mod errors;
mod front;
mod groups;
mod hooks;
mod integrations;
mod knowledge;
mod meta;
mod multipart;
mod pages;
mod policies;
mod query;
mod quirks;
mod refs;
mod reviews;
mod roles;
mod routes;
mod seed;
mod shape;
mod shelf;
mod state;
mod tasks;
#[cfg(test)]
mod tests;
mod uploads;
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
