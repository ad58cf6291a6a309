use serde_json::{Value, json};

use super::{ADMIN, PERSONAL, apono, call, code, items, refused, token};
use crate::simulators::Running;

const REQUESTS: &str = "/api/user/v4/access-requests";

async fn get(apono: &Running, token: &str, path: &str) -> Value {
    let (status, body) = call(apono, token, "GET", path).await;
    assert_eq!(status, 200, "{body}");
    body
}

#[tokio::test]
async fn everybody_sees_the_own_requests_newest_first() {
    let apono = apono().await;
    let statuses = async |token: &str, query: &str| {
        let page = get(&apono, token, &format!("{REQUESTS}?{query}")).await;
        items(&page)
            .iter()
            .map(|one| one["status"].clone())
            .collect::<Value>()
    };
    assert_eq!(
        statuses(ADMIN, "").await,
        json!(["Revoking", "Granting", "Initializing"])
    );
    assert_eq!(
        statuses(PERSONAL, "").await,
        json!(["Revoked", "Active", "Pending"])
    );
    assert_eq!(
        statuses(PERSONAL, "statuses=Active&statuses=Pending").await,
        json!(["Active", "Pending"])
    );
    assert_eq!(apono.state().requests.len(), 9);

    let first = get(&apono, PERSONAL, &format!("{REQUESTS}?limit=2")).await;
    let path = format!("{REQUESTS}?page_token={}", token(&first));
    let rest = get(&apono, PERSONAL, &path).await;
    assert_eq!(items(&rest)[0]["status"], "Pending");
    assert_eq!(rest["pagination"]["next_page_token"], Value::Null);
    let created = |page: &Value, n: usize| items(page)[n]["creation_date"].to_string();
    assert!(created(&first, 0) > created(&first, 1));
}

#[tokio::test]
async fn who_is_the_caller_is_not_named() {
    let apono = apono().await;
    let page = get(&apono, PERSONAL, REQUESTS).await;
    let own = &items(&page)[0];
    assert_eq!(
        (&own["requestor"], &own["grantee"]),
        (&Value::Null, &Value::Null)
    );
    assert!(own["access_groups"][0]["integration"]["id"].is_string());
    let path = format!("{REQUESTS}/{}", own["id"].as_str().unwrap());
    assert_eq!(get(&apono, PERSONAL, &path).await, *own);
    let stranger = refused(&apono, ADMIN, "GET", &path).await;
    assert_eq!(stranger, code(404, "NotFound"));
}

#[tokio::test]
async fn what_others_ask_for_is_found_by_their_name() {
    let apono = apono().await;
    let path = format!("{REQUESTS}?requestor=chiara.moretti@example.org");
    let page = get(&apono, PERSONAL, &path).await;
    let [given] = items(&page) else {
        panic!("one request: {page}");
    };
    assert_eq!(
        given["requestor"]["source_id"],
        "chiara.moretti@example.org"
    );
    assert_eq!(given["grantee"], Value::Null);
    let path = format!(
        "{REQUESTS}?requestor={}",
        given["requestor"]["id"].as_str().unwrap()
    );
    assert_eq!(items(&get(&apono, PERSONAL, &path).await).len(), 1);
    assert!(items(&get(&apono, ADMIN, &path).await).is_empty());
}
