//! Listing grants: who is in which group, then what access requests gave. Neither is all that people hold: what they have in the
//! apps themselves is the apps' own knowledge.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::one::strange_cursor;
use super::paging::Numbered;
use super::walk::{Stretch, Walk};
use super::{Api, convert};
use crate::adapters::contract::{AdapterError, Call, Completeness, ListsGrants, Page, PageRequest};
use crate::domain::{ExternalKey, GrantRecord, GrantStatus};

/// Where a listing stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Members(Walk),
    Requests(Numbered),
}

impl Place {
    fn parse(cursor: &str) -> Option<Self> {
        let place = serde_json::from_str(cursor).ok()?;
        let is_sound = match &place {
            Self::Members(walk) => walk.is_sound(),
            Self::Requests(at) => at.is_sound(),
        };
        is_sound.then_some(place)
    }

    fn cursor(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// A page that goes on here.
    fn follows(&self, items: Vec<GrantRecord>, defects: Vec<String>) -> Page<GrantRecord> {
        Page {
            items,
            next: Some(self.cursor()),
            total: None,
            defects,
        }
    }
}

#[async_trait]
impl ListsGrants for Api {
    fn completeness(&self) -> Completeness {
        Completeness::Partial(
            "Lumos lists the members of groups and what was given through its access requests; what people hold in the apps \
             besides is not in its API",
        )
    }

    async fn list_grants(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<GrantRecord>, AdapterError> {
        let place = match page.cursor.as_deref() {
            None => Place::Members(Walk::start(page.size)),
            Some(cursor) => Place::parse(cursor).ok_or_else(strange_cursor)?,
        };
        match place {
            Place::Members(walk) => self.members(call, walk, page.size).await,
            Place::Requests(at) => self.given(call, at).await,
        }
    }
}

impl Api {
    async fn members(
        &self,
        call: &Call,
        mut walk: Walk,
        size: u32,
    ) -> Result<Page<GrantRecord>, AdapterError> {
        let (mut items, mut defects) = (Vec::new(), Vec::new());
        let mut stretch = Stretch::of(call);
        loop {
            if let Some(at) = walk.needs() {
                let groups = self.client.groups(call, at).await?;
                defects.extend(walk.refill("groups", groups)?);
            }
            let mut next = None;
            // A group whose members can't be read is trouble of the page, even if it only went since it was listed.
            if let Some((group, at)) = walk.current() {
                let listed = self.client.members(call, group, at).await?;
                next = listed.next;
                let word = format!("members of group {group}");
                let convert = |raw| convert::member(group, raw);
                let (records, odd) = listed.converted(&word, at.page, convert);
                items = records;
                defects.extend(odd);
            }
            let Some(onward) = walk.after(next) else {
                return Ok(Place::Requests(Numbered::first(size)).follows(items, defects));
            };
            walk = onward;
            if !items.is_empty() || !stretch.goes_on() {
                break;
            }
        }
        Ok(Place::Members(walk).follows(items, defects))
    }

    async fn given(&self, call: &Call, at: Numbered) -> Result<Page<GrantRecord>, AdapterError> {
        let listed = self.client.requests(call, &convert::GIVEN, at).await?;
        let next = listed.next.map(Place::Requests);
        let (records, defects) = listed.converted("access requests", at.page, convert::request);
        Ok(Page {
            items: once_each(records.into_iter().flatten()),
            next: next.as_ref().map(Place::cursor),
            total: None,
            defects,
        })
    }
}

/// Who asked for the same twice holds it once: by the request that still stands, else by the later one.
fn once_each(records: impl Iterator<Item = GrantRecord>) -> Vec<GrantRecord> {
    let mut held: BTreeMap<ExternalKey, GrantRecord> = BTreeMap::new();
    for record in records {
        let key = record.external_key();
        let stands = record.status == GrantStatus::Active;
        let is_held = |known: &GrantRecord| known.status == GrantStatus::Active;
        if stands || !held.get(&key).is_some_and(is_held) {
            held.insert(key, record);
        }
    }
    held.into_values().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn grant(n: u32, status: GrantStatus) -> GrantRecord {
        GrantRecord {
            status,
            ..GrantRecord::held(
                convert::user_key("u-1"),
                convert::permission_key("p-1"),
                json!(n),
            )
        }
    }

    #[test]
    fn what_was_asked_for_twice_is_held_once() {
        use GrantStatus::{Active, Revoking};
        for (statuses, kept) in [
            ([Active, Revoking], 0),
            ([Revoking, Active], 1),
            ([Active, Active], 1),
            ([Revoking, Revoking], 1),
        ] {
            let records = statuses
                .into_iter()
                .zip(0..)
                .map(|(status, n)| grant(n, status));
            let held = once_each(records);
            let raws: Vec<_> = held.iter().map(|record| record.raw.clone()).collect();
            assert_eq!(raws, [json!(kept)], "{statuses:?}");
        }
    }

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        for place in [
            Place::Members(Walk::start(7)),
            Place::Requests(Numbered { page: 3, size: 7 }),
        ] {
            assert_eq!(Place::parse(&place.cursor()), Some(place));
        }
        for cursor in [
            "x",
            r#"{"requests":{"page":0,"size":7}}"#,
            r#"{"groups":{"page":1,"size":7}}"#,
        ] {
            assert_eq!(Place::parse(cursor), None, "{cursor}");
        }
    }
}
