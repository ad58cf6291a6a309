//! Vendors on the wire.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::Capability;
use crate::services::catalogue::{VariantView, VendorView};

/// A vendor that the gateway can connect to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Vendor {
    /// The word that names it everywhere.
    #[schema(example = "luna")]
    vendor: &'static str,
    /// Its name.
    #[schema(example = "Luna Platform")]
    title: &'static str,
    /// What a connection of it can be. The first is the default.
    variants: Vec<Variant>,
}

/// What a connection of a vendor can be. Fixes what it can do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Variant {
    /// `<vendor>/<word>`.
    #[schema(example = "luna/accounts")]
    variant: &'static str,
    /// One line on what it is.
    title: &'static str,
    /// What its connections can do, unless a check finds less.
    #[schema(example = json!(["accounts.list", "accounts.read"]))]
    capabilities: Vec<&'static str>,
    /// JSON Schema (2020-12) of `settings`.
    #[schema(value_type = Object)]
    settings_schema: Value,
    /// JSON Schema (2020-12) of `credentials`.
    #[schema(value_type = Object)]
    credentials_schema: Value,
    /// JSON Schema (2020-12) of `attributes` of a new account; a connection may have a schema of its own, which its
    /// capabilities show.
    #[schema(value_type = Object)]
    create_attributes_schema: Value,
    /// Settings that match the schema.
    #[schema(value_type = Object)]
    example_settings: Value,
    /// Credentials that match the schema; made up.
    #[schema(value_type = Object)]
    example_credentials: Value,
}

/// Every vendor.
#[derive(Debug, Serialize, ToSchema)]
pub struct VendorList {
    /// All of them; the catalogue has no pages.
    items: Vec<Vendor>,
    /// Always null.
    #[schema(required)]
    next_cursor: Option<String>,
}

impl From<Vec<VendorView>> for VendorList {
    fn from(vendors: Vec<VendorView>) -> Self {
        Self {
            items: vendors.into_iter().map(Vendor::from).collect(),
            next_cursor: None,
        }
    }
}

impl From<VendorView> for Vendor {
    fn from(view: VendorView) -> Self {
        let VendorView {
            slug,
            title,
            variants,
        } = view;
        Self {
            vendor: slug,
            title,
            variants: variants.into_iter().map(Variant::from).collect(),
        }
    }
}

impl From<VariantView> for Variant {
    fn from(view: VariantView) -> Self {
        let VariantView {
            slug,
            title,
            capabilities,
            settings_schema,
            credentials_schema,
            create_attributes_schema,
            example_settings,
            example_credentials,
        } = view;
        Self {
            variant: slug,
            title,
            capabilities: capabilities.into_iter().map(Capability::as_str).collect(),
            settings_schema,
            credentials_schema,
            create_attributes_schema,
            example_settings,
            example_credentials,
        }
    }
}
