use super::*;

const DOMAINS: &str = "/probio/domain";
const CHILDREN: &str = "/probio/domains/parent";

async fn parent() -> Devo {
    Devo::over(json!({ "multitenant": "parent" })).await
}

fn named(names: &[&str]) -> Value {
    names.iter().map(|name| json!({ "name": name })).collect()
}

impl Devo {
    /// What a check finds: code and words.
    async fn found(&self) -> Vec<(String, String)> {
        let checked = self.adapter.checker().check(&self.call()).await.unwrap();
        let findings = checked.findings.into_iter();
        findings.map(|one| (one.code, one.detail)).collect()
    }

    /// The users and roles of this domain, none of them.
    async fn shows(&self, domain: &str) {
        let domain = domain.replace('@', "%40");
        let itself = json!({ "name": domain });
        self.answers("GET", &format!("{DOMAINS}/{domain}"), 200, itself)
            .await;
        for path in [
            format!("/probio/user/domain/{domain}"),
            format!("{DOMAINS}/{domain}/roles"),
        ] {
            self.answers("GET", &path, 200, json!([])).await;
        }
    }
}

#[tokio::test]
async fn children_that_the_list_of_all_lacks_are_told() {
    for (children, found) in [
        (named(&["acme@parent", "beta@parent"]), None),
        (
            named(&["acme@parent", "gamma@parent"]),
            Some("gamma@parent"),
        ),
        (named(&["gamma@elsewhere"]), None),
    ] {
        let devo = parent().await;
        devo.shows("acme@parent").await;
        let all = named(&["acme@parent", "beta@parent"]);
        devo.answers("GET", DOMAINS, 200, all).await;
        devo.answers("GET", CHILDREN, 200, children).await;
        let findings = devo.found().await;
        match (found, findings.as_slice()) {
            (None, []) => {}
            (Some(name), [(code, detail)]) => {
                assert_eq!(code, "domains_missing");
                assert!(detail.contains(name), "{detail}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn children_that_are_not_shown_prove_nothing() {
    let devo = parent().await;
    devo.shows("acme@parent").await;
    let all = named(&["acme@parent", "beta@parent"]);
    devo.answers("GET", DOMAINS, 200, all).await;
    devo.answers("GET", CHILDREN, 400, error("Domain 'parent' not found"))
        .await;
    assert_eq!(devo.found().await, Vec::new());
}

#[tokio::test]
async fn domains_that_cannot_be_used_are_told() {
    let devo = parent().await;
    devo.shows("acme@parent").await;
    let all = named(&["acme@parent", "parent", "acme@elsewhere"]);
    devo.answers("GET", DOMAINS, 200, all).await;
    devo.answers("GET", CHILDREN, 200, named(&["acme@parent"]))
        .await;
    let findings = devo.found().await;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].0, "domains_unusable");
    assert!(findings[0].1.contains("acme@elsewhere"), "{findings:?}");
}

#[tokio::test]
async fn an_empty_list_of_domains_is_no_listing() {
    let devo = parent().await;
    devo.answers("GET", DOMAINS, 200, json!([])).await;
    let lister = devo.adapter.account_lister().unwrap();
    let page = PageRequest::default();
    let listed = lister.list_accounts(&devo.call(), &page).await;
    assert_eq!(listed.unwrap_err().trouble, Trouble::AuthFailed);
    let checked = devo.adapter.checker().check(&devo.call()).await.unwrap();
    assert!(checked.findings.iter().any(|one| one.fatal));
}
