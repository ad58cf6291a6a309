//! Integrations with what is in them, and access scopes.

use async_trait::async_trait;

use super::Api;
use super::client::Place;
use super::convert::{self, ResourceKey};
use super::pages::{malformed, next, page, records, whole};
use super::place::{InResources, Token, cursor, place};
use super::wire::TokenPage;
use crate::adapters::contract::{
    AdapterError, Call, ListsResources, Page, PageRequest, ReadsResources, Trouble,
};
use crate::domain::{ExternalKey, ResourceRecord};

/// What is in an integration is not listed then, and may be there all the same.
pub(super) const WENT: &str =
    "an integration went while it was listed, and what was in it is not listed";

#[async_trait]
impl ListsResources for Api {
    async fn list_resources(
        &self,
        call: &Call,
        wanted: &PageRequest,
    ) -> Result<Page<ResourceRecord>, AdapterError> {
        let start = InResources::Integrations { token: None };
        match place(wanted.cursor.as_deref(), start)? {
            InResources::Integrations { token } => self.integrations_page(call, token).await,
            InResources::Scopes { token } => {
                let asked = self.place(wanted, &token);
                let listed = self.client.access_scopes(call, asked).await?;
                let mut defects = Vec::new();
                let items = records(
                    "access scope",
                    listed.items,
                    convert::access_scope,
                    &mut defects,
                );
                let next = next(listed.pagination, token.as_deref(), &mut defects);
                let next = next.map(|token| cursor(&InResources::Scopes { token: Some(token) }));
                Ok(page(items, next, defects))
            }
        }
    }
}

#[async_trait]
impl ReadsResources for Api {
    async fn find_resource(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<ResourceRecord>, AdapterError> {
        let known = ResourceKey::read(key).ok_or_else(|| {
            AdapterError::new(Trouble::Invalid, "the key is not of a resource of Apono")
        })?;
        match known {
            ResourceKey::Integration(id) => self.integration(call, &id).await,
            ResourceKey::Resource(integration, id) => self.resource(call, &integration, &id).await,
            ResourceKey::Scope(id) => {
                let read = match self.client.access_scope(call, &id).await {
                    Ok(raw) => Some(raw),
                    Err(error) if error.trouble == Trouble::NotFound => {
                        // As in `confirm_gone`: scopes that are listed prove the place and the token right.
                        self.client.access_scopes(call, Place::First(1)).await?;
                        None
                    }
                    Err(error) => return Err(error),
                };
                read.map(|raw| this(convert::access_scope(raw), key))
                    .transpose()
            }
        }
    }
}

impl Api {
    /// One integration and everything in it: there is one list of that, without pages.
    async fn integrations_page(
        &self,
        call: &Call,
        token: Token,
    ) -> Result<Page<ResourceRecord>, AdapterError> {
        let listed = self.one_integration(call, &token).await?;
        let mut defects = Vec::new();
        let found = records(
            "integration",
            listed.items,
            convert::integration,
            &mut defects,
        );
        let mut items = Vec::new();
        for integration in found {
            let id = integration.external_id.clone();
            let has_resources = !convert::is_source(&integration);
            items.push(integration);
            if has_resources {
                let parts = self.parts(call, &id, &mut defects).await?;
                let parts = parts.unwrap_or_else(|| {
                    defects.push(WENT.to_owned());
                    Vec::new()
                });
                let convert = |raw| convert::resource(raw, &id);
                items.extend(records("resource", parts, convert, &mut defects));
            }
        }
        let next = match next(listed.pagination, token.as_deref(), &mut defects) {
            Some(token) => InResources::Integrations { token: Some(token) },
            None => InResources::Scopes { token: None },
        };
        Ok(page(items, Some(cursor(&next)), defects))
    }

    /// A page of one integration: so that no page of ours holds what is in several.
    pub(super) async fn one_integration(
        &self,
        call: &Call,
        token: &Token,
    ) -> Result<TokenPage, AdapterError> {
        let asked = match token {
            None => Place::First(1),
            Some(token) => Place::Token(token),
        };
        let listed = self.client.integrations(call, asked).await?;
        if listed.items.len() > 1 {
            return Err(malformed(
                "Apono listed several integrations where one was asked for",
            ));
        }
        Ok(listed)
    }

    /// What is in an integration; `None` where the integration is proven gone.
    async fn parts(
        &self,
        call: &Call,
        id: &str,
        defects: &mut Vec<String>,
    ) -> Result<Option<Vec<serde_json::Value>>, AdapterError> {
        match self.client.integration_resources(call, id).await {
            Ok(listed) => Ok(Some(whole("resources", listed, defects))),
            Err(error) if error.trouble == Trouble::NotFound => {
                match self.integration(call, id).await? {
                    None => Ok(None),
                    Some(_) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn integration(
        &self,
        call: &Call,
        id: &str,
    ) -> Result<Option<ResourceRecord>, AdapterError> {
        match self.client.integration(call, id).await {
            Ok(raw) => {
                let record = convert::integration(raw).map_err(|defect| {
                    malformed(format!("Apono's integration can't be used: {defect}"))
                })?;
                if record.external_id == id {
                    return Ok(Some(record));
                }
                Err(malformed(
                    "Apono answered with another integration than the one asked for",
                ))
            }
            Err(error) if error.trouble == Trouble::NotFound => {
                self.client.integrations(call, Place::First(1)).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// One resource, which no single reading shows: the list of all that is in its integration does.
    async fn resource(
        &self,
        call: &Call,
        integration_id: &str,
        id: &str,
    ) -> Result<Option<ResourceRecord>, AdapterError> {
        let mut defects = Vec::new();
        let Some(parts) = self.parts(call, integration_id, &mut defects).await? else {
            return Ok(None);
        };
        let found = parts.into_iter().find(|raw| raw["id"].as_str() == Some(id));
        match found {
            Some(raw) => convert::resource(raw, integration_id)
                .map(Some)
                .map_err(|defect| malformed(format!("Apono's resource can't be used: {defect}"))),
            None => match defects.pop() {
                None => Ok(None),
                Some(defect) => Err(malformed(defect)),
            },
        }
    }
}

/// The thing that was asked for, and no other.
fn this(
    read: Result<ResourceRecord, String>,
    key: &ExternalKey,
) -> Result<ResourceRecord, AdapterError> {
    let record =
        read.map_err(|defect| malformed(format!("Apono's answer can't be used: {defect}")))?;
    if record.external_key == *key {
        return Ok(record);
    }
    Err(malformed(
        "Apono answered with another thing than the one asked for",
    ))
}
