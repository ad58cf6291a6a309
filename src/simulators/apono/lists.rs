//! The two models of lists (contract §3): pages by a token that carries the query, and everything in one page.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    extract::{FromRequestParts, Path, RawQuery},
    http::request::Parts,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    errors::Error,
    front::Front,
    query::Query,
    quirks::{PageEnd, Paging, Quirks},
};
use crate::simulators::kit::{Call, PageFault, paging};

const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;

/// Where a listing is: what a page token stands for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Place {
    /// The path, so that no list takes another's token.
    path: String,
    query: Query,
    limit: usize,
    /// The key of the page's first row.
    start: u64,
    /// How many empty pages have led here.
    empty: u32,
}

/// Eight bytes of a digest, then the place: enough to tell a forged token, and nothing that anybody has to keep secret.
const SEAL_BYTES: usize = 8;

impl Place {
    fn token(&self) -> String {
        let text = json!(self).to_string();
        let mut bytes = seal(text.as_bytes());
        bytes.extend_from_slice(text.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn of_token(token: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (sealed, text) = bytes.split_at_checked(SEAL_BYTES)?;
        if sealed != seal(text) {
            return None;
        }
        serde_json::from_slice(text).ok()
    }
}

fn seal(text: &[u8]) -> Vec<u8> {
    digest(&SHA256, text).as_ref()[..SEAL_BYTES].to_vec()
}

/// One page asked for by token, or the first.
pub(super) struct Listing {
    place: Place,
    fault: Option<PageFault>,
    quirks: Arc<Quirks>,
}

impl FromRequestParts<Front> for Listing {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, front: &Front) -> Result<Self, Error> {
        let call = Call::from_request_parts(parts, front)
            .await
            .map_err(|_| Error::Internal)?;
        let RawQuery(query) = RawQuery::from_request_parts(parts, front)
            .await
            .map_err(|_| Error::Internal)?;
        let place = place(parts.uri.path(), Query::read(query.as_deref()))?;
        Ok(Listing {
            place,
            fault: call.page_fault(),
            quirks: Arc::clone(&front.quirks),
        })
    }
}

/// A token brings the first call's query and limit along; a limit beside it wins, filters beside it count for nothing.
fn place(path: &str, mut query: Query) -> Result<Place, Error> {
    let limit = query.take("limit").map(|limit| match limit.parse() {
        Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        _ => Err(Error::BadRequest(format!(
            "limit must be a number from 1 to {MAX_LIMIT}"
        ))),
    });
    let limit = limit.transpose()?;
    let Some(token) = query.take("page_token") else {
        return Ok(Place {
            path: path.to_owned(),
            query,
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            start: 0,
            empty: 0,
        });
    };
    let place = Place::of_token(&token)
        .filter(|place| place.path == path)
        .ok_or_else(|| Error::BadRequest("page_token is not one of this list".to_owned()))?;
    Ok(Place {
        limit: limit.unwrap_or(place.limit),
        ..place
    })
}

impl Listing {
    /// The filters.
    pub(super) fn query(&self) -> &Query {
        &self.place.query
    }

    /// The key at which the page starts.
    pub(super) fn start(&self) -> u64 {
        self.place.start
    }

    /// The answer, of the filtered rows from [`Listing::start`] on.
    pub(super) fn answer<T>(
        &self,
        rows: impl IntoIterator<Item = (u64, T)>,
        show: impl Fn(T) -> Value,
    ) -> Value {
        let Place { limit, start, .. } = self.place;
        if self.quirks.paging == Paging::Sparse && self.place.empty == 0 {
            return self.page(Vec::new(), Some(self.after_an_empty_page()));
        }
        let page = paging::keyed(rows, start, limit, self.fault);
        let next = match (page.next, self.quirks.paging) {
            (Some(start), _) => Some(Place {
                start,
                empty: 0,
                ..self.place.clone()
            }),
            (None, Paging::Endless) => Some(Place {
                start: u64::MAX,
                ..self.after_an_empty_page()
            }),
            (None, Paging::Stuck) => Some(self.place.clone()),
            (None, Paging::Plain | Paging::Sparse) => None,
        };
        self.page(page.rows.into_iter().map(show).collect(), next)
    }

    /// The answer, of filtered rows that are made for each call and have no keys but their places.
    pub(super) fn answer_whole(&self, rows: Vec<Value>) -> Value {
        let start = usize::try_from(self.start()).unwrap_or(usize::MAX);
        let rows = rows.into_iter().enumerate().skip(start);
        self.answer(rows.map(|(place, row)| (place as u64, row)), |row| row)
    }

    fn after_an_empty_page(&self) -> Place {
        Place {
            empty: self.place.empty.saturating_add(1),
            ..self.place.clone()
        }
    }

    fn page(&self, mut items: Vec<Value>, next: Option<Place>) -> Value {
        if self.quirks.has_later_fields {
            for item in &mut items {
                item["added_later"] = json!({ "since": "2026-05-01" });
            }
        }
        let token = match (next, self.quirks.page_end) {
            (Some(place), _) => json!({ "next_page_token": place.token() }),
            (None, PageEnd::Null) => json!({ "next_page_token": null }),
            (None, PageEnd::Missing) => json!({}),
            (None, PageEnd::Empty) => json!({ "next_page_token": "" }),
        };
        json!({ "items": items, "pagination": token })
    }
}

/// The answer of a legacy list: one page, whatever is asked for.
pub(super) fn whole(quirks: &Quirks, total: usize, rows: impl Iterator<Item = Value>) -> Value {
    let data: Vec<Value> = rows.take(quirks.legacy_rows).collect();
    let limit = data.len();
    json!({ "data": data, "pagination": { "total": total, "limit": limit, "offset": 0 } })
}

/// The id at the end of a path.
pub(super) type Id = Path<String>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_read_back_and_forged_ones_do_not() {
        let place = place("/users", Query::read(Some("role=Admin&limit=7"))).unwrap();
        let token = place.token();
        assert_eq!(Place::of_token(&token), Some(place.clone()));
        let mut forged = place;
        forged.start = 9;
        let text = json!(forged).to_string();
        let forged = URL_SAFE_NO_PAD.encode([&[0; SEAL_BYTES], text.as_bytes()].concat());
        for bad in ["", "x", &token[1..], &forged] {
            assert_eq!(Place::of_token(bad), None, "{bad}");
        }
    }
}
