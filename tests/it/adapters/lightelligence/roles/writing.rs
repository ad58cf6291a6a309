//! What is given and taken, and what is refused.

use super::*;

#[tokio::test]
async fn one_role_is_given_and_taken_and_the_others_stay() {
    let stand = stand().await;
    let ada = user(&stand, ADA).await;
    let writer = entitlement(&stand, "writer").await;
    assert_eq!(found(&stand, &ada, &writer).await, Ok(None));
    let given = grant(&stand, &ada, &writer).await.unwrap();
    assert_eq!(given.effect, Effect::Created);
    let shown = given.value.expect("the grant");
    assert_eq!(found(&stand, &ada, &writer).await, Ok(Some(shown.clone())));
    assert_eq!(
        roles_of(&stand, ADA),
        BTreeSet::from(["reader", "writer"].map(str::to_owned))
    );
    assert_eq!(stand.marks()[0]["roles"].as_array().unwrap().len(), 1);

    let again = grant(&stand, &ada, &writer).await.unwrap();
    assert_eq!((again.effect, again.value), (Effect::Noop, Some(shown)));
    assert_eq!(called(&stand, "PUT").len(), 1, "nothing was sent");

    assert_eq!(
        revoke(&stand, &ada, &writer).await.unwrap().effect,
        Effect::Deleted
    );
    assert_eq!(roles_of(&stand, ADA), BTreeSet::from(["reader".to_owned()]));
    assert_eq!(
        revoke(&stand, &ada, &writer).await.unwrap().effect,
        Effect::Noop
    );
    assert_eq!(stand.vendor.effects().len(), 2);
}

#[tokio::test]
async fn the_deprecated_calls_are_made_only_when_they_are_asked_for() {
    for (stand, is_old) in [(stand().await, false), (old_stand().await, true)] {
        let ada = user(&stand, ADA).await;
        let writer = entitlement(&stand, "writer").await;
        grant(&stand, &ada, &writer).await.unwrap();
        assert_eq!(roles_of(&stand, ADA).len(), 2);
        revoke(&stand, &ada, &writer).await.unwrap();
        assert_eq!(roles_of(&stand, ADA), BTreeSet::from(["reader".to_owned()]));
        let reader = stand.adapter.entitlement_reader().unwrap();
        let read = reader
            .find_entitlement(&stand.reading(), &writer.external_key)
            .await;
        assert_eq!(read.unwrap(), Some(writer));
        for path in called(&stand, "PUT") {
            assert_eq!(path.ends_with("/roles"), !is_old, "{path}");
        }
        for path in called(&stand, "GET")
            .iter()
            .filter(|path| path.ends_with("/roles"))
        {
            let is_of_user = path.contains("/users/");
            assert!(is_of_user || path.contains("/tenants/") == is_old, "{path}");
        }
    }
}

#[tokio::test]
async fn the_deprecated_calls_keep_the_tenants_own_roles() {
    let stand = old_stand().await;
    let ada = user(&stand, ADA).await;
    let writer = entitlement(&stand, "writer").await;
    drift(
        &stand,
        json!([{"op": "add", "kind": "role", "value": {"name": "night"}}]),
    );
    drift(
        &stand,
        json!([{"op": "add", "kind": "grant", "id": ada.external_id, "value": {"roleName": "night"}}]),
    );
    grant(&stand, &ada, &writer).await.unwrap();
    let wanted = ["night", "reader", "writer"].map(str::to_owned);
    assert_eq!(roles_of(&stand, ADA), BTreeSet::from(wanted));
}

#[tokio::test]
async fn what_can_not_be_granted_is_refused_before_anything_is_asked() {
    let stand = stand().await;
    let ada = user(&stand, ADA).await;
    let newcomer = user(&stand, "newcomer@example.org").await;
    let (writer, permission) = (
        entitlement(&stand, "writer").await,
        entitlement(&stand, "Read tenant").await,
    );
    let elsewhere = EntitlementRecord {
        resource_key: Some(ExternalKey::new(&["tenant", &Uuid::nil().to_string()])),
        ..writer.clone()
    };
    let asked = stand.vendor.requests().len();
    for (account, one, trouble, pointer) in [
        (&ada, &permission, Trouble::Unsupported, "/entitlement_id"),
        (&ada, &elsewhere, Trouble::Invalid, "/entitlement_id"),
        (&newcomer, &writer, Trouble::Unsupported, "/account_id"),
    ] {
        let refusals = [
            grant(&stand, account, one).await.unwrap_err(),
            revoke(&stand, account, one).await.unwrap_err(),
        ];
        for refusal in refusals {
            let at = (refusal.trouble, refusal.pointer.as_deref());
            assert_eq!(at, (trouble, Some(pointer)), "{}", refusal.message);
        }
    }
    assert_eq!(found(&stand, &newcomer, &writer).await, Ok(None));
    assert_eq!(stand.vendor.requests().len(), asked);
    let unread = found(&stand, &ada, &permission).await.unwrap_err();
    assert_eq!(unread.trouble, Trouble::Unsupported);
}

#[tokio::test]
async fn whoever_has_left_holds_nothing_and_gets_nothing() {
    let stand = stand().await;
    let ada = user(&stand, ADA).await;
    let (reader, writer) = (
        entitlement(&stand, "reader").await,
        entitlement(&stand, "writer").await,
    );
    // Hidden for once, and still there.
    stand
        .vendor
        .faults([on("GET", &format!("{}/roles", ada.external_id), hidden())]);
    assert!(found(&stand, &ada, &reader).await.unwrap().is_some());
    drift(
        &stand,
        json!([{"op": "remove", "kind": "account", "id": ada.external_id}]),
    );
    assert_eq!(found(&stand, &ada, &reader).await, Ok(None));
    assert_eq!(
        revoke(&stand, &ada, &reader).await.unwrap().effect,
        Effect::Noop
    );
    let gone = grant(&stand, &ada, &writer).await.unwrap_err();
    assert_eq!(
        (gone.trouble, gone.effect),
        (Trouble::NotFound, SideEffect::None)
    );
    assert!(called(&stand, "PUT").is_empty());
}

#[tokio::test]
async fn a_set_that_is_accepted_and_not_kept_is_no_success() {
    let stand = stand().await;
    let ada = user(&stand, ADA).await;
    let writer = entitlement(&stand, "writer").await;
    let accepted = Fault::Status {
        code: 200,
        headers: Default::default(),
        body: Some(json!({"data": {}})),
        apply: false,
    };
    stand.vendor.faults([Rule::new(accepted).method("PUT")]);
    let error = grant(&stand, &ada, &writer).await.unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );
}

#[tokio::test]
async fn a_role_that_went_at_the_same_moment_is_told() {
    let stand = stand().await;
    let ada = user(&stand, ADA).await;
    let writer = entitlement(&stand, "writer").await;
    let slow = Fault::DelayMs { value: 300 };
    let path = format!("{}/roles", ada.external_id);
    stand.vendor.faults([on("GET", &path, slow).after(1)]);
    let meddle = async {
        eventually("the set as it was written", async || {
            (stand.vendor.effects().len() == 1).then_some(())
        })
        .await;
        drift(
            &stand,
            json!([{"op": "remove", "kind": "grant", "id": ada.external_id, "value": {"roleName": "reader"}}]),
        );
    };
    let (given, ()) = tokio::join!(grant(&stand, &ada, &writer), meddle);
    let error = given.unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Malformed, SideEffect::Unknown)
    );
    assert!(
        error.message.contains("at the same moment"),
        "{}",
        error.message
    );
}

#[tokio::test]
async fn an_owner_stays_who_is_the_last_or_the_connection_itself() {
    let stand = stand().await;
    let owner = entitlement(&stand, "owner").await;
    let login = user(&stand, "owner@example.org").await;
    let own = revoke(&stand, &login, &owner).await.unwrap_err();
    assert_eq!(own.trouble, Trouble::Conflict);
    assert!(own.message.contains("logs in as"), "{}", own.message);

    for rows in ["whole", "names", "nothing"] {
        let quirks = [("auth", "client_credentials"), ("role_rows", rows)];
        let stand = Stand::start(LIGHTELLIGENCE, &quirks, |_| {}).await;
        let owners = |all: &[AccountRecord]| {
            let keys: BTreeSet<_> = held(&stand);
            let holds = |one: &&AccountRecord| {
                keys.contains(&(one.external_key.clone(), owner.external_key.clone()))
            };
            all.iter().filter(holds).cloned().collect::<Vec<_>>()
        };
        let mut all = owners(&stand.everybody(100).await);
        assert!(all.len() > 1);
        let last = all.pop().expect("an owner");
        for one in all {
            assert_eq!(
                revoke(&stand, &one, &owner).await.unwrap().effect,
                Effect::Deleted
            );
        }
        let refused = revoke(&stand, &last, &owner).await.unwrap_err();
        assert_eq!(refused.trouble, Trouble::Conflict);
        assert!(
            refused.message.contains("last owner"),
            "{}",
            refused.message
        );
        assert_eq!(owners(&stand.everybody(100).await).len(), 1);
    }
}

#[tokio::test]
async fn acts_on_one_user_take_turns_and_those_on_owners_with_removals() {
    let stand = stand().await;
    let (owner, writer) = (
        entitlement(&stand, "owner").await,
        entitlement(&stand, "writer").await,
    );
    let (ada, boss) = (
        user(&stand, ADA).await,
        user(&stand, "owner@example.org").await,
    );
    let (granter, revoker) = (
        stand.adapter.granter().unwrap(),
        stand.adapter.revoker().unwrap(),
    );
    let pair = |account, entitlement| Pair {
        account,
        entitlement,
    };
    let turns = granter.turns_of_granting(pair(&ada, &writer));
    assert_eq!(granter.turns_of_granting(pair(&ada, &owner)), turns);
    assert_eq!(revoker.turns_of_revoking(pair(&ada, &writer)), turns);
    let removals = stand
        .adapter
        .account_deleter()
        .unwrap()
        .turns_of_removal(&ada);
    let removals = removals.expect("one word for all");
    assert_ne!(turns, removals);
    assert_eq!(revoker.turns_of_revoking(pair(&ada, &owner)), removals);
    assert_eq!(revoker.turns_of_revoking(pair(&boss, &writer)), removals);
    assert_eq!(granter.turns_of_granting(pair(&boss, &writer)), removals);
}

#[tokio::test]
async fn an_invite_offers_the_roles_that_the_account_shall_hold() {
    for (stand, member) in [(stand().await, "roles"), (old_stand().await, "roleNames")] {
        let new = NewAccount {
            operation_id: Uuid::now_v7(),
            login: None,
            email: Some("zoe@guests.example.org".to_owned()),
            display_name: None,
            given_name: None,
            family_name: None,
            kind: None,
            password: None,
            attributes: serde_json::Map::new(),
            entitlements: vec![
                entitlement(&stand, "writer").await,
                entitlement(&stand, "auditor").await,
            ],
        };
        let creator = stand.adapter.account_creator().unwrap();
        let made = creator
            .create_account(&stand.writing(), &new, &[])
            .await
            .unwrap();
        assert_eq!(made.value.attributes["roles"], json!(["auditor", "writer"]));
        let requests = stand.vendor.requests();
        let sent = requests
            .iter()
            .find(|one| one.method == "POST" && one.path.ends_with("/invites"));
        let body: Value = serde_json::from_str(&sent.unwrap().body).unwrap();
        assert_eq!(body[member].as_array().unwrap().len(), 2, "{body}");
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    }
}
