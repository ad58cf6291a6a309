//! Cursors: opaque, signed, and bound to the filters that they were made with.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Services;
use crate::error::{Error, Result};
use crate::secrets::Purpose;

/// Which page of a list is wanted.
#[derive(Clone, Debug)]
pub struct PageSpec {
    /// 1 to 1000.
    pub limit: u32,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Position<P> {
    /// The list, so that a cursor of one can't page another.
    list: String,
    /// Hash of the filters.
    filters: String,
    /// The place of the last row of the page before.
    after: P,
}

/// A page request, opened: fetch `fetch` rows after `after`, then [`Pager::page`] them. A place is mostly an id.
pub(super) struct Pager<'a, P = Uuid> {
    services: &'a Services,
    list: &'static str,
    filters: String,
    limit: usize,
    /// The place of the last row of the page before.
    pub(super) after: Option<P>,
}

impl<'a, P: Serialize + DeserializeOwned> Pager<'a, P> {
    /// Opens a page request. `filters` tells two lists apart; its debug text is hashed, not shown.
    pub(super) fn open(
        services: &'a Services,
        list: &'static str,
        filters: &impl std::fmt::Debug,
        spec: &PageSpec,
    ) -> Result<Self> {
        let hash = digest::digest(&digest::SHA256, format!("{filters:?}").as_bytes());
        let filters = URL_SAFE_NO_PAD.encode(&hash.as_ref()[..12]);
        let after = match &spec.cursor {
            None => None,
            Some(cursor) => {
                let position = services
                    .keyring()
                    .verify_signed(Purpose::Cursor, cursor)
                    .and_then(|bytes| serde_json::from_slice::<Position<P>>(&bytes).ok())
                    .filter(|position| position.list == list)
                    .ok_or_else(|| {
                        Error::invalid(
                            "cursor",
                            "This is no cursor of this list. Take `next_cursor` of the page before as it is.",
                        )
                    })?;
                if position.filters != filters {
                    return Err(Error::invalid(
                        "cursor",
                        "This cursor belongs to other filters. Repeat the filters of the first page, or start without a cursor.",
                    ));
                }
                Some(position.after)
            }
        };
        Ok(Self {
            services,
            list,
            filters,
            limit: spec.limit.clamp(1, 1000) as usize,
            after,
        })
    }

    /// How many rows to fetch: one more than asked for, to know whether more follows.
    pub(super) fn fetch(&self) -> i64 {
        self.limit as i64 + 1
    }

    /// Cuts the fetched rows to the page and makes the next cursor.
    pub(super) fn page<T>(
        &self,
        mut rows: Vec<T>,
        place: impl Fn(&T) -> P,
    ) -> Result<(Vec<T>, Option<String>)> {
        if rows.len() <= self.limit {
            return Ok((rows, None));
        }
        rows.truncate(self.limit);
        let next = match rows.last() {
            None => None,
            Some(last) => {
                let position = Position {
                    list: self.list.to_owned(),
                    filters: self.filters.clone(),
                    after: place(last),
                };
                let bytes = serde_json::to_vec(&position).map_err(Error::internal)?;
                Some(self.services.keyring().sign(Purpose::Cursor, &bytes))
            }
        };
        Ok((rows, next))
    }
}
