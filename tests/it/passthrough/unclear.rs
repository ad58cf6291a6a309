//! Writes whose answer never came, came late or made no sense: sent again where that is as good as once, and else left to a
//! person. No reading tells what a request did that was passed through.

use iam_gateway::simulators::Fault;
use serde_json::json;

use super::{account_at_luna, got, luna, raw_account, upstream};
use crate::support::app::text;
use crate::support::{LUNA, TestApp};

/// Makes an account as it is, with an answer that is not clear.
async fn made_unclearly(app: &TestApp, fault: Fault) {
    app.faults(LUNA, [LUNA.on_create(fault)]);
    let path = upstream(LUNA, "1/accounts");
    let made = app.admin().post(&path, raw_account("raw@example.org"));
    let problem = made.await.problem(502, "outcome_unknown");
    let operation = app.operation(&problem["operation_id"]).await;
    assert_eq!(
        (&operation["status"], &operation["sends"]),
        (&json!("outcome_unknown"), &json!(1)),
        "{operation:#}"
    );
    assert_eq!(got(app, "POST", "/1/accounts"), 1);
}

#[tokio::test]
async fn what_is_as_good_twice_is_repeated() {
    // A connection that was cut, and an answer that took longer than is waited for.
    for fault in [Fault::DropAfterApply, Fault::DelayMs { value: 600 }] {
        let app = luna().await;
        let (id, _) = account_at_luna(&app, "ann").await;
        app.faults(LUNA, [LUNA.on_update(fault)]);
        let path = upstream(LUNA, &format!("1/accounts/{id}"));
        let changed = app.admin().patch(&path, json!({"description": "Raw"}));
        let changed = changed.await;
        assert_eq!(changed.status.as_u16(), 204, "{changed}");
        assert_eq!(got(&app, "PATCH", &format!("/1/accounts/{id}")), 2);
        app.stop().await;
    }
}

#[tokio::test]
async fn what_is_not_waits_for_a_person_whether_it_was_done_or_not() {
    for fault in [
        Fault::DropAfterApply,
        Fault::DropBeforeApply,
        // Longer than an attempt lasts, and no longer than is waited for what may still be under way.
        Fault::DelayMs { value: 600 },
        Fault::Malformed,
    ] {
        let app = luna().await;
        let done = fault != Fault::DropBeforeApply;
        made_unclearly(&app, fault.clone()).await;
        let operation = app.operations().await.remove(0);
        let path = format!("/v1/operations/{}/resolve", text(&operation["id"]));
        let outcome = if done { "succeeded" } else { "failed" };
        let seen = json!({"outcome": outcome, "reason": "Looked at the vendor."});
        app.admin().post(&path, seen).await.expect(200);
        assert_eq!(app.effects(LUNA).len(), usize::from(done), "{fault:?}");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_deletion_that_is_not_answered_and_then_finds_nothing_is_done() {
    let app = luna().await;
    let (id, account) = account_at_luna(&app, "ann").await;
    app.faults(LUNA, [LUNA.on_delete(Fault::DropAfterApply)]);
    let path = upstream(LUNA, &format!("1/accounts/{id}"));
    let answer = app.admin().delete(&path).await;
    // The vendor's own words of it are lost.
    let operation = answer.expect(202);
    assert_eq!(
        (
            &operation["status"],
            &operation["effect"],
            &operation["sends"]
        ),
        (&json!("succeeded"), &json!("deleted"), &json!(2)),
        "{operation:#}"
    );
    let statuses: Vec<_> = app
        .requests(LUNA)
        .into_iter()
        .filter(|request| request.method == "DELETE")
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses.last(), Some(&Some(404)), "{statuses:?}");
    assert_eq!(app.effects(LUNA).len(), 2, "made and deleted");
    crate::support::eventually("our copy is gone, too", async || {
        let copy = app.account(&account["id"]).await;
        (copy["status"] == "deleted").then_some(())
    })
    .await;
    app.stop().await;
}

#[tokio::test]
async fn a_deletion_of_what_was_never_there_is_not_found() {
    let app = luna().await;
    let path = upstream(LUNA, "1/accounts/00000000-0000-0000-0000-000000000000");
    app.admin().delete(&path).await.problem(404, "not_found");
    assert!(app.effects(LUNA).is_empty());
    app.stop().await;
}
