use super::*;

#[tokio::test]
async fn absence_needs_a_listing_that_works_and_lacks_the_user() {
    let devo = Devo::start().await;
    devo.answers("GET", ADA, 404, error("User not found")).await;
    devo.answers("GET", USERS, 200, json!([])).await;
    assert_eq!(devo.find().await.unwrap(), None);
}

#[tokio::test]
async fn a_listing_that_shows_the_user_outweighs_not_found() {
    let devo = Devo::start().await;
    devo.answers("GET", ADA, 400, error("User not found")).await;
    let mut listed = ada("active");
    listed["email"] = json!("Ada@Example.test");
    devo.answers("GET", USERS, 200, json!([listed])).await;
    let found = devo.find().await.unwrap().expect("it is listed");
    assert_eq!(found.external_id, "Ada@Example.test");
}

#[tokio::test]
async fn an_unknown_key_never_looks_like_absence() {
    for (status, body) in [
        (404, json!(null)),
        (404, error("Apikey not found")),
        (401, error("no")),
    ] {
        let devo = Devo::start().await;
        devo.answers("GET", ADA, status, body.clone()).await;
        devo.answers("GET", USERS, status, body.clone()).await;
        let error = devo.find().await.unwrap_err();
        assert_eq!(error.trouble, Trouble::AuthFailed, "{status} {body}");
        let checked = devo.adapter.checker().check(&devo.call()).await.unwrap();
        assert!(checked.findings.iter().any(|finding| finding.fatal));
    }
}

#[tokio::test]
async fn the_answer_about_another_user_is_malformed() {
    let devo = Devo::start().await;
    devo.answers("GET", ADA, 200, json!({ "email": "bob@example.test" }))
        .await;
    assert_eq!(devo.find().await.unwrap_err().trouble, Trouble::Malformed);
}

#[tokio::test]
async fn a_listing_is_one_page() {
    let devo = Devo::start().await;
    devo.answers(
        "GET",
        USERS,
        200,
        json!([ada("pending"), { "userName": "?" }]),
    )
    .await;
    let lister = devo.adapter.account_lister().unwrap();
    let page = lister
        .list_accounts(&devo.call(), &PageRequest::default())
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.defects.len()), (1, 1));
    assert_eq!((page.next, page.total), (None, Some(2)));
    assert_eq!(page.items[0].status, AccountStatus::Pending);
}
