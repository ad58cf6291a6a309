//! Changes behind the clients' backs, spelled as the connector spells accounts.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{
    access::{Entitlement, Held, Name, Resource},
    state::{Account, State, Status},
};
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

fn read<T: serde::de::DeserializeOwned>(drift: &Drift) -> Result<T, String> {
    T::deserialize(&drift.value).map_err(|error| error.to_string())
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

/// Who holds what, or what can be held, with the types that the connector leaves out of its answers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    #[serde(default)]
    account_id: String,
    entitlement_type: String,
    #[serde(default)]
    resource_type: String,
    integration_specific_entitlement_id: String,
    #[serde(default)]
    integration_specific_resource_id: String,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    is_assignable: Option<bool>,
}

impl Named {
    fn name(&self) -> Name {
        Name {
            kind: self.entitlement_type.clone(),
            resource_type: self.resource_type.clone(),
            resource_id: self.integration_specific_resource_id.clone(),
            id: self.integration_specific_entitlement_id.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    resource_type: String,
    integration_specific_id: String,
    #[serde(default)]
    label: Option<String>,
}

impl State {
    pub(in crate::simulators::lumos) fn drift(&mut self, drift: &Drift) -> Result<(), String> {
        match drift.kind.as_str() {
            "association" => self.drift_association(drift),
            "entitlement" => self.drift_entitlement(drift),
            "resource" => self.drift_resource(drift),
            _ => self.drift_account(drift),
        }
    }

    fn drift_association(&mut self, drift: &Drift) -> Result<(), String> {
        let named: Named = read(drift)?;
        let held = Held {
            name: named.name(),
            account: named.account_id,
        };
        let all = &mut self.access.held;
        let position = all.iter().position(|one| *one == held);
        match (drift.op, position) {
            (DriftOp::Add, None) => all.push(held),
            (DriftOp::Remove, Some(position)) => {
                all.remove(position);
            }
            (DriftOp::Add, Some(_)) => return Err("there is such an association already".into()),
            (DriftOp::Remove, None) => return Err("there is no such association".into()),
            (DriftOp::Change, _) => return Err("an association comes and goes".into()),
        }
        Ok(())
    }

    fn drift_entitlement(&mut self, drift: &Drift) -> Result<(), String> {
        let named: Named = read(drift)?;
        let name = named.name();
        let all = &mut self.access.entitlements;
        let position = all.iter().position(|one| one.name == name);
        let label = named.label.unwrap_or_else(|| name.id.clone());
        let entitlement = Entitlement {
            name,
            label,
            description: None,
            assignable: named.is_assignable,
            tier: None,
        };
        match (drift.op, position) {
            (DriftOp::Add, None) => all.push(entitlement),
            (DriftOp::Change, Some(position)) => all[position] = entitlement,
            (DriftOp::Remove, Some(position)) => {
                let gone = all.remove(position).name;
                self.access.held.retain(|held| held.name != gone);
            }
            (DriftOp::Add, Some(_)) => return Err("there is such an entitlement already".into()),
            (_, None) => return Err("there is no such entitlement".into()),
        }
        Ok(())
    }

    fn drift_resource(&mut self, drift: &Drift) -> Result<(), String> {
        let place: Place = read(drift)?;
        let all = &mut self.access.resources;
        let position = all.iter().position(|one| {
            (&one.kind, &one.id) == (&place.resource_type, &place.integration_specific_id)
        });
        let label = place
            .label
            .unwrap_or_else(|| place.integration_specific_id.clone());
        match (drift.op, position) {
            (DriftOp::Add, None) => all.push(Resource {
                kind: place.resource_type,
                id: place.integration_specific_id,
                label,
                description: None,
                criticality: None,
            }),
            (DriftOp::Change, Some(position)) => all[position].label = label,
            (DriftOp::Remove, Some(position)) => {
                let gone = all.remove(position);
                let is_there = |name: &Name| {
                    (&name.resource_type, &name.resource_id) != (&gone.kind, &gone.id)
                };
                self.access.entitlements.retain(|one| is_there(&one.name));
                self.access.held.retain(|held| is_there(&held.name));
            }
            (DriftOp::Add, Some(_)) => return Err("there is such a resource already".into()),
            (_, None) => return Err("there is no such resource".into()),
        }
        Ok(())
    }

    fn drift_account(&mut self, drift: &Drift) -> Result<(), String> {
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
                let gone = self.accounts.remove(position);
                self.access.drop_account(&gone.id);
                self.applications.drop_account(&gone.id);
            }
        }
        Ok(())
    }
}
