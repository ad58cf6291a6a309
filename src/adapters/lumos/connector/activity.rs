//! What accounts did. A connector is asked by account, so a listing goes over the accounts page by page and asks for each
//! page's records.

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::client::Listing;
use super::settings::ActivityActors;
use super::{Connector, convert};
use crate::adapters::contract::{AdapterError, Call, ListsActivity, Page, PageRequest, Trouble};
use crate::domain::ActivityRecord;

/// No more accounts are named in one request, and in a cursor.
const MOST_ACTORS: u32 = 100;

/// Where a listing is.
#[derive(Default, Serialize, Deserialize)]
struct Place {
    /// The accounts whose records are being listed; none named yet, or nobody in particular.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    actors: Vec<String>,
    /// The next page of their records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    records: Option<String>,
    /// The page of accounts after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accounts: Option<String>,
}

impl Place {
    fn read(cursor: Option<&str>) -> Result<Self, AdapterError> {
        let Some(cursor) = cursor else {
            return Ok(Self::default());
        };
        serde_json::from_str(cursor).map_err(|_| {
            AdapterError::new(
                Trouble::Invalid,
                "the cursor was not made by this connector",
            )
        })
    }

    /// Where it goes on after a page of records; `None` at the end.
    fn after(self, records: Option<String>) -> Option<Self> {
        match (&records, &self.accounts) {
            (None, None) => None,
            (Some(_), _) => Some(Self { records, ..self }),
            (None, Some(_)) => Some(Self {
                actors: Vec::new(),
                records: None,
                accounts: self.accounts,
            }),
        }
    }
}

#[async_trait]
impl ListsActivity for Connector {
    async fn list_activity(
        &self,
        call: &Call,
        since: DateTime<Utc>,
        page: &PageRequest,
    ) -> Result<Page<ActivityRecord>, AdapterError> {
        let mut place = Place::read(page.cursor.as_deref())?;
        let mut defects = Vec::new();
        let by_account = self.settings.activity_actors == ActivityActors::Listed;
        if by_account && place.records.is_none() {
            (place, defects) = self.actors(call, place.accounts, page).await?;
        }
        let mut result = Page {
            items: Vec::new(),
            next: None,
            total: None,
            defects,
        };
        let mut records = None;
        // An empty list of actors is nobody or everybody; nobody is not asked about.
        if !by_account || !place.actors.is_empty() {
            let from = since.to_rfc3339_opts(SecondsFormat::Secs, true);
            let listing = Listing::activity_records(&from, &place.actors);
            let size = self.page_size(page);
            let token = place.records.as_deref();
            let listed = self.client.page(call, &listing, token, size).await?;
            for item in &listed.items {
                match convert::activity(item) {
                    Ok(record) if record.happened_at < since => {}
                    Ok(record) => result.items.push(record),
                    Err(defect) => result.defects.push(defect),
                }
            }
            records = listed.token;
        }
        let next = place.after(records);
        // Strings make no JSON that can't be written.
        result.next = next.and_then(|next| serde_json::to_string(&next).ok());
        Ok(result)
    }
}

impl Connector {
    /// The next page of accounts, by id; with a word for each that has none.
    async fn actors(
        &self,
        call: &Call,
        token: Option<String>,
        page: &PageRequest,
    ) -> Result<(Place, Vec<String>), AdapterError> {
        let size = self.page_size(page).min(MOST_ACTORS);
        let listing = Listing::accounts(&[]);
        let listed = self
            .client
            .page(call, &listing, token.as_deref(), size)
            .await?;
        let id = |item: &serde_json::Value| {
            let id = item["integration_specific_id"].as_str();
            id.filter(|id| !id.is_empty()).map(str::to_owned)
        };
        let actors: Vec<String> = listed.items.iter().filter_map(id).collect();
        let nameless = listed.items.len() - actors.len();
        let defects = Vec::from_iter((nameless > 0).then(|| {
            format!("{nameless} accounts have no id, so that nobody can ask what they did")
        }));
        let place = Place {
            actors,
            records: None,
            accounts: listed.token,
        };
        Ok((place, defects))
    }
}
