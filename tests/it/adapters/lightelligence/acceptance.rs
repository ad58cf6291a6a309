//! Invites that become users, and keep their rows.

use super::*;

#[tokio::test]
async fn an_accepted_invite_keeps_its_row() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    let email = text(&made["email"]);
    answer(&app, &made["external_id"], "accepted");
    app.synced(LIGHTELLIGENCE).await;
    let now = app.account(&made["id"]).await;
    assert_eq!(now["status"], "active", "{now:#}");
    assert_ne!(now["external_id"], made["external_id"]);
    let rows = rows(&app, email).await;
    assert_eq!(rows.len(), 1, "{rows:#?}");
    // And it is the user's row from then on.
    let path = format!("/v1/accounts/{}", text(&made["id"]));
    app.admin().delete(&path).await.expect(204);
    let effects = app.effects(LIGHTELLIGENCE);
    assert_eq!(
        effects.last().map(|effect| effect.subject.as_str()),
        now["external_id"].as_str()
    );
    app.stop().await;
}

#[tokio::test]
async fn an_invite_that_is_accepted_between_two_pages_keeps_its_row() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    app.synced(LIGHTELLIGENCE).await;
    // The users are read by then, the invites are not: on the pages of this run the person is neither.
    let before = sent(&app, "GET", "/invites").len();
    app.faults(
        LIGHTELLIGENCE,
        [on("GET", "/invites", Fault::DelayMs { value: 400 }).after(1)],
    );
    let run = app.start_sync(LIGHTELLIGENCE).await;
    eventually("the page of the invites", async || {
        (sent(&app, "GET", "/invites").len() >= before + 2).then_some(())
    })
    .await;
    answer(&app, &made["external_id"], "accepted");
    let run = app.sync_ended(LIGHTELLIGENCE, &run["id"]).await;
    assert_eq!(run["removed"], 0, "{run:#}");
    let run = app.synced(LIGHTELLIGENCE).await;
    assert_eq!(run["removed"], 0, "{run:#}");
    let now = app.account(&made["id"]).await;
    assert_eq!(now["status"], "active", "{now:#}");
    let rows = rows(&app, text(&made["email"])).await;
    assert_eq!(rows.len(), 1, "{rows:#?}");
    app.stop().await;
}

#[tokio::test]
async fn a_declined_invite_is_gone() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    app.synced(LIGHTELLIGENCE).await;
    answer(&app, &made["external_id"], "declined");
    let run = app.synced(LIGHTELLIGENCE).await;
    assert_eq!(run["removed"], 1, "{run:#}");
    assert_eq!(app.account(&made["id"]).await["status"], "deleted");
    app.stop().await;
}

#[tokio::test]
async fn an_operation_and_an_acceptance_at_once_end_with_one_row() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    let path = format!("/v1/accounts/{}", text(&made["id"]));
    // The invite is open when it is looked at, and accepted when its deletion arrives.
    app.faults(
        LIGHTELLIGENCE,
        [on("DELETE", "/invites/", Fault::DelayMs { value: 300 })],
    );
    let admin = app.admin().clone();
    let deletion = {
        let path = path.clone();
        tokio::spawn(async move { admin.delete(&path).await })
    };
    eventually("the deletion on its way", async || {
        let all = app.requests(LIGHTELLIGENCE);
        all.iter()
            .any(|request| request.method == "DELETE")
            .then_some(())
    })
    .await;
    answer(&app, &made["external_id"], "accepted");
    app.synced(LIGHTELLIGENCE).await;
    let refused = deletion.await.expect("an answer");
    refused.problem(409, "conflict");
    assert_eq!(app.account(&made["id"]).await["status"], "active");
    assert_eq!(rows(&app, text(&made["email"])).await.len(), 1);
    // Asked again, it is the user that goes.
    app.admin().delete(&path).await.expect(204);
    assert_eq!(app.account(&made["id"]).await["status"], "deleted");
    app.stop().await;
}

#[tokio::test]
async fn deleting_what_was_an_invite_when_we_last_looked_removes_the_user() {
    let app = app().await;
    let made = invite(&app, "ann").await;
    answer(&app, &made["external_id"], "accepted");
    let path = format!("/v1/accounts/{}", text(&made["id"]));
    app.admin().delete(&path).await.expect(204);
    let effects = app.effects(LIGHTELLIGENCE);
    assert_eq!(effects.len(), 2, "{effects:#?}");
    assert!(effects[1].operation.contains("/users/"), "{effects:#?}");
    let open = &app.operations().await[1];
    assert_eq!(open["effect"], "deleted");
    app.synced(LIGHTELLIGENCE).await;
    let rows = rows(&app, text(&made["email"])).await;
    assert_eq!(rows.len(), 1, "{rows:#?}");
    app.stop().await;
}
