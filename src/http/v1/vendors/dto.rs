//! Vendors on the wire.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::domain::Capability;
use crate::services::catalogue::{self, VariantView, VendorView};

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

/// A vendor with everything that it documents.
#[derive(Debug, Serialize, ToSchema)]
pub struct VendorWhole {
    /// The vendor.
    #[serde(flatten)]
    vendor: Vendor,
    /// Every operation that the vendor documents: what a connection of it passes through as it is.
    operations: Vec<UpstreamOperation>,
}

/// An operation that a vendor documents.
#[derive(Debug, Serialize, ToSchema)]
pub struct UpstreamOperation {
    /// The vendor.
    #[schema(example = "luna")]
    vendor: &'static str,
    /// Which of the vendor's APIs it belongs to.
    #[schema(example = "accounts")]
    api: &'static str,
    /// Its name, unique within the API.
    #[schema(example = "get_account")]
    id: &'static str,
    /// HTTP method.
    #[schema(example = "GET")]
    method: &'static str,
    /// Its path, with parameters in braces.
    #[schema(example = "/1/accounts/{account_id}")]
    path: &'static str,
    /// Whether it changes something at the vendor.
    writes: bool,
    /// Which kind of credential the vendor asks for; `none` where it asks for none.
    #[schema(example = "none")]
    credential: &'static str,
    /// Whether sending it twice is as good as once.
    idempotent: bool,
    /// The operation that shows what a write did.
    #[schema(required)]
    read_back_by: Option<&'static str>,
    /// Whether the vendor has a newer one for the same.
    legacy: bool,
    /// Whether its answer can hold a secret: it needs the scope `tokens:reveal` besides, and is audited.
    secret_in_answer: bool,
    /// The operation of this API that covers it, by its operation id. A write that is covered is passed through only where
    /// the connection's setting `allow_raw_writes` is on.
    #[schema(required, example = "find_account")]
    normalized: Option<&'static str>,
    /// Whether it is passed through only where the connection's setting `allow_dangerous_operations` is on.
    dangerous: bool,
}

impl VendorWhole {
    /// The vendor with its operations.
    pub fn of(view: VendorView, operations: Vec<&'static catalogue::UpstreamOperation>) -> Self {
        let vendor = Vendor::from(view);
        Self {
            operations: operations
                .into_iter()
                .map(|operation| UpstreamOperation::of(vendor.vendor, operation))
                .collect(),
            vendor,
        }
    }
}

impl UpstreamOperation {
    fn of(vendor: &'static str, operation: &catalogue::UpstreamOperation) -> Self {
        let catalogue::UpstreamOperation {
            api,
            id,
            method,
            path,
            writes,
            credential,
            idempotent,
            read_back_by,
            legacy,
            secret_in_answer,
            normalized,
            dangerous,
        } = *operation;
        Self {
            vendor,
            api,
            id,
            method,
            path,
            writes,
            credential,
            idempotent,
            read_back_by,
            legacy,
            secret_in_answer,
            normalized,
            dangerous,
        }
    }
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
