//! Access requests: made by one path in the singular, seen and cancelled by another in the plural (contract §A4).

use axum::{
    Extension,
    extract::{Path, RawQuery, State as Given},
    http::StatusCode,
    response::Json,
};
use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{flow, shapes};
use crate::simulators::{
    kit::Call,
    lumos::main_api::{
        apps,
        errors::Error,
        front::{Caller, Main},
        pages::Page,
        query::Query,
        quirks::Quirks,
        shape::Sent,
        state::{State, User},
        words::REQUEST_STATUSES,
    },
};

const NONE: Error = Error::NotFound("Access request");

/// `AccessRequest`.
#[derive(Debug, Clone)]
pub(in super::super) struct AccessRequest {
    pub(in super::super) id: Uuid,
    pub(in super::super) app_id: Uuid,
    pub(in super::super) requester: Uuid,
    pub(in super::super) target: Uuid,
    pub(in super::super) supporter: Option<Uuid>,
    pub(in super::super) status: String,
    /// Comments by status.
    pub(in super::super) notes: Map<String, Value>,
    pub(in super::super) expires_at: Option<DateTime<Utc>>,
    pub(in super::super) expiration: Option<i64>,
    /// Empty: the app itself.
    pub(in super::super) permissions: Vec<Uuid>,
    pub(in super::super) requested_at: DateTime<Utc>,
}

impl AccessRequest {
    /// `expand` names `tasks` and `custom_fields`, which are null otherwise.
    pub(in super::super) fn show(
        &self,
        state: &State,
        quirks: &Quirks,
        expand: &[String],
    ) -> Value {
        let expands = |name: &str| expand.iter().any(|one| one == name);
        let user = |id: Uuid| {
            let user = state.users.find(id);
            user.map_or_else(|| json!({ "id": id }), User::show)
        };
        let permissions = self.permissions.iter();
        let permissions: Vec<Value> = permissions
            .filter_map(|id| Some(state.permissions.find(*id)?.show(state, true)))
            .collect();
        let of_it = state
            .tasks
            .all()
            .filter(|task| task.request == Some(self.id));
        let tasks = expands("tasks").then(|| {
            of_it
                .map(|task| task.show(state, quirks, &[]))
                .collect::<Vec<_>>()
        });
        json!({
            "id": self.id,
            "app_id": self.app_id,
            "app_name": state.apps.find(self.app_id).map_or("", |app| &app.label),
            "requester_user": user(self.requester),
            "target_user": user(self.target),
            "supporter_user": self.supporter.map(user),
            "status": self.status,
            "notes": self.notes,
            "expires_at": self.expires_at.map(|at| quirks.account_time(at)),
            "expiration_in_seconds": self.expiration,
            "requestable_permissions": permissions,
            "requested_at": quirks.account_time(self.requested_at),
            "tasks": tasks,
            "custom_fields": expands("custom_fields")
                .then(|| json!([{ "prompt": "Ticket", "response": null }])),
        })
    }

    /// Whether what was asked for was given and is not taken away yet.
    pub(in super::super) fn is_given(&self) -> bool {
        matches!(
            self.status.as_str(),
            "PROVISIONED"
                | "COMPLETED"
                | "PENDING_DEPROVISIONING"
                | "PENDING_MANUAL_DEPROVISIONING"
                | "REVERTING"
        )
    }

    fn is_pending(&self) -> bool {
        matches!(
            self.status.as_str(),
            "PENDING"
                | "PENDING_MANAGER_APPROVAL"
                | "MANAGER_APPROVED"
                | "PENDING_APPROVAL"
                | "PENDING_PROVISIONING"
                | "PENDING_MANUAL_PROVISIONING"
        )
    }
}

pub(in super::super) async fn list(
    Given(main): Given<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let target = query.text("target_user_id").map(str::to_owned);
    let requester = query.text("requester_user_id").map(str::to_owned);
    let user = query.text("user_id").map(str::to_owned);
    let statuses = query.words("statuses", REQUEST_STATUSES);
    // The vendor's own tool sends it in lower case.
    let newest_first = query
        .text("sort")
        .is_some_and(|sort| sort.eq_ignore_ascii_case("desc"));
    let expand = query.texts("expand");
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let state = &state.main;
        let is = |wanted: &Option<String>, id: Uuid| {
            wanted
                .as_ref()
                .is_none_or(|wanted| *wanted == id.to_string())
        };
        let takes = |one: &&AccessRequest| {
            is(&target, one.target)
                && is(&requester, one.requester)
                && (is(&user, one.target) || is(&user, one.requester))
                && (statuses.is_empty() || statuses.contains(&one.status))
        };
        let mut found: Vec<&AccessRequest> = state.requests.all().filter(takes).collect();
        if newest_first {
            found.reverse();
        }
        Ok(Json(page.chosen(&found, |one| {
            one.show(state, &main.quirks, &expand)
        })))
    })
}

pub(in super::super) async fn find(
    Given(main): Given<Main>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let expand = Query::new(query.as_deref()).texts("expand");
    main.world.read(|state| {
        let request = state.main.requests.find_text(&id).ok_or(NONE)?;
        Ok(Json(request.show(&state.main, &main.quirks, &expand)))
    })
}

/// One for each permission; the answer shows them as they were made, before anything became of them.
pub(in super::super) async fn create(
    Given(main): Given<Main>,
    Extension(Caller(caller)): Extension<Caller>,
    call: Call,
    sent: Sent,
) -> Result<(StatusCode, Json<Value>), Error> {
    let input = sent.read(&shapes::REQUEST)?;
    let length = flow::length(&input)?;
    let now = Utc::now().trunc_subsecs(0);
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        let app = input["app_id"].as_str().unwrap_or_default();
        let app = state.apps.find_text(app).ok_or(apps::NONE)?.id;
        let user = |name: &str| match input[name].as_str() {
            None => Ok(caller),
            Some(id) => match state.users.find_text(id) {
                Some(user) => Ok(user.id),
                None => Err(Error::NotFound("User")),
            },
        };
        let (requester, target) = (user("requester_user_id")?, user("target_user_id")?);
        let asked = input["requestable_permission_ids"].as_array();
        let mut wanted = Vec::new();
        for id in asked.into_iter().flatten() {
            let permission = state.permissions.find_text(id.as_str().unwrap_or_default());
            let permission = permission.ok_or(Error::NotFound("Permission"))?;
            if permission.app_id != app {
                return Err(Error::bad("The permission is not of this app"));
            }
            wanted.push(vec![permission.id]);
        }
        if wanted.is_empty() {
            wanted.push(Vec::new());
        }
        let note = ["business_justification", "note"]
            .into_iter()
            .find_map(|name| input[name].as_str());
        let notes = note.map(|note| ("PENDING".to_owned(), json!(note)));
        let mut answer = Vec::new();
        for permissions in wanted {
            let request = AccessRequest {
                id: Uuid::new_v4(),
                app_id: app,
                requester,
                target,
                supporter: None,
                status: "PENDING".to_owned(),
                notes: notes.clone().into_iter().collect(),
                expires_at: None,
                expiration: length,
                permissions,
                requested_at: now,
            };
            let (id, shown) = (request.id, request.show(state, &main.quirks, &[]));
            state.requests.put(id, request);
            effects.applied(id, Value::Null, shown.clone());
            answer.push(shown);
            flow::begin(state, id, now);
        }
        Ok((StatusCode::CREATED, Json(answer.into())))
    })
}

/// While it is pending; what happened already can't be cancelled.
pub(in super::super) async fn cancel(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Error> {
    let reason = Query::new(query.as_deref()).text("reason").map(Value::from);
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        let request = state.requests.find_text(&id).ok_or(NONE)?;
        if !request.is_pending() {
            return Err(Error::conflict("The request is not pending any more"));
        }
        let id = request.id;
        let before = request.show(state, &main.quirks, &[]);
        flow::cancel(state, id, reason.unwrap_or_default());
        let after = state.requests.find(id).ok_or(NONE)?;
        effects.applied(id, before, after.show(state, &main.quirks, &[]));
        Ok(StatusCode::NO_CONTENT)
    })
}
