//! Ids in paths. One that can't exist is as absent as one that doesn't: both are `not_found`.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use uuid::Uuid;

use crate::error::Error;
use crate::http::problem::Problem;

/// The id of an account.
#[derive(Clone, Copy, Debug)]
pub struct AccountId(pub Uuid);

/// The id of an identity.
#[derive(Clone, Copy, Debug)]
pub struct IdentityId(pub Uuid);

/// The id of a resource.
#[derive(Clone, Copy, Debug)]
pub struct ResourceId(pub Uuid);

/// The id of an entitlement.
#[derive(Clone, Copy, Debug)]
pub struct EntitlementId(pub Uuid);

/// The id of a grant.
#[derive(Clone, Copy, Debug)]
pub struct GrantId(pub Uuid);

/// The id of an operation.
#[derive(Clone, Copy, Debug)]
pub struct OperationId(pub Uuid);

/// The id of an API key.
#[derive(Clone, Copy, Debug)]
pub struct ApiKeyId(pub Uuid);

/// The id or the name of a connection.
#[derive(Clone, Debug)]
pub struct ConnectionName(pub String);

/// A sync and its connection.
#[derive(Clone, Debug)]
pub struct ConnectionSync {
    /// The id or the name of the connection.
    pub connection: String,
    /// The id of the sync.
    pub sync: Uuid,
}

/// The word of a vendor.
#[derive(Clone, Debug)]
pub struct VendorSlug(pub String);

impl<S: Send + Sync> FromRequestParts<S> for AccountId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        uuid(parts, state, "account").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdentityId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        uuid(parts, state, "identity").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ResourceId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        uuid(parts, state, "resource").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for EntitlementId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        uuid(parts, state, "entitlement").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for GrantId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        uuid(parts, state, "grant").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for OperationId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        uuid(parts, state, "operation").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ApiKeyId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        uuid(parts, state, "API key").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ConnectionName {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        text(parts, state, "connection").await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ConnectionSync {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((connection, sync)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| Error::not_found("sync"))?;
        let sync = Uuid::try_parse(&sync).map_err(|_| Error::not_found("sync"))?;
        without_nul(&connection, "connection")?;
        Ok(Self { connection, sync })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for VendorSlug {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        text(parts, state, "vendor").await.map(Self)
    }
}

async fn uuid<S: Send + Sync>(parts: &mut Parts, state: &S, noun: &str) -> Result<Uuid, Problem> {
    let text = text(parts, state, noun).await?;
    Uuid::try_parse(&text).map_err(|_| Error::not_found(noun).into())
}

async fn text<S: Send + Sync>(parts: &mut Parts, state: &S, noun: &str) -> Result<String, Problem> {
    let Path(text) = Path::<String>::from_request_parts(parts, state)
        .await
        .map_err(|_| Error::not_found(noun))?;
    without_nul(&text, noun)?;
    Ok(text)
}

/// No database keeps U+0000, so it is in no name.
fn without_nul(text: &str, noun: &str) -> Result<(), Error> {
    if text.contains('\0') {
        return Err(Error::not_found(noun));
    }
    Ok(())
}
