//! What happened: logs by limit and offset, changes of users by cursor (contract §A2, §A4).

use std::borrow::Cow;

use axum::{
    extract::{RawQuery, State},
    response::Json,
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    errors::Error, front::Main, pages::MAX_SIZE, query::Query, quirks::Quirks, state::State as Held,
};
use crate::simulators::kit::{Call, paging};

/// `ActivityLog`.
#[derive(Debug, Clone)]
pub(super) struct Log {
    pub(super) hash: String,
    pub(super) kind: Cow<'static, str>,
    pub(super) title: Cow<'static, str>,
    pub(super) outcome: Cow<'static, str>,
    /// A user; a rule, if none.
    pub(super) actor: Option<Uuid>,
    pub(super) target: String,
    /// Some have none; they count as the oldest.
    pub(super) at: Option<DateTime<Utc>>,
}

impl Log {
    /// As the service was seen to say it: the actor by name and address, without an id.
    fn show(&self, state: &Held, quirks: &Quirks) -> Value {
        let actor = self.actor.and_then(|id| state.users.find(id));
        let actor = match actor {
            Some(user) => json!({
                "actor_type": "Lumos user",
                "email": user.email,
                "given_name": user.given_name,
                "family_name": user.family_name
            }),
            None => json!({ "actor_type": "System" }),
        };
        json!({
            "event_hash": self.hash,
            "event_type": self.kind,
            "event_type_user_friendly": self.title,
            "outcome": self.outcome,
            "targets": [{ "target_type": "Account", "name": self.target }],
            "actor": actor,
            "event_began_at": self.at.map(|at| quirks.account_time(at)),
            "event_metadata": {},
        })
    }
}

/// Newest first.
pub(super) async fn logs(
    State(main): State<Main>,
    call: Call,
    RawQuery(raw): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(raw.as_deref());
    let (since, until) = (query.time("since"), query.time("until"));
    let limit = query.number("limit", 50, 1, Some(MAX_SIZE));
    let offset = query.number("offset", 0, 0, None);
    query.check()?;
    let fault = call.page_fault();
    main.world.read(|state| {
        let logs = &state.main.logs;
        let from = match since {
            Some(since) => logs.partition_point(|log| log.at < Some(since)),
            None => 0,
        };
        let to = match until {
            Some(until) => logs.partition_point(|log| log.at <= Some(until)),
            None => logs.len(),
        };
        let logs = &logs[from..to.max(from)];
        let page = paging::offset(logs.len(), offset, limit, fault);
        let rows = logs
            .iter()
            .rev()
            .skip(page.rows.start)
            .take(page.rows.len());
        let items: Vec<Value> = rows
            .map(|log| log.show(&state.main, &main.quirks))
            .collect();
        let link = |offset: usize| link(raw.as_deref(), limit, offset);
        let last = page.total.saturating_sub(1) / limit * limit;
        let next = offset.saturating_add(limit);
        Ok(Json(json!({
            "items": items,
            "total": page.total,
            "limit": limit,
            "offset": offset,
            "links": {
                "first": link(0),
                "last": link(last),
                "self": link(offset),
                "next": (next < page.total).then(|| link(next)),
                "prev": (offset > 0).then(|| link(offset.saturating_sub(limit))),
            }
        })))
    })
}

/// The same call at another offset.
fn link(query: Option<&str>, limit: usize, offset: usize) -> String {
    let kept = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(name, _)| name != "limit" && name != "offset");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .append_pair("limit", &limit.to_string())
        .append_pair("offset", &offset.to_string())
        .finish();
    format!("/activity_logs?{query}")
}

/// `IdentityEvent`.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) at: DateTime<Utc>,
    pub(super) field: String,
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
}

impl Event {
    fn show(&self, quirks: &Quirks) -> Value {
        json!({
            "id": self.id,
            "user_id": self.user_id,
            "detected_time": quirks.time(self.at),
            "changed_field": self.field,
            "old_field_value": self.before,
            "new_field_value": self.after,
        })
    }
}

/// Oldest first. The cursor carries no filters: they come along with it.
pub(super) async fn events(
    State(main): State<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    const MOST: usize = 1000;
    let mut query = Query::new(query.as_deref());
    let (start, end) = (query.time("start_time"), query.time("end_time"));
    let limit = query.number("limit", 100, 1, None).min(MOST);
    let users = query.texts("identity_ids");
    let fields = query.texts("changed_fields");
    let cursor = query.text("cursor").filter(|cursor| !cursor.is_empty());
    let from = cursor
        .map(|cursor| key(cursor).ok_or(Error::BadCursor))
        .transpose();
    query.check()?;
    let from = from?.unwrap_or(0);
    let fault = call.page_fault();
    let takes = |event: &Event| {
        start.is_none_or(|bound| event.at >= bound)
            && end.is_none_or(|bound| event.at <= bound)
            && (users.is_empty() || users.contains(&event.user_id.to_string()))
            && (fields.is_empty() || fields.contains(&event.field))
    };
    main.world.read(|state| {
        let events = &state.main.events;
        let all = (0..).zip(events).filter(|(_, event)| takes(event));
        let total = all.clone().count();
        let page = paging::keyed(all.filter(|(key, _)| *key >= from), from, limit, fault);
        let shown: Vec<Value> = page
            .rows
            .iter()
            .map(|event| event.show(&main.quirks))
            .collect();
        Ok(Json(json!({
            "identity_events": shown,
            "next_cursor": page.next.map(cursor_of),
            "total_count": total,
        })))
    })
}

const CURSOR: &[u8] = b"event:";

fn cursor_of(key: u64) -> String {
    hex::encode([CURSOR, key.to_string().as_bytes()].concat())
}

fn key(cursor: &str) -> Option<u64> {
    let bytes = hex::decode(cursor).ok()?;
    let key = bytes.strip_prefix(CURSOR)?;
    std::str::from_utf8(key).ok()?.parse().ok()
}
