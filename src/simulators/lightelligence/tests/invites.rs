use serde_json::{Value, json};

use super::{Api, drift, home, role_id, start, user_id};
use crate::simulators::DriftOp;

const OUTSIDER: &str = "outsider@example.org";

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

async fn invite(api: &Api<'_>, email: &str, role: &str) -> Value {
    let body = json!({"receiverEmail": email, "roles": [{"id": role}]});
    let invite = api.call("POST", &home("/invites"), body).await.expect(201);
    invite["data"].clone()
}

/// Who a caller is.
async fn own_id(api: &Api<'_>) -> String {
    let said = super::claims(&json!(api.token));
    text(&said["sub"]).to_owned()
}

#[tokio::test]
async fn an_accepted_invite_makes_a_user_of_the_tenant() {
    let vendor = start().await;
    let owner = Api::owner(&vendor).await;
    let writer = role_id(&vendor, "writer");
    let sent = invite(&owner, OUTSIDER, &writer).await;
    assert_eq!(
        (&sent["status"], &sent["receiverEmail"]),
        (&json!("open"), &json!(OUTSIDER))
    );
    assert_eq!(sent["roles"][0]["id"], writer.as_str());
    assert_eq!(sent["roleNames"], json!(["writer"]));
    let listed = owner.get(&home("/invites")).await.expect(200);
    assert_eq!(listed["data"][2], sent);

    let guest = Api::of(&vendor, OUTSIDER).await;
    let id = own_id(&guest).await;
    let mine = format!("/users/{id}/invites");
    let received = guest.get(&mine).await.expect(200);
    assert_eq!(received["data"], json!([sent]));
    let path = format!("{mine}/{}", text(&sent["id"]));
    let body = json!({"status": "accepted"});
    let answered = guest.call("PATCH", &path, body.clone()).await.expect(200);
    assert_eq!(answered["data"]["status"], "accepted");
    assert_eq!(
        guest.call("PATCH", &path, body).await.refusal(),
        (409, "CONFLICT")
    );
    assert_eq!(user_id(&vendor, OUTSIDER), id);
    let users = owner
        .get(&home("/users?page=60&pageSize=1"))
        .await
        .expect(200);
    assert_eq!(users["data"][0]["userRoles"][0]["name"], "writer");
    assert_eq!(vendor.effects().len(), 2);

    let path = home(&format!("/invites/{}", text(&sent["id"])));
    let late = owner.call("DELETE", &path, Value::Null).await;
    assert_eq!(late.refusal(), (409, "CONFLICT"));
}

#[tokio::test]
async fn a_declined_invite_lets_nobody_in() {
    let vendor = start().await;
    let owner = Api::owner(&vendor).await;
    let sent = invite(&owner, OUTSIDER, &role_id(&vendor, "reader")).await;
    let guest = Api::of(&vendor, OUTSIDER).await;
    let path = format!(
        "/users/{}/invites/{}",
        own_id(&guest).await,
        text(&sent["id"])
    );
    for bad in [json!({}), json!({"status": "open"}), json!({"status": 1})] {
        assert_eq!(guest.call("PATCH", &path, bad).await.refusal().0, 400);
    }
    let body = json!({"status": "declined"});
    guest.call("PATCH", &path, body).await.expect(200);
    assert_eq!(vendor.state().accounts.len(), 60);
    // Then they can be invited again.
    invite(&owner, OUTSIDER, &role_id(&vendor, "reader")).await;
}

#[tokio::test]
async fn only_its_receiver_can_answer_an_invite() {
    let vendor = start().await;
    let owner = Api::owner(&vendor).await;
    let sent = invite(&owner, OUTSIDER, &role_id(&vendor, "reader")).await;
    let path = format!(
        "/users/{}/invites/{}",
        own_id(&owner).await,
        text(&sent["id"])
    );
    let body = json!({"status": "accepted"});
    assert_eq!(owner.call("PATCH", &path, body).await.refusal().0, 404);
}

#[tokio::test]
async fn an_open_invite_can_be_withdrawn() {
    let vendor = start().await;
    let owner = Api::owner(&vendor).await;
    let sent = invite(&owner, OUTSIDER, &role_id(&vendor, "reader")).await;
    let path = home(&format!("/invites/{}", text(&sent["id"])));
    owner.call("DELETE", &path, Value::Null).await.expect(204);
    let again = owner.call("DELETE", &path, Value::Null).await;
    assert_eq!(again.refusal(), (404, "RESOURCE_NOT_FOUND"));
    let effects = vendor.effects();
    assert_eq!(
        (&effects[1].before, &effects[1].after),
        (&sent, &Value::Null)
    );
    assert_eq!(vendor.state().requests.len(), 2);
}

#[tokio::test]
async fn names_of_roles_are_taken_too() {
    let vendor = start().await;
    let owner = Api::owner(&vendor).await;
    let body = json!({"receiverEmail": "new.one@example.org", "roleNames": ["reader", "auditor"]});
    let sent = owner
        .call("POST", &home("/invites"), body)
        .await
        .expect(201);
    assert_eq!(sent["data"]["roleNames"], json!(["reader", "auditor"]));
}

#[tokio::test]
async fn bad_invites_are_refused() {
    let vendor = start().await;
    let owner = Api::owner(&vendor).await;
    let role = json!([{"id": role_id(&vendor, "reader")}]);
    for (body, status) in [
        (json!({"roles": role}), 400),
        (json!({"receiverEmail": "nobody", "roles": role}), 400),
        (
            json!({"receiverEmail": "a b@example.org", "roles": role}),
            400,
        ),
        (json!({"receiverEmail": 7, "roles": role}), 400),
        (json!({"receiverEmail": OUTSIDER}), 400),
        (json!({"receiverEmail": OUTSIDER, "roles": []}), 400),
        (
            json!({"receiverEmail": OUTSIDER, "roleNames": ["emperor"]}),
            400,
        ),
        (
            json!({"receiverEmail": "ada.lind@example.org", "roles": role}),
            409,
        ),
        (
            json!({"receiverEmail": "NEWCOMER@example.org", "roles": role}),
            409,
        ),
    ] {
        let answer = owner.call("POST", &home("/invites"), body.clone()).await;
        assert_eq!(answer.refusal().0, status, "{body}");
    }
    assert!(vendor.effects().is_empty());
}

#[tokio::test]
async fn a_receiver_may_register_and_answer_behind_the_back() {
    let vendor = start().await;
    let open = vendor.state().requests[0]["id"].clone();
    let accepted = json!({"status": "accepted"});
    let answer = drift(DriftOp::Change, "invite", open.as_str(), accepted);
    vendor.drift(std::slice::from_ref(&answer)).unwrap();
    user_id(&vendor, "newcomer@example.org");
    assert!(vendor.drift(&[answer]).unwrap_err().contains("not open"));
    assert!(vendor.effects().is_empty());
    // Somebody who has registered can sign in.
    Api::of(&vendor, "newcomer@example.org").await;
}
