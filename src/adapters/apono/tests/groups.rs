//! Groups as a whole: their name, and all their members at once.

use wiremock::matchers::body_json;

use super::members::{MEMBERS, ada, group, members, writing};
use super::*;
use crate::adapters::contract::Holders;
use crate::domain::{Effect, EntitlementChange};

const GROUP: &str = "/eu/api/admin/v1/groups/g-1";

async fn own(apono: &Apono) {
    let shown = json!({ "id": "g-1", "name": "on-call" });
    apono.answers(GROUP, 200, shown).await;
}

async fn replace(apono: &Apono) -> Result<(Effect, Holders), AdapterError> {
    let replacer = apono.adapter.grant_replacer().unwrap();
    let (entitlement, holders) = (group(Value::Null), [ada()]);
    replacer
        .prepare_replacement(&entitlement, &holders)
        .unwrap();
    let outcome = replacer
        .replace_grants(&writing(), &entitlement, &holders)
        .await?;
    Ok((outcome.effect, outcome.value))
}

#[tokio::test]
async fn the_members_are_replaced_by_one_request_and_those_before_are_told() {
    let apono = Apono::start().await;
    own(&apono).await;
    for (there, times) in [("x@example.org", 1), ("ada.lind@example.org", 9)] {
        Mock::given(method("GET"))
            .and(path(MEMBERS))
            .respond_with(ResponseTemplate::new(200).set_body_json(members(&[there], None)))
            .up_to_n_times(times)
            .mount(&apono.server)
            .await;
    }
    Mock::given(method("PUT"))
        .and(path(MEMBERS))
        .and(body_json(
            json!({ "members_emails": ["Ada.Lind@example.org"] }),
        ))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&apono.server)
        .await;
    let (effect, before) = replace(&apono).await.unwrap();
    assert_eq!(
        (effect, before.holders),
        (Effect::Updated, vec!["x@example.org".to_owned()])
    );
}

#[tokio::test]
async fn members_that_are_those_already_are_not_sent() {
    let apono = Apono::start().await;
    // By an alias of hers.
    apono
        .answers(MEMBERS, 200, members(&["ADA@example.net"], None))
        .await;
    assert_eq!(replace(&apono).await.unwrap().0, Effect::Noop);
}

#[tokio::test]
async fn members_that_were_accepted_and_do_not_show_are_no_success() {
    let apono = Apono::start().await;
    own(&apono).await;
    apono
        .answers(MEMBERS, 200, members(&["x@example.org"], None))
        .await;
    Mock::given(method("PUT"))
        .and(path(MEMBERS))
        .respond_with(ResponseTemplate::new(204))
        .mount(&apono.server)
        .await;
    let error = replace(&apono).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
}

#[tokio::test]
async fn nobody_and_the_same_person_twice_are_refused_in_words() {
    let apono = Apono::start().await;
    let replacer = apono.adapter.grant_replacer().unwrap();
    let entitlement = group(Value::Null);
    let error = replacer.prepare_replacement(&entitlement, &[]).unwrap_err();
    assert_eq!(error.pointer.as_deref(), Some("/account_ids"));
    assert!(error.message.contains("without a member"), "{error}");
    let twice = [ada(), ada()];
    let error = replacer
        .prepare_replacement(&entitlement, &twice)
        .unwrap_err();
    assert_eq!(error.pointer.as_deref(), Some("/account_ids/1"));
    let synced = group(json!("00g"));
    let error = replacer.prepare_replacement(&synced, &[ada()]).unwrap_err();
    assert_eq!(error.trouble, Trouble::Unsupported);
    assert!(error.message.contains("directory"), "{error}");
}

#[tokio::test]
async fn a_name_is_proven_by_the_answer_and_the_same_name_is_not_sent() {
    let updater = |apono: &Apono| apono.adapter.entitlement_updater().unwrap().clone();
    let known = group(Value::Null);
    let to = |name: &str| EntitlementChange { name: name.into() };
    let apono = Apono::start().await;
    own(&apono).await;
    let same = updater(&apono)
        .update_entitlement(&writing(), &known, &to("on-call"))
        .await;
    assert_eq!(same.unwrap().effect, Effect::Noop);
    for (answered, expected) in [
        (json!({ "id": "g-1", "name": "night" }), Ok("night")),
        (
            json!({ "id": "g-1", "name": "on-call" }),
            Err(Trouble::Malformed),
        ),
        (
            json!({ "id": "g-2", "name": "night" }),
            Err(Trouble::Malformed),
        ),
        (json!({ "name": "night" }), Err(Trouble::Malformed)),
    ] {
        let apono = Apono::start().await;
        own(&apono).await;
        Mock::given(method("PUT"))
            .and(path(format!("{GROUP}/name")))
            .and(body_json(json!({ "name": "night" })))
            .respond_with(ResponseTemplate::new(200).set_body_json(&answered))
            .mount(&apono.server)
            .await;
        let outcome = updater(&apono)
            .update_entitlement(&writing(), &known, &to("night"))
            .await;
        let told = outcome.as_ref().map(|outcome| outcome.value.name.as_str());
        assert_eq!(told.map_err(|error| error.trouble), expected, "{answered}");
    }
    let bundle = convert::bundle(json!({ "id": "b-1", "name": "kit" })).unwrap();
    for fixed in [&bundle, &group(json!("00g"))] {
        let error = updater(&apono)
            .prepare_update(fixed, &to("night"))
            .unwrap_err();
        assert_eq!(error.trouble, Trouble::Unsupported);
    }
}
