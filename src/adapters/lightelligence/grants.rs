//! Who holds which role. What an invite offers nobody holds yet.

use std::ops::ControlFlow;

use async_trait::async_trait;
use uuid::Uuid;

use super::Api;
use super::convert::{self, Held, Key, Named};
use super::judge::has_status;
use super::read::illegible;
use super::settings::MAX_PAGE_SIZE;
use super::walk::{due, goes_on, walk};
use super::wire::Listing;
use crate::adapters::contract::{
    AdapterError, Call, Completeness, ListsGrants, Page, PageRequest, Pair, ReadsGrants, Trouble,
};
use crate::domain::GrantRecord;

/// How many users are asked about one by one for a page, where their rows show no roles.
const ASKED_ONE_BY_ONE: usize = 10;

#[async_trait]
impl ListsGrants for Api {
    fn completeness(&self) -> Completeness {
        Completeness::Whole
    }

    /// The users in their pages, each with the roles that the row shows; whose row shows none is asked about.
    async fn list_grants(
        &self,
        call: &Call,
        page: &PageRequest,
    ) -> Result<Page<GrantRecord>, AdapterError> {
        let place = match page.cursor.as_deref() {
            Some(cursor) => Place::parse(cursor).ok_or_else(|| {
                AdapterError::invalid("/cursor", "the cursor is not of a Lightelligence listing")
            })?,
            None => Place {
                page: 0,
                size: page.size.clamp(1, MAX_PAGE_SIZE),
                done: 0,
            },
        };
        let Listing { data, meta } = self.client.list_users(call, place.page, place.size).await?;
        let came = data.len();
        let mut listed = Page {
            items: Vec::new(),
            next: place.after(goes_on(&meta, place.page, place.size, came)),
            // Users are counted, grants are not.
            total: None,
            defects: Vec::new(),
        };
        if let Some(due) = due(&meta, place.page, place.size)
            && came as u64 != due
            && place.done == 0
        {
            listed.defects.push(format!(
                "page {} of the users has {came} where the vendor's own count makes {due} due",
                place.page
            ));
        }
        let mut asked = 0;
        for (index, raw) in data.iter().enumerate().skip(place.done) {
            let shown = convert::roles_of_user(raw);
            if matches!(shown, Ok((_, None))) {
                if asked == ASKED_ONE_BY_ONE {
                    listed.next = Some(
                        Place {
                            done: index,
                            ..place
                        }
                        .cursor(),
                    );
                    break;
                }
                asked += 1;
            }
            let roles = match shown {
                Ok((user, roles)) => self.grants_of(call, user, roles).await?,
                Err(defect) => Err(defect),
            };
            match roles {
                Ok(grants) => listed.items.extend(grants),
                Err(defect) => listed.defects.push(format!(
                    "item {} of page {} of the users: {defect}",
                    index + 1,
                    place.page
                )),
            }
        }
        Ok(listed)
    }
}

#[async_trait]
impl ReadsGrants for Api {
    async fn find_grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Option<GrantRecord>, AdapterError> {
        let account = convert::key(&pair.account.external_key);
        match (account, convert::key(&pair.entitlement.external_key)) {
            (Some(Key::User(user)), Some(Key::Role(role))) => {
                let roles = self.roles_of(call, user).await?.unwrap_or_default();
                let held = roles.into_iter().find(|held| held.id == role);
                Ok(held.map(|held| convert::grant(user, held)))
            }
            (Some(Key::Invite(_)), Some(Key::Role(_))) => Ok(None),
            (_, Some(Key::Permission(_))) => Err(AdapterError::unsupported(
                "/entitlement_id",
                "Lightelligence gives permissions with roles; whose they are alone can't be read",
            )),
            _ => Err(AdapterError::new(
                Trouble::Invalid,
                "the keys are not of a Lightelligence user and role",
            )),
        }
    }
}

impl Api {
    /// What a user holds, who is listed with these roles or with none shown; or why that can't be read.
    async fn grants_of(
        &self,
        call: &Call,
        user: Uuid,
        shown: Option<Vec<Named>>,
    ) -> Result<Result<Vec<GrantRecord>, String>, AdapterError> {
        let roles = match shown {
            Some(named) => self.resolved(call, named).await?,
            None => {
                let named = self.roles_alone(call, user).await.map_err(|error| {
                    match error.trouble {
                        Trouble::NotFound => AdapterError {
                            trouble: Trouble::Malformed,
                            message: format!(
                                "Lightelligence lists the user {user} and shows no roles of theirs, there or alone"
                            ),
                            ..error
                        },
                        _ => error,
                    }
                })?;
                self.resolved(call, named).await?
            }
        };
        let grants = |roles: Vec<Held>| {
            let roles = roles.into_iter();
            roles.map(|held| convert::grant(user, held)).collect()
        };
        let of = |defect| format!("a role of the user {user}: {defect}");
        Ok(roles.map(grants).map_err(of))
    }

    /// Every role that a user of the tenant holds; `None` when the user is proven gone. Read by itself, or in the user's row
    /// where the vendor does not know the roles alone.
    pub(super) async fn roles_of(
        &self,
        call: &Call,
        user: Uuid,
    ) -> Result<Option<Vec<Held>>, AdapterError> {
        let named = match self.roles_alone(call, user).await {
            Err(error) if error.trouble == Trouble::NotFound || has_status(&error, 405) => {
                let key = convert::user_key(user);
                let row = self.only_user(call, |row| row.external_key == key).await?;
                let Some(row) = row else {
                    return Ok(None);
                };
                let shown =
                    convert::roles_of_user(&row.raw).map_err(|defect| illegible(&defect))?;
                shown.1.ok_or_else(|| {
                    let words =
                        format!("Lightelligence shows nowhere which roles the user {user} holds");
                    AdapterError::new(Trouble::Malformed, words)
                })?
            }
            named => named?,
        };
        let roles = self.resolved(call, named).await?;
        roles.map(Some).map_err(|defect| illegible(&defect))
    }

    /// The roles that the vendor shows of a user when it is asked for them alone.
    async fn roles_alone(&self, call: &Call, user: Uuid) -> Result<Vec<Named>, AdapterError> {
        let (mut named, mut odd) = (Vec::new(), None);
        walk(
            |page| self.client.user_roles(call, user, page, MAX_PAGE_SIZE),
            |raw| match Named::new(raw) {
                Ok(role) => {
                    named.push(role);
                    ControlFlow::Continue(())
                }
                Err(defect) => {
                    odd = Some(defect);
                    ControlFlow::Break(())
                }
            },
        )
        .await?;
        match odd {
            Some(defect) => Err(illegible(&format!("a role of the user {user}: {defect}"))),
            None => Ok(named),
        }
    }

    /// The roles with their ids, each once. Those that came with a name alone are looked up.
    async fn resolved(
        &self,
        call: &Call,
        named: Vec<Named>,
    ) -> Result<Result<Vec<Held>, String>, AdapterError> {
        let mut held: Vec<Held> = Vec::with_capacity(named.len());
        for role in named {
            let id = match (role.id, role.name.as_deref()) {
                (Some(id), _) => id,
                (None, Some(name)) => match self.roles.id(&self.client, call, name).await? {
                    Ok(id) => id,
                    Err(_) => return Ok(Err(format!("the tenant has no role `{name}`"))),
                },
                (None, None) => return Ok(Err("it is named by nothing".to_owned())),
            };
            if held.iter().all(|known| known.id != id) {
                held.push(role.with_id(id));
            }
        }
        Ok(Ok(held))
    }
}

/// Where a listing stands: a page of the users, and how many of its users are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Counts from 0.
    page: u32,
    /// Belongs to the place: with another one, page numbers mean other users.
    size: u32,
    done: usize,
}

impl Place {
    fn parse(cursor: &str) -> Option<Self> {
        let numbers: Vec<u32> = cursor
            .split('/')
            .map(|word| word.parse().ok())
            .collect::<Option<_>>()?;
        let [page, size, done] = numbers[..] else {
            return None;
        };
        let place = Self {
            page,
            size,
            done: done as usize,
        };
        ((1..=MAX_PAGE_SIZE).contains(&size) && done < size).then_some(place)
    }

    fn cursor(self) -> String {
        format!("{}/{}/{}", self.page, self.size, self.done)
    }

    /// The next page, if there is one.
    fn after(self, goes_on: bool) -> Option<String> {
        let next = Self {
            page: self.page + 1,
            done: 0,
            ..self
        };
        goes_on.then(|| next.cursor())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_nonsense_does_not() {
        let place = Place {
            page: 3,
            size: 100,
            done: 20,
        };
        assert_eq!(Place::parse(&place.cursor()), Some(place));
        assert_eq!(place.after(true).as_deref(), Some("4/100/0"));
        assert_eq!(place.after(false), None);
        for cursor in [
            "", "3", "3/100", "3/0/0", "3/101/0", "3/10/10", "3/10/1/1", "-1/10/1", "x/10/1",
        ] {
            assert_eq!(Place::parse(cursor), None, "{cursor}");
        }
    }
}
