use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Answer, Api, home, own_tokens, role_id, start};
use crate::simulators::{self, Fault, Options, Rule, lightelligence::seed};

fn emails(body: &Value) -> Vec<String> {
    let rows = body["data"].as_array().unwrap().iter();
    rows.map(|user| user["email"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn users_are_listed_by_pages_from_zero() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let list = async |query: &str| api.get(&home(&format!("/users{query}"))).await;
    let first = list("").await.expect(200);
    assert_eq!(
        first["meta"],
        json!({"page": 0, "pageSize": 10, "itemsTotal": 60, "pagesTotal": 6})
    );
    assert_eq!(list("?page=0&other=x").await.expect(200), first);
    let mut all = Vec::new();
    for page in 0..3 {
        let body = list(&format!("?page={page}&pageSize=25")).await.expect(200);
        assert_eq!(body["meta"]["pagesTotal"], 3);
        all.extend(emails(&body));
    }
    assert_eq!(all.len(), 60);
    assert_eq!(all[..2], ["owner@example.org", "ada.lind@example.org"]);
    let state: Vec<Value> = vendor.state().accounts;
    let held: Vec<&str> = state
        .iter()
        .map(|user| user["email"].as_str().unwrap())
        .collect();
    assert_eq!(all, held);
    let single = list("?page=59&pageSize=1").await.expect(200);
    assert_eq!(emails(&single), all[59..]);
    for past in ["?page=6", "?page=18446744073709551615"] {
        let body = list(past).await.expect(200);
        assert_eq!(
            (&body["data"], &body["meta"]["itemsTotal"]),
            (&json!([]), &json!(60))
        );
    }
    for bad in [
        "?page=-1",
        "?page=x",
        "?pageSize=0",
        "?pageSize=101",
        "?pageSize=",
    ] {
        assert_eq!(
            list(bad).await.refusal(),
            (400, "VALIDATION_ERROR"),
            "{bad}"
        );
    }
}

#[tokio::test]
async fn users_show_their_roles() {
    let vendor = start().await;
    let body = Api::owner(&vendor)
        .await
        .get(&home("/users"))
        .await
        .expect(200);
    let owner = &body["data"][0];
    assert_eq!(
        *owner,
        json!({
            "id": seed::user(0), "email": "owner@example.org", "firstName": "Olga", "lastName": "Owner",
            "userRoles": [{
                "id": role_id(&vendor, "owner"), "name": "owner", "displayName": "Owner",
                "description": "All that there is to do", "locked": true,
            }],
        })
    );
    let some_have_two = |user: &Value| user["userRoles"].as_array().unwrap().len() == 2;
    assert!(body["data"].as_array().unwrap().iter().any(some_have_two));
}

#[tokio::test]
async fn only_some_lists_tell_totals() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    for path in [
        "/roles".to_owned(),
        home("/invites"),
        format!("/users/{}/tenants", seed::user(0)),
        "/applications".to_owned(),
    ] {
        let body = api.get(&path).await.expect(200);
        assert_eq!(body["meta"], json!({"page": 0, "pageSize": 10}), "{path}");
        assert!(body["data"].is_array(), "{path}");
    }
    let role = role_id(&vendor, "reader");
    let users = api
        .get(&format!("/roles/{role}/users?pageSize=100"))
        .await
        .expect(200);
    let grants = vendor.state().grants;
    let readers = grants
        .iter()
        .filter(|grant| grant["roleId"] == role.as_str());
    assert_eq!(users["meta"]["itemsTotal"], json!(readers.count()));
    let permissions = api.get("/permissions?page=1&pageSize=5").await.expect(200);
    assert_eq!(
        permissions["meta"],
        json!({"page": 1, "pageSize": 5, "totalSize": 12})
    );
    assert_eq!(
        permissions["data"]["permissions"].as_array().unwrap().len(),
        5
    );
}

#[tokio::test]
async fn page_faults_show_in_the_listing() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let page = async |page: u32| {
        let path = home(&format!("/users?page={page}&pageSize=20"));
        let body: Answer = api.get(&path).await;
        let body = body.expect(200);
        (emails(&body), body["meta"]["itemsTotal"].clone())
    };
    let (zero, one) = (page(0).await, page(1).await);
    vendor.faults([
        Rule::new(Fault::PageRepeat),
        Rule::new(Fault::PageMissing),
        Rule::new(Fault::PageLoop),
    ]);
    assert_eq!(page(1).await, zero);
    assert_eq!(page(1).await, (vec![], json!(60)));
    assert_eq!(page(3).await, (zero.0, json!(100)));
    assert_eq!(page(1).await, one);
}

#[tokio::test]
async fn failing_looks_like_the_part_that_fails() {
    let vendor = start().await;
    let api = Api::owner(&vendor).await;
    let failure = Fault::ErrorIn200 { body: None };
    vendor.faults([Rule::new(failure.clone()), Rule::new(failure)]);
    let body = api.get(&home("/users")).await.expect(200);
    assert_eq!(body["errorCode"], "INTERNAL_SERVER_ERROR");
    let body = own_tokens(&vendor, seed::SERVICE, &[]).await.expect(200);
    assert_eq!(body["error"], "unknown_error");
}

#[tokio::test]
async fn a_page_of_very_many_costs_what_a_page_costs() {
    let many = Options {
        accounts: Some(100_000),
        ..Options::default()
    };
    let vendor = simulators::start("lightelligence", many).await.unwrap();
    let api = Api::owner(&vendor).await;
    let reader = role_id(&vendor, "reader");
    let deep = [
        home("/users?page=900&pageSize=100"),
        format!("/roles/{reader}/users?page=400&pageSize=100"),
    ];
    let started = Instant::now();
    for path in &deep {
        for _ in 0..10 {
            let body = api.get(path).await.expect(200);
            assert_eq!(body["data"].as_array().unwrap().len(), 100);
        }
    }
    // Reading all hundred thousand for each of them would take this many times over.
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
}
