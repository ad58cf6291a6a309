//! Devo: contract §4–§6.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use iam_gateway::services::catalogue::UpstreamOperation;
use serde_json::{Value, json};

use super::{Arrival, Contract, Direct, Exchange, UNRESERVED, exchange_all, filled};
use crate::support::app::text;
use crate::support::{DEVO, DEVO_MULTITENANT, Vendor};

struct Devo;

const DOMAIN: &str = "acme@parent";
const CHILD: &str = "beta@parent";
const ADA: &str = "ada.lind@example.org";
const ELIF: &str = "elif.demir@example.org";
const KAORI: &str = "kaori.tanabe@example.org";
const ROLE: &str = "Security Analyst";
const TOKEN: &str = "41";

impl Contract for Devo {
    const VENDOR: Vendor = DEVO;
    /// Documented for every request (§2).
    const WITHOUT_BODY: Option<&'static str> = Some("application/json");
    /// What is on already is left as it is.
    const UNUSUAL: &'static [&'static str] = &["enable_domain", "enable_token"];

    async fn exchanges(direct: &Direct<'_>) -> Vec<Exchange> {
        let users = direct.simulator.state().accounts;
        let find = |is: &dyn Fn(&Value) -> bool, field: &str| {
            let user = users.iter().find(|user| is(user)).expect("a user");
            text(&user[field]).to_owned()
        };
        let id = find(&|user| user["email"] == ADA, "id");
        let external = find(&|user| user["externalId"].is_string(), "externalId");
        let inactive = find(&|user| user["status"] == "inactive", "email");
        let has_one = |user: &Value| user["roleList"] == json!(["NO_PRIVILEGES"]);
        let single = find(&has_one, "email");
        [
            of_users(&id, &external, &inactive, &single),
            of_domains(),
            of_roles(),
            of_tokens(),
        ]
        .concat()
    }

    /// `@` and `+` are percent-encoded (§1, §4).
    fn path(operation: &UpstreamOperation, exchange: &Exchange) -> String {
        let root = match operation.api {
            "provisioning" => "/probio",
            _ => "",
        };
        format!("{root}{}", filled(operation, &exchange.values, UNRESERVED))
    }

    /// A token, or the signature over the very bytes of the body (§2).
    fn headers(arrival: &Arrival<'_>) -> BTreeMap<&'static str, String> {
        let credential = |name: &str| text(&arrival.connection["credentials"][name]).to_owned();
        if arrival.operation.credential == "bearer" {
            let token = format!("Bearer {}", credential("token"));
            return BTreeMap::from([("authorization", token)]);
        }
        let key = credential("api_key");
        let time = arrival.received.headers["x-logtrust-timestamp"].clone();
        let secret = hmac::Key::new(hmac::HMAC_SHA256, credential("api_secret").as_bytes());
        let signed = hmac::sign(
            &secret,
            format!("{key}{}{time}", arrival.received.body).as_bytes(),
        );
        BTreeMap::from([
            ("x-logtrust-reseller-apikey", key),
            ("x-logtrust-timestamp", time),
            ("x-logtrust-sign", hex::encode(signed)),
        ])
    }
}

/// All domains through the multitenant's own key, which takes the same requests but for those of a domain's token.
struct Multitenant;

impl Contract for Multitenant {
    const VENDOR: Vendor = DEVO_MULTITENANT;
    const WITHOUT_BODY: Option<&'static str> = Devo::WITHOUT_BODY;
    const UNUSUAL: &'static [&'static str] = &["enable_domain"];
    const OF_OTHER_CREDENTIALS: &'static [&'static str] = &["get_access"];

    async fn exchanges(direct: &Direct<'_>) -> Vec<Exchange> {
        let of_tokens: Vec<_> = of_tokens().iter().map(|one| one.id).collect();
        let takes_token = |id| id == "get_access" || of_tokens.contains(&id);
        let mut exchanges = Devo::exchanges(direct).await;
        exchanges.retain(|one| !takes_token(one.id));
        exchanges
    }

    fn path(operation: &UpstreamOperation, exchange: &Exchange) -> String {
        Devo::path(operation, exchange)
    }

    fn headers(arrival: &Arrival<'_>) -> BTreeMap<&'static str, String> {
        Devo::headers(arrival)
    }
}

fn of_users(id: &str, external: &str, inactive: &str, single: &str) -> Vec<Exchange> {
    let of = Exchange::of;
    vec![
        of("get_user").at(&[ADA]),
        of("list_domain_users").at(&[DOMAIN]),
        of("get_domain_user").at(&[ADA, DOMAIN]),
        of("get_internal_user").at(&[id]),
        of("get_internal_domain_user").at(&[id, DOMAIN]),
        of("get_external_domain_user").at(&[external, DOMAIN]),
        of("create_internal_user")
            .asking(&[("skipValidation", "false")])
            .json(&json!({
                "domain": DOMAIN, "userName": "Zoë", "email": "zoe+1@example.org", "role": "reviewer",
                "phone": "+49 123 4567890"
            })),
        of("create_external_user").json(&json!({
            "externalId": "x-1", "domain": DOMAIN, "userName": "Yan", "email": "yan@example.org", "role": "ADMIN"
        })),
        of("enable_user").at(&[inactive, DOMAIN]),
        of("disable_user").at(&[ADA, DOMAIN]),
        of("set_user_roles")
            .at(&[ELIF, DOMAIN])
            .json(&json!({ "roles": ["reviewer"] })),
        // For who has one role.
        of("set_user_role").at(&[single, DOMAIN, ROLE]),
        of("update_user")
            .at(&[id])
            .json(&json!({ "userName": "Ada Löw", "phone": "+49 123 4567890" })),
        of("delete_domain_user").at(&["bruno.keller@example.org", DOMAIN]),
        // A body, although it deletes.
        of("remove_user_roles")
            .at(&[KAORI, DOMAIN])
            .json(&json!({ "roles": ["reviewer"] })),
    ]
}

fn of_domains() -> Vec<Exchange> {
    let of = Exchange::of;
    vec![
        of("list_domains"),
        of("get_domain").at(&[DOMAIN]),
        of("list_child_domains").at(&["parent"]),
        of("create_domain").json(&json!({ "name": "gamma@parent", "plan": "child" })),
        of("delete_domain").at(&[CHILD]),
        of("enable_domain").at(&[CHILD]),
        of("disable_domain").at(&[CHILD]),
        of("set_domain_plan")
            .at(&[CHILD])
            .json(&json!({ "plan": "trial" })),
        of("get_domain_retention").at(&[DOMAIN]),
        of("set_domain_retention")
            .at(&[DOMAIN])
            .json(&json!({ "days": 30 })),
        of("list_domain_policies").at(&[DOMAIN]),
        of("list_domain_applications").at(&[DOMAIN]),
        of("list_domain_resources").at(&[DOMAIN]),
        of("get_domain_preferences").at(&[DOMAIN]),
        of("get_domain_preference_limits").at(&[DOMAIN]),
        of("get_domain_visibility").at(&[DOMAIN]),
        of("get_domain_auth").at(&[DOMAIN]),
        of("list_domain_keys").at(&[DOMAIN]),
        of("get_domain_key").at(&[DOMAIN, "default"]),
        of("list_plans"),
        of("get_plan").at(&["child"]),
        of("list_plan_roles").at(&["child"]),
        of("get_access").asking(&[
            ("tableAccess", "my.app.one,my.app.two"),
            ("policyAccess", "search"),
        ]),
    ]
}

fn of_roles() -> Vec<Exchange> {
    let of = Exchange::of;
    vec![
        of("list_role_vaults").at(&[DOMAIN]),
        of("list_roles").at(&[DOMAIN]),
        of("get_role")
            .at(&[DOMAIN, ROLE])
            .asking(&[("full", "true")]),
        of("create_role").at(&[DOMAIN]).json(&json!({
            "name": "pilot", "description": "flies", "policies": ["*"], "applications": ["app.custom"]
        })),
        of("set_roles")
            .at(&[DOMAIN])
            .json(&json!([{ "name": ROLE, "description": "looks closely" }])),
        of("update_role")
            .at(&[DOMAIN, ROLE])
            .json(&json!({ "description": "looks away" })),
        of("delete_role").at(&[DOMAIN, ROLE]),
    ]
}

fn of_tokens() -> Vec<Exchange> {
    let of = Exchange::of;
    vec![
        of("list_tokens").at(&[DOMAIN]),
        of("get_token").at(&[DOMAIN, TOKEN]),
        of("create_token").at(&[DOMAIN]).json(&json!({
            "name": "ci ingest", "owner": ADA, "audience": "http", "scopes": "table://my.app.ci", "expiresInSeconds": -1
        })),
        of("enable_token").at(&[DOMAIN, TOKEN]),
        of("disable_token").at(&[DOMAIN, TOKEN]),
        of("rename_token")
            .at(&[DOMAIN, TOKEN])
            .json(&json!({ "name": "ci" })),
        of("delete_token").at(&[DOMAIN, TOKEN]).answered(204),
    ]
}

#[tokio::test]
async fn every_operation_of_devo_is_exchanged_as_documented() {
    exchange_all::<Devo>().await;
}

#[tokio::test]
async fn every_operation_of_a_multitenant_is_exchanged_as_documented() {
    exchange_all::<Multitenant>().await;
}
