//! Users made, changed and given roles in one domain, while the others stay as they are.

use iam_gateway::adapters::contract::{AdapterError, Outcome, Pair, Trouble};
use iam_gateway::domain::{AccountRecord, Effect, NewAccount};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ACME, ADA, BETA, BRUNO, CLOSED, Devo, OWNER, RESEARCH};

fn new(email: &str, attributes: Value) -> NewAccount {
    NewAccount {
        operation_id: Uuid::now_v7(),
        login: None,
        email: Some(email.to_owned()),
        display_name: None,
        given_name: None,
        family_name: None,
        kind: None,
        password: None,
        attributes: attributes.as_object().unwrap().clone(),
        entitlements: Vec::new(),
    }
}

impl Devo {
    async fn create(&self, new: &NewAccount) -> Result<Outcome<AccountRecord>, AdapterError> {
        let creator = self.stand.adapter.account_creator().unwrap();
        creator.prepare_create(new)?;
        let call = self.stand.writing();
        let matches = creator.find_matches(&call, new).await?;
        let keys: Vec<_> = matches.into_iter().map(|one| one.external_key).collect();
        creator.create_account(&call, new, &keys).await
    }

    async fn grant(&self, pair: Pair<'_>) -> Result<Effect, AdapterError> {
        let granter = self.stand.adapter.granter().unwrap();
        granter.prepare_grant(pair)?;
        let given = granter.grant(&self.stand.writing(), pair).await;
        given.map(|outcome| outcome.effect)
    }
}

#[tokio::test]
async fn a_user_is_made_in_the_domain_that_is_named() {
    let devo = Devo::start().await;
    let wish = new(
        "new@example.org",
        json!({ "domain": RESEARCH, "role": "reviewer" }),
    );
    let made = devo.create(&wish).await.unwrap().value;
    assert_eq!(made.external_key.parts(), [RESEARCH, "new@example.org"]);
    let held = devo.held(RESEARCH, "new@example.org").unwrap();
    assert_eq!(held["roleList"], json!(["reviewer"]));
    assert!(devo.held(ACME, "new@example.org").is_none());
    // The same person in another domain is another account.
    let again = new("new@example.org", json!({ "domain": ACME }));
    let made = devo.create(&again).await.unwrap().value;
    assert_eq!(made.external_key.parts(), [ACME, "new@example.org"]);
    assert_eq!(devo.stand.vendor.effects().len(), 2);
    let third = devo.create(&again).await.unwrap_err();
    assert_eq!(third.trouble, Trouble::Conflict);
}

#[tokio::test]
async fn without_a_domain_that_there_is_nobody_is_made() {
    let devo = Devo::start().await;
    for (attributes, words) in [
        (json!({}), "say in which domain"),
        (json!({ "domain": "acme" }), "`name@parent`"),
        (json!({ "domain": "acme@elsewhere" }), "`name@parent`"),
        (
            json!({ "domain": "nowhere@parent" }),
            "no domain nowhere@parent",
        ),
    ] {
        let wish = new("new@example.org", attributes);
        let refusal = devo.create(&wish).await.unwrap_err();
        assert_eq!(refusal.trouble, Trouble::Invalid, "{refusal}");
        assert_eq!(refusal.pointer.as_deref(), Some("/attributes/domain"));
        assert!(refusal.message.contains(words), "{refusal}");
    }
    assert!(devo.stand.vendor.effects().is_empty() && devo.stand.marks().is_empty());
}

#[tokio::test]
async fn the_first_user_of_a_domain_is_its_owner_and_nobody_else_is() {
    let devo = Devo::start().await;
    let wish = |domain: &str, role: &str| {
        new("new@example.org", json!({ "domain": domain, "role": role }))
    };
    for (domain, role, words) in [
        (BETA, "reviewer", "its first one must be its owner"),
        (BETA, "ADMIN", "its first one must be its owner"),
        (ACME, "OWNER", "has an owner already, owner@example.org"),
    ] {
        let refusal = devo.create(&wish(domain, role)).await.unwrap_err();
        assert_eq!(refusal.trouble, Trouble::Conflict, "{refusal}");
        assert_eq!(refusal.pointer.as_deref(), Some("/attributes/role"));
        assert!(refusal.message.contains(words), "{refusal}");
    }
    assert!(devo.stand.vendor.effects().is_empty() && devo.stand.marks().is_empty());
    let made = devo.create(&wish(BETA, "owner")).await.unwrap().value;
    assert_eq!(made.attributes["owner"], true);
    let held = devo.held(BETA, "new@example.org").unwrap();
    assert_eq!(
        (&held["owner"], &held["role"]),
        (&json!(true), &json!("ADMIN"))
    );
    let next = new("next@example.org", json!({ "domain": BETA }));
    devo.create(&next).await.unwrap();
}

#[tokio::test]
async fn an_act_in_one_domain_leaves_the_others_alone() {
    let devo = Devo::start().await;
    let before = devo.held(ACME, ADA);
    let call = devo.stand.writing();
    let ada = devo.user(RESEARCH, ADA);
    let adapter = &devo.stand.adapter;

    let off = adapter.account_deactivator().unwrap();
    off.deactivate_account(&call, ada).await.unwrap();
    assert_eq!(devo.held(RESEARCH, ADA).unwrap()["status"], "inactive");
    let pair = devo.pair(RESEARCH, ADA, "ADMIN");
    let held = devo.held(RESEARCH, ADA).unwrap()["roleList"].clone();
    assert_ne!(held, json!(["ADMIN"]));
    let revoker = adapter.revoker().unwrap();
    for word in held.as_array().unwrap() {
        let word = word.as_str().unwrap();
        if word != "NO_PRIVILEGES" {
            let pair = devo.pair(RESEARCH, ADA, word);
            let gone = revoker.revoke(&devo.stand.writing(), pair, None).await;
            assert_eq!(gone.unwrap().effect, Effect::Deleted);
        }
    }
    assert_eq!(devo.grant(pair).await.unwrap(), Effect::Created);
    assert_eq!(
        devo.held(RESEARCH, ADA).unwrap()["roleList"],
        json!(["ADMIN"])
    );
    let out = adapter.account_deleter().unwrap();
    out.delete_account(&devo.stand.writing(), ada)
        .await
        .unwrap();
    assert_eq!(devo.held(RESEARCH, ADA), None);
    assert_eq!(devo.held(ACME, ADA), before);
}

#[tokio::test]
async fn a_role_of_another_domain_is_no_role_for_the_user() {
    let devo = Devo::start().await;
    let pair = Pair {
        account: devo.user(ACME, BRUNO),
        entitlement: devo.role(RESEARCH, "reviewer"),
    };
    let refusal = devo.grant(pair).await.unwrap_err();
    assert_eq!(refusal.trouble, Trouble::Invalid);
    assert_eq!(refusal.pointer.as_deref(), Some("/entitlement_id"));
    // Nor does the owner of one domain lose what comes with it.
    let revoker = devo.stand.adapter.revoker().unwrap();
    let pair = devo.pair(RESEARCH, OWNER, "ADMIN");
    let refusal = revoker.revoke(&devo.stand.writing(), pair, None).await;
    assert_eq!(refusal.unwrap_err().trouble, Trouble::Conflict);
    assert!(devo.stand.vendor.effects().is_empty());
}

#[tokio::test]
async fn acts_on_two_accounts_of_one_person_take_no_turns() {
    let devo = Devo::start().await;
    let granter = devo.stand.adapter.granter().unwrap();
    let turns = |domain, word| granter.turns_of_granting(devo.pair(domain, ADA, word));
    assert_ne!(turns(ACME, "reviewer"), turns(RESEARCH, "reviewer"));
    assert_eq!(turns(ACME, "reviewer"), turns(ACME, "Security Analyst"));
}

#[tokio::test]
async fn in_a_domain_that_is_gone_nothing_is_held_and_nothing_given() {
    let devo = Devo::start().await;
    let chiara = "chiara.moretti@example.org";
    let pair = devo.pair(CLOSED, chiara, "Security Analyst");
    devo.lose(CLOSED);
    let refusal = devo.grant(pair).await.unwrap_err();
    assert_eq!(refusal.trouble, Trouble::NotFound);
    let revoker = devo.stand.adapter.revoker().unwrap();
    let gone = revoker.revoke(&devo.stand.writing(), pair, None).await;
    assert_eq!(gone.unwrap().effect, Effect::Noop);
    let deleter = devo.stand.adapter.account_deleter().unwrap();
    let known = devo.user(CLOSED, chiara);
    let gone = deleter.delete_account(&devo.stand.writing(), known).await;
    assert_eq!(gone.unwrap().effect, Effect::Noop);
    let wish = new(chiara, json!({ "domain": CLOSED }));
    let refusal = devo.create(&wish).await.unwrap_err();
    assert_eq!(refusal.pointer.as_deref(), Some("/attributes/domain"));
    assert!(devo.stand.vendor.effects().is_empty());
}
