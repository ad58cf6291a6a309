use super::*;
use crate::adapters::contract::Shown;

#[tokio::test]
async fn a_creation_is_marked_and_sent_once() {
    let devo = Devo::start_with(json!({ "skip_validation": true })).await;
    devo.answers("GET", GLOBAL_ADA, 400, error("User not found"))
        .await;
    Mock::given(method("POST"))
        .and(path("/probio/user/internal"))
        .and(query_param("skipValidation", "true"))
        .and(body_json(json!({
            "domain": "acme@parent", "userName": "Ada", "email": "ada@example.test", "role": "NO_PRIVILEGES"
        })))
        .respond_with(ResponseTemplate::new(200).set_body_json(ada("pending")))
        .mount(&devo.server)
        .await;
    let creator = devo.adapter.account_creator().unwrap();
    let made = creator
        .create_account(&devo.call(), &new_account(), &[])
        .await
        .unwrap();
    assert_eq!(made.effect, Effect::Created);
    assert_eq!(made.value.status, AccountStatus::Pending);
    assert_eq!(devo.marks(), [json!({ "matches": [] })]);
    assert_eq!(devo.requests("POST").await, 1);
}

#[tokio::test]
async fn an_external_id_makes_an_external_user() {
    let devo = Devo::start_with(json!({ "skip_validation": true })).await;
    devo.answers("GET", GLOBAL_ADA, 400, error("User not found"))
        .await;
    devo.answers("POST", "/probio/user/external", 200, json!(null))
        .await;
    devo.answers("GET", ADA, 200, ada("active")).await;
    let mut new = new_account();
    new.attributes
        .insert("externalId".to_owned(), json!("idp-1"));
    let creator = devo.adapter.account_creator().unwrap();
    let made = creator
        .create_account(&devo.call(), &new, &[])
        .await
        .unwrap();
    assert_eq!(made.value.status, AccountStatus::Active, "read back");
    let received = devo.server.received_requests().await.unwrap();
    let post = received
        .iter()
        .find(|one| one.method.as_str() == "POST")
        .unwrap();
    assert_eq!(post.url.query(), None);
    let body: Value = serde_json::from_slice(&post.body).unwrap();
    assert_eq!(body["externalId"], "idp-1");
}

#[tokio::test]
async fn a_proven_creation_stays_one_when_nothing_can_be_read_after_it() {
    let devo = Devo::start().await;
    devo.answers("POST", "/probio/user/internal", 200, json!({}))
        .await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(401))
        .mount(&devo.server)
        .await;
    let creator = devo.adapter.account_creator().unwrap();
    let made = creator
        .create_account(&devo.call(), &new_account(), &[])
        .await
        .unwrap();
    assert_eq!(made.effect, Effect::Created);
    assert_eq!(made.value.email.as_deref(), Some("ada@example.test"));
    assert_eq!(made.value.status, AccountStatus::Unknown);
}

#[tokio::test]
async fn a_name_that_devo_would_not_take_over_is_refused_before_anything_is_sent() {
    let devo = Devo::start().await;
    let there = json!({ "email": "ada@example.test", "userName": "Ada Lovelace", "id": "7" });
    devo.answers("GET", GLOBAL_ADA, 200, there).await;
    let creator = devo.adapter.account_creator().unwrap();
    let error = creator
        .create_account(&devo.call(), &new_account(), &[])
        .await
        .unwrap_err();
    assert_eq!(error.trouble, Trouble::Conflict);
    assert_eq!(error.pointer.as_deref(), Some("/display_name"));
    assert!(devo.marks().is_empty());
    assert_eq!(devo.requests("POST").await, 0);
}

#[tokio::test]
async fn refusals_of_a_creation_tell_what_to_do() {
    for (status, message, trouble, effect) in [
        (
            400,
            "User already exists",
            Trouble::Conflict,
            SideEffect::None,
        ),
        (
            400,
            "Role 'x' not found",
            Trouble::Rejected,
            SideEffect::None,
        ),
        (
            400,
            "Domain not found",
            Trouble::AuthFailed,
            SideEffect::None,
        ),
        (500, "oops", Trouble::Unavailable, SideEffect::Unknown),
    ] {
        let devo = Devo::start().await;
        devo.answers("POST", "/probio/user/internal", status, error(message))
            .await;
        let mut new = new_account();
        new.display_name = None;
        let creator = devo.adapter.account_creator().unwrap();
        let refusal = creator
            .create_account(&devo.call(), &new, &[])
            .await
            .unwrap_err();
        assert_eq!(
            (refusal.trouble, refusal.effect),
            (trouble, effect),
            "{message}"
        );
        assert_eq!(devo.requests("POST").await, 1, "a write is never repeated");
    }
}

#[tokio::test]
async fn a_change_sends_what_it_keeps_along() {
    let devo = Devo::start().await;
    let global =
        json!({ "email": "ada@example.test", "userName": "Ada", "phone": "+1234567", "id": 17 });
    devo.answers("GET", GLOBAL_ADA, 200, global).await;
    Mock::given(method("PUT"))
        .and(path("/probio/user/internal/17"))
        .and(body_json(
            json!({ "userName": "Ada L", "phone": "+1234567" }),
        ))
        .respond_with(ResponseTemplate::new(200))
        .mount(&devo.server)
        .await;
    let mut after = ada("active");
    after["userName"] = json!("Ada L");
    devo.answers("GET", ADA, 200, after).await;
    let change = AccountChange {
        display_name: Some(Some("Ada L".to_owned())),
        ..AccountChange::default()
    };
    let updater = devo.adapter.account_updater().unwrap();
    let changed = updater
        .update_account(&devo.call(), &known(), &change)
        .await
        .unwrap();
    assert_eq!(changed.effect, Effect::Updated);
    assert_eq!(changed.value.display_name.as_deref(), Some("Ada L"));
    let call = devo.call();
    let shown = updater.shows_update(&call, &changed.value, &change);
    assert_eq!(shown.await.unwrap(), Shown::Yes);
    assert_eq!(
        devo.marks(),
        [json!({ "display_name": "Ada", "phone": "+1234567" })]
    );
}

#[tokio::test]
async fn a_state_counts_only_when_devo_shows_it() {
    let devo = Devo::start().await;
    devo.answers("POST", &format!("{ADA}/disable"), 200, json!(null))
        .await;
    devo.answers("GET", ADA, 200, ada("active")).await;
    let deactivator = devo.adapter.account_deactivator().unwrap();
    let doubt = deactivator
        .deactivate_account(&devo.call(), &known())
        .await
        .unwrap_err();
    assert_eq!(
        (doubt.trouble, doubt.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );

    let devo = Devo::start().await;
    devo.answers("POST", &format!("{ADA}/disable"), 200, ada("inactive"))
        .await;
    let deactivator = devo.adapter.account_deactivator().unwrap();
    let done = deactivator
        .deactivate_account(&devo.call(), &known())
        .await
        .unwrap();
    assert_eq!(done.effect, Effect::Updated);
    assert_eq!(done.value.unwrap().status, AccountStatus::Inactive);
    assert_eq!(devo.marks(), [json!({ "status": "active" })]);
}

#[tokio::test]
async fn what_is_so_already_is_a_success_that_did_nothing() {
    let refusal =
        json!({ "error": { "code": 116, "message": "Error disabling a non inactive user" } });
    for (shown, effect) in [("inactive", Some(Effect::Noop)), ("active", None)] {
        let devo = Devo::start().await;
        devo.answers("POST", &format!("{ADA}/disable"), 400, refusal.clone())
            .await;
        devo.answers("GET", ADA, 200, ada(shown)).await;
        let deactivator = devo.adapter.account_deactivator().unwrap();
        let outcome = deactivator.deactivate_account(&devo.call(), &known()).await;
        assert_eq!(
            outcome.ok().map(|outcome| outcome.effect),
            effect,
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_deletion_of_what_is_gone_is_believed_only_when_it_is_gone() {
    for (listed, effect) in [
        (json!([]), Some(Effect::Noop)),
        (json!([ada("active")]), None),
    ] {
        let devo = Devo::start().await;
        devo.answers("DELETE", ADA, 404, error("User not found"))
            .await;
        devo.answers("GET", ADA, 404, error("User not found")).await;
        devo.answers("GET", USERS, 200, listed.clone()).await;
        let deleter = devo.adapter.account_deleter().unwrap();
        let outcome = deleter.delete_account(&devo.call(), &known()).await;
        assert_eq!(
            outcome.ok().map(|outcome| outcome.effect),
            effect,
            "{listed}"
        );
    }
}

#[tokio::test]
async fn an_owner_is_not_deleted() {
    let devo = Devo::start().await;
    let refusal = json!({ "error": { "code": 112, "message": "Domain owner can not be deleted" } });
    devo.answers("DELETE", ADA, 400, refusal).await;
    let deleter = devo.adapter.account_deleter().unwrap();
    let error = deleter
        .delete_account(&devo.call(), &known())
        .await
        .unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Conflict, SideEffect::None)
    );
}
