//! Listing and reading resources: the tenant's apps, those included that are disconnected and still on record.

use async_trait::async_trait;

use super::convert::Named;
use super::one::{as_asked, strange_cursor, unless_gone};
use super::paging::Numbered;
use super::{Api, convert};
use crate::adapters::contract::{
    AdapterError, Call, ListsResources, Page, PageRequest, ReadsResources,
};
use crate::domain::{ExternalKey, ResourceRecord};

#[async_trait]
impl ListsResources for Api {
    async fn list_resources(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<ResourceRecord>, AdapterError> {
        let place = match page.cursor.as_deref() {
            None => Numbered::first(page.size),
            Some(cursor) => serde_json::from_str(cursor)
                .ok()
                .filter(|place: &Numbered| place.is_sound())
                .ok_or_else(strange_cursor)?,
        };
        let listed = self.client.apps(call, place).await?;
        let (next, total) = (listed.next, listed.total);
        let (items, defects) = listed.converted("apps", place.page, convert::app);
        Ok(Page {
            items,
            next: next.map(|place| place.cursor()),
            total,
            defects,
        })
    }
}

#[async_trait]
impl ReadsResources for Api {
    async fn find_resource(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<ResourceRecord>, AdapterError> {
        let Some(Named::App(id)) = convert::named(key) else {
            return Err(AdapterError::invalid(
                "/external_key",
                "the key is not of an app of a Lumos tenant",
            ));
        };
        let read = self.client.app(call, &id).await;
        let raw = unless_gone(read, self.client.apps(call, Numbered::first(1))).await?;
        raw.map(|raw| as_asked("app", &id, convert::app(raw), |app| app.external_id.clone()))
            .transpose()
    }
}
