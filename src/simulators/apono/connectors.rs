//! Connectors, which Apono's own agents make: they can be renamed and removed (contract §6.11, §7.11).

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Json,
};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    errors::Error,
    front::Front,
    input::{Input, named},
    lists::{Id, Listing},
    state::legacy_time,
    table::Row,
};
use crate::simulators::kit::{Call, rfc3339};

/// `ConnectorV3`.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_connected: bool,
    pub(super) last_connected: Option<DateTime<Utc>>,
    /// The ids of its instances, several for high availability.
    pub(super) sessions: Vec<String>,
}

/// `UpsertConnectorV3`.
#[derive(Deserialize)]
pub(super) struct Name {
    name: String,
}

impl Row for Connector {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Connector {
    fn status(&self) -> &'static str {
        if self.is_connected {
            "CONNECTED"
        } else {
            "DISCONNECTED"
        }
    }

    fn show(&self) -> Value {
        let session = |id: &String| {
            json!({
                "id": id,
                "metadata": {
                    "cloud_provider_metadata": {
                        "kubernetes_type": "EKS", "kubernetes_version": "1.31", "is_kubernetes_admin": false,
                        "aws_account_id": "000000000000", "region": "eu-central-1"
                    },
                    "connector_version": "1.7.2"
                },
                "last_connected_time": self.last_connected.map(rfc3339),
            })
        };
        let sessions: Vec<Value> = self.sessions.iter().map(session).collect();
        json!({
            "id": self.id,
            "name": self.name,
            "status": self.status(),
            "version": "1.7.2",
            "last_connected": self.last_connected.map(rfc3339),
            "is_latest_version": self.is_connected,
            "cloud_provider_type": "AWS",
            "sessions": sessions,
        })
    }

    /// `Connector`, with its status in other letters (contract §4).
    fn show_legacy(&self) -> Value {
        let status = if self.is_connected {
            "Connected"
        } else {
            "Disconnected"
        };
        json!({
            "connector_id": self.id,
            "last_connected": self.last_connected.map(legacy_time),
            "status": status,
        })
    }
}

pub(super) async fn list(State(front): State<Front>, listing: Listing) -> Json<Value> {
    front.world.read(|state| {
        let rows = state.connectors.from(listing.start());
        let rows = rows.filter(|(_, one)| listing.query().takes_any("status", [one.status()]));
        Json(listing.answer(rows, Connector::show))
    })
}

/// A bare array (contract §3).
pub(super) async fn list_legacy(State(front): State<Front>) -> Json<Value> {
    front.world.read(|state| {
        Json(
            state
                .connectors
                .rows()
                .map(Connector::show_legacy)
                .collect(),
        )
    })
}

pub(super) async fn find(State(front): State<Front>, Path(id): Id) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let one = state.connectors.find(&id);
        Ok(Json(one.ok_or_else(|| Error::no("connector", &id))?.show()))
    })
}

pub(super) async fn rename(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
    Input(name): Input<Name>,
) -> Result<Json<Value>, Error> {
    named(&name.name)?;
    front.world.change(&call, |state, effects| {
        let one = state.connectors.find_mut(&id);
        let one = one.ok_or_else(|| Error::no("connector", &id))?;
        let before = one.show();
        one.name = name.name;
        let after = one.show();
        effects.applied(id, before, after.clone());
        Ok(Json(after))
    })
}

pub(super) async fn remove(
    State(front): State<Front>,
    call: Call,
    Path(id): Id,
) -> Result<StatusCode, Error> {
    front.world.change(&call, |state, effects| {
        let gone = state.connectors.remove(&id);
        let gone = gone.ok_or_else(|| Error::no("connector", &id))?;
        effects.applied(id, gone.show(), Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}
