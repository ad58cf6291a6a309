//! Definitions of activity reports; there is no way to run one (contract §6.7, §7.13).

use axum::{
    extract::{Path, State},
    response::Json,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    activity::FIELDS,
    errors::Error,
    front::Front,
    input::{Input, message, unique},
    lists::{Id, Listing},
    table::Row,
};
use crate::simulators::kit::{Call, rfc3339};

/// `ActivityReportPublicV1`.
#[derive(Debug, Clone)]
pub(super) struct Report {
    pub(super) id: String,
    pub(super) said: Upsert,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
}

/// `ActivityReportUpsertPublicV1`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Upsert {
    pub(super) name: String,
    pub(super) fields: Option<Vec<String>>,
    pub(super) filters: Filters,
    pub(super) timeframe: Timeframe,
    pub(super) schedule: Option<Schedule>,
    pub(super) format: Option<Format>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Filters {
    requestor_source_ids: Option<Vec<String>>,
    grantee_source_ids: Option<Vec<String>>,
    grantee_identity_types: Option<Vec<String>>,
    integration_ids: Option<Vec<String>>,
    permission_names: Option<Vec<String>>,
    resource_ids: Option<Vec<String>>,
    resource_types: Option<Vec<String>>,
    statuses: Option<Vec<String>>,
    trigger_types: Option<Vec<String>>,
    access_flow_ids: Option<Vec<String>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Timeframe {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) absolute: Option<Absolute>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) relative: Option<Relative>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Absolute {
    start_date: DateTime<Utc>,
    end_date: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Relative {
    pub(super) last: i32,
    pub(super) unit: Unit,
    pub(super) rounded: bool,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unit {
    Hour,
    Day,
    Month,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Schedule {
    cron_expression: String,
    recipients: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Csv,
    Pdf,
}

impl Row for Report {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Report {
    fn show(&self) -> Value {
        let mut shown = json!(self.said);
        shown["id"] = self.id.clone().into();
        shown["creation_date"] = rfc3339(self.created).into();
        shown["update_date"] = rfc3339(self.updated).into();
        shown
    }
}

impl Upsert {
    fn check(&self) -> Result<(), Error> {
        let fields = self.fields.iter().flatten();
        for field in fields {
            if !FIELDS.contains(&field.as_str()) {
                return Err(Error::BadRequest(format!("there is no field {field}")));
            }
        }
        match (&self.timeframe.absolute, &self.timeframe.relative) {
            (Some(absolute), None) if absolute.start_date <= absolute.end_date => Ok(()),
            (Some(_), None) => Err(Error::bad("timeframe.absolute ends before it starts")),
            (None, Some(relative)) if relative.last > 0 => Ok(()),
            (None, Some(_)) => Err(Error::bad("timeframe.relative.last must be above 0")),
            _ => Err(Error::bad(
                "timeframe takes exactly one of absolute and relative",
            )),
        }
    }
}

pub(super) async fn list(State(front): State<Front>, listing: Listing) -> Json<Value> {
    front.world.read(|state| {
        let rows = state.reports.from(listing.start());
        let rows = rows.filter(|(_, one)| listing.query().takes_like("name", &one.said.name));
        Json(listing.answer(rows, Report::show))
    })
}

pub(super) async fn find(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let one = state.reports.find(&id);
        Ok(Json(one.ok_or_else(|| Error::no("report", &id))?.show()))
    })
}

pub(super) async fn create(
    State(front): State<Front>,
    call: Call,
    Input(said): Input<Upsert>,
) -> Result<Json<Value>, Error> {
    said.check()?;
    front.world.change(&call, |state, effects| {
        let others = state
            .reports
            .rows()
            .map(|one| (one.id.as_str(), one.said.name.as_str()));
        unique("report", &said.name, None, others)?;
        let now = Utc::now();
        let report = Report {
            id: Uuid::new_v4().to_string(),
            said,
            created: now,
            updated: now,
        };
        let shown = report.show();
        effects.applied(report.id.clone(), Value::Null, shown.clone());
        state.reports.add(report);
        Ok(Json(shown))
    })
}

pub(super) async fn update(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(said): Input<Upsert>,
) -> Result<Json<Value>, Error> {
    said.check()?;
    front.world.change(&call, |state, effects| {
        let others = state
            .reports
            .rows()
            .map(|one| (one.id.as_str(), one.said.name.as_str()));
        unique("report", &said.name, Some(&id), others)?;
        let report = state.reports.find_mut(&id);
        let report = report.ok_or_else(|| Error::no("report", &id))?;
        let before = report.show();
        report.said = said;
        report.updated = Utc::now();
        let after = report.show();
        effects.applied(id, before, after.clone());
        Ok(Json(after))
    })
}

/// The one removal of the current API that answers a message (contract §1).
pub(super) async fn remove(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let gone = state.reports.remove(&id);
        let gone = gone.ok_or_else(|| Error::no("report", &id))?;
        effects.applied(id, gone.show(), Value::Null);
        Ok(Json(message("the report was deleted")))
    })
}
