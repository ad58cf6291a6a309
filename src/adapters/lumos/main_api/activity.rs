//! Listing activity: what was done in Lumos, then what changed of people, as one listing.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::one::strange_cursor;
use super::paging::{Cursor, Listed, Offset};
use super::{Api, convert};
use crate::adapters::contract::{AdapterError, Call, ListsActivity, Page, PageRequest};
use crate::domain::ActivityRecord;

/// Where a listing stands: each of the two pages in a style of its own (§A2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Logs(Offset),
    Events(Cursor),
}

impl Place {
    fn parse(cursor: &str) -> Option<Self> {
        let place = serde_json::from_str(cursor).ok()?;
        let is_sound = match &place {
            Self::Logs(at) => at.is_sound(),
            Self::Events(at) => at.is_sound(),
        };
        is_sound.then_some(place)
    }

    fn cursor(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

#[async_trait]
impl ListsActivity for Api {
    async fn list_activity(
        &self,
        call: &Call,
        since: DateTime<Utc>,
        page: &PageRequest,
    ) -> Result<Page<ActivityRecord>, AdapterError> {
        let place = match page.cursor.as_deref() {
            None => Place::Logs(Offset::first(page.size)),
            Some(cursor) => Place::parse(cursor).ok_or_else(strange_cursor)?,
        };
        match place {
            Place::Logs(at) => {
                let listed = self.client.activity_logs(call, Some(since), at).await?;
                // The events follow.
                let next = listed
                    .next
                    .map_or_else(|| Place::Events(Cursor::first(page.size)), Place::Logs);
                let page = happened(listed, "activity logs", since, convert::log);
                Ok(Page {
                    next: Some(next.cursor()),
                    ..page
                })
            }
            Place::Events(at) => {
                let listed = self.client.identity_events(call, Some(since), at).await?;
                let next = listed.next.clone().map(Place::Events);
                let page = happened(listed, "identity events", since, convert::identity_event);
                Ok(Page {
                    next: next.as_ref().map(Place::cursor),
                    ..page
                })
            }
        }
    }
}

/// The records of a page; what is older than was asked for is left out, should the vendor have sent it.
fn happened<P>(
    listed: Listed<P>,
    word: &str,
    since: DateTime<Utc>,
    convert: fn(serde_json::Value) -> Result<ActivityRecord, String>,
) -> Page<ActivityRecord> {
    let (mut items, defects) = listed.converted(word, 0, convert);
    items.retain(|record| record.happened_at >= since);
    Page {
        items,
        next: None,
        total: None,
        defects,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        for place in [
            Place::Logs(Offset::first(7)),
            Place::Events(Cursor::first(7)),
        ] {
            assert_eq!(Place::parse(&place.cursor()), Some(place));
        }
        for cursor in [
            "",
            r#"{"logs":{"offset":-1,"limit":7}}"#,
            r#"{"logs":{"offset":0,"limit":0}}"#,
            r#"{"events":{"cursor":null,"limit":101}}"#,
        ] {
            assert_eq!(Place::parse(cursor), None, "{cursor}");
        }
    }
}
