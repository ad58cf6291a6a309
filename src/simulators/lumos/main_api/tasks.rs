//! `/tasks` (contract §A4): what people have to do, most of it about access requests.

use axum::{
    Extension,
    extract::{Path, RawQuery, State as Given},
    http::StatusCode,
    response::Json,
};
use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    appstore::flow,
    errors::Error,
    front::{Caller, Main},
    pages::Page,
    query::Query,
    quirks::Quirks,
    shape::{Kind, Sent, Shape, TEXTS, may, maybe, must, open},
    state::{State, User},
};
use crate::simulators::kit::Call;

const NONE: Error = Error::NotFound("Task");

const ACTION: Shape = open(&[
    must("action_type", Kind::Text),
    maybe("transition_to", Kind::Text),
]);
const REASSIGN: Shape = open(&[
    maybe("user_ids", TEXTS),
    maybe("group_ids", TEXTS),
    may("replace", Kind::Flag),
]);
const COMMENT: Shape = open(&[must("comment", Kind::Bounded(1, 4000))]);

/// What can be done to a task that is pending, with the statuses that it leads to.
const ACTIONS: [(&str, &[&str]); 3] = [
    ("COMPLETE", &["COMPLETED"]),
    ("DISMISS", &["DISMISSED"]),
    ("HOLD", &["BLOCKED", "STAGED"]),
];

/// `Task`.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) id: Uuid,
    pub(super) category: &'static str,
    pub(super) status: &'static str,
    pub(super) description: Option<&'static str>,
    pub(super) request: Option<Uuid>,
    pub(super) permission: Option<Uuid>,
    pub(super) app: Option<Uuid>,
    pub(super) target: Option<Uuid>,
    pub(super) resolved_by: Option<Uuid>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) users: Vec<Uuid>,
    pub(super) groups: Vec<Uuid>,
    pub(super) comments: Vec<Comment>,
}

/// `TaskComment`.
#[derive(Debug, Clone)]
pub(super) struct Comment {
    body: String,
    by: Uuid,
    at: DateTime<Utc>,
}

impl Task {
    /// A pending one about nothing, which is everybody's who may decide.
    pub(super) fn new(category: &'static str, now: DateTime<Utc>) -> Self {
        Task {
            id: Uuid::new_v4(),
            category,
            status: "PENDING",
            description: None,
            request: None,
            permission: None,
            app: None,
            target: None,
            resolved_by: None,
            created_at: now,
            updated_at: now,
            users: Vec::new(),
            groups: Vec::new(),
            comments: Vec::new(),
        }
    }

    fn is_about_access(&self) -> bool {
        self.request.is_some()
    }

    fn kind(&self) -> String {
        let area = if self.is_about_access() {
            "access_request"
        } else {
            "platform"
        };
        format!("{area}_{}", self.category.to_lowercase())
    }

    fn area(&self) -> &'static str {
        if self.is_about_access() {
            "APPSTORE"
        } else {
            "PLATFORM"
        }
    }

    /// `expand` names `actions`, `assignees` and `comments`, which are null otherwise.
    pub(super) fn show(&self, state: &State, quirks: &Quirks, expand: &[String]) -> Value {
        let expands = |name: &str| expand.iter().any(|one| one == name);
        let user = |id: Uuid| state.users.find(id).map(User::show);
        let comment = |one: &Comment| json!({ "body": one.body, "created_by": user(one.by), "created_at": quirks.time(one.at) });
        json!({
            "id": self.id,
            "task_type": self.kind(),
            "task_category": self.category,
            "status": self.status,
            "description": self.description,
            "instructions": null,
            "product_area": self.area(),
            "app": self.app.map(|id| json!({ "id": id })),
            "target_user": self.target.and_then(user),
            "resolved_by": self.resolved_by.and_then(user),
            "created_at": quirks.time(self.created_at),
            "updated_at": quirks.time(self.updated_at),
            "assignees": expands("assignees").then(|| self.assignees(state)),
            "actions": expands("actions").then(|| self.actions()),
            "comments": expands("comments")
                .then(|| self.comments.iter().map(comment).collect::<Vec<_>>()),
            "access_request_id": self.request,
            "requestable_permission_id": self.permission,
        })
    }

    fn assignees(&self, state: &State) -> Vec<Value> {
        let users = self.users.iter().filter_map(|id| state.users.find(*id));
        let users = users.map(|user| {
            json!({ "id": user.id, "type": "USER", "name": user.given_name, "email": user.email })
        });
        let groups = self.groups.iter().filter_map(|id| state.groups.find(*id));
        let groups = groups.map(
            |group| json!({ "id": group.id, "type": "GROUP", "name": group.name, "email": null }),
        );
        users.chain(groups).collect()
    }

    fn actions(&self) -> Vec<Value> {
        let able = ACTIONS.iter().filter(|_| self.status == "PENDING");
        able.map(|(name, ends)| {
            let ends: Vec<Value> = ends
                .iter()
                .map(|end| json!({ "transition_to": end }))
                .collect();
            json!({ "action_type": name, "transitions": ends })
        })
        .collect()
    }
}

pub(super) async fn list(
    Given(main): Given<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    query.flag("show_all_tasks");
    let text = |name: &str| query.text(name).map(str::to_owned);
    let (kind, category, status) = (text("task_type"), text("task_category"), text("status"));
    let (area, request) = (text("product_area"), text("access_request_id"));
    let term = query.text("search").map(str::to_lowercase);
    let by = query.text("sort_by").unwrap_or("createdAt").to_owned();
    let is_down = query.text("sort_direction") == Some("desc");
    let (users, groups) = (
        query.texts("assigned_identity_ids"),
        query.texts("assigned_group_ids"),
    );
    let expand = query.texts("expand");
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let state = &state.main;
        let is = |wanted: &Option<String>, has: &str| wanted.as_ref().is_none_or(|it| it == has);
        let id = |id: Option<Uuid>| id.map_or_else(String::new, |id| id.to_string());
        let any = |wanted: &[String], has: &[Uuid]| {
            wanted.is_empty() || has.iter().any(|id| wanted.contains(&id.to_string()))
        };
        let takes = |task: &&Task| {
            is(&kind, &task.kind())
                && is(&category, task.category)
                && is(&status, task.status)
                && is(&area, task.area())
                && is(&request, &id(task.request))
                && any(&users, &task.users)
                && any(&groups, &task.groups)
                && term.as_ref().is_none_or(|term| task.kind().contains(term))
        };
        let mut found: Vec<&Task> = state.tasks.all().filter(takes).collect();
        match by.as_str() {
            "taskType" => found.sort_by_key(|task| task.kind()),
            "app" => found.sort_by_key(|task| task.app),
            "targetUser" => found.sort_by_key(|task| task.target),
            _ => found.sort_by_key(|task| task.created_at),
        }
        if is_down {
            found.reverse();
        }
        let show = |task: &Task| task.show(state, &main.quirks, &expand);
        Ok(Json(page.chosen(&found, show)))
    })
}

pub(super) async fn find(
    Given(main): Given<Main>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let expand = Query::new(query.as_deref()).texts("expand");
    main.world.read(|state| {
        let task = state.main.tasks.find_text(&id).ok_or(NONE)?;
        Ok(Json(task.show(&state.main, &main.quirks, &expand)))
    })
}

pub(super) async fn actions(
    Given(main): Given<Main>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.read(|state| {
        let task = state.main.tasks.find_text(&id).ok_or(NONE)?;
        Ok(Json(task.actions().into()))
    })
}

pub(super) async fn complete(
    Given(main): Given<Main>,
    Extension(caller): Extension<Caller>,
    call: Call,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    settle(&main, caller, &call, &id, "COMPLETED")
}

pub(super) async fn dismiss(
    Given(main): Given<Main>,
    Extension(caller): Extension<Caller>,
    call: Call,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    settle(&main, caller, &call, &id, "DISMISSED")
}

pub(super) async fn perform(
    Given(main): Given<Main>,
    Extension(caller): Extension<Caller>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<StatusCode, Error> {
    let input = sent.read(&ACTION)?;
    let known = ACTIONS
        .iter()
        .find(|(name, _)| input["action_type"] == *name);
    let (_, ends) = known.ok_or_else(|| Error::bad("Unknown action type"))?;
    let end = match (input["transition_to"].as_str(), *ends) {
        (None, [end]) => Ok(end),
        (None, _) => Err(Error::bad("transition_to is needed for this action")),
        (Some(wanted), ends) => ends
            .iter()
            .find(|end| **end == wanted)
            .ok_or_else(|| Error::bad("Invalid transition")),
    }?;
    settle(&main, caller, &call, &id, end)
}

/// A task that has the status already is a conflict, and so is one that is over.
fn settle(
    main: &Main,
    Caller(caller): Caller,
    call: &Call,
    id: &str,
    status: &'static str,
) -> Result<StatusCode, Error> {
    let now = Utc::now().trunc_subsecs(0);
    change(main, call, id, |state, task| {
        if task.status == status {
            return Err(Error::conflict(format!("Task is already {status}")));
        }
        if matches!(task.status, "COMPLETED" | "DISMISSED" | "EXPIRED") {
            return Err(Error::conflict("Task is not pending any more"));
        }
        (task.status, task.updated_at) = (status, now);
        if matches!(status, "COMPLETED" | "DISMISSED") {
            task.resolved_by = Some(caller);
            flow::resolve(state, task, status == "COMPLETED", now);
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn reassign(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<StatusCode, Error> {
    let input = sent.read(&REASSIGN)?;
    change(&main, &call, &id, |state, task| {
        if input["replace"] != false {
            (task.users, task.groups) = (Vec::new(), Vec::new());
        }
        for id in named(&input["user_ids"]) {
            let user = state.users.find_text(id).ok_or(Error::NotFound("User"))?;
            add(&mut task.users, user.id);
        }
        for id in named(&input["group_ids"]) {
            let group = state.groups.find_text(id).ok_or(Error::NotFound("Group"))?;
            add(&mut task.groups, group.id);
        }
        Ok(())
    })?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(ids: &Value) -> impl Iterator<Item = &str> {
    ids.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn add(ids: &mut Vec<Uuid>, id: Uuid) {
    if !ids.contains(&id) {
        ids.push(id);
    }
}

pub(super) async fn comment(
    Given(main): Given<Main>,
    Extension(Caller(caller)): Extension<Caller>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<(StatusCode, Json<Value>), Error> {
    let input = sent.read(&COMMENT)?;
    let comment = Comment {
        body: input["comment"].as_str().unwrap_or_default().to_owned(),
        by: caller,
        at: Utc::now().trunc_subsecs(0),
    };
    change(&main, &call, &id, |_, task| {
        task.comments.push(comment);
        Ok(())
    })?;
    Ok((StatusCode::CREATED, Json(Value::Null)))
}

fn change(
    main: &Main,
    call: &Call,
    id: &str,
    change: impl FnOnce(&mut State, &mut Task) -> Result<(), Error>,
) -> Result<(), Error> {
    let expand = ["assignees", "comments"].map(str::to_owned);
    main.world.change(call, |state, effects| {
        let state = &mut state.main;
        let mut task = state.tasks.find_text(id).ok_or(NONE)?.clone();
        let before = task.show(state, &main.quirks, &expand);
        change(state, &mut task)?;
        let after = task.show(state, &main.quirks, &expand);
        effects.applied(task.id, before, after);
        state.tasks.put(task.id, task);
        Ok(())
    })
}
