//! `…/auth`: hands out authorization codes (contract §2.2). Whoever is at the browser is signed in already.

use axum::{
    body::Bytes,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header::LOCATION},
    response::{Html, IntoResponse, Response},
};
use chrono::{Duration, Utc};
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::{Code, errors::Refusal, form::Form};
use crate::simulators::{
    kit::{Call, World},
    lightelligence::state,
};

type Realm = State<World<state::State>>;

pub async fn by_query(
    State(world): Realm,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    world.change(&call, |state, _no_effects| authorize(state, &form))
}

pub async fn by_form(
    State(world): Realm,
    call: Call,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Form::read(&headers, &body);
    world.change(&call, |state, _no_effects| authorize(state, &form))
}

fn authorize(state: &mut state::State, form: &Form) -> Result<Response, Refusal> {
    form.check_unique()?;
    let required = |name: &str| {
        let missing = || Refusal::invalid_request(format!("Missing parameter: {name}"));
        form.get(name).ok_or_else(missing)
    };
    let bad = |error, text| Refusal::new(StatusCode::BAD_REQUEST, error, text);
    let client = state.realm.client(required("client_id")?);
    let client = client.ok_or_else(|| bad("invalid_client", "Client not found"))?;
    let uri = required("redirect_uri")?;
    let target = Url::parse(uri).ok().filter(|_| client.takes_redirect(uri));
    let target =
        target.ok_or_else(|| Refusal::invalid_request("Invalid parameter: redirect_uri"))?;
    if required("response_type")? != "code" {
        let text = "Only the response type code is supported";
        return Err(bad("unsupported_response_type", text));
    }
    let scope = required("scope")?;
    let mode = Mode::read(required("response_mode")?)?;
    let nonce = form.get("nonce").map(str::to_owned);
    if mode == Mode::FormPost && nonce.is_none() {
        return Err(Refusal::invalid_request("Missing parameter: nonce"));
    }
    let user = match form.get("login_hint") {
        None => state.realm.visitor,
        Some(email) => {
            let user = state.user_by_email(email);
            user.ok_or_else(|| bad("access_denied", "There is no such user"))?
                .id
        }
    };
    let challenge = match (
        form.get("code_challenge"),
        form.get("code_challenge_method"),
    ) {
        (None, _) => None,
        (Some(text), None | Some("plain")) => Some((text.to_owned(), false)),
        (Some(text), Some("S256")) => Some((text.to_owned(), true)),
        (Some(_), Some(_)) => {
            let text = "Invalid parameter: code_challenge_method";
            return Err(Refusal::invalid_request(text));
        }
    };
    let session = Uuid::new_v4();
    let code = Code {
        client: client.id.clone(),
        user,
        redirect_uri: uri.to_owned(),
        scope: scope.to_owned(),
        nonce,
        challenge,
        expires: Utc::now() + Duration::seconds(state.settings.code_seconds.into()),
        session,
        used: false,
    };
    let text = format!("{}.{session}", Uuid::new_v4());
    state.realm.add_code(text.clone(), code);
    let mut fields = vec![("code", text), ("session_state", session.to_string())];
    if let Some(given) = form.get("state") {
        fields.push(("state", given.to_owned()));
    }
    Ok(mode.answer(target, &fields))
}

/// How the code gets to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    FormPost,
    Query,
    Fragment,
}

impl Mode {
    fn read(word: &str) -> Result<Self, Refusal> {
        match word {
            "form_post" => Ok(Mode::FormPost),
            "query" => Ok(Mode::Query),
            "fragment" => Ok(Mode::Fragment),
            _ => Err(Refusal::invalid_request("Invalid parameter: response_mode")),
        }
    }

    fn answer(self, mut target: Url, fields: &[(&str, String)]) -> Response {
        match self {
            Mode::FormPost => return form_post(&target, fields),
            Mode::Query => {
                target.query_pairs_mut().extend_pairs(fields);
            }
            Mode::Fragment => {
                let fragment = form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish();
                target.set_fragment(Some(&fragment));
            }
        }
        (StatusCode::FOUND, [(LOCATION, target.to_string())]).into_response()
    }
}

/// A page that posts itself to the client.
fn form_post(target: &Url, fields: &[(&str, String)]) -> Response {
    let inputs: String = fields
        .iter()
        .map(|(name, value)| {
            let value = escaped(value);
            format!(r#"<input type="hidden" name="{name}" value="{value}">"#)
        })
        .collect();
    let action = escaped(target.as_str());
    Html(format!(
        "<!doctype html><html><head><title>Submit this form</title></head>\
         <body onload=\"document.forms[0].submit()\">\
         <form method=\"post\" action=\"{action}\">{inputs}</form></body></html>"
    ))
    .into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
