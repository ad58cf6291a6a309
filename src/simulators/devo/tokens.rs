//! API tokens (contract §6), under either flavour of their path.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::Json,
};
use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{auth::Caller, errors::Error, front::Front, input, state};
use crate::simulators::kit::{Call, people};

type Devo = State<Front>;
type Answer = Result<Json<Value>, Error>;

/// A token that never ends, in requests and answers.
const PERMANENT: i64 = -1;
const DEFAULT_SECONDS: i64 = 86_400;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) scope: String,
    pub(super) owner: String,
    pub(super) user: String,
    pub(super) audience: String,
    pub(super) active: bool,
    /// The domain.
    pub(super) account: String,
    pub(super) created: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
    pub(super) seconds: i64,
    pub(super) value: String,
}

impl Token {
    /// Without its value.
    pub(super) fn show(&self) -> Value {
        let expiration = (self.seconds != PERMANENT)
            .then(|| time(self.created + Duration::seconds(self.seconds)));
        json!({
            "name": self.name, "id": self.id, "scope": self.scope, "owner": self.owner, "user": self.user,
            "audience": self.audience, "token_type": "Bearer", "active": self.active, "expiration": expiration,
            "account": self.account, "created": time(self.created), "updated": time(self.updated),
            "expires_in_seconds": self.seconds
        })
    }

    fn show_with_value(&self) -> Value {
        let mut shown = self.show();
        shown["token"] = self.value.as_str().into();
        shown
    }
}

/// The vendor's own spelling: an offset without a colon (contract §3).
fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3f%z").to_string()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewToken {
    name: Option<String>,
    owner: Option<String>,
    user: Option<String>,
    audience: String,
    scopes: Option<String>,
    expires_in_seconds: Option<i64>,
}

#[derive(Deserialize)]
struct Rename {
    name: String,
}

pub(super) async fn list(State(front): Devo, caller: Caller, Path(a): Path<String>) -> Answer {
    caller.check(&a)?;
    let found = front.world.read(|state| {
        state.domain(&a)?;
        let tokens = state.tokens.values().filter(|token| token.account == a);
        Ok(tokens.map(Token::show).collect())
    });
    found.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn find(
    State(front): Devo,
    caller: Caller,
    Path((a, id)): Path<(String, String)>,
) -> Answer {
    caller.check(&a)?;
    let found = front
        .world
        .read(|state| Ok(state.token(&a, &id)?.show_with_value()));
    found.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn create(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(a): Path<String>,
    body: Bytes,
) -> Answer {
    caller.check(&a)?;
    let new: NewToken = input::read(&body)?;
    input::ensure(!new.audience.trim().is_empty(), "audience")?;
    let seconds = new.expires_in_seconds.unwrap_or(DEFAULT_SECONDS);
    input::ensure(seconds > 0 || seconds == PERMANENT, "expiresInSeconds")?;
    let made = front.world.change(&call, |state, effects| {
        let domain = state.domain(&a)?;
        let caller = domain.members.iter().find(|member| member.owner);
        let caller = caller.map_or_else(String::new, |owner| owner.email.clone());
        let owner = new.owner.unwrap_or(caller);
        let user = new.user.unwrap_or_else(|| owner.clone());
        for person in [&owner, &user] {
            domain.position(person)?;
        }
        let token = Token {
            id: state.tokens.keys().last().map_or(1, |last| last + 1),
            name: new.name.unwrap_or_else(|| "Unnamed".to_owned()),
            scope: new.scopes.unwrap_or_else(|| "default".to_owned()),
            owner,
            user,
            audience: new.audience,
            active: true,
            account: a.clone(),
            created: Utc::now(),
            updated: Utc::now(),
            seconds,
            value: state.next_value(),
        };
        effects.applied(token.id.to_string(), Value::Null, token.show());
        let shown = token.show_with_value();
        state.tokens.insert(token.id, token);
        Ok(Json(shown))
    });
    made.map_err(|error| front.refuse(error))
}

pub(super) async fn enable(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(place): Path<(String, String)>,
) -> Answer {
    change(&front, &caller, &call, place, |token| token.active = true)
}

pub(super) async fn disable(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(place): Path<(String, String)>,
) -> Answer {
    change(&front, &caller, &call, place, |token| token.active = false)
}

pub(super) async fn rename(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(place): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let Rename { name } = input::read(&body)?;
    input::ensure(!name.trim().is_empty(), "name")?;
    change(&front, &caller, &call, place, |token| token.name = name)
}

fn change(
    front: &Front,
    caller: &Caller,
    call: &Call,
    (a, id): (String, String),
    apply: impl FnOnce(&mut Token),
) -> Answer {
    caller.check(&a)?;
    let changed = front.world.change(call, |state, effects| {
        let token = state.token_mut(&a, &id)?;
        let before = token.clone();
        apply(token);
        if *token != before {
            token.updated = Utc::now();
            effects.applied(id, before.show(), token.show());
        }
        Ok(Json(token.show()))
    });
    changed.map_err(|error| front.refuse(error))
}

pub(super) async fn remove(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path((a, id)): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    caller.check(&a)?;
    let removed = front.world.change(&call, |state, effects| {
        let token = state.token(&a, &id)?.clone();
        state.tokens.remove(&token.id);
        effects.applied(id, token.show(), Value::Null);
        Ok(StatusCode::NO_CONTENT)
    });
    removed.map_err(|error| front.refuse(error))
}

impl state::State {
    fn token(&self, account: &str, id: &str) -> Result<&Token, Error> {
        self.domain(account)?;
        id.parse()
            .ok()
            .and_then(|id: u64| self.tokens.get(&id))
            .filter(|token| token.account == account)
            .ok_or_else(|| Error::generic(format!("Token {id} not found")))
    }

    fn token_mut(&mut self, account: &str, id: &str) -> Result<&mut Token, Error> {
        let id = self.token(account, id)?.id;
        self.tokens
            .get_mut(&id)
            .ok_or_else(|| Error::generic(format!("Token {id} not found")))
    }

    /// 32 hexadecimal digits that no token had before.
    pub(super) fn next_value(&mut self) -> String {
        self.made += 1;
        people::uuid("devo/token", self.made).simple().to_string()
    }
}
