//! What was asked for, by everybody: one list, without pages (contract §6.6, §7.13).

use axum::{
    extract::{RawQuery, State},
    response::Json,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{errors::Error, front::Front, lists, query::Query, requests::Request, state};
use crate::simulators::kit::rfc3339;

/// What a report may be asked to show; less of it is in the answer (contract §4).
pub(super) const FIELDS: [&str; 24] = [
    "request_id",
    "request_date",
    "request_grant_date",
    "request_revoke_date",
    "requestor_name",
    "requestor_email",
    "grantee_name",
    "grantee_id",
    "grantee_type",
    "integration",
    "resources",
    "resource_type",
    "permissions",
    "approver_names",
    "approver_emails",
    "approver_types",
    "justification",
    "status",
    "approver_reason",
    "resources_status",
    "trigger_type",
    "access_flow",
    "bundle_name",
    "extension_count",
];

pub(super) async fn list(
    State(front): State<Front>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let query = Query::read(query.as_deref());
    let bound = |name: &str| match query.one(name).filter(|text| !text.is_empty()) {
        Some(text) => {
            let number: i64 = text
                .parse()
                .map_err(|_| Error::BadRequest(format!("{name} must be a number")))?;
            let at = if front.quirks.activity_counts_millis {
                DateTime::from_timestamp_millis(number)
            } else {
                DateTime::from_timestamp(number, 0)
            };
            at.map(Some)
                .ok_or_else(|| Error::BadRequest(format!("{name} is no time")))
        }
        None => Ok(None),
    };
    let (start, end) = (bound("start_date")?, bound("end_date")?);
    if let Some(field) = query.all("fields").find(|field| !FIELDS.contains(field)) {
        return Err(Error::BadRequest(format!("there is no field {field}")));
    }
    front.world.read(|state| {
        let rows = state.requests.newest_from(0).map(|(_, one)| one);
        let rows = rows.filter(|one| within(one.created, start, end) && takes(&query, state, one));
        let rows: Vec<Value> = rows.map(|one| show(&query, state, one)).collect();
        Ok(Json(lists::whole(
            &front.quirks,
            rows.len(),
            rows.into_iter(),
        )))
    })
}

/// Whole seconds count, the last one included.
fn within(at: DateTime<Utc>, start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>) -> bool {
    start.is_none_or(|start| at.timestamp() >= start.timestamp())
        && end.is_none_or(|end| at.timestamp() <= end.timestamp())
}

fn takes(query: &Query, state: &state::State, one: &Request) -> bool {
    let resources = || {
        one.pairs
            .iter()
            .filter_map(|pair| state.resources.find(&pair.resource_id))
    };
    let permissions = one
        .pairs
        .iter()
        .filter_map(|pair| state.permissions.find(&pair.permission_id));
    let flow = state.flows.rows().find(|flow| flow.name == one.flow);
    query.takes_any("filter[access_request_id]", [one.id.as_str()])
        && query.takes_any("filter[access_flow_id]", flow.map(|flow| flow.id.as_str()))
        && query.takes_any(
            "filter[integration_id]",
            resources().map(|one| one.integration_id.as_str()),
        )
        && query.takes_any(
            "filter[permission]",
            permissions.map(|one| one.name.as_str()),
        )
        && query.takes_any("filter[requestor_id]", [one.requestor.id.as_str()])
        && query.takes_any("filter[resource]", resources().map(|one| one.id.as_str()))
        && query.takes_any(
            "filter[resource_type]",
            resources().map(|one| one.kind.as_str()),
        )
        && query.takes_any("filter[status]", [one.status()])
        && query.takes_any("filter[trigger_type]", ["SELF_SERVE"])
}

/// `ActivityReportJsonExportModel`: nulls for what wasn't asked for.
fn show(query: &Query, state: &state::State, one: &Request) -> Value {
    let user = state.users.find(&one.requestor.id);
    let name = user.map(|user| format!("{} {}", user.first_name, user.last_name));
    let resources: Vec<_> = one
        .pairs
        .iter()
        .filter_map(|pair| state.resources.find(&pair.resource_id))
        .collect();
    let permissions = one
        .pairs
        .iter()
        .filter_map(|pair| state.permissions.find(&pair.permission_id));
    let first = resources.first();
    let mut shown = json!({
        "request_id": one.id,
        "request_date": rfc3339(one.created),
        "requestor_name": name,
        "requestor_email": one.requestor.email,
        "integration": first.and_then(|first| state.source(Some(&first.integration_id))),
        "resource_type": first.map(|first| &first.kind),
        "resources": resources.iter().map(|one| &one.name).collect::<Vec<_>>(),
        "permissions": permissions.map(|one| &one.name).collect::<Vec<_>>(),
        "justification": one.justification,
        "status": one.status(),
        "trigger_type": "SELF_SERVE",
        "access_flow": one.flow,
        "extension_count": "0",
    });
    if let Value::Object(members) = &mut shown {
        for (name, value) in members {
            if !query.takes_any("fields", [name.as_str()]) {
                *value = Value::Null;
            }
        }
    }
    shown
}
