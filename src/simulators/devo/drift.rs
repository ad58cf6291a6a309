//! Changes behind everybody's back: users, the roles that they hold, the roles that there are, and domains.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    domain::{CUSTOM, Domain, Role},
    errors::Error,
    input::NewUser,
    state::{NO_PRIVILEGES, State, Status},
};
use crate::simulators::kit::{Drift, DriftOp};

/// A user as a drift spells one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Drifted {
    email: Option<String>,
    user_name: Option<String>,
    phone: Option<String>,
    status: Option<Status>,
    role_list: Option<Vec<String>>,
}

/// A grant as a drift spells one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    email: String,
    role: String,
}

impl State {
    /// One change in the domain that the value names, else in this one; the id of a user is the e-mail, that of a role or a
    /// domain its name.
    pub(super) fn drift(&mut self, domain: &str, drift: &Drift) -> Result<(), String> {
        let mut drift = drift.clone();
        let value = drift.value.as_object_mut();
        let named = value.and_then(|value| value.remove("domain"));
        let domain = named.as_ref().and_then(Value::as_str).unwrap_or(domain);
        let drift = &drift;
        match drift.kind.as_str() {
            "domain" => self.drift_domain(drift),
            "account" => self.drift_account(domain, drift),
            "grant" => self.drift_grant(domain, drift),
            "role" => self.drift_role(domain, drift),
            kind => Err(format!(
                "Devo has no {kind:?} to drift, only \"account\", \"grant\", \"role\" and \"domain\""
            )),
        }
    }

    fn drift_domain(&mut self, drift: &Drift) -> Result<(), String> {
        let name = drift.id.as_deref().ok_or("the domain's name is missing")?;
        match drift.op {
            DriftOp::Add if self.domains.contains_key(name) => {
                Err(format!("there is a domain {name:?} already"))
            }
            DriftOp::Add => {
                self.domains
                    .insert(name.to_owned(), Domain::new(name.to_owned()));
                Ok(())
            }
            DriftOp::Change => {
                let status = drift.value["status"].as_str();
                self.domain_mut(name).map_err(words)?.is_active = status == Some("active");
                Ok(())
            }
            DriftOp::Remove => self.remove_domain(name).map(drop).map_err(words),
        }
    }

    fn drift_account(&mut self, domain: &str, drift: &Drift) -> Result<(), String> {
        let email = || drift.id.as_deref().ok_or("the user's e-mail is missing");
        if drift.op == DriftOp::Remove {
            let email = email()?;
            return self.remove(domain, email).map_err(words);
        }
        let value = Drifted::deserialize(&drift.value).map_err(|error| error.to_string())?;
        let email = match drift.op {
            DriftOp::Add => {
                let email = value.email.as_deref().or(drift.id.as_deref());
                let new = json!({ "domain": domain, "email": email, "role": NO_PRIVILEGES });
                let new = NewUser::read(new.to_string().as_bytes()).map_err(words)?;
                self.add(&new, Status::Active).map_err(words)?;
                new.email
            }
            DriftOp::Change | DriftOp::Remove => email()?.to_owned(),
        };
        let found = self.domain_mut(domain).map_err(words)?;
        let position = found.position(&email).map_err(words)?;
        let member = &mut found.members[position];
        member.status = value.status.unwrap_or(member.status);
        if let Some(roles) = value.role_list {
            member.roles = roles;
        }
        if let Some(person) = self.people.get_mut(&email.to_lowercase()) {
            if let Some(user_name) = value.user_name {
                person.user_name = user_name;
            }
            person.phone = value.phone.or(person.phone.take());
        }
        Ok(())
    }

    fn drift_grant(&mut self, domain: &str, drift: &Drift) -> Result<(), String> {
        let Held { email, role } =
            Held::deserialize(&drift.value).map_err(|error| error.to_string())?;
        let held = self.roles_of(domain, &email).map_err(words)?;
        let mut wanted = held.clone();
        match drift.op {
            DriftOp::Add => wanted.push(role),
            DriftOp::Remove => wanted.retain(|word| !word.eq_ignore_ascii_case(&role)),
            DriftOp::Change => return Err("a grant is added or removed".to_owned()),
        }
        if wanted.is_empty() {
            wanted.push(NO_PRIVILEGES.to_owned());
        }
        self.set_roles(domain, &email, &wanted).map_err(words)
    }

    fn drift_role(&mut self, domain: &str, drift: &Drift) -> Result<(), String> {
        let name = drift.id.as_deref().ok_or("the role's name is missing")?;
        match drift.op {
            DriftOp::Add => {
                let id = self.next_role_id();
                let role = Role {
                    id,
                    name: name.to_owned(),
                    kind: CUSTOM.to_owned(),
                    description: None,
                    policies: Vec::new(),
                    applications: Vec::new(),
                };
                let found = self.domain_mut(domain).map_err(words)?;
                if found.role_position(name).is_ok() {
                    return Err(format!("there is a role {name:?} already"));
                }
                found.roles.push(role);
                Ok(())
            }
            DriftOp::Change => {
                let new = drift.value["name"]
                    .as_str()
                    .ok_or("the role's new `name` is missing")?;
                self.rename_role(domain, name, new).map_err(words)
            }
            DriftOp::Remove => self.remove_role(domain, name).map_err(words),
        }
    }
}

fn words(error: Error) -> String {
    error.message().to_owned()
}
