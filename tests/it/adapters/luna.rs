//! Luna's account types: one for each account, changed by PATCH and given back.

use iam_gateway::adapters::contract::{AdapterError, PageRequest, Pair, Trouble};
use iam_gateway::domain::{AccountRecord, Effect, EntitlementRecord, NewAccount};
use iam_gateway::simulators::{Drift, DriftOp};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::stand::Stand;
use crate::support::LUNA;

/// Of the type `user`, as most people.
const ADA: &str = "ada.lind@example.org";
/// The one `admin`.
const ROOT: &str = "root@luna.example";

struct Luna {
    stand: Stand,
    accounts: Vec<AccountRecord>,
    types: Vec<EntitlementRecord>,
}

impl Luna {
    async fn start() -> Self {
        let stand = Stand::start(LUNA, &[], |_| {}).await;
        let accounts = stand.everybody(100).await;
        let lister = stand.adapter.entitlement_lister().unwrap();
        let page = PageRequest::default();
        let types = lister.list_entitlements(&stand.reading(), &page).await;
        Self {
            accounts,
            types: types.unwrap().items,
            stand,
        }
    }

    fn entitlement(&self, word: &str) -> &EntitlementRecord {
        let found = self.types.iter().find(|one| one.external_id == word);
        found.unwrap()
    }

    fn pair<'a>(&'a self, login: &str, word: &str) -> Pair<'a> {
        let account = self
            .accounts
            .iter()
            .find(|one| one.login.as_deref() == Some(login));
        Pair {
            account: account.unwrap(),
            entitlement: self.entitlement(word),
        }
    }

    async fn grant(&self, login: &str, word: &str) -> Result<Effect, AdapterError> {
        let granter = self.stand.adapter.granter().unwrap();
        let pair = self.pair(login, word);
        granter.prepare_grant(pair)?;
        let outcome = granter.grant(&self.stand.writing(), pair).await?;
        let key = &pair.entitlement.external_key;
        assert_eq!(&outcome.value.unwrap().entitlement_key, key);
        Ok(outcome.effect)
    }

    async fn revoke(
        &self,
        login: &str,
        word: &str,
        restores: Option<&str>,
    ) -> Result<Effect, AdapterError> {
        let revoker = self.stand.adapter.revoker().unwrap();
        let pair = self.pair(login, word);
        revoker.prepare_revoke(pair)?;
        let restores = restores.map(|word| self.entitlement(word));
        let outcome = revoker.revoke(&self.stand.writing(), pair, restores).await;
        outcome.map(|outcome| outcome.effect)
    }

    async fn holds(&self, login: &str, word: &str) -> bool {
        let reader = self.stand.adapter.grant_reader().unwrap();
        let pair = self.pair(login, word);
        let found = reader.find_grant(&self.stand.reading(), pair).await;
        found.unwrap().is_some()
    }

    fn type_of(&self, login: &str) -> Value {
        let accounts = self.stand.vendor.state().accounts;
        let account = accounts.into_iter().find(|one| one["login"] == login);
        account.unwrap()["account_type"].clone()
    }
}

#[tokio::test]
async fn every_account_holds_its_type() {
    let luna = Luna::start().await;
    let lister = luna.stand.adapter.grant_lister().unwrap();
    let mut page = PageRequest {
        cursor: None,
        size: 7,
    };
    let mut seen = Vec::new();
    loop {
        let listed = lister.list_grants(&luna.stand.reading(), &page).await;
        let listed = listed.unwrap();
        assert_eq!(listed.defects, Vec::<String>::new());
        seen.extend(listed.items.iter().map(|grant| {
            let id = grant.account_key.parts().remove(0);
            json!({ "account_id": id, "account_type": grant.entitlement_key.parts()[1] })
        }));
        page.cursor = listed.next;
        if page.cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, luna.stand.vendor.state().grants);
    assert!(luna.holds(ADA, "user").await && luna.holds(ROOT, "admin").await);
    assert!(!luna.holds(ADA, "admin").await && !luna.holds(ADA, "face:view").await);
}

#[tokio::test]
async fn a_type_is_given_and_what_was_there_comes_back() {
    let luna = Luna::start().await;
    assert_eq!(luna.grant(ADA, "admin").await.unwrap(), Effect::Created);
    assert_eq!(luna.type_of(ADA), "admin");
    assert_eq!(luna.grant(ADA, "admin").await.unwrap(), Effect::Noop);
    let revoked = luna.revoke(ADA, "admin", Some("advanced_user")).await;
    assert_eq!(revoked.unwrap(), Effect::Deleted);
    assert_eq!(luna.type_of(ADA), "advanced_user");
    let again = luna.revoke(ADA, "admin", Some("user")).await;
    assert_eq!(again.unwrap(), Effect::Noop);
    luna.revoke(ADA, "advanced_user", None).await.unwrap();
    assert_eq!(luna.type_of(ADA), "user");
    assert_eq!(
        luna.stand.marks(),
        ["user", "admin", "advanced_user"].map(|word| json!({ "account_type": word }))
    );
    assert_eq!(luna.stand.vendor.effects().len(), 3);
}

#[tokio::test]
async fn a_type_does_not_push_another_one_away() {
    let luna = Luna::start().await;
    let refusal = luna.grant(ROOT, "advanced_user").await.unwrap_err();
    assert_eq!(refusal.trouble, Trouble::Conflict);
    assert!(refusal.message.contains("`admin`"), "{refusal}");
    let refusal = luna.grant(ROOT, "user").await.unwrap_err();
    assert_eq!(refusal.trouble, Trouble::Conflict);
    assert!(luna.stand.marks().is_empty());
}

#[tokio::test]
async fn what_no_account_can_be_given_is_told() {
    let luna = Luna::start().await;
    for refusal in [
        luna.grant(ADA, "face:view").await,
        luna.revoke(ADA, "face:view", None).await,
        luna.revoke(ADA, "user", None).await,
    ] {
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal.trouble, Trouble::Unsupported);
        assert_eq!(refusal.pointer.as_deref(), Some("/entitlement_id"));
    }
    assert!(
        luna.stand
            .vendor
            .requests()
            .iter()
            .all(|one| one.method == "GET")
    );
}

#[tokio::test]
async fn an_account_that_is_gone_holds_nothing() {
    let luna = Luna::start().await;
    let gone = Drift {
        op: DriftOp::Remove,
        kind: "account".to_owned(),
        id: Some(luna.pair(ADA, "user").account.external_id.clone()),
        value: Value::Null,
    };
    luna.stand.vendor.drift(&[gone]).unwrap();
    assert!(!luna.holds(ADA, "user").await);
    assert_eq!(luna.revoke(ADA, "admin", None).await.unwrap(), Effect::Noop);
    let refusal = luna.grant(ADA, "admin").await.unwrap_err();
    assert_eq!(refusal.trouble, Trouble::NotFound);
    assert_eq!(refusal.pointer.as_deref(), Some("/account_id"));
}

#[tokio::test]
async fn an_account_is_made_with_the_type_that_it_is_given() {
    let luna = Luna::start().await;
    let creator = luna.stand.adapter.account_creator().unwrap();
    let new = |words: &[&str]| NewAccount {
        operation_id: Uuid::new_v4(),
        login: Some("new@example.org".to_owned()),
        email: None,
        display_name: None,
        given_name: None,
        family_name: None,
        kind: None,
        password: Some("s3cret-pass".into()),
        attributes: serde_json::Map::new(),
        entitlements: words
            .iter()
            .map(|word| luna.entitlement(word).clone())
            .collect(),
    };
    for words in [&["admin", "user"][..], &["face:view"]] {
        let refusal = creator.prepare_create(&new(words)).unwrap_err();
        assert_eq!(
            refusal.pointer.as_deref(),
            Some("/entitlement_ids"),
            "{words:?}"
        );
    }
    let mut both = new(&["admin"]);
    both.attributes
        .insert("account_type".to_owned(), json!("user"));
    let refusal = creator.prepare_create(&both).unwrap_err();
    assert_eq!(refusal.pointer.as_deref(), Some("/attributes/account_type"));
    let (call, new) = (luna.stand.writing(), new(&["advanced_user"]));
    let made = creator.create_account(&call, &new, &[]).await;
    assert_eq!(made.unwrap().effect, Effect::Created);
    assert_eq!(luna.type_of("new@example.org"), "advanced_user");
}

/// The catalogue and the simulator were written apart; here they must agree.
#[tokio::test]
async fn the_simulator_has_a_path_for_every_documented_operation() {
    let stand = Stand::start(LUNA, &[], |_| {}).await;
    let id = stand.vendor.state().accounts[0]["account_id"].clone();
    let token = stand.vendor.state().tokens[0]["token_id"].clone();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut walked = 0;
    let vendor = iam_gateway::adapters::vendor("luna").unwrap();
    for one in vendor.operations.iter().copied().flatten() {
        let path = one.path.replace("{account_id}", id.as_str().unwrap());
        let path = path.replace("{token_id}", token.as_str().unwrap());
        let method = Method::from_bytes(one.method.as_bytes()).unwrap();
        let answer = client
            .request(method, format!("{}{path}", stand.vendor.url))
            .header("accept", "application/x-yaml")
            .body("{}")
            .send()
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.unwrap_or_default();
        assert!(
            status != 405 && body["error_code"] != 12013,
            "{}: {body}",
            one.id
        );
        walked += 1;
    }
    assert_eq!(walked, 19);
}
