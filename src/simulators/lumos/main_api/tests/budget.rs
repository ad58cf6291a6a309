use std::time::Duration;

use reqwest::Response;
use serde_json::Value;

use super::{ADMIN, lumos, send, with};

fn number(response: &Response, name: &str) -> f64 {
    let value = response.headers()[name].to_str().unwrap();
    value.parse().unwrap()
}

#[tokio::test]
async fn every_answer_counts_the_budget_down() {
    let lumos = with(&[("main_budget", "1000")]).await;
    let before = chrono::Utc::now().timestamp() as f64;
    for (n, (path, token, status)) in [
        ("/users", ADMIN, 200),
        ("/users?size=0", ADMIN, 422),
        ("/users", "none", 401),
        ("/apps/none", ADMIN, 404),
        ("/info", "", 200),
        ("/art", "", 200),
    ]
    .into_iter()
    .enumerate()
    {
        let response = send(&lumos, token, path).await;
        assert_eq!(response.status(), status);
        assert_eq!(number(&response, "x-ratelimit-limit"), 1000.0);
        assert_eq!(number(&response, "x-ratelimit-remaining"), 999.0 - n as f64);
        let reset = number(&response, "x-ratelimit-reset") - before;
        assert!((59.0..63.0).contains(&reset), "{reset}");
        // Even where nothing is refused.
        assert_eq!(number(&response, "retry-after"), 1.0);
    }
}

#[tokio::test]
async fn a_spent_budget_refuses_until_its_reset() {
    let lumos = with(&[("main_budget", "2"), ("main_window_ms", "1500")]).await;
    for left in [1.0, 0.0] {
        let response = send(&lumos, ADMIN, "/users").await;
        assert_eq!(
            (
                response.status().as_u16(),
                number(&response, "x-ratelimit-remaining")
            ),
            (200, left)
        );
    }
    for _ in 0..2 {
        let response = send(&lumos, ADMIN, "/users").await;
        assert_eq!(response.status(), 429);
        assert_eq!(number(&response, "x-ratelimit-remaining"), 0.0);
        assert!([1.0, 2.0].contains(&number(&response, "retry-after")));
        let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
        assert_eq!(body["detail"], "Rate limit exceeded");
    }
    tokio::time::sleep(Duration::from_millis(1600)).await;
    assert_eq!(send(&lumos, ADMIN, "/users").await.status(), 200);
}

#[tokio::test]
async fn a_reset_of_the_simulator_gives_the_budget_back() {
    let lumos = with(&[("main_budget", "1")]).await;
    assert_eq!(send(&lumos, ADMIN, "/users").await.status(), 200);
    assert_eq!(send(&lumos, ADMIN, "/users").await.status(), 429);
    lumos.reset();
    assert_eq!(send(&lumos, ADMIN, "/users").await.status(), 200);
}

#[tokio::test]
async fn the_connector_has_no_budget() {
    let lumos = lumos().await;
    let response = send(&lumos, "", "/openapi.json").await;
    assert_eq!(response.status(), 200);
    assert!(!response.headers().contains_key("x-ratelimit-limit"));
}
