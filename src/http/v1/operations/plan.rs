//! Plans on the wire, and the one way in which an act toward a vendor is answered.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::accepted;
use crate::domain::Caller;
use crate::http::problem::Answer;
use crate::http::v1::failure::Failure;
use crate::services::operations::{self, About, Would};
use crate::services::{Reply, Services};

/// What an act would do: the answer to `mode=plan`. Nothing was changed, at the vendor or here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "kind": "account.create",
    "connection_id": "019a3c5e-7b1a-7d3c-9c53-4a1f0d9e8b21",
    "vendor": "luna",
    "account_id": null,
    "entitlement_id": null,
    "grant_id": null,
    "would": "send",
    "request": {
        "method": "POST",
        "url": "https://luna.example:5170/1/accounts",
        "headers": {
            "authorization": "[redacted]",
            "content-type": "application/json",
            "luna-account-id": "019a3c5e-9f40-7a52-8d7e-0b3d5c2e6f10"
        },
        "body": {"login": "ada.lovelace@example.com", "password": "[redacted]", "account_type": "user", "description": "Ada Lovelace"}
    },
    "refusal": null,
    "result": null,
    "readings": []
}))]
pub struct Plan {
    /// The act, as the operation would name it; `upstream.read` for a reading that would be passed through.
    #[schema(example = "account.create")]
    kind: &'static str,
    /// The connection that it would go through.
    connection_id: Uuid,
    /// The vendor of the connection.
    #[schema(example = "luna")]
    vendor: String,
    /// The account that it would be done to, where it exists already.
    #[schema(required)]
    account_id: Option<Uuid>,
    /// The entitlement that would be changed, given or taken away; null where none is.
    #[schema(required)]
    entitlement_id: Option<Uuid>,
    /// The grant that it would be done to, where it exists already.
    #[schema(required)]
    grant_id: Option<Uuid>,
    /// `send`: `request` would be sent. `noop`: nothing, it is so already. `refuse`: nothing, for the reason in `refusal`.
    #[schema(example = "send")]
    would: &'static str,
    /// The first request that would change something at the vendor; null when nothing would be sent. Where an act takes
    /// several requests, those after it depend on its answer and are not shown.
    #[schema(required)]
    request: Option<PlannedRequest>,
    /// Why nothing would be sent; null when something would, or when it is so already.
    #[schema(required)]
    refusal: Option<Failure>,
    /// What `result` of the operation would tell, where the request does not show it: `added`, `removed` and `removed_unknown` of a
    /// replacement.
    #[schema(required, value_type = Option<Object>)]
    result: Option<Value>,
    /// The readings that were made to know it, in order.
    readings: Vec<Reading>,
}

/// A request as it would leave. `[redacted]` stands for secrets; ids, times and signatures that are made per request are
/// others when it is sent.
#[derive(Debug, Serialize, ToSchema)]
struct PlannedRequest {
    /// HTTP method.
    #[schema(example = "POST")]
    method: String,
    /// Full URL.
    url: String,
    /// Headers by name, those of the credential included.
    headers: BTreeMap<String, String>,
    /// The body: JSON as such, anything else as text, null for none.
    #[schema(required, value_type = Value)]
    body: Value,
}

/// A reading that was made at the vendor.
#[derive(Debug, Serialize, ToSchema)]
struct Reading {
    /// HTTP method. Some vendors read by `POST`.
    #[schema(example = "GET")]
    method: String,
    /// Full URL, its secrets redacted.
    url: String,
    /// HTTP status of the answer; null when none came.
    #[schema(required, example = 200)]
    status: Option<u16>,
}

impl From<operations::Plan> for Plan {
    fn from(plan: operations::Plan) -> Self {
        let operations::Plan {
            kind,
            connection_id,
            vendor,
            about,
            would,
            result,
            readings,
        } = plan;
        let About {
            account_id,
            entitlement_id,
            grant_id,
        } = about;
        let word = would.as_str();
        let (request, refusal) = match would {
            Would::Send(request) => (Some(request.into()), None),
            Would::BeNoop => (None, None),
            Would::BeRefused(error) => (None, Some(error.into())),
        };
        Self {
            kind,
            connection_id,
            vendor,
            account_id,
            entitlement_id,
            grant_id,
            would: word,
            request,
            refusal,
            result,
            readings: readings.into_iter().map(Reading::from).collect(),
        }
    }
}

impl From<operations::PlannedRequest> for PlannedRequest {
    fn from(request: operations::PlannedRequest) -> Self {
        let operations::PlannedRequest {
            method,
            url,
            headers,
            body,
        } = request;
        Self {
            method,
            url,
            headers,
            body,
        }
    }
}

impl From<operations::Reading> for Reading {
    fn from(reading: operations::Reading) -> Self {
        let operations::Reading {
            method,
            url,
            status,
        } = reading;
        Self {
            method,
            url,
            status,
        }
    }
}

/// Answers an act toward a vendor: `done` shows what it led to, 202 that it goes on, 200 what it would do.
pub async fn answered<T>(
    services: &Services,
    caller: &Caller,
    reply: Reply<T>,
    done: impl FnOnce(T) -> Response,
) -> Answer<Response> {
    match reply {
        Reply::Done(value) => Ok(done(value)),
        Reply::Accepted { operation_id } => accepted(services, caller, operation_id).await,
        Reply::Planned(plan) => Ok(Json(Plan::from(plan)).into_response()),
    }
}
