//! Requestable permissions: what can be asked for of an app.

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

const NONE: Error = Error::NotFound("Permission");

/// `RequestablePermissionOutput`.
#[derive(Debug, Clone)]
pub(in super::super) struct Permission {
    pub(in super::super) id: Uuid,
    pub(in super::super) app_id: Uuid,
    pub(in super::super) label: String,
    /// `SYNCED` from the app, or made here: `NATIVE`.
    pub(in super::super) kind: &'static str,
    /// What is set for it alone, by the names of `request_config`.
    pub(in super::super) config: Value,
}

impl Permission {
    /// One about which nobody has said anything.
    pub(in super::super) fn new(id: Uuid, app_id: Uuid, label: &str) -> Self {
        Permission {
            id,
            app_id,
            label: label.to_owned(),
            kind: "NATIVE",
            config: json!({
                "appstore_visibility": "HIDDEN",
                "allowed_groups_override": null,
                "allowed_groups": null,
                "request_approval_config": null,
                "request_fulfillment_config": null,
                "access_removal_inline_webhook": null,
                "request_validation_inline_webhook": null
            }),
        }
    }

    /// `RequestablePermissionBaseOutput`.
    pub(in super::super) fn brief(&self, state: &State) -> Value {
        let app = state.apps.find(self.app_id);
        json!({
            "id": self.id,
            "type": self.kind,
            "label": self.label,
            "app_id": self.app_id,
            "app_class_id": app.map_or("", |app| &app.app_class_id),
            "app_instance_id": app.map_or("", |app| &app.instance_id),
        })
    }

    /// With its own configuration, or with that of its app where it has none.
    pub(in super::super) fn show(&self, state: &State, inherits: bool) -> Value {
        let mut shown = self.brief(state);
        let config = if inherits {
            self.effective(state)
        } else {
            self.config.clone()
        };
        shown["request_config"] = refs::expand(state, &config);
        shown
    }

    /// What holds for it.
    pub(super) fn effective(&self, state: &State) -> Value {
        let mut config = self.config.clone();
        let Some(app) = state.apps.find(self.app_id) else {
            return config;
        };
        let (flow, given) = (&app.settings["request_flow"], &app.settings["provisioning"]);
        let manager = if flow["require_manager_approval"] == true {
            "INITIAL_APPROVAL"
        } else {
            "NONE"
        };
        let mut inherit = |name: &str, value: Value| {
            if config[name].is_null() {
                config[name] = value;
            }
        };
        inherit("allowed_groups", flow["allowed_groups"].clone());
        inherit(
            "request_approval_config",
            json!({
                "manager_approval": manager,
                "require_additional_approval": flow["require_additional_approval"],
                "custom_approval_message": flow["custom_approval_message"],
                "approvers": flow["approvers"],
                "approvers_stage_2": flow["approvers_stage_2"],
                "request_approval_stages": [],
                "response_describes_entire_approval_workflow": true
            }),
        );
        inherit(
            "request_fulfillment_config",
            json!({
                "manual_steps_needed": given["manual_steps_needed"],
                "time_based_access": given["time_based_access"],
                "provisioning_group": null,
                "provisioning_webhook": given["provisioning_webhook"]
            }),
        );
        config
    }

    fn is_visible(&self) -> bool {
        self.config["appstore_visibility"] == "VISIBLE"
    }
}

/// Of one app by its path, of one app by a parameter, or of all.
pub(in super::super) async fn list_of_app(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    chosen(&main, &call, query.as_deref(), Some(&id))
}

pub(in super::super) async fn list(
    Given(main): Given<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let app = Query::new(query.as_deref())
        .text("app_id")
        .map(str::to_owned);
    chosen(&main, &call, query.as_deref(), app.as_deref())
}

fn chosen(
    main: &Main,
    call: &Call,
    query: Option<&str>,
    app: Option<&str>,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query);
    let page = Page::read(&mut query, &main.quirks);
    let exact = query.flag("exact_match").unwrap_or(false);
    let in_store = query.flag("in_app_store");
    let inherits = query.flag("include_inherited_configs").unwrap_or(true);
    let term = query.text("search_term").map(str::to_lowercase);
    query.check()?;
    let page = page.with_fault_of(call);
    main.world.read(|state| {
        let state = &state.main;
        if let Some(app) = app {
            state.apps.find_text(app).ok_or(apps::NONE)?;
        }
        let takes = |one: &&Permission| {
            let label = one.label.to_lowercase();
            app.is_none_or(|app| app == one.app_id.to_string())
                && in_store.is_none_or(|wanted| wanted == one.is_visible())
                && term.as_ref().is_none_or(|term| match exact {
                    true => label == *term,
                    false => label.contains(term),
                })
        };
        let found: Vec<&Permission> = state.permissions.all().filter(takes).collect();
        Ok(Json(page.chosen(&found, |one| one.show(state, inherits))))
    })
}

pub(in super::super) async fn find(
    Given(main): Given<Main>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let inherits = inherits(query.as_deref())?;
    main.world.read(|state| {
        let permission = state.main.permissions.find_text(&id).ok_or(NONE)?;
        Ok(Json(permission.show(&state.main, inherits)))
    })
}

fn inherits(query: Option<&str>) -> Result<bool, Error> {
    let mut query = Query::new(query);
    let inherits = query.flag("include_inherited_configs").unwrap_or(true);
    query.check()?;
    Ok(inherits)
}

pub(in super::super) async fn create(
    Given(main): Given<Main>,
    call: Call,
    RawQuery(query): RawQuery,
    sent: Sent,
) -> Result<(StatusCode, Json<Value>), Error> {
    let inherits = inherits(query.as_deref())?;
    let mut input = sent.read(&shapes::PERMISSION)?;
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        let app = state.apps.find_text(text(&input, "app_id"));
        let app = app.ok_or(apps::NONE)?.id;
        let label = text(&input, "label");
        let mut permission = Permission::new(Uuid::new_v4(), app, label);
        let mut config = input["request_config"].take();
        if !config.is_null() {
            refs::settle(state, &mut config)?;
            refs::merge(&mut permission.config, config);
        }
        let shown = permission.show(state, inherits);
        effects.applied(permission.id, Value::Null, shown.clone());
        state.permissions.put(permission.id, permission);
        Ok((StatusCode::CREATED, Json(shown)))
    })
}

/// The group that provisions can't be changed, and an app never.
pub(in super::super) async fn update(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let inherits = inherits(query.as_deref())?;
    let mut input = sent.read(&shapes::PERMISSION_UPDATE)?;
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        let mut permission = state.permissions.find_text(&id).ok_or(NONE)?.clone();
        let before = permission.show(state, inherits);
        let app = input["app_id"].as_str();
        if app.is_some_and(|app| app != permission.app_id.to_string()) {
            return Err(Error::bad("A permission stays with its app"));
        }
        if let Some(label) = input["label"].as_str() {
            permission.label = label.to_owned();
        }
        let mut config = input["request_config"].take();
        if !config.is_null() {
            if let Some(fulfillment) = config["request_fulfillment_config"].as_object_mut() {
                fulfillment.remove("provisioning_group");
            }
            refs::settle(state, &mut config)?;
            refs::merge(&mut permission.config, config);
        }
        let after = permission.show(state, inherits);
        effects.applied(permission.id, before, after.clone());
        state.permissions.put(permission.id, permission);
        Ok(Json(after))
    })
}

/// Only those made here can be removed here.
pub(in super::super) async fn delete(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        let permission = state.permissions.find_text(&id).ok_or(NONE)?;
        if permission.kind != "NATIVE" {
            return Err(Error::bad("Only native permissions can be deleted"));
        }
        let (id, before) = (permission.id, permission.show(state, false));
        state.permissions.take(id);
        effects.applied(id, before, Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}

fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input[name].as_str().unwrap_or_default()
}
