//! Whatever bytes the main API may answer with.

use serde_json::Value;

use super::super::convert;
use super::super::judge::MainJudge;
use super::super::paging::{Cursor, Listed, Numbered, Offset, Paging};
use super::super::walk::Walk;
use crate::adapters::contract::{AdapterError, Page, Trouble};
use crate::adapters::transport::Answer;
use crate::adapters::transport::any_answer::{Family, Made, Record};

/// A 404 says it (§A3); a listing has to confirm it.
fn may_be_gone(answer: &Answer) -> bool {
    answer.status == 404
}

fn family<'a>(name: &'static str, good: &[&str]) -> Family<'a> {
    Family::answers(name, &MainJudge, may_be_gone, good)
}

fn listed<P: Paging>(answer: &Answer, place: P) -> Result<Listed<P>, AdapterError> {
    let page = place.read(answer.json()?);
    page.ok_or_else(|| AdapterError::new(Trouble::Malformed, "no page"))
}

fn converted<P: Paging, T: Record>(
    answer: &Answer,
    place: P,
    convert: impl Fn(Value) -> Result<T, String>,
) -> Result<Made, AdapterError> {
    let (items, defects) = listed(answer, place)?.converted("things", 1, convert);
    Ok(Made::from(Page {
        items,
        next: None,
        total: None,
        defects,
    }))
}

fn first() -> Numbered {
    Numbered::first(50)
}

#[test]
fn users() {
    let listed = r#"{"items":[
        {"id":"u-1","email":"ada@example.org","given_name":"Ada","family_name":"Lind","status":"ACTIVE","custom_attributes":{"team":{"value":"x"}}},
        {"id":"u-2","email":null,"given_name":null,"family_name":null,"status":"STAGED"}
    ],"total":2,"page":1,"size":50,"pages":1}"#;
    family("lumos users", &[listed])
        .listing("/items")
        .keeping("/status")
        .knowing(&["ACTIVE", "STAGED", "SUSPENDED", "INACTIVE"])
        .hold(|answer| converted(answer, first(), convert::user));
}

#[test]
fn accounts() {
    let listed = r#"{"items":[
        {"id":"a-1","app_id":"app-1","user_id":"u-1","account_type":"USER","status":"ACCESS_CREATED","unique_identifier":"ada",
         "email":"ada@example.org","last_login":"2031-05-02T07:08:09","last_activity":"2031-05-02T07:08:09.5+02:00",
         "discovered_at":"2031-05-02T07:08:09Z","sources":["MANUAL"]},
        {"id":"a-2","app_id":"app-1","account_type":"SERVICE","status":"DISCOVERED"}
    ],"total":2,"page":1,"size":50,"pages":1}"#;
    family("lumos accounts", &[listed])
        .listing("/items")
        .keeping("/status")
        .knowing(&[
            "ACTIVE",
            "ACCESS_CREATED",
            "STAGED",
            "DISCOVERED",
            "SUSPENDED",
            "DEPROVISIONED",
            "ARCHIVED",
            "MANUALLY_REMOVED",
            "ACCESS_REMOVED",
        ])
        .hold(|answer| converted(answer, first(), convert::account));
}

/// An app that is disconnected is out of use whatever its word is.
#[test]
fn apps() {
    let app = r#"{"id":"app-1","app_class_id":"x","user_friendly_label":"Git","description":"code","status":"APPROVED","sources":[],
        "category":"IT","website_url":null,"allow_multiple_permission_selection":true}"#;
    let listed = format!(r#"{{"items":[{app}],"total":1,"page":1,"size":50,"pages":1}}"#);
    family("lumos apps", &[&listed])
        .listing("/items")
        .keeping("/status")
        .knowing(&[
            "DISCOVERED",
            "IN_REVIEW",
            "NEEDS_REVIEW",
            "APPROVED",
            "BLOCKLISTED",
            "DEPRECATED",
        ])
        .hold(|answer| converted(answer, first(), convert::app));
    // What is in each of them is asked for next, so that each needs an id.
    family("lumos walk", &[&listed]).hold(|answer| {
        let mut walk = Walk::start(10);
        let apps = listed_of(answer)?;
        walk.refill("apps", apps)?;
        assert!(walk.is_sound());
        assert!(walk.current().is_none_or(|(id, _)| !id.is_empty()));
        Ok(Made::default())
    });
}

fn listed_of(answer: &Answer) -> Result<Listed<Numbered>, AdapterError> {
    listed(answer, first())
}

#[test]
fn permissions_and_groups() {
    let permissions = r#"{"items":[
        {"id":"p-1","label":"admin","app_id":"app-1","type":"NATIVE","app_class_id":"x","app_instance_id":null,
         "request_config":{"appstore_visibility":"HIDDEN"}},
        {"id":"p-2","label":null,"app_id":"app-1","request_config":null}
    ],"total":2,"page":1,"size":50,"pages":1}"#;
    family("lumos permissions", &[permissions])
        .listing("/items")
        .hold(|answer| converted(answer, first(), convert::permission));
    let groups = r#"{"items":[{"id":"g-1","app_id":"app-1","integration_specific_id":"x","name":"ops","description":null,
        "group_lifecycle":"SYNCED","source_app_id":null}],"total":1,"page":1,"size":50,"pages":1}"#;
    family("lumos groups", &[groups])
        .listing("/items")
        .hold(|answer| converted(answer, first(), convert::group));
}

#[test]
fn members_and_what_requests_gave() {
    let members = r#"{"items":[{"id":"u-1","email":"ada@example.org"},{"id":"u-2"}],"total":2,"page":1,"size":50,"pages":1}"#;
    family("lumos members", &[members])
        .listing("/items")
        .hold(|answer| converted(answer, first(), |raw| convert::member("g-1", raw)));
    let requests = r#"{"items":[
        {"id":"r-1","status":"PROVISIONED","target_user":{"id":"u-1"},"requestable_permissions":[{"id":"p-1"},{"id":"p-2"}],
         "requested_at":"2031-05-02T07:08:09Z","expires_at":null,"expiration_in_seconds":3600},
        {"id":"r-2","status":"PENDING","target_user":{"id":"u-1"},"requestable_permissions":null}
    ],"total":2,"page":1,"size":50,"pages":1}"#;
    family("lumos requests", &[requests])
        .keeping("/status")
        .hold(|answer| {
            let (items, defects) =
                listed_of(answer)?.converted("access requests", 1, convert::request);
            let items = items.into_iter().flatten().collect();
            Ok(Made::from(Page {
                items,
                next: None,
                total: None,
                defects,
            }))
        });
}

#[test]
fn activity() {
    let logs = r#"{"items":[{"event_hash":"h-1","event_type":"USER_LOGIN","event_type_user_friendly":"Log in","outcome":"Succeeded",
        "event_began_at":"2031-05-02T07:08:09.123456","actor":{"id":"u-1","email":"ada@example.org","given_name":"Ada","family_name":"Lind"},
        "targets":[{"target_type":"App","name":"Git"}],"event_metadata":{}}],"total":1,"limit":50,"offset":0,
        "links":{"next":null}}"#;
    family("lumos logs", &[logs])
        .listing("/items")
        .hold(|answer| converted(answer, Offset::first(50), convert::log));
    let events = r#"{"identity_events":[{"id":"e-1","user_id":"u-1","detected_time":"2031-05-02T07:08:09Z","changed_field":"status",
        "old_field_value":"ACTIVE","new_field_value":"INACTIVE"}],"next_cursor":"c-2","total_count":1}"#;
    family("lumos events", &[events])
        .listing("/identity_events")
        .hold(|answer| converted(answer, Cursor::first(50), convert::identity_event));
}

#[test]
fn refusals() {
    let bodies = [
        r#"{"detail":"Not Found"}"#,
        r#"{"detail":[{"loc":["query","size"],"msg":"too large","type":"x"}],"code":"x"}"#,
        r#"{"message":"Bad gateway"}"#,
    ];
    Family::refusals("lumos refusals", &MainJudge, may_be_gone, &bodies)
        .hold(|_| Ok(Made::default()));
}
