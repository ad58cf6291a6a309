//! Devo's roles and who holds them: always the whole set, read back.

use iam_gateway::adapters::contract::{AdapterError, Outcome, Page, PageRequest, Pair, Trouble};
use iam_gateway::domain::{
    AccountRecord, Effect, EntitlementRecord, ExternalKey, GrantRecord, ResourceRecord,
};
use iam_gateway::simulators::{Drift, DriftOp};
use reqwest::Method;
use serde_json::{Value, json};

use super::stand::Stand;
use crate::support::DEVO;

/// Holds reviewer.
pub(super) const ADA: &str = "ada.lind@example.org";
/// Holds nothing.
pub(super) const BRUNO: &str = "bruno.keller@example.org";
/// Holds reviewer and Security Analyst.
pub(super) const ELIF: &str = "elif.demir@example.org";
/// Holds ADMIN.
const HUGO: &str = "hugo.marchand@example.org";
/// Holds reviewer, and is shown with NO_PRIVILEGES besides.
const KAORI: &str = "kaori.tanabe@example.org";
/// Owns the domain.
pub(super) const OWNER: &str = "owner@example.org";

struct Devo {
    stand: Stand,
    users: Vec<AccountRecord>,
    roles: Vec<EntitlementRecord>,
}

impl Devo {
    async fn start() -> Self {
        Self::with(&[], |_| {}).await
    }

    async fn with(quirks: &[(&str, &str)], change: impl FnOnce(&mut Value)) -> Self {
        let stand = Stand::start(DEVO, quirks, change).await;
        let users = stand.everybody(100).await;
        Self {
            users,
            roles: stand.entitlements().await,
            stand,
        }
    }

    fn pair<'a>(&'a self, email: &str, word: &str) -> Pair<'a> {
        let account = self.users.iter().find(|one| one.external_id == email);
        let entitlement = self.roles.iter().find(|one| one.external_id == word);
        Pair {
            account: account.unwrap(),
            entitlement: entitlement.unwrap(),
        }
    }

    async fn grant(
        &self,
        email: &str,
        word: &str,
    ) -> Result<Outcome<Option<GrantRecord>>, AdapterError> {
        let granter = self.stand.adapter.granter().unwrap();
        let pair = self.pair(email, word);
        granter.prepare_grant(pair)?;
        granter.grant(&self.stand.writing(), pair).await
    }

    async fn revoke(&self, email: &str, word: &str) -> Result<Effect, AdapterError> {
        let revoker = self.stand.adapter.revoker().unwrap();
        let pair = self.pair(email, word);
        revoker.prepare_revoke(pair)?;
        let outcome = revoker.revoke(&self.stand.writing(), pair, None).await;
        outcome.map(|outcome| outcome.effect)
    }

    async fn holds(&self, email: &str, word: &str) -> bool {
        let reader = self.stand.adapter.grant_reader().unwrap();
        let pair = self.pair(email, word);
        let found = reader.find_grant(&self.stand.reading(), pair).await;
        found.unwrap().is_some()
    }

    async fn grants(&self) -> Page<GrantRecord> {
        let lister = self.stand.adapter.grant_lister().unwrap();
        let page = PageRequest::default();
        let listed = lister.list_grants(&self.stand.reading(), &page).await;
        listed.unwrap()
    }

    /// What the vendor holds for a user.
    fn held(&self, email: &str) -> Vec<String> {
        let users = self.stand.vendor.state().accounts;
        let user = users.into_iter().find(|user| user["email"] == email);
        serde_json::from_value(user.unwrap()["roleList"].clone()).unwrap()
    }

    /// The changes that were made, as method and path template.
    fn changes(&self) -> Vec<String> {
        let effects = self.stand.vendor.effects();
        effects.into_iter().map(|one| one.operation).collect()
    }
}

const SET: &str = "PUT /probio/user/email/{email}/domain/{domain}/role";
const SET_ONE: &str = "PUT /probio/user/email/{email}/domain/{domain}/role/{roleName}";

#[tokio::test]
async fn the_domain_is_the_resource_of_its_roles_and_users() {
    let devo = Devo::start().await;
    let lister = devo.stand.adapter.resource_lister().unwrap();
    let page = PageRequest::default();
    let listed = lister.list_resources(&devo.stand.reading(), &page).await;
    let [domain]: [ResourceRecord; 1] = listed.unwrap().items.try_into().unwrap();
    assert_eq!(domain.external_key.as_str(), r#"["domain","acme@parent"]"#);
    let reader = devo.stand.adapter.resource_reader().unwrap();
    let found = reader
        .find_resource(&devo.stand.reading(), &domain.external_key)
        .await;
    assert_eq!(found.unwrap().as_ref(), Some(&domain));
    let of = Some(domain.external_key);
    assert!(devo.users.iter().all(|one| one.resource_key == of));
    assert!(devo.roles.iter().all(|one| one.resource_key == of));
    let words: Vec<_> = devo
        .roles
        .iter()
        .map(|one| (one.external_id.as_str(), one.assignable, one.is_rest))
        .collect();
    assert_eq!(
        words,
        [
            ("ADMIN", true, false),
            ("NO_PRIVILEGES", false, true),
            ("reviewer", true, false),
            ("Security Analyst", true, false),
            ("OWNER", false, false),
        ]
    );
}

#[tokio::test]
async fn grants_are_what_the_domain_holds_without_the_rest_state() {
    let devo = Devo::start().await;
    let mut held: Vec<(String, String)> = devo
        .stand
        .vendor
        .state()
        .grants
        .iter()
        .filter(|grant| grant["role"] != "NO_PRIVILEGES")
        .map(|grant| {
            let role = grant["role"].as_str().unwrap();
            let key = &devo.pair(OWNER, role).entitlement.external_key;
            let email = grant["email"].as_str().unwrap();
            (email.to_lowercase(), key.as_str().to_owned())
        })
        .collect();
    let page = devo.grants().await;
    assert_eq!(page.defects, Vec::<String>::new());
    let mut seen: Vec<(String, String)> = page
        .items
        .iter()
        .map(|grant| {
            let email = grant.account_key.parts().pop().unwrap();
            (email, grant.entitlement_key.as_str().to_owned())
        })
        .collect();
    held.sort();
    seen.sort();
    assert_eq!(seen, held);
    assert!(devo.holds(OWNER, "OWNER").await && devo.holds(OWNER, "ADMIN").await);
    assert!(!devo.holds(ADA, "OWNER").await && !devo.holds(KAORI, "NO_PRIVILEGES").await);
}

#[tokio::test]
async fn a_grant_sends_the_whole_set_and_keeps_what_is_there() {
    let devo = Devo::start().await;
    let made = devo.grant(ADA, "Security Analyst").await.unwrap();
    assert_eq!(made.effect, Effect::Created);
    let pair = devo.pair(ADA, "Security Analyst");
    let expected = GrantRecord::key(&pair.account.external_key, &pair.entitlement.external_key);
    assert_eq!(made.value.unwrap().external_key(), expected);
    assert_eq!(devo.held(ADA), ["reviewer", "Security Analyst"]);
    assert_eq!(devo.stand.marks(), [json!({ "roles": ["reviewer"] })]);
    let again = devo.grant(ADA, "Security Analyst").await.unwrap();
    assert_eq!(again.effect, Effect::Noop);
    assert!(devo.holds(ADA, "Security Analyst").await);
    assert_eq!(devo.changes(), [SET]);
}

#[tokio::test]
async fn one_role_for_one_role_goes_by_its_own_path() {
    let devo = Devo::start().await;
    devo.grant(BRUNO, "reviewer").await.unwrap();
    assert_eq!(devo.held(BRUNO), ["reviewer"]);
    // Two words, one of them for nothing: the path for a single role would be refused.
    devo.revoke(KAORI, "reviewer").await.unwrap();
    assert_eq!(devo.held(KAORI), ["NO_PRIVILEGES"]);
    assert_eq!(devo.changes(), [SET_ONE, SET]);
}

#[tokio::test]
async fn a_revoke_takes_one_role_and_never_the_last() {
    let devo = Devo::start().await;
    for (role, left) in [
        ("reviewer", vec!["Security Analyst"]),
        ("Security Analyst", vec!["NO_PRIVILEGES"]),
    ] {
        assert_eq!(devo.revoke(ELIF, role).await.unwrap(), Effect::Deleted);
        assert_eq!(devo.held(ELIF), left);
        assert_eq!(devo.revoke(ELIF, role).await.unwrap(), Effect::Noop);
        assert!(!devo.holds(ELIF, role).await);
    }
    assert_eq!(devo.changes(), [SET, SET_ONE]);
}

#[tokio::test]
async fn admin_goes_with_no_other_role() {
    let devo = Devo::start().await;
    for (email, word, named) in [
        (ELIF, "ADMIN", "reviewer, Security Analyst"),
        (HUGO, "reviewer", "ADMIN"),
    ] {
        let refusal = devo.grant(email, word).await.unwrap_err();
        assert_eq!(refusal.trouble, Trouble::Conflict);
        assert!(refusal.message.contains(named), "{refusal}");
        assert_eq!(refusal.pointer.as_deref(), Some("/entitlement_id"));
    }
    assert!(devo.changes().is_empty() && devo.stand.marks().is_empty());
    devo.grant(BRUNO, "ADMIN").await.unwrap();
    assert_eq!(devo.held(BRUNO), ["ADMIN"]);
    devo.revoke(HUGO, "ADMIN").await.unwrap();
    assert_eq!(devo.held(HUGO), ["NO_PRIVILEGES"]);
}

#[tokio::test]
async fn the_owner_stays_what_it_is() {
    let devo = Devo::start().await;
    let refusal = devo.revoke(OWNER, "ADMIN").await.unwrap_err();
    assert_eq!(refusal.trouble, Trouble::Conflict);
    for word in ["OWNER", "NO_PRIVILEGES"] {
        for refusal in [
            devo.grant(ADA, word).await.err(),
            devo.revoke(OWNER, word).await.err(),
        ] {
            let refusal = refusal.expect(word);
            assert_eq!(refusal.trouble, Trouble::Unsupported, "{word}");
            assert_eq!(refusal.pointer.as_deref(), Some("/entitlement_id"));
        }
    }
    assert!(devo.changes().is_empty());
}

#[tokio::test]
async fn a_role_keeps_its_key_when_it_is_renamed_behind_our_back() {
    let devo = Devo::start().await;
    let rename = Drift {
        op: DriftOp::Change,
        kind: "role".to_owned(),
        id: Some("reviewer".to_owned()),
        value: json!({ "name": "auditor" }),
    };
    devo.stand.vendor.drift(&[rename]).unwrap();
    assert!(devo.holds(ADA, "reviewer").await, "under its new name");
    assert_eq!(devo.revoke(ADA, "reviewer").await.unwrap(), Effect::Deleted);
    assert_eq!(devo.held(ADA), ["NO_PRIVILEGES"]);
    devo.grant(BRUNO, "reviewer").await.unwrap();
    assert_eq!(devo.held(BRUNO), ["auditor"]);
}

#[tokio::test]
async fn what_is_gone_holds_and_is_held_by_nothing() {
    let devo = Devo::start().await;
    let remove = |kind: &str, id: &str| Drift {
        op: DriftOp::Remove,
        kind: kind.to_owned(),
        id: Some(id.to_owned()),
        value: Value::Null,
    };
    let drifts = [remove("account", ADA), remove("role", "Security Analyst")];
    devo.stand.vendor.drift(&drifts).unwrap();
    for (email, word, pointer) in [
        (ADA, "reviewer", "/account_id"),
        (ELIF, "Security Analyst", "/entitlement_id"),
    ] {
        assert!(!devo.holds(email, word).await);
        assert_eq!(devo.revoke(email, word).await.unwrap(), Effect::Noop);
        let refusal = devo.grant(email, word).await.unwrap_err();
        assert_eq!(refusal.trouble, Trouble::NotFound);
        assert_eq!(refusal.pointer.as_deref(), Some(pointer));
    }
    let reader = devo.stand.adapter.entitlement_reader().unwrap();
    let gone = &devo.pair(ELIF, "Security Analyst").entitlement.external_key;
    let found = reader.find_entitlement(&devo.stand.reading(), gone).await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test]
async fn the_key_of_the_body_is_a_setting() {
    let set = |connection: &mut Value| {
        connection["settings"]["roles_body_key"] = json!("roleNames");
    };
    let devo = Devo::with(&[("roles_body_key", "roleNames")], set).await;
    devo.grant(ADA, "Security Analyst").await.unwrap();
    assert_eq!(devo.held(ADA), ["reviewer", "Security Analyst"]);

    let devo = Devo::with(&[], set).await;
    let refusal = devo.grant(ADA, "Security Analyst").await.unwrap_err();
    assert_eq!(refusal.trouble, Trouble::Rejected);
    assert_eq!(devo.held(ADA), ["reviewer"]);
}

#[tokio::test]
async fn credentials_that_do_not_work_prove_nothing() {
    let devo = Devo::with(&[("bad_signature_status", "404")], |_| {}).await;
    let broken = Stand::start(DEVO, &[("bad_signature_status", "404")], |connection| {
        connection["credentials"]["api_secret"] = json!("another-secret");
    })
    .await;
    let pair = devo.pair(ADA, "reviewer");
    let reader = broken.adapter.grant_reader().unwrap();
    let error = reader
        .find_grant(&broken.reading(), pair)
        .await
        .unwrap_err();
    assert_eq!(error.trouble, Trouble::AuthFailed);
    let reader = broken.adapter.entitlement_reader().unwrap();
    let key = &pair.entitlement.external_key;
    let error = reader.find_entitlement(&broken.reading(), key).await;
    assert_eq!(error.unwrap_err().trouble, Trouble::AuthFailed);
}

#[tokio::test]
async fn a_pair_of_another_domain_is_refused() {
    let devo = Devo::start().await;
    let mut account = devo.pair(ADA, "reviewer").account.clone();
    account.external_key = ExternalKey::new(&["beta@parent", ADA]);
    let mut entitlement = devo.pair(ADA, "reviewer").entitlement.clone();
    entitlement.external_key = ExternalKey::new(&["role", "beta@parent", "334"]);
    let granter = devo.stand.adapter.granter().unwrap();
    let here = devo.pair(ADA, "reviewer");
    for (pair, pointer) in [
        (
            Pair {
                account: &account,
                ..here
            },
            "/account_id",
        ),
        (
            Pair {
                entitlement: &entitlement,
                ..here
            },
            "/entitlement_id",
        ),
    ] {
        let refusal = granter.prepare_grant(pair).unwrap_err();
        assert_eq!(refusal.pointer.as_deref(), Some(pointer));
    }
}

/// The catalogue and the simulator were written apart; here they must agree.
#[tokio::test]
async fn the_simulator_has_a_path_for_every_documented_operation() {
    let quirks = [("domain", "acme"), ("auth", "bearer")];
    let stand = Stand::start(DEVO, &quirks, |_| {}).await;
    let connection = stand.vendor.connection(DEVO.variant).unwrap();
    let token = connection["credentials"]["token"].as_str().unwrap();
    let mut walked = 0;
    let vendor = iam_gateway::adapters::vendor("devo").unwrap();
    for one in vendor.operations.iter().copied().flatten() {
        let root = if one.api == "provisioning" {
            "/probio"
        } else {
            ""
        };
        let path = one.path.replace("{domain}", "acme").replace("{d}", "acme");
        let path = path.replace("{a}", "acme").replace("{p}", "child");
        let path = path.replace(['{', '}'], "");
        let method = Method::from_bytes(one.method.as_bytes()).unwrap();
        let answer = reqwest::Client::new()
            .request(method, format!("{}{root}{path}", stand.vendor.url))
            .bearer_auth(token)
            .body("{}")
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        assert!(![401, 404, 405].contains(&status), "{}: {status}", one.id);
        walked += 1;
    }
    assert_eq!(walked, 52);
}
