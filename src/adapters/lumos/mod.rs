//! Lumos: for now the connector API (contract part B); the main API is a variant of its own.

mod connector;

use super::vendor::Vendor;

/// Lumos as the registry shows it.
pub const VENDOR: Vendor = Vendor {
    slug: "lumos",
    title: "Lumos",
    variants: &[connector::VARIANT],
};
