//! What the gateway can connect to; computed from the adapters' slots.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use secrecy::SecretString;
use serde_json::Value;
use uuid::Uuid;

use super::Services;
use crate::adapters;
pub use crate::adapters::contract::UpstreamOperation;
use crate::adapters::contract::{Completeness, MemoryCell};
use crate::adapters::transport::{Transport, TransportConfig};
use crate::adapters::vendor::{Credentials, Parts, Variant, Vendor};
use crate::domain::Capability;
use crate::error::{Error, Result};

/// A vendor, described.
#[derive(Clone, Debug)]
pub struct VendorView {
    /// The word used everywhere.
    pub slug: &'static str,
    /// Its name.
    pub title: &'static str,
    /// What a connection of it can be; the first is the default.
    pub variants: Vec<VariantView>,
}

/// A variant, described.
#[derive(Clone, Debug)]
pub struct VariantView {
    /// `<vendor>/<word>`.
    pub slug: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// What its connections can do, unless a check narrows it.
    pub capabilities: Vec<Capability>,
    /// JSON Schema of `settings`.
    pub settings_schema: Value,
    /// JSON Schema of `credentials`.
    pub credentials_schema: Value,
    /// JSON Schema of `attributes` of a new account.
    pub create_attributes_schema: Value,
    /// Settings that match.
    pub example_settings: Value,
    /// Credentials that match; made up.
    pub example_credentials: Value,
}

/// Every vendor.
///
/// # Errors
/// Only our own mistakes.
pub fn list_vendors(services: &Services) -> Result<Vec<VendorView>> {
    adapters::VENDORS
        .iter()
        .map(|vendor| describe(services, vendor))
        .collect()
}

/// One vendor, with every operation that it documents.
///
/// # Errors
/// Not found.
pub fn find_vendor(
    services: &Services,
    slug: &str,
) -> Result<(VendorView, Vec<&'static UpstreamOperation>)> {
    let vendor = adapters::vendor(slug).ok_or_else(|| Error::not_found("vendor"))?;
    Ok((describe(services, vendor)?, operations_of(vendor).collect()))
}

/// Every documented operation of every vendor with the vendor's word, in the order of the registry.
pub fn upstream_operations()
-> impl Iterator<Item = (&'static str, &'static UpstreamOperation)> + Clone {
    adapters::VENDORS
        .iter()
        .flat_map(|vendor| operations_of(vendor).map(|operation| (vendor.slug, operation)))
}

/// Every operation that a vendor documents, over all its APIs.
fn operations_of(
    vendor: &'static Vendor,
) -> impl Iterator<Item = &'static UpstreamOperation> + Clone {
    vendor.operations.iter().copied().flatten()
}

/// The operations that the connections of a variant reach.
pub(super) fn operations_within_reach(
    variant: &'static Variant,
) -> impl Iterator<Item = &'static UpstreamOperation> + Clone {
    adapters::VENDORS
        .iter()
        .filter(|vendor| vendor.variants.iter().any(|one| one.slug == variant.slug))
        .flat_map(operations_of)
        .filter(|operation| variant.apis.contains(&operation.api))
}

/// What the slots of each variant amount to.
#[derive(Default)]
pub(super) struct Slots(Mutex<HashMap<&'static str, Filled>>);

/// What is known of a variant's slots.
#[derive(Clone)]
struct Filled {
    capabilities: Vec<Capability>,
    /// Its listing of grants is not complete at the vendor.
    lists_grants_partly: bool,
}

/// What a variant's slots amount to: built once from its example, which needs no I/O.
pub(super) fn variant_capabilities(
    services: &Services,
    variant: &'static Variant,
) -> Result<Vec<Capability>> {
    Ok(filled(services, variant)?.capabilities)
}

/// Whether what a variant lists as grants is not all that there is.
pub(super) fn lists_grants_partly(services: &Services, variant: &'static Variant) -> Result<bool> {
    Ok(filled(services, variant)?.lists_grants_partly)
}

fn filled(services: &Services, variant: &'static Variant) -> Result<Filled> {
    let known = || {
        services
            .slots()
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    };
    if let Some(filled) = known().get(variant.slug) {
        return Ok(filled.clone());
    }
    let filled = slots_of(variant, services.transport())?;
    known().insert(variant.slug, filled.clone());
    Ok(filled)
}

/// Every variant of this build with what its connections can do, in the order of the registry.
///
/// # Errors
/// Only our own mistakes.
pub fn capabilities_by_variant() -> Result<Vec<(&'static str, Vec<Capability>)>> {
    let transport = Transport::new(TransportConfig::default()).map_err(Error::internal)?;
    adapters::VENDORS
        .iter()
        .flat_map(|vendor| vendor.variants)
        .map(|variant| Ok((variant.slug, slots_of(variant, &transport)?.capabilities)))
        .collect()
}

/// What the slots amount to of an adapter that is built from the variant's example. No I/O.
fn slots_of(variant: &Variant, transport: &Transport) -> Result<Filled> {
    let (settings, credentials) = (variant.example)();
    let parts = Parts {
        connection_id: Uuid::nil(),
        settings,
        credentials: open_example(&credentials),
        cell: MemoryCell::empty(),
        transport: transport.clone(),
    };
    let adapter = (variant.build)(parts)
        .map_err(|error| Error::internal(format!("example of {}: {error}", variant.slug)))?;
    let lister = adapter.grant_lister();
    Ok(Filled {
        capabilities: adapter.capabilities().into_iter().collect(),
        lists_grants_partly: lister
            .is_some_and(|lister| lister.completeness() != Completeness::Whole),
    })
}

fn open_example(credentials: &Value) -> Credentials {
    let mut kind = String::new();
    let mut fields = BTreeMap::new();
    for (name, value) in credentials.as_object().into_iter().flatten() {
        let text = value.as_str().unwrap_or_default();
        if name == "kind" {
            kind = text.to_owned();
        } else {
            fields.insert(name.clone(), SecretString::from(text));
        }
    }
    Credentials { kind, fields }
}

fn describe(services: &Services, vendor: &'static Vendor) -> Result<VendorView> {
    let variants = vendor
        .variants
        .iter()
        .map(|variant| {
            let (example_settings, example_credentials) = (variant.example)();
            Ok(VariantView {
                slug: variant.slug,
                title: variant.title,
                capabilities: variant_capabilities(services, variant)?,
                settings_schema: variant.all_settings_schema(),
                credentials_schema: (variant.credentials_schema)(),
                create_attributes_schema: (variant.create_attributes_schema)(),
                example_settings,
                example_credentials,
            })
        })
        .collect::<Result<_>>()?;
    Ok(VendorView {
        slug: vendor.slug,
        title: vendor.title,
        variants,
    })
}
