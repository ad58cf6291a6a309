//! `/users` (contract §A4).

use axum::{
    Extension,
    extract::{Path, RawQuery, State},
    response::Json,
};
use serde_json::Value;

use super::{
    errors::Error,
    front::{Caller, Main},
    pages::Page,
    query::Query,
    state::User,
};
use crate::simulators::kit::Call;

const NONE: Error = Error::NotFound("User");

pub(super) async fn list(
    State(main): State<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let exact = query.flag("exact_match").unwrap_or(false);
    let expanded = query.expands("custom_attributes");
    let term = query.text("search_term").map(str::to_lowercase);
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let state = &state.main;
        let show = |user: &User| state.user(user, expanded);
        let Some(term) = term else {
            return Ok(Json(page.of(&state.users, state.users.ids(), show)));
        };
        let found = state
            .users
            .all()
            .filter(|user| is_called(user, &term, exact));
        let found: Vec<&User> = found.collect();
        Ok(Json(page.chosen(&found, show)))
    })
}

/// By name or e-mail, upper and lower case alike.
fn is_called(user: &User, term: &str, exact: bool) -> bool {
    let given = user.given_name.as_deref().unwrap_or_default();
    let family = user.family_name.as_deref().unwrap_or_default();
    let whole = format!("{given} {family}");
    let names = [
        user.email.as_deref().unwrap_or_default(),
        given,
        family,
        &whole,
    ];
    names.into_iter().any(|name| {
        let name = name.to_lowercase();
        if exact {
            name == term
        } else {
            name.contains(term)
        }
    })
}

pub(super) async fn current(
    State(main): State<Main>,
    Extension(Caller(id)): Extension<Caller>,
) -> Result<Json<Value>, Error> {
    main.world.read(|state| {
        let user = state.main.users.find(id).ok_or(NONE)?;
        Ok(Json(user.show()))
    })
}

pub(super) async fn find(
    State(main): State<Main>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let expanded = Query::new(query.as_deref()).expands("custom_attributes");
    main.world.read(|state| {
        let user = state.main.users.find_text(&id).ok_or(NONE)?;
        Ok(Json(state.main.user(user, expanded)))
    })
}

pub(super) async fn accounts(
    State(main): State<Main>,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let expanded = query.expands("app");
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let state = &state.main;
        state.users.find_text(&id).ok_or(NONE)?;
        let ids = state.accounts_of(&id);
        Ok(Json(page.of(&state.accounts, ids, |account| {
            state.account(&main.quirks, account, expanded)
        })))
    })
}
