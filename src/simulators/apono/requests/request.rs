//! A request, and how its people see it (contract §7.1, §7.3).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::simulators::{
    apono::{inventory::label, state, table::Row},
    kit::rfc3339,
};

/// Who asked, or for whom.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Person {
    pub(in super::super) id: String,
    pub(in super::super) email: String,
}

/// A resource and a permission on it, by their ids.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Pair {
    pub(in super::super) resource_id: String,
    pub(in super::super) permission_id: String,
}

/// `AccessRequestV4`.
#[derive(Debug, Clone)]
pub(in super::super) struct Request {
    pub(in super::super) id: String,
    pub(in super::super) friendly_id: String,
    pub(in super::super) status: String,
    pub(in super::super) seconds: Option<u32>,
    pub(in super::super) justification: Option<String>,
    pub(in super::super) created: DateTime<Utc>,
    /// When the access ends or has ended.
    pub(in super::super) ends: Option<DateTime<Utc>>,
    pub(in super::super) custom_fields: BTreeMap<String, String>,
    pub(in super::super) pairs: Vec<Pair>,
    pub(in super::super) requestor: Person,
    pub(in super::super) grantee: Person,
    /// Id and name, if it was asked for as one.
    pub(in super::super) bundle: Option<(String, String)>,
    /// The name of the flow that it went by.
    pub(in super::super) flow: String,
    /// Its clock stands still, as that of those does which were there from the beginning.
    pub(in super::super) stands_still: bool,
}

impl Row for Request {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Request {
    /// The word for now: what is being taken away is gone in the end.
    pub(in super::super) fn status(&self) -> &str {
        match (self.status.as_str(), self.ends) {
            ("Active" | "Revoking", Some(ends)) if !self.stands_still && ends <= Utc::now() => {
                "Revoked"
            }
            (word, _) => word,
        }
    }

    /// As this caller sees it, who isn't named in it.
    pub(in super::super) fn show(&self, state: &state::State, caller: &str) -> Value {
        let person = |person: &Person| {
            let other = person.email != caller;
            other.then(|| shown(person))
        };
        let mut shown = self.base(state);
        shown["requestor"] = json!(person(&self.requestor));
        shown["grantee"] = json!(person(&self.grantee));
        shown
    }

    /// `DelegatedAccessRequestV1`: whom it is for is always told.
    pub(super) fn show_delegated(&self, state: &state::State) -> Value {
        let mut body = self.base(state);
        body["requestor"] = shown(&self.requestor);
        body["grantee"] = shown(&self.grantee);
        body
    }

    fn base(&self, state: &state::State) -> Value {
        let mut groups: Vec<(String, Vec<String>)> = Vec::new();
        for resource in self
            .pairs
            .iter()
            .filter_map(|pair| state.resources.find(&pair.resource_id))
        {
            let place = groups
                .iter()
                .position(|(id, _)| *id == resource.integration_id);
            let place = place.unwrap_or_else(|| {
                groups.push((resource.integration_id.clone(), Vec::new()));
                groups.len() - 1
            });
            let kinds = &mut groups[place].1;
            if !kinds.contains(&resource.kind) {
                kinds.push(resource.kind.clone());
            }
        }
        let groups = groups.iter().map(|(id, kinds)| {
            let kinds = kinds
                .iter()
                .map(|kind| json!({ "id": kind, "label": label(kind) }));
            json!({
                "integration": state.integration_partial(id),
                "resource_types": kinds.collect::<Vec<_>>(),
            })
        });
        json!({
            "id": self.id,
            "status": self.status(),
            "duration_in_sec": self.seconds,
            "justification": self.justification,
            "creation_date": rfc3339(self.created),
            "revocation_date": self.ends.map(rfc3339),
            "custom_fields": self.custom_fields,
            "access_groups": groups.collect::<Vec<_>>(),
            "bundle": self.bundle.as_ref().map(|(id, name)| json!({ "id": id, "name": name })),
        })
    }

    pub(super) fn is_of(&self, caller: &str) -> bool {
        [&self.requestor, &self.grantee]
            .into_iter()
            .any(|person| person.email == caller)
    }
}

fn shown(person: &Person) -> Value {
    json!({ "id": person.id, "source_id": person.email })
}
