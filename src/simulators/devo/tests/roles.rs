use super::*;

/// Holds reviewer and Security Analyst.
const ELIF: &str = "/probio/user/email/elif.demir%40example.org/domain/acme%40parent";
const ROLES: &str = "/probio/domain/acme%40parent/roles";

fn named(words: &[&str]) -> Value {
    json!({ "roles": words })
}

#[tokio::test]
async fn the_roles_of_a_user_are_set_as_a_whole() {
    let devo = devo().await;
    let set = format!("{ELIF}/role");
    let (status, user) = call(&devo, "PUT", &set, named(&["Administrator"])).await;
    assert_eq!((status, &user["roleList"]), (200, &json!(["ADMIN"])));
    let (_, user) = call(
        &devo,
        "PUT",
        &set,
        named(&["REVIEWER", "security analyst", "reviewer"]),
    )
    .await;
    assert_eq!(user["roleList"], json!(["reviewer", "Security Analyst"]));
    assert_eq!(user["role"], "reviewer,Security Analyst");
    let (_, user) = call(&devo, "DELETE", &set, named(&["reviewer"])).await;
    assert_eq!(user["roleList"], json!(["Security Analyst"]));
    let (_, user) = call(&devo, "PUT", &format!("{set}/no%20privileges"), Value::Null).await;
    assert_eq!(user["roleList"], json!(["NO_PRIVILEGES"]));
    assert_eq!(call(&devo, "GET", ELIF, Value::Null).await.1, user);
    assert_eq!(devo.effects().len(), 4);
    assert_eq!(
        devo.effects()[3].before["roleList"],
        json!(["Security Analyst"])
    );
}

#[tokio::test]
async fn what_no_user_can_hold_is_a_400() {
    let devo = devo().await;
    let set = format!("{ELIF}/role");
    for (method, body, words) in [
        ("PUT", named(&[]), "Field roles"),
        ("PUT", json!({ "names": ["reviewer"] }), "Field roles"),
        ("PUT", named(&["pilot"]), "Role 'pilot' not found"),
        ("PUT", named(&["ADMIN", "reviewer"]), "combined"),
        ("PUT", named(&["OWNER"]), "OWNER"),
        (
            "DELETE",
            named(&["reviewer", "Security Analyst"]),
            "one role at least",
        ),
    ] {
        let (status, code, message) = refused(&devo, method, &set, body).await;
        assert_eq!((status, code), (400, 100), "{message}");
        assert!(message.contains(words), "{message}");
    }
    let one = refused(&devo, "PUT", &format!("{set}/reviewer"), Value::Null).await;
    assert!(one.2.contains("more than one"), "{}", one.2);
    let owner = "/probio/user/email/owner%40example.org/domain/acme%40parent/role";
    let stays = refused(&devo, "PUT", owner, named(&["reviewer"])).await;
    assert!(stays.2.contains("owner"), "{}", stays.2);
    assert!(devo.effects().is_empty());
}

#[tokio::test]
async fn roles_are_made_renamed_and_deleted_with_those_who_hold_them() {
    let devo = devo().await;
    let new = json!({ "name": "pilot", "description": "flies", "policies": "*", "applications": ["app.custom.x"] });
    let (status, made) = call(&devo, "POST", ROLES, new.clone()).await;
    assert_eq!((status, &made["policies"]), (200, &json!(["*"])));
    assert_eq!(made["type"], "CUSTOM");
    assert!(
        refused(&devo, "POST", ROLES, new)
            .await
            .2
            .contains("already exists")
    );
    let (_, found) = call(
        &devo,
        "GET",
        &format!("{ROLES}/PILOT?full=true"),
        Value::Null,
    )
    .await;
    assert_eq!((&found["id"], &found["vaults"]), (&made["id"], &json!([])));

    let rename = json!({ "name": "auditor" });
    let (_, renamed) = call(&devo, "PUT", &format!("{ROLES}/reviewer"), rename).await;
    assert_eq!(renamed["id"], 334);
    let (_, user) = call(&devo, "GET", ELIF, Value::Null).await;
    assert_eq!(user["roleList"], json!(["auditor", "Security Analyst"]));
    for role in ["auditor", "Security%20Analyst"] {
        let (status, _) = call(&devo, "DELETE", &format!("{ROLES}/{role}"), Value::Null).await;
        assert_eq!(status, 200);
    }
    let (_, user) = call(&devo, "GET", ELIF, Value::Null).await;
    assert_eq!(user["roleList"], json!(["NO_PRIVILEGES"]));
    let many = json!([{ "name": "pilot", "description": "lands" }]);
    let (_, changed) = call(&devo, "PUT", ROLES, many).await;
    assert_eq!(changed[0]["description"], "lands");
    for method in ["PUT", "DELETE"] {
        let basic = refused(&devo, method, &format!("{ROLES}/ADMIN"), json!({})).await;
        assert!(basic.2.contains("can not be changed"), "{}", basic.2);
    }
}

#[tokio::test]
async fn drift_reaches_grants_and_roles() {
    let devo = devo().await;
    let drift = |op, kind: &str, id: Option<&str>, value| Drift {
        op,
        kind: kind.into(),
        id: id.map(str::to_owned),
        value,
    };
    let held = |role: &str| json!({ "email": "elif.demir@example.org", "role": role });
    devo.drift(&[
        drift(DriftOp::Add, "role", Some("pilot"), Value::Null),
        drift(DriftOp::Add, "grant", None, held("pilot")),
        drift(DriftOp::Remove, "grant", None, held("reviewer")),
        drift(
            DriftOp::Remove,
            "role",
            Some("Security Analyst"),
            Value::Null,
        ),
    ])
    .unwrap();
    let (_, user) = call(&devo, "GET", ELIF, Value::Null).await;
    assert_eq!(user["roleList"], json!(["pilot"]));
    assert!(devo.effects().is_empty());
    let nobody = drift(DriftOp::Add, "group", None, Value::Null);
    assert!(devo.drift(&[nobody]).is_err());
}
