//! The roles of a domain: what they are called, and which of them can be granted. Pure.
//!
//! Users have *words* for roles: the name of a custom one, the type of a basic one (`ADMIN` for the role named
//! "Administrator", §5), in any case. Names may change, so the key of a role is made of its id.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{convert, wire};
use crate::domain::{Bounds, EntitlementKind, EntitlementRecord, ExternalKey, ThingStatus};

/// The role that can't be combined with others (§4).
pub(super) const ADMIN: &str = "ADMIN";
/// What a user has who has nothing else (§4).
pub(super) const NO_PRIVILEGES: &str = "NO_PRIVILEGES";
/// Makes the first user of a domain its owner; shown as a flag of the user, not as a role (§4).
pub(super) const OWNER: &str = "OWNER";

/// A role that a domain has.
#[derive(Clone, Debug)]
pub(super) struct Role {
    key: ExternalKey,
    name: String,
    kind: Option<String>,
    description: Option<String>,
    attributes: Map<String, Value>,
    raw: Value,
}

impl Role {
    /// Reads one item of a domain's list of roles.
    ///
    /// # Errors
    /// Why it can't be used, in words that are safe to show.
    pub(super) fn read(raw: Value, domain: &str) -> Result<Self, String> {
        let wire::Role {
            id,
            name,
            kind,
            description,
            policies,
            applications,
        } = wire::Role::deserialize(&raw)
            .map_err(|_| "it is not an object with the documented types".to_owned())?;
        let name = name
            .filter(|name| !name.trim().is_empty())
            .ok_or("it has no `name`")?;
        let id = id.as_ref().and_then(convert::user_id);
        let mut attributes = Map::new();
        for (field, value) in [
            ("id", id.clone().map(Value::from)),
            ("type", kind.clone().map(Value::from)),
            ("policies", policies),
            ("applications", applications),
        ] {
            if let Some(value) = value.filter(|value| !value.is_null()) {
                attributes.insert(field.to_owned(), value);
            }
        }
        // Ids were seen and are not promised; a name can't be mistaken for one.
        let id = id.unwrap_or_else(|| format!("name:{}", name.to_lowercase()));
        Ok(Self {
            key: key(domain, &id),
            name,
            kind,
            description: description.filter(|text| !text.is_empty()),
            attributes,
            raw,
        })
    }

    pub(super) fn key(&self) -> &ExternalKey {
        &self.key
    }

    /// The word that users have for it, and that it is set by.
    pub(super) fn word(&self) -> &str {
        self.basic().unwrap_or(&self.name)
    }

    /// Whether a word means this role (§4, §5).
    pub(super) fn is_called(&self, word: &str) -> bool {
        self.name.eq_ignore_ascii_case(word)
            || self.basic().is_some_and(|basic| basic == basic_form(word))
    }

    pub(super) fn is_admin(&self) -> bool {
        self.basic() == Some(ADMIN)
    }

    /// Whether it stands for having none.
    pub(super) fn is_rest(&self) -> bool {
        self.basic() == Some(NO_PRIVILEGES)
    }

    /// Which of the two roles it is that every domain has: by its type, and by its name where that can be nothing else (§4).
    fn basic(&self) -> Option<&'static str> {
        let kind = self.kind.as_deref().map(basic_form).unwrap_or_default();
        let name = basic_form(&self.name);
        [ADMIN, NO_PRIVILEGES]
            .into_iter()
            .find(|basic| kind == *basic || name == *basic)
    }

    /// The role as we keep it.
    pub(super) fn record(self, domain: &str) -> EntitlementRecord {
        let is_rest = self.is_rest();
        let record = EntitlementRecord {
            external_id: self.word().to_owned(),
            exclusive_group: self.is_admin().then(|| format!("{ADMIN} of {domain}")),
            assignable: !is_rest,
            is_rest,
            ..bare(self.key.clone(), domain)
        };
        EntitlementRecord {
            name: self.name,
            description: self.description,
            attributes: self.attributes,
            raw: self.raw,
            ..record
        }
    }
}

/// The roles of a domain, as far as they can be used.
#[derive(Clone, Debug, Default)]
pub(super) struct Roles {
    pub(super) known: Vec<Role>,
    /// What could not be used, in words.
    pub(super) defects: Vec<String>,
}

impl Roles {
    pub(super) fn read(listed: Vec<Value>, domain: &str) -> Self {
        let mut roles = Self::default();
        for (index, raw) in listed.into_iter().enumerate() {
            let place = index + 1;
            match Role::read(raw, domain) {
                Ok(role) if roles.with_key(&role.key).is_some() => {
                    roles
                        .defects
                        .push(format!("role {place} of {domain} is listed twice"));
                }
                Ok(role) => roles.known.push(role),
                Err(defect) => roles
                    .defects
                    .push(format!("role {place} of {domain}: {defect}")),
            }
        }
        roles
    }

    pub(super) fn with_key(&self, key: &ExternalKey) -> Option<&Role> {
        self.known.iter().find(|role| role.key == *key)
    }

    /// The role that a word means; letter by letter if there is one, for names may differ in case only.
    pub(super) fn called(&self, word: &str) -> Option<&Role> {
        let exact = self.known.iter().find(|role| role.name == word);
        exact.or_else(|| self.known.iter().find(|role| role.is_called(word)))
    }

    /// The words without those that stand for having no role.
    pub(super) fn without_rest(&self, words: &[String]) -> Vec<String> {
        let is_rest = |word: &str| {
            basic_form(word) == NO_PRIVILEGES || self.called(word).is_some_and(Role::is_rest)
        };
        let left = words.iter().filter(|word| !is_rest(word));
        left.cloned().collect()
    }

    /// Whether two lists of words mean the same roles; having none counts for nothing.
    pub(super) fn are_same(&self, one: &[String], other: &[String]) -> bool {
        let meant = |words: &[String]| {
            let meant = self.without_rest(words).into_iter().map(|word| {
                let role = self
                    .called(&word)
                    .map(|role| role.key().as_str().to_owned());
                role.unwrap_or_else(|| word.to_lowercase())
            });
            meant.collect::<std::collections::BTreeSet<_>>()
        };
        meant(one) == meant(other)
    }
}

/// The entitlement that a domain's owner has.
pub(super) fn owner(domain: &str) -> EntitlementRecord {
    EntitlementRecord {
        external_id: OWNER.to_owned(),
        name: OWNER.to_owned(),
        description: Some(
            "Owns the domain: its first user, who is ADMIN as well. It can't be given or taken away afterwards."
                .to_owned(),
        ),
        assignable: false,
        ..bare(owner_key(domain), domain)
    }
}

pub(super) fn owner_key(domain: &str) -> ExternalKey {
    key(domain, OWNER)
}

fn key(domain: &str, id: &str) -> ExternalKey {
    ExternalKey::new(&["role", domain, id])
}

/// The domain in the key of a role.
pub(super) fn domain(key: &ExternalKey) -> Option<String> {
    match <[String; 3]>::try_from(key.parts()) {
        Ok([noun, domain, _]) if noun == "role" => Some(domain),
        _ => None,
    }
}

/// Whether the gateway may give this role to users of the domain.
///
/// # Errors
/// Why not, and what it may give, in words.
pub(super) fn grantable(role: &EntitlementRecord, of: &str) -> Result<(), String> {
    let domain = domain(&role.external_key).ok_or("this is no role of a Devo domain")?;
    if domain != of {
        return Err(format!(
            "this is a role of the domain {domain}; users of {of} are given roles of {of}"
        ));
    }
    if role.external_key == owner_key(of) {
        return Err(
            "a domain has one owner, from its first user on; grant ADMIN or another role instead"
                .to_owned(),
        );
    }
    if role.is_rest {
        return Err(
            "NO_PRIVILEGES is what a user has without any other role: it can't be granted or revoked; revoke the other roles instead"
                .to_owned(),
        );
    }
    Ok(())
}

fn bare(external_key: ExternalKey, domain: &str) -> EntitlementRecord {
    EntitlementRecord {
        external_key,
        external_id: String::new(),
        kind: EntitlementKind::Role,
        name: String::new(),
        description: None,
        resource_key: Some(convert::domain_key(domain)),
        assignable: true,
        requestable: false,
        exclusive_group: None,
        is_rest: false,
        bounds: Bounds::default(),
        requirements: std::collections::BTreeMap::new(),
        status: ThingStatus::Active,
        vendor_status: None,
        attributes: Map::new(),
        created_at: None,
        updated_at: None,
        raw: Value::Null,
    }
}

/// As the types of basic roles are spelled: `No Privileges` is `NO_PRIVILEGES`.
fn basic_form(word: &str) -> String {
    word.trim().to_uppercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests;
