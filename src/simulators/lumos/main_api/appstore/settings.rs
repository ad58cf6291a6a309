//! What the AppStore is told of an app, and the older twin of it, which also says whether the app is in the store.

use axum::{
    extract::{Path, State as Given},
    response::Json,
};
use serde_json::{Value, json};

use super::shapes;
use crate::simulators::{
    kit::Call,
    lumos::main_api::{
        apps::{App, NONE},
        errors::Error,
        front::Main,
        refs,
        shape::Sent,
        state::State,
    },
};

/// Of an app that nobody has told anything of.
pub(in super::super) fn defaults() -> Value {
    json!({
        "custom_request_instructions": "",
        "redirect_url": null,
        "request_flow": {
            "discoverability": "FULL",
            "custom_approval_message": "",
            "require_manager_approval": false,
            "require_additional_approval": false,
            "allowed_groups": { "type": "ALL_GROUPS", "groups": [] },
            "approvers": { "groups": [], "users": [] },
            "approvers_stage_2": { "groups": [], "users": [] },
            "admins": { "groups": [], "users": [] },
            "request_validation_inline_webhook": null
        },
        "provisioning": {
            "groups_provisioning": "DIRECT_TO_USER",
            "time_based_access": ["2 hours", "4 hours", "7 days", "Unlimited"],
            "allow_multiple_permission_selection": false,
            "manual_steps_needed": false,
            "custom_provisioning_instructions": null,
            "default_time_based_access_option": null,
            "default_permission": null,
            "provisioning_webhook": null,
            "access_removal_inline_webhook": null
        }
    })
}

impl App {
    /// `AppStoreAppSettingsOutput`.
    pub(super) fn show_settings(&self, state: &State) -> Value {
        let mut shown = refs::expand(state, &self.settings);
        shown["request_flow"]["response_describes_entire_approval_workflow"] = json!(true);
        shown
    }

    fn show_older_settings(&self, state: &State) -> Value {
        let mut shown = self.show_settings(state);
        shown["in_app_store"] = json!(self.in_app_store);
        shown
    }

    /// Takes over what a body says; what it does not say stays.
    pub(super) fn set(&mut self, given: Value) {
        refs::merge(&mut self.settings, given);
        self.allow_multiple =
            self.settings["provisioning"]["allow_multiple_permission_selection"] == true;
    }
}

/// Takes the fields of the settings out of a body.
pub(super) fn settings_of(state: &State, input: &Value) -> Result<Value, Error> {
    let names = [
        "custom_request_instructions",
        "redirect_url",
        "request_flow",
        "provisioning",
    ];
    let given = names.iter().filter_map(|name| {
        let value = input.get(*name)?;
        Some(((*name).to_owned(), value.clone()))
    });
    let mut settings = Value::Object(given.collect());
    refs::settle(state, &mut settings)?;
    Ok(settings)
}

pub(in super::super) async fn find(
    Given(main): Given<Main>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.read(|state| {
        let app = state.main.apps.find_text(&id).ok_or(NONE)?;
        Ok(Json(app.show_settings(&state.main)))
    })
}

pub(in super::super) async fn update(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&shapes::SETTINGS)?;
    change(&main, &call, &id, &input, App::show_settings)
}

pub(in super::super) async fn find_older(
    Given(main): Given<Main>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.read(|state| {
        let app = state.main.apps.find_text(&id).ok_or(NONE)?;
        Ok(Json(app.show_older_settings(&state.main)))
    })
}

pub(in super::super) async fn update_older(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&shapes::OLDER_SETTINGS)?;
    change(&main, &call, &id, &input, App::show_older_settings)
}

fn change(
    main: &Main,
    call: &Call,
    id: &str,
    input: &Value,
    show: fn(&App, &State) -> Value,
) -> Result<Json<Value>, Error> {
    main.world.change(call, |state, effects| {
        let state = &mut state.main;
        let given = settings_of(state, input)?;
        let before = show(state.apps.find_text(id).ok_or(NONE)?, state);
        let app = state.apps.find_text_mut(id).ok_or(NONE)?;
        app.set(given);
        if let Some(in_store) = input["in_app_store"].as_bool() {
            app.in_app_store = in_store;
        }
        let after = show(state.apps.find_text(id).ok_or(NONE)?, state);
        effects.applied(id, before, after.clone());
        Ok(Json(after))
    })
}
