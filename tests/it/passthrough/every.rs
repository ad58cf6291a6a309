//! Every operation that the catalogue lists, once through the gateway: what the vendor gets is what was asked for.

use iam_gateway::services::catalogue::{UpstreamOperation, upstream_operations};
use serde_json::{Value, json};

use super::{allow_everything, upstream};
use crate::support::{READABLE, TestApp, Vendor};

/// Operations that the vendor answers to another kind of credential than the one that the connection under test has: they are
/// refused before anything is sent.
const OF_OTHER_CREDENTIALS: [(&str, &str); 2] = [
    ("devo/multitenant", "get_access"),
    ("lightelligence/tenant", "list_installed_tenants"),
];

/// The operations that the connections of a variant reach.
async fn within_reach(app: &TestApp, vendor: Vendor) -> Vec<&'static UpstreamOperation> {
    let apis = match vendor.variant {
        "lumos/main" => vec!["main"],
        "lumos/connector" => vec!["connector"],
        "devo/multitenant" => vec!["provisioning"],
        _ => {
            let shown = app.get(&format!("/v1/vendors/{}", vendor.name)).await;
            let operations = shown["operations"].as_array().expect("operations").clone();
            assert!(!operations.is_empty());
            return upstream_operations()
                .filter(|(name, _)| *name == vendor.name)
                .map(|(_, operation)| operation)
                .collect();
        }
    };
    upstream_operations()
        .filter(|(name, operation)| *name == vendor.name && apis.contains(&operation.api))
        .map(|(_, operation)| operation)
        .collect()
}

/// The path with values for its parameters.
fn filled(path: &str) -> String {
    path.trim_start_matches('/')
        .split('/')
        .map(|segment| match segment.trim_matches(['{', '}']) {
            name if name == segment => segment.to_owned(),
            // A connection leads to one connector.
            "connector_id" => "acme_directory".to_owned(),
            name if name.contains("email") => "nobody%40example.org".to_owned(),
            _ => "019a3c5e-7b1a-7d3c-9c53-4a1f0d9e8b21".to_owned(),
        })
        .collect::<Vec<_>>()
        .join("/")
}

/// Asks for every operation of one connection; what did not reach the vendor as it should.
async fn exchanged(vendor: Vendor) -> (usize, Vec<String>) {
    let app = TestApp::builder().vendor(vendor).start().await;
    allow_everything(&app, vendor).await;
    let mut operations = within_reach(&app, vendor).await;
    // What takes the connection's credential away comes last.
    operations.sort_by_key(|operation| (operation.dangerous, operation.writes));
    let mut wrong = Vec::new();
    for operation in &operations {
        let path = filled(operation.path);
        let before = app.requests(vendor).len();
        let takes_none = operation.id == "list_connector_app_ids";
        let has_body = !takes_none && operation.method != "GET" && operation.method != "DELETE";
        let body = if has_body {
            json!({"request": {"marked": operation.id}})
        } else {
            Value::Null
        };
        let asked = app.admin().ask(operation.method, &upstream(vendor, &path));
        let answer = if has_body { asked.json(body) } else { asked }.await;
        let sent = app.requests(vendor);
        let arrived = sent[before..].iter().any(|request| {
            request.method == operation.method
                && request
                    .path
                    .ends_with(&format!("/{path}").replace("%40", "@"))
                    | request
                        .path
                        .ends_with(format!("/{path}").trim_end_matches('/'))
                && (!has_body || request.body.contains(operation.id))
                && !request.headers.values().any(|value| value.contains("igw_"))
                && !request.headers.contains_key("idempotency-key")
        });
        if OF_OTHER_CREDENTIALS.contains(&(vendor.variant, operation.id)) {
            answer.problem(422, "capability_not_supported");
            assert!(!arrived);
        } else if !arrived {
            wrong.push(format!(
                "{} {} {}: {} {}",
                operation.id,
                operation.method,
                operation.path,
                answer.status,
                answer.text.chars().take(200).collect::<String>()
            ));
        }
    }
    app.stop_with_parked().await;
    (operations.len(), wrong)
}

#[tokio::test]
async fn every_catalogued_operation_reaches_the_vendor_as_it_was_asked_for() {
    let mut all = Vec::new();
    let mut count = 0;
    for vendor in READABLE {
        let (asked, wrong) = exchanged(vendor).await;
        count += asked;
        all.extend(
            wrong
                .into_iter()
                .map(|line| format!("{}: {line}", vendor.variant)),
        );
    }
    assert!(
        all.is_empty(),
        "{} of {count} operations did not reach the vendor as documented:\n{}",
        all.len(),
        all.join("\n")
    );
}
