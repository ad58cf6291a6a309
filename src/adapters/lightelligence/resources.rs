//! The one resource of a connection: its tenant.

use async_trait::async_trait;

use super::Api;
use super::convert::{self, Key};
use crate::adapters::contract::{
    AdapterError, Call, ListsResources, Page, PageRequest, ReadsResources, Trouble,
};
use crate::domain::{ExternalKey, ResourceRecord};

#[async_trait]
impl ListsResources for Api {
    async fn list_resources(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<ResourceRecord>, AdapterError> {
        if page.cursor.is_some() {
            return Err(AdapterError::invalid(
                "/cursor",
                "the resources of a Lightelligence connection are one page",
            ));
        }
        let (items, defects) = match convert::tenant(self.client.tenant(call).await?) {
            Ok(tenant) => (vec![tenant], Vec::new()),
            Err(defect) => (Vec::new(), vec![format!("the tenant: {defect}")]),
        };
        Ok(Page {
            items,
            next: None,
            total: Some(1),
            defects,
        })
    }
}

#[async_trait]
impl ReadsResources for Api {
    /// Never `None`: a tenant that is not there can't be told from one that this credential may not see (§3).
    async fn find_resource(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<ResourceRecord>, AdapterError> {
        match convert::key(key) {
            Some(Key::Tenant(id)) if id == self.settings.tenant_id => {}
            Some(Key::Tenant(_)) => {
                return Err(AdapterError::new(
                    Trouble::Unsupported,
                    "this is not the tenant of the connection, and no other can be read with its tokens",
                ));
            }
            _ => {
                return Err(AdapterError::new(
                    Trouble::Invalid,
                    "the key is not of a Lightelligence tenant",
                ));
            }
        }
        let tenant = convert::tenant(self.client.tenant(call).await?);
        tenant.map(Some).map_err(|defect| {
            let words = format!("Lightelligence's tenant can't be read: {defect}");
            AdapterError::new(Trouble::Malformed, words)
        })
    }
}
