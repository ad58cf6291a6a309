//! The tokens that there are, and where each is let in (contract §1).

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, header::AUTHORIZATION, request::Parts},
};
use serde_json::{Value, json};

use super::{errors::Error, front::Front, quirks::Quirks, state::State};

/// A token, plainly made up.
struct Token {
    /// By which the switches call it.
    name: &'static str,
    text: &'static str,
    bearer: Bearer,
}

#[derive(Clone, Copy)]
enum Bearer {
    /// A service account with its roles.
    Account(&'static [&'static str]),
    /// A service account whose token has run out.
    Expired,
    /// A person, by e-mail, who may administer or not.
    Person { owner: &'static str, is_admin: bool },
}

const ACCOUNT_TOKENS: [Token; 4] = [
    Token {
        name: "admin",
        text: "simulated-account-token",
        bearer: Bearer::Account(&["Admin"]),
    },
    Token {
        name: "viewer",
        text: "simulated-viewer-token",
        bearer: Bearer::Account(&["Viewer"]),
    },
    Token {
        name: "roleless",
        text: "simulated-roleless-token",
        bearer: Bearer::Account(&[]),
    },
    Token {
        name: "expired",
        text: "simulated-expired-token",
        bearer: Bearer::Expired,
    },
];

const PERSONAL_TOKENS: [Token; 2] = [
    Token {
        name: "user",
        text: "aup_simulated-personal-token",
        bearer: Bearer::Person {
            owner: "bruno.keller@example.org",
            is_admin: false,
        },
    },
    Token {
        name: "admin",
        text: "aup_simulated-admin-token",
        bearer: Bearer::Person {
            owner: "ada.lind@example.org",
            is_admin: true,
        },
    },
];

/// The owners of personal tokens.
pub(super) fn owners() -> impl Iterator<Item = &'static str> {
    PERSONAL_TOKENS
        .into_iter()
        .filter_map(|token| match token.bearer {
            Bearer::Person { owner, .. } => Some(owner),
            Bearer::Account(_) | Bearer::Expired => None,
        })
}

/// The two tokens of a connection.
pub(super) fn credentials(quirks: &Quirks) -> Value {
    let text = |tokens: &[Token], name: &str| {
        let token = tokens.iter().find(|token| token.name == name);
        token.map(|token| token.text)
    };
    json!({
        "kind": "tokens",
        "account_token": text(&ACCOUNT_TOKENS, quirks.account_token),
        "personal_token": text(&PERSONAL_TOKENS, quirks.personal_token),
    })
}

/// The tokens that work, without their texts.
pub(super) fn tokens_shown(state: &State) -> Vec<Value> {
    let all = ACCOUNT_TOKENS.iter().chain(&PERSONAL_TOKENS);
    all.filter_map(|token| match token.bearer {
        Bearer::Account(roles) => Some(json!({ "kind": "account", "roles": roles })),
        Bearer::Person { owner, .. } if state.token_owners.contains(owner) => {
            Some(json!({ "kind": "personal", "owner": owner }))
        }
        Bearer::Expired | Bearer::Person { .. } => None,
    })
    .collect()
}

/// On whose behalf a call is made, by e-mail; nobody's, for an account token.
#[derive(Clone, Copy)]
pub(super) struct Caller(pub(super) Option<&'static str>);

impl FromRequestParts<Front> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _front: &Front) -> Result<Self, Error> {
        parts.extensions.get().copied().ok_or(Error::Internal)
    }
}

/// Lets a call in, or says why not.
pub(super) fn admit(
    quirks: &Quirks,
    state: &State,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
) -> Result<Caller, Error> {
    let given = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Error::Unauthorized)?;
    let bearer = ACCOUNT_TOKENS
        .into_iter()
        .chain(PERSONAL_TOKENS)
        .find(|token| token.text == given)
        .map(|token| token.bearer)
        .ok_or(Error::Unauthorized)?;
    let forbidden = |why: &str| Err(Error::Forbidden(why.to_owned()));
    match bearer {
        Bearer::Expired => Err(Error::Unauthorized),
        // It died with its owner's account.
        Bearer::Person { owner, .. } if !state.token_owners.contains(owner) => {
            Err(Error::Unauthorized)
        }
        Bearer::Account(_) if path.starts_with("/api/user/") => {
            forbidden("an account token acts for no user; use a personal token")
        }
        Bearer::Account(_) if quirks.legacy_is_personal && !path.starts_with("/api/admin/") => {
            forbidden("this API takes the personal token of an administrator")
        }
        Bearer::Account([]) => forbidden("this account token has no role"),
        Bearer::Account(["Viewer"]) if method != Method::GET => {
            forbidden("the role Viewer may only read")
        }
        Bearer::Person { is_admin, .. } if !is_admin && !path.starts_with("/api/user/") => {
            forbidden("the owner of this token may not administer")
        }
        Bearer::Account(_) => Ok(Caller(None)),
        Bearer::Person { owner, .. } => Ok(Caller(Some(owner))),
    }
}
