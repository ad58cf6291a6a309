//! Whatever bytes the API may answer with.

use serde_json::Value;
use uuid::Uuid;

use super::super::client::{decode, nested};
use super::super::convert;
use super::super::entitlements;
use super::super::judge::ApiJudge;
use super::super::place::{Part, Place};
use super::super::wire::{Listing, Permissions, Single};
use crate::adapters::transport::Answer;
use crate::adapters::transport::any_answer::{Family, Made};

const TENANT: Uuid = Uuid::from_u128(7);

const USERS: [&str; 2] = [
    r#"{"data":[
        {"id":"33333333-3333-4333-8333-333333333333","email":"ada@example.test","firstName":"Ada","lastName":"Lind",
         "userRoles":[{"id":"44444444-4444-4444-8444-444444444444","name":"writer","displayName":"Writer","locked":true}],
         "createdAt":"2031-05-02T07:08:09.123Z","updatedAt":"2031-05-02T07:08:09.123Z"},
        {"id":"33333333-3333-4333-8333-333333333334","email":"bob@example.test","roleNames":["reader"],"role":"owner"}
    ],"meta":{"page":0,"pageSize":10,"itemsTotal":2,"pagesTotal":1}}"#,
    r#"{"data":[],"meta":{"page":0,"pageSize":10}}"#,
];

const ROLE: &str = r#"{"id":"44444444-4444-4444-8444-444444444444","name":"writer","displayName":"Writer",
    "description":"read and write","locked":true,"permissionIds":["a"],"usersCount":3,"createdAt":"2031-05-02T07:08:09Z"}"#;

/// A 404 says it, of what is not there and of what may not be seen (§3); other answers have to confirm it.
fn may_be_gone(answer: &Answer) -> bool {
    answer.status == 404
}

fn family<'a>(name: &'static str, good: &[&str]) -> Family<'a> {
    Family::answers(name, &ApiJudge, may_be_gone, good)
}

fn place(part: Part) -> Place {
    Place {
        part,
        page: 0,
        size: 10,
        count: Some(3),
    }
}

#[test]
fn users() {
    family("lightelligence users", &USERS)
        .listing("/data")
        .hold(|answer| {
            let page = place(Part::Users).page(TENANT, decode(answer)?);
            let owners = page.items.iter().filter(|user| convert::is_owner(user));
            assert!(owners.count() <= page.items.len());
            Ok(page.into())
        });
}

/// An invite that has come to its end is nobody's account, so that fewer come than are listed.
#[test]
fn invites() {
    let listed = r#"{"data":[
        {"id":"55555555-5555-4555-8555-555555555555","receiverEmail":"cy@example.test","status":"open",
         "roles":[{"id":"44444444-4444-4444-8444-444444444444"}],"inviteToken":"s3cret","createdAt":"2031-05-02T07:08:09Z"},
        {"id":"55555555-5555-4555-8555-555555555556","email":"di@example.test","status":"accepted","roleNames":["reader"]}
    ],"meta":{"page":0,"pageSize":10}}"#;
    family("lightelligence invites", &[listed])
        .keeping("/status")
        .knowing(&["open", "pending", "created", "sent"])
        .hold(|answer| {
            let page = place(Part::Invites).page(TENANT, decode(answer)?);
            assert!(
                page.items
                    .iter()
                    .all(|invite| invite.raw.get("inviteToken").is_none())
            );
            Ok(page.into())
        });
}

#[test]
fn roles_and_permissions() {
    let roles = format!(
        r#"{{"data":[{ROLE},{{"id":"44444444-4444-4444-8444-444444444445","name":"owner"}}],"meta":{{"page":0,"pageSize":10}}}}"#
    );
    let place = |part| entitlements::Place {
        part,
        page: 0,
        size: 10,
    };
    family("lightelligence roles", &[&roles])
        .listing("/data")
        .hold(|answer| {
            Ok(place(entitlements::Part::Roles)
                .page(TENANT, decode(answer)?)
                .into())
        });
    let permissions = r#"{"meta":{"page":0,"pageSize":10,"totalSize":2},"data":{"permissions":[
        {"id":"66666666-6666-4666-8666-666666666666","alias":"tenant:read","category":"tenant","name":"Read","description":"x"},
        {"id":"66666666-6666-4666-8666-666666666667","alias":"tenant:write"}]}}"#;
    family("lightelligence permissions", &[permissions])
        .listing("/data/permissions")
        .hold(|answer| {
            let listing = nested(answer, "permissions")?;
            Ok(place(entitlements::Part::Permissions)
                .page(TENANT, listing)
                .into())
        });
}

#[test]
fn single_things() {
    let tenant = r#"{"data":{"id":"11111111-1111-4111-8111-111111111111","name":"acme","package":{"id":"p"},"payment":{"card":"x"},
        "createdAt":"2031-05-02T07:08:09Z","updatedAt":null}}"#;
    family("lightelligence tenant", &[tenant]).hold(|answer| {
        let Single { data } = decode(answer)?;
        let converted = convert::tenant(data);
        assert!(
            converted
                .iter()
                .all(|tenant| tenant.raw.get("payment").is_none())
        );
        Ok(converted.into())
    });
    let own = r#"{"data":{"permissions":[{"id":"66666666-6666-4666-8666-666666666666","alias":"tenant:read"}]}}"#;
    family("lightelligence own permissions", &[own]).hold(|answer| {
        let Single { data } = decode(answer)?;
        Ok(serde_json::from_value::<Permissions>(data)
            .map(drop)
            .map_or_else(
                |_| Made::from(Err::<crate::domain::GrantRecord, _>("odd".to_owned())),
                |()| Made::default(),
            ))
    });
}

/// Roles without an id are looked up elsewhere; those with one are grants as they come.
#[test]
fn who_holds_which_role() {
    family("lightelligence role holders", &USERS).hold(|answer| {
        let Listing { data, .. } = decode(answer)?;
        let held = data
            .iter()
            .flat_map(|row: &Value| match convert::roles_of_user(row) {
                Ok((user, roles)) => roles
                    .into_iter()
                    .flatten()
                    .filter_map(|named| {
                        let id = named.id?;
                        Some(Ok(convert::grant(user, named.with_id(id))))
                    })
                    .collect::<Vec<_>>(),
                Err(defect) => vec![Err(defect)],
            });
        Ok(held.collect())
    });
}

#[test]
fn refusals() {
    let bodies = [
        r#"{"errorMessage":"Access to resource is forbidden","errorCode":"NO_ACCESS_TO_RESOURCE"}"#,
        r#"{"errorMessage":"no such thing"}"#,
        "null",
    ];
    Family::refusals("lightelligence refusals", &ApiJudge, may_be_gone, &bodies)
        .hold(|_| Ok(Made::default()));
}
