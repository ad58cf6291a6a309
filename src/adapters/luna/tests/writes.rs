use super::*;
use crate::adapters::contract::Shown;

#[tokio::test]
async fn a_creation_asks_for_the_operations_id_and_reads_it_back() {
    let luna = Luna::start().await;
    Mock::given(method("POST"))
        .and(path(ALL))
        .and(header("luna-account-id", ID))
        .and(body_json(json!({
            "login": "ops@example.org", "password": "s3cret-pass", "account_type": "user", "description": "ops team"
        })))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({ "account_id": ID })))
        .mount(&luna.server)
        .await;
    luna.answers("GET", ONE, 200, account("ops@example.org"))
        .await;
    let made = luna.create().await.unwrap();
    assert_eq!(made.effect, Effect::Created);
    assert!(made.value.created_at.is_some(), "read back");
    assert_eq!(luna.marks(), [json!({ "matches": [] })]);
    assert_eq!(luna.writes().await, 1);
}

#[tokio::test]
async fn a_proven_creation_stays_one_when_nothing_can_be_read_after_it() {
    let luna = Luna::start().await;
    luna.answers("POST", ALL, 201, json!({})).await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(401))
        .mount(&luna.server)
        .await;
    let made = luna.create().await.unwrap();
    assert_eq!(made.effect, Effect::Created);
    assert_eq!(made.value.external_id, ID);
    assert_eq!(made.value.login.as_deref(), Some("ops@example.org"));
}

#[tokio::test]
async fn our_own_id_taken_is_our_own_success() {
    let taken = refusal(41002, "Unique constraint error", "Account already exists");
    for (status, body, effect) in [
        (200, account("ops@example.org"), Ok(Effect::Created)),
        (200, account("other@example.org"), Err(SideEffect::None)),
        (
            404,
            refusal(41004, "Object not found", "gone"),
            Err(SideEffect::Unknown),
        ),
        (401, json!({}), Err(SideEffect::Unknown)),
    ] {
        let luna = Luna::start().await;
        luna.answers("POST", ALL, 409, taken.clone()).await;
        luna.answers("GET", ONE, status, body.clone()).await;
        let outcome = luna.create().await;
        let seen = outcome
            .map(|made| made.effect)
            .map_err(|error| error.effect);
        assert_eq!(seen, effect, "{body}");
    }
}

#[tokio::test]
async fn refusals_of_a_creation_tell_what_to_do_and_keep_the_password() {
    for (status, body, trouble, effect) in [
        (
            409,
            refusal(41001, "Unique constraint error", "login taken"),
            Trouble::Conflict,
            SideEffect::None,
        ),
        (
            400,
            refusal(
                12022,
                "Bad input",
                "Path: 'password', message: 's3cret-pass'",
            ),
            Trouble::Rejected,
            SideEffect::None,
        ),
        (
            500,
            refusal(1, "Internal server error", "s3cret-pass"),
            Trouble::Unavailable,
            SideEffect::Unknown,
        ),
        (
            401,
            json!({ "token": "canary-token" }),
            Trouble::AuthFailed,
            SideEffect::None,
        ),
    ] {
        let luna = Luna::start().await;
        luna.answers("POST", ALL, status, body.clone()).await;
        let error = luna.create().await.unwrap_err();
        assert_eq!((error.trouble, error.effect), (trouble, effect), "{body}");
        let shown = format!("{error:?}");
        assert!(
            !shown.contains("s3cret-pass") && !shown.contains("canary"),
            "{shown}"
        );
        assert_eq!(luna.writes().await, 1, "a write is never repeated");
    }
}

#[tokio::test]
async fn a_change_sends_only_what_changes_and_shows_the_account_after() {
    let luna = Luna::start().await;
    Mock::given(method("PATCH"))
        .and(path(ONE))
        .and(body_json(json!({ "login": "dev@example.org" })))
        .respond_with(ResponseTemplate::new(204))
        .mount(&luna.server)
        .await;
    luna.answers("GET", ONE, 200, account("dev@example.org"))
        .await;
    let change = AccountChange {
        email: Some(Some("DEV@example.org".to_owned())),
        ..AccountChange::default()
    };
    let updater = luna.adapter.account_updater().unwrap();
    let changed = updater
        .update_account(&luna.call(), &known(), &change)
        .await
        .unwrap();
    assert_eq!(changed.effect, Effect::Updated);
    let call = luna.call();
    let shown = updater.shows_update(&call, &changed.value, &change);
    assert_eq!(shown.await.unwrap(), Shown::Yes);
    assert_eq!(luna.marks(), [json!({ "login": "ops@example.org" })]);
}

#[tokio::test]
async fn a_change_that_does_not_show_is_no_success() {
    let luna = Luna::start().await;
    luna.answers("PATCH", ONE, 204, json!(null)).await;
    luna.answers("GET", ONE, 200, account("ops@example.org"))
        .await;
    let change = AccountChange {
        login: Some(Some("dev@example.org".to_owned())),
        ..AccountChange::default()
    };
    let updater = luna.adapter.account_updater().unwrap();
    let doubt = updater
        .update_account(&luna.call(), &known(), &change)
        .await
        .unwrap_err();
    assert_eq!(
        (doubt.trouble, doubt.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );
}

#[tokio::test]
async fn what_is_gone_already_is_a_success_that_did_nothing() {
    for (status, body, effect) in [
        (204, json!(null), Some(Effect::Deleted)),
        (
            404,
            refusal(41004, "Object not found", "gone"),
            Some(Effect::Noop),
        ),
        (404, json!({}), None),
    ] {
        let luna = Luna::start().await;
        luna.answers("DELETE", ONE, status, body.clone()).await;
        let deleter = luna.adapter.account_deleter().unwrap();
        let outcome = deleter.delete_account(&luna.call(), &known()).await;
        assert_eq!(outcome.ok().map(|outcome| outcome.effect), effect, "{body}");
    }
}

#[tokio::test]
async fn a_type_that_does_not_show_is_no_success() {
    let luna = Luna::start().await;
    Mock::given(method("PATCH"))
        .and(path(ONE))
        .and(body_json(json!({ "account_type": "admin" })))
        .respond_with(ResponseTemplate::new(204))
        .mount(&luna.server)
        .await;
    luna.answers("GET", ONE, 200, account("ops@example.org"))
        .await;
    let account = known();
    let all = types::all("user");
    let entitlement = all.iter().find(|one| one.name == "admin").unwrap();
    let pair = Pair {
        account: &account,
        entitlement,
    };
    let granter = luna.adapter.granter().unwrap();
    let doubt = granter.grant(&luna.call(), pair).await.unwrap_err();
    assert_eq!(
        (doubt.trouble, doubt.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );
    assert_eq!(luna.marks(), [json!({ "account_type": "user" })]);
}

#[tokio::test]
async fn an_account_without_a_type_is_left_alone() {
    let luna = Luna::start().await;
    let mut untyped = account("ops@example.org");
    untyped["account_type"] = json!(null);
    luna.answers("GET", ONE, 200, untyped).await;
    let account = known();
    let all = types::all("user");
    let entitlement = all.iter().find(|one| one.name == "admin").unwrap();
    let pair = Pair {
        account: &account,
        entitlement,
    };
    let granter = luna.adapter.granter().unwrap();
    let error = granter.grant(&luna.call(), pair).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
    assert_eq!(luna.writes().await, 0);
}
