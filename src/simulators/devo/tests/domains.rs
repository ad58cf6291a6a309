use super::*;

const GAMMA: &str = "/probio/domain/gamma%40parent";

#[tokio::test]
async fn a_domain_lives_from_its_creation_to_its_removal() {
    let devo = devo().await;
    let new = json!({ "name": "gamma", "plan": "child" });
    let (status, made) = call(&devo, "POST", "/probio/domain", new.clone()).await;
    assert_eq!(
        (status, made),
        (
            200,
            json!({ "name": "gamma@parent", "plan": "child", "status": "active" })
        )
    );
    assert!(
        refused(&devo, "POST", "/probio/domain", new)
            .await
            .2
            .contains("already exists")
    );
    let (_, off) = call(&devo, "POST", &format!("{GAMMA}/disable"), Value::Null).await;
    assert_eq!(off["status"], "inactive");
    let (_, plan) = call(
        &devo,
        "PUT",
        &format!("{GAMMA}/plan"),
        json!({ "plan": "trial" }),
    )
    .await;
    assert_eq!(plan["plan"], "trial");
    let retention = format!("{GAMMA}/retention");
    call(&devo, "PUT", &retention, json!({ "days": 30 })).await;
    assert_eq!(
        call(&devo, "GET", &retention, Value::Null).await.1,
        json!({ "days": 30 })
    );
    let (_, children) = call(&devo, "GET", "/probio/domains/parent", Value::Null).await;
    assert_eq!(children.as_array().unwrap().len(), 3);

    let owner = json!({ "domain": "gamma@parent", "email": "gus@example.org", "role": "OWNER" });
    call(&devo, "POST", "/probio/user/internal", owner).await;
    assert_eq!(call(&devo, "DELETE", GAMMA, Value::Null).await.0, 200);
    let gone = refused(&devo, "GET", GAMMA, Value::Null).await;
    assert_eq!(gone.2, "Domain 'gamma@parent' not found");
    let erased = refused(
        &devo,
        "GET",
        "/probio/user/email/gus%40example.org",
        Value::Null,
    )
    .await;
    assert!(erased.2.ends_with("not found"));
}

#[tokio::test]
async fn everything_about_a_domain_can_be_read_and_only_of_one_that_is_there() {
    let devo = devo().await;
    for about in [
        "policies",
        "applications",
        "resources",
        "preferences",
        "preferences/limits",
        "visibility",
        "auth",
        "keys",
        "keys/default",
        "roles/vaults",
        "retention",
    ] {
        let path = |domain: &str| format!("/probio/domain/{domain}/{about}");
        let (status, body) = call(&devo, "GET", &path("acme%40parent"), Value::Null).await;
        assert!(status == 200 && !body.is_null(), "{about}: {body}");
        let missing = refused(&devo, "GET", &path("nowhere"), Value::Null).await;
        assert!(
            missing.2.contains("'nowhere' not found"),
            "{about}: {}",
            missing.2
        );
    }
    let (_, plans) = call(&devo, "GET", "/probio/plan", Value::Null).await;
    assert_eq!(plans[0], json!({ "name": "child" }));
    let (_, roles) = call(&devo, "GET", "/probio/plan/child/roles", Value::Null).await;
    assert_eq!(roles.as_array().unwrap().len(), 2);
    assert_eq!(
        refused(&devo, "GET", "/probio/plan/none", Value::Null)
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn a_domains_own_key_manages_no_domains() {
    let devo = with(&[("domain", "acme"), ("auth", "bearer")]).await;
    let connection = devo.connection("devo/domain").unwrap();
    let token = connection["credentials"]["token"].as_str().unwrap();
    let bearer = [("authorization", format!("Bearer {token}"))];
    for (method, path, status) in [
        ("GET", "/probio/domain", 403),
        ("DELETE", "/probio/domain/acme", 403),
        ("GET", "/probio/domain/acme", 200),
        ("GET", "/probio/access?tableAccess=a,b", 200),
    ] {
        let answer = send(&devo, method, path, "", &bearer).await;
        assert_eq!(answer.status(), status, "{method} {path}");
    }
    let answer = send(&devo, "GET", "/probio/access?tableAccess=a,b", "", &bearer).await;
    let access: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(access["tableAccess"], json!({ "a": true, "b": true }));
}
