//! Paging (contract §3): zero-based, `meta` always, totals on some lists only.

use std::ops::Range;

use axum::response::Json;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::simulators::{
    kit::{Call, PageFault, paging},
    lightelligence::errors::Error,
};

/// Which page of a list was asked for.
pub struct Page {
    page: usize,
    size: usize,
    fault: Option<PageFault>,
}

/// The totals that a list tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Totals {
    None,
    /// `itemsTotal` and `pagesTotal`.
    Items,
    /// `totalSize`.
    Size,
}

impl Page {
    pub fn read(query: Option<&str>, call: &Call) -> Result<Self, Error> {
        let mut page = Page {
            page: 0,
            size: 10,
            fault: None,
        };
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let number = value.parse::<usize>();
            match &*name {
                "page" => {
                    page.page =
                        number.map_err(|_| Error::invalid("page", "must be an integer from 0"))?;
                }
                "pageSize" => {
                    let size = number.ok().filter(|size| (1..=100).contains(size));
                    page.size = size.ok_or_else(|| {
                        Error::invalid("pageSize", "must be an integer from 1 to 100")
                    })?;
                }
                _ => {}
            }
        }
        page.fault = call.page_fault();
        Ok(page)
    }

    /// The page of a list of this length; `show` gives the rows of a range.
    pub fn of<T: Into<Value>>(
        &self,
        len: usize,
        totals: Totals,
        show: impl FnOnce(Range<usize>) -> T,
    ) -> Json<Value> {
        let served = paging::numbered(len, self.page.saturating_add(1), self.size, self.fault);
        let mut meta = json!({ "page": self.page, "pageSize": self.size });
        match totals {
            Totals::None => {}
            Totals::Items => {
                meta["itemsTotal"] = json!(served.total);
                meta["pagesTotal"] = json!(served.total.div_ceil(self.size));
            }
            Totals::Size => meta["totalSize"] = json!(served.total),
        }
        Json(json!({ "meta": meta, "data": show(served.rows).into() }))
    }

    /// The page of a short list.
    pub fn of_all(&self, all: Vec<Value>) -> Json<Value> {
        self.of(all.len(), Totals::None, |rows| all[rows].to_vec())
    }
}
