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

/// The id of an operation.
#[derive(Clone, Copy, Debug)]
pub struct OperationId(pub Uuid);

/// The id of an API key.
#[derive(Clone, Copy, Debug)]
pub struct ApiKeyId(pub Uuid);

/// The id or the name of a connection.
#[derive(Clone, Debug)]
pub struct ConnectionName(pub String);

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
    // No database keeps U+0000, so it is in no name.
    if text.contains('\0') {
        return Err(Error::not_found(noun).into());
    }
    Ok(text)
}
