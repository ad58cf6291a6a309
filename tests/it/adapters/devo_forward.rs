//! Every documented operation of Devo's, passed through.

use iam_gateway::adapters::contract::{Trouble, UpstreamOperation};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::passing::{Given, operation};
use super::stand::Stand;
use crate::support::DEVO;

const DOMAIN: &str = "acme@parent";
const ADA: &str = "ada.lind@example.org";

/// What the simulator's seed has that an operation can be about.
struct Seed {
    /// Ada's.
    id: String,
    external_id: String,
    inactive: String,
}

impl Seed {
    fn of(stand: &Stand) -> Self {
        let users = stand.vendor.state().accounts;
        let word = |user: &Value, field: &str| user[field].as_str().unwrap().to_owned();
        let find = |is: &dyn Fn(&Value) -> bool| users.iter().find(|user| is(user)).unwrap();
        Self {
            id: word(find(&|user| user["email"] == ADA), "id"),
            external_id: word(find(&|user| user["externalId"].is_string()), "externalId"),
            inactive: word(find(&|user| user["status"] == "inactive"), "email"),
        }
    }

    /// Values of the path's parameters, and the body, byte for byte: in no spelling that a serializer would choose.
    fn given(&self, id: &str) -> (Vec<&str>, &'static str) {
        let child = "gamma@parent";
        match id {
            "get_user" => (vec![ADA], ""),
            "list_domain_users" => (vec![DOMAIN], ""),
            "get_domain_user" | "disable_user" => (vec![ADA, DOMAIN], ""),
            "get_internal_user" => (vec![&self.id], ""),
            "get_internal_domain_user" => (vec![&self.id, DOMAIN], ""),
            "get_external_domain_user" => (vec![&self.external_id, DOMAIN], ""),
            "create_internal_user" => (
                vec![],
                r#"{ "email":"new+1@example.org", "domain" : "acme@parent","role":"reviewer"}"#,
            ),
            "create_external_user" => (
                vec![],
                r#"{"externalId":"x-1","email":"new+2@example.org","domain":"acme@parent","role":"ADMIN" }"#,
            ),
            "enable_user" => (vec![&self.inactive, DOMAIN], ""),
            "set_user_roles" => (
                vec!["elif.demir@example.org", DOMAIN],
                r#"{"roles" : [ "reviewer" ]}"#,
            ),
            "set_user_role" => (
                vec!["elif.demir@example.org", DOMAIN, "Security Analyst"],
                "",
            ),
            "update_user" => (vec![&self.id], r#"{ "userName":"Ada Löw" }"#),
            "delete_domain_user" => (vec!["bruno.keller@example.org", DOMAIN], ""),
            "remove_user_roles" => (
                vec!["kaori.tanabe@example.org", DOMAIN],
                r#"{"roles":["reviewer"] }"#,
            ),
            "list_domains" | "list_plans" | "get_access" => (vec![], ""),
            "list_child_domains" => (vec!["parent"], ""),
            "create_domain" => (vec![], r#"{"name":"gamma", "plan":"child"}"#),
            // The catalogue's order: made, deleted; then it is the other child's turn.
            "delete_domain" => (vec![child], ""),
            "enable_domain" | "disable_domain" => (vec!["beta@parent"], ""),
            "set_domain_plan" => (vec!["beta@parent"], r#"{ "plan":"trial" }"#),
            "set_domain_retention" => (vec![DOMAIN], r#"{ "days":30 }"#),
            "get_domain_key" => (vec![DOMAIN, "default"], ""),
            "get_plan" | "list_plan_roles" => (vec!["child"], ""),
            "get_role" => (vec![DOMAIN, "Security Analyst"], ""),
            "create_role" => (vec![DOMAIN], r#"{ "name":"pilot","policies":"*" }"#),
            "set_roles" => (
                vec![DOMAIN],
                r#"[ {"name":"pilot","description":"lands"} ]"#,
            ),
            "update_role" => (vec![DOMAIN, "pilot"], r#"{ "description":"flies" }"#),
            "delete_role" => (vec![DOMAIN, "pilot"], ""),
            "list_tokens" => (vec![DOMAIN], ""),
            "create_token" => (vec![DOMAIN], r#"{ "audience":"http" }"#),
            "get_token" | "enable_token" | "disable_token" | "delete_token" => {
                (vec![DOMAIN, "41"], "")
            }
            "rename_token" => (vec![DOMAIN, "41"], r#"{ "name":"ci" }"#),
            _ => (vec![DOMAIN], ""),
        }
    }
}

/// The path below this root, with the values where the parameters are.
fn path(root: &str, operation: &UpstreamOperation, values: &[&str]) -> String {
    let mut values = values.iter();
    let segments = operation.path.split('/').map(|segment| {
        if segment.starts_with('{') {
            let value = values.next().unwrap();
            value
                .replace('@', "%40")
                .replace(' ', "%20")
                .replace('+', "%2B")
        } else {
            segment.to_owned()
        }
    });
    format!("{root}{}", segments.collect::<Vec<_>>().join("/"))
}

#[tokio::test]
async fn every_operation_arrives_as_documented_and_its_answer_comes_back() {
    let stand = Stand::start(DEVO, &[], |_| {}).await;
    let seed = Seed::of(&stand);
    let token = stand.vendor.connection(DEVO.variant).unwrap()["credentials"]["token"].clone();
    let bearer = format!("Bearer {}", token.as_str().unwrap());
    let vendor = iam_gateway::adapters::vendor("devo").unwrap();
    let mut passed = 0;
    for one in vendor.operations.iter().copied().flatten() {
        let (values, body) = seed.given(one.id);
        let given = Given {
            values: values.clone(),
            query: vec![("note", "a b&c=d/é"), ("skipValidation", "false")],
            accept: Some("application/json;q=0.9"),
            content_type: (!body.is_empty()).then_some("application/json; charset=utf-8"),
            body,
        };
        let before = stand.vendor.effects().len();
        let answer = stand.pass(one, &given).await;
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", one.id));
        let received = stand.last();

        let root = if one.api == "provisioning" {
            "/probio"
        } else {
            ""
        };
        assert_eq!(received.method, one.method, "{}", one.id);
        assert_eq!(received.path, path(root, one, &values), "{}", one.id);
        let query: Vec<_> = form_urlencoded::parse(received.query.as_bytes()).collect();
        let expected = given
            .query
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        assert_eq!(query, expected.collect::<Vec<_>>(), "{}", one.id);
        assert_eq!(received.body, body, "{}", one.id);
        assert_eq!(received.headers["accept"], "application/json;q=0.9");
        let content_type = given.content_type.unwrap_or("application/json");
        assert_eq!(received.headers["content-type"], content_type);
        let bears = received.headers.get("authorization") == Some(&bearer);
        let is_signed = received.headers.contains_key("x-logtrust-sign");
        assert_eq!(
            (bears, is_signed),
            match one.credential {
                "bearer" => (true, false),
                _ => (false, true),
            },
            "{}",
            one.id
        );
        assert_eq!(received.status, Some(answer.status), "{}", one.id);

        if one.writes {
            let effects = stand.vendor.effects();
            let names_it = effects.get(before).is_some_and(|effect| {
                effect.operation == format!("{} {root}{}", one.method, one.path)
            });
            // What is on already is left as it is.
            let is_so = ["enable_domain", "enable_token"].contains(&one.id);
            assert!(names_it || is_so, "{}: {effects:?}", one.id);
        } else {
            let (status, body) = stand.again(&received).await;
            assert_eq!((answer.status, answer.body), (status, body), "{}", one.id);
            assert_eq!(answer.content_type.as_deref(), Some("application/json"));
        }
        passed += 1;
    }
    assert_eq!(passed, 52);
}

#[tokio::test]
async fn tokens_are_found_by_either_flavour_of_their_path() {
    let list = operation("devo", "credentials", "list_tokens");
    let rename = operation("devo", "credentials", "rename_token");
    for (settings, quirk, root) in [
        (json!({}), "", "/v2/accounts/acme%40parent/tokens"),
        (
            json!({ "token_path_prefix": "/xxx" }),
            "/xxx",
            "/xxx/v2/accounts/acme%40parent/tokens",
        ),
        (
            json!({ "token_path_flavor": "ws", "token_path_prefix": "/xxx" }),
            "",
            "/ws/accounts/acme%40parent/credentials/tokens",
        ),
    ] {
        let stand = Stand::start(DEVO, &[("token_path_prefix", quirk)], |connection| {
            let all = connection["settings"].as_object_mut().unwrap();
            all.extend(settings.as_object().unwrap().clone());
        })
        .await;
        let given = Given {
            values: vec![DOMAIN],
            ..Given::default()
        };
        stand.pass(list, &given).await.unwrap();
        assert_eq!(stand.last().path, root);
        let given = Given {
            values: vec![DOMAIN, "42"],
            body: r#"{"name":"x"}"#,
            ..Given::default()
        };
        stand.pass(rename, &given).await.unwrap();
        assert_eq!(stand.last().path, format!("{root}/42/rename"));
    }
}

#[tokio::test]
async fn what_the_credentials_cannot_reach_is_told_before_anything_is_sent() {
    let signed = Stand::start(DEVO, &[], |connection| {
        connection["credentials"]
            .as_object_mut()
            .unwrap()
            .remove("token");
    })
    .await;
    let quirks = [("domain", "acme"), ("auth", "standalone_token")];
    let token = Stand::start(DEVO, &quirks, |_| {}).await;
    for (stand, operation, domain, words) in [
        (
            &signed,
            operation("devo", "credentials", "list_tokens"),
            DOMAIN,
            "token",
        ),
        (
            &token,
            operation("devo", "provisioning", "delete_domain"),
            "acme",
            "secret",
        ),
    ] {
        let given = Given {
            values: vec![domain],
            ..Given::default()
        };
        let refusal = stand.pass(operation, &given).await.err().unwrap();
        assert_eq!(refusal.trouble, Trouble::Unsupported);
        assert!(refusal.message.contains(words), "{refusal}");
        assert!(stand.vendor.requests().is_empty() && stand.marks().is_empty());
    }
    let list = operation("devo", "credentials", "list_tokens");
    let given = Given {
        values: vec!["acme"],
        ..Given::default()
    };
    token.pass(list, &given).await.unwrap();
    assert!(token.last().headers["authorization"].starts_with("Bearer "));
}

#[tokio::test]
async fn a_refusal_is_judged_as_any() {
    let stand = Stand::start(DEVO, &[], |_| {}).await;
    let given = Given {
        values: vec![DOMAIN, "pilot"],
        ..Given::default()
    };
    let role = operation("devo", "provisioning", "get_role");
    let refusal = stand.pass(role, &given).await.err().unwrap();
    assert_eq!(refusal.trouble, Trouble::Rejected);
    let said = refusal.upstream.unwrap();
    assert_eq!(said.message.as_deref(), Some("Role 'pilot' not found"));
    assert!(said.correlation_id.is_some());
}
