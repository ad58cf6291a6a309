//! What becomes of apps, permissions, groups, members and requests.
use serde_json::json;

use super::*;

fn an_app() -> Value {
    json!({
        "id": "app-1", "app_class_id": "github.com", "instance_id": "0oa1", "user_friendly_label": "GitHub",
        "status": "APPROVED", "sources": ["OKTA"], "disconnected": false, "description": "Code", "category": "Developers",
        "links": { "self": "x", "admin_url": "y" }, "sync_status": "SUCCESS", "a_later_field": 1
    })
}

fn a_permission() -> Value {
    json!({
        "id": "p-1", "type": "NATIVE", "label": "Write", "app_id": "app-1", "app_class_id": "github.com",
        "app_instance_id": "0oa1", "request_config": { "appstore_visibility": "VISIBLE" }
    })
}

fn a_group() -> Value {
    json!({
        "id": "g-1", "app_id": "app-1", "integration_specific_id": "00g1", "name": "engineering",
        "description": "Everybody who builds", "group_lifecycle": "SYNCED", "source_app_id": "app-1"
    })
}

fn a_request() -> Value {
    json!({
        "id": "r-1", "app_id": "app-1", "app_name": "GitHub", "requester_user": { "id": "u-2" },
        "target_user": { "id": "u-1" }, "status": "PROVISIONED", "notes": {}, "expires_at": "2031-05-02T07:08:09",
        "requestable_permissions": [a_permission(), { "id": "p-2" }], "requested_at": "2031-05-01T07:08:09"
    })
}

fn with(mut payload: Value, name: &str, value: Value) -> Value {
    payload[name] = value;
    payload
}

#[test]
fn an_app_keeps_what_lumos_says() {
    let record = app(an_app()).unwrap();
    assert_eq!(record.external_key.as_str(), r#"["app","app-1"]"#);
    assert_eq!((record.kind.as_str(), record.parent_key), ("app", None));
    assert_eq!(record.name.as_deref(), Some("GitHub"));
    assert_eq!(record.description.as_deref(), Some("Code"));
    assert_eq!(record.vendor_status.as_deref(), Some("APPROVED"));
    assert_eq!(record.attributes["app_class_id"], "github.com");
    assert_eq!(record.raw, an_app());
}

#[test]
fn an_app_is_out_of_use_when_people_say_so_or_it_is_disconnected() {
    for (word, status) in [
        (json!("DISCOVERED"), ThingStatus::Active),
        (json!("IN_REVIEW"), ThingStatus::Active),
        (json!("NEEDS_REVIEW"), ThingStatus::Active),
        (json!("APPROVED"), ThingStatus::Active),
        (json!("BLOCKLISTED"), ThingStatus::Inactive),
        (json!("DEPRECATED"), ThingStatus::Inactive),
        (json!("PAUSED"), ThingStatus::Unknown),
        (Value::Null, ThingStatus::Unknown),
    ] {
        let record = app(with(an_app(), "status", word.clone())).unwrap();
        assert_eq!(record.status, status, "{word}");
    }
    let gone = app(with(an_app(), "disconnected", json!(true))).unwrap();
    assert_eq!(gone.status, ThingStatus::Inactive);
}

#[test]
fn a_permission_is_asked_for_and_never_assigned() {
    let record = permission(a_permission()).unwrap();
    assert_eq!(record.external_key.as_str(), r#"["permission","p-1"]"#);
    assert_eq!(record.kind, EntitlementKind::Permission);
    assert_eq!(record.name, "Write");
    assert_eq!(record.resource_key, Some(app_key("app-1")));
    assert_eq!((record.assignable, record.requestable), (false, true));
    assert_eq!(record.attributes["type"], "NATIVE");
    let hidden = json!({ "appstore_visibility": "HIDDEN" });
    let hidden = permission(with(a_permission(), "request_config", hidden)).unwrap();
    assert!(!hidden.requestable);
    let silent = permission(with(a_permission(), "request_config", Value::Null)).unwrap();
    assert!(silent.requestable);
}

#[test]
fn a_group_is_of_an_app_or_of_nothing() {
    let record = group(a_group()).unwrap();
    assert_eq!(record.external_key.as_str(), r#"["group","g-1"]"#);
    assert_eq!(record.kind, EntitlementKind::Group);
    assert_eq!(record.name, "engineering");
    assert_eq!(record.resource_key, Some(app_key("app-1")));
    assert_eq!((record.assignable, record.requestable), (false, false));
    let own = with(with(a_group(), "app_id", Value::Null), "name", Value::Null);
    let own = group(own).unwrap();
    assert_eq!((own.name.as_str(), own.resource_key), ("00g1", None));
}

#[test]
fn a_member_of_a_group_holds_it() {
    let record = member("g-1", json!({ "id": "u-1", "email": null })).unwrap();
    assert_eq!(record.account_key, user_key("u-1"));
    assert_eq!(
        record.entitlement_key,
        group(a_group()).unwrap().external_key
    );
    assert_eq!(record.status, GrantStatus::Active);
}

#[test]
fn a_provisioned_request_is_a_grant_of_each_permission_to_its_target() {
    let records = request(a_request()).unwrap();
    let keys: Vec<_> = records.iter().map(GrantRecord::external_key).collect();
    let key = |id: &str| GrantRecord::key(&user_key("u-1"), &permission_key(id));
    assert_eq!(keys, [key("p-1"), key("p-2")]);
    assert_eq!(records[0].attributes["access_request_id"], "r-1");
    assert_eq!(records[0].attributes["expires_at"], "2031-05-02T07:08:09");
    for nothing in [json!([]), Value::Null] {
        let whole_app = with(a_request(), "requestable_permissions", nothing);
        assert_eq!(request(whole_app).unwrap(), []);
    }
}

#[test]
fn each_status_of_a_request_gives_or_does_not() {
    for (word, given) in [
        ("PENDING", None),
        ("PENDING_MANAGER_APPROVAL", None),
        ("MANAGER_APPROVED", None),
        ("MANAGER_DENIED", None),
        ("PENDING_APPROVAL", None),
        ("APPROVED", None),
        ("DENIED", None),
        ("EXPIRED", None),
        ("CANCELLED", None),
        ("PENDING_PROVISIONING", None),
        ("PENDING_MANUAL_PROVISIONING", None),
        ("DENIED_PROVISIONING", None),
        ("PROVISIONED", Some(GrantStatus::Active)),
        ("PENDING_DEPROVISIONING", Some(GrantStatus::Revoking)),
        ("PENDING_MANUAL_DEPROVISIONING", Some(GrantStatus::Revoking)),
        ("TIME_BASED_EXPIRED", None),
        ("COMPLETED", Some(GrantStatus::Active)),
        ("REVERTING", Some(GrantStatus::Revoking)),
        ("REVERTED", None),
        ("TIME_BASED_EXPIRED_FAILED", None),
        ("TIME_BASED_EXPIRED_CANCELLED", None),
        ("A_LATER_WORD", None),
    ] {
        let records = request(with(a_request(), "status", json!(word))).unwrap();
        assert_eq!(records.first().map(|one| one.status), given, "{word}");
        assert_eq!(GIVEN.contains(&word), given.is_some(), "{word}");
    }
}

#[test]
fn what_names_nothing_is_a_defect_in_words() {
    let no_id = |payload: Value| with(payload, "id", Value::Null);
    assert!(app(no_id(an_app())).unwrap_err().contains("`id`"));
    assert!(
        permission(no_id(a_permission()))
            .unwrap_err()
            .contains("`id`")
    );
    assert!(group(no_id(a_group())).unwrap_err().contains("`id`"));
    assert!(member("g-1", json!({})).unwrap_err().contains("`id`"));
    let homeless = permission(with(a_permission(), "app_id", json!("..")));
    assert!(homeless.unwrap_err().contains("app_id"));
    let mute = request(with(a_request(), "status", Value::Null));
    assert!(mute.unwrap_err().contains("status"));
    let nobody = request(with(a_request(), "target_user", json!({})));
    assert!(nobody.unwrap_err().contains("target_user"));
    let nothing = request(with(a_request(), "requestable_permissions", json!([{}])));
    assert!(nothing.unwrap_err().contains("permission"));
    assert!(app(json!([])).unwrap_err().contains("documented"));
}
