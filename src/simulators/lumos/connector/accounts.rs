//! The capabilities on accounts (contract §B7).

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    access::{Held, Name, of},
    drift::put,
    envelope::{Answer, Envelope, Wrote},
    errors::Error,
    listing,
    routes::Connector,
    state::{Account, DEPARTMENTS, Status},
};
use crate::simulators::{
    kit::{Call, Effects, World},
    lumos,
};

type Directory = World<lumos::State>;

#[derive(Deserialize)]
struct ListAccounts {
    custom_attributes: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct GetAccount {
    account_id: String,
    custom_attributes: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct CreateAccount {
    entitlements: Option<Vec<CreateEntitlement>>,
    email: String,
    username: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    department: String,
    cost_center: Option<i64>,
    /// The person has to accept an invitation first.
    invite: Option<bool>,
}

#[derive(Deserialize)]
struct CreateEntitlement {
    entitlement_type: String,
    integration_specific_resource_id: Option<String>,
    integration_specific_id: String,
}

#[derive(Deserialize)]
struct UpdateAccount {
    id: String,
    email: Option<String>,
    #[serde(default, deserialize_with = "present")]
    username: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    given_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    family_name: Option<Option<String>>,
    department: Option<String>,
    #[serde(default, deserialize_with = "present")]
    cost_center: Option<Option<i64>>,
}

/// Serde alone reads null and missing alike.
fn present<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(from).map(Some)
}

pub(super) fn list(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: ListAccounts = envelope.request("ListAccountsRequest")?;
    let custom = request.custom_attributes.unwrap_or_default();
    let rows = listing::rows(|state| Cow::Borrowed(&state.accounts[..]));
    listing::page(connector, call, envelope, rows, |account| {
        account.show(&custom)
    })
}

pub(super) fn get(
    connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: GetAccount = envelope.request("GetAccountRequest")?;
    let custom = request.custom_attributes.unwrap_or_default();
    let account = connector.world.read(|state| {
        let account = state.connector.find(&request.account_id)?;
        Ok(account.show(&custom))
    })?;
    Ok(envelope.answer(account))
}

pub(super) fn create(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let new: CreateAccount = envelope.request("CreateAccountRequest")?;
    check(Some(&new.email), Some(&new.department))?;
    let given = given(connector, new.entitlements.unwrap_or_default())?;
    let quirks = &connector.quirks;
    let username = new
        .username
        .or_else(|| new.email.split('@').next().map(str::to_owned));
    let (id, status) = connector.world.change(call, |state, effects| {
        let state = &mut state.connector;
        if !quirks.allows_duplicates {
            state.check_names(None, Some(&new.email), username.as_deref())?;
        }
        let status = match new.invite {
            Some(true) => Status::Pending,
            _ => Status::Active,
        };
        let account = Account {
            id: state.next_id(),
            email: Some(new.email),
            username,
            given_name: new.given_name,
            family_name: new.family_name,
            status: Some(status),
            service: Some(false),
            department: Some(new.department),
            cost_center: new.cost_center,
            manager: None,
        };
        let id = account.id.clone();
        effects.applied(&id, Value::Null, account.show(&[]));
        state.accounts.push(account);
        state.touched.push(id.clone());
        state.access.held.extend(given.into_iter().map(|name| Held {
            account: id.clone(),
            name,
        }));
        Ok((id, status))
    })?;
    let id = (!quirks.hides_created_id).then_some(id);
    let response = json!({ "id": id, "status": status.word(), "created": true });
    Ok(envelope.wrote(response, Wrote::Created))
}

pub(super) fn update(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let change: UpdateAccount = envelope.request("UpdateAccountRequest")?;
    check(change.email.as_deref(), change.department.as_deref())?;
    let id = change.id.clone();
    let (account, wrote) = alter(&connector.world, call, &id, |state, account| {
        if !connector.quirks.allows_duplicates {
            let username = change.username.as_ref().and_then(Option::as_deref);
            state.check_names(Some(&change.id), change.email.as_deref(), username)?;
        }
        put(&mut account.email, change.email.map(Some));
        put(&mut account.username, change.username);
        put(&mut account.given_name, change.given_name);
        put(&mut account.family_name, change.family_name);
        put(&mut account.department, change.department.map(Some));
        put(&mut account.cost_center, change.cost_center);
        Ok(())
    })?;
    let response = json!({
        "id": account.id,
        "email": account.email,
        "username": account.username,
        "given_name": account.given_name,
        "family_name": account.family_name,
        "department": account.department,
        "cost_center": account.cost_center
    });
    Ok(envelope.wrote(response, wrote))
}

pub(super) fn activate(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: GetAccount = envelope.request("ActivateAccountRequest")?;
    let (_, wrote) = alter(&connector.world, call, &request.account_id, |_, account| {
        account.status = Some(Status::Active);
        Ok(())
    })?;
    let response = json!({ "status": "ACTIVE", "activated": true });
    Ok(envelope.wrote(response, wrote))
}

pub(super) fn deactivate(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: GetAccount = envelope.request("DeactivateAccountRequest")?;
    let (account, wrote) = alter(&connector.world, call, &request.account_id, |_, account| {
        let is_off = matches!(
            account.status,
            Some(Status::Inactive | Status::Suspended | Status::Deprovisioned)
        );
        if !is_off {
            account.status = Some(match connector.quirks.deactivated {
                "INACTIVE" => Status::Inactive,
                "DEPROVISIONED" => Status::Deprovisioned,
                _ => Status::Suspended,
            });
        }
        Ok(())
    })?;
    let response = json!({ "status": account.status.map(Status::word), "deactivated": true });
    Ok(envelope.wrote(response, wrote))
}

pub(super) fn delete(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: GetAccount = envelope.request("DeleteAccountRequest")?;
    let id = request.account_id;
    if connector.quirks.keeps_deleted {
        alter(&connector.world, call, &id, |_, account| {
            account.status = Some(Status::Deleted);
            Ok(())
        })?;
    } else {
        connector.world.change(call, |state, effects| {
            let position = state.connector.position(&id)?;
            let state = &mut state.connector;
            let account = state.accounts.remove(position);
            state.access.drop_account(&id);
            state.applications.drop_account(&id);
            state.touched.push(id.clone());
            effects.applied(&id, account.show(&[]), Value::Null);
            Ok(())
        })?;
    }
    let response = json!({ "status": "DELETED", "deleted": true });
    Ok(envelope.wrote(response, Wrote::Deleted))
}

/// Changes one living account, and notes an effect only if something became different.
fn alter(
    world: &Directory,
    call: &Call,
    id: &str,
    change: impl FnOnce(&super::State, &mut Account) -> Result<(), Error>,
) -> Result<(Account, Wrote), Error> {
    world.change(call, |state, effects: &mut Effects<'_>| {
        let state = &mut state.connector;
        let position = state.position(id)?;
        let before = state.accounts[position].clone();
        if before.status == Some(Status::Deleted) {
            return Err(Error::no_account(id));
        }
        let mut after = before.clone();
        change(state, &mut after)?;
        if after == before {
            return Ok((after, Wrote::Nothing));
        }
        effects.applied(id, before.show(&[]), after.show(&[]));
        state.accounts[position] = after.clone();
        state.touched.push(id.to_owned());
        Ok((after, Wrote::Updated))
    })
}

/// What a new account holds: what it is given, and the role that everybody has.
fn given(connector: &Connector, asked: Vec<CreateEntitlement>) -> Result<Vec<Name>, Error> {
    let needed = connector.quirks.needed_on_create();
    if let Some(kind) = needed.filter(|kind| asked.iter().all(|one| one.entitlement_type != *kind))
    {
        return Err(Error::invalid_value(format!(
            "a new account needs a {kind}"
        )));
    }
    let mut given = vec![Name::global("directory_role", "user")];
    for one in asked {
        let kind = of(&one.entitlement_type).filter(|kind| kind.is_for_creation());
        let kind = kind.ok_or_else(|| {
            let kind = &one.entitlement_type;
            Error::invalid_value(format!(
                "nothing of the type {kind} can be given on creation"
            ))
        })?;
        let name = Name {
            kind: kind.id.into(),
            resource_type: kind.resource_type.into(),
            resource_id: one.integration_specific_resource_id.unwrap_or_default(),
            id: one.integration_specific_id,
        };
        connector
            .world
            .read(|state| state.connector.access.find(&name).map(|_| ()))?;
        let (_, max) = kind.bounds("create_account");
        given.push(name);
        let so_many = given.iter().filter(|name| name.kind == kind.id).count();
        if max.is_some_and(|max| so_many > max as usize) {
            return Err(Error::invalid_value(format!(
                "too many of the type {}",
                kind.id
            )));
        }
    }
    Ok(given)
}

fn check(email: Option<&str>, department: Option<&str>) -> Result<(), Error> {
    let is_address = |text: &str| {
        let (local, domain) = text.split_once('@').unwrap_or_default();
        !local.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace)
    };
    if email.is_some_and(|email| !is_address(email)) {
        return Err(Error::invalid_value("email is no mail address"));
    }
    if department.is_some_and(|department| !DEPARTMENTS.contains(&department)) {
        return Err(Error::invalid_value(format!(
            "department must be one of {}",
            DEPARTMENTS.join(", ")
        )));
    }
    Ok(())
}
