//! Each adapter against its vendor's simulator, through the real transport.

mod apono;
mod lightelligence;
mod lumos_connector;
mod lumos_main;
pub mod stand;
