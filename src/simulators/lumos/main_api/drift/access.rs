//! Drift of what people have: apps, groups and their members, permissions, and requests for them; and of what is logged of them.

use chrono::{SubsecRound, Utc};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Time, present, put, put_time, read};
use crate::simulators::{
    kit::{Drift, DriftOp},
    lumos::main_api::{
        activity::Log,
        apps::App,
        appstore::{AccessRequest, Permission},
        refs,
        state::{Group, State},
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppFields {
    user_friendly_label: Option<String>,
    app_class_id: Option<String>,
    instance_id: Option<String>,
    status: Option<String>,
    #[serde(default, deserialize_with = "present")]
    description: Option<Option<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFields {
    name: Option<String>,
    members: Option<Vec<Uuid>>,
    #[serde(default, deserialize_with = "present")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    app_id: Option<Option<Uuid>>,
}

/// Who comes into a group or leaves it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    group_id: Uuid,
    user_id: Uuid,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PermissionFields {
    app_id: Option<Uuid>,
    label: Option<String>,
    request_config: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestFields {
    target_user_id: Option<Uuid>,
    requestable_permission_ids: Option<Vec<Uuid>>,
    status: Option<String>,
    #[serde(default, deserialize_with = "present")]
    expires_at: Option<Option<Time>>,
}

/// Something that a user did just now.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Logged {
    event_type: String,
    user_id: Uuid,
    outcome: Option<String>,
}

impl State {
    /// None: there is nothing of this kind.
    pub(super) fn drift_access(
        &mut self,
        noun: &str,
        id: Option<Uuid>,
        drift: &Drift,
    ) -> Option<Result<(), String>> {
        let fresh = id.unwrap_or_else(Uuid::new_v4);
        let needed = || id.ok_or_else(|| format!("the {noun}'s id is missing"));
        let gone = |is_gone: bool| {
            is_gone
                .then_some(())
                .ok_or(format!("there is no such {noun}"))
        };
        let value = &drift.value;
        let done = match (noun, drift.op) {
            ("app", DriftOp::Remove) => needed().and_then(|id| gone(self.take_app(id).is_some())),
            ("app", op) => read(value).and_then(|fields| self.set_app(op, fresh, fields)),
            ("group", DriftOp::Remove) => {
                needed().and_then(|id| gone(self.groups.take(id).is_some()))
            }
            ("group", op) => read(value).and_then(|fields| self.set_group(op, fresh, fields)),
            ("log", DriftOp::Add) => read(value).and_then(|log| self.add_log(fresh, log)),
            ("member", op) => read(value).and_then(|member| self.set_member(op, &member)),
            ("permission", DriftOp::Remove) => {
                needed().and_then(|id| gone(self.permissions.take(id).is_some()))
            }
            ("permission", op) => {
                read(value).and_then(|fields| self.set_permission(op, fresh, fields))
            }
            ("request", DriftOp::Remove) => {
                needed().and_then(|id| gone(self.requests.take(id).is_some()))
            }
            ("request", op) => read(value).and_then(|fields| self.set_request(op, fresh, fields)),
            _ => return None,
        };
        Some(done)
    }

    fn set_app(&mut self, op: DriftOp, id: Uuid, fields: AppFields) -> Result<(), String> {
        let known = self.apps.find(id).cloned();
        let mut app = start(op, "app", id, known, || {
            Ok(App::new(id, id.to_string().into()))
        })?;
        put(&mut app.label, fields.user_friendly_label.map(Into::into));
        put(&mut app.app_class_id, fields.app_class_id.map(Into::into));
        put(&mut app.instance_id, fields.instance_id.map(Into::into));
        put(&mut app.status, fields.status.map(Into::into));
        put(
            &mut app.description,
            fields.description.map(|text| text.map(Into::into)),
        );
        self.apps.put(id, app);
        Ok(())
    }

    fn set_group(&mut self, op: DriftOp, id: Uuid, fields: GroupFields) -> Result<(), String> {
        let known = self.groups.find(id).cloned();
        let mut group = start(op, "group", id, known, || {
            Ok(Group {
                id,
                app_id: None,
                integration_specific_id: None,
                name: id.to_string(),
                description: None,
                lifecycle: "NATIVE",
                members: Vec::new(),
            })
        })?;
        put(&mut group.name, fields.name);
        put(&mut group.description, fields.description);
        put(&mut group.app_id, fields.app_id);
        put(&mut group.members, fields.members);
        let mut members = group.members.iter();
        if let Some(user) = members.find(|user| self.users.find(**user).is_none()) {
            return Err(format!("there is no user {user}"));
        }
        self.groups.put(id, group);
        Ok(())
    }

    fn add_log(&mut self, id: Uuid, log: Logged) -> Result<(), String> {
        if self.users.find(log.user_id).is_none() {
            return Err(format!("there is no user {}", log.user_id));
        }
        self.logs.push(Log {
            hash: id.simple().to_string(),
            title: log.event_type.replace('_', " ").to_lowercase().into(),
            kind: log.event_type.into(),
            outcome: log.outcome.map_or("Succeeded".into(), Into::into),
            actor: Some(log.user_id),
            target: "Lumos".to_owned(),
            at: Some(Utc::now().trunc_subsecs(0)),
        });
        Ok(())
    }

    fn set_member(&mut self, op: DriftOp, member: &Member) -> Result<(), String> {
        let Member { group_id, user_id } = *member;
        if self.users.find(user_id).is_none() {
            return Err(format!("there is no user {user_id}"));
        }
        let group = self.groups.find_mut(group_id);
        let group = group.ok_or_else(|| format!("there is no group {group_id}"))?;
        let is_in = group.members.contains(&user_id);
        match (op, is_in) {
            (DriftOp::Add, false) => group.members.push(user_id),
            (DriftOp::Remove, true) => group.members.retain(|id| *id != user_id),
            (DriftOp::Add, true) => return Err("the user is a member already".to_owned()),
            (DriftOp::Remove, false) => return Err("the user is no member".to_owned()),
            (DriftOp::Change, _) => return Err("a member has nothing to change".to_owned()),
        }
        Ok(())
    }

    fn set_permission(
        &mut self,
        op: DriftOp,
        id: Uuid,
        fields: PermissionFields,
    ) -> Result<(), String> {
        let known = self.permissions.find(id).cloned();
        let app = fields.app_id.ok_or("a permission has an app_id");
        let mut permission = start(op, "permission", id, known, || {
            Ok(Permission::new(id, app?, &id.to_string()))
        })?;
        put(&mut permission.app_id, fields.app_id);
        put(&mut permission.label, fields.label);
        if let Some(config) = fields.request_config {
            refs::merge(&mut permission.config, config);
        }
        if self.apps.find(permission.app_id).is_none() {
            return Err(format!("there is no app {}", permission.app_id));
        }
        self.permissions.put(id, permission);
        Ok(())
    }

    /// A new one was given already, if nothing else is said.
    fn set_request(&mut self, op: DriftOp, id: Uuid, fields: RequestFields) -> Result<(), String> {
        let known = self.requests.find(id).cloned();
        let target = fields
            .target_user_id
            .ok_or("a request has a target_user_id");
        let mut request = start(op, "request", id, known, || {
            let target = target?;
            Ok(AccessRequest {
                id,
                app_id: Uuid::nil(),
                requester: target,
                target,
                supporter: None,
                status: "PROVISIONED".to_owned(),
                notes: serde_json::Map::new(),
                expires_at: None,
                expiration: None,
                permissions: Vec::new(),
                requested_at: Utc::now().trunc_subsecs(0),
            })
        })?;
        put(&mut request.target, fields.target_user_id);
        put(&mut request.permissions, fields.requestable_permission_ids);
        put(&mut request.status, fields.status);
        put_time(&mut request.expires_at, fields.expires_at);
        for permission in &request.permissions {
            let permission = self.permissions.find(*permission);
            request.app_id = permission.ok_or("there is no such permission")?.app_id;
        }
        if self.users.find(request.target).is_none() {
            return Err(format!("there is no user {}", request.target));
        }
        self.requests.put(id, request);
        Ok(())
    }
}

/// What is there, to be changed; or a new one, where there must be none.
fn start<T>(
    op: DriftOp,
    noun: &str,
    id: Uuid,
    known: Option<T>,
    new: impl FnOnce() -> Result<T, &'static str>,
) -> Result<T, String> {
    match (op, known) {
        (DriftOp::Add, None) => new().map_err(str::to_owned),
        (DriftOp::Add, Some(_)) => Err(format!("there is a {noun} {id} already")),
        (_, Some(known)) => Ok(known),
        (_, None) => Err(format!("there is no {noun} {id}")),
    }
}
