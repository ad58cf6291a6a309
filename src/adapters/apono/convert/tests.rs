use serde_json::{Value, json};

use super::*;
use crate::domain::{EntitlementKind, ExternalKey, ThingStatus};

fn an_integration() -> Value {
    json!({
        "id": "int-pg", "name": "prod-postgres", "type": "postgresql", "category": "RESOURCES", "status": "ACTIVE",
        "connector_id": "con-1", "last_sync_time": "2026-03-10T16:15:50Z", "integration_config": { "hostname": "db" },
        "secret_store_config": { "apono": { "parameters": { "password": "canary" } } },
        "connected_resource_types": ["postgresql-database"], "a_field_of_a_later_version": 1
    })
}

fn a_resource(status: &str) -> Value {
    json!({
        "id": "res-7f1", "name": "orders", "type": "postgresql-database",
        "status": { "status": status, "message": "why" }
    })
}

#[test]
fn an_integration_is_a_resource_without_its_secrets() {
    let record = integration(an_integration()).unwrap();
    assert_eq!(record.external_key.as_str(), r#"["integration","int-pg"]"#);
    assert_eq!(record.kind, "integration");
    assert_eq!(record.name.as_deref(), Some("prod-postgres"));
    assert_eq!(record.status, ThingStatus::Active);
    assert_eq!(record.vendor_status.as_deref(), Some("ACTIVE"));
    assert_eq!(record.attributes["category"], "RESOURCES");
    assert_eq!(record.attributes.len(), 5);
    assert!(!format!("{record:?}").contains("canary"));
    assert!(!is_source(&record));
    let mut directory = an_integration();
    directory["category"] = json!("USER-INFORMATION");
    assert!(is_source(&integration(directory).unwrap()));
}

#[test]
fn statuses_of_integrations_are_told_apart_in_any_case_of_letters() {
    for (word, status) in [
        ("Refreshing", ThingStatus::Active),
        ("connected", ThingStatus::Active),
        ("WARNING", ThingStatus::Active),
        ("error", ThingStatus::Inactive),
        ("Disabled", ThingStatus::Inactive),
        ("on fire", ThingStatus::Unknown),
    ] {
        let mut raw = an_integration();
        raw["status"] = json!(word);
        let record = integration(raw).unwrap();
        assert_eq!(record.status, status, "{word}");
        assert_eq!(record.vendor_status.as_deref(), Some(word));
    }
}

#[test]
fn a_resource_belongs_to_its_integration() {
    for (word, status) in [
        ("Active", ThingStatus::Active),
        ("Error", ThingStatus::Inactive),
        ("Deleted", ThingStatus::Deleted),
        ("Paused", ThingStatus::Unknown),
    ] {
        let record = resource(a_resource(word), "int-pg").unwrap();
        assert_eq!(
            record.external_key.as_str(),
            r#"["resource","int-pg","res-7f1"]"#
        );
        assert_eq!(
            record.parent_key,
            Some(integration(an_integration()).unwrap().external_key)
        );
        assert_eq!(record.kind, "postgresql_database");
        assert_eq!(record.status, status, "{word}");
        assert_eq!(record.attributes["message"], "why");
    }
    let nameless = json!({ "id": "r", "type": "--", "status": null });
    assert_eq!(resource(nameless, "int-pg").unwrap().kind, "resource");
}

#[test]
fn keys_of_resources_read_back() {
    let scope = json!({
        "id": "s-1", "name": "prod", "query": "integration = \"x\"",
        "creation_date": "2026-03-10T16:15:50.489Z", "update_date": null
    });
    let scope = access_scope(scope).unwrap();
    assert_eq!(scope.attributes["query"], "integration = \"x\"");
    assert!(scope.created_at.is_some() && scope.updated_at.is_none());
    for (key, known) in [
        (scope.external_key, Some(ResourceKey::Scope("s-1".into()))),
        (
            integration(an_integration()).unwrap().external_key,
            Some(ResourceKey::Integration("int-pg".into())),
        ),
        (
            resource_key("i", "r"),
            Some(ResourceKey::Resource("i".into(), "r".into())),
        ),
        (ExternalKey::new(&["usr-1"]), None),
    ] {
        assert_eq!(ResourceKey::read(&key), known);
    }
}

#[test]
fn only_groups_without_a_source_can_be_granted() {
    let own = group(json!({ "id": "g-1", "name": "on-call", "source_id": null })).unwrap();
    assert_eq!(own.kind, EntitlementKind::Group);
    assert_eq!(own.external_key.as_str(), r#"["group","g-1"]"#);
    assert!(own.assignable && !own.requestable);
    for source in [
        "source_id",
        "source_integration_id",
        "source_integration_name",
    ] {
        let mut raw = json!({ "id": "g-1", "name": "staff" });
        raw[source] = json!("x");
        let synced = group(raw).unwrap();
        assert!(!synced.assignable, "{source}");
        assert_eq!(synced.attributes[source], "x");
    }
}

#[test]
fn a_bundle_is_a_role_that_is_asked_for() {
    let record = bundle(json!({
        "id": "b-1", "name": "kit", "access_targets": [{}],
        "creation_date": "2026-03-10T16:15:50Z", "update_date": "2026-03-11T16:15:50Z"
    }))
    .unwrap();
    assert_eq!(record.kind, EntitlementKind::Role);
    assert_eq!(record.attributes["type"], "bundle");
    assert!(record.requestable && !record.assignable);
    assert!(record.created_at < record.updated_at);
    let key = EntitlementKey::read(&record.external_key);
    assert_eq!(key, Some(EntitlementKey::Bundle("b-1".into())));
}

#[test]
fn a_permission_has_the_same_key_from_both_sources() {
    let asked_for = available(json!({
        "integration": { "id": "int-pg", "name": "prod-postgres" },
        "resource": { "id": "res-7f1", "source_id": "orders", "type": { "id": "t", "label": "T" }, "name": "orders" },
        "permission": { "id": "perm-ro", "source_id": "ro", "name": "ReadOnly" }
    }))
    .unwrap();
    let permission =
        json!({ "id": "perm-ro", "name": "ReadOnly", "resource_type": "postgresql-database" });
    let pair = |status: &str, permission: &Value| {
        inventory_pair(&an_integration(), &a_resource(status), permission).unwrap()
    };
    let there = pair("Active", &permission).unwrap();
    assert_eq!(asked_for.external_key.as_str(), r#"["res-7f1","perm-ro"]"#);
    assert_eq!(there.external_key, asked_for.external_key);
    assert_eq!(there.resource_key, asked_for.resource_key);
    assert_eq!(there.name, "ReadOnly");
    assert!(asked_for.requestable && !there.requestable);
    assert!(!asked_for.assignable && !there.assignable);
    assert_eq!(
        EntitlementKey::read(&there.external_key),
        Some(EntitlementKey::Pair)
    );
    assert!(!format!("{there:?}").contains("canary"));
    assert_eq!(pair("Deleted", &permission), None);
    let other = json!({ "id": "perm-x", "name": "x", "resource_type": "postgresql-role" });
    assert_eq!(pair("Active", &other), None);
}

#[test]
fn a_report_is_told_by_request_and_state() {
    let raw = |status: &str, date: Value| {
        json!({
            "request_id": "AR-1", "request_date": date, "requestor_name": "Ada Lind",
            "requestor_email": "ada.lind@example.org", "integration": "prod", "resource_type": "db",
            "resources": ["orders", "bills"], "permissions": ["ReadOnly"], "status": status
        })
    };
    let record = report(raw("Active", json!("2026-03-10T16:15:50Z"))).unwrap();
    assert_eq!(record.happened_at.timestamp(), 1_773_159_350);
    assert_eq!(record.outcome.as_deref(), Some("Active"));
    assert_eq!(record.actor_email.as_deref(), Some("ada.lind@example.org"));
    assert_eq!(record.target.as_deref(), Some("orders, bills"));
    assert!(!record.is_use);
    let later = report(raw("Revoked", json!("2026-03-10T16:15:50Z"))).unwrap();
    assert_ne!(later.external_key, record.external_key);
    for date in [json!(1_773_159_350.48), json!("1773159350.48")] {
        let at = report(raw("Active", date.clone())).unwrap().happened_at;
        assert_eq!(at.timestamp_millis(), 1_773_159_350_480, "{date}");
    }
    for date in [json!(null), json!("yesterday"), json!(1e300), json!("NaN")] {
        assert!(report(raw("Active", date.clone())).is_err(), "{date}");
    }
    let mut nameless = raw("Active", json!(1));
    nameless["request_id"] = Value::Null;
    let key = report(nameless.clone()).unwrap().external_key;
    assert_eq!(key.parts()[0], "hash");
    assert_eq!(report(nameless).unwrap().external_key, key);
}

#[test]
fn what_has_no_usable_id_is_told_and_not_kept() {
    for id in [json!(null), json!(""), json!(".."), json!(7)] {
        let raw = json!({ "id": id });
        assert!(integration(raw.clone()).is_err(), "{id}");
        assert!(resource(raw.clone(), "i").is_err(), "{id}");
        assert!(access_scope(raw.clone()).is_err(), "{id}");
        assert!(group(raw.clone()).is_err(), "{id}");
        assert!(bundle(raw.clone()).is_err(), "{id}");
        let part = |integration: &Value, resource: &Value, permission: &Value| {
            available(
                json!({ "integration": integration, "resource": resource, "permission": permission }),
            )
        };
        let good = json!({ "id": "x" });
        assert!(part(&good, &good, &good).is_ok());
        assert!(part(&raw, &good, &good).is_err());
        assert!(part(&good, &raw, &good).is_err());
        assert!(part(&good, &good, &raw).is_err());
    }
    let group_of_resources = json!({ "id": "group" });
    let raw = json!({ "integration": { "id": "i" }, "resource": group_of_resources, "permission": { "id": "p" } });
    assert!(available(raw).is_err(), "it would read as a group");
}
