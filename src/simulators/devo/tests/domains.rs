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
    assert_eq!(children.as_array().unwrap().len(), 5);

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

#[tokio::test]
async fn a_multitenant_has_domains_that_share_people() {
    let devo = devo().await;
    let (_, listed) = call(&devo, "GET", "/probio/domain", Value::Null).await;
    let held = devo.state();
    let all = held.of("devo/multitenant");
    assert_eq!(listed, json!(all.apps));
    let shown: Vec<_> = all
        .apps
        .iter()
        .map(|domain| {
            let users = all.accounts.iter();
            let users = users.filter(|user| user["domain"] == domain["name"]);
            let word = |field: &str| domain[field].as_str().unwrap();
            (word("name"), word("status"), users.count())
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("acme@parent", "active", 60),
            ("beta@parent", "active", 0),
            ("closed@parent", "inactive", 2),
            ("parent", "active", 1),
            ("research@parent", "active", 4),
        ]
    );
    let ada = |user: &&Value| user["email"] == "ada.lind@example.org";
    let ids: Vec<_> = all
        .accounts
        .iter()
        .filter(ada)
        .map(|user| &user["id"])
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_misplaced_key_is_refused_or_sees_its_own_domain_only() {
    for (word, status, seen) in [
        ("refused", 401, Value::Null),
        ("taken", 200, json!(["acme@parent"])),
    ] {
        let devo = with(&[("misplaced_key", word)]).await;
        let headers = auth::misplaced_headers(Utc::now().timestamp_millis());
        for path in ["/probio/domain", "/probio/domains/parent"] {
            let answer = send(&devo, "GET", path, "", &headers).await;
            assert_eq!(answer.status(), status, "{word} {path}");
            let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
            let names = body.as_array().map(|domains| {
                let names = domains.iter().map(|domain| domain["name"].clone());
                names.collect::<Value>()
            });
            assert_eq!(names.unwrap_or_default(), seen, "{word} {path}");
        }
        let path = "/probio/user/domain/research%40parent";
        let answer = send(&devo, "GET", path, "", &headers).await;
        assert!([401, 403].contains(&answer.status().as_u16()), "{word}");
    }
}

#[tokio::test]
async fn drift_reaches_every_domain() {
    let devo = devo().await;
    let drift = |op, kind: &str, id: &str, value| Drift {
        op,
        kind: kind.to_owned(),
        id: Some(id.to_owned()),
        value,
    };
    let research = json!({ "domain": "research@parent" });
    devo.drift(&[
        drift(DriftOp::Add, "account", "new@example.org", research.clone()),
        drift(DriftOp::Remove, "role", "reviewer", research),
        drift(DriftOp::Remove, "domain", "closed@parent", Value::Null),
        drift(DriftOp::Add, "domain", "gamma@parent", Value::Null),
        drift(
            DriftOp::Change,
            "domain",
            "beta@parent",
            json!({ "status": "inactive" }),
        ),
    ])
    .unwrap();
    let held = devo.state();
    let all = held.of("devo/multitenant");
    let domains: Vec<_> = all
        .apps
        .iter()
        .map(|domain| (domain["name"].as_str().unwrap(), &domain["status"]))
        .collect();
    assert_eq!(domains.len(), 5);
    assert!(domains.contains(&("beta@parent", &json!("inactive"))));
    assert!(domains.contains(&("gamma@parent", &json!("active"))));
    let new = all
        .accounts
        .iter()
        .find(|user| user["email"] == "new@example.org");
    assert_eq!(new.unwrap()["domain"], "research@parent");
    assert_eq!(held.accounts.len(), 60, "the first domain is as it was");
}
