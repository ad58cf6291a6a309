//! Lumos: the main API of a tenant (contract part A) and the connector API of one system (part B). They share the name and
//! nothing else.

mod connector;
mod main_api;

use super::vendor::Vendor;

/// Lumos as the registry shows it.
pub const VENDOR: Vendor = Vendor {
    slug: "lumos",
    title: "Lumos",
    variants: &[main_api::VARIANT, connector::VARIANT],
    operations: &[
        main_api::TENANT,
        main_api::APPSTORE,
        main_api::WORK,
        connector::OPERATIONS,
    ],
};
