//! What handlers take from a request. Every refusal is a problem that names the field, parameter or header at fault.

mod act;
mod body;
mod etag;
mod id;
mod json;
mod passed;
mod patch;
mod query;
mod vendor_act;
mod words;

pub use act::{Act, ActHeaders, NoBody};
pub use body::Body;
pub use etag::{ETag, IfMatch, IfMatchHeader};
pub use id::{
    AccountId, ApiKeyId, ConnectionName, ConnectionSync, EntitlementId, GrantId, IdentityId,
    OperationId, ResourceId, VendorSlug,
};
pub use passed::Passed;
pub use patch::present;
pub use query::{NoQuery, Query};
pub use vendor_act::{VendorAct, VendorActQuery};
