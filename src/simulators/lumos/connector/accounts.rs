//! The capabilities on accounts (contract §B7).

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    drift::put,
    envelope::{Answer, Envelope, Wrote},
    errors::Error,
    routes::Connector,
    state::{Account, DEPARTMENTS, Status},
    tokens,
};
use crate::simulators::{
    kit::{Call, Effects, World, paging},
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
    // Required by the model; no type of this connector may be given on creation, so nothing reads it.
    #[serde(rename = "integration_specific_id")]
    _id: String,
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
    mut envelope: Envelope,
) -> Result<Answer, Error> {
    let request: ListAccounts = envelope.request("ListAccountsRequest")?;
    let page = envelope.page();
    let start = match page.token.filter(|token| !token.is_empty()) {
        Some(token) => tokens::offset(&token).ok_or_else(Error::invalid_page_token)?,
        None => 0,
    };
    let most = connector.quirks.max_page;
    let size = match page.size {
        None => most,
        Some(size) => usize::try_from(size)
            .ok()
            .filter(|size| *size > 0)
            .ok_or_else(|| Error::invalid_value("page.size must be at least 1"))?
            .min(most),
    };
    let fault = call.page_fault();
    let custom = request.custom_attributes.unwrap_or_default();
    let (rows, next) = connector.world.read(|state| {
        let accounts = &state.connector.accounts;
        let page = paging::onward(accounts.len(), start, size, fault);
        let rows: Vec<Value> = accounts[page.rows]
            .iter()
            .map(|account| account.show(&custom))
            .collect();
        (rows, page.next)
    });
    Ok(envelope
        .answer(rows.into())
        .with_page(next.map(tokens::token), size))
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
    if let Some(entitlement) = new.entitlements.iter().flatten().next() {
        return Err(Error::invalid_value(format!(
            "no entitlement of the type {} can be given on creation",
            entitlement.entitlement_type
        )));
    }
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
            let account = state.connector.accounts.remove(position);
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
        Ok((after, Wrote::Updated))
    })
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
