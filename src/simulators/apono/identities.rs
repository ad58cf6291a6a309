//! Identities of all kinds, and attributes: those of the directory, and those set in bulk (contract §6.8, §6.14, §7.10).

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    extract::{RawQuery, State},
    response::Json,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    errors::Error,
    front::Front,
    input::Input,
    lists::{self, Listing},
    query::Query,
    state::{self, User},
};
use crate::simulators::kit::Call;

const DEFAULT_LIMIT: usize = 100;

/// `IdentityAttributeModel`.
#[derive(Deserialize)]
pub(super) struct Attributes {
    email: String,
    attributes: BTreeMap<String, String>,
}

/// `IdentityAttributeKeysModel`.
#[derive(Deserialize)]
pub(super) struct Keys {
    email: String,
    attribute_types: Vec<String>,
}

/// `UpsertErrorModel`: its code and its details.
type Wrong = (&'static str, String);

impl state::State {
    /// Type and value of every attribute that some user has, with the integration that the user comes from.
    fn attributes(&self) -> BTreeSet<(&str, &str, Option<&str>)> {
        let of = |user| {
            let User {
                attributes,
                source_id,
                ..
            }: &User = user;
            let pairs = attributes.iter().flatten();
            pairs.map(move |(kind, value)| (kind.as_str(), value.as_str(), source_id.as_deref()))
        };
        self.users.rows().flat_map(of).collect()
    }
}

pub(super) async fn list(State(front): State<Front>) -> Json<Value> {
    front.world.read(|state| {
        let identity =
            |kind: &str, name: &str, id: &str| json!({ "type": kind, "name": name, "id": id });
        let users = state.users.rows().map(|user| {
            let name = format!("{} {}", user.first_name, user.last_name);
            identity("USER", name.trim(), &user.id)
        });
        let groups = state
            .groups
            .rows()
            .map(|group| identity("GROUP", &group.name, &group.id));
        let attributes: BTreeSet<_> = state
            .attributes()
            .into_iter()
            .map(|(kind, value, _)| (kind, value))
            .collect();
        let attributes = attributes
            .into_iter()
            .map(|(kind, value)| identity("CONTEXT_ATTRIBUTE", value, &format!("{kind}:{value}")));
        let all: Vec<Value> = users.chain(groups).chain(attributes).collect();
        Json(lists::whole(&front.quirks, all.len(), all.into_iter()))
    })
}

pub(super) async fn list_attributes(State(front): State<Front>, listing: Listing) -> Json<Value> {
    front.world.read(|state| {
        let query = listing.query();
        let wanted = query.one("source_integration_reference");
        let rows = state
            .attributes()
            .into_iter()
            .filter(|(kind, value, source)| {
                let name = state.source(*source);
                query.takes("type", kind)
                    && query.takes_like("search", value)
                    && wanted.is_none_or(|wanted| Some(wanted) == *source || Some(wanted) == name)
            });
        let rows: Vec<Value> = rows
            .map(|(kind, value, source)| {
                json!({
                    "type": kind,
                    "value": value,
                    "source_id": source.map(|_| format!("{kind}:{value}")),
                    "source_integration_id": source,
                    "source_integration_name": state.source(source),
                })
            })
            .collect();
        Json(listing.answer_whole(rows))
    })
}

/// The one legacy list that has pages (contract §3).
pub(super) async fn list_bulk(
    State(front): State<Front>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let query = Query::read(query.as_deref());
    let number = |name: &str, default: usize| match query.one(name).filter(|text| !text.is_empty())
    {
        Some(text) => text
            .parse()
            .map_err(|_| Error::BadRequest(format!("{name} must be a number"))),
        None => Ok(default),
    };
    let (limit, skip) = (number("limit", DEFAULT_LIMIT)?, number("skip", 0)?);
    front.world.read(|state| {
        let rows = state.users.rows();
        let rows: Vec<&User> = rows
            .filter(|user| query.takes_any("emails", [user.email.as_str()]))
            .collect();
        let total = rows.len();
        let data: Vec<Value> = rows
            .into_iter()
            .skip(skip)
            .take(limit)
            .map(|user| json!({ "email": user.email, "attributes": user.attributes.clone().unwrap_or_default() }))
            .collect();
        Ok(Json(json!({
            "data": data,
            "pagination": { "total": total, "limit": limit, "offset": skip }
        })))
    })
}

pub(super) async fn upsert(
    State(front): State<Front>,
    call: Call,
    Input(given): Input<Vec<Attributes>>,
) -> Json<Value> {
    let rows = given.into_iter().map(|one| (one.email, one.attributes));
    each(&front, &call, rows, |held, given| {
        held.extend(given);
        Vec::new()
    })
}

pub(super) async fn remove(
    State(front): State<Front>,
    call: Call,
    Input(given): Input<Vec<Keys>>,
) -> Json<Value> {
    let rows = given
        .into_iter()
        .map(|one| (one.email, one.attribute_types));
    each(&front, &call, rows, |held, types| {
        let missing = |kind: String| match held.remove(&kind) {
            Some(_) => None,
            None => Some((
                "ATTRIBUTE_NOT_FOUND",
                format!("there is no attribute {kind}"),
            )),
        };
        types.into_iter().filter_map(missing).collect()
    })
}

/// Does each row by itself and tells what became of it; a row with an error changes nothing.
fn each<T>(
    front: &Front,
    call: &Call,
    rows: impl Iterator<Item = (String, T)>,
    change: impl Fn(&mut BTreeMap<String, String>, T) -> Vec<Wrong>,
) -> Json<Value> {
    front.world.change(call, |state, effects| {
        let mut results = Vec::new();
        for (email, given) in rows {
            let user = state
                .key_of_email(&email)
                .and_then(|key| state.users.at_mut(key));
            let errors = match user {
                None => vec![("USER_NOT_FOUND", format!("there is no user {email}"))],
                Some(user) => {
                    let mut after = user.attributes.clone().unwrap_or_default();
                    let before = after.clone();
                    let errors = change(&mut after, given);
                    if errors.is_empty() && before != after {
                        effects.applied(
                            user.id.clone(),
                            json!({ "attributes": before }),
                            json!({ "attributes": after }),
                        );
                        user.attributes = Some(after);
                    }
                    errors
                }
            };
            let errors: Vec<Value> = errors
                .into_iter()
                .map(|(code, details)| json!({ "error_code": code, "error_details": details }))
                .collect();
            results.push(json!({ "email": email, "success": errors.is_empty(), "errors": errors }));
        }
        let succeeded = results.iter().filter(|one| one["success"] == true).count();
        let failed = results.len() - succeeded;
        Json(json!({
            "summary": { "total": results.len(), "succeeded": succeeded, "failed": failed },
            "results": results
        }))
    })
}
