//! Apono's bodies as they are spelled. Null and absent are alike (§2); what is missing of a user is told by `convert`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A page of the current API (§3, model A). The items stay as they came, so that one bad item does not spoil the page.
#[derive(Deserialize)]
pub(super) struct TokenPage {
    pub(super) items: Vec<Value>,
    pub(super) pagination: TokenPagination,
}

/// Where the listing goes on.
#[derive(Deserialize)]
pub(super) struct TokenPagination {
    pub(super) next_page_token: Option<String>,
}

/// A list of the legacy API (§3, model B).
#[derive(Deserialize)]
pub(super) struct OffsetPage {
    pub(super) data: Vec<Value>,
    pub(super) pagination: OffsetPagination,
}

/// How much of the list this is.
#[derive(Deserialize)]
pub(super) struct OffsetPagination {
    pub(super) total: u64,
    pub(super) offset: u64,
}

impl OffsetPage {
    /// Whether it counts more than it shows, or does not begin at the beginning.
    pub(super) fn is_cut_off(&self) -> bool {
        self.pagination.total > self.data.len() as u64 || self.pagination.offset > 0
    }
}

/// A user of either API; the legacy one has the first five members only (§7.10).
#[derive(Deserialize)]
pub(super) struct User {
    pub(super) id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) active: Option<Value>,
}

/// `IntegrationV4`, as far as it is read (§7.6).
#[derive(Deserialize)]
pub(super) struct Integration {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) status: Option<String>,
}

/// `ResourceResponse` (§7.6).
#[derive(Deserialize)]
pub(super) struct Resource {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) status: Option<ResourceStatus>,
}

/// `ResourceStatusResponse`.
#[derive(Default, Deserialize)]
pub(super) struct ResourceStatus {
    pub(super) status: Option<String>,
    pub(super) message: Option<String>,
}

/// `PermissionV3` (§7.6).
#[derive(Deserialize)]
pub(super) struct Permission {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) resource_type: Option<String>,
}

/// `AccessScopeV1` (§7.12).
#[derive(Deserialize)]
pub(super) struct Scope {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) creation_date: Option<String>,
    pub(super) update_date: Option<String>,
}

/// `BundleV2` (§7.5).
#[derive(Deserialize)]
pub(super) struct Bundle {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) creation_date: Option<String>,
    pub(super) update_date: Option<String>,
}

/// `GroupV1` (§7.10).
#[derive(Deserialize)]
pub(super) struct Group {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

/// `GroupMemberV1`.
#[derive(Deserialize)]
pub(super) struct Member {
    pub(super) email: Option<String>,
}

/// `IdentityAttributeModel` (§7.10), as it is listed and as it is sent.
#[derive(Deserialize, Serialize)]
pub(super) struct Attributes {
    pub(super) email: String,
    pub(super) attributes: Map<String, Value>,
}

/// `IdentityAttributeKeysModel`.
#[derive(Serialize)]
pub(super) struct AttributeKeys<'a> {
    pub(super) email: &'a str,
    pub(super) attribute_types: Vec<&'a str>,
}

/// `IdentitiesAttributesResponseModel`: what became of each row. Its counts say nothing that the rows don't.
#[derive(Deserialize)]
pub(super) struct AttributesAnswer {
    pub(super) results: Vec<Value>,
}

/// One row of it.
#[derive(Deserialize)]
pub(super) struct AttributesResult {
    pub(super) email: String,
    pub(super) success: bool,
    pub(super) errors: Option<Vec<RowError>>,
}

/// Why a row failed.
#[derive(Deserialize)]
pub(super) struct RowError {
    pub(super) error_code: Option<String>,
    pub(super) error_details: Option<String>,
}

/// `AvailableEntitlementV1` (§7.2).
#[derive(Deserialize)]
pub(super) struct Available {
    pub(super) integration: Option<Named>,
    pub(super) resource: Option<Named>,
    pub(super) permission: Option<Named>,
}

/// Something by its id and its name.
#[derive(Default, Deserialize)]
pub(super) struct Named {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

/// `ActivityReportJsonExportModel`, every member of which may be null (§7.13).
#[derive(Deserialize)]
pub(super) struct Report {
    pub(super) request_id: Option<String>,
    pub(super) request_date: Option<Value>,
    pub(super) requestor_name: Option<String>,
    pub(super) requestor_email: Option<String>,
    pub(super) integration: Option<String>,
    pub(super) resource_type: Option<String>,
    pub(super) resources: Option<Vec<String>>,
    pub(super) status: Option<String>,
}

/// An error, as far as its members can be read (§1). None is promised but those of a 401.
#[derive(Default)]
pub(super) struct ErrorBody {
    /// A string, or a number.
    pub(super) status: Option<String>,
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
}

impl ErrorBody {
    /// Reads what is there, member by member, so that one odd member does not hide the others.
    pub(super) fn read(body: &Value) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| text(body.get(*name)?));
        Self {
            status: first(&["status"]),
            code: first(&["code", "error_code"]),
            message: first(&["message", "error_details", "error", "details"]),
        }
    }
}

/// A text, or a number or an object as its text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        other => Some(other.to_string()),
    }
}
