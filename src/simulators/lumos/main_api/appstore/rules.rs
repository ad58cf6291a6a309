//! Pre-approval rules: who need not ask.

use axum::{
    extract::{Path, RawQuery, State as Given},
    http::StatusCode,
    response::Json,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::shapes;
use crate::simulators::{
    kit::Call,
    lumos::main_api::{
        apps, errors::Error, front::Main, pages::Page, query::Query, refs, shape::Sent,
        state::State,
    },
};

const NONE: Error = Error::NotFound("Pre-approval rule");

/// `PreApprovalRuleOutput`.
#[derive(Debug, Clone)]
pub(in super::super) struct Rule {
    pub(in super::super) id: Uuid,
    pub(in super::super) app_id: Uuid,
    /// What may be changed, by the names of the body.
    pub(in super::super) terms: Value,
}

impl Rule {
    pub(in super::super) fn new(id: Uuid, app_id: Uuid, given: Value) -> Self {
        let mut terms = json!({
            "justification": "",
            "time_based_access": [],
            "preapproved_groups": [],
            "preapproved_permissions": [],
            "preapproved_users_by_attribute": [],
            "preapproval_webhooks": []
        });
        refs::merge(&mut terms, given);
        Rule { id, app_id, terms }
    }

    fn show(&self, state: &State) -> Value {
        let app = state.apps.find(self.app_id);
        let mut shown = refs::expand(state, &self.terms);
        shown["id"] = json!(self.id);
        shown["app_id"] = json!(self.app_id);
        shown["app_class_id"] = json!(app.map_or("", |app| &app.app_class_id));
        shown["app_instance_id"] = json!(app.map_or("", |app| &app.instance_id));
        shown
    }

    /// Whether somebody may have this without being asked about. No permissions named: all of the app.
    pub(super) fn frees(&self, state: &State, app: Uuid, target: Uuid, wanted: &[Uuid]) -> bool {
        let ids = |name: &str| -> Vec<Uuid> {
            let named = self.terms[name].as_array().into_iter().flatten();
            named
                .filter_map(|one| Uuid::try_parse(one["id"].as_str()?).ok())
                .collect()
        };
        let permissions = ids("preapproved_permissions");
        let is_member = |id: &Uuid| {
            let group = state.groups.find(*id);
            group.is_some_and(|group| group.members.contains(&target))
        };
        self.app_id == app
            && (permissions.is_empty() || wanted.iter().all(|id| permissions.contains(id)))
            && ids("preapproved_groups").iter().any(is_member)
    }
}

pub(in super::super) async fn list(
    Given(main): Given<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let app = query.text("app_id").map(str::to_owned);
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let state = &state.main;
        let is_of = |rule: &&Rule| {
            app.as_ref()
                .is_none_or(|app| *app == rule.app_id.to_string())
        };
        let found: Vec<&Rule> = state.rules.all().filter(is_of).collect();
        Ok(Json(page.chosen(&found, |rule| rule.show(state))))
    })
}

pub(in super::super) async fn find(
    Given(main): Given<Main>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.read(|state| {
        let rule = state.main.rules.find_text(&id).ok_or(NONE)?;
        Ok(Json(rule.show(&state.main)))
    })
}

pub(in super::super) async fn create(
    Given(main): Given<Main>,
    call: Call,
    sent: Sent,
) -> Result<(StatusCode, Json<Value>), Error> {
    let mut input = sent.read(&shapes::RULE)?;
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        let app = state.apps.find_text(input["app_id"].as_str().unwrap_or(""));
        let app = app.ok_or(apps::NONE)?.id;
        refs::settle(state, &mut input)?;
        let rule = Rule::new(Uuid::new_v4(), app, input);
        let shown = rule.show(state);
        effects.applied(rule.id, Value::Null, shown.clone());
        state.rules.put(rule.id, rule);
        Ok((StatusCode::CREATED, Json(shown)))
    })
}

pub(in super::super) async fn update(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let mut input = sent.read(&shapes::RULE_UPDATE)?;
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        let mut rule = state.rules.find_text(&id).ok_or(NONE)?.clone();
        let before = rule.show(state);
        refs::settle(state, &mut input)?;
        refs::merge(&mut rule.terms, input);
        let after = rule.show(state);
        effects.applied(rule.id, before, after.clone());
        state.rules.put(rule.id, rule);
        Ok(Json(after))
    })
}

pub(in super::super) async fn delete(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        let rule = state.rules.find_text(&id).ok_or(NONE)?;
        let (id, before) = (rule.id, rule.show(state));
        state.rules.take(id);
        effects.applied(id, before, Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}
