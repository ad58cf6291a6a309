//! What every call passes first: the request id (contract §2), the strict mode's authorization, the counting of answers.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Arc, LazyLock, Mutex},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::Utc;
use regex::Regex;
use uuid::Uuid;

use super::{Auth, errors::Error, seed, state, verifier};
use crate::simulators::kit::World;

const REQUEST_ID: HeaderName = HeaderName::from_static("luna-request-id");
static REQUEST_ID_PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^[0-9]{10},[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$")
        .expect("a valid pattern")
});

#[derive(Clone)]
pub(super) struct Front {
    auth: Auth,
    world: World<state::State>,
    /// How many answers, by method, path template and status.
    answers: Arc<Mutex<BTreeMap<(String, u16), u64>>>,
}

impl Front {
    pub(super) fn new(auth: Auth, world: World<state::State>) -> Self {
        Front {
            auth,
            world,
            answers: Arc::default(),
        }
    }

    /// The Prometheus text of the counted answers.
    pub(super) fn metrics(&self) -> String {
        let mut text = "# TYPE request_count_total counter\n".to_owned();
        for ((path, status), count) in self.answers().iter() {
            // Writing to a string can't fail.
            let _ = writeln!(
                text,
                "request_count_total{{path=\"{path}\",status_code=\"{status}\"}} {count}.0"
            );
        }
        text
    }

    fn count(&self, path: String, response: &Response) {
        *self
            .answers()
            .entry((path, response.status().as_u16()))
            .or_default() += 1;
    }

    fn answers(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, u16), u64>> {
        self.answers
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn admit(&self, request: &Request) -> Result<(), Error> {
        if self.auth == Auth::None || !request.uri().path().starts_with("/1/") {
            return Ok(());
        }
        let given = request
            .headers()
            .get(AUTHORIZATION)
            .ok_or(Error::AuthorizationNeeded)?;
        let given = given.to_str().map_err(|_| Error::AuthorizationMalformed)?;
        let (scheme, value) = given.split_once(' ').ok_or(Error::AuthorizationMalformed)?;
        let admitted = match self.auth {
            Auth::Basic if scheme.eq_ignore_ascii_case("basic") => {
                let (login, password) = basic(value).ok_or(Error::AuthorizationMalformed)?;
                self.world
                    .read(|state| verifier::log_in(state, &login, &password).is_some())
            }
            Auth::Bearer if scheme.eq_ignore_ascii_case("bearer") => {
                value == seed::BEARER || self.world.read(|state| state.opened(value).is_ok())
            }
            Auth::None | Auth::Basic | Auth::Bearer => return Err(Error::AuthorizationMalformed),
        };
        if admitted {
            Ok(())
        } else {
            Err(Error::WrongCredentials)
        }
    }
}

pub(super) async fn receive(State(front): State<Front>, request: Request, next: Next) -> Response {
    let template = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str);
    let path = format!("{}:{template}", request.method());
    let (id, refused) = match request_id(request.headers()) {
        Ok(id) => (id, front.admit(&request).err()),
        Err(error) => (fresh_request_id(), Some(error)),
    };
    let mut response = match refused {
        Some(error) => error.into_response(),
        None => next.run(request).await,
    };
    front.count(path, &response);
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The caller's, or a new one.
fn request_id(headers: &HeaderMap) -> Result<HeaderValue, Error> {
    match headers.get(REQUEST_ID) {
        None => Ok(fresh_request_id()),
        Some(given)
            if given
                .to_str()
                .is_ok_and(|id| REQUEST_ID_PATTERN.is_match(id)) =>
        {
            Ok(given.clone())
        }
        Some(_) => Err(Error::BadParameter("Luna-Request-Id".to_owned())),
    }
}

fn fresh_request_id() -> HeaderValue {
    let id = format!("{},{}", Utc::now().timestamp(), Uuid::new_v4());
    HeaderValue::try_from(id).expect("digits, a comma and a UUID")
}

fn basic(value: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (login, password) = text.split_once(':')?;
    Some((login.to_owned(), password.to_owned()))
}
