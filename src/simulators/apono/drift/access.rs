//! Members, resources and requests that change behind the clients' backs.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{needed, put, read};
use crate::simulators::{
    apono::{inventory::Resource, state::State},
    kit::{Drift, DriftOp},
};

/// The member of a group, which the drift's id names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceFields {
    integration_id: Option<String>,
    source_id: Option<String>,
    name: Option<String>,
    r#type: Option<String>,
    status: Option<String>,
    message: Option<String>,
    tags: Option<BTreeMap<String, String>>,
}

/// What the public API can't do: say how a request ended.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestFields {
    status: String,
}

impl State {
    pub(in super::super) fn drift_grant(&mut self, drift: &Drift) -> Result<(), String> {
        let group = needed(drift)?;
        let Member { email } = read(&drift.value)?;
        let key = self.key_of_email(&email);
        let key = key.ok_or_else(|| format!("there is no user of {email}"))?;
        let held = self.groups.find_mut(group);
        let held = held.ok_or_else(|| format!("there is no group {group}"))?;
        let is_changed = match drift.op {
            DriftOp::Add => held.members.insert(key),
            DriftOp::Remove => held.members.remove(&key),
            DriftOp::Change => return Err("a grant is added or removed".to_owned()),
        };
        if is_changed {
            return Ok(());
        }
        Err(format!("{email} is so already"))
    }

    pub(in super::super) fn drift_resource(&mut self, drift: &Drift) -> Result<(), String> {
        let id = needed(drift)?;
        let found = self.resources.find(id).cloned();
        let mut resource = match (drift.op, found) {
            (DriftOp::Add, None) => Resource {
                id: id.to_owned(),
                integration_id: String::new(),
                source_id: id.to_owned(),
                name: id.to_owned(),
                kind: String::new(),
                status: "Active".to_owned(),
                message: None,
                tags: BTreeMap::new(),
            },
            (DriftOp::Add, Some(_)) => return Err(format!("there is a resource {id} already")),
            (DriftOp::Change, Some(resource)) => resource,
            (DriftOp::Remove, Some(_)) => {
                self.resources.remove(id);
                return Ok(());
            }
            (DriftOp::Change | DriftOp::Remove, None) => {
                return Err(format!("there is no resource {id}"));
            }
        };
        let fields: ResourceFields = read(&drift.value)?;
        put(&mut resource.integration_id, fields.integration_id);
        put(&mut resource.source_id, fields.source_id);
        put(&mut resource.name, fields.name);
        put(&mut resource.kind, fields.r#type);
        put(&mut resource.status, fields.status);
        put(&mut resource.tags, fields.tags);
        resource.message = fields.message.or(resource.message);
        if self.integrations.find(&resource.integration_id).is_none() || resource.kind.is_empty() {
            return Err("a resource has a type and is in an integration".to_owned());
        }
        self.resources.put(resource);
        Ok(())
    }

    pub(in super::super) fn drift_request(&mut self, drift: &Drift) -> Result<(), String> {
        let id = needed(drift)?;
        if drift.op != DriftOp::Change {
            return Err("a request can only be changed".to_owned());
        }
        let RequestFields { status } = read(&drift.value)?;
        let request = self.requests.find_mut(id);
        let request = request.ok_or_else(|| format!("there is no access request {id}"))?;
        let opens = status == "Active" && request.status != "Active";
        request.status = status;
        let request = request.clone();
        self.sessions.retain(|session| {
            session.request_ids.retain(|one| one != id);
            !session.request_ids.is_empty()
        });
        if opens {
            self.open_sessions(&request);
        }
        Ok(())
    }
}
