//! What every call passes first: the budget of calls (contract §A6), then the token (contract §A1, §A3).

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{errors::Error, quirks::Quirks, seed};
use crate::simulators::{
    kit::{Call, World},
    lumos,
};

/// What every handler takes as its state.
#[derive(Clone)]
pub(super) struct Main {
    pub(super) quirks: Arc<Quirks>,
    pub(super) world: World<lumos::State>,
}

/// Who calls: the user who made the token.
#[derive(Clone, Copy)]
pub(super) struct Caller(pub(super) Uuid);

/// The tokens by the name that the switch has for them, each with the number of its owner among the seeded users.
const TOKENS: [(&str, &str, Option<usize>); 3] = [
    ("admin", "lsk_simulated-main-token", Some(ADMIN)),
    ("member", "lsk_simulated-member-token", Some(1)),
    ("revoked", "lsk_simulated-revoked-token", None),
];
const ADMIN: usize = 0;

/// The text of a token.
pub(super) fn token(name: &str) -> Option<&'static str> {
    let found = TOKENS.iter().find(|(known, ..)| *known == name);
    found.map(|(_, text, _)| *text)
}

/// Lets a call in, or says why not.
pub(super) async fn admit(
    State(main): State<Main>,
    mut request: Request,
    next: Next,
) -> Result<Response, Error> {
    let caller = owner(&main, &request).map_err(|error| said_at(request.uri().path(), error))?;
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// An error in the words of the area that is asked.
fn said_at(path: &str, error: Error) -> Error {
    if path.starts_with("/v1/knowledge/") {
        return error.coded();
    }
    error
}

fn owner(main: &Main, request: &Request) -> Result<Caller, Error> {
    let text = bearer(request.headers()).ok_or_else(|| {
        Error::NotAuthenticated(if main.quirks.missing_token_is_401 {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::FORBIDDEN
        })
    })?;
    let owner = TOKENS.iter().find(|(_, known, _)| *known == text);
    let owner = owner.and_then(|(_, _, owner)| *owner);
    let owner = owner.ok_or(Error::BadToken)?;
    let id = seed::user_id(owner);
    // A token has the rights of who made it, and none when that user is gone.
    if main.world.read(|state| state.main.users.find(id).is_none()) {
        return Err(Error::BadToken);
    }
    if owner != ADMIN && request.uri().path() != "/users/current" {
        return Err(Error::Forbidden);
    }
    Ok(Caller(id))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// The window of calls that is running, if any.
#[derive(Clone, Copy, Default)]
pub(super) struct Window(Option<Open>);

#[derive(Clone, Copy)]
struct Open {
    reset: DateTime<Utc>,
    used: u64,
}

/// What a call finds left.
struct Left {
    remaining: u64,
    reset: DateTime<Utc>,
    refused: bool,
}

impl Window {
    fn take(&mut self, quirks: &Quirks, now: DateTime<Utc>) -> Left {
        let fresh = || Open {
            reset: now + quirks.window,
            used: 0,
        };
        let mut open = self.0.filter(|open| now < open.reset).unwrap_or_else(fresh);
        let refused = open.used >= quirks.budget;
        if !refused {
            open.used += 1;
        }
        self.0 = Some(open);
        Left {
            remaining: quirks.budget - open.used,
            reset: open.reset,
            refused,
        }
    }
}

/// Counts a call and says so in the answer, whatever that is.
pub(super) async fn count(
    State(main): State<Main>,
    call: Call,
    request: Request,
    next: Next,
) -> Response {
    let now = Utc::now();
    let left = main.world.change(&call, |state, _nothing_to_see| {
        state.main.pass_time(now);
        state.main.window.take(&main.quirks, now)
    });
    let mut response = if left.refused {
        said_at(request.uri().path(), Error::TooManyRequests).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-ratelimit-limit", main.quirks.budget.to_string());
    set("x-ratelimit-remaining", left.remaining.to_string());
    let reset = left.reset.timestamp_millis();
    set(
        "x-ratelimit-reset",
        format!("{}.{:03}", reset / 1000, reset % 1000),
    );
    // On a 200, too, as it was seen there: it means nothing.
    let wait = if left.refused {
        left.reset - now
    } else {
        TimeDelta::zero()
    };
    let seconds = (wait.num_milliseconds() + 999) / 1000;
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}
