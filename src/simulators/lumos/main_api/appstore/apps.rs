//! `/appstore/apps`: which apps can be asked for.

use axum::{
    extract::{Path, RawQuery, State},
    response::Json,
};
use serde_json::{Value, json};

use super::{settings::settings_of, shapes};
use crate::simulators::{
    kit::Call,
    lumos::main_api::{
        apps::{App, NONE},
        errors::Error,
        front::Main,
        pages::Page,
        query::Query,
        shape::Sent,
    },
};

/// Those that nobody can discover are shown only to who asks for all.
pub(in super::super) async fn list(
    State(main): State<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let exact = query.flag("exact_match").unwrap_or(false);
    let all = query.flag("all_visibilities").unwrap_or(false);
    let expanded = query.expands("custom_attributes");
    let id = query.text("app_id").map(str::to_owned);
    let name = query.text("name_search").map(str::to_lowercase);
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let takes = |app: &&App| {
            let is_hidden = app.settings["request_flow"]["discoverability"] == "NONE";
            app.in_app_store
                && (all || !is_hidden)
                && id.as_ref().is_none_or(|id| *id == app.id.to_string())
                && name.as_ref().is_none_or(|name| app.is_called(name, exact))
        };
        let found: Vec<&App> = state.main.apps.all().filter(takes).collect();
        Ok(Json(
            page.chosen(&found, |app| state.main.app(app, expanded)),
        ))
    })
}

pub(in super::super) async fn find(
    State(main): State<Main>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let expanded = Query::new(query.as_deref()).expands("custom_attributes");
    main.world.read(|state| {
        let app = state.main.apps.find_text(&id);
        let app = app.filter(|app| app.in_app_store).ok_or(NONE)?;
        Ok(Json(state.main.app(app, expanded)))
    })
}

/// Adding an app again changes its settings.
pub(in super::super) async fn add(
    State(main): State<Main>,
    call: Call,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&shapes::ADD)?;
    let id = input["app_id"].as_str().unwrap_or_default();
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        let given = settings_of(state, &input)?;
        let app = state.apps.find_text_mut(id).ok_or(NONE)?;
        let before = json!({ "in_app_store": app.in_app_store });
        app.set(given);
        app.in_app_store = true;
        effects.applied(id, before, json!({ "in_app_store": true }));
        let app = state.apps.find_text(id).ok_or(NONE)?;
        Ok(Json(app.show_settings(state)))
    })
}

/// Answers 200, where other removals answer 204 (contract §A8).
pub(in super::super) async fn remove(
    State(main): State<Main>,
    call: Call,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.change(&call, |state, effects| {
        let app = state.main.apps.find_text_mut(&id);
        let app = app.filter(|app| app.in_app_store).ok_or(NONE)?;
        app.in_app_store = false;
        effects.applied(
            id,
            json!({ "in_app_store": true }),
            json!({ "in_app_store": false }),
        );
        Ok(Json(Value::Null))
    })
}
