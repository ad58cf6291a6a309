//! What a token may do: resources with their verbs, standard and custom (contract §6).

use serde_json::{Map, Value, json};

use super::{errors::Error, state::AccountType};

/// Verbs by the methods that they stand for.
const VERBS: [&str; 4] = ["creation", "view", "modification", "deletion"];
/// The further verb of the resources that can be searched.
const MATCHING: &str = "matching";
const MATCHED: [&str; 3] = ["face", "attribute", "event"];

/// The resources that are known, and those that are likely; everything else is custom.
const STANDARD: [&str; 14] = [
    "account",
    "attribute",
    "body_sample",
    "event",
    "face",
    "face_sample",
    "handler",
    "image_object",
    "lambdas",
    "list",
    "object",
    "task",
    "token",
    "verifier",
];
/// Members that are no verbs: an object, and an array of names.
const EMIT_EVENTS: &str = "emit_events";
const RESOURCES: &str = "resources";

pub(super) type Permissions = Map<String, Value>;

/// Which permissions are to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Targets {
    Standard,
    Custom,
    All,
}

impl Targets {
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "standard" => Some(Targets::Standard),
            "custom" => Some(Targets::Custom),
            "all" => Some(Targets::All),
            _ => None,
        }
    }

    pub(super) fn of(self, permissions: &Permissions) -> Permissions {
        let takes = |name: &str| match self {
            Targets::Standard => is_standard(name),
            Targets::Custom => !is_standard(name),
            Targets::All => true,
        };
        let taken = permissions.iter().filter(|(name, _)| takes(name));
        taken
            .map(|(name, verbs)| (name.clone(), verbs.clone()))
            .collect()
    }
}

fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name) || [EMIT_EVENTS, RESOURCES].contains(&name)
}

/// Reads the object of a body.
pub(super) fn read(value: Value) -> Result<Permissions, Error> {
    let Value::Object(permissions) = value else {
        return Err(Error::field("permissions", "value is not a valid dict"));
    };
    for (name, value) in &permissions {
        let is_good = match name.as_str() {
            EMIT_EVENTS => value.is_object(),
            RESOURCES => words(value).is_some(),
            _ => is_resource(name) && words(value).is_some_and(|verbs| are_verbs(name, &verbs)),
        };
        if !is_good {
            return Err(Error::field(
                &format!("permissions.{name}"),
                "value is not a valid permission",
            ));
        }
    }
    Ok(permissions)
}

/// Every standard permission that an account of this type can have.
pub(super) fn all(kind: AccountType) -> Permissions {
    let allowed = |name: &str| {
        let verbs = VERBS.into_iter().filter(|verb| may(kind, name, verb));
        let matching = MATCHED.contains(&name).then_some(MATCHING);
        json!(verbs.chain(matching).collect::<Vec<_>>())
    };
    STANDARD
        .into_iter()
        .map(|name| (name.to_owned(), allowed(name)))
        .collect()
}

/// Refuses what an account of this type can't have.
pub(super) fn check(permissions: &Permissions, kind: AccountType) -> Result<(), Error> {
    let lacking: Vec<String> = permissions
        .iter()
        .flat_map(|(name, verbs)| {
            let verbs = words(verbs).unwrap_or_default();
            let lacking = verbs.into_iter().filter(|verb| !may(kind, name, verb));
            lacking
                .map(|verb| format!("{name}:{verb}"))
                .collect::<Vec<_>>()
        })
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Error::PermissionsUnacceptable {
        permissions: lacking.join(", "),
        kind,
    })
}

/// Only administrators may make, change and delete accounts.
fn may(kind: AccountType, name: &str, verb: &str) -> bool {
    name != "account" || verb == "view" || kind == AccountType::Admin
}

fn is_resource(name: &str) -> bool {
    STANDARD.contains(&name)
        || (3..=16).contains(&name.len())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn are_verbs(name: &str, words: &[&str]) -> bool {
    words.iter().enumerate().all(|(place, word)| {
        let is_known = VERBS.contains(word) || *word == MATCHING && MATCHED.contains(&name);
        is_known && !words[..place].contains(word)
    })
}

fn words(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}
