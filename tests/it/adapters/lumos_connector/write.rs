//! Creating, changing, switching and deleting, and what an unclear answer is worth.

use iam_gateway::adapters::contract::{Shown, SideEffect, Trouble};
use iam_gateway::domain::{AccountChange, AccountStatus, Effect};
use iam_gateway::simulators::{Fault, Rule};
use serde_json::json;

use super::{Lumos, person};

#[tokio::test]
async fn an_account_lives_from_create_to_delete() {
    for created_id in ["given", "null"] {
        let lumos = Lumos::with(&[("created_id", created_id)]).await;
        let zoe = lumos.create(&person("zoe@example.org")).await.unwrap();
        assert_eq!(zoe.login.as_deref(), Some("zoe"), "{created_id}");
        assert_eq!(zoe.status, AccountStatus::Active);
        assert_eq!(zoe.attributes["cost_center"], 4711);
        assert_eq!(
            lumos.find(&zoe.external_key).await.unwrap(),
            Some(zoe.clone())
        );

        let change = AccountChange {
            given_name: Some(None),
            family_name: Some(Some("Falk".into())),
            attributes: json!({"cost_center": null}).as_object().unwrap().clone(),
            ..AccountChange::default()
        };
        let updater = lumos.adapter.account_updater().unwrap();
        let call = lumos.writing();
        let changed = updater.update_account(&call, &zoe, &change).await.unwrap();
        assert_eq!(changed.effect, Effect::Updated);
        assert_eq!(changed.value.display_name.as_deref(), Some("Falk"));
        let reading = lumos.reading();
        let shown = updater.shows_update(&reading, &changed.value, &change);
        assert_eq!(shown.await.unwrap(), Shown::Yes);

        let deactivator = lumos.adapter.account_deactivator().unwrap();
        let activator = lumos.adapter.account_activator().unwrap();
        for effect in [Effect::Updated, Effect::Noop] {
            let call = lumos.writing();
            let off = deactivator.deactivate_account(&call, &zoe).await.unwrap();
            assert_eq!(off.effect, effect);
            assert_eq!(off.value.unwrap().status, AccountStatus::Suspended);
        }
        let call = lumos.writing();
        let on = activator.activate_account(&call, &zoe).await.unwrap();
        assert_eq!(on.value.unwrap().status, AccountStatus::Active);

        let deleter = lumos.adapter.account_deleter().unwrap();
        for effect in [Effect::Deleted, Effect::Noop] {
            let gone = deleter
                .delete_account(&lumos.writing(), &zoe)
                .await
                .unwrap();
            assert_eq!(gone.effect, effect);
        }
        assert_eq!(lumos.find(&zoe.external_key).await.unwrap(), None);
        assert_eq!(
            lumos.effects(),
            [
                "create_account",
                "update_account",
                "deactivate_account",
                "activate_account",
                "delete_account"
            ]
        );
        assert_eq!(lumos.marks()[0], json!({"matches": []}));
    }
}

#[tokio::test]
async fn a_name_that_is_there_is_a_conflict_even_where_the_connector_would_not_mind() {
    let lumos = Lumos::with(&[("duplicates", "allowed")]).await;
    let error = lumos
        .create(&person("ADA.lind@example.org"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Conflict, SideEffect::None)
    );
    assert!(lumos.marks().is_empty());
}

#[tokio::test]
async fn what_the_connector_cannot_keep_is_refused_before_anything_is_sent() {
    let lumos = Lumos::start().await;
    let mut named = person("zoe@example.org");
    named.display_name = Some("Zoe".into());
    let mut homeless = person("zoe@example.org");
    homeless.attributes.remove("department");
    let mut wrong = person("zoe@example.org");
    wrong.attributes["department"] = "moon".into();
    for (new, trouble, pointer) in [
        (named, Trouble::Unsupported, "/display_name"),
        (homeless, Trouble::Invalid, "/attributes/department"),
        (wrong, Trouble::Invalid, "/attributes/department"),
    ] {
        let error = lumos.create(&new).await.unwrap_err();
        assert_eq!(
            (error.trouble, error.pointer.as_deref()),
            (trouble, Some(pointer))
        );
        assert_eq!(error.effect, SideEffect::None);
    }
    assert!(lumos.marks().is_empty());
    assert!(lumos.effects().is_empty());
}

#[tokio::test]
async fn an_unclear_creation_is_told_by_reading() {
    let lumos = Lumos::start().await;
    let zoe = person("zoe@example.org");
    let strike = |fault| {
        let rule = Rule::new(fault).path_contains("/create_account");
        lumos.vendor.faults([rule]);
    };
    strike(Fault::ErrorIn200 { body: None });
    let error = lumos.create(&zoe).await.unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::Unknown)
    );
    assert_eq!(lumos.matches(&zoe).await.unwrap(), []);

    strike(Fault::DropAfterApply);
    let error = lumos.create(&zoe).await.unwrap_err();
    assert_eq!(error.effect, SideEffect::Unknown);
    assert_eq!(lumos.matches(&zoe).await.unwrap().len(), 1);
    assert_eq!(lumos.effects(), ["create_account"]);
}
