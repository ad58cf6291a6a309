//! Accounts: what the same request means at each vendor.

mod change;
mod create;
mod list;
mod state;
