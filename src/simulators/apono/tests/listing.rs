use serde_json::{Value, json};

use super::{ACCOUNT, apono, code, emails, end, get, items, refused, token, with};
use crate::simulators::{Drift, DriftOp, Fault, Rule, Running};

/// All rows that following the tokens brings, sending nothing but the token.
async fn walk(apono: &Running, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut page = get(apono, path).await;
    let path = path.split('?').next().unwrap();
    loop {
        rows.extend_from_slice(items(&page));
        match page["pagination"]["next_page_token"].as_str() {
            None | Some("") => return rows,
            Some(token) => page = get(apono, &format!("{path}?page_token={token}")).await,
        }
    }
}

#[tokio::test]
async fn a_token_brings_the_query_and_the_limit_along() {
    let apono = apono().await;
    let whole = get(&apono, "/api/admin/v3/users").await;
    assert_eq!((items(&whole).len(), &whole["pagination"]), (60, &end()));

    let first = get(&apono, "/api/admin/v3/users?limit=7&first_name=*a*").await;
    assert_eq!(items(&first).len(), 7);
    let path = format!("/api/admin/v3/users?page_token={}", token(&first));
    let second = get(&apono, &path).await;
    assert_eq!(items(&second).len(), 7);
    let wider = get(&apono, &format!("{path}&limit=9&first_name=none")).await;
    assert_eq!(items(&wider).len(), 9);

    let all = walk(&apono, "/api/admin/v3/users?limit=7&first_name=*a*").await;
    let expected: Vec<&Value> = items(&whole)
        .iter()
        .filter(|user| user["first_name"].as_str().unwrap().contains('a'))
        .collect();
    assert_eq!(all.iter().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn filters_take_wildcards_and_repeated_keys() {
    let apono = apono().await;
    let found = async |query: &str| {
        let page = get(&apono, &format!("/api/admin/v3/users?{query}")).await;
        items(&page).to_vec()
    };
    let ada = found("first_name=Ada&last_name=Li*").await;
    assert_eq!(emails(&ada), ["ada.lind@example.org"]);
    assert!(found("first_name=da").await.is_empty());
    assert!(found("first_name=*da&last_name=*nd").await.len() == 1);

    let (admins, viewers) = (found("role=Admin").await, found("role=Viewer").await);
    assert_eq!(admins.len(), 1);
    let both = found("role=Admin&role=Viewer").await;
    assert_eq!(both.len(), admins.len() + viewers.len());
    assert!(found("role=viewer").await.is_empty());

    let of_okta = found("source_integration_name=Okta").await;
    let okta = &of_okta[0]["source_integration_id"];
    let by_id = found(&format!("source_integration_id={}", okta.as_str().unwrap())).await;
    assert!(!of_okta.is_empty() && of_okta.len() < 60);
    assert_eq!(by_id, of_okta);
    assert_eq!(found("nobody_knows_this=1").await.len(), 60);
}

#[tokio::test]
async fn limits_and_tokens_that_cannot_be_are_refused() {
    let apono = apono().await;
    let bad = code(400, "BadRequest");
    let page = get(&apono, "/api/admin/v3/users?limit=1").await;
    let foreign = format!("page_token={}", token(&page));
    for query in [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=x",
        "page_token=x",
        "page_token=AAAA",
    ] {
        let path = format!("/api/admin/v3/users?{query}");
        assert_eq!(refused(&apono, ACCOUNT, "GET", &path).await, bad, "{query}");
    }
    let path = format!("/api/admin/v1/groups?{foreign}");
    assert_eq!(refused(&apono, ACCOUNT, "GET", &path).await, bad);
    for query in ["limit=1000", "limit=", "page_token="] {
        let page = get(&apono, &format!("/api/admin/v3/users?{query}")).await;
        assert_eq!(items(&page).len(), 60);
    }
}

#[tokio::test]
async fn a_token_survives_what_comes_and_goes() {
    let apono = apono().await;
    let first = get(&apono, "/api/admin/v3/users?limit=20").await;
    let drift = |op, id: Option<&Value>, value| Drift {
        op,
        kind: "account".into(),
        id: id.map(|id| id.as_str().unwrap().to_owned()),
        value,
    };
    let accounts = apono.state().accounts;
    apono
        .drift(&[
            drift(DriftOp::Add, None, json!({"email": "new@example.org"})),
            drift(DriftOp::Remove, Some(&accounts[3]["id"]), Value::Null),
            drift(DriftOp::Remove, Some(&accounts[20]["id"]), Value::Null),
        ])
        .unwrap();
    let rest = walk(
        &apono,
        &format!("/api/admin/v3/users?page_token={}", token(&first)),
    )
    .await;
    assert_eq!(rest.len(), 40);
    assert_eq!(rest[0], accounts[21]);
    assert_eq!(rest[39]["email"], "new@example.org");
}

#[tokio::test]
async fn the_end_can_be_said_in_three_ways() {
    for (word, pagination) in [
        ("null", end()),
        ("missing", json!({})),
        ("empty", json!({"next_page_token": ""})),
    ] {
        let apono = with(&[("page_end", word)]).await;
        let page = get(&apono, "/api/admin/v3/users").await;
        assert_eq!(page["pagination"], pagination);
        assert_eq!(walk(&apono, "/api/admin/v3/users?limit=25").await.len(), 60);
    }
}

#[tokio::test]
async fn pages_can_be_sparse_endless_or_stuck() {
    let sparse = with(&[("paging", "sparse")]).await;
    let first = get(&sparse, "/api/admin/v3/users?limit=25").await;
    assert!(items(&first).is_empty() && !token(&first).is_empty());
    assert_eq!(
        walk(&sparse, "/api/admin/v3/users?limit=25").await.len(),
        60
    );

    let after = async |apono: &Running, page: &Value| {
        get(
            apono,
            &format!("/api/admin/v3/users?page_token={}", token(page)),
        )
        .await
    };
    let endless = with(&[("paging", "endless")]).await;
    let whole = get(&endless, "/api/admin/v3/users").await;
    let (one, two) = {
        let one = after(&endless, &whole).await;
        let two = after(&endless, &one).await;
        (one, two)
    };
    assert_eq!(items(&whole).len(), 60);
    assert!(items(&one).is_empty() && items(&two).is_empty());
    assert_ne!(token(&one), token(&two));

    let stuck = with(&[("paging", "stuck")]).await;
    let first = get(&stuck, "/api/admin/v3/users?limit=40").await;
    let last = after(&stuck, &first).await;
    assert_eq!(items(&last).len(), 20);
    assert_eq!(token(&last), token(&first));
}

#[tokio::test]
async fn page_faults_show_in_the_listing() {
    let apono = apono().await;
    let path = "/api/admin/v3/users?limit=20";
    let whole = walk(&apono, path).await;
    for (fault, expected) in [
        (Fault::PageRepeat, [&whole[..20], &whole].concat()),
        (Fault::PageMissing, [&whole[..20], &whole[40..]].concat()),
        (Fault::PageLoop, [&whole[..20], &whole].concat()),
    ] {
        apono.faults([Rule::new(fault)]);
        assert_eq!(walk(&apono, path).await, expected);
    }
}
