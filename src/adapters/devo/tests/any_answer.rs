//! Whatever bytes Devo may answer with.

use serde_json::Value;

use super::super::domains::Domains;
use super::super::entitlements::whole;
use super::super::judge::DevoJudge;
use super::super::reach::Reach;
use super::super::roles::{self, Roles};
use super::super::{client, convert, grants, read};
use crate::adapters::contract::AdapterError;
use crate::adapters::transport::Answer;
use crate::adapters::transport::any_answer::{Family, Made};

const DOMAIN: &str = "acme@parent";

const USERS: [&str; 2] = [
    r#"[{"email":"Ada@example.test","userName":"Ada","role":"reviewer,NO_PRIVILEGES","domain":"acme@parent","owner":true,
         "status":"active","roleList":["reviewer","ADMIN"],"id":"17","phone":"+34 600 000 000","externalId":"idp-1"},
        {"email":"bob@example.test","domain":"acme","owner":false,"status":"inactive","role":"NO_PRIVILEGES"}]"#,
    "[]",
];

const ROLES: &str = r#"[{"id":332,"name":"Administrator","type":"ADMIN","policies":["*"],"applications":[]},
    {"id":333,"name":"No Privileges","type":"NO_PRIVILEGES"},
    {"id":334,"name":"reviewer","type":"CUSTOM","description":"reads"}]"#;

/// An absence is told by the application itself, in words about something that is no role (§3).
fn may_be_gone(answer: &Answer) -> bool {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let words = body["error"]["message"]
        .as_str()
        .unwrap_or_default()
        .to_lowercase();
    (words.contains("not found") || words.contains("does not exist"))
        && !words.trim_start().starts_with("role")
}

fn list(answer: &Answer) -> Result<Vec<Value>, AdapterError> {
    client::items(answer.json()?)
}

/// Any word for the state but two means disabled (§4).
#[test]
fn users() {
    Family::answers("devo users", &DevoJudge, may_be_gone, &USERS)
        .listing("")
        .keeping("/status")
        .hold(|answer| Ok(read::records(list(answer)?, DOMAIN).into()));
}

#[test]
fn the_domain() {
    let domain = r#"{"name":"acme@parent","plan":"enterprise","status":"active"}"#;
    Family::answers("devo domain", &DevoJudge, may_be_gone, &[domain])
        .keeping("/status")
        .knowing(&["active", "enabled", "inactive", "disabled"])
        .hold(|answer| Ok(convert::resource(answer.json()?, DOMAIN).into()));
}

#[test]
fn the_domains_of_a_multitenant() {
    let domains = r#"[{"name":"acme@parent","plan":"child","status":"active"},
        {"name":"closed@parent","plan":"child","status":"disabled"},{"name":"parent","status":"active"}]"#;
    let reach = Reach::Multitenant("parent".to_owned());
    Family::answers("devo domains", &DevoJudge, may_be_gone, &[domains, "[]"])
        .listing("")
        .keeping("/status")
        .hold(|answer| {
            let Domains { known, defects } = Domains::read(list(answer)?, &reach);
            Ok(whole(known.into_values().collect(), defects).into())
        });
}

#[test]
fn roles_of_the_domain() {
    Family::answers("devo roles", &DevoJudge, may_be_gone, &[ROLES, "[]"])
        .listing("")
        .hold(|answer| {
            let Roles { known, defects } = Roles::read(list(answer)?, DOMAIN);
            let listed = known.into_iter().map(|role| role.record(DOMAIN));
            Ok(whole(listed.chain([roles::owner(DOMAIN)]).collect(), defects).into())
        });
}

/// The roles that users have words for, and the users who have the words: either may be odd.
#[test]
fn what_users_hold() {
    let good: Value = serde_json::from_str(ROLES).expect("JSON");
    let roles = Roles::read(good.as_array().cloned().unwrap_or_default(), DOMAIN);
    Family::answers("devo role holders", &DevoJudge, may_be_gone, &USERS)
        .hold(|answer| Ok(grants::held(list(answer)?, &roles, DOMAIN).into()));
    let users: Value = serde_json::from_str(USERS[0]).expect("JSON");
    let users = users.as_array().cloned().unwrap_or_default();
    Family::answers("devo held roles", &DevoJudge, may_be_gone, &[ROLES]).hold(|answer| {
        let roles = Roles::read(list(answer)?, DOMAIN);
        Ok(grants::held(users.clone(), &roles, DOMAIN).into())
    });
}

#[test]
fn refusals() {
    let bodies = [
        r#"{"error":{"code":100,"message":"User ada@example.test not found"}}"#,
        r#"{"error":{"code":112,"message":"Domain owner can not be deleted"}}"#,
        r#"{"error":{"code":100,"message":"Role 'x' not found"}}"#,
        r#"{"status":404,"error":404,"cid":"x","object":["Invalid sign"],"msg":"no","timestamp":1}"#,
    ];
    Family::refusals("devo refusals", &DevoJudge, may_be_gone, &bodies)
        .hold(|_| Ok(Made::default()));
}
