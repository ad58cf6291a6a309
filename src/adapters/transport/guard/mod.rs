//! Which addresses may be called. The address that is checked is the address that is dialled.

mod address;
mod policy;
mod resolver;

pub use policy::{AddressPolicy, Refusal};
pub(super) use resolver::{DIALLED_PORT, GuardedResolver, Lookup, SystemLookup};
