//! Access sessions and their credentials, all of them made up (contract §6.5, §7.9).

use axum::{
    extract::{Path, State},
    response::Json,
};
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    auth::Caller,
    errors::Error,
    front::Front,
    input::message,
    lists::{Id, Listing},
    requests::Request,
    state,
    table::Row,
};
use crate::simulators::kit::{Call, Effects};

/// How long a reset takes.
const RESETTING: Duration = Duration::seconds(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Credentials {
    Available,
    Viewed,
    Resetting,
    NotApplicable,
}

/// `AccessSessionV1`.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) integration_id: String,
    /// Whose it is, by e-mail.
    pub(super) owner: String,
    pub(super) request_ids: Vec<String>,
    credentials: Credentials,
    /// When the reset that goes on is over.
    ready: Option<DateTime<Utc>>,
    /// How often the password has changed.
    changes: u32,
}

impl Row for Session {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Session {
    /// A console is entered by a role, not by credentials.
    pub(super) fn new(id: String, request: &Request, integration_id: String, kind: &str) -> Self {
        Session {
            id,
            integration_id,
            owner: request.grantee.email.clone(),
            request_ids: vec![request.id.clone()],
            credentials: match kind {
                "aws-account" => Credentials::NotApplicable,
                _ => Credentials::Available,
            },
            ready: None,
            changes: 0,
        }
    }

    pub(super) fn status(&self) -> Credentials {
        match self.ready {
            Some(at) if at <= Utc::now() => Credentials::Available,
            _ => self.credentials,
        }
    }

    fn show(&self, state: &state::State) -> Value {
        json!({
            "id": self.id,
            "name": state.source(Some(&self.integration_id)).unwrap_or_default(),
            "request_ids": self.request_ids,
            "integration": state.integration_partial(&self.integration_id),
            "credentials_status": self.status(),
            "can_reset_credentials": self.credentials != Credentials::NotApplicable,
        })
    }

    fn user_name(&self) -> &str {
        self.owner.split('@').next().unwrap_or_default()
    }

    fn password(&self) -> String {
        format!("not-a-real-password-{}", self.changes + 1)
    }

    /// Whoever reads the credentials has seen them.
    pub(super) fn look(&mut self, effects: &mut Effects<'_>) {
        if self.status() == Credentials::Available {
            self.turn(effects, Credentials::Viewed, None);
        }
    }

    pub(super) fn reset(&mut self, effects: &mut Effects<'_>) -> Result<(), Error> {
        match self.status() {
            Credentials::NotApplicable => Err(Error::bad("there are no credentials to reset")),
            Credentials::Resetting => Err(Error::bad("the credentials are being reset already")),
            Credentials::Available | Credentials::Viewed => {
                self.changes += 1;
                self.turn(
                    effects,
                    Credentials::Resetting,
                    Some(Utc::now() + RESETTING),
                );
                Ok(())
            }
        }
    }

    fn turn(&mut self, effects: &mut Effects<'_>, to: Credentials, ready: Option<DateTime<Utc>>) {
        let before = json!({ "credentials_status": self.status() });
        self.credentials = to;
        self.ready = ready;
        effects.applied(self.id.clone(), before, json!({ "credentials_status": to }));
    }

    /// `AccessSessionDetailsV1`.
    fn details(&self) -> Value {
        let user = self.user_name();
        if self.credentials == Credentials::NotApplicable {
            return json!({
                "instructions": "Open the console and take the role.",
                "custom_admin_message": null,
                "link": { "url": "https://console.example.test/start", "title": "Console" },
            });
        }
        json!({
            "instructions": "Connect with the client of your choice.",
            "custom_admin_message": null,
            "parameters": { "host": "db.example.test", "username": user, "password": self.password() },
            "cli": format!("connect -h db.example.test -u {user} -p {}", self.password()),
        })
    }

    /// The same as the older API tells it.
    pub(super) fn text(&self) -> String {
        match self.credentials {
            Credentials::NotApplicable => "Open https://console.example.test/start".to_owned(),
            _ => format!("Connect as {} with {}", self.user_name(), self.password()),
        }
    }
}

fn own<'a>(
    state: &'a mut state::State,
    id: &str,
    caller: Option<&str>,
) -> Result<&'a mut Session, Error> {
    let found = state.sessions.find_mut(id);
    found
        .filter(|one| Some(one.owner.as_str()) == caller)
        .ok_or_else(|| Error::no("access session", id))
}

pub(super) async fn list(
    State(front): State<Front>,
    Caller(caller): Caller,
    listing: Listing,
) -> Json<Value> {
    front.world.read(|state| {
        let query = listing.query();
        let rows = state.sessions.from(listing.start()).filter(|(_, one)| {
            Some(one.owner.as_str()) == caller
                && query.takes_any("integration_id", [one.integration_id.as_str()])
                && query.takes_any("request_ids", one.request_ids.iter().map(String::as_str))
        });
        Json(listing.answer(rows, |one| one.show(state)))
    })
}

pub(super) async fn find(
    State(front): State<Front>,
    Caller(caller): Caller,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.read(|state| {
        let found = state.sessions.find(&id);
        let found = found.filter(|one| Some(one.owner.as_str()) == caller);
        Ok(Json(
            found
                .ok_or_else(|| Error::no("access session", &id))?
                .show(state),
        ))
    })
}

pub(super) async fn details(
    State(front): State<Front>,
    Caller(caller): Caller,
    call: Call,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        let session = own(state, &id, caller)?;
        session.look(effects);
        Ok(Json(session.details()))
    })
}

pub(super) async fn reset(
    State(front): State<Front>,
    Caller(caller): Caller,
    call: Call,
    Path(id): Id,
) -> Result<Json<Value>, Error> {
    front.world.change(&call, |state, effects| {
        own(state, &id, caller)?.reset(effects)?;
        Ok(Json(message("the credentials are being reset")))
    })
}
