//! `/groups` (contract §A4).

use axum::{
    extract::{Path, RawQuery, State},
    response::Json,
};
use serde_json::Value;

use super::{
    errors::Error,
    front::Main,
    pages::Page,
    query::Query,
    state::{Group, User},
};
use crate::simulators::kit::Call;

const NONE: Error = Error::NotFound("Group");

pub(super) async fn list(
    State(main): State<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let exact = query.flag("exact_match").unwrap_or(false);
    let there = query.text("integration_specific_id").map(str::to_owned);
    let app = query.text("app_id").map(str::to_owned);
    let name = query.text("name").map(str::to_lowercase);
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let takes = |group: &&Group| {
            let own = group.name.to_lowercase();
            name.as_ref().is_none_or(|name| {
                if exact {
                    own == *name
                } else {
                    own.contains(name)
                }
            }) && (there.is_none() || there == group.integration_specific_id)
                && (app.is_none() || app == group.app_id.map(|id| id.to_string()))
        };
        let found: Vec<&Group> = state.main.groups.all().filter(takes).collect();
        Ok(Json(page.chosen(&found, Group::show)))
    })
}

pub(super) async fn find(
    State(main): State<Main>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.read(|state| {
        let group = state.main.groups.find_text(&id).ok_or(NONE)?;
        Ok(Json(group.show()))
    })
}

pub(super) async fn users(
    State(main): State<Main>,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let group = state.main.groups.find_text(&id).ok_or(NONE)?;
        Ok(Json(page.of(&state.main.users, &group.members, User::show)))
    })
}
