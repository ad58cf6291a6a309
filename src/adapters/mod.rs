//! The registry of vendors. With the simulators' it is the only file that names them.

pub mod apono;
pub mod contract;
pub mod devo;
pub mod lightelligence;
pub mod lumos;
pub mod luna;
pub mod transport;
pub mod vendor;

use vendor::{Variant, Vendor};

/// Every vendor that this build knows, in the order shown to callers.
pub const VENDORS: &[Vendor] = &[
    apono::VENDOR,
    devo::VENDOR,
    lightelligence::VENDOR,
    lumos::VENDOR,
    luna::VENDOR,
];

/// The vendor of that name.
pub fn vendor(slug: &str) -> Option<&'static Vendor> {
    VENDORS.iter().find(|vendor| vendor.slug == slug)
}

/// The variant of that name, of whichever vendor.
pub fn variant(slug: &str) -> Option<&'static Variant> {
    VENDORS
        .iter()
        .flat_map(|vendor| vendor.variants)
        .find(|variant| variant.slug == slug)
}
