//! The tokens that a connection lives by: obtained, renewed once for all callers and replicas, checked before they are used
//! for a write. The vendor's part of it; where they are kept is the cell's matter.

mod identity;
mod keeper;
mod keys;
mod login;
#[cfg(test)]
mod tests;
mod token;
mod trouble;

pub(super) use keeper::Keeper;
pub(super) use login::Login;
pub(super) use token::Token;
