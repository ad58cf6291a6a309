//! Windows of time over a list without pages.

use chrono::{DateTime, TimeZone, Utc};

use super::*;
use crate::domain::ActivityRecord;

const DAY: i64 = 24 * 3600;

fn report(id: &str, at: i64) -> Value {
    let date = Utc.timestamp_opt(at, 0).unwrap().to_rfc3339();
    json!({ "request_id": id, "request_date": date, "status": "Active" })
}

fn reports(rows: &[Value], total: usize) -> Value {
    json!({ "data": rows, "pagination": { "total": total, "limit": total, "offset": 0 } })
}

async fn mount(apono: &Apono, from: i64, to: i64, body: Value) {
    Mock::given(path(ACTIVITY))
        .and(query_param("start_date", from.to_string()))
        .and(query_param("end_date", to.to_string()))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&apono.server)
        .await;
}

async fn page(apono: &Apono, since: DateTime<Utc>, cursor: Option<String>) -> Page<ActivityRecord> {
    let lister = apono.adapter.activity_lister().unwrap();
    let wanted = PageRequest { cursor, size: 100 };
    lister
        .list_activity(&apono.call(), since, &wanted)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_window_that_is_cut_off_is_asked_for_in_halves() {
    let apono = Apono::start().await;
    let since = Utc::now() - chrono::Duration::days(2);
    let from = since.timestamp();
    let (half, end) = (from + DAY / 2, from + DAY);
    mount(&apono, from, end, reports(&[report("a", from)], 7)).await;
    let first = page(&apono, since, None).await;
    assert_eq!((first.items.len(), first.defects.len()), (0, 0));
    mount(
        &apono,
        from,
        half,
        reports(&[report("older", from - 1), report("b", half)], 2),
    )
    .await;
    let second = page(&apono, since, first.next).await;
    let keys: Vec<_> = second
        .items
        .iter()
        .map(|one| one.external_key.parts()[0].clone())
        .collect();
    assert_eq!(keys, ["b"], "what is older is left out");
    // The next window is as wide as the first again, and so on until now.
    mount(&apono, half, half + DAY, reports(&[], 0)).await;
    mount(&apono, half + DAY, half + 3 * DAY, reports(&[], 0)).await;
    let third = page(&apono, since, second.next).await;
    assert!(third.items.is_empty() && third.next.is_some());
    let fourth = page(&apono, since, third.next).await;
    assert_eq!((fourth.items.len(), fourth.next), (0, None));
}

#[tokio::test]
async fn one_second_that_is_cut_off_is_a_defect() {
    let apono = Apono::start().await;
    let since = Utc::now();
    let from = since.timestamp();
    mount(&apono, from, from + 1, reports(&[], 5)).await;
    let narrow = json!({ "from": from, "span": 1 }).to_string();
    let page = page(&apono, since, Some(narrow)).await;
    assert!(page.defects[0].contains("in one second"), "{page:?}");
}

#[tokio::test]
async fn bounds_are_counted_in_what_the_setting_says() {
    let apono = Apono::set(json!({ "activity_time_unit": "milliseconds" })).await;
    let since = Utc::now();
    let from = since.timestamp();
    mount(&apono, from * 1000, (from + DAY) * 1000, reports(&[], 0)).await;
    assert_eq!(page(&apono, since, None).await.next, None);
}
