//! Whatever bytes Apono may answer with.

use serde_json::{Value, json};

use super::super::attributes::answer::told;
use super::super::client::decode;
use super::super::convert;
use super::super::grants::email_of;
use super::super::judge::AponoJudge;
use super::super::pages::{next, page, records, whole};
use super::super::read::{offset_page, token_page};
use super::super::wire::{OffsetPage, TokenPage};
use crate::adapters::contract::{AdapterError, SideEffect};
use crate::adapters::transport::Answer;
use crate::adapters::transport::any_answer::{Family, Made, Record};
use crate::domain::ExternalKey;

/// No body of a 404 is documented (§1), so its status says it, or an error inside a success; a listing has to confirm it.
fn may_be_gone(answer: &Answer) -> bool {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    answer.status == 404
        || matches!(answer.status, 200..300)
            && matches!(body["status"].to_string().trim_matches('"'), "404")
}

/// A page by token, with the token that it was asked for with.
fn tokens<T: Record>(
    answer: &Answer,
    convert: impl Fn(Value) -> Result<T, String>,
) -> Result<Made, AdapterError> {
    let listed: TokenPage = decode(answer)?;
    let mut defects = Vec::new();
    let items = records("item", listed.items, convert, &mut defects);
    let next = next(listed.pagination, Some("t-1"), &mut defects);
    Ok(page(items, next, defects).into())
}

/// A list of the legacy API.
fn offsets<T: Record>(
    answer: &Answer,
    convert: impl Fn(Value) -> Result<T, String>,
) -> Result<Made, AdapterError> {
    let listed: OffsetPage = decode(answer)?;
    let mut defects = Vec::new();
    let rows = whole("rows", listed, &mut defects);
    let items = records("row", rows, convert, &mut defects);
    Ok(page(items, None, defects).into())
}

fn family<'a>(name: &'static str, good: &[&str]) -> Family<'a> {
    Family::answers(name, &AponoJudge, may_be_gone, good)
}

const USERS: &str = r#"{"items":[
    {"id":"usr-1","email":"ada@example.org","first_name":"Ada","last_name":"Lind","active":true,"roles":["Admin"],
     "email_aliases":["a@example.org"],"source_integration_id":null,"attributes":{"team":["x"]}},
    {"id":"usr-2","email":"bob@example.org","active":false}
],"pagination":{"next_page_token":"t-2"}}"#;

const LEGACY_USERS: &str = r#"{"data":[
    {"id":"usr-1","email":"ada@example.org","first_name":"Ada","last_name":"Lind","active":true},
    {"id":"usr-2","email":"bob@example.org","first_name":null,"last_name":null,"active":null}
],"pagination":{"total":2,"limit":2,"offset":0}}"#;

#[test]
fn users_of_both_apis() {
    family(
        "apono users",
        &[
            USERS,
            r#"{"items":[],"pagination":{"next_page_token":null}}"#,
        ],
    )
    .listing("/items")
    .hold(|answer| Ok(token_page(decode(answer)?, Some("t-1")).into()));
    family("apono legacy users", &[LEGACY_USERS])
        .listing("/data")
        .hold(|answer| Ok(offset_page(decode(answer)?).into()));
}

#[test]
fn integrations() {
    let listed = r#"{"items":[{"id":"int-1","name":"db","type":"postgresql","category":"RESOURCE","status":"Active",
        "connector_id":"c","last_sync_time":"2031-05-02T07:08:09Z","connected_resource_types":["a"],"custom_access_details":null,
        "secret_store_config":{"apono":{"params":{"password":"x"}}}}],"pagination":{"next_page_token":""}}"#;
    family("apono integrations", &[listed])
        .listing("/items")
        .keeping("/status")
        .knowing(&[
            "active",
            "connected",
            "refreshing",
            "warning",
            "initializing",
            "error",
            "disabled",
            "disconnected",
        ])
        .hold(|answer| {
            tokens(answer, |raw| {
                let record = convert::integration(raw)?;
                assert!(
                    record
                        .raw
                        .pointer("/secret_store_config/apono")
                        .is_none_or(Value::is_null)
                );
                convert::is_source(&record);
                Ok(record)
            })
        });
}

#[test]
fn what_is_in_an_integration() {
    let listed = r#"{"data":[
        {"id":"res-1","name":"orders","type":"postgresql-database","status":{"status":"Active","message":null}},
        {"id":"res-2","name":null,"type":"postgresql-database","status":{"status":"Error","message":"gone away"}}
    ],"pagination":{"total":2,"limit":100,"offset":0}}"#;
    family("apono resources", &[listed])
        .listing("/data")
        .keeping("/status/status")
        .knowing(&["Active", "Error", "Deleted"])
        .hold(|answer| offsets(answer, |raw| convert::resource(raw, "int-1")));
}

#[test]
fn access_scopes() {
    let listed = r#"{"items":[{"id":"sc-1","name":"prod","query":"x = 1","description":"all","creation_date":"2031-05-02T07:08:09Z",
        "update_date":null}],"pagination":{"next_page_token":null}}"#;
    family("apono scopes", &[listed])
        .listing("/items")
        .hold(|answer| tokens(answer, convert::access_scope));
}

#[test]
fn groups_and_their_members() {
    let groups = r#"{"items":[{"id":"g-1","name":"ops","source_id":null,"source_integration_id":null,"source_integration_name":null},
        {"id":"g-2","name":"dir","source_id":"x"}],"pagination":{"next_page_token":null}}"#;
    family("apono groups", &[groups])
        .listing("/items")
        .hold(|answer| tokens(answer, convert::group));
    let group = convert::group(json!({ "id": "g-1", "name": "ops" })).expect("a group");
    let members = r#"{"items":[{"email":"ada@example.org"},{"email":"bob@example.org","id":7}],"pagination":{"next_page_token":"t-2"}}"#;
    family("apono members", &[members])
        .listing("/items")
        .hold(|answer| {
            tokens(answer, |raw| {
                let email = email_of(&raw).ok_or("no address")?;
                Ok(convert::member(
                    ExternalKey::new(&["usr-1"]),
                    &group,
                    &email,
                ))
            })
        });
}

#[test]
fn bundles() {
    let listed = r#"{"items":[{"id":"b-1","name":"on call","creation_date":"2031-05-02T07:08:09Z","update_date":"2031-05-02T07:08:09Z",
        "access_targets":[{"integration":{"integration_id":"int-1"}}]}],"pagination":{"next_page_token":null}}"#;
    family("apono bundles", &[listed])
        .listing("/items")
        .hold(|answer| tokens(answer, convert::bundle));
}

#[test]
fn what_can_be_asked_for() {
    let listed = r#"{"items":[{"id":"e-1","integration":{"id":"int-1","name":"db","type":"postgresql"},
        "resource":{"id":"res-1","name":"orders","type":"db"},"permission":{"id":"p-1","name":"read"}}],
        "pagination":{"next_page_token":null}}"#;
    family("apono available access", &[listed])
        .listing("/items")
        .hold(|answer| tokens(answer, convert::available));
}

/// Three answers make one pair; each is odd in turn.
#[test]
fn permissions_on_resources() {
    let pair = r#"{"data":[{"integration":{"id":"int-1","name":"db"},
        "resource":{"id":"res-1","name":"orders","type":"db","status":{"status":"Active"}},
        "permission":{"id":"p-1","name":"read","resource_type":"db"}}],"pagination":{"total":1,"limit":1,"offset":0}}"#;
    family("apono inventory", &[pair]).hold(|answer| {
        let listed: OffsetPage = decode(answer)?;
        let pairs = listed.data.iter().map(|row| {
            convert::inventory_pair(&row["integration"], &row["resource"], &row["permission"])
        });
        Ok(pairs.filter_map(Result::transpose).collect())
    });
}

#[test]
fn activity() {
    let listed = r#"{"data":[
        {"request_id":"req-1","request_date":1893456000,"requestor_name":"Ada","requestor_email":"ada@example.org",
         "integration":"db","resource_type":"postgresql-database","resources":["orders"],"permissions":["read"],
         "justification":"on call","status":"Granted","trigger_type":"MANUAL","access_flow":"x","extension_count":0},
        {"request_id":null,"request_date":"2031-05-02T07:08:09.5Z","status":null}
    ],"pagination":{"total":2,"limit":100,"offset":0}}"#;
    family("apono activity", &[listed])
        .listing("/data")
        .hold(|answer| offsets(answer, convert::report));
}

/// A row that failed was not applied, whatever it says of itself.
#[test]
fn changed_attributes() {
    let answer = r#"{"summary":{"total":2,"succeeded":1,"failed":1},"results":[
        {"email":"a@example.test","success":true,"errors":[]},
        {"email":"x@example.test","success":false,
         "errors":[{"error_code":"USER_NOT_FOUND","error_details":"no such user"}]}
    ]}"#;
    family("apono changed attributes", &[answer]).hold(|answer| {
        for (email, outcome) in told(decode(answer)?) {
            if let Err(error) = outcome {
                assert_eq!(error.effect, SideEffect::None, "{email}: {error}");
            }
        }
        Ok(Made::default())
    });
}

#[test]
fn refusals() {
    let bodies = [
        r#"{"code":"unauthorized","message":"Unauthorized","status":401}"#,
        r#"{"error_code":"not_found","error_details":"no such user","status":"404"}"#,
        r#""no""#,
        r#"{"error":{"reason":"x"}}"#,
    ];
    Family::refusals("apono refusals", &AponoJudge, may_be_gone, &bodies)
        .hold(|_| Ok(Made::default()));
}
