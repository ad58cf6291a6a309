//! Members of groups: what a reading proves, and what is refused.

use std::sync::Arc;

use async_trait::async_trait;

use super::*;
use crate::adapters::contract::{MarkRefused, Pair, Sent};
use crate::domain::{Effect, EntitlementRecord, ThingStatus};

pub(super) const MEMBERS: &str = "/eu/api/admin/v1/groups/g-1/members";
const ADA: &str = "/eu/api/admin/v1/groups/g-1/members/ada.lind@example.org";

struct Always;

#[async_trait]
impl Sent for Always {
    async fn mark(&self, _before: &Value) -> Result<(), MarkRefused> {
        Ok(())
    }
}

pub(super) fn writing() -> Call {
    let deadline = Instant::now() + Duration::from_secs(10);
    Call::write(
        "a-request",
        deadline,
        Uuid::now_v7(),
        Arc::new([]),
        Arc::new(Always),
    )
}

pub(super) fn ada() -> AccountRecord {
    convert::user(json!({
        "id": "usr-1", "email": "Ada.Lind@example.org", "email_aliases": ["ada@example.net"], "active": true
    }))
    .unwrap()
}

pub(super) fn group(source: Value) -> EntitlementRecord {
    convert::group(json!({ "id": "g-1", "name": "on-call", "source_id": source })).unwrap()
}

pub(super) fn members(emails: &[&str], next: Option<&str>) -> Value {
    let items: Vec<Value> = emails
        .iter()
        .map(|email| json!({ "email": email }))
        .collect();
    json!({ "items": items, "pagination": { "next_page_token": next } })
}

async fn find(apono: &Apono) -> Result<bool, AdapterError> {
    let (account, entitlement) = (ada(), group(Value::Null));
    let pair = Pair {
        account: &account,
        entitlement: &entitlement,
    };
    let reader = apono.adapter.grant_reader().unwrap();
    let found = reader.find_grant(&apono.call(), pair).await?;
    if let Some(found) = &found {
        assert_eq!(found.account_key, account.external_key);
        assert_eq!(found.entitlement_key, entitlement.external_key);
    }
    Ok(found.is_some())
}

#[tokio::test]
async fn a_member_is_known_by_address_or_alias_on_any_page() {
    for (first, second, is_held) in [
        ("ada.lind@EXAMPLE.org", "x@example.org", true),
        ("x@example.org", "ada@example.net", true),
        ("x@example.org", "y@example.org", false),
    ] {
        let apono = Apono::start().await;
        Mock::given(path(MEMBERS))
            .and(query_param("limit", "100"))
            .respond_with(ResponseTemplate::new(200).set_body_json(members(&[first], Some("t"))))
            .mount(&apono.server)
            .await;
        Mock::given(path(MEMBERS))
            .and(query_param("page_token", "t"))
            .respond_with(ResponseTemplate::new(200).set_body_json(members(&[second], None)))
            .mount(&apono.server)
            .await;
        assert_eq!(find(&apono).await.unwrap(), is_held, "{first} {second}");
    }
}

#[tokio::test]
async fn a_list_that_can_not_be_read_to_its_end_proves_nothing() {
    for body in [
        members(&["x@example.org"], Some("same")),
        json!({ "items": [{ "email": null }], "pagination": {} }),
        json!({ "items": [7], "pagination": {} }),
    ] {
        let apono = Apono::start().await;
        apono.answers(MEMBERS, 200, body.clone()).await;
        let error = find(&apono).await.unwrap_err();
        assert_eq!(error.trouble, Trouble::Malformed, "{body}");
    }
}

#[tokio::test]
async fn a_group_is_gone_only_when_groups_are_listed_without_it() {
    let missing = json!({ "status": "404", "code": "NotFound" });
    let apono = Apono::start().await;
    for at in [MEMBERS, "/eu/api/admin/v1/groups/g-1", GROUPS] {
        apono.answers(at, 404, missing.clone()).await;
    }
    assert_eq!(find(&apono).await.unwrap_err().trouble, Trouble::NotFound);
    let apono = Apono::start().await;
    for at in [MEMBERS, "/eu/api/admin/v1/groups/g-1"] {
        apono.answers(at, 404, missing.clone()).await;
    }
    apono.answers(GROUPS, 200, users(&[], None)).await;
    assert!(!find(&apono).await.unwrap());
}

#[tokio::test]
async fn a_member_that_was_accepted_and_does_not_show_is_no_success() {
    let apono = Apono::start().await;
    apono.answers(MEMBERS, 200, members(&[], None)).await;
    let shown = json!({ "id": "g-1", "name": "on-call" });
    apono
        .answers("/eu/api/admin/v1/groups/g-1", 200, shown)
        .await;
    Mock::given(method("PUT"))
        .and(path(ADA.replace("ada.lind", "Ada.Lind")))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&apono.server)
        .await;
    let (account, entitlement) = (ada(), group(Value::Null));
    let pair = Pair {
        account: &account,
        entitlement: &entitlement,
    };
    let granter = apono.adapter.granter().unwrap();
    let error = granter.grant(&writing(), pair).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
}

#[tokio::test]
async fn what_is_so_already_needs_no_request() {
    let apono = Apono::start().await;
    apono
        .answers(MEMBERS, 200, members(&["ada@example.net"], None))
        .await;
    let (account, entitlement) = (ada(), group(Value::Null));
    let pair = Pair {
        account: &account,
        entitlement: &entitlement,
    };
    let granter = apono.adapter.granter().unwrap();
    let outcome = granter.grant(&writing(), pair).await.unwrap();
    assert_eq!(outcome.effect, Effect::Noop);
    assert!(outcome.value.is_some());
    let asked = apono.server.received_requests().await.unwrap();
    assert!(asked.iter().all(|one| one.method.as_str() == "GET"));
}

#[tokio::test]
async fn a_group_that_became_a_directorys_since_is_a_conflict() {
    let apono = Apono::start().await;
    apono.answers(MEMBERS, 200, members(&[], None)).await;
    let synced = json!({ "id": "g-1", "name": "on-call", "source_id": "00g" });
    apono
        .answers("/eu/api/admin/v1/groups/g-1", 200, synced)
        .await;
    let (account, entitlement) = (ada(), group(Value::Null));
    let pair = Pair {
        account: &account,
        entitlement: &entitlement,
    };
    let granter = apono.adapter.granter().unwrap();
    let error = granter.grant(&writing(), pair).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Conflict);
}

#[tokio::test]
async fn what_can_not_be_granted_is_refused_with_what_can() {
    let apono = Apono::start().await;
    let granter = apono.adapter.granter().unwrap();
    let revoker = apono.adapter.revoker().unwrap();
    let bundle = convert::bundle(json!({ "id": "b-1", "name": "kit" })).unwrap();
    let pair_of = convert::available(json!({
        "integration": { "id": "i" }, "resource": { "id": "r" }, "permission": { "id": "p" }
    }))
    .unwrap();
    assert_eq!(pair_of.status, ThingStatus::Active);
    let account = ada();
    for entitlement in [&group(json!("00g")), &bundle, &pair_of] {
        let pair = Pair {
            account: &account,
            entitlement,
        };
        for refused in [granter.prepare_grant(pair), revoker.prepare_revoke(pair)] {
            let error = refused.unwrap_err();
            assert_eq!(error.trouble, Trouble::Unsupported);
            assert_eq!(error.pointer.as_deref(), Some("/entitlement_id"));
            assert!(error.message.contains("made in Apono"), "{error}");
        }
    }
    let nobody = convert::user(json!({ "id": "usr-2", "active": true })).unwrap();
    let pair = Pair {
        account: &nobody,
        entitlement: &group(Value::Null),
    };
    let error = granter.prepare_grant(pair).unwrap_err();
    assert_eq!(error.pointer.as_deref(), Some("/account_id"));
}
