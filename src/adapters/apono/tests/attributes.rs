//! Attributes of one and of many: what an answer tells, what it leaves open, and what is refused.

use wiremock::matchers::body_json;

use super::members::{ada, writing};
use super::*;
use crate::adapters::contract::{RowOutcome, Shown, SideEffect};
use crate::domain::{AccountChange, AttributesChange, Effect};

const BRUNO: &str = "bruno.keller@example.org";

fn bruno() -> AccountRecord {
    convert::user(json!({ "id": "usr-2", "email": BRUNO, "active": true })).unwrap()
}

fn change(account: AccountRecord, attributes: Value) -> AttributesChange {
    let Value::Object(attributes) = attributes else {
        panic!("{attributes} is no object")
    };
    AttributesChange {
        account,
        attributes,
    }
}

/// Both get another team.
fn both() -> [AttributesChange; 2] {
    [ada(), bruno()].map(|account| change(account, json!({ "team": "core" })))
}

fn held(rows: &[(&str, Value)]) -> Value {
    let data: Vec<Value> = rows
        .iter()
        .map(|(email, attributes)| json!({ "email": email, "attributes": attributes }))
        .collect();
    json!({ "data": data, "pagination": { "total": data.len(), "limit": 100, "offset": 0 } })
}

/// The first reading, and those after it.
async fn shows(apono: &Apono, first: Value, then: Value) {
    for (body, times) in [(first, 1), (then, 100)] {
        Mock::given(method("GET"))
            .and(path(ATTRIBUTES))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .up_to_n_times(times)
            .mount(&apono.server)
            .await;
    }
}

async fn tells(apono: &Apono, sent: &str, results: Value) {
    Mock::given(method(sent))
        .and(path(ATTRIBUTES))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "summary": { "total": 9, "succeeded": 9, "failed": 0 }, "results": results }),
        ))
        .expect(1)
        .mount(&apono.server)
        .await;
}

async fn update(apono: &Apono) -> Result<(Effect, Vec<RowOutcome>), AdapterError> {
    let updater = apono.adapter.many_accounts_updater().unwrap();
    updater.prepare_updates(&both()).unwrap();
    let outcome = updater.update_accounts(&writing(), &both()).await?;
    Ok((outcome.effect, outcome.value))
}

#[tokio::test]
async fn a_row_that_failed_fails_alone_whatever_the_counts_say() {
    let apono = Apono::start().await;
    shows(&apono, held(&[]), held(&[])).await;
    let results = json!([
        { "email": BRUNO, "success": false, "errors": [{ "error_code": "USER_NOT_FOUND", "error_details": "canary-account is nobody" }] },
        { "email": "ada.lind@example.org", "success": true, "errors": [] }
    ]);
    tells(&apono, "PUT", results).await;
    let (effect, rows) = update(&apono).await.unwrap();
    assert_eq!(effect, Effect::Updated);
    let changed = rows[0].as_ref().unwrap();
    assert_eq!(changed.attributes["attributes"], json!({ "team": "core" }));
    assert_eq!(changed.raw["attributes"], json!({ "team": "core" }));
    let refused = rows[1].as_ref().unwrap_err();
    assert_eq!(refused.trouble, Trouble::NotFound);
    assert!(refused.message.contains("USER_NOT_FOUND"), "{refused}");
    assert!(!format!("{refused:?}").contains("canary"), "{refused:?}");
}

#[tokio::test]
async fn a_row_that_the_answer_lacks_is_read_and_never_guessed() {
    let of_another = json!([
        { "email": "Ada.Lind@example.org", "success": true },
        { "email": "somebody.else@example.org", "success": true }
    ]);
    let core = json!({ "team": "core" });
    let shown = held(&[(BRUNO, core.clone())]);
    let apono = Apono::start().await;
    shows(&apono, held(&[]), shown).await;
    tells(&apono, "PUT", of_another.clone()).await;
    let (effect, rows) = update(&apono).await.unwrap();
    assert_eq!(effect, Effect::Updated);
    assert!(rows.iter().all(Result::is_ok), "{rows:?}");

    let apono = Apono::start().await;
    let only_ada = held(&[("ada.lind@example.org", core)]);
    shows(&apono, held(&[]), only_ada).await;
    tells(&apono, "PUT", of_another).await;
    let error = update(&apono).await.unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );
    let updater = apono.adapter.many_accounts_updater().unwrap();
    let found = updater.find_updates(&apono.call(), &both()).await.unwrap();
    assert_eq!(
        found.iter().map(Option::is_some).collect::<Vec<_>>(),
        [true, false]
    );
}

#[tokio::test]
async fn what_is_so_already_is_not_sent() {
    let apono = Apono::start().await;
    let core = json!({ "team": "core", "floor": "3" });
    let all = [("ADA.lind@example.org", core.clone()), (BRUNO, core)];
    shows(&apono, held(&all), held(&all)).await;
    let (effect, rows) = update(&apono).await.unwrap();
    assert_eq!((effect, rows.len()), (Effect::Noop, 2));
    let asked = apono.server.received_requests().await.unwrap();
    assert_eq!(asked.len(), 1);
    let asked = asked[0].url.query().unwrap();
    assert!(asked.contains("emails=Ada.Lind%40example.org&emails=bruno"));
}

#[tokio::test]
async fn what_is_not_there_is_not_taken_away() {
    let apono = Apono::start().await;
    let has = held(&[("ada.lind@example.org", json!({ "team": "core" }))]);
    shows(&apono, has.clone(), has).await;
    Mock::given(method("DELETE"))
        .and(body_json(
            json!([{ "email": "Ada.Lind@example.org", "attribute_types": ["team"] }]),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({ "results": [{ "email": "ada.lind@example.org", "success": true }] }),
        ))
        .expect(1)
        .mount(&apono.server)
        .await;
    let updater = apono.adapter.account_updater().unwrap();
    let change = AccountChange {
        attributes: change(ada(), json!({ "team": null, "floor": null })).attributes,
        ..AccountChange::default()
    };
    updater.prepare_update(&ada(), &change).unwrap();
    let outcome = updater.update_account(&writing(), &ada(), &change).await;
    let outcome = outcome.unwrap();
    assert_eq!(outcome.effect, Effect::Updated);
    assert_eq!(outcome.value.attributes["attributes"], json!({}));
    // The vendor goes on showing it.
    let (call, ada) = (apono.call(), ada());
    let shown = updater.shows_update(&call, &ada, &change);
    assert_eq!(shown.await.unwrap(), Shown::No);
}

#[tokio::test]
async fn a_list_that_can_not_be_read_to_its_end_proves_nothing_of_attributes() {
    for body in [
        json!({ "data": [{ "email": null, "attributes": {} }], "pagination": { "total": 1, "limit": 100, "offset": 0 } }),
        json!({ "data": [], "pagination": { "total": 1, "limit": 100, "offset": 0 } }),
        json!({ "data": [], "pagination": { "total": 1, "limit": 100, "offset": 7 } }),
        json!({ "data": [{ "email": BRUNO }], "pagination": { "total": 1, "limit": 100, "offset": 0 } }),
    ] {
        let apono = Apono::start().await;
        shows(&apono, body.clone(), body.clone()).await;
        let error = update(&apono).await.unwrap_err();
        assert_eq!(error.trouble, Trouble::Malformed, "{body}");
        let asked = apono.server.received_requests().await.unwrap();
        assert!(asked.iter().all(|one| one.method.as_str() == "GET"));
    }
}

#[tokio::test]
async fn what_can_not_be_changed_is_refused_where_it_stands() {
    let apono = Apono::start().await;
    let many = apono.adapter.many_accounts_updater().unwrap();
    let nobody = convert::user(json!({ "id": "usr-3", "active": true })).unwrap();
    let set = json!({ "team": "core" });
    for (second, trouble, pointer) in [
        (
            change(ada(), set.clone()),
            Trouble::Invalid,
            "/items/1/account_id",
        ),
        (
            change(nobody, set.clone()),
            Trouble::Invalid,
            "/items/1/account_id",
        ),
        (
            change(bruno(), json!({ "team": null })),
            Trouble::Unsupported,
            "/items/1/attributes",
        ),
        (
            change(bruno(), json!({ "team": 7 })),
            Trouble::Invalid,
            "/items/1/attributes/team",
        ),
    ] {
        let error = many
            .prepare_updates(&[change(ada(), set.clone()), second])
            .unwrap_err();
        assert_eq!(
            (error.trouble, error.pointer.as_deref()),
            (trouble, Some(pointer))
        );
    }
    let one = apono.adapter.account_updater().unwrap();
    let renamed = AccountChange {
        given_name: Some(Some("Ada".into())),
        ..AccountChange::default()
    };
    let error = one.prepare_update(&ada(), &renamed).unwrap_err();
    assert_eq!(
        (error.trouble, error.pointer.as_deref()),
        (Trouble::Unsupported, Some("/given_name"))
    );
}
