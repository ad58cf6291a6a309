//! Of an exclusive group an account holds one entitlement at a time: nothing that was given is pushed away, and what an account
//! falls back to comes back.

use serde_json::json;

use super::{ADA, BRUNO, ROOT, give, luna_type, path, row, status, synced, wish};
use crate::support::{DEVO, LUNA};

#[tokio::test]
async fn what_was_displaced_is_noted_and_comes_back() {
    let app = synced(LUNA).await;
    let grant = give(&app, ADA, "admin").await;
    let held = row(&app, ADA, "admin").await;
    assert_eq!(held, Some(("active".into(), true, Some("user".into()))));
    assert_eq!(status(&app, ADA, "user").await.as_deref(), Some("deleted"));

    app.admin().delete(&path(&grant)).await.expect(204);
    assert_eq!(luna_type(&app, ADA), "user");
    assert_eq!(status(&app, ADA, "admin").await.as_deref(), Some("deleted"));
    let back = row(&app, ADA, "user").await;
    assert_eq!(back, Some(("active".into(), false, None)));
    app.stop().await;
}

#[tokio::test]
async fn nothing_that_was_given_is_pushed_away() {
    let app = synced(LUNA).await;
    let body = wish(&app, ROOT, "advanced_user").await;
    let problem = app.admin().post("/v1/grants", body).await;
    let problem = problem.problem(409, "conflict");
    assert_eq!(problem["errors"][0]["pointer"], "/entitlement_id");
    assert!(
        problem["detail"].to_string().contains("`admin`"),
        "{problem:#}"
    );
    assert!(
        app.operations().await.is_empty(),
        "refused before it is an operation"
    );

    // What our copy doesn't know, the reading before the write finds.
    let grant = give(&app, ADA, "advanced_user").await;
    sqlx::query("update grants set status = 'deleted' where id::text = $1")
        .bind(grant["id"].as_str())
        .execute(app.sql())
        .await
        .expect("forgotten");
    let body = wish(&app, ADA, "admin").await;
    let problem = app.admin().post("/v1/grants", body).await;
    let problem = problem.problem(409, "conflict");
    assert!(
        problem["detail"].to_string().contains("advanced_user"),
        "{problem:#}"
    );
    assert_eq!(status(&app, ADA, "admin").await.as_deref(), Some("deleted"));
    assert_eq!(luna_type(&app, ADA), "advanced_user");
    app.stop().await;
}

#[tokio::test]
async fn a_role_that_goes_with_no_other_is_refused_by_the_reading() {
    let app = synced(DEVO).await;
    let body = wish(&app, ADA, "ADMIN").await;
    let problem = app.admin().post("/v1/grants", body).await;
    let problem = problem.problem(409, "conflict");
    assert!(
        problem["detail"].to_string().contains("reviewer"),
        "{problem:#}"
    );
    assert!(app.effects(DEVO).is_empty());
    give(&app, BRUNO, "ADMIN").await;
    app.the_effect(DEVO);
    app.stop().await;
}

#[tokio::test]
async fn what_an_account_falls_back_to_is_not_taken_away() {
    let app = synced(LUNA).await;
    let grant = give(&app, ADA, "user").await;
    let problem = app.admin().delete(&path(&grant)).await;
    let problem = problem.problem(422, "capability_not_supported");
    assert!(
        problem["detail"].to_string().contains("`user`"),
        "{problem:#}"
    );
    assert_eq!(
        row(&app, ADA, "user").await,
        Some(("active".into(), false, None))
    );
    assert_eq!(luna_type(&app, ADA), json!("user"));
    app.stop().await;
}
