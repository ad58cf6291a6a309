//! The roles of a domain (contract §5), and what becomes of those who hold them.

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Json,
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    auth::Caller,
    domain::{CUSTOM, Role},
    errors::Error,
    front::Front,
    input,
    state::{self, NO_PRIVILEGES},
};
use crate::simulators::kit::Call;

type Devo = State<Front>;
type Answer = Result<Json<Value>, Error>;

/// A role as a body has it; what is missing stays as it is.
#[derive(Debug, Clone, Deserialize)]
struct Written {
    name: Option<String>,
    description: Option<String>,
    policies: Option<Words>,
    applications: Option<Words>,
}

/// `["*"]` or `"*"` (contract §5).
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Many(Vec<String>),
}

impl From<Words> for Vec<String> {
    fn from(words: Words) -> Self {
        match words {
            Words::One(word) => vec![word],
            Words::Many(words) => words,
        }
    }
}

pub(super) async fn list(State(front): Devo, caller: Caller, Path(domain): Path<String>) -> Answer {
    caller.check(&domain)?;
    let found = front.world.read(|state| {
        let roles = &state.domain(&domain)?.roles;
        Ok(roles.iter().map(|role| role.show(false)).collect())
    });
    found.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn vaults(
    State(front): Devo,
    caller: Caller,
    Path(domain): Path<String>,
) -> Answer {
    caller.check(&domain)?;
    let found = front.world.read(|state| {
        let roles = &state.domain(&domain)?.roles;
        let vaults = |role: &Role| json!({ "role": role.name, "vaults": [] });
        Ok(roles.iter().map(vaults).collect())
    });
    found.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn find(
    State(front): Devo,
    caller: Caller,
    Path((domain, role)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Answer {
    caller.check(&domain)?;
    let mut full = false;
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if name == "full" {
            full = value
                .parse()
                .map_err(|_| Error::generic("Parameter full is not valid"))?;
        }
    }
    let found = front.world.read(|state| {
        let domain = state.domain(&domain)?;
        Ok(domain.roles[domain.role_position(&role)?].show(full))
    });
    found.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn create(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(domain): Path<String>,
    body: Bytes,
) -> Answer {
    caller.check(&domain)?;
    let new: Written = input::read(&body)?;
    let name = new.name.clone().unwrap_or_default();
    input::check_role(&name)?;
    let made = front.world.change(&call, |state, effects| {
        let id = state.next_role_id();
        let found = state.domain_mut(&domain)?;
        if found.role_position(&name).is_ok() {
            return Err(Error::generic(format!("Role '{name}' already exists")));
        }
        let mut role = Role {
            id,
            name: name.clone(),
            kind: CUSTOM.to_owned(),
            description: None,
            policies: Vec::new(),
            applications: Vec::new(),
        };
        role.take(new);
        let shown = role.show(true);
        found.roles.push(role);
        effects.applied(&name, Value::Null, shown.clone());
        Ok(shown)
    });
    made.map(Json).map_err(|error| front.refuse(error))
}

/// One role, or an array of them, each of which names itself.
pub(super) async fn change_many(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(domain): Path<String>,
    body: Bytes,
) -> Answer {
    caller.check(&domain)?;
    let body: Value = input::read(&body)?;
    let (many, is_list) = match body {
        Value::Array(many) => (many, true),
        one => (vec![one], false),
    };
    let written = |value: Value| {
        let written: Written = input::read(value.to_string().as_bytes())?;
        let name = written.name.clone();
        let name = name.ok_or_else(|| Error::generic("Field name is not valid"))?;
        Ok((name, written))
    };
    let written: Vec<(String, Written)> = many
        .into_iter()
        .map(written)
        .collect::<Result<_, Error>>()?;
    let changed = front.world.change(&call, |state, effects| {
        // All of them or none.
        for (name, _) in &written {
            state.changeable(&domain, name)?;
        }
        let mut shown = Vec::new();
        for (name, new) in written {
            let (before, after) = state.change_role(&domain, &name, new)?;
            if before != after {
                effects.applied(&name, before, after.clone());
            }
            shown.push(after);
        }
        Ok(shown)
    });
    let mut shown = changed.map_err(|error| front.refuse(error))?;
    Ok(Json(match shown.pop() {
        Some(one) if !is_list => one,
        last => shown.into_iter().chain(last).collect(),
    }))
}

pub(super) async fn change(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path((domain, role)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    caller.check(&domain)?;
    let new: Written = input::read(&body)?;
    if let Some(name) = &new.name {
        input::check_role(name)?;
    }
    let changed = front.world.change(&call, |state, effects| {
        let (before, after) = state.change_role(&domain, &role, new)?;
        if before != after {
            effects.applied(&role, before, after.clone());
        }
        Ok(after)
    });
    changed.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn remove(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path((domain, role)): Path<(String, String)>,
) -> Result<StatusCode, Error> {
    caller.check(&domain)?;
    let removed = front.world.change(&call, |state, effects| {
        let position = state.changeable(&domain, &role)?;
        let before = state.domain(&domain)?.roles[position].show(true);
        state.remove_role(&domain, &role)?;
        effects.applied(&role, before, Value::Null);
        Ok(StatusCode::OK)
    });
    removed.map_err(|error| front.refuse(error))
}

impl Role {
    fn take(&mut self, new: Written) {
        let Written {
            name,
            description,
            policies,
            applications,
        } = new;
        self.name = name.unwrap_or(std::mem::take(&mut self.name));
        self.description = description.or(self.description.take());
        if let Some(policies) = policies {
            self.policies = policies.into();
        }
        if let Some(applications) = applications {
            self.applications = applications.into();
        }
    }
}

impl state::State {
    /// A number that no role has yet, in any domain.
    pub(super) fn next_role_id(&mut self) -> u32 {
        let ids = self.domains.values().flat_map(|domain| &domain.roles);
        ids.map(|role| role.id).max().unwrap_or(331) + 1
    }

    /// The place of a role that may be changed.
    fn changeable(&self, domain: &str, word: &str) -> Result<usize, Error> {
        let domain = self.domain(domain)?;
        let position = domain.role_position(word)?;
        if domain.roles[position].is_basic() {
            return Err(Error::generic(format!(
                "Role '{word}' can not be changed or deleted"
            )));
        }
        Ok(position)
    }

    fn change_role(
        &mut self,
        domain: &str,
        word: &str,
        new: Written,
    ) -> Result<(Value, Value), Error> {
        let position = self.changeable(domain, word)?;
        if let Some(name) = &new.name {
            self.rename_role(domain, word, name)?;
        }
        let role = &mut self.domain_mut(domain)?.roles[position];
        let mut before = role.show(true);
        before["name"] = word.into();
        role.take(new);
        Ok((before, role.show(true)))
    }

    /// Users who hold the role hold it under its new name.
    pub(super) fn rename_role(&mut self, domain: &str, word: &str, new: &str) -> Result<(), Error> {
        let position = self.changeable(domain, word)?;
        let found = self.domain_mut(domain)?;
        let old = std::mem::replace(&mut found.roles[position].name, new.to_owned());
        let held = found
            .members
            .iter_mut()
            .flat_map(|member| &mut member.roles);
        for role in held.filter(|role| role.eq_ignore_ascii_case(&old)) {
            new.clone_into(role);
        }
        Ok(())
    }

    /// Users who held it hold what they have besides, and at least one role (contract §4).
    pub(super) fn remove_role(&mut self, domain: &str, word: &str) -> Result<(), Error> {
        let position = self.changeable(domain, word)?;
        let found = self.domain_mut(domain)?;
        let gone = found.roles.remove(position);
        for member in &mut found.members {
            member.roles.retain(|role| !gone.is_called(role));
            if member.roles.is_empty() {
                member.roles.push(NO_PRIVILEGES.to_owned());
            }
        }
        Ok(())
    }
}
