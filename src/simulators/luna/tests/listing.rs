use serde_json::{Value, json};

use super::{ID, call, luna, refused};
use crate::simulators::{self, Fault, Options, Rule, luna::input};

#[tokio::test]
async fn lists_page_filter_and_refuse_what_they_do_not_know() {
    let luna = luna().await;
    let (_, page) = call(
        &luna,
        "GET",
        "/1/accounts?page=1&page_size=100",
        Value::Null,
    )
    .await;
    assert_eq!(
        (
            page["accounts"].as_array().unwrap().len(),
            &page["total_count"]
        ),
        (60, &json!(60))
    );
    let (_, past) = call(&luna, "GET", "/1/accounts?page=8", Value::Null).await;
    assert_eq!(past, json!({"accounts": [], "total_count": 60}));
    let (_, admins) = call(
        &luna,
        "GET",
        "/1/accounts?account_type=admin&targets=login",
        Value::Null,
    )
    .await;
    assert_eq!(
        admins,
        json!({"accounts": [{"login": "root@luna.example"}], "total_count": 1})
    );
    let (_, ada) = call(
        &luna,
        "GET",
        "/1/accounts?login=ada.lind%40example.org",
        Value::Null,
    )
    .await;
    assert_eq!(ada["total_count"], 1);
    let since = ada["accounts"][0]["create_time"].as_str().unwrap();
    let (_, later) = call(
        &luna,
        "GET",
        &format!("/1/accounts?create_time__gte={since}"),
        Value::Null,
    )
    .await;
    let (_, earlier) = call(
        &luna,
        "GET",
        &format!("/1/accounts?create_time__lt={since}"),
        Value::Null,
    )
    .await;
    assert_eq!(
        (&later["total_count"], &earlier["total_count"]),
        (&json!(59), &json!(1))
    );
    assert_eq!(
        call(&luna, "GET", "/1/accounts/count", Value::Null).await.1,
        json!({"count": 60})
    );

    for query in [
        "page=0",
        "page=x",
        "page_size=101",
        "size=5",
        "login=ADA",
        "page=1&page=2",
        "create_time__lt=now",
    ] {
        assert_eq!(
            refused(&luna, "GET", &format!("/1/accounts?{query}"), Value::Null).await,
            (400, 12012),
            "{query}"
        );
    }
    assert_eq!(
        refused(
            &luna,
            "GET",
            "/1/accounts?targets=login,password",
            Value::Null
        )
        .await,
        (400, 41010)
    );
    let upper = ID.to_uppercase();
    assert_eq!(
        refused(&luna, "GET", &format!("/1/accounts/{upper}"), Value::Null).await,
        (400, 12001)
    );
    assert_eq!(
        refused(&luna, "GET", "/1/nothing", Value::Null).await,
        (404, 12013)
    );
    assert_eq!(
        refused(&luna, "PUT", "/1/accounts", Value::Null).await,
        (405, 12021)
    );
}

#[tokio::test]
async fn what_is_seeded_could_have_been_created() {
    let many = Options {
        accounts: Some(2_000),
        ..Options::default()
    };
    let luna = simulators::start("luna", many).await.unwrap();
    let accounts = luna.state().accounts;
    assert_eq!(accounts.len(), 2_000);
    for account in accounts {
        assert!(
            input::is_login(account["login"].as_str().unwrap()),
            "{account}"
        );
        assert!(
            account["description"].as_str().unwrap().chars().count() <= 128,
            "{account}"
        );
    }
}

#[tokio::test]
async fn page_faults_show_in_the_listing() {
    let luna = luna().await;
    let first = async |page: u32| {
        let path = format!("/1/accounts?page={page}&page_size=20");
        let (_, body) = call(&luna, "GET", &path, Value::Null).await;
        (
            body["accounts"][0]["login"].clone(),
            body["total_count"].as_u64().unwrap(),
        )
    };
    let (one, two) = (first(1).await, first(2).await);
    luna.faults([
        Rule::new(Fault::PageRepeat),
        Rule::new(Fault::PageMissing),
        Rule::new(Fault::PageLoop),
    ]);
    assert_eq!(first(2).await, one);
    assert_eq!(first(2).await, (Value::Null, 60));
    assert_eq!(first(4).await, (one.0, 100));
    assert_eq!(first(2).await, two);
}
