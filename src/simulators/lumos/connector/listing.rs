//! Pages of a listing by token, the same for all of them (contract §B5).

use std::borrow::Cow;

use serde_json::Value;

use super::{
    envelope::{Answer, Envelope},
    errors::Error,
    routes::Connector,
    state::State,
    tokens,
};
use crate::simulators::kit::{Call, paging};

/// The rows that a closure finds in the state; says no more than what type such a closure is of.
pub(super) fn rows<T: Clone, F: for<'a> FnOnce(&'a State) -> Cow<'a, [T]>>(find: F) -> F {
    find
}

/// A page of the rows that the state has.
pub(super) fn page<T: Clone>(
    connector: &Connector,
    call: &Call,
    mut envelope: Envelope,
    rows: impl for<'a> FnOnce(&'a State) -> Cow<'a, [T]>,
    show: impl Fn(&T) -> Value,
) -> Result<Answer, Error> {
    let page = envelope.page();
    let start = match page.token.filter(|token| !token.is_empty()) {
        Some(token) => tokens::offset(&token).ok_or_else(Error::invalid_page_token)?,
        None => 0,
    };
    let most = connector.quirks.max_page;
    let size = match page.size {
        None => most,
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| *size > 0)
            .ok_or_else(|| Error::invalid_value("page.size must be at least 1"))?
            .min(most),
    };
    let fault = call.page_fault();
    let (shown, next) = connector.world.read(|state| {
        let rows = rows(&state.connector);
        let page = paging::onward(rows.len(), start, size, fault);
        let shown: Vec<Value> = rows[page.rows].iter().map(show).collect();
        (shown, page.next)
    });
    Ok(envelope
        .answer(shown.into())
        .with_page(next.map(tokens::token), size))
}
