//! What can be held at Apono: the membership of groups, bundles, and permissions on resources.
//!
//! Permissions on resources come from the list of what the owner of the personal token may ask for, or from the inventory of
//! each integration (§10). Both know a resource and a permission by the same ids, so that the keys are the same.

mod update;

use async_trait::async_trait;
use serde_json::Value;

use super::Api;
use super::client::Place;
use super::convert::{self, EntitlementKey};
use super::pages::{malformed, next, page, records, whole};
use super::place::{InEntitlements, Token, cursor, place};
use super::resources::WENT;
use super::settings::Source;
use crate::adapters::contract::{
    AdapterError, Call, ListsEntitlements, Page, PageRequest, ReadsEntitlements, Trouble,
};
use crate::domain::{EntitlementRecord, ExternalKey};

#[async_trait]
impl ListsEntitlements for Api {
    async fn list_entitlements(
        &self,
        call: &Call,
        wanted: &PageRequest,
    ) -> Result<Page<EntitlementRecord>, AdapterError> {
        let start = InEntitlements::Groups { token: None };
        match place(wanted.cursor.as_deref(), start)? {
            InEntitlements::Groups { token } => {
                let listed = self.client.groups(call, self.place(wanted, &token)).await?;
                let mut defects = Vec::new();
                let items = records("group", listed.items, convert::group, &mut defects);
                let next = match next(listed.pagination, token.as_deref(), &mut defects) {
                    Some(token) => InEntitlements::Groups { token: Some(token) },
                    None => InEntitlements::Bundles { token: None },
                };
                Ok(page(items, Some(cursor(&next)), defects))
            }
            InEntitlements::Bundles { token } => {
                let listed = self
                    .client
                    .bundles(call, self.place(wanted, &token))
                    .await?;
                let mut defects = Vec::new();
                let items = records("bundle", listed.items, convert::bundle, &mut defects);
                let next = match next(listed.pagination, token.as_deref(), &mut defects) {
                    Some(token) => InEntitlements::Bundles { token: Some(token) },
                    None => self.permissions(),
                };
                Ok(page(items, Some(cursor(&next)), defects))
            }
            InEntitlements::Available { token } => {
                let asked = self.place(wanted, &token);
                let listed = self.client.available_entitlements(call, asked).await?;
                let mut defects = Vec::new();
                let items = records(
                    "entitlement",
                    listed.items,
                    convert::available,
                    &mut defects,
                );
                let next = next(listed.pagination, token.as_deref(), &mut defects);
                let next =
                    next.map(|token| cursor(&InEntitlements::Available { token: Some(token) }));
                Ok(page(items, next, defects))
            }
            InEntitlements::Inventory { token, after } => {
                let most = self.page_size.min(wanted.size.max(1)) as usize;
                self.inventory_page(call, token, after, most).await
            }
        }
    }
}

#[async_trait]
impl ReadsEntitlements for Api {
    async fn find_entitlement(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<EntitlementRecord>, AdapterError> {
        let record = match EntitlementKey::read(key) {
            Some(EntitlementKey::Group(id)) => self.group(call, &id).await?,
            Some(EntitlementKey::Bundle(id)) => match self.client.bundle(call, &id).await {
                Ok(raw) => Some(usable(convert::bundle(raw))?),
                Err(error) if error.trouble == Trouble::NotFound => {
                    // As in `confirm_gone`: what is listed proves the place and the token right.
                    self.client.bundles(call, Place::First(1)).await?;
                    None
                }
                Err(error) => return Err(error),
            },
            Some(EntitlementKey::Pair) => {
                return Err(AdapterError::new(
                    Trouble::Unsupported,
                    "Apono shows a permission on a resource in lists only",
                ));
            }
            None => {
                return Err(AdapterError::new(
                    Trouble::Invalid,
                    "the key is not of an entitlement of Apono",
                ));
            }
        };
        match record {
            Some(record) if record.external_key != *key => Err(malformed(
                "Apono answered with another entitlement than the one asked for",
            )),
            record => Ok(record),
        }
    }
}

impl Api {
    /// The group, or `None` when it is gone.
    pub(super) async fn group(
        &self,
        call: &Call,
        id: &str,
    ) -> Result<Option<EntitlementRecord>, AdapterError> {
        match self.client.group(call, id).await {
            Ok(raw) => usable(convert::group(raw)).map(Some),
            Err(error) if error.trouble == Trouble::NotFound => {
                self.client.groups(call, Place::First(1)).await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Where the permissions on resources come from.
    fn permissions(&self) -> InEntitlements {
        match self.source {
            Source::AvailableAccess if self.client.has_personal_token() => {
                InEntitlements::Available { token: None }
            }
            Source::AvailableAccess | Source::Inventory => InEntitlements::Inventory {
                token: None,
                after: None,
            },
        }
    }

    /// Some of the pairs of one integration, which is asked for again for the rest: its lists have no pages (§3). Resources go by
    /// their ids, so that what comes and goes between two pages moves nothing else.
    async fn inventory_page(
        &self,
        call: &Call,
        token: Token,
        after: Option<String>,
        most: usize,
    ) -> Result<Page<EntitlementRecord>, AdapterError> {
        let listed = self.one_integration(call, &token).await?;
        let (mut items, mut defects) = (Vec::new(), Vec::new());
        let mut last = None;
        for integration in &listed.items {
            let record = match convert::integration(integration.clone()) {
                Ok(record) => record,
                Err(defect) => {
                    defects.push(format!("an integration: {defect}"));
                    continue;
                }
            };
            if convert::is_source(&record) {
                continue;
            }
            let Some((mut resources, permissions)) = self
                .inventory(call, &record.external_id, &mut defects)
                .await?
            else {
                defects.push(WENT.to_owned());
                continue;
            };
            resources.sort_by_cached_key(|raw| resource_id(raw).to_owned());
            let after = after.as_deref().unwrap_or_default();
            let rest = resources
                .iter()
                .filter(|raw| after.is_empty() || resource_id(raw) > after);
            for resource in rest {
                if items.len() >= most {
                    break;
                }
                for permission in &permissions {
                    match convert::inventory_pair(integration, resource, permission) {
                        Ok(pair) => items.extend(pair),
                        Err(defect) => {
                            defects.push(format!("a permission on a resource: {defect}"))
                        }
                    }
                }
                last = Some(resource_id(resource).to_owned());
            }
            let end = resources.last().map(resource_id);
            if last.is_some() && last.as_deref() != end {
                let next = InEntitlements::Inventory { token, after: last };
                return Ok(page(items, Some(cursor(&next)), defects));
            }
        }
        let next = next(listed.pagination, token.as_deref(), &mut defects).map(|token| {
            cursor(&InEntitlements::Inventory {
                token: Some(token),
                after: None,
            })
        });
        Ok(page(items, next, defects))
    }

    /// Resources and permissions of an integration; `None`, where it went since it was listed.
    async fn inventory(
        &self,
        call: &Call,
        id: &str,
        defects: &mut Vec<String>,
    ) -> Result<Option<(Vec<Value>, Vec<Value>)>, AdapterError> {
        let listed = async {
            let resources = self.client.integration_resources(call, id).await?;
            let permissions = self.client.integration_permissions(call, id).await?;
            Ok::<_, AdapterError>((resources, permissions))
        };
        match listed.await {
            Ok((resources, permissions)) => Ok(Some((
                whole("resources", resources, defects),
                whole("permissions", permissions, defects),
            ))),
            Err(error) if error.trouble == Trouble::NotFound => {
                match self.integration(call, id).await? {
                    None => Ok(None),
                    Some(_) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }
}

fn resource_id(raw: &Value) -> &str {
    raw["id"].as_str().unwrap_or_default()
}

fn usable(read: Result<EntitlementRecord, String>) -> Result<EntitlementRecord, AdapterError> {
    read.map_err(|defect| malformed(format!("Apono's answer can't be used: {defect}")))
}
