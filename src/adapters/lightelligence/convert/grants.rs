//! Who holds which role.

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{NO_OBJECT, OWNER, role_key, text, user_key, uuid};
use crate::adapters::lightelligence::wire;
use crate::domain::{ExternalKey, GrantRecord};

/// A role as the vendor names it among those of a user: by id, by name, or by both (§7).
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Named {
    pub(in super::super) id: Option<Uuid>,
    pub(in super::super) name: Option<String>,
    raw: Value,
}

impl Named {
    /// # Errors
    /// Why it names no role, in words that are safe to show.
    pub(in super::super) fn new(raw: Value) -> Result<Self, String> {
        let wire::RoleWord { id, name } =
            wire::RoleWord::deserialize(&raw).map_err(|_| NO_OBJECT)?;
        let (id, name) = (uuid(id.as_deref()), text(name));
        if id.is_none() && name.is_none() {
            return Err("it has neither a usable `id` nor a `name`".to_owned());
        }
        Ok(Self { id, name, raw })
    }

    /// Whether it is the role `owner`.
    pub(in super::super) fn is_owner(&self) -> bool {
        self.name.as_deref() == Some(OWNER)
    }

    /// It, once its id is known.
    pub(in super::super) fn with_id(self, id: Uuid) -> Held {
        let Self { id: _, name, raw } = self;
        Held { id, name, raw }
    }
}

/// A role that a user holds.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Held {
    pub(in super::super) id: Uuid,
    pub(in super::super) name: Option<String>,
    pub(in super::super) raw: Value,
}

impl Held {
    /// Whether it is the role `owner`.
    pub(in super::super) fn is_owner(&self) -> bool {
        self.name.as_deref() == Some(OWNER)
    }
}

/// The grant of a role to a user.
pub(in super::super) fn grant(user: Uuid, held: Held) -> GrantRecord {
    let (account, role): (ExternalKey, ExternalKey) = (user_key(user), role_key(held.id));
    GrantRecord::held(account, role, held.raw)
}

/// A user of the tenant with the roles that the row shows; `None` where it shows none, not even that there are none.
///
/// # Errors
/// Why it can't be read, in words that are safe to show.
pub(in super::super) fn roles_of_user(raw: &Value) -> Result<(Uuid, Option<Vec<Named>>), String> {
    let wire::UserRoles {
        id,
        user_roles,
        role_names,
    } = wire::UserRoles::deserialize(raw).map_err(|_| NO_OBJECT)?;
    let id = uuid(id.as_deref()).ok_or("it has no usable `id`")?;
    let named = match (user_roles, role_names) {
        (Some(roles), _) => {
            let of = |defect| format!("a role of the user {id}: {defect}");
            let named = roles.into_iter().map(|raw| Named::new(raw).map_err(of));
            Some(named.collect::<Result<_, _>>()?)
        }
        (None, Some(names)) => {
            let by_name = |name: String| Named {
                id: None,
                raw: Value::from(name.as_str()),
                name: Some(name),
            };
            Some(names.into_iter().map(by_name).collect())
        }
        (None, None) => None,
    };
    Ok((id, named))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const USER: &str = "33333333-3333-4333-8333-333333333333";
    const ROLE: &str = "44444444-4444-4444-8444-444444444444";

    fn named(row: Value) -> Option<Vec<(Option<String>, Option<String>)>> {
        let (user, named) = roles_of_user(&row).unwrap();
        assert_eq!(user.to_string(), USER);
        let words = |one: Named| (one.id.map(|id| id.to_string()), one.name);
        named.map(|all| all.into_iter().map(words).collect())
    }

    #[test]
    fn roles_are_read_in_each_spelling_and_their_lack_is_no_empty_set() {
        let both = (Some(ROLE.to_owned()), Some("writer".to_owned()));
        let row = json!({ "id": USER, "userRoles": [{ "id": ROLE, "name": "writer" }], "roleNames": ["x"] });
        assert_eq!(named(row), Some(vec![both]));
        let by_name = (None, Some("writer".to_owned()));
        let row = json!({ "id": USER, "roleNames": ["writer"] });
        assert_eq!(named(row), Some(vec![by_name]));
        assert_eq!(named(json!({ "id": USER, "userRoles": [] })), Some(vec![]));
        assert_eq!(named(json!({ "id": USER, "userRoles": null })), None);
    }

    #[test]
    fn one_odd_role_spoils_the_set() {
        for role in [json!({}), json!({ "id": "x" }), json!(7)] {
            let row = json!({ "id": USER, "userRoles": [{ "id": ROLE }, role] });
            let defect = roles_of_user(&row).unwrap_err();
            assert!(defect.contains(USER), "{defect}");
        }
        assert!(roles_of_user(&json!({ "userRoles": [] })).is_err());
    }

    #[test]
    fn a_grant_has_the_keys_of_its_user_and_role() {
        let raw = json!({ "id": ROLE, "name": "owner" });
        let held = Named::new(raw.clone())
            .unwrap()
            .with_id(ROLE.parse().unwrap());
        assert!(held.is_owner());
        let grant = grant(USER.parse().unwrap(), held);
        assert_eq!(grant.account_key.as_str(), format!("[\"user\",\"{USER}\"]"));
        assert_eq!(
            grant.entitlement_key.as_str(),
            format!("[\"role\",\"{ROLE}\"]")
        );
        assert_eq!(grant.raw, raw);
    }
}
