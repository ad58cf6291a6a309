//! Listing resources and entitlements. A connector reads neither of them alone.

use async_trait::async_trait;

use super::client::Listing;
use super::{Connector, convert};
use crate::adapters::contract::{
    AdapterError, Call, ListsEntitlements, ListsResources, Page, PageRequest,
};
use crate::domain::{EntitlementRecord, ResourceRecord};

#[async_trait]
impl ListsResources for Connector {
    async fn list_resources(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<ResourceRecord>, AdapterError> {
        let listing = Listing::resources();
        self.converted(call, &listing, page, convert::resource)
            .await
    }
}

#[async_trait]
impl ListsEntitlements for Connector {
    async fn list_entitlements(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<EntitlementRecord>, AdapterError> {
        if page.cursor.is_none() {
            self.learned.forget_attributes().await;
        }
        let attributes = self.attributes_of(call, "entitlement").await?;
        let description = self.description(call).await?;
        let listing = Listing::entitlements(&attributes);
        let convert = |item: &_| convert::entitlement(item, &description.types);
        self.converted(call, &listing, page, convert).await
    }
}
