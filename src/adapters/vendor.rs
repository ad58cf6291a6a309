//! How a vendor describes itself: variants, schemas, and the function that builds an adapter.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::adapters::contract::{Adapter, CredentialCell, UpstreamOperation};
use crate::adapters::transport::{Transport, UnfitCredential};

/// The credentials of a connection, opened: the kind, and one secret per field of that kind.
///
/// On the wire they are one flat object, `{"kind": "hmac", "api_key": "…", "api_secret": "…"}`.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Which of the variant's kinds of credential this is.
    pub kind: String,
    /// The fields beside `kind`.
    pub fields: BTreeMap<String, SecretString>,
}

impl Credentials {
    /// A field; [`BuildError`] when it is missing, which the schema should have prevented.
    ///
    /// # Errors
    /// Names the missing field.
    pub fn require(&self, field: &str) -> Result<&SecretString, BuildError> {
        self.fields.get(field).ok_or_else(|| {
            BuildError(format!(
                "credentials of kind `{}` lack `{field}`",
                self.kind
            ))
        })
    }
}

/// Settings or credentials that passed their schema and still make no adapter. No secret is in the text.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct BuildError(pub String);

impl From<UnfitCredential> for BuildError {
    fn from(unfit: UnfitCredential) -> Self {
        Self(unfit.to_string())
    }
}

/// What an adapter is built from.
pub struct Parts {
    /// The connection; names its breaker and its concurrency limit.
    pub connection_id: Uuid,
    /// Settings that match the variant's schema; defaults are the adapter's to fill in.
    pub settings: Value,
    /// Opened credentials.
    pub credentials: Credentials,
    /// Where tokens that come of the credentials are kept.
    pub cell: Arc<dyn CredentialCell>,
    /// The way out.
    pub transport: Transport,
}

/// What a connection of a vendor can be. Fixes the full set of capabilities.
pub struct Variant {
    /// `<vendor>/<word>`, for ever.
    pub slug: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// JSON Schema (2020-12) of the variant's own `settings`, with titles, descriptions, defaults and examples.
    pub settings_schema: fn() -> Value,
    /// JSON Schema of `credentials`: an object with `kind`, `oneOf` by kind, secrets marked `writeOnly`.
    pub credentials_schema: fn() -> Value,
    /// JSON Schema of `attributes` when an account is created, unless a check found a connection's own.
    pub create_attributes_schema: fn() -> Value,
    /// Settings and credentials that match the schemas: shown as the example, and enough to count the slots.
    pub example: fn() -> (Value, Value),
    /// The APIs of the vendor's catalogue that its connections reach.
    pub apis: &'static [&'static str],
    /// Builds the adapter; does no I/O.
    pub build: fn(Parts) -> Result<Adapter, BuildError>,
    /// How long after an unclear answer a reading is believed, in seconds, unless the connection's setting
    /// `settle_seconds` says otherwise.
    pub settle_seconds: u32,
}

impl Variant {
    /// JSON Schema of a connection's `settings`: the variant's own, and those that every connection has.
    pub fn all_settings_schema(&self) -> Value {
        let mut schema = (self.settings_schema)();
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            properties.extend(common_settings());
        }
        schema
    }
}

/// The settings of the gateway's own that every connection has, whatever its vendor; adapters know nothing of them.
fn common_settings() -> Map<String, Value> {
    let Value::Object(settings) = json!({
        "calls_per_minute": {
            "type": "integer",
            "minimum": 0,
            "maximum": 1_000_000,
            "title": "Calls per minute",
            "description": "How many calls there may be to the vendor in any minute, over all replicas; 0: any number.",
            "default": 0,
            "examples": [600]
        },
        "reserved_percent": {
            "type": "integer",
            "minimum": 0,
            "maximum": 30,
            "title": "Reserved share",
            "description": "How many of a hundred calls per minute are kept for taking access away, however much else is going on; as many are kept for syncs, and for what somebody waits for.",
            "default": 20,
            "examples": [20]
        },
        ALLOW_RAW_WRITES: raw_writes_schema(),
        ALLOW_DANGEROUS_OPERATIONS: dangerous_operations_schema()
    }) else {
        return Map::new();
    };
    settings
}

/// JSON Schema of the setting `settle_seconds`, which every variant has whose accounts can be written.
pub fn settle_schema(default: u32) -> Value {
    json!({
        "type": "integer",
        "minimum": 0,
        "maximum": 3600,
        "title": "Settle time",
        "description": "How many seconds after an unclear answer a reading is believed.",
        "default": default,
        "examples": [default]
    })
}

/// The setting that lets raw writes pass which an operation of the gateway's own covers.
pub const ALLOW_RAW_WRITES: &str = "allow_raw_writes";

/// The setting that lets the catalogue's dangerous operations pass.
pub const ALLOW_DANGEROUS_OPERATIONS: &str = "allow_dangerous_operations";

/// JSON Schema of [`ALLOW_RAW_WRITES`].
fn raw_writes_schema() -> Value {
    json!({
        "type": "boolean",
        "title": "Allow raw writes",
        "description": "Whether writes that the gateway has an operation of its own for may be passed through as they are. \
            They bypass what that operation guards: leases, policies, the check of what would be displaced.",
        "default": false,
        "examples": [false]
    })
}

/// JSON Schema of [`ALLOW_DANGEROUS_OPERATIONS`].
fn dangerous_operations_schema() -> Value {
    json!({
        "type": "boolean",
        "title": "Allow dangerous operations",
        "description": "Whether operations may be passed through that reach beyond the vendor's own API, change the \
            credential that this connection lives by, or take away the tenant or domain that it is for. The vendor's \
            catalogue marks them as `dangerous`.",
        "default": false,
        "examples": [false]
    })
}

/// One vendor, compiled in.
pub struct Vendor {
    /// The word used everywhere.
    pub slug: &'static str,
    /// Its name.
    pub title: &'static str,
    /// Its variants; the first is the default.
    pub variants: &'static [Variant],
    /// Every operation that it documents, over all its APIs.
    pub operations: &'static [&'static [UpstreamOperation]],
}
