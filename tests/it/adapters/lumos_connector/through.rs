//! What passing operations through shows of the adapter alone; `passthrough::exchanges` has an exchange of every operation.

use iam_gateway::adapters::contract::{Trouble, UpstreamOperation};
use iam_gateway::adapters::vendor;

use super::Lumos;
use crate::adapters::passing::{Given, operation};

fn capability(id: &str) -> &'static UpstreamOperation {
    operation("lumos", "connector", id)
}

fn given(body: &str) -> Given<'_> {
    Given {
        values: vec!["acme_directory"],
        body,
        ..Given::default()
    }
}

#[tokio::test]
async fn the_path_has_the_shape_that_the_connection_says() {
    for (style, path) in [
        ("id", "/acme_directory/list_accounts"),
        ("connectors", "/connectors/acme_directory/list_accounts"),
        ("bare", "/list_accounts"),
    ] {
        let lumos = Lumos::with(&[("path_style", style)]).await;
        let list = capability("list_accounts");
        lumos.pass(list, &given("{\"request\":{}}")).await.unwrap();
        assert_eq!(lumos.last().path, path);
        // The host around the connectors has one for all of them.
        let host = capability("list_connector_app_ids");
        lumos.pass(host, &Given::default()).await.unwrap();
        assert_eq!(lumos.last().path, "/list-connector-app-ids");
    }
}

/// The simulator says so of a path that it lacks, and says it to none that the contract lists.
#[tokio::test]
async fn the_simulator_serves_every_path_in_all_three_shapes() {
    let everything = [
        ("lacks", "none"),
        ("non_human", "some"),
        ("outer_token", "simulated-outer"),
    ];
    let lumos = Lumos::with(&everything).await;
    let http = reqwest::Client::new();
    let status = async |path: String| {
        let url = format!("{}{path}", lumos.vendor.url);
        let asked = http.post(url).bearer_auth("simulated-outer").send().await;
        asked.unwrap().status().as_u16()
    };
    assert_eq!(status("/acme_directory/nothing".into()).await, 404);
    let all = vendor("lumos").unwrap().operations;
    let all = all.iter().copied().flatten();
    for operation in all.filter(|one| one.api == "connector") {
        for name in ["/acme_directory", "/connectors/acme_directory", ""] {
            let path = operation.path.replace("/{connector_id}", name);
            assert_eq!(status(path).await, 200, "{} at {name}", operation.id);
        }
    }
}

#[tokio::test]
async fn nobody_brings_a_credential_or_names_another_connector() {
    let lumos = Lumos::start().await;
    let list = capability("list_accounts");
    let other = Given {
        values: vec!["somebody_else"],
        ..given("")
    };
    let of_host = Given {
        body: "{}",
        ..Given::default()
    };
    for (operation, given, pointer) in [
        (
            list,
            given(r#"{"auth": {"token": {"token": "mine"}}, "request": {}}"#),
            Some("/auth"),
        ),
        (
            list,
            given(r#"{"request": {}, "settings": {}}"#),
            Some("/settings"),
        ),
        (list, given("[]"), Some("")),
        (list, other, None),
        (capability("list_connector_app_ids"), of_host, Some("")),
    ] {
        let error = lumos.pass(operation, &given).await.err().unwrap();
        assert_eq!(
            (error.trouble, error.pointer.as_deref()),
            (Trouble::Invalid, pointer)
        );
        assert!(!error.message.contains("mine"));
    }
    assert!(lumos.vendor.requests().is_empty());
    assert!(lumos.marks().is_empty());

    // Nothing stands for an empty request.
    assert!(lumos.pass(list, &given("")).await.is_ok());
}

#[tokio::test]
async fn an_error_inside_a_200_stays_an_error_when_passed_through() {
    let lumos = Lumos::start().await;
    let given = given(r#"{"request": {"account_id": "nobody"}}"#);
    let find = capability("get_account");
    let error = lumos.pass(find, &given).await.err().unwrap();
    assert_eq!(error.trouble, Trouble::NotFound);
}
