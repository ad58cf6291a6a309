//! From Devo's words to ours. Pure.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::reach::tail;
use super::wire;
use crate::domain::{
    AccountKind, AccountRecord, AccountStatus, ExternalKey, ResourceRecord, ThingStatus,
};

/// A user of the domain as we keep it.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(super) fn record(raw: Value, domain: &str) -> Result<AccountRecord, String> {
    let wire::User {
        email,
        user_name,
        domain: named_domain,
        status,
        role,
        role_list,
        owner,
        phone,
        id,
        external_id,
    } = wire::User::deserialize(&raw)
        .map_err(|_| "it is not an object with the documented types".to_owned())?;
    let email = email
        .filter(|email| email.contains('@'))
        .ok_or("it has no usable `email`")?;
    if named_domain.is_some_and(|named| !is_same_domain(&named, domain)) {
        return Err("it belongs to another domain than the one asked for".to_owned());
    }
    let mut attributes = Map::new();
    let mut keep = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            attributes.insert(name.to_owned(), value);
        }
    };
    keep("roleList", roles(role_list, role).map(Value::from));
    keep("owner", owner.map(Value::from));
    keep("phone", present(phone).map(Value::from));
    keep("id", id.as_ref().and_then(user_id).map(Value::from));
    keep("externalId", present(external_id).map(Value::from));
    let vendor_status = present(status);
    Ok(AccountRecord {
        external_key: key(domain, &email),
        external_id: email.clone(),
        login: Some(email.clone()),
        email: Some(email),
        display_name: present(user_name),
        given_name: None,
        family_name: None,
        kind: AccountKind::Unknown,
        status: account_status(vendor_status.as_deref()),
        vendor_status,
        attributes,
        last_activity_at: None,
        created_at: None,
        updated_at: None,
        raw,
        resource_key: Some(domain_key(domain)),
        succeeds: None,
    })
}

/// The key of the domain's user with this address. Devo's addresses differ in case only by accident.
pub(super) fn key(domain: &str, email: &str) -> ExternalKey {
    ExternalKey::new(&[domain, &email.to_lowercase()])
}

/// Domain and address in a key that [`key`] made.
pub(super) fn user(key: &ExternalKey) -> Option<(String, String)> {
    let [domain, email] = <[String; 2]>::try_from(key.parts()).ok()?;
    Some((domain, email))
}

/// The key of a domain.
pub(super) fn domain_key(domain: &str) -> ExternalKey {
    ExternalKey::new(&["domain", domain])
}

/// The domain in a key that [`domain_key`] made.
pub(super) fn domain(key: &ExternalKey) -> Option<String> {
    match <[String; 2]>::try_from(key.parts()) {
        Ok([noun, domain]) if noun == "domain" => Some(domain),
        _ => None,
    }
}

/// A domain as we keep it, below the one that its tail names (§3), where the connection has that.
///
/// # Errors
/// Why it can't be kept, in words that are safe to show.
pub(super) fn resource(raw: Value, domain: &str) -> Result<ResourceRecord, String> {
    let wire::Domain { name, status, plan } = wire::Domain::deserialize(&raw)
        .map_err(|_| "it is not an object with the documented types".to_owned())?;
    if !name.is_some_and(|name| is_same_domain(&name, domain)) {
        return Err("it is another domain than the one asked for".to_owned());
    }
    let vendor_status = present(status);
    let plan = present(plan).map(|plan| ("plan".to_owned(), plan.into()));
    Ok(ResourceRecord {
        external_key: domain_key(domain),
        external_id: domain.to_owned(),
        parent_key: tail(domain).map(domain_key),
        kind: "domain".to_owned(),
        name: Some(domain.to_owned()),
        description: None,
        status: domain_status(vendor_status.as_deref()),
        vendor_status,
        attributes: plan.into_iter().collect(),
        created_at: None,
        updated_at: None,
        raw,
    })
}

/// The words are not documented; those of users are likely (§4), and a domain that says nothing is simply there.
fn domain_status(word: Option<&str>) -> ThingStatus {
    let Some(word) = word else {
        return ThingStatus::Active;
    };
    match word.to_lowercase().as_str() {
        "active" | "enabled" => ThingStatus::Active,
        "inactive" | "disabled" => ThingStatus::Inactive,
        _ => {
            tracing::warn!(
                vendor = "devo",
                vendor_status = word,
                "Devo has an unknown word for the state of a domain"
            );
            ThingStatus::Unknown
        }
    }
}

/// The words of the roles that a user has; `None` where Devo does not say.
pub(super) fn role_words(user: &AccountRecord) -> Option<Vec<String>> {
    let words = user.attributes.get("roleList")?.as_array()?;
    Some(
        words
            .iter()
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect(),
    )
}

/// Whether the user owns the domain; `None` where Devo does not say.
pub(super) fn is_owner(user: &AccountRecord) -> Option<bool> {
    user.attributes.get("owner")?.as_bool()
}

/// A user's internal id, written as text.
pub(super) fn user_id(id: &Value) -> Option<String> {
    match id {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// `active` and `pending` are the documented words; anything else means disabled (§4).
fn account_status(word: Option<&str>) -> AccountStatus {
    let Some(word) = word else {
        return AccountStatus::Unknown;
    };
    match word.to_lowercase().as_str() {
        "active" => AccountStatus::Active,
        "pending" => AccountStatus::Pending,
        "inactive" | "disabled" => AccountStatus::Inactive,
        _ => {
            tracing::warn!(
                vendor = "devo",
                vendor_status = word,
                "Devo has an unknown word for the state of a user"
            );
            AccountStatus::Inactive
        }
    }
}

/// The array where it is there, else the comma-joined text (§4).
fn roles(list: Option<Vec<String>>, joined: Option<String>) -> Option<Vec<String>> {
    list.or_else(|| {
        joined.map(|joined| {
            let names = joined.split(',').map(str::trim);
            names
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        })
    })
}

/// The tail of a name may be left out in some places (§3), so it counts only where both have one.
fn is_same_domain(a: &str, b: &str) -> bool {
    let split = |name: &str| match name.split_once('@') {
        Some((name, tail)) => (name.to_lowercase(), Some(tail.to_lowercase())),
        None => (name.to_lowercase(), None),
    };
    let ((a, a_tail), (b, b_tail)) = (split(a), split(b));
    a == b && (a_tail.is_none() || b_tail.is_none() || a_tail == b_tail)
}

fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::adapters::contract::any_json;

    fn full() -> Value {
        json!({
            "email": "Ada@example.test", "userName": "Ada", "role": "reviewer,NO_PRIVILEGES",
            "domain": "acme@parent", "owner": false, "status": "active",
            "roleList": ["reviewer", "NO_PRIVILEGES"], "id": "17", "phone": "+34 600 000 000",
            "externalId": "idp-1", "aNewField": {}
        })
    }

    #[test]
    fn a_user_keeps_everything_that_devo_says() {
        let record = record(full(), "acme@parent").unwrap();
        assert_eq!(
            record.external_key.as_str(),
            r#"["acme@parent","ada@example.test"]"#
        );
        assert_eq!(
            user(&record.external_key),
            Some(("acme@parent".to_owned(), "ada@example.test".to_owned()))
        );
        assert_eq!(record.external_id, "Ada@example.test");
        assert_eq!(record.login, record.email);
        assert_eq!(record.display_name.as_deref(), Some("Ada"));
        assert_eq!(record.status, AccountStatus::Active);
        assert_eq!(record.vendor_status.as_deref(), Some("active"));
        assert_eq!(
            Value::Object(record.attributes),
            json!({
                "roleList": ["reviewer", "NO_PRIVILEGES"], "owner": false, "id": "17",
                "phone": "+34 600 000 000", "externalId": "idp-1"
            })
        );
        assert_eq!(record.raw, full());
    }

    #[test]
    fn roles_come_from_either_field() {
        let of = |value: Value| record(value, "acme").unwrap().attributes.remove("roleList");
        let joined = of(json!({ "email": "a@b.co", "role": "a b, ADMIN,", "roleList": null }));
        assert_eq!(joined, Some(json!(["a b", "ADMIN"])));
        assert_eq!(of(json!({ "email": "a@b.co" })), None);
    }

    #[test]
    fn every_word_for_the_state_is_kept() {
        for (word, status) in [
            (json!("active"), AccountStatus::Active),
            (json!("PENDING"), AccountStatus::Pending),
            (json!("inactive"), AccountStatus::Inactive),
            (json!("locked"), AccountStatus::Inactive),
            (json!(null), AccountStatus::Unknown),
            (json!(""), AccountStatus::Unknown),
        ] {
            let record = record(json!({ "email": "a@b.co", "status": word }), "acme").unwrap();
            assert_eq!(record.status, status, "{word}");
            let kept = word.as_str().filter(|word| !word.is_empty());
            assert_eq!(record.vendor_status.as_deref(), kept);
        }
    }

    #[test]
    fn a_user_of_another_domain_is_a_defect() {
        let of = |named: &str, asked: &str| {
            record(json!({ "email": "a@b.co", "domain": named }), asked).is_ok()
        };
        assert!(of("acme@parent", "acme@parent"));
        assert!(of("acme", "acme@parent"));
        assert!(of("ACME@parent", "acme"));
        assert!(!of("other@parent", "acme@parent"));
        assert!(!of("acme@other", "acme@parent"));
    }

    #[test]
    fn what_has_no_address_is_a_defect() {
        for payload in [
            json!({}),
            json!({ "email": "nobody" }),
            json!({ "email": 7 }),
            json!([]),
            json!("a@b.co"),
        ] {
            assert!(record(payload.clone(), "acme").is_err(), "{payload}");
        }
    }

    #[test]
    fn a_domain_is_the_one_that_was_asked_for() {
        let of = |raw: Value| resource(raw, "acme@parent");
        let domain =
            of(json!({ "name": "acme@parent", "plan": "child", "status": "active" })).unwrap();
        assert_eq!(domain.external_key.as_str(), r#"["domain","acme@parent"]"#);
        assert_eq!(
            super::domain(&domain.external_key).as_deref(),
            Some("acme@parent")
        );
        assert_eq!(domain.parent_key, Some(domain_key("parent")));
        assert_eq!(
            (domain.kind.as_str(), domain.status),
            ("domain", ThingStatus::Active)
        );
        assert_eq!(domain.attributes["plan"], "child");
        for (word, status) in [
            (json!(null), ThingStatus::Active),
            (json!("DISABLED"), ThingStatus::Inactive),
            (json!("frozen"), ThingStatus::Unknown),
        ] {
            let domain = of(json!({ "name": "acme", "status": word })).unwrap();
            assert_eq!(domain.status, status, "{word}");
        }
        for other in [
            json!({ "name": "beta@parent" }),
            json!({}),
            json!([]),
            json!({ "name": 7 }),
        ] {
            assert!(of(other.clone()).is_err(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_payload_makes_it_panic(email in ".*", status in ".*", role in ".*", domain in ".*") {
            let payload = json!({ "email": email, "status": status, "role": role, "domain": domain });
            let _ = record(payload, "acme@parent");
            let key = ExternalKey::from_stored(role);
            let _ = (user(&key), super::domain(&key));
        }

        #[test]
        fn no_json_makes_it_panic(payload in any_json()) {
            let _ = record(payload.clone(), "acme");
            let _ = resource(payload, "acme");
        }
    }
}
