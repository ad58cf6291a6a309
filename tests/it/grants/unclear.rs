//! Answers that never came: read back, and repeated where nothing was done.

use iam_gateway::simulators::Fault;
use serde_json::json;

use super::{ADA, BRUNO, give, last_operation, on_write, path, row, status, synced, wish};
use crate::support::{DEVO, LUNA, Vendor};

/// Who gets what, where nothing is in the way.
const CASES: [(Vendor, &str, &str); 2] = [(LUNA, ADA, "admin"), (DEVO, BRUNO, "reviewer")];

#[tokio::test]
async fn what_was_done_and_not_answered_is_found_by_reading() {
    for (vendor, email, word) in CASES {
        let app = synced(vendor).await;
        app.faults(vendor, [on_write(vendor, Fault::DropAfterApply)]);
        let grant = give(&app, email, word).await;
        assert_eq!(
            (&grant["status"], &grant["managed"]),
            (&json!("active"), &json!(true))
        );
        let operation = last_operation(&app).await;
        assert_eq!(
            (&operation["effect"], &operation["sends"]),
            (&json!("created"), &json!(1))
        );
        app.faults(vendor, [on_write(vendor, Fault::DropAfterApply)]);
        app.admin().delete(&path(&grant)).await.expect(204);
        let operation = last_operation(&app).await;
        assert_eq!(
            (&operation["effect"], &operation["sends"]),
            (&json!("deleted"), &json!(1))
        );
        assert_eq!(app.effects(vendor).len(), 2);
        app.stop().await;
    }
}

#[tokio::test]
async fn what_was_not_done_is_sent_again() {
    for (vendor, email, word) in CASES {
        let app = synced(vendor).await;
        app.faults(vendor, [on_write(vendor, Fault::DropBeforeApply)]);
        let grant = give(&app, email, word).await;
        let operation = last_operation(&app).await;
        assert_eq!(
            (&operation["effect"], &operation["sends"]),
            (&json!("created"), &json!(2))
        );
        app.the_effect(vendor);
        app.faults(vendor, [on_write(vendor, Fault::DropBeforeApply)]);
        app.admin().delete(&path(&grant)).await.expect(204);
        assert_eq!(last_operation(&app).await["sends"], 2);
        assert_eq!(app.effects(vendor).len(), 2);
        app.stop().await;
    }
}

#[tokio::test]
async fn an_effect_that_shows_late_is_ours() {
    for (vendor, email, word) in CASES {
        let app = synced(vendor).await;
        app.faults(vendor, [on_write(vendor, Fault::DelayMs { value: 900 })]);
        let grant = give(&app, email, word).await;
        assert_eq!(grant["managed"], true);
        assert_eq!(last_operation(&app).await["effect"], "created");
        app.the_effect(vendor);
        app.stop().await;
    }
}

#[tokio::test]
async fn what_the_vendor_refuses_leaves_everything_as_it_was() {
    for (vendor, email, word) in CASES {
        let app = synced(vendor).await;
        let refused = || Fault::Status {
            code: 422,
            headers: Default::default(),
            body: Some(json!({"message": "no"})),
            apply: false,
        };
        app.faults(vendor, [on_write(vendor, refused())]);
        let body = wish(&app, email, word).await;
        let answer = app.admin().post("/v1/grants", body).await;
        let problem = answer.problem(422, "upstream_rejected");
        assert_eq!(problem["operation_id"], last_operation(&app).await["id"]);
        assert_eq!(status(&app, email, word).await.as_deref(), Some("deleted"));

        let grant = give(&app, email, word).await;
        let before = row(&app, email, word).await;
        app.faults(vendor, [on_write(vendor, refused())]);
        let answer = app.admin().delete(&path(&grant)).await;
        answer.problem(422, "upstream_rejected");
        assert_eq!(row(&app, email, word).await, before, "it is held as before");
        app.stop().await;
    }
}
