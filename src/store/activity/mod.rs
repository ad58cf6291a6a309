//! Activity: what vendors report that was done. Rows are added and forgotten, never changed.

mod read;
mod write;

pub use read::{Activity, ActivityFilter, Place, list};
pub use write::{forget_before, newest, write_page};
