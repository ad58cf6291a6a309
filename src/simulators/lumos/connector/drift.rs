//! Changes behind the clients' backs, spelled as the connector spells accounts.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::state::{Account, State, Status};
use crate::simulators::kit::{Drift, DriftOp};

/// Fields to set; a null one is made empty, a missing one stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default, deserialize_with = "present")]
    email: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    username: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    given_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    family_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    user_status: Option<Option<Status>>,
    #[serde(default, deserialize_with = "present")]
    account_type: Option<Option<AccountType>>,
    #[serde(default, deserialize_with = "present")]
    department: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    cost_center: Option<Option<i64>>,
    #[serde(default, deserialize_with = "present")]
    manager: Option<Option<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AccountType {
    User,
    Service,
}

/// Serde alone reads null and missing alike.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl Fields {
    fn read(value: &Value) -> Result<Self, String> {
        Fields::deserialize(value).map_err(|error| error.to_string())
    }

    fn set(self, account: &mut Account) {
        let service = self
            .account_type
            .map(|kind| kind.map(|kind| kind == AccountType::Service));
        put(&mut account.email, self.email);
        put(&mut account.username, self.username);
        put(&mut account.given_name, self.given_name);
        put(&mut account.family_name, self.family_name);
        put(&mut account.status, self.user_status);
        put(&mut account.service, service);
        put(&mut account.department, self.department);
        put(&mut account.cost_center, self.cost_center);
        put(&mut account.manager, self.manager);
    }
}

/// Sets a field that was given.
pub(super) fn put<T>(field: &mut T, given: Option<T>) {
    if let Some(value) = given {
        *field = value;
    }
}

impl State {
    pub(in crate::simulators::lumos) fn drift(&mut self, drift: &Drift) -> Result<(), String> {
        let position = |state: &State| {
            let id = drift.id.as_deref().ok_or("the account's id is missing")?;
            state
                .position(id)
                .map_err(|error| error.message().to_owned())
        };
        match drift.op {
            DriftOp::Add => {
                let fields = Fields::read(&drift.value)?;
                let id = drift.id.clone().unwrap_or_else(|| self.next_id());
                if self.position(&id).is_ok() {
                    return Err(format!("there is an account {id} already"));
                }
                let mut account = Account {
                    id,
                    email: None,
                    username: None,
                    given_name: None,
                    family_name: None,
                    status: Some(Status::Active),
                    service: Some(false),
                    department: None,
                    cost_center: None,
                    manager: None,
                };
                fields.set(&mut account);
                self.accounts.push(account);
            }
            DriftOp::Change => {
                let position = position(self)?;
                Fields::read(&drift.value)?.set(&mut self.accounts[position]);
            }
            DriftOp::Remove => {
                let position = position(self)?;
                self.accounts.remove(position);
            }
        }
        Ok(())
    }
}
