//! From the vendor's words to ours. Pure.

mod accounts;
mod grants;
mod things;

use chrono::{DateTime, Utc};
use uuid::Uuid;

pub(super) use accounts::{has_email, invite, is_owner, user};
pub(super) use grants::{Held, Named, grant, roles_of_user};
pub(super) use things::{is_role_of_owners, permission, role, tenant};

use crate::domain::{ExternalKey, calendar};

/// The first part of a key: what it is of.
const USER: &str = "user";
const INVITE: &str = "invite";
const TENANT: &str = "tenant";
const ROLE: &str = "role";
const PERMISSION: &str = "permission";

/// The role whose last holder stays (§7).
const OWNER: &str = "owner";

const NO_OBJECT: &str = "it is not an object with the documented types";

/// What a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    User(Uuid),
    Invite(Uuid),
    Tenant(Uuid),
    Role(Uuid),
    Permission(Uuid),
}

/// What one of the functions below made the key of.
pub(super) fn key(key: &ExternalKey) -> Option<Key> {
    let parts = key.parts();
    let [kind, id] = parts.as_slice() else {
        return None;
    };
    let id = Uuid::parse_str(id).ok()?;
    match kind.as_str() {
        USER => Some(Key::User(id)),
        INVITE => Some(Key::Invite(id)),
        TENANT => Some(Key::Tenant(id)),
        ROLE => Some(Key::Role(id)),
        PERMISSION => Some(Key::Permission(id)),
        _ => None,
    }
}

/// The key of a user.
pub(super) fn user_key(id: Uuid) -> ExternalKey {
    ExternalKey::new(&[USER, &id.to_string()])
}

/// The key of an invite.
pub(super) fn invite_key(id: Uuid) -> ExternalKey {
    ExternalKey::new(&[INVITE, &id.to_string()])
}

/// The key of a tenant.
pub(super) fn tenant_key(id: Uuid) -> ExternalKey {
    ExternalKey::new(&[TENANT, &id.to_string()])
}

/// The key of a role.
pub(super) fn role_key(id: Uuid) -> ExternalKey {
    ExternalKey::new(&[ROLE, &id.to_string()])
}

/// The key of a permission.
pub(super) fn permission_key(id: Uuid) -> ExternalKey {
    ExternalKey::new(&[PERMISSION, &id.to_string()])
}

fn uuid(text: Option<&str>) -> Option<Uuid> {
    text.and_then(|text| Uuid::parse_str(text).ok())
}

fn text(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    let parsed = DateTime::parse_from_rfc3339(text).ok();
    let time = parsed.and_then(|time| calendar::sensible(time.to_utc()));
    if time.is_none() {
        tracing::warn!(
            vendor = "lightelligence",
            "Left out a time that is not RFC 3339"
        );
    }
    time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_what_it_is_of() {
        let id = Uuid::from_u128(3);
        for (made, of) in [
            (user_key(id), Key::User(id)),
            (invite_key(id), Key::Invite(id)),
            (tenant_key(id), Key::Tenant(id)),
            (role_key(id), Key::Role(id)),
            (permission_key(id), Key::Permission(id)),
        ] {
            assert_eq!(key(&made), Some(of));
        }
        let text = id.to_string();
        for parts in [&["user"][..], &["user", "x"], &["cat", &text], &[&text]] {
            assert_eq!(key(&ExternalKey::new(parts)), None, "{parts:?}");
        }
    }
}
