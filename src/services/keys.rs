//! API keys: made, listed, revoked. A key can be made only with what its maker has.

use serde_json::json;
use uuid::Uuid;

use super::callers::require;
use super::connections::find_visible;
use super::paging::Pager;
use super::{Intent, Listing, PageSpec, Services};
use crate::domain::{Caller, Connections, Scope};
use crate::error::{Code, Error, FieldError, Result};
use crate::secrets::ApiKey;
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::keys::{self, NewApiKey};

pub use crate::store::keys::ApiKeyRow;

/// The longest life of a key, in seconds: a year.
const LONGEST_SECONDS: i64 = 366 * 86_400;
/// The life of a key where its maker does not say: 90 days.
const DEFAULT_SECONDS: i64 = 90 * 86_400;

/// A key to be made.
#[derive(Clone, Debug, Default)]
pub struct CreateApiKey {
    /// For people and the audit trail.
    pub name: String,
    /// Words of scopes.
    pub scopes: Vec<String>,
    /// Connections by id or name; `None`: those of the maker.
    pub connections: Option<Vec<String>>,
    /// The person whose key it is, by e-mail.
    pub person: Option<String>,
    /// Seconds until it ends; default 90 days, at most 366 days.
    pub expires_in_seconds: Option<i64>,
    /// Made by the sandbox.
    pub sandbox: bool,
}

/// Makes a key; the second value is the key itself, shown once and kept nowhere.
///
/// # Errors
/// Every bad field at once; [`Code::Forbidden`] for more than the maker has.
pub async fn create_api_key(
    services: &Services,
    caller: &Caller,
    create: CreateApiKey,
    intent: &Intent,
) -> Result<(ApiKeyRow, ApiKey)> {
    require(caller, Scope::KEYS_ADMIN)?;
    let mut wrong = Vec::new();
    let mut refuse = |pointer: &str, detail: String| {
        wrong.push(FieldError {
            pointer: pointer.to_owned(),
            detail,
        });
    };
    let name = create.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 {
        refuse("/name", "must have 1 to 100 characters".into());
    }
    let seconds = create.expires_in_seconds.unwrap_or(DEFAULT_SECONDS);
    if !(60..=LONGEST_SECONDS).contains(&seconds) {
        refuse(
            "/expires_in_seconds",
            format!("must be 60 to {LONGEST_SECONDS}: every key expires"),
        );
    }
    let person = create.person.map(|email| email.trim().to_lowercase());
    if let Some(email) = &person {
        let good = email.len() <= 254
            && email
                .split_once('@')
                .is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
            && !email.contains(char::is_whitespace);
        if !good {
            refuse("/person", "must be an e-mail address".into());
        }
    }
    if create.scopes.is_empty() {
        refuse("/scopes", "must name at least one scope".into());
    }
    let mut scopes = Vec::new();
    for (index, word) in create.scopes.iter().enumerate() {
        match Scope::parse(word) {
            None => refuse(&format!("/scopes/{index}"), "is no scope".into()),
            Some(scope) if scope.needs_person() && person.is_none() => refuse(
                &format!("/scopes/{index}"),
                format!("`{scope}` is for people: give `person` too"),
            ),
            Some(scope) => scopes.push(scope),
        }
    }
    if !wrong.is_empty() {
        return Err(Error::invalid_fields(wrong));
    }
    if person.is_some() {
        require(caller, Scope::KEYS_PEOPLE)?;
    }
    // Deciding needs a person, whom a service may make a key for without deciding itself.
    let may_give = |scope: &Scope| caller.has(*scope) || (scope.needs_person() && person.is_some());
    if let Some(scope) = scopes.iter().find(|scope| !may_give(scope)) {
        return Err(Error::new(
            Code::Forbidden,
            format!(
                "A key can be made only with scopes that its maker has; yours lacks `{scope}`."
            ),
        ));
    }
    let connection_ids = allowed(services, caller, create.connections).await?;

    let key = ApiKey::generate().map_err(Error::internal)?;
    let mac = key.hash(services.keyring());
    let mut transaction = services.store().begin().await?;
    let row = keys::insert(
        &mut transaction,
        NewApiKey {
            id: Uuid::now_v7(),
            name,
            prefix: key.prefix().to_owned(),
            hash: mac.tag.to_vec(),
            hash_key_id: mac.key_id,
            scopes: scopes
                .iter()
                .map(|scope| scope.as_str().to_owned())
                .collect(),
            connection_ids,
            person,
            sandbox: create.sandbox,
            created_by: caller.id,
            expires_in_seconds: seconds,
        },
    )
    .await?;
    let detail = json!({"name": row.name, "scopes": row.scopes, "person": row.person.is_some()});
    tell(
        &mut transaction,
        caller,
        "api_key.create",
        row.id,
        detail,
        intent,
    )
    .await?;
    transaction.commit().await?;
    Ok((row, key))
}

/// Lists keys, oldest first. Who may see only some connections sees only keys for no others.
///
/// # Errors
/// Without the scope.
pub async fn list_api_keys(
    services: &Services,
    caller: &Caller,
    person: Option<String>,
    page: PageSpec,
) -> Result<Listing<ApiKeyRow>> {
    require(caller, Scope::KEYS_ADMIN)?;
    let pager = Pager::open(services, "api-keys", &person, &page)?;
    let rows = keys::list(
        services.store().requests(),
        &caller.connections,
        person.as_deref(),
        pager.after,
        pager.fetch(),
    )
    .await?;
    let (items, next_cursor) = pager.page(rows, |row| row.id)?;
    Ok(Listing {
        items,
        next_cursor,
        coverage: None,
    })
}

/// Revokes a key, at once and for good.
///
/// # Errors
/// Without the scope; not found.
pub async fn revoke_api_key(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    intent: &Intent,
) -> Result<()> {
    require(caller, Scope::KEYS_ADMIN)?;
    let row = keys::find(services.store().requests(), &caller.connections, id)
        .await?
        .ok_or_else(|| Error::not_found("API key"))?;
    let mut transaction = services.store().begin().await?;
    if keys::revoke(&mut transaction, row.id).await? {
        let detail = json!({"name": row.name});
        tell(
            &mut transaction,
            caller,
            "api_key.revoke",
            row.id,
            detail,
            intent,
        )
        .await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// The connections of a new key: those asked for, if the maker may see them, else the maker's own.
async fn allowed(
    services: &Services,
    caller: &Caller,
    asked: Option<Vec<String>>,
) -> Result<Option<Vec<Uuid>>> {
    let Some(asked) = asked else {
        return Ok(match &caller.connections {
            Connections::All => None,
            Connections::Only(ids) => Some(ids.clone()),
        });
    };
    let mut ids = Vec::new();
    for (index, name) in asked.iter().enumerate() {
        let found = find_visible(services, caller, name).await;
        match found {
            Ok(row) => ids.push(row.id),
            Err(error) if error.code == Code::NotFound => {
                return Err(Error::invalid(
                    format!("/connection_ids/{index}"),
                    "names no connection that you may see",
                ));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Some(ids))
}

async fn tell(
    transaction: &mut sqlx::PgConnection,
    caller: &Caller,
    action: &str,
    id: Uuid,
    detail: serde_json::Value,
    intent: &Intent,
) -> Result<()> {
    audit::record(
        transaction,
        AuditEntry {
            actor: Actor::from(caller),
            action,
            noun: "api_key",
            noun_id: Some(id),
            connection_id: None,
            operation_id: None,
            outcome: "succeeded",
            detail,
            request_id: &intent.request_id,
        },
    )
    .await
}
