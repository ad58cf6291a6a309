//! An act toward a vendor: it may be carried out, or only planned.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::{IntoParams, ToSchema};

use super::{Act, Query};
use crate::http::HttpSettings;
use crate::http::problem::Problem;
use crate::services::Intent;

/// An [`Act`] toward a vendor, with the mode in which it is asked for. It takes no other query.
pub struct VendorAct<T> {
    /// What the body says.
    pub body: T,
    /// Who asks for what, and whether it is only planned.
    pub intent: Intent,
}

/// The query of every act toward a vendor. The document tells such acts by it, and adds what they all answer.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VendorActQuery {
    /// `apply`, the default, does it. `plan` reads what must be known first, shows the first request that would change something at the vendor, redacted,
    /// and sends nothing. It is not recorded as an operation, and `Idempotency-Key` and `Prefer` are not heeded: the key stays
    /// free for the act itself.
    #[serde(default)]
    #[param(inline, required = false)]
    mode: Mode,
}

/// What is to be made of an act.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// Do it.
    #[default]
    Apply,
    /// Show what would be done.
    Plan,
}

impl<T, S> FromRequest<S> for VendorAct<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
    Arc<HttpSettings>: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Query(VendorActQuery { mode }) = Query::from_request_parts(&mut parts, state).await?;
        let request = Request::from_parts(parts, body);
        let Act { body, intent } = Act::from_request(request, state).await?;
        let plan = mode == Mode::Plan;
        Ok(Self {
            body,
            intent: Intent { plan, ..intent },
        })
    }
}
