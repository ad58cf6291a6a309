use serde_json::{Value, json};

use super::{ADMIN, call, get, held, items, lumos, text, with, wrong};
use crate::simulators::{Fault, Rule};

#[tokio::test]
async fn logs_go_by_limit_and_offset_newest_first() {
    let lumos = lumos().await;
    let mut hashes = Vec::new();
    for (offset, expected) in [(0, 25), (25, 25), (50, 10), (75, 0)] {
        let page = get(&lumos, &format!("/activity_logs?limit=25&offset={offset}")).await;
        assert_eq!((items(&page).len(), &page["total"]), (expected, &json!(60)));
        assert_eq!(
            (&page["limit"], &page["offset"]),
            (&json!(25), &json!(offset))
        );
        hashes.extend(
            items(&page)
                .iter()
                .map(|log| text(&log["event_hash"]).to_owned()),
        );
    }
    hashes.sort();
    hashes.dedup();
    assert_eq!(hashes.len(), 60);

    let page = get(&lumos, "/activity_logs?since=2025-01-06&limit=25&offset=25").await;
    let at = |offset: u32| format!("/activity_logs?since=2025-01-06&limit=25&offset={offset}");
    assert_eq!(page["total"], 59, "the one without a time is not since any");
    assert_eq!(
        page["links"],
        json!({"first": at(0), "last": at(50), "self": at(25), "next": at(50), "prev": at(0)})
    );
    let last = get(&lumos, text(&page["links"]["last"])).await;
    assert_eq!(
        (&last["links"]["next"], items(&last).len()),
        (&Value::Null, 9)
    );

    let times: Vec<&str> = items(&page)
        .iter()
        .map(|log| text(&log["event_began_at"]))
        .collect();
    assert!(times.is_sorted_by(|one, next| one > next));
    let query = format!("since={}&until={}", times[9], times[2]);
    let some = get(&lumos, &format!("/activity_logs?{query}")).await;
    assert_eq!(items(&some), &items(&page)[2..=9]);
    let none = get(
        &lumos,
        &format!("/activity_logs?since={}&until={}", times[2], times[9]),
    )
    .await;
    assert_eq!((items(&none).len(), &none["total"]), (0, &json!(0)));
}

#[tokio::test]
async fn logs_refuse_limits_and_offsets_that_cannot_be() {
    let lumos = lumos().await;
    for (query, name, kind) in [
        ("limit=0", "limit", "greater_than_equal"),
        ("limit=101", "limit", "less_than_equal"),
        ("offset=-1", "offset", "greater_than_equal"),
        ("since=soon", "since", "datetime_parsing"),
    ] {
        let errors = wrong(&lumos, &format!("/activity_logs?{query}")).await;
        assert_eq!(errors, json!([[["query", name], kind]]));
    }
    let first = get(&lumos, "/activity_logs?limit=20").await;
    lumos.faults([Rule::new(Fault::PageRepeat)]);
    let repeated = get(&lumos, "/activity_logs?limit=20&offset=20").await;
    assert_eq!(items(&repeated), items(&first));
}

#[tokio::test]
async fn events_go_by_cursor_oldest_first() {
    let lumos = lumos().await;
    let whole = get(&lumos, "/identity_events").await;
    let all = whole["identity_events"].as_array().unwrap();
    assert_eq!((all.len(), &whole["next_cursor"]), (10, &Value::Null));
    assert_eq!(whole["total_count"], 10);

    let mut rows = Vec::new();
    let mut path = "/identity_events?limit=4".to_owned();
    loop {
        let page = get(&lumos, &path).await;
        assert_eq!(page["total_count"], 10);
        rows.extend(page["identity_events"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/identity_events?limit=4&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(rows, *all);

    let found = async |query: String| {
        let page = get(&lumos, &format!("/identity_events?{query}")).await;
        assert_eq!(
            page["total_count"],
            page["identity_events"].as_array().unwrap().len()
        );
        page["identity_events"].as_array().unwrap().clone()
    };
    let one = found(format!("identity_ids={}", text(&all[3]["user_id"]))).await;
    assert_eq!(one, all[3..4]);
    let titles = found("changed_fields=title".into()).await;
    assert!(!titles.is_empty() && titles.iter().all(|one| one["changed_field"] == "title"));
    let (from, to) = (
        text(&all[2]["detected_time"]),
        text(&all[5]["detected_time"]),
    );
    assert_eq!(
        found(format!("start_time={from}&end_time={to}")).await,
        all[2..=5]
    );

    for bad in ["x", "00", "6576656e743a78"] {
        let answer = call(&lumos, ADMIN, &format!("/identity_events?cursor={bad}")).await;
        assert_eq!(answer, (400, json!({"detail": "Invalid cursor"})));
    }
    let errors = wrong(&lumos, "/identity_events?limit=0&end_time=x").await;
    assert_eq!(
        errors[0],
        json!([["query", "end_time"], "datetime_parsing"])
    );
    assert_eq!(errors[1], json!([["query", "limit"], "greater_than_equal"]));
}

#[tokio::test]
async fn a_cursor_may_lead_back_for_ever() {
    let lumos = lumos().await;
    lumos.faults([Rule::new(Fault::PageLoop).times(0)]);
    let last = get(&lumos, "/identity_events?limit=100").await;
    let path = format!(
        "/identity_events?limit=100&cursor={}",
        text(&last["next_cursor"])
    );
    assert_eq!(get(&lumos, &path).await, last);
}

#[tokio::test]
async fn times_have_a_zone_or_none() {
    for (word, of_account, of_event) in [
        ("mixed", "2025-01-06T08:00:00", "2025-01-06T08:00:00Z"),
        ("zoned", "2025-01-06T08:00:00Z", "2025-01-06T08:00:00Z"),
        ("naive", "2025-01-06T08:00:00", "2025-01-06T08:00:00"),
    ] {
        let lumos = with(&[("main_times", word)]).await;
        assert_eq!(held(&lumos).accounts[0]["discovered_at"], of_account);
        let page = get(&lumos, "/identity_events").await;
        assert_eq!(page["identity_events"][0]["detected_time"], of_event);
    }
}
