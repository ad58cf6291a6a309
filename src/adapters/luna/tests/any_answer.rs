//! Whatever bytes Luna may answer with.

use serde_json::Value;

use super::super::client::decode;
use super::super::judge::LunaJudge;
use super::super::read::Place;
use super::super::{types, wire};
use crate::adapters::contract::{AdapterError, Page};
use crate::adapters::transport::Answer;
use crate::adapters::transport::any_answer::{Family, Made};
use crate::domain::AccountRecord;

const JUDGE: LunaJudge = LunaJudge::OfJson;

const PAGES: [&str; 2] = [
    r#"{"accounts":[
        {"account_id":"0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11","login":"ops@example.org","account_type":"advanced_user",
         "description":null,"create_time":"2031-05-02T07:08:09.123Z","last_update_time":null},
        {"account_id":"1b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b12","login":"ada@example.org","account_type":"admin"}
    ],"total_count":2}"#,
    r#"{"accounts":[],"total_count":0}"#,
];

/// An absence is proven by Luna's own codes, and by its words for a missing object (§4, §10).
fn may_be_gone(answer: &Answer) -> bool {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    body["error_code"].is_i64()
        && (matches!(body["error_code"].as_i64(), Some(41003 | 41004))
            || body["desc"] == "Object not found")
}

fn page(answer: &Answer) -> Result<Page<AccountRecord>, AdapterError> {
    let listed: wire::AccountPage = decode(answer)?;
    Ok(Place { page: 1, size: 100 }.page(listed))
}

/// Accounts, and what they hold: a page of the one is a page of the other.
#[test]
fn accounts() {
    Family::answers("luna accounts", &JUDGE, may_be_gone, &PAGES)
        .listing("/accounts")
        .hold(|answer| {
            let page = page(answer)?;
            let there = page.items.len() + page.defects.len();
            let held = types::held(page.clone());
            assert_eq!(held.items.len() + held.defects.len(), there);
            Ok(page.into())
        });
}

#[test]
fn new_accounts() {
    let created =
        r#"{"account_id":"0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11","url":"/1/accounts/0b0a6f0e"}"#;
    Family::answers("luna created", &JUDGE, may_be_gone, &[created])
        .hold(|answer| decode::<wire::Created>(answer).map(|_| Made::default()));
}

#[test]
fn refusals() {
    let bodies = [
        r#"{"error_code":12022,"desc":"Bad/incomplete input data","detail":"Failed to validate input json. Path: 'login', message: 'no'","link":"https://x"}"#,
        r#"{"error_code":41004,"desc":"Object not found","detail":"Account with id … not found"}"#,
        r#"{"error_code":1,"desc":"Internal server error","detail":"Traceback"}"#,
        r#"{"message":"no route"}"#,
    ];
    for (name, judge) in [
        ("luna refusals", JUDGE),
        ("luna refusals beside texts", LunaJudge::OfAnything),
    ] {
        Family::refusals(name, &judge, may_be_gone, &bodies).hold(|_| Ok(Made::default()));
    }
}
