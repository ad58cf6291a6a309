//! `/accounts` (contract §A4).

use axum::{
    extract::{RawQuery, State},
    response::Json,
};
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    errors::Error,
    front::Main,
    pages::Page,
    query::Query,
    state::Account,
    words::{ACCOUNT_STATUSES, SOURCES},
};
use crate::simulators::kit::Call;

pub(super) async fn list(
    State(main): State<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    let filter = Filter {
        before: query.time("discovered_before"),
        after: query.time("discovered_after"),
        sources: query.words("sources", SOURCES),
        statuses: query.words("status", ACCOUNT_STATUSES),
    };
    let expanded = query.expands("app");
    let app = query.text("app_id").map(str::to_owned);
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let state = &state.main;
        let show = |account: &Account| state.account(&main.quirks, account, expanded);
        let ids = match &app {
            Some(app) => state.accounts_of(app),
            None => state.accounts.ids(),
        };
        let found: Vec<&Account> = match filter.is_open() {
            true => return Ok(Json(page.of(&state.accounts, ids, show))),
            false => state
                .accounts
                .of(ids)
                .filter(|one| filter.takes(one))
                .collect(),
        };
        Ok(Json(page.chosen(&found, show)))
    })
}

struct Filter {
    before: Option<DateTime<Utc>>,
    after: Option<DateTime<Utc>>,
    sources: Vec<String>,
    statuses: Vec<String>,
}

impl Filter {
    fn is_open(&self) -> bool {
        self.before.is_none()
            && self.after.is_none()
            && self.sources.is_empty()
            && self.statuses.is_empty()
    }

    /// What has no such time or word is not taken by a filter on it.
    fn takes(&self, account: &Account) -> bool {
        let found = account.discovered_at;
        let status = account.status.as_ref();
        self.before
            .is_none_or(|bound| found.is_some_and(|at| at < bound))
            && self
                .after
                .is_none_or(|bound| found.is_some_and(|at| at > bound))
            && (self.statuses.is_empty() || status.is_some_and(|one| self.statuses.contains(one)))
            && (self.sources.is_empty()
                || account.sources.iter().any(|one| self.sources.contains(one)))
    }
}
