//! Each adapter against its vendor's simulator, through the real transport.

mod apono;
mod devo;
mod devo_forward;
mod lightelligence;
mod lumos_connector;
mod lumos_main;
mod luna;
mod luna_forward;
mod passing;
pub mod stand;
