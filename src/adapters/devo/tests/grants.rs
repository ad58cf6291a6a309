use super::*;
use crate::adapters::contract::Pair;
use crate::domain::EntitlementRecord;

const ROLES: &str = "/probio/domain/acme%40parent/roles";
const SET: &str = "/probio/user/email/ada%40example.test/domain/acme%40parent/role";

impl Devo {
    /// With these roles in the domain.
    async fn with_roles() -> Self {
        let devo = Self::start().await;
        devo.answers("GET", ROLES, 200, listed()).await;
        devo
    }
}

fn listed() -> Value {
    json!([
        { "id": 2, "name": "No Privileges", "type": "NO_PRIVILEGES" },
        { "id": 3, "name": "reviewer", "type": "CUSTOM" },
        { "id": 4, "name": "pilot", "type": "CUSTOM" }
    ])
}

fn role(word: &str) -> EntitlementRecord {
    let roles: Vec<Value> = serde_json::from_value(listed()).unwrap();
    let roles = roles::Roles::read(roles, "acme@parent");
    roles.called(word).unwrap().clone().record("acme@parent")
}

fn ada_with(words: &[&str]) -> Value {
    let mut user = ada("active");
    user["roleList"] = json!(words);
    user
}

#[tokio::test]
async fn roles_that_do_not_show_are_no_success() {
    for (sent, shown, wanted) in [
        ("pilot", &["reviewer"][..], "reviewer"),
        ("pilot", &["pilot"], "reviewer"),
    ] {
        let devo = Devo::with_roles().await;
        devo.answers("GET", ADA, 200, ada_with(shown)).await;
        devo.answers("PUT", SET, 200, ada_with(&["reviewer", "pilot"]))
            .await;
        let account = known();
        let entitlement = if shown == ["pilot"] {
            role(wanted)
        } else {
            role(sent)
        };
        let pair = Pair {
            account: &account,
            entitlement: &entitlement,
        };
        let granter = devo.adapter.granter().unwrap();
        let doubt = granter.grant(&devo.call(), pair).await.unwrap_err();
        assert_eq!(
            (doubt.trouble, doubt.effect),
            (Trouble::Malformed, SideEffect::Unknown)
        );
        assert!(doubt.message.contains(shown[0]), "{doubt}");
        assert_eq!(devo.requests("PUT").await, 1);
    }
}

#[tokio::test]
async fn a_set_that_is_not_shown_is_not_replaced() {
    let devo = Devo::with_roles().await;
    let mut bare = ada("active");
    bare.as_object_mut().unwrap().remove("role");
    devo.answers("GET", ADA, 200, bare).await;
    let account = known();
    let entitlement = role("pilot");
    let pair = Pair {
        account: &account,
        entitlement: &entitlement,
    };
    let granter = devo.adapter.granter().unwrap();
    let error = granter.grant(&devo.call(), pair).await.unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );
    assert!(devo.marks().is_empty());
    assert_eq!(devo.requests("PUT").await, 0);
}

#[tokio::test]
async fn roles_that_the_list_lacks_are_kept() {
    let devo = Devo::with_roles().await;
    devo.answers("GET", ADA, 200, ada_with(&["astronaut", "reviewer"]))
        .await;
    Mock::given(method("PUT"))
        .and(path(SET))
        .and(body_json(
            json!({ "roles": ["astronaut", "reviewer", "pilot"] }),
        ))
        .respond_with(ResponseTemplate::new(400).set_body_json(error("Role 'astronaut' not found")))
        .expect(1)
        .mount(&devo.server)
        .await;
    let account = known();
    let entitlement = role("pilot");
    let pair = Pair {
        account: &account,
        entitlement: &entitlement,
    };
    let granter = devo.adapter.granter().unwrap();
    let refusal = granter.grant(&devo.call(), pair).await.unwrap_err();
    assert_eq!(
        (refusal.trouble, refusal.effect),
        (Trouble::Rejected, SideEffect::None)
    );
    assert_eq!(refusal.pointer.as_deref(), Some("/entitlement_id"));
}

#[tokio::test]
async fn a_list_of_roles_that_cannot_be_read_proves_no_absence() {
    let devo = Devo::start().await;
    devo.answers("GET", ADA, 200, ada_with(&["reviewer"])).await;
    devo.answers("GET", ROLES, 200, json!([{ "id": 9 }])).await;
    let account = known();
    let entitlement = role("pilot");
    let pair = Pair {
        account: &account,
        entitlement: &entitlement,
    };
    let reader = devo.adapter.grant_reader().unwrap();
    let error = reader.find_grant(&devo.call(), pair).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
    let reader = devo.adapter.entitlement_reader().unwrap();
    let key = &entitlement.external_key;
    let error = reader
        .find_entitlement(&devo.call(), key)
        .await
        .unwrap_err();
    assert_eq!(error.trouble, Trouble::Malformed);
}

#[tokio::test]
async fn a_check_tells_what_the_credentials_may_not_see() {
    let devo = Devo::start().await;
    devo.answers("GET", USERS, 200, json!([ada("active")]))
        .await;
    devo.answers("GET", ROLES, 403, error("no")).await;
    let domain = json!({ "name": "acme@parent" });
    devo.answers("GET", "/probio/domain/acme%40parent", 200, domain)
        .await;
    let report = devo.adapter.checker().check(&devo.call()).await.unwrap();
    let codes: Vec<_> = report
        .findings
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    assert_eq!(codes, ["capability_missing"]);
    assert!(report.findings.iter().all(|one| !one.fatal));
    let left = report.capabilities.unwrap();
    use crate::domain::Capability;
    assert!(left.contains(&Capability::ListResources) && left.contains(&Capability::ListAccounts));
    assert!(!left.contains(&Capability::ListGrants) && !left.contains(&Capability::CreateGrants));
}
