//! Listing and reading entitlements: what can be asked for, app by app, then the groups.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::convert::Named;
use super::one::{as_asked, strange_cursor, unless_gone};
use super::paging::Numbered;
use super::walk::{Stretch, Walk};
use super::{Api, convert};
use crate::adapters::contract::{
    AdapterError, Call, ListsEntitlements, Page, PageRequest, ReadsEntitlements,
};
use crate::domain::{EntitlementRecord, ExternalKey};

/// Where a listing stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Permissions(Walk),
    Groups(Numbered),
}

impl Place {
    fn parse(cursor: &str) -> Option<Self> {
        let place = serde_json::from_str(cursor).ok()?;
        let is_sound = match &place {
            Self::Permissions(walk) => walk.is_sound(),
            Self::Groups(at) => at.is_sound(),
        };
        is_sound.then_some(place)
    }

    fn cursor(&self) -> String {
        serde_json::json!(self).to_string()
    }

    /// A page that goes on here.
    fn follows(
        &self,
        items: Vec<EntitlementRecord>,
        defects: Vec<String>,
    ) -> Page<EntitlementRecord> {
        Page {
            items,
            next: Some(self.cursor()),
            total: None,
            defects,
        }
    }
}

#[async_trait]
impl ListsEntitlements for Api {
    async fn list_entitlements(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<EntitlementRecord>, AdapterError> {
        let place = match page.cursor.as_deref() {
            None => Place::Permissions(Walk::start(page.size)),
            Some(cursor) => Place::parse(cursor).ok_or_else(strange_cursor)?,
        };
        match place {
            Place::Permissions(walk) => self.permissions(call, walk, page.size).await,
            Place::Groups(at) => self.groups(call, at).await,
        }
    }
}

impl Api {
    async fn permissions(
        &self,
        call: &Call,
        mut walk: Walk,
        size: u32,
    ) -> Result<Page<EntitlementRecord>, AdapterError> {
        let (mut items, mut defects) = (Vec::new(), Vec::new());
        let mut stretch = Stretch::of(call);
        loop {
            if let Some(at) = walk.needs() {
                let apps = self.client.apps(call, at).await?;
                defects.extend(walk.refill("apps", apps)?);
            }
            let mut next = None;
            if let Some((app, at)) = walk.current() {
                let listed = self.client.permissions(call, app, at).await?;
                next = listed.next;
                let word = format!("permissions of app {app}");
                let (records, odd) = listed.converted(&word, at.page, convert::permission);
                items = records;
                defects.extend(odd);
            }
            let Some(onward) = walk.after(next) else {
                return Ok(Place::Groups(Numbered::first(size)).follows(items, defects));
            };
            walk = onward;
            if !items.is_empty() || !stretch.goes_on() {
                break;
            }
        }
        Ok(Place::Permissions(walk).follows(items, defects))
    }

    async fn groups(
        &self,
        call: &Call,
        at: Numbered,
    ) -> Result<Page<EntitlementRecord>, AdapterError> {
        let listed = self.client.groups(call, at).await?;
        let next = listed.next.map(Place::Groups);
        let (items, defects) = listed.converted("groups", at.page, convert::group);
        Ok(Page {
            items,
            next: next.as_ref().map(Place::cursor),
            total: None,
            defects,
        })
    }
}

#[async_trait]
impl ReadsEntitlements for Api {
    async fn find_entitlement(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<EntitlementRecord>, AdapterError> {
        let first = Numbered::first(1);
        let id = |record: &EntitlementRecord| record.external_id.clone();
        match convert::named(key) {
            Some(Named::Permission(asked)) => {
                let read = self.client.permission(call, &asked).await;
                let raw = unless_gone(read, self.client.store_apps(call, first)).await?;
                raw.map(|raw| {
                    let record = convert::permission(raw);
                    as_asked("permission", &asked, record, id)
                })
                .transpose()
            }
            Some(Named::Group(asked)) => {
                let read = self.client.group(call, &asked).await;
                let raw = unless_gone(read, self.client.groups(call, first)).await?;
                raw.map(|raw| as_asked("group", &asked, convert::group(raw), id))
                    .transpose()
            }
            _ => Err(AdapterError::invalid(
                "/external_key",
                "the key is not of a permission or a group of a Lumos tenant",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        for place in [
            Place::Permissions(Walk::start(7)),
            Place::Groups(Numbered { page: 3, size: 7 }),
        ] {
            assert_eq!(Place::parse(&place.cursor()), Some(place));
        }
        for cursor in [
            "",
            "{}",
            r#"{"groups":{"page":0,"size":7}}"#,
            r#"{"groups":{"page":1,"size":500}}"#,
            r#"{"permissions":{"left":[".."],"wholes":null,"parts":{"page":1,"size":7}}}"#,
            r#"{"members":{"page":1,"size":7}}"#,
        ] {
            assert_eq!(Place::parse(cursor), None, "{cursor}");
        }
    }
}
