//! Lists of accounts: filters, pages, and how good they are.

use std::collections::BTreeSet;

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::{part, text};
use crate::support::{DEVO, LUMOS, LUNA, TestApp, WRITABLE};

/// Whether a filter should show an account.
type Matches<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

#[tokio::test]
async fn every_account_of_every_vendor_is_listed() {
    let app = TestApp::builder()
        .vendor(LUNA)
        .vendor(DEVO)
        .vendor(LUMOS)
        .start()
        .await;
    let mut total = 0;
    for vendor in WRITABLE {
        let run = app.synced(vendor).await;
        let there = app.simulator(vendor).state().accounts.len();
        assert_eq!(part(&run, "accounts")["seen"], there, "{}", vendor.name);
        assert_eq!(app.accounts(vendor, "").await.len(), there);
        total += there;
    }
    let everything = app.all("/v1/accounts?limit=1000").await;
    assert_eq!(everything.len(), total);
    // The same person, at all three.
    let ada = app.all("/v1/accounts?email=ADA.LIND@example.org").await;
    let vendors: BTreeSet<&str> = ada.iter().map(|account| text(&account["vendor"])).collect();
    assert_eq!(vendors, BTreeSet::from(["devo", "lumos", "luna"]));
    app.stop().await;
}

#[tokio::test]
async fn filters_narrow() {
    let app = TestApp::builder().vendor(LUMOS).vendor(LUNA).start().await;
    app.synced(LUMOS).await;
    app.synced(LUNA).await;
    let all = app.all("/v1/accounts?limit=1000").await;
    let lumos = app.connection_id(LUMOS);
    let id = |account: &Value| text(&account["id"]).to_owned();
    let some = all
        .iter()
        .find(|account| account["vendor"] == "lumos")
        .expect("one");
    let filters: Vec<(String, Matches)> = vec![
        (
            "vendor=lumos".into(),
            Box::new(|account| account["vendor"] == "lumos"),
        ),
        (
            "connection_id=luna".into(),
            Box::new(|account| account["vendor"] == "luna"),
        ),
        (
            format!("connection_id={lumos}"),
            Box::new(|account| account["vendor"] == "lumos"),
        ),
        (
            "status=suspended".into(),
            Box::new(|account| account["status"] == "suspended"),
        ),
        (
            "kind=service".into(),
            Box::new(|account| account["kind"] == "service"),
        ),
        (
            "login=ada.lind".into(),
            Box::new(|account| account["login"] == "ada.lind"),
        ),
        (
            "email_contains=A.L".into(),
            Box::new(|account| {
                account["email"]
                    .as_str()
                    .is_some_and(|email| email.contains("a.l"))
            }),
        ),
        (
            "login_contains=svc-".into(),
            Box::new(|account| {
                account["login"]
                    .as_str()
                    .is_some_and(|login| login.contains("svc-"))
            }),
        ),
        (
            format!("external_id={}", text(&some["external_id"])),
            Box::new(|account| account["external_id"] == some["external_id"]),
        ),
        (
            "changed_after=2001-01-01T00:00:00Z".into(),
            Box::new(|_| true),
        ),
        (
            "changed_before=2001-01-01T00:00:00Z".into(),
            Box::new(|_| false),
        ),
        // Wild cards of the database are letters here.
        ("email_contains=%25".into(), Box::new(|_| false)),
        ("email_contains=_".into(), Box::new(|_| false)),
        (
            "vendor=lumos&status=active&kind=human".into(),
            Box::new(|account| {
                account["vendor"] == "lumos"
                    && account["status"] == "active"
                    && account["kind"] == "human"
            }),
        ),
    ];
    for (filter, wanted) in filters {
        let found: BTreeSet<String> = app
            .all(&format!("/v1/accounts?limit=1000&{filter}"))
            .await
            .iter()
            .map(id)
            .collect();
        let expected: BTreeSet<String> = all
            .iter()
            .filter(|account| wanted(account))
            .map(id)
            .collect();
        assert_eq!(found, expected, "{filter}");
        let trivial = filter.contains("changed_before")
            || filter.contains("_contains=%")
            || filter.ends_with("=_");
        assert!(
            trivial || !expected.is_empty(),
            "{filter} proves nothing with this seed"
        );
    }
    app.stop().await;
}

#[tokio::test]
async fn pages_show_every_row_once_and_in_the_same_order() {
    let app = TestApp::builder().vendor_of(LUNA, 137).start().await;
    app.synced(LUNA).await;
    let whole: Vec<Value> = app.accounts(LUNA, "").await;
    assert_eq!(whole.len(), app.simulator(LUNA).state().accounts.len());
    for limit in [1, 7, 136, 137, 138, 1000] {
        let paged = app
            .all(&format!("/v1/accounts?limit={limit}&connection_id=luna"))
            .await;
        assert!(paged == whole, "pages of {limit}");
    }
    assert_eq!(
        app.get("/v1/accounts").await["items"]
            .as_array()
            .map(Vec::len),
        Some(100)
    );
    app.stop().await;
}

#[tokio::test]
async fn a_page_is_not_shifted_by_what_is_written_meanwhile() {
    let app = TestApp::builder().vendor_of(LUNA, 40).start().await;
    app.synced(LUNA).await;
    let whole: BTreeSet<String> = app
        .accounts(LUNA, "")
        .await
        .iter()
        .map(|account| text(&account["id"]).to_owned())
        .collect();
    let first = app.get("/v1/accounts?limit=20").await;
    app.create_account(LUNA.new_account("between")).await;
    let next = text(&first["next_cursor"]);
    let rest = app
        .get(&format!("/v1/accounts?limit=1000&cursor={next}"))
        .await;
    let seen: Vec<String> = first["items"]
        .as_array()
        .expect("items")
        .iter()
        .chain(rest["items"].as_array().expect("items"))
        .map(|account| text(&account["id"]).to_owned())
        .collect();
    let distinct: BTreeSet<String> = seen.iter().cloned().collect();
    assert_eq!(seen.len(), distinct.len(), "no row twice");
    assert!(whole.is_subset(&distinct), "and none left out");
    app.stop().await;
}

#[tokio::test]
async fn a_cursor_belongs_to_its_list_and_filters() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    app.synced(LUNA).await;
    let page = app.get("/v1/accounts?limit=2&kind=unknown").await;
    let cursor = text(&page["next_cursor"]).to_owned();
    app.get(&format!(
        "/v1/accounts?limit=5&kind=unknown&cursor={cursor}"
    ))
    .await;
    let mut forged = cursor.clone().into_bytes();
    let middle = forged.len() / 2;
    forged[middle] = if forged[middle] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).expect("ASCII");
    for path in [
        format!("/v1/accounts?limit=2&cursor={cursor}"),
        format!("/v1/accounts?limit=2&kind=service&cursor={cursor}"),
        format!("/v1/accounts?limit=2&kind=unknown&connection_id=luna&cursor={cursor}"),
        format!("/v1/connections?limit=2&cursor={cursor}"),
        format!("/v1/operations?limit=2&cursor={cursor}"),
        format!("/v1/accounts?limit=2&kind=unknown&cursor={forged}"),
        "/v1/accounts?cursor=nonsense".to_owned(),
    ] {
        let answer = app.admin().get(&path).await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), ["cursor"], "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_cursor_shows_no_more_than_its_bearer_may_see() {
    let app = TestApp::builder().vendor(LUNA).vendor(DEVO).start().await;
    app.synced(LUNA).await;
    app.synced(DEVO).await;
    let page = app.get("/v1/accounts?limit=3").await;
    let path = format!(
        "/v1/accounts?limit=1000&cursor={}",
        text(&page["next_cursor"])
    );
    let devo_only = app.only_for(&["devo"]).await;
    let rest = devo_only.get(&path).await.expect(200);
    let items = rest["items"].as_array().expect("items");
    assert!(!items.is_empty() && items.iter().all(|account| account["vendor"] == "devo"));
    app.stop().await;
}

#[tokio::test]
async fn bad_parameters_are_refused_by_name() {
    let app = TestApp::builder().start().await;
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=many", "limit"),
        ("limit=-1", "limit"),
        ("colour=red", "colour"),
        ("status=gone", "status"),
        ("kind=robot", "kind"),
        ("changed_after=yesterday", "changed_after"),
        ("limit=1&limit=2", "limit"),
    ] {
        let answer = app.admin().get(&format!("/v1/accounts?{query}")).await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), [name], "{query}");
    }
    app.admin()
        .get("/v1/accounts?connection_id=nowhere")
        .await
        .problem(404, "not_found");
    app.stop().await;
}

#[tokio::test]
async fn a_list_says_how_good_it_is() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let never = app.get("/v1/accounts").await;
    assert_eq!(
        (&never["as_of"], &never["stale"]),
        (&Value::Null, &json!(true)),
        "never synced"
    );
    app.synced(LUNA).await;
    let fresh = app.get("/v1/accounts").await;
    assert!(fresh["as_of"].is_string(), "{fresh}");
    assert_eq!(fresh["not_covered"], json!([]));
    assert_eq!(fresh["stale"], false, "just synced");
    app.faults(LUNA, [LUNA.on_list(Fault::Status {
        code: 401,
        headers: Default::default(),
        body: Some(json!({"error_code": 12010, "desc": "Bad/incomplete input data", "detail": "Authorization header needed"})),
        apply: false,
    })
    .times(0)]);
    let run = app.sync(LUNA).await;
    assert_eq!(run["status"], "failed", "{run:#}");
    let stale = app.get("/v1/accounts").await;
    assert_eq!(stale["stale"], true, "the last run failed");
    assert_eq!(
        stale["as_of"], fresh["as_of"],
        "what was seen completely is as old as it was"
    );
    app.stop().await;
}

#[tokio::test]
async fn what_a_connection_can_not_list_is_not_shown_as_empty() {
    let app = TestApp::builder()
        .vendor_quirk(LUMOS, "lacks", "info,list_accounts")
        .vendor(LUNA)
        .start()
        .await;
    app.admin()
        .post("/v1/connections/lumos-connector/check", Value::Null)
        .await
        .expect(200);
    let known = app
        .get("/v1/connections/lumos-connector/capabilities")
        .await;
    assert!(
        known["missing"].to_string().contains("accounts.list"),
        "{known:#}"
    );
    let narrowed = app
        .admin()
        .get("/v1/accounts?connection_id=lumos-connector")
        .await;
    let problem = narrowed.problem(422, "capability_not_supported");
    assert!(
        !problem["capabilities"]
            .to_string()
            .contains("accounts.list"),
        "{problem:#}"
    );
    // What else it lists is synced all the same.
    let run = app.sync(LUMOS).await;
    let parts = run["parts"].as_array().expect("parts");
    assert!(
        parts.iter().all(|part| part["noun"] != "accounts"),
        "{run:#}"
    );
    let wide = app.get("/v1/accounts").await;
    assert_eq!(wide["not_covered"], json!([app.connection_id(LUMOS)]));
    app.stop().await;
}
