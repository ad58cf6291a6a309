//! The caller of a request. It comes only with the scope that the operation names, so a handler without it reaches no data.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::Gateway;
use super::problem::Problem;
use crate::domain::{Caller, Scope};
use crate::error::{Code, Error};
use crate::services;

/// What an operation demands of its caller.
pub trait Demand: Send + Sync {
    /// The scope; `None` where any caller will do.
    const SCOPE: Option<Scope>;
    /// The word of the scope, for the document (`x-required-scope`); `any` where any caller will do.
    const WORD: &'static str = match Self::SCOPE {
        Some(scope) => scope.as_str(),
        None => ANY,
    };
}

/// The word of [`AnyCaller`].
pub const ANY: &str = "any";

/// Any caller with a good key.
pub struct AnyCaller;
/// `connections:read`.
pub struct ConnectionsRead;
/// `connections:write`.
pub struct ConnectionsWrite;
/// `accounts:read`.
pub struct AccountsRead;
/// `accounts:write`.
pub struct AccountsWrite;
/// `identities:read`.
pub struct IdentitiesRead;
/// `entitlements:read`.
pub struct EntitlementsRead;
/// `entitlements:write`.
pub struct EntitlementsWrite;
/// `grants:read`.
pub struct GrantsRead;
/// `grants:write`.
pub struct GrantsWrite;
/// `activity:read`.
pub struct ActivityRead;
/// `operations:read`.
pub struct OperationsRead;
/// `operations:write`.
pub struct OperationsWrite;
/// `audit:read`.
pub struct AuditRead;
/// `keys:admin`.
pub struct KeysAdmin;
/// `upstream:read`.
pub struct UpstreamRead;
/// `upstream:write`.
pub struct UpstreamWrite;

impl Demand for AnyCaller {
    const SCOPE: Option<Scope> = None;
}
impl Demand for ConnectionsRead {
    const SCOPE: Option<Scope> = Some(Scope::CONNECTIONS_READ);
}
impl Demand for ConnectionsWrite {
    const SCOPE: Option<Scope> = Some(Scope::CONNECTIONS_WRITE);
}
impl Demand for AccountsRead {
    const SCOPE: Option<Scope> = Some(Scope::ACCOUNTS_READ);
}
impl Demand for AccountsWrite {
    const SCOPE: Option<Scope> = Some(Scope::ACCOUNTS_WRITE);
}
impl Demand for IdentitiesRead {
    const SCOPE: Option<Scope> = Some(Scope::IDENTITIES_READ);
}
impl Demand for EntitlementsRead {
    const SCOPE: Option<Scope> = Some(Scope::ENTITLEMENTS_READ);
}
impl Demand for EntitlementsWrite {
    const SCOPE: Option<Scope> = Some(Scope::ENTITLEMENTS_WRITE);
}
impl Demand for GrantsRead {
    const SCOPE: Option<Scope> = Some(Scope::GRANTS_READ);
}
impl Demand for GrantsWrite {
    const SCOPE: Option<Scope> = Some(Scope::GRANTS_WRITE);
}
impl Demand for ActivityRead {
    const SCOPE: Option<Scope> = Some(Scope::ACTIVITY_READ);
}
impl Demand for OperationsRead {
    const SCOPE: Option<Scope> = Some(Scope::OPERATIONS_READ);
}
impl Demand for OperationsWrite {
    const SCOPE: Option<Scope> = Some(Scope::OPERATIONS_WRITE);
}
impl Demand for AuditRead {
    const SCOPE: Option<Scope> = Some(Scope::AUDIT_READ);
}
impl Demand for UpstreamRead {
    const SCOPE: Option<Scope> = Some(Scope::UPSTREAM_READ);
}
impl Demand for UpstreamWrite {
    const SCOPE: Option<Scope> = Some(Scope::UPSTREAM_WRITE);
}
impl Demand for KeysAdmin {
    const SCOPE: Option<Scope> = Some(Scope::KEYS_ADMIN);
}

/// The caller, who holds what `D` demands. Stands before every other extractor of a handler but the state: a stranger is
/// refused before anything else of the request is looked at.
pub struct Authorized<D> {
    caller: Caller,
    demand: PhantomData<D>,
}

impl<D> Deref for Authorized<D> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<D: Demand> FromRequestParts<Gateway> for Authorized<D> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Problem> {
        let bearer = bearer(&parts.headers)?;
        let caller = services::callers::authenticate(&gateway.services, bearer).await?;
        tracing::Span::current().record("caller.id", tracing::field::display(caller.id));
        if let Some(scope) = D::SCOPE {
            services::callers::require(&caller, scope)?;
        }
        Ok(Self {
            caller,
            demand: PhantomData,
        })
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Error> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(unauthenticated());
    };
    let (scheme, token) = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or_else(unauthenticated)?;
    let token = token.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
        return Err(unauthenticated());
    }
    Ok(token)
}

fn unauthenticated() -> Error {
    Error::new(
        Code::Unauthenticated,
        "Send your API key in the header `Authorization: Bearer igw_…`.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Result<String, Code> {
        let headers: HeaderMap = values
            .iter()
            .map(|value| (header::AUTHORIZATION, value.parse().unwrap()))
            .collect();
        bearer(&headers)
            .map(str::to_owned)
            .map_err(|error| error.code)
    }

    #[test]
    fn the_key_follows_the_word_bearer() {
        assert_eq!(read(&["Bearer igw_x"]).unwrap(), "igw_x");
        assert_eq!(read(&["bearer  igw_x"]).unwrap(), "igw_x");
    }

    #[test]
    fn anything_else_is_a_stranger() {
        let cases: [&[&str]; 6] = [
            &[],
            &["igw_x"],
            &["Basic igw_x"],
            &["Bearer"],
            &["Bearer "],
            &["Bearer a", "Bearer b"],
        ];
        for case in cases {
            assert_eq!(read(case), Err(Code::Unauthenticated), "{case:?}");
        }
    }

    #[test]
    fn a_demand_is_spelled_as_its_scope() {
        assert_eq!(AccountsWrite::WORD, "accounts:write");
        assert_eq!(AnyCaller::WORD, "any");
    }
}
