//! Each adapter against its vendor's simulator, through the real transport.

mod apono;
mod devo;
mod devo_forward;
mod devo_gateway;
mod devo_multitenant;
mod devo_rounds;
mod lightelligence;
mod lumos_connector;
mod lumos_main;
mod luna;
mod luna_forward;
mod luna_gateway;
mod passing;
pub mod stand;
