//! `/apps` (contract §A4).

use axum::{
    extract::{Path, RawQuery, State},
    response::Json,
};
use serde_json::Value;

use super::{
    errors::Error, front::Main, pages::Page, query::Query, state::App, words::CONNECTION_SOURCES,
};
use crate::simulators::kit::Call;

pub(super) async fn list(
    State(main): State<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let exact = query.flag("exact_match").unwrap_or(false);
    let source = query.word("connection_source", CONNECTION_SOURCES);
    let disconnected = query.flag("disconnected");
    let expanded = query.expands("custom_attributes");
    let name = query.text("name_search").map(str::to_lowercase);
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let takes = |app: &&App| {
            name.as_ref().is_none_or(|name| is_called(app, name, exact))
                && (source.is_none() || source.as_deref() == app.connection_source)
                && disconnected.is_none_or(|wanted| wanted == app.disconnected)
        };
        let found: Vec<&App> = state.main.apps.all().filter(takes).collect();
        Ok(Json(
            page.chosen(&found, |app| state.main.app(app, expanded)),
        ))
    })
}

/// By name, instance or class, upper and lower case alike.
fn is_called(app: &App, wanted: &str, exact: bool) -> bool {
    [app.label, app.instance_id, app.app_class_id]
        .into_iter()
        .any(|name| {
            let name = name.to_lowercase();
            if exact {
                name == wanted
            } else {
                name.contains(wanted)
            }
        })
}

pub(super) async fn find(
    State(main): State<Main>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let expanded = Query::new(query.as_deref()).expands("custom_attributes");
    main.world.read(|state| {
        let app = state
            .main
            .apps
            .find_text(&id)
            .ok_or(Error::NotFound("App"))?;
        Ok(Json(state.main.app(app, expanded)))
    })
}
