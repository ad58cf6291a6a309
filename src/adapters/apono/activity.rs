//! What was asked for, from a list that has no pages and can be narrowed by time: read window by window (§7.13).

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::pages::{page, records};
use super::place::{InActivity, cursor, place};
use super::{Api, convert};
use crate::adapters::contract::{AdapterError, Call, ListsActivity, Page, PageRequest};
use crate::domain::ActivityRecord;

/// The first window. A window that comes whole doubles the next one, one that is cut off halves it.
const FIRST_SPAN: i64 = 24 * 3600;
const WIDEST_SPAN: i64 = 32 * FIRST_SPAN;

#[async_trait]
impl ListsActivity for Api {
    async fn list_activity(
        &self,
        call: &Call,
        since: DateTime<Utc>,
        wanted: &PageRequest,
    ) -> Result<Page<ActivityRecord>, AdapterError> {
        self.activity_at(call, since, wanted, Utc::now()).await
    }
}

impl Api {
    pub(super) async fn activity_at(
        &self,
        call: &Call,
        since: DateTime<Utc>,
        wanted: &PageRequest,
        now: DateTime<Utc>,
    ) -> Result<Page<ActivityRecord>, AdapterError> {
        let start = InActivity {
            from: since.timestamp(),
            span: FIRST_SPAN,
        };
        let InActivity { from, span } = place(wanted.cursor.as_deref(), start)?;
        let span = span.clamp(1, WIDEST_SPAN);
        let to = from.saturating_add(span);
        let listed = self.client.activity(call, from, to).await?;
        let mut defects = Vec::new();
        if listed.is_cut_off() {
            if span > 1 {
                let half = InActivity {
                    from,
                    span: span / 2,
                };
                return Ok(page(Vec::new(), Some(cursor(&half)), defects));
            }
            defects.push("Apono reports more in one second than it shows at once".to_owned());
        }
        let mut items = records("report", listed.data, convert::report, &mut defects);
        items.retain(|report| report.happened_at >= since);
        // The windows share a second, for nobody says whether an end is a part of its window.
        let next = (to <= now.timestamp()).then(|| {
            cursor(&InActivity {
                from: to,
                span: (span * 2).min(WIDEST_SPAN),
            })
        });
        Ok(page(items, next, defects))
    }
}
