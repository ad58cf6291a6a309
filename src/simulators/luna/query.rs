//! Query parameters: each endpoint names those that it knows, all others are refused (contract §4, 12012).

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::form_urlencoded;
use uuid::Uuid;

use super::{
    errors::Error,
    input, permissions,
    state::{Account, AccountType},
    tokens::Token,
};

/// What `targets` selects from (contract §5).
pub(super) const TARGETS: [&str; 6] = [
    "account_id",
    "login",
    "account_type",
    "description",
    "create_time",
    "last_update_time",
];

/// The decoded parameters; every one once, and all of them `known`.
pub(super) fn parameters(
    query: Option<&str>,
    known: &[&str],
) -> Result<Vec<(String, String)>, Error> {
    let mut all: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if !known.contains(&&*name) || all.iter().any(|(seen, _)| *seen == name) {
            return Err(Error::BadParameter(name.into_owned()));
        }
        all.push((name.into_owned(), value.into_owned()));
    }
    Ok(all)
}

/// The fields of an account that a caller wants to see.
pub(super) struct Targets(Vec<&'static str>);

impl Default for Targets {
    fn default() -> Self {
        Targets(TARGETS.to_vec())
    }
}

impl Targets {
    fn read(text: &str) -> Result<Self, Error> {
        let known = |word: &str| {
            let target = TARGETS.into_iter().find(|target| *target == word);
            target.ok_or_else(|| Error::BadTarget(word.to_owned()))
        };
        text.split(',')
            .map(known)
            .collect::<Result<_, _>>()
            .map(Targets)
    }

    /// From the query of an endpoint that takes nothing else.
    pub(super) fn only(query: Option<&str>) -> Result<Self, Error> {
        let parameters = parameters(query, &["targets"])?;
        parameters
            .first()
            .map_or(Ok(Targets::default()), |(_, text)| Targets::read(text))
    }

    pub(super) fn show(&self, account: &Account) -> Value {
        let mut shown = account.show();
        if let Value::Object(fields) = &mut shown {
            fields.retain(|name, _| self.0.contains(&name.as_str()));
        }
        shown
    }
}

/// The query of the account list.
pub(super) struct Listing {
    pub(super) page: usize,
    pub(super) page_size: usize,
    pub(super) targets: Targets,
    pub(super) login: Option<String>,
    account_type: Option<AccountType>,
    created_before: Option<DateTime<Utc>>,
    created_from: Option<DateTime<Utc>>,
}

impl Listing {
    pub(super) fn read(query: Option<&str>) -> Result<Self, Error> {
        const KNOWN: [&str; 7] = [
            "page",
            "page_size",
            "login",
            "account_type",
            "create_time__lt",
            "create_time__gte",
            "targets",
        ];
        let mut listing = Listing {
            page: 1,
            page_size: 10,
            targets: Targets::default(),
            login: None,
            account_type: None,
            created_before: None,
            created_from: None,
        };
        for (name, value) in parameters(query, &KNOWN)? {
            let bad = || Error::BadParameter(name.clone());
            match name.as_str() {
                "page" => listing.page = number(&value, 1..=usize::MAX).ok_or_else(bad)?,
                "page_size" => listing.page_size = number(&value, 1..=100).ok_or_else(bad)?,
                "login" if !input::is_login(&value) => return Err(bad()),
                "login" => listing.login = Some(value),
                "account_type" => {
                    listing.account_type = Some(AccountType::from_word(&value).ok_or_else(bad)?)
                }
                "create_time__lt" => listing.created_before = Some(time(&value).ok_or_else(bad)?),
                "create_time__gte" => listing.created_from = Some(time(&value).ok_or_else(bad)?),
                "targets" => listing.targets = Targets::read(&value)?,
                _ => return Err(bad()),
            }
        }
        Ok(listing)
    }

    /// Nothing is filtered: the whole list counts.
    pub(super) fn is_whole(&self) -> bool {
        self.login.is_none()
            && self.account_type.is_none()
            && self.created_before.is_none()
            && self.created_from.is_none()
    }

    pub(super) fn takes(&self, account: &Account) -> bool {
        self.login
            .as_ref()
            .is_none_or(|login| *login == account.login)
            && self
                .account_type
                .is_none_or(|kind| kind == account.account_type)
            && self
                .created_before
                .is_none_or(|bound| account.created < bound)
            && self
                .created_from
                .is_none_or(|bound| account.created >= bound)
    }
}

/// The query of the token list.
pub(super) struct TokenListing {
    pub(super) page: usize,
    pub(super) page_size: usize,
    pub(super) targets: permissions::Targets,
    account_id: Option<Uuid>,
    created_before: Option<DateTime<Utc>>,
    created_from: Option<DateTime<Utc>>,
}

impl TokenListing {
    pub(super) fn read(query: Option<&str>) -> Result<Self, Error> {
        const KNOWN: [&str; 6] = [
            "permissions_targets",
            "page",
            "page_size",
            "account_id",
            "create_time__lt",
            "create_time__gte",
        ];
        let mut listing = TokenListing {
            page: 1,
            page_size: 10,
            targets: permissions::Targets::Standard,
            account_id: None,
            created_before: None,
            created_from: None,
        };
        for (name, value) in parameters(query, &KNOWN)? {
            let bad = || Error::BadParameter(name.clone());
            match name.as_str() {
                "page" => listing.page = number(&value, 1..=usize::MAX).ok_or_else(bad)?,
                "page_size" => listing.page_size = number(&value, 1..=100).ok_or_else(bad)?,
                "account_id" => listing.account_id = Some(input::uuid(&value)?),
                "create_time__lt" => listing.created_before = Some(time(&value).ok_or_else(bad)?),
                "create_time__gte" => listing.created_from = Some(time(&value).ok_or_else(bad)?),
                _ => {
                    let targets = permissions::Targets::from_word(&value);
                    listing.targets = targets.ok_or_else(bad)?;
                }
            }
        }
        Ok(listing)
    }

    pub(super) fn takes(&self, token: &Token) -> bool {
        self.account_id.is_none_or(|id| id == token.account_id)
            && self
                .created_before
                .is_none_or(|bound| token.created < bound)
            && self.created_from.is_none_or(|bound| token.created >= bound)
    }
}

fn number(text: &str, allowed: std::ops::RangeInclusive<usize>) -> Option<usize> {
    text.parse().ok().filter(|number| allowed.contains(number))
}

pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.to_utc())
}
