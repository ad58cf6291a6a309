//! Each adapter against its vendor's simulator, through the real transport.

mod lightelligence;
mod lumos;
