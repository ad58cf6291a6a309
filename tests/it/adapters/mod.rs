//! Each adapter against its vendor's simulator, through the real transport.

mod apono;
mod devo;
mod lightelligence;
mod lumos_connector;
mod lumos_main;
mod luna;
pub mod stand;
