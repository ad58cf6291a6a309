//! What Luna holds: accounts, found by id and by login and listed by age.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{errors::Error, tokens::Token};
use crate::simulators::kit::rfc3339;

/// `account_type` (contract §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AccountType {
    Admin,
    AdvancedUser,
    #[default]
    User,
}

impl AccountType {
    pub(super) const ALL: [AccountType; 3] = [
        AccountType::Admin,
        AccountType::AdvancedUser,
        AccountType::User,
    ];

    pub(super) fn word(self) -> &'static str {
        match self {
            AccountType::Admin => "admin",
            AccountType::AdvancedUser => "advanced_user",
            AccountType::User => "user",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A password, of which only a digest is kept.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Password([u8; 32]);

impl Password {
    pub(super) fn new(text: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Password(bytes)
    }
}

#[derive(Clone)]
pub(super) struct Account {
    pub(super) id: Uuid,
    pub(super) login: String,
    pub(super) account_type: AccountType,
    pub(super) description: String,
    /// None where it appeared by drift: nobody can log in.
    pub(super) password: Option<Password>,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
}

impl Account {
    /// The account as Luna shows it, without its password.
    pub(super) fn show(&self) -> Value {
        json!({
            "account_id": self.id,
            "login": self.login,
            "account_type": self.account_type.word(),
            "description": self.description,
            "create_time": rfc3339(self.created),
            "last_update_time": rfc3339(self.updated),
        })
    }

    fn key(&self) -> Key {
        (self.created, self.id)
    }
}

/// What a new account is made of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAccount {
    pub(super) login: String,
    #[serde(default)]
    pub(super) account_type: AccountType,
    #[serde(default)]
    pub(super) description: String,
    #[serde(skip)]
    pub(super) password: Option<Password>,
}

/// What shall be different about an account.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Changes {
    pub(super) login: Option<String>,
    pub(super) account_type: Option<AccountType>,
    pub(super) description: Option<String>,
    #[serde(skip)]
    pub(super) password: Option<Password>,
}

/// When it was made, and its id.
pub(super) type Key = (DateTime<Utc>, Uuid);

#[derive(Clone, Default)]
pub struct State {
    accounts: HashMap<Uuid, Account>,
    by_login: HashMap<String, Uuid>,
    /// Oldest first, so that a new one goes to the end.
    by_age: Vec<Key>,
    pub(super) tokens: BTreeMap<Key, Token>,
}

impl State {
    pub(super) fn len(&self) -> usize {
        self.accounts.len()
    }

    pub(super) fn find(&self, id: Uuid) -> Result<&Account, Error> {
        self.accounts.get(&id).ok_or(Error::AccountNotFound(id))
    }

    pub(super) fn find_login(&self, login: &str) -> Option<&Account> {
        self.accounts.get(self.by_login.get(login)?)
    }

    /// All accounts, by `create_time` descending and then by id.
    pub(super) fn newest_first(&self) -> impl Iterator<Item = &Account> {
        self.rows(0..self.len())
    }

    /// Some rows of [`State::newest_first`].
    pub(super) fn rows(&self, rows: Range<usize>) -> impl Iterator<Item = &Account> {
        // Skipped on the slice: looking up what is skipped would make a late page slow.
        let keys = self.by_age.iter().rev().skip(rows.start).take(rows.len());
        keys.map(|(_, id)| &self.accounts[id])
    }

    /// Like [`State::newest_first`], of those with this login if there is one.
    pub(super) fn candidates(&self, login: Option<&str>) -> impl Iterator<Item = &Account> {
        let one = login.map(|login| self.find_login(login));
        let all = one.is_none().then(|| self.newest_first());
        one.flatten().into_iter().chain(all.into_iter().flatten())
    }

    /// Adds an account under this id or a fresh one.
    pub(super) fn add(&mut self, id: Option<Uuid>, new: NewAccount) -> Result<&Account, Error> {
        let now = now();
        let id = id.unwrap_or_else(Uuid::new_v4);
        let NewAccount {
            login,
            account_type,
            description,
            password,
        } = new;
        self.insert(Account {
            id,
            login,
            account_type,
            description,
            password,
            created: now,
            updated: now,
        })
    }

    pub(super) fn insert(&mut self, account: Account) -> Result<&Account, Error> {
        let id = account.id;
        // The id first: whoever repeats a create under an id of their own learns that it has been done (contract §9).
        if self.accounts.contains_key(&id) {
            return Err(Error::AccountIdTaken(id));
        }
        if self.by_login.contains_key(&account.login) {
            return Err(Error::LoginTaken(account.login));
        }
        self.by_login.insert(account.login.clone(), id);
        let place = self.by_age.partition_point(|key| *key < account.key());
        self.by_age.insert(place, account.key());
        Ok(self.accounts.entry(id).insert_entry(account).into_mut())
    }

    pub(super) fn change(&mut self, id: Uuid, changes: Changes) -> Result<&Account, Error> {
        let account = self
            .accounts
            .get_mut(&id)
            .ok_or(Error::AccountNotFound(id))?;
        let Changes {
            login,
            account_type,
            description,
            password,
        } = changes;
        if let Some(login) = login.filter(|login| *login != account.login) {
            if self.by_login.contains_key(&login) {
                return Err(Error::LoginTaken(login));
            }
            self.by_login.remove(&account.login);
            self.by_login.insert(login.clone(), id);
            account.login = login;
        }
        account.account_type = account_type.unwrap_or(account.account_type);
        if let Some(description) = description {
            account.description = description;
        }
        account.password = password.or(account.password.take());
        account.updated = now();
        Ok(account)
    }

    pub(super) fn remove(&mut self, id: Uuid) -> Result<Account, Error> {
        let account = self
            .accounts
            .remove(&id)
            .ok_or(Error::AccountNotFound(id))?;
        self.by_login.remove(&account.login);
        if let Ok(place) = self.by_age.binary_search(&account.key()) {
            self.by_age.remove(place);
        }
        // Its tokens die with it.
        self.tokens.retain(|_, token| token.account_id != id);
        Ok(account)
    }
}

/// As fine as Luna shows it, so that a filter by a time just shown finds what it should.
pub(super) fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}
