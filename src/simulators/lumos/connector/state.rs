//! What the directory behind the connector holds, and its seed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    access::{Access, Held},
    activity::Login,
    applications::Applications,
    errors::Error,
    robots::Robot,
};
use crate::simulators::kit::{Holdings, people};

/// The contract's AccountStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Status {
    Active,
    Inactive,
    Suspended,
    Deprovisioned,
    Pending,
    Deleted,
}

impl Status {
    pub(super) fn word(self) -> &'static str {
        match self {
            Status::Active => "ACTIVE",
            Status::Inactive => "INACTIVE",
            Status::Suspended => "SUSPENDED",
            Status::Deprovisioned => "DEPROVISIONED",
            Status::Pending => "PENDING",
            Status::Deleted => "DELETED",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) email: Option<String>,
    pub(super) username: Option<String>,
    pub(super) given_name: Option<String>,
    pub(super) family_name: Option<String>,
    /// Null for some: the directory doesn't know (contract §B7).
    pub(super) status: Option<Status>,
    pub(super) service: Option<bool>,
    pub(super) department: Option<String>,
    pub(super) cost_center: Option<i64>,
    /// The custom attribute `manager`, shown to whoever asks for it.
    pub(super) manager: Option<String>,
}

/// The departments that the directory knows.
pub(super) const DEPARTMENTS: [&str; 5] =
    ["engineering", "finance", "operations", "people", "sales"];

impl Account {
    /// FoundAccountData with the custom attributes asked for.
    pub(super) fn show(&self, custom: &[String]) -> Value {
        let custom: Map<String, Value> = custom
            .iter()
            .filter(|name| *name == "manager")
            .filter_map(|name| Some((name.clone(), self.manager.clone()?.into())))
            .collect();
        json!({
            "integration_specific_id": self.id,
            "resource_id": null,
            "email": self.email,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "username": self.username,
            "user_status": self.status.map(Status::word),
            "extra_data": { "department": self.department, "cost_center": self.cost_center },
            "custom_attributes": if custom.is_empty() { Value::Null } else { custom.into() },
            "account_type": self.service.map(|service| if service { "service" } else { "user" })
        })
    }

    fn is_called(&self, email: Option<&str>, username: Option<&str>) -> bool {
        let same = |theirs: &Option<String>, ours: Option<&str>| match (theirs, ours) {
            (Some(theirs), Some(ours)) => theirs.eq_ignore_ascii_case(ours),
            _ => false,
        };
        same(&self.email, email) || same(&self.username, username)
    }
}

/// The accounts, in the order in which they were made, and all that they have and did.
#[derive(Clone)]
pub(in crate::simulators::lumos) struct State {
    pub(super) accounts: Vec<Account>,
    made: usize,
    /// The ids of accounts that were made, changed or removed since the seed, in that order.
    pub(super) touched: Vec<String>,
    pub(super) access: Access,
    pub(super) logins: Vec<Login>,
    pub(super) robots: Vec<Robot>,
    pub(super) applications: Applications,
}

impl State {
    pub(super) fn position(&self, id: &str) -> Result<usize, Error> {
        self.accounts
            .iter()
            .position(|account| account.id == id)
            .ok_or_else(|| Error::no_account(id))
    }

    pub(super) fn find(&self, id: &str) -> Result<&Account, Error> {
        Ok(&self.accounts[self.position(id)?])
    }

    /// Refuses names that another living account has.
    pub(super) fn check_names(
        &self,
        but: Option<&str>,
        email: Option<&str>,
        username: Option<&str>,
    ) -> Result<(), Error> {
        let taken = self.accounts.iter().any(|account| {
            Some(account.id.as_str()) != but
                && account.status != Some(Status::Deleted)
                && account.is_called(email, username)
        });
        if taken {
            return Err(Error::conflict(
                "there is an account of this email or username already",
            ));
        }
        Ok(())
    }

    /// An id that no account has had.
    pub(super) fn next_id(&mut self) -> String {
        self.made += 1;
        id(self.made - 1)
    }

    /// What the directory holds, as `GET /state` shows it.
    pub(in crate::simulators::lumos) fn shown(&self) -> Holdings {
        let manager = ["manager".to_owned()];
        let tier = ["tier".to_owned()];
        let access = &self.access;
        Holdings {
            accounts: self.accounts.iter().map(|one| one.show(&manager)).collect(),
            entitlements: access
                .entitlements
                .iter()
                .map(|one| one.show(&tier))
                .collect(),
            grants: access.held.iter().map(Held::known).collect(),
            ..Holdings::default()
        }
    }
}

fn id(n: usize) -> String {
    let uuid = people::uuid("lumos/connector/account", n)
        .simple()
        .to_string();
    format!("00u{}", &uuid[..17])
}

/// The shared people, then fillers, in all states; what the directory leaves out is left out here and there.
pub(in crate::simulators::lumos) fn seed(count: usize) -> State {
    let accounts: Vec<Account> = people::everybody(count)
        .enumerate()
        .map(|(n, person)| account(n, person))
        .collect();
    let ids = || accounts.iter().map(|account| account.id.as_str());
    State {
        made: count,
        touched: Vec::new(),
        access: Access::seed(ids()),
        logins: Login::seed(ids()),
        robots: Robot::seed(),
        applications: Applications::seed(ids()),
        accounts,
    }
}

fn account(n: usize, person: people::Person) -> Account {
    let status = match n {
        0..people::SANDBOX => Some(Status::Active),
        _ if person.service => Some(Status::Active),
        _ => match n % 16 {
            7 => Some(Status::Inactive),
            9 => Some(Status::Suspended),
            11 => Some(Status::Pending),
            13 => Some(Status::Deprovisioned),
            15 => None,
            _ => Some(Status::Active),
        },
    };
    let username = person.email.split('@').next().map(str::to_owned);
    let is_odd = n >= people::SHARED && n % 9 == 8;
    Account {
        id: id(n),
        email: Some(person.email),
        username: username.filter(|_| n % 10 != 6),
        given_name: Some(person.given_name),
        family_name: Some(person.family_name).filter(|name| !name.is_empty()),
        status,
        service: if is_odd { None } else { Some(person.service) },
        department: Some(DEPARTMENTS[n % DEPARTMENTS.len()].to_owned()),
        cost_center: (n % 3 != 2).then(|| 4000 + (n % 40) as i64 * 10),
        manager: n
            .is_multiple_of(5)
            .then(|| "ada.lind@example.org".to_owned()),
    }
}
