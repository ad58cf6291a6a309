//! Listing and reading entitlements: the tenant's roles, then the platform's permissions.

use std::ops::ControlFlow;

use async_trait::async_trait;
use serde_json::Value;
use uuid::Uuid;

use super::Api;
use super::convert::{self, Key};
use super::read::illegible;
use super::settings::MAX_PAGE_SIZE;
use super::walk::{due, goes_on, walk};
use super::wire::Listing;
use crate::adapters::contract::{
    AdapterError, Call, ListsEntitlements, Page, PageRequest, ReadsEntitlements, Trouble,
};
use crate::domain::{EntitlementRecord, ExternalKey};

#[async_trait]
impl ListsEntitlements for Api {
    async fn list_entitlements(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<EntitlementRecord>, AdapterError> {
        let place = match page.cursor.as_deref() {
            Some(cursor) => Place::parse(cursor).ok_or_else(|| {
                AdapterError::invalid("/cursor", "the cursor is not of a Lightelligence listing")
            })?,
            None => Place {
                part: Part::Roles,
                page: 0,
                size: page.size.clamp(1, MAX_PAGE_SIZE),
            },
        };
        let Place { part, page, size } = place;
        let listing = match part {
            Part::Roles => self.client.list_roles(call, page, size).await?,
            Part::Permissions => self.client.list_permissions(call, page, size).await?,
        };
        Ok(place.page(self.settings.tenant_id, listing))
    }
}

#[async_trait]
impl ReadsEntitlements for Api {
    async fn find_entitlement(
        &self,
        call: &Call,
        key: &ExternalKey,
    ) -> Result<Option<EntitlementRecord>, AdapterError> {
        match convert::key(key) {
            Some(Key::Role(id)) => self.find_role(call, id).await,
            // The vendor reads no single permission: two readings of all of them must agree that it is not there.
            Some(Key::Permission(_)) => match self.listed(call, Part::Permissions, key).await? {
                Some(found) => Ok(Some(found)),
                None => self.listed(call, Part::Permissions, key).await,
            },
            _ => Err(AdapterError::new(
                Trouble::Invalid,
                "the key is not of a Lightelligence role or permission",
            )),
        }
    }
}

impl Api {
    /// The role with this id. The vendor's 404 hides as much as it tells (§3): a role is gone only if this very credential
    /// sees all roles but not this one as well.
    async fn find_role(
        &self,
        call: &Call,
        id: Uuid,
    ) -> Result<Option<EntitlementRecord>, AdapterError> {
        let key = convert::role_key(id);
        // Whoever asks for the deprecated way knows that there is no other.
        if self.settings.legacy_roles {
            return match self.listed(call, Part::Roles, &key).await? {
                Some(found) => Ok(Some(found)),
                None => self.listed(call, Part::Roles, &key).await,
            };
        }
        match self.client.role(call, id).await {
            Ok(raw) => {
                let role = convert::role(self.settings.tenant_id, raw);
                role.map(Some).map_err(|defect| illegible(&defect))
            }
            Err(error) if error.trouble == Trouble::NotFound => {
                self.listed(call, Part::Roles, &key).await
            }
            Err(error) => Err(error),
        }
    }

    /// The entitlement with this key in the whole listing; `None` only if every item could be read.
    async fn listed(
        &self,
        call: &Call,
        part: Part,
        key: &ExternalKey,
    ) -> Result<Option<EntitlementRecord>, AdapterError> {
        let (mut found, mut odd) = (None, None);
        let look = |raw: Value| {
            match part.convert(self.settings.tenant_id, raw) {
                Ok(record) if record.external_key == *key => {
                    found = Some(record);
                    return ControlFlow::Break(());
                }
                Ok(_) => {}
                Err(defect) => {
                    odd.get_or_insert(defect);
                }
            }
            ControlFlow::Continue(())
        };
        match part {
            Part::Roles => {
                walk(
                    |page| self.client.list_roles(call, page, MAX_PAGE_SIZE),
                    look,
                )
                .await?
            }
            Part::Permissions => {
                walk(
                    |page| self.client.list_permissions(call, page, MAX_PAGE_SIZE),
                    look,
                )
                .await?;
            }
        }
        match (found, odd) {
            (None, Some(defect)) => Err(illegible(&defect)),
            (found, _) => Ok(found),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Roles,
    Permissions,
}

impl Part {
    const fn word(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Permissions => "permissions",
        }
    }

    fn convert(self, tenant: Uuid, raw: Value) -> Result<EntitlementRecord, String> {
        match self {
            Self::Roles => convert::role(tenant, raw),
            Self::Permissions => convert::permission(raw),
        }
    }
}

/// Where a listing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) part: Part,
    /// Counts from 0.
    pub(super) page: u32,
    /// Belongs to the place: with another one, page numbers mean other items.
    pub(super) size: u32,
}

impl Place {
    fn parse(cursor: &str) -> Option<Self> {
        let mut words = cursor.split('/');
        let (part, page, size) = (words.next()?, words.next()?, words.next()?);
        let part = [Part::Roles, Part::Permissions]
            .into_iter()
            .find(|known| known.word() == part)?;
        let place = Self {
            part,
            page: page.parse().ok()?,
            size: size.parse().ok()?,
        };
        let is_whole = words.next().is_none() && (1..=MAX_PAGE_SIZE).contains(&place.size);
        is_whole.then_some(place)
    }

    fn cursor(self) -> String {
        format!("{}/{}/{}", self.part.word(), self.page, self.size)
    }

    /// What the answer for this place comes to.
    pub(super) fn page(self, tenant: Uuid, listing: Listing) -> Page<EntitlementRecord> {
        let Listing { data, meta } = listing;
        let (came, what) = (data.len(), self.part.word());
        let mut defects = Vec::new();
        if let Some(due) = due(&meta, self.page, self.size)
            && came as u64 != due
        {
            defects.push(format!(
                "page {} of the {what} has {came} where the vendor's own count makes {due} due",
                self.page
            ));
        }
        let mut items = Vec::with_capacity(came);
        for (index, raw) in data.into_iter().enumerate() {
            match self.part.convert(tenant, raw) {
                Ok(record) => items.push(record),
                Err(defect) => defects.push(format!(
                    "item {} of page {} of the {what}: {defect}",
                    index + 1,
                    self.page
                )),
            }
        }
        let next = if goes_on(&meta, self.page, self.size, came) {
            Some(Self {
                page: self.page + 1,
                ..self
            })
        } else {
            (self.part == Part::Roles).then_some(Self {
                part: Part::Permissions,
                page: 0,
                ..self
            })
        };
        Page {
            items,
            next: next.map(Self::cursor),
            // The vendor counts its permissions and not its roles.
            total: None,
            defects,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::lightelligence::wire::Meta;

    fn listing(count: u128, total: Option<u64>) -> Listing {
        let data = (0..count).map(
            |n| json!({ "id": Uuid::from_u128(n), "name": format!("n{n}"), "alias": "a:read" }),
        );
        Listing {
            data: data.collect(),
            meta: Meta {
                total_size: total,
                ..Meta::default()
            },
        }
    }

    fn at(part: Part, page: u32) -> Place {
        Place {
            part,
            page,
            size: 10,
        }
    }

    fn turned(place: Place, listing: Listing) -> (usize, Option<String>, usize) {
        let page = place.page(Uuid::nil(), listing);
        (page.items.len(), page.next, page.defects.len())
    }

    #[test]
    fn the_permissions_follow_the_roles() {
        let cursor = |text: &str| Some(text.to_owned());
        let full = turned(at(Part::Roles, 0), listing(10, None));
        assert_eq!(full, (10, cursor("roles/1/10"), 0));
        let short = turned(at(Part::Roles, 1), listing(3, None));
        assert_eq!(short, (3, cursor("permissions/0/10"), 0));
        let counted = turned(at(Part::Permissions, 0), listing(10, Some(12)));
        assert_eq!(counted, (10, cursor("permissions/1/10"), 0));
        let last = turned(at(Part::Permissions, 1), listing(2, Some(12)));
        assert_eq!(last, (2, None, 0));
        let too_few = turned(at(Part::Permissions, 1), listing(1, Some(12)));
        assert_eq!(too_few, (1, None, 1));
    }

    #[test]
    fn a_bad_item_costs_itself_only() {
        let mut two = listing(2, None);
        two.data[0] = json!({ "id": "x" });
        let page = at(Part::Roles, 0).page(Uuid::nil(), two);
        assert_eq!(page.items.len(), 1);
        assert!(page.defects[0].starts_with("item 1 of page 0 of the roles"));
    }

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        for one in [at(Part::Roles, 7), at(Part::Permissions, 0)] {
            assert_eq!(Place::parse(&one.cursor()), Some(one));
        }
        for cursor in [
            "",
            "roles",
            "roles/1",
            "roles/1/0",
            "roles/1/101",
            "users/1/10",
            "roles/1/10/3",
        ] {
            assert_eq!(Place::parse(cursor), None, "{cursor}");
        }
    }
}
