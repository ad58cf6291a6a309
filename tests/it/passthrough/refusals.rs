//! What is not passed through, and how that is said.

use serde_json::json;

use super::{allow_everything, luna, raw_account, upstream};
use crate::support::app::text;
use crate::support::{LUNA, TestApp};

#[tokio::test]
async fn what_is_not_documented_names_the_nearest() {
    let app = luna().await;
    let before = app.requests(LUNA).len();
    let problem = app
        .admin()
        .get(&upstream(LUNA, "1/account"))
        .await
        .problem(404, "not_found");
    assert!(
        text(&problem["detail"]).contains("`GET /1/accounts`"),
        "{problem:#}"
    );
    assert_eq!(app.requests(LUNA).len(), before);
    app.stop().await;
}

#[tokio::test]
async fn another_method_is_told_those_there_are() {
    let app = luna().await;
    let answer = app
        .admin()
        .ask("PUT", &upstream(LUNA, "1/accounts/7"))
        .await;
    answer.problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "DELETE, GET, PATCH");
    app.stop().await;
}

#[tokio::test]
async fn a_path_that_could_lead_elsewhere_is_refused_in_words() {
    let app = luna().await;
    let before = app.requests(LUNA).len();
    for path in [
        "1/accounts/%2e%2e",
        "1/accounts/a%2Fb",
        "1/accounts/a%5cb",
        "1//accounts",
        "1/accounts/",
        "1/accounts/a%00b",
        "1/accounts/%ff",
    ] {
        let problem = app
            .admin()
            .get(&upstream(LUNA, path))
            .await
            .problem(400, "invalid_request");
        assert_eq!(
            problem["errors"][0]["pointer"], "path",
            "{path}: {problem:#}"
        );
    }
    assert_eq!(app.requests(LUNA).len(), before);
    app.stop().await;
}

#[tokio::test]
async fn a_write_that_we_cover_names_ours_unless_raw_writes_are_allowed() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let make = || {
        app.admin().post(
            &upstream(LUNA, "1/accounts"),
            raw_account("raw@example.org"),
        )
    };
    let problem = make().await.problem(409, "conflict");
    assert!(
        text(&problem["detail"]).contains("`create_account`"),
        "{problem:#}"
    );
    assert!(app.effects(LUNA).is_empty());
    allow_everything(&app, LUNA).await;
    let answer = make().await;
    assert!(answer.status.is_success(), "{answer}");
    assert_eq!(app.effects(LUNA).len(), 1);
    app.stop().await;
}

#[tokio::test]
async fn each_operation_needs_its_scopes() {
    let app = luna().await;
    let id = "00000000-0000-0000-0000-000000000000";
    for (scopes, method, path, missing) in [
        (
            &["accounts:read"][..],
            "GET",
            "1/accounts".to_owned(),
            "upstream:read",
        ),
        (
            &["upstream:write"][..],
            "GET",
            "1/accounts".to_owned(),
            "upstream:read",
        ),
        (
            &["upstream:read"][..],
            "DELETE",
            format!("1/accounts/{id}"),
            "upstream:write",
        ),
        (
            &["upstream:read"][..],
            "GET",
            "1/tokens".to_owned(),
            "tokens:reveal",
        ),
        (
            &["upstream:write"][..],
            "POST",
            "1/tokens".to_owned(),
            "tokens:reveal",
        ),
    ] {
        let client = app.client(scopes).await;
        let problem = client
            .ask(method, &upstream(LUNA, &path))
            .await
            .problem(403, "forbidden");
        assert!(
            text(&problem["detail"]).contains(missing),
            "{method} {path}: {problem:#}"
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn a_secret_is_not_left_to_be_fetched_later() {
    let app = luna().await;
    let asked = app.admin().post(&upstream(LUNA, "1/tokens"), json!({}));
    let problem = asked.respond_async().await.problem(400, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "Prefer");
    assert!(app.operations().await.is_empty());
    app.stop().await;
}
