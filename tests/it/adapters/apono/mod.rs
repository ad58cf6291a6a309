//! Apono's adapter against its simulator.

mod held;
mod through;
mod users;
