//! The first of the three styles of paging: page and size, nearly everywhere (contract §A2).

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    query::Query,
    quirks::{Quirks, Shown},
    shelf::Shelf,
};
use crate::simulators::kit::{Call, PageFault, paging};

const DEFAULT_SIZE: usize = 50;
pub(super) const MAX_SIZE: usize = 100;

/// A page that is asked for.
pub(super) struct Page {
    page: usize,
    size: usize,
    fault: Option<PageFault>,
    quirks: Arc<Quirks>,
}

impl Page {
    pub(super) fn read(query: &mut Query, quirks: &Arc<Quirks>) -> Self {
        Page {
            page: query.number("page", 1, 1, None),
            size: query.number("size", DEFAULT_SIZE, 1, Some(MAX_SIZE)),
            fault: None,
            quirks: Arc::clone(quirks),
        }
    }

    /// To be called when the call is sure to be answered.
    pub(super) fn with_fault_of(self, call: &Call) -> Self {
        Page {
            fault: call.page_fault(),
            ..self
        }
    }

    /// The things of these ids, looking at no more of them than the page shows.
    pub(super) fn of<T>(
        &self,
        shelf: &Shelf<T>,
        ids: &[Uuid],
        show: impl Fn(&T) -> Value,
    ) -> Value {
        let page = paging::numbered(ids.len(), self.page, self.size, self.fault);
        let items = shelf.of(&ids[page.rows]).map(show).collect();
        self.envelope(items, page.total)
    }

    /// Of these things, which some filter has chosen.
    pub(super) fn chosen<T>(&self, things: &[&T], show: impl Fn(&T) -> Value) -> Value {
        let page = paging::numbered(things.len(), self.page, self.size, self.fault);
        let items = things[page.rows].iter().map(|thing| show(thing)).collect();
        self.envelope(items, page.total)
    }

    fn envelope(&self, items: Vec<Value>, total: usize) -> Value {
        let mut page = json!({
            "items": items,
            "total": (!self.quirks.total_is_null).then_some(total),
            "page": self.page,
            "size": self.size,
        });
        match self.quirks.pages {
            Shown::Given => page["pages"] = total.div_ceil(self.size).into(),
            Shown::Null => page["pages"] = Value::Null,
            Shown::Missing => {}
        }
        page
    }
}
