use serde_json::{Value, json};

use super::{get, held, items, lumos, text, with, wrong};
use crate::simulators::{Fault, Rule};

#[tokio::test]
async fn pages_cover_everything_once_and_end_empty() {
    let lumos = lumos().await;
    let mut ids = Vec::new();
    for (page, expected) in [(1, 25), (2, 25), (3, 10), (4, 0)] {
        let body = get(&lumos, &format!("/accounts?page={page}&size=25")).await;
        assert_eq!(items(&body).len(), expected);
        let (total, pages) = (&body["total"], &body["pages"]);
        assert_eq!((total, pages), (&json!(60), &json!(3)));
        assert_eq!((&body["page"], &body["size"]), (&json!(page), &json!(25)));
        ids.extend(items(&body).iter().map(|one| one["id"].clone()));
    }
    let held: Vec<Value> = held(&lumos)
        .accounts
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    assert_eq!(ids, held);
    let default = get(&lumos, "/accounts").await;
    assert_eq!((items(&default).len(), &default["size"]), (50, &json!(50)));
    let far = get(&lumos, "/users?page=99999999999999999999999").await;
    assert!(items(&far).is_empty());
}

#[tokio::test]
async fn what_may_be_missing_of_a_page_can_be() {
    let missing = with(&[("main_pages", "missing"), ("main_total", "null")]).await;
    let page = get(&missing, "/users?size=10").await;
    assert_eq!(page.get("pages"), None);
    assert_eq!(page.get("total"), Some(&Value::Null));
    let null = with(&[("main_pages", "null")]).await;
    let page = get(&null, "/users?size=10").await;
    assert_eq!(
        (page.get("pages"), &page["total"]),
        (Some(&Value::Null), &json!(30))
    );
}

#[tokio::test]
async fn parameters_that_cannot_be_are_all_named() {
    let lumos = lumos().await;
    for area in ["users", "accounts", "apps", "groups"] {
        for (query, kind) in [
            ("size=0", "greater_than_equal"),
            ("size=101", "less_than_equal"),
            ("page=0", "greater_than_equal"),
            ("page=-1", "greater_than_equal"),
            ("page=x", "int_parsing"),
            ("size=", "int_parsing"),
        ] {
            let name = query.split('=').next().unwrap();
            let errors = wrong(&lumos, &format!("/{area}?{query}")).await;
            assert_eq!(errors, json!([[["query", name], kind]]), "{area}?{query}");
        }
    }
    let path = "/accounts?size=x&status=ACTIVE&status=GONE&sources=FAX&discovered_after=soon";
    assert_eq!(
        wrong(&lumos, path).await,
        json!([
            [["query", "size"], "int_parsing"],
            [["query", "discovered_after"], "datetime_parsing"],
            [["query", "sources", 0], "enum"],
            [["query", "status", 1], "enum"],
        ])
    );
    assert_eq!(
        wrong(&lumos, "/apps?exact_match=maybe&connection_source=FAX").await,
        json!([
            [["query", "exact_match"], "bool_parsing"],
            [["query", "connection_source"], "enum"]
        ])
    );
    let ada = text(&held(&lumos).users[0]["id"]).to_owned();
    for path in [
        format!("/users/{ada}/accounts?size=0"),
        "/groups/x/users?size=0".into(),
    ] {
        let errors = wrong(&lumos, &path).await;
        assert_eq!(errors[0][0], json!(["query", "size"]));
    }
}

#[tokio::test]
async fn accounts_are_filtered_by_every_parameter() {
    let lumos = lumos().await;
    let all = held(&lumos).accounts;
    let found = async |query: &str, takes: &dyn Fn(&Value) -> bool| {
        let page = get(&lumos, &format!("/accounts?size=100&{query}")).await;
        let expected: Vec<&Value> = all.iter().filter(|one| takes(one)).collect();
        assert!(
            !expected.is_empty() && expected.len() < all.len(),
            "{query}"
        );
        assert_eq!(items(&page).iter().collect::<Vec<_>>(), expected, "{query}");
        assert_eq!(page["total"], expected.len(), "{query}");
    };
    let aws = &held(&lumos).apps[3]["id"];
    found(&format!("app_id={}", text(aws)), &|one| {
        one["app_id"] == *aws
    })
    .await;
    found(&format!("app_id={}&status=ACTIVE", text(aws)), &|one| {
        one["app_id"] == *aws && one["status"] == "ACTIVE"
    })
    .await;
    found("status=STAGED&status=ARCHIVED", &|one| {
        ["STAGED", "ARCHIVED"]
            .map(Value::from)
            .contains(&one["status"])
    })
    .await;
    found("sources=MANUAL&sources=GSUITE_OAUTH", &|one| {
        let sources = one["sources"].as_array().unwrap();
        sources.contains(&json!("MANUAL")) || sources.contains(&json!("GSUITE_OAUTH"))
    })
    .await;
    let time = text(&all[20]["discovered_at"]);
    found(&format!("discovered_before={time}"), &|one| {
        one["discovered_at"].as_str().is_some_and(|at| at < time)
    })
    .await;
    found(&format!("discovered_after={time}Z"), &|one| {
        one["discovered_at"].as_str().is_some_and(|at| at > time)
    })
    .await;
    let none = get(&lumos, "/accounts?app_id=none").await;
    assert_eq!(
        (items(&none).len(), &none["total"], &none["pages"]),
        (0, &json!(0), &json!(0))
    );
}

#[tokio::test]
async fn users_apps_and_groups_are_found_by_name() {
    let lumos = lumos().await;
    let found = async |path: &str, field: &str| {
        let page = get(&lumos, path).await;
        items(&page)
            .iter()
            .map(|one| one[field].clone())
            .collect::<Value>()
    };
    let ada = json!(["ada.lind@example.org"]);
    assert_eq!(found("/users?search_term=ada.l", "email").await, ada);
    assert_eq!(
        found("/users?search_term=ADA%20LIND&exact_match=true", "email").await,
        ada
    );
    assert_eq!(
        found("/users?search_term=ada.l&exact_match=true", "email").await,
        json!([])
    );

    let label = "user_friendly_label";
    let both = json!(["GitHub", "GitHub (contractors)"]);
    assert_eq!(found("/apps?name_search=github", label).await, both);
    assert_eq!(
        found("/apps?name_search=0oa1example&exact_match=1", label).await,
        both
    );
    assert_eq!(
        found("/apps?name_search=GitHub&exact_match=1", label).await,
        json!(["GitHub"])
    );
    assert_eq!(
        found("/apps?disconnected=true", label).await,
        json!(["Old CRM"])
    );
    assert_eq!(
        found("/apps?disconnected=false&connection_source=API", label).await,
        json!(["GitHub", "GitHub (contractors)", "AWS production"])
    );

    let okta = text(&held(&lumos).apps[0]["id"]).to_owned();
    assert_eq!(
        found("/groups?name=OP", "name").await,
        json!(["operations", "people"])
    );
    assert_eq!(
        found("/groups?name=people&exact_match=true", "name").await,
        json!(["people"])
    );
    let synced = found(&format!("/groups?app_id={okta}"), "name").await;
    assert_eq!(synced.as_array().unwrap().len(), 5);
    let id = held(&lumos).groups[1]["integration_specific_id"].clone();
    let path = format!("/groups?integration_specific_id={}", text(&id));
    assert_eq!(found(&path, "name").await, json!(["finance"]));
}

#[tokio::test]
async fn one_thing_is_what_its_listing_shows() {
    let lumos = lumos().await;
    for area in ["users", "apps", "groups"] {
        let page = get(&lumos, &format!("/{area}?size=3")).await;
        for one in items(&page) {
            let path = format!("/{area}/{}", text(&one["id"]));
            assert_eq!(get(&lumos, &path).await, *one);
        }
    }
    let held = held(&lumos);
    let group = &held.groups[0];
    let members = get(
        &lumos,
        &format!("/groups/{}/users?size=2", text(&group["id"])),
    )
    .await;
    assert_eq!(members["total"], group["members"].as_array().unwrap().len());
    assert_eq!(items(&members)[0], held.users[0]);
    let ada = text(&held.users[0]["id"]);
    let own = get(&lumos, &format!("/users/{ada}/accounts?size=2")).await;
    assert_eq!((items(&own).len(), &own["total"]), (2, &json!(3)));
    assert!(items(&own).iter().all(|one| one["user_id"] == ada));
}

#[tokio::test]
async fn only_what_is_expanded_is_there() {
    let lumos = lumos().await;
    let ada = text(&held(&lumos).users[0]["id"]).to_owned();
    for path in ["/users".to_owned(), "/apps".to_owned()] {
        let plain = get(&lumos, &path).await;
        assert_eq!(items(&plain)[0]["custom_attributes"], Value::Null);
        let full = get(
            &lumos,
            &format!("{path}?expand=nothing&expand=custom_attributes"),
        )
        .await;
        let id = text(&items(&full)[1]["id"]);
        let one = get(&lumos, &format!("{path}/{id}?expand=custom_attributes")).await;
        assert_eq!(one, items(&full)[1]);
        for attribute in one["custom_attributes"].as_object().unwrap().values() {
            assert!(attribute["type"].is_string(), "{attribute}");
        }
    }
    let bruno = get(&lumos, "/users?expand=custom_attributes&size=2").await;
    let manager = &items(&bruno)[1]["custom_attributes"]["manager"];
    assert_eq!(manager["type"], "USER");
    assert!(manager["value"][0]["email"].is_string());
    for path in ["/accounts".to_owned(), format!("/users/{ada}/accounts")] {
        let plain = get(&lumos, &path).await;
        assert_eq!(items(&plain)[0]["app"], Value::Null);
        let full = get(&lumos, &format!("{path}?expand=app")).await;
        let account = &items(&full)[0];
        assert_eq!(account["app"]["id"], account["app_id"]);
        assert!(account["app"]["links"]["self"].is_string());
    }
}

#[tokio::test]
async fn page_faults_and_errors_inside_a_200_show() {
    let lumos = lumos().await;
    let page = async |page: u32| get(&lumos, &format!("/accounts?page={page}&size=20")).await;
    let (one, two) = (page(1).await, page(2).await);
    lumos.faults([
        Rule::new(Fault::PageRepeat).path_contains("/accounts"),
        Rule::new(Fault::PageMissing),
        Rule::new(Fault::PageLoop),
    ]);
    assert_eq!(items(&page(2).await), items(&one));
    assert!(items(&page(1).await).is_empty());
    let looped = page(4).await;
    assert_eq!((items(&looped), &looped["pages"]), (items(&one), &json!(5)));
    assert_eq!(page(2).await, two);
    lumos.faults([Rule::new(Fault::ErrorIn200 { body: None })]);
    assert_eq!(page(1).await, json!({"detail": "Internal Server Error"}));
}
