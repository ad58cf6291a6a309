//! Users and invites.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{INVITE, NO_OBJECT, OWNER, invite_key, tenant_key, text, time, user_key, uuid};
use crate::adapters::lightelligence::wire;
use crate::domain::{AccountKind, AccountRecord, AccountStatus};

/// Where the names of the roles are kept.
const ROLES: &str = "roles";

/// A user of the tenant as we keep it.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(in super::super) fn user(tenant: Uuid, raw: Value) -> Result<AccountRecord, String> {
    let wire::User {
        id,
        email,
        first_name,
        last_name,
        user_roles,
        role_names,
        role,
        created_at,
        updated_at,
    } = wire::User::deserialize(&raw).map_err(|_| NO_OBJECT)?;
    let id = uuid(id.as_deref()).ok_or("it has no usable `id`")?;
    let roles = role_words(user_roles, role_names.into_iter().flatten().chain(role));
    let (first_name, last_name) = (text(first_name), text(last_name));
    let whole_name: Vec<&str> = [&first_name, &last_name]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    let email = text(email);
    Ok(AccountRecord {
        external_key: user_key(id),
        external_id: id.to_string(),
        login: email.clone(),
        email,
        display_name: text(Some(whole_name.join(" "))),
        given_name: first_name,
        family_name: last_name,
        kind: AccountKind::Unknown,
        status: AccountStatus::Active,
        vendor_status: None,
        attributes: with_roles(roles),
        last_activity_at: None,
        created_at: created_at.as_deref().and_then(time),
        updated_at: updated_at.as_deref().and_then(time),
        raw,
        resource_key: Some(tenant_key(tenant)),
        succeeds: Some(INVITE.into()),
    })
}

/// An invite as we keep it; `None` when it is not open any more, and so nobody's account.
///
/// # Errors
/// As [`user`].
pub(in super::super) fn invite(
    tenant: Uuid,
    mut raw: Value,
) -> Result<Option<AccountRecord>, String> {
    let wire::Invite {
        id,
        receiver_email,
        email,
        status: word,
        roles,
        role_names,
        created_at,
        updated_at,
    } = wire::Invite::deserialize(&raw).map_err(|_| NO_OBJECT)?;
    let id = uuid(id.as_deref()).ok_or("it has no usable `id`")?;
    let email = text(receiver_email)
        .or(text(email))
        .ok_or_else(|| format!("invite {id} has no `receiverEmail`"))?;
    let Some(status) = status(word.as_deref()) else {
        return Ok(None);
    };
    // Whoever has an invite's token or link could accept it.
    if let Some(members) = raw.as_object_mut() {
        members.retain(|name, _| {
            let name = name.to_ascii_lowercase();
            !["token", "secret", "link", "url"]
                .iter()
                .any(|word| name.contains(word))
        });
    }
    Ok(Some(AccountRecord {
        external_key: invite_key(id),
        external_id: id.to_string(),
        login: Some(email.clone()),
        email: Some(email),
        display_name: None,
        given_name: None,
        family_name: None,
        kind: AccountKind::Unknown,
        status,
        vendor_status: word,
        attributes: with_roles(role_words(roles, role_names.into_iter().flatten())),
        last_activity_at: None,
        created_at: created_at.as_deref().and_then(time),
        updated_at: updated_at.as_deref().and_then(time),
        raw,
        resource_key: Some(tenant_key(tenant)),
        succeeds: None,
    }))
}

/// The state of an invite; `None` for one that has come to its end. The words are not documented (§5).
fn status(word: Option<&str>) -> Option<AccountStatus> {
    let Some(word) = word else {
        return Some(AccountStatus::Pending);
    };
    match word.to_ascii_lowercase().as_str() {
        "open" | "pending" | "created" | "sent" => Some(AccountStatus::Pending),
        "accepted" | "declined" | "rejected" | "revoked" | "deleted" | "expired" | "closed" => None,
        _ => {
            tracing::warn!(
                vendor = "lightelligence",
                word,
                "Met an unknown state of an invite"
            );
            Some(AccountStatus::Unknown)
        }
    }
}

/// Whether the account holds the role `owner`.
pub(in super::super) fn is_owner(record: &AccountRecord) -> bool {
    let roles = record.attributes.get(ROLES).and_then(Value::as_array);
    roles.is_some_and(|roles| roles.iter().any(|role| role == OWNER))
}

/// Whether the account has this e-mail, whatever the case.
pub(in super::super) fn has_email(record: &AccountRecord, email: &str) -> bool {
    let shown = record.email.as_deref();
    shown.is_some_and(|shown| shown.to_lowercase() == email.to_lowercase())
}

/// The names of roles, or the ids of those that came without one.
fn role_words(
    roles: Option<Vec<wire::RoleWord>>,
    names: impl Iterator<Item = String>,
) -> BTreeSet<String> {
    let named = roles
        .into_iter()
        .flatten()
        .filter_map(|role| role.name.or(role.id));
    named.chain(names).filter(|word| !word.is_empty()).collect()
}

fn with_roles(roles: BTreeSet<String>) -> Map<String, Value> {
    let roles: Vec<Value> = roles.into_iter().map(Value::String).collect();
    Map::from_iter([(ROLES.to_owned(), Value::Array(roles))])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::adapters::lightelligence::convert::{Key, key};

    const TENANT: Uuid = Uuid::from_u128(7);
    const ID: &str = "33333333-3333-4333-8333-333333333333";

    fn ada() -> Value {
        json!({
            "id": ID, "email": "Ada@Example.test", "firstName": "Ada", "lastName": "Example",
            "userRoles": [{ "id": "44444444-4444-4444-8444-444444444444", "name": "writer", "displayName": "Writer", "locked": true }],
            "createdAt": "2019-10-01T08:00:00.000Z", "later": [1]
        })
    }

    #[test]
    fn a_user_keeps_what_the_vendor_says() {
        let record = user(TENANT, ada()).unwrap();
        assert_eq!(record.external_key.as_str(), format!("[\"user\",\"{ID}\"]"));
        assert_eq!(
            key(&record.external_key),
            Some(Key::User(ID.parse().unwrap()))
        );
        assert_eq!(record.login.as_deref(), Some("Ada@Example.test"));
        assert_eq!(record.display_name.as_deref(), Some("Ada Example"));
        assert_eq!(record.status, AccountStatus::Active);
        assert_eq!(record.attributes["roles"], json!(["writer"]));
        assert_eq!(record.succeeds.as_deref(), Some("invite"));
        assert_eq!(record.raw, ada());
        assert_eq!(record.resource_key, Some(tenant_key(TENANT)));
        assert!(has_email(&record, "ada@example.TEST") && !is_owner(&record));
    }

    #[test]
    fn roles_are_one_set_in_every_spelling() {
        for (member, value) in [
            (
                "userRoles",
                json!([{ "name": "owner" }, { "name": "owner" }]),
            ),
            ("roleNames", json!(["owner"])),
            ("role", json!("owner")),
        ] {
            let record = user(
                TENANT,
                json!({ "id": ID, "email": "a@b.co", member: value }),
            )
            .unwrap();
            assert_eq!(record.attributes["roles"], json!(["owner"]), "{member}");
            assert!(is_owner(&record), "{member}");
        }
        let bare = user(
            TENANT,
            json!({ "id": ID, "userRoles": [{ "id": "r-1" }], "email": null }),
        )
        .unwrap();
        assert_eq!(bare.attributes["roles"], json!(["r-1"]));
        assert_eq!((bare.email, bare.display_name), (None, None));
    }

    #[test]
    fn an_open_invite_is_a_pending_account() {
        for word in [None, Some("open"), Some("PENDING")] {
            let raw = json!({
                "id": ID, "receiverEmail": "new@example.test", "status": word,
                "roles": [{ "id": "r", "name": "reader" }], "inviteToken": "canary", "acceptUrl": "https://canary"
            });
            let record = invite(TENANT, raw).unwrap().unwrap();
            assert_eq!(
                record.external_key.as_str(),
                format!("[\"invite\",\"{ID}\"]")
            );
            assert_eq!(record.status, AccountStatus::Pending, "{word:?}");
            assert_eq!(record.vendor_status.as_deref(), word);
            assert_eq!(record.attributes["roles"], json!(["reader"]));
            assert_eq!(record.succeeds, None);
            assert!(!record.raw.to_string().contains("canary"));
        }
    }

    #[test]
    fn an_invite_at_its_end_is_nobodys_account() {
        for word in ["accepted", "Declined", "revoked", "expired"] {
            let raw = json!({ "id": ID, "receiverEmail": "new@example.test", "status": word });
            assert_eq!(invite(TENANT, raw).unwrap(), None, "{word}");
        }
        let odd = json!({ "id": ID, "receiverEmail": "new@example.test", "status": "frozen" });
        let record = invite(TENANT, odd).unwrap().unwrap();
        assert_eq!(record.status, AccountStatus::Unknown);
        assert_eq!(record.vendor_status.as_deref(), Some("frozen"));
    }

    #[test]
    fn what_has_no_id_is_a_defect_in_words() {
        for (payload, words) in [
            (json!({ "email": "a@b.co" }), "`id`"),
            (json!({ "id": "../x" }), "`id`"),
            (json!({ "id": 7 }), "documented"),
            (json!("text"), "documented"),
        ] {
            assert!(
                user(TENANT, payload.clone()).unwrap_err().contains(words),
                "{payload}"
            );
        }
        assert!(
            invite(TENANT, json!({ "id": ID }))
                .unwrap_err()
                .contains("receiverEmail")
        );
    }
}
