//! A domain: its users' places, its roles and what else it is set to (contract §5).

use serde_json::{Value, json};

use super::{
    errors::Error,
    state::{ADMIN, Member, NO_PRIVILEGES, OWNER},
};

/// The kind of a role that a domain made for itself.
pub(super) const CUSTOM: &str = "CUSTOM";

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Role {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) description: Option<String>,
    pub(super) policies: Vec<String>,
    pub(super) applications: Vec<String>,
}

impl Role {
    /// The word that a user's list of roles has for it.
    pub(super) fn word(&self) -> &str {
        if self.is_basic() {
            &self.kind
        } else {
            &self.name
        }
    }

    /// Every domain has these, and they can be neither changed nor deleted (contract §4).
    pub(super) fn is_basic(&self) -> bool {
        self.kind != CUSTOM
    }

    /// Whether a word means this role: by name or type, in any case (contract §4, §5).
    pub(super) fn is_called(&self, word: &str) -> bool {
        self.name.eq_ignore_ascii_case(word)
            || (self.is_basic() && self.kind.eq_ignore_ascii_case(word))
    }

    pub(super) fn show(&self, full: bool) -> Value {
        let mut shown = json!({
            "id": self.id, "name": self.name, "type": self.kind,
            "policies": self.policies, "applications": self.applications
        });
        if let Some(description) = &self.description {
            shown["description"] = description.as_str().into();
        }
        if full {
            // What a role carries besides.
            shown["resources"] = json!([]);
            shown["vaults"] = json!([]);
        }
        shown
    }
}

#[derive(Debug, Clone)]
pub(super) struct Domain {
    pub(super) name: String,
    pub(super) members: Vec<Member>,
    pub(super) roles: Vec<Role>,
    pub(super) plan: String,
    pub(super) is_active: bool,
    pub(super) retention_days: u32,
}

impl Domain {
    /// A domain with the roles that every one has.
    pub(super) fn new(name: String) -> Self {
        let plan = if name.contains('@') {
            "child"
        } else {
            "standard"
        };
        let basic = |id, name: &str, kind: &str, policies: &[&str]| Role {
            id,
            name: name.to_owned(),
            kind: kind.to_owned(),
            description: None,
            policies: policies.iter().map(|policy| (*policy).to_owned()).collect(),
            applications: Vec::new(),
        };
        Domain {
            name,
            members: Vec::new(),
            roles: vec![
                basic(332, "Administrator", ADMIN, &["*"]),
                basic(333, "No Privileges", NO_PRIVILEGES, &[]),
            ],
            plan: plan.to_owned(),
            is_active: true,
            retention_days: 400,
        }
    }

    /// The place of the role that a word means.
    pub(super) fn role_position(&self, word: &str) -> Result<usize, Error> {
        self.roles
            .iter()
            .position(|role| role.is_called(word))
            .ok_or_else(|| Error::no_role(word))
    }

    /// The word that users have for the role that a word means.
    pub(super) fn role(&self, word: &str) -> Result<String, Error> {
        let position = self.role_position(word)?;
        Ok(self.roles[position].word().to_owned())
    }

    pub(super) fn position(&self, email: &str) -> Result<usize, Error> {
        self.members
            .iter()
            .position(|member| member.email.eq_ignore_ascii_case(email))
            .ok_or_else(|| Error::no_user(email))
    }

    /// Its roles, and beside them that of its owner, which nobody is given later on.
    pub(super) fn roles_shown(&self) -> Vec<Value> {
        let listed = self.roles.iter().map(|role| role.show(true));
        let owner = json!({ "name": OWNER, "type": OWNER });
        let shown = listed.chain([owner]).map(|mut shown| {
            shown["domain"] = self.name.as_str().into();
            shown
        });
        shown.collect()
    }

    /// Who holds which of them.
    pub(super) fn grants_shown(&self) -> Vec<Value> {
        let mut grants = Vec::new();
        for member in &self.members {
            let owner = member.owner.then_some(OWNER);
            for role in member.roles.iter().map(String::as_str).chain(owner) {
                grants.push(json!({ "domain": self.name, "email": member.email, "role": role }));
            }
        }
        grants
    }

    pub(super) fn show(&self) -> Value {
        let status = if self.is_active { "active" } else { "inactive" };
        json!({ "name": self.name, "plan": self.plan, "status": status })
    }
}
