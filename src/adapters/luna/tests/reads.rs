use super::*;

#[tokio::test]
async fn only_lunas_own_word_makes_an_account_gone() {
    let luna = Luna::start().await;
    luna.answers(
        "GET",
        ONE,
        404,
        refusal(41004, "Object not found", "Account not found"),
    )
    .await;
    assert_eq!(luna.find().await.unwrap(), None);

    for (status, body) in [
        (404, refusal(12013, "Resource not found", "Page not found")),
        (404, json!({ "message": "no such route" })),
        (200, json!({ "account_id": Uuid::nil(), "login": "x@y.zz" })),
    ] {
        let luna = Luna::start().await;
        luna.answers("GET", ONE, status, body.clone()).await;
        assert!(luna.find().await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn a_listing_goes_on_with_the_size_that_it_began_with() {
    let luna = Luna::start().await;
    for (page, total) in [("1", 2), ("2", 2)] {
        Mock::given(method("GET"))
            .and(path(ALL))
            .and(query_param("page", page))
            .and(query_param("page_size", "1"))
            .respond_with(ResponseTemplate::new(200).set_body_json(
                json!({ "accounts": [account("ops@example.org")], "total_count": total }),
            ))
            .mount(&luna.server)
            .await;
    }
    let lister = luna.adapter.account_lister().unwrap();
    let first = PageRequest {
        cursor: None,
        size: 1,
    };
    let first = lister.list_accounts(&luna.call(), &first).await.unwrap();
    assert_eq!((first.items.len(), first.total), (1, Some(2)));
    let second = PageRequest {
        cursor: first.next,
        size: 1000,
    };
    let second = lister.list_accounts(&luna.call(), &second).await.unwrap();
    assert_eq!(second.next, None);
    let nonsense = PageRequest {
        cursor: Some("x".to_owned()),
        size: 1,
    };
    assert!(lister.list_accounts(&luna.call(), &nonsense).await.is_err());
}

#[tokio::test]
async fn a_check_tells_a_hidden_health_endpoint_from_refused_credentials() {
    let page = json!({ "accounts": [], "total_count": 0 });
    let luna = Luna::start().await;
    luna.answers(
        "GET",
        "/luna/healthcheck",
        200,
        json!({ "execution_time": 0.1 }),
    )
    .await;
    luna.answers("GET", ALL, 200, page.clone()).await;
    let report = luna.adapter.checker().check(&luna.call()).await.unwrap();
    assert!(report.findings.is_empty());

    let luna = Luna::start().await;
    luna.answers("GET", ALL, 200, page).await;
    let report = luna.adapter.checker().check(&luna.call()).await.unwrap();
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|one| (one.code.as_str(), one.fatal))
        .collect();
    assert_eq!(found, [("health_unknown", false)]);

    let luna = Luna::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(401))
        .mount(&luna.server)
        .await;
    let report = luna.adapter.checker().check(&luna.call()).await.unwrap();
    assert!(
        report
            .findings
            .iter()
            .any(|one| one.code == "auth_failed" && one.fatal)
    );
}
