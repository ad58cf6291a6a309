//! Lists on the wire: the size and place of a page, and the frame around its items.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::http::request_id;
use crate::services::{Coverage, Listing, MaxAge, Observed, PageSpec};

/// How many items a page holds at most, 1 to 1000.
#[derive(Clone, Copy, Debug)]
pub struct Limit(u32);

impl Limit {
    const MOST: u32 = 1000;
}

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

impl From<Limit> for u32 {
    fn from(Limit(limit): Limit) -> Self {
        limit
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let limit = text.parse().ok();
        limit
            .filter(|limit| (1..=Self::MOST).contains(limit))
            .map(Self)
            .ok_or_else(|| de::Error::custom("Should be a whole number from 1 to 1000."))
    }
}

/// How old a copy may be that answers, in whole seconds up to a year.
#[derive(Clone, Copy, Debug)]
pub struct MaxAgeSeconds(u32);

impl MaxAgeSeconds {
    const MOST: u32 = 365 * 24 * 60 * 60;
}

impl<'de> Deserialize<'de> for MaxAgeSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let seconds = text.parse().ok().filter(|seconds| *seconds <= Self::MOST);
        seconds.map(Self).ok_or_else(|| {
            de::Error::custom("Should be a whole number of seconds from 0 to 31536000.")
        })
    }
}

impl From<MaxAgeSeconds> for MaxAge {
    fn from(MaxAgeSeconds(seconds): MaxAgeSeconds) -> Self {
        Self {
            seconds,
            request_id: request_id::current(),
        }
    }
}

/// What to add to an answer.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// The vendor's payload.
    Raw,
}

/// How one thing is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SingleQuery {
    /// `raw` adds the vendor's payload as it came.
    #[param(inline)]
    pub include: Option<Include>,
    /// Reads it anew at its vendor when our copy is older than so many seconds; 0 asks for what the vendor says now. A vendor
    /// that can't be read is an error.
    #[param(value_type = Option<u32>, minimum = 0, maximum = 31536000)]
    pub max_age_seconds: Option<MaxAgeSeconds>,
}

/// The page that is wanted.
pub fn page(limit: Limit, cursor: Option<String>) -> PageSpec {
    PageSpec {
        limit: limit.into(),
        cursor,
    }
}

/// One page of a list that the gateway itself keeps.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Where the list goes on: give it as `cursor`, with the same filters. Null on the last page.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The frame around the items of a listing.
    pub fn of<S: Into<T>>(listing: Listing<S>) -> Self {
        let Listing {
            items,
            next_cursor,
            coverage: _,
        } = listing;
        Self {
            items: items.into_iter().map(Into::into).collect(),
            next_cursor,
        }
    }
}

/// One page of a list whose rows come from vendors.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoveredPage<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Where the list goes on: give it as `cursor`, with the same filters. Null on the last page.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// The oldest complete observation that this answer rests on. Null where a connection was never synced.
    #[schema(required)]
    pub as_of: Option<DateTime<Utc>>,
    /// Whether a connection behind this answer was observed too long ago: never, more than twice its interval ago, or its last
    /// sync failed.
    pub stale: bool,
    /// Connections that can't list this; what they hold is missing here.
    pub not_covered: Vec<Uuid>,
}

impl<T> CoveredPage<T> {
    /// The frame around the items of a listing. One that says nothing of its coverage counts as never observed.
    pub fn of<S: Into<T>>(listing: Listing<S>) -> Self {
        let Listing {
            items,
            next_cursor,
            coverage,
        } = listing;
        let Coverage {
            as_of,
            stale,
            not_covered,
            partial: _,
        } = coverage.unwrap_or_else(|| Coverage {
            as_of: None,
            stale: true,
            not_covered: Vec::new(),
            partial: Vec::new(),
        });
        Self {
            items: items.into_iter().map(Into::into).collect(),
            next_cursor,
            as_of,
            stale,
            not_covered,
        }
    }
}

/// One page of a list whose rows come from vendors, some of which list no more than a part of what they have.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartlyCoveredPage<T> {
    #[serde(flatten)]
    page: CoveredPage<T>,
    /// Connections whose vendor lists some of this and not all: what they hold is here as far as it is known, and its absence
    /// says nothing.
    partial: Vec<Uuid>,
}

impl<T> PartlyCoveredPage<T> {
    /// The frame around the items of a listing.
    pub fn of<S: Into<T>>(listing: Listing<S>) -> Self {
        let coverage = listing.coverage.as_ref();
        Self {
            partial: coverage.map_or_else(Vec::new, |coverage| coverage.partial.clone()),
            page: CoveredPage::of(listing),
        }
    }
}

/// One thing with how good our copy of it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Single<T> {
    /// The thing.
    #[serde(flatten)]
    pub thing: T,
    /// When it was last seen at its vendor. Null where it never was.
    #[schema(required)]
    pub as_of: Option<DateTime<Utc>>,
    /// Whether its connection was observed too long ago, or its last sync failed.
    pub stale: bool,
}

impl<T> Single<T> {
    /// The thing and how good our copy is.
    pub fn of<S: Into<T>>(observed: Observed<S>) -> Self {
        let Observed {
            value,
            as_of,
            stale,
        } = observed;
        Self {
            thing: value.into(),
            as_of,
            stale,
        }
    }
}

/// A time in a query, RFC 3339.
#[derive(Clone, Copy, Debug)]
pub struct Time(pub DateTime<Utc>);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // An unescaped `+` of an offset arrives as a blank.
        text.replace(' ', "+").parse().map(Self).map_err(|_| {
            de::Error::custom("Should be a time in RFC 3339, such as 2031-05-02T07:08:09Z.")
        })
    }
}
