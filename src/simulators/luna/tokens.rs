//! `/1/tokens` (contract §6).

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header::LOCATION},
    response::{IntoResponse, Json, Response},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    errors::Error,
    input::{self, Fields},
    jwt,
    permissions::{self, Permissions, Targets},
    query::{self, TokenListing, parameters},
    state::{self, AccountType},
};
use crate::simulators::kit::{Call, World, paging, rfc3339};

type Luna = State<World<state::State>>;

/// Whose things a token reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Visibility {
    Account,
    All,
}

impl Visibility {
    fn word(self) -> &'static str {
        match self {
            Visibility::Account => "account",
            Visibility::All => "all",
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) description: String,
    pub(super) permissions: Permissions,
    pub(super) visibility: Visibility,
    /// As it was given; none never ends.
    pub(super) expiration: Option<String>,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
}

impl Token {
    /// Without its JWT.
    pub(super) fn show(&self, targets: Targets) -> Value {
        json!({
            "token_id": self.id,
            "account_id": self.account_id,
            "description": self.description,
            "permissions": targets.of(&self.permissions),
            "visibility_area": self.visibility.word(),
            "expiration_time": self.expiration,
            "create_time": rfc3339(self.created),
            "last_update_time": rfc3339(self.updated),
        })
    }

    fn show_with_jwt(&self, targets: Targets) -> Value {
        let mut shown = self.show(targets);
        shown["token"] = jwt::made(self).into();
        shown
    }

    pub(super) fn is_over(&self) -> bool {
        let ends = self.expiration.as_deref().and_then(query::time);
        ends.is_some_and(|ends| ends <= Utc::now())
    }
}

/// A body of a creation or a replacement.
struct Written {
    permissions: Option<Permissions>,
    description: String,
    expiration: Option<String>,
    visibility: Option<Visibility>,
}

impl Written {
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Error> {
        const KNOWN: [&str; 4] = [
            "permissions",
            "description",
            "expiration_time",
            "visibility_area",
        ];
        let mut fields = Fields::read(headers, body, &KNOWN)?;
        let expiration = match fields.take("expiration_time") {
            None => return Err(Error::field("expiration_time", "field required")),
            Some(Value::Null) => None,
            Some(Value::String(text)) if query::time(&text).is_some() => Some(text),
            Some(_) => return Err(Error::field("expiration_time", "invalid datetime format")),
        };
        let visibility = match fields.optional("visibility_area")?.as_deref() {
            None => None,
            Some("account") => Some(Visibility::Account),
            Some("all") => Some(Visibility::All),
            Some(_) => {
                return Err(Error::field(
                    "visibility_area",
                    "value is not a valid enumeration member; permitted: 'account', 'all'",
                ));
            }
        };
        Ok(Written {
            permissions: fields
                .take("permissions")
                .map(permissions::read)
                .transpose()?,
            description: fields
                .optional("description")?
                .map(input::description)
                .transpose()?
                .unwrap_or_default(),
            expiration,
            visibility,
        })
    }

    /// What an account of this type gets of it.
    fn for_a(self, kind: AccountType, grants_all: bool) -> Result<Granted, Error> {
        let visibility = match (self.visibility, kind) {
            (Some(Visibility::All), AccountType::User) => {
                return Err(Error::field(
                    "visibility_area",
                    "'all' is not applicable to the account type 'user'",
                ));
            }
            (None, AccountType::User) => Visibility::Account,
            (given, _) => given.unwrap_or(Visibility::All),
        };
        let mut granted = match (self.permissions, grants_all) {
            (None, false) => return Err(Error::field("permissions", "field required")),
            (given, _) => given.unwrap_or_default(),
        };
        permissions::check(&granted, kind)?;
        if grants_all {
            granted.extend(permissions::all(kind));
        }
        Ok(Granted {
            permissions: granted,
            description: self.description,
            expiration: self.expiration,
            visibility,
        })
    }
}

struct Granted {
    permissions: Permissions,
    description: String,
    expiration: Option<String>,
    visibility: Visibility,
}

pub(super) async fn create(
    State(world): Luna,
    call: Call,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    let grants_all = grants_all(query.as_deref())?;
    let account_id = input::account_id(&headers)?.ok_or(Error::NoAccountHeader)?;
    let written = Written::read(&headers, &body)?;
    let answer = world.change(&call, |state, effects| {
        let granted = written.for_a(state.find(account_id)?.account_type, grants_all)?;
        let now = state::now();
        let token = Token {
            id: Uuid::new_v4(),
            account_id,
            description: granted.description,
            permissions: granted.permissions,
            visibility: granted.visibility,
            expiration: granted.expiration,
            created: now,
            updated: now,
        };
        effects.applied(token.id, Value::Null, token.show(Targets::All));
        let answer = made(&token);
        state.tokens.insert((token.created, token.id), token);
        Ok::<_, Error>(answer)
    })?;
    let url = answer["url"].as_str().unwrap_or_default().to_owned();
    Ok((StatusCode::CREATED, [(LOCATION, url)], Json(answer)).into_response())
}

/// Newest first; there is no total (contract §6).
pub(super) async fn list(
    State(world): Luna,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let listing = TokenListing::read(query.as_deref())?;
    let fault = call.page_fault();
    let tokens: Vec<Value> = world.read(|state| {
        let all = state.tokens.values().rev();
        let taken: Vec<_> = all.filter(|token| listing.takes(token)).collect();
        let page = paging::numbered(taken.len(), listing.page, listing.page_size, fault);
        let rows = taken[page.rows].iter();
        rows.map(|token| token.show_with_jwt(listing.targets))
            .collect()
    });
    Ok(Json(json!({ "tokens": tokens })))
}

pub(super) async fn find(
    State(world): Luna,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let id = input::uuid(&id)?;
    let mut targets = Targets::Standard;
    let mut account_id = None;
    for (name, value) in parameters(query.as_deref(), &["permissions_targets", "account_id"])? {
        match name.as_str() {
            "account_id" => account_id = Some(input::uuid(&value)?),
            _ => targets = Targets::from_word(&value).ok_or(Error::BadParameter(name))?,
        }
    }
    world.read(|state| {
        let token = state.token(id, account_id)?;
        Ok(Json(token.show_with_jwt(targets)))
    })
}

pub(super) async fn replace(
    State(world): Luna,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Error> {
    let id = input::uuid(&id)?;
    let grants_all = grants_all(query.as_deref())?;
    let account_id = input::account_id(&headers)?;
    let written = Written::read(&headers, &body)?;
    world.change(&call, |state, effects| {
        let before = state.token(id, account_id)?.clone();
        let kind = state.find(before.account_id)?.account_type;
        let granted = written.for_a(kind, grants_all)?;
        let token = Token {
            description: granted.description,
            permissions: granted.permissions,
            visibility: granted.visibility,
            expiration: granted.expiration,
            updated: state::now(),
            ..before.clone()
        };
        effects.applied(id, before.show(Targets::All), token.show(Targets::All));
        let answer = made(&token);
        state.tokens.insert((token.created, token.id), token);
        Ok(Json(answer))
    })
}

pub(super) async fn delete(
    State(world): Luna,
    call: Call,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<StatusCode, Error> {
    let id = input::uuid(&id)?;
    let account_id = parameters(query.as_deref(), &["account_id"])?
        .first()
        .map(|(_, value)| input::uuid(value))
        .transpose()?;
    world.change(&call, |state, effects| {
        let token = state.token(id, account_id)?.clone();
        state.tokens.remove(&(token.created, token.id));
        effects.applied(id, token.show(Targets::All), Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}

fn grants_all(query: Option<&str>) -> Result<bool, Error> {
    match parameters(query, &["grant_all_permissions"])?.pop() {
        None => Ok(false),
        Some((_, value)) if value == "0" => Ok(false),
        Some((_, value)) if value == "1" => Ok(true),
        Some((name, _)) => Err(Error::BadParameter(name)),
    }
}

fn made(token: &Token) -> Value {
    let url = format!("/1/tokens/{}", token.id);
    json!({ "token": jwt::made(token), "token_id": token.id, "url": url })
}

impl state::State {
    /// The token with this id, if it is this account's or no account is named.
    pub(super) fn token(&self, id: Uuid, account_id: Option<Uuid>) -> Result<&Token, Error> {
        let mut all = self.tokens.values();
        all.find(|token| token.id == id)
            .filter(|token| account_id.is_none_or(|account_id| account_id == token.account_id))
            .ok_or(Error::TokenNotFound(id))
    }

    /// The token that this is the JWT of, if it can be used.
    pub(super) fn opened(&self, jwt: &str) -> Result<&Token, Error> {
        let id = jwt::token_id(jwt).ok_or(Error::TokenCorrupted)?;
        let token = self.token(id, None).map_err(|_| Error::JwtUnknown)?;
        if token.is_over() {
            return Err(Error::TokenExpired);
        }
        Ok(token)
    }
}
