//! Writing accounts: checked, recorded as an operation, run in its own task, waited for.

use secrecy::SecretString;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::observed;
use crate::domain::{
    Account, AccountChange, AccountKind, AccountStatus, Caller, Entitlement, NewAccount,
    OperationKind, Scope, ThingStatus,
};
use crate::error::{Code, Error, FieldError, Result};
use crate::services::callers::require;
use crate::services::connected::{self, Connected};
use crate::services::connections::complaints;
use crate::services::operations::{
    Payload, Prepared, Subject, Submitted, carry_out, earlier, pack_password, turns, wait,
};
use crate::services::{Intent, Observed, Reply, Services};
use crate::store::{accounts, entitlements};

/// An account to be made, as its caller says it.
#[derive(Clone, Debug, Default)]
pub struct CreateAccount {
    /// The connection, by id or name.
    pub connection: String,
    /// The name to log in with.
    pub login: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Full name.
    pub display_name: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Person or machine.
    pub kind: Option<AccountKind>,
    /// First password.
    pub password: Option<SecretString>,
    /// Entitlements to begin with.
    pub entitlement_ids: Vec<Uuid>,
    /// The vendor's own fields.
    pub attributes: Map<String, Value>,
}

/// Makes an account.
///
/// # Errors
/// Bad fields, fields that the vendor can't keep, what the vendor refuses; all before an operation exists, or as its failure.
pub async fn create_account(
    services: &Services,
    caller: &Caller,
    create: CreateAccount,
    intent: &Intent,
) -> Result<Reply<Observed<Account>>> {
    require(caller, Scope::ACCOUNTS_WRITE)?;
    if let Some(submitted) = earlier(services, caller, intent).await? {
        return answer(services, caller, submitted, intent).await;
    }
    let connected = connected::open(services, &caller.connections, &create.connection)
        .await
        .map_err(|error| match error.code {
            Code::NotFound => error.field("/connection_id", "names no connection that you may see"),
            _ => error,
        })?;
    connected.require_for(OperationKind::CreateAccount)?;
    check_create(&connected, &create)?;
    let entitlements = named_entitlements(services, caller, &connected, &create).await?;
    let new = NewAccount {
        operation_id: Uuid::now_v7(),
        login: create.login,
        email: create.email,
        display_name: create.display_name,
        given_name: create.given_name,
        family_name: create.family_name,
        kind: create.kind,
        password: create.password,
        attributes: create.attributes,
        entitlements: entitlements.iter().map(|one| one.record.clone()).collect(),
    };
    let creator = connected
        .adapter
        .account_creator()
        .ok_or_else(|| Error::internal("a capability without its slot"))?;
    let serial_key = creator
        .prepare_create(&new)
        .map_err(|error| connected.explain(error))?;
    let prepared = Prepared {
        id: new.operation_id,
        connected: &connected,
        kind: OperationKind::CreateAccount,
        serial_key,
        subject: Subject::NewAccount(entitlements),
        payload: Payload::create(&new, create.entitlement_ids),
        secret: new.password.as_ref().map(pack_password),
    };
    carry_out(services, caller, intent, prepared, async |submitted| {
        answer(services, caller, submitted, intent).await
    })
    .await
}

/// Changes fields of an account.
///
/// # Errors
/// As [`create_account`]; [`Code::PreconditionFailed`] when it is no longer at `if_match`.
pub async fn update_account(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    change: AccountChange,
    if_match: Option<i64>,
    intent: &Intent,
) -> Result<Reply<Observed<Account>>> {
    require(caller, Scope::ACCOUNTS_WRITE)?;
    if let Some(submitted) = earlier(services, caller, intent).await? {
        return answer(services, caller, submitted, intent).await;
    }
    let kind = OperationKind::UpdateAccount;
    let (account, connected) = target(services, caller, id, if_match, kind).await?;
    let payload = Payload::update(&change);
    let nothing = change.password.is_none()
        && matches!(&payload, Payload::Update { changes, attributes } if changes.is_empty() && attributes.is_empty());
    if nothing {
        return Err(Error::invalid(
            "",
            "The body changes nothing: give at least one field.",
        ));
    }
    let updater = connected
        .adapter
        .account_updater()
        .ok_or_else(|| Error::internal("a capability without its slot"))?;
    updater
        .prepare_update(&account.record, &change)
        .map_err(|error| connected.explain(error))?;
    let password = change.password.as_ref();
    let prepared = prepared(&connected, account, kind, payload, password);
    carry_out(services, caller, intent, prepared, async |submitted| {
        answer(services, caller, submitted, intent).await
    })
    .await
}

/// Removes an account at the vendor.
///
/// # Errors
/// As [`update_account`].
pub async fn delete_account(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    if_match: Option<i64>,
    intent: &Intent,
) -> Result<Reply<Observed<Account>>> {
    set_state(
        services,
        caller,
        id,
        if_match,
        intent,
        OperationKind::DeleteAccount,
    )
    .await
}

/// Makes an account active.
///
/// # Errors
/// As [`update_account`].
pub async fn activate_account(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    intent: &Intent,
) -> Result<Reply<Observed<Account>>> {
    set_state(
        services,
        caller,
        id,
        None,
        intent,
        OperationKind::ActivateAccount,
    )
    .await
}

/// Makes an account inactive.
///
/// # Errors
/// As [`update_account`].
pub async fn deactivate_account(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    intent: &Intent,
) -> Result<Reply<Observed<Account>>> {
    set_state(
        services,
        caller,
        id,
        None,
        intent,
        OperationKind::DeactivateAccount,
    )
    .await
}

async fn set_state(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    if_match: Option<i64>,
    intent: &Intent,
    kind: OperationKind,
) -> Result<Reply<Observed<Account>>> {
    require(caller, Scope::ACCOUNTS_WRITE)?;
    if let Some(submitted) = earlier(services, caller, intent).await? {
        return answer(services, caller, submitted, intent).await;
    }
    let (account, connected) = target(services, caller, id, if_match, kind).await?;
    let prepared = prepared(&connected, account, kind, Payload::Account {}, None);
    carry_out(services, caller, intent, prepared, async |submitted| {
        answer(services, caller, submitted, intent).await
    })
    .await
}

fn prepared<'a>(
    connected: &'a Connected,
    account: Account,
    kind: OperationKind,
    payload: Payload,
    password: Option<&SecretString>,
) -> Prepared<'a> {
    Prepared {
        id: Uuid::now_v7(),
        connected,
        kind,
        serial_key: turns::on_account(connected, &account, kind),
        subject: Subject::Account(Box::new(account)),
        payload,
        secret: password.map(pack_password),
    }
}

/// The account that a change is about, live and at the version that the caller saw, with a connection that can do it.
async fn target(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    if_match: Option<i64>,
    kind: OperationKind,
) -> Result<(Account, Connected)> {
    let account = accounts::find(services.store().requests(), &caller.connections, id, true)
        .await?
        .ok_or_else(|| Error::not_found("account"))?;
    let connected = connected::open(
        services,
        &caller.connections,
        &account.connection_id.to_string(),
    )
    .await?;
    connected.require_for(kind)?;
    if if_match.is_some_and(|version| version != account.version) {
        return Err(Error::new(
            Code::PreconditionFailed,
            "The account changed since you read it. Read it again and decide anew.",
        ));
    }
    if account.record.status == AccountStatus::Deleted && kind != OperationKind::DeleteAccount {
        return Err(Error::new(
            Code::Conflict,
            "The account is deleted at the vendor.",
        ));
    }
    Ok((account, connected))
}

/// Waits for the operation and shows the account as it is then.
async fn answer(
    services: &Services,
    caller: &Caller,
    submitted: Submitted,
    intent: &Intent,
) -> Result<Reply<Observed<Account>>> {
    let outcome = wait(services, submitted, intent).await?;
    // Ended without an account: resolved by hand, and the next sync brings it.
    let Some(id) = outcome.and_then(|outcome| outcome.about.account_id) else {
        return Ok(Reply::Accepted {
            operation_id: submitted.operation_id,
        });
    };
    let shown = async {
        let account = accounts::find(services.store().requests(), &caller.connections, id, false)
            .await?
            .ok_or_else(|| Error::not_found("account"))?;
        observed(services, caller, account).await
    };
    match shown.await {
        // It is done, and only can't be shown now.
        Err(error) if error.is_retryable() => Ok(Reply::Accepted {
            operation_id: submitted.operation_id,
        }),
        shown => Ok(Reply::Done(shown?)),
    }
}

/// The entitlements that a new account shall hold, each named once, live and of its connection. Whether the vendor can give
/// them with the account is for its adapter to say.
async fn named_entitlements(
    services: &Services,
    caller: &Caller,
    connected: &Connected,
    create: &CreateAccount,
) -> Result<Vec<Entitlement>> {
    let pool = services.store().requests();
    let mut wrong = Vec::new();
    let mut named: Vec<Entitlement> = Vec::new();
    for (index, id) in create.entitlement_ids.iter().enumerate() {
        let found = entitlements::find(pool, &caller.connections, *id, true).await?;
        let detail = match found {
            None => "names no entitlement that you may see",
            Some(found) if found.connection_id != connected.row.id => {
                "is an entitlement of another connection"
            }
            Some(found) if found.record.status == ThingStatus::Deleted => "is gone at the vendor",
            Some(found) if named.iter().any(|other| other.id == found.id) => "is named twice",
            Some(found) => {
                named.push(found);
                continue;
            }
        };
        wrong.push(FieldError {
            pointer: format!("/entitlement_ids/{index}"),
            detail: detail.into(),
        });
    }
    if wrong.is_empty() {
        Ok(named)
    } else {
        Err(Error::invalid_fields(wrong))
    }
}

/// What can be said of a new account without its vendor: lengths, and the schema of its attributes.
fn check_create(connected: &Connected, create: &CreateAccount) -> Result<()> {
    let mut wrong = Vec::new();
    if create.login.is_none() && create.email.is_none() {
        wrong.push(FieldError {
            pointer: "/login".into(),
            detail: "give a login or an email".into(),
        });
    }
    let schema = connected
        .row
        .checked_create_schema
        .clone()
        .unwrap_or_else(connected.variant.create_attributes_schema);
    wrong.extend(complaints(
        &schema,
        &Value::Object(create.attributes.clone()),
        "/attributes",
    )?);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid_fields(wrong))
    }
}
