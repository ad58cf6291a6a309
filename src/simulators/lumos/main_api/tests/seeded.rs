use std::collections::HashSet;

use serde_json::Value;

use super::{held, lumos};
use crate::simulators::{
    self, Options,
    lumos::main_api::words::{ACCOUNT_STATUSES, SOURCES},
};

fn words<'a>(rows: &'a [Value], field: &str) -> HashSet<Option<&'a str>> {
    rows.iter().map(|row| row[field].as_str()).collect()
}

fn set(words: &[&'static str]) -> HashSet<Option<&'static str>> {
    words.iter().copied().map(Some).chain([None]).collect()
}

#[tokio::test]
async fn every_word_of_every_status_is_somewhere() {
    let lumos = lumos().await;
    let held = held(&lumos);
    assert_eq!(words(&held.accounts, "status"), set(ACCOUNT_STATUSES));
    assert_eq!(
        words(&held.users, "status"),
        set(&["STAGED", "ACTIVE", "SUSPENDED", "INACTIVE"])
    );
    assert_eq!(
        words(&held.accounts, "account_type"),
        HashSet::from([Some("USER"), Some("ROLE"), Some("SERVICE")])
    );
    let apps = words(&held.apps, "status");
    assert_eq!(apps.len(), 6);
    assert_eq!(
        words(&held.apps, "sync_status"),
        set(&["SYNCING", "SUCCESS", "FAILED"])
    );
    assert_eq!(
        words(&held.groups, "group_lifecycle"),
        HashSet::from([Some("SYNCED"), Some("NATIVE")])
    );
    for row in held.accounts.iter().chain(&held.apps) {
        for source in row["sources"].as_array().unwrap() {
            assert!(SOURCES.contains(&source.as_str().unwrap()), "{row}");
        }
    }
}

#[tokio::test]
async fn accounts_come_in_all_shapes() {
    let lumos = lumos().await;
    let held = held(&lumos);
    let has = |what: &str, is: &dyn Fn(&Value) -> bool| {
        assert!(held.accounts.iter().any(is), "no account {what}");
    };
    has("of a user without an e-mail", &|one| {
        one["email"].is_null() && one["user_id"].is_string()
    });
    has("of nobody with an e-mail", &|one| {
        one["email"].is_string() && one["user_id"].is_null() && one["account_type"] == "USER"
    });
    has("never logged in to", &|one| one["last_login"].is_null());
    has("discovered at an unknown time", &|one| {
        one["discovered_at"].is_null()
    });
    has("without a source", &|one| {
        one["sources"] == Value::Array(Vec::new())
    });
    let ada = &held.users[0]["id"];
    let of_ada: Vec<&Value> = held
        .accounts
        .iter()
        .filter(|one| one["user_id"] == *ada)
        .collect();
    let apps: HashSet<&str> = of_ada
        .iter()
        .filter_map(|one| one["app_id"].as_str())
        .collect();
    assert_eq!((of_ada.len(), apps.len()), (3, 3));
    assert!(
        of_ada
            .iter()
            .all(|one| one["email"] == "ada.lind@example.org")
    );
    assert!(of_ada.iter().all(|one| one["status"] == "ACTIVE"));
}

#[tokio::test]
async fn as_many_accounts_are_seeded_as_are_asked_for() {
    for count in [0, 1, 7, 1_000] {
        let options = Options {
            accounts: Some(count),
            ..Options::default()
        };
        let lumos = simulators::start("lumos", options).await.unwrap();
        let held = held(&lumos);
        assert_eq!(held.accounts.len(), count);
        assert_eq!(held.users.len(), count.div_ceil(2).max(3));
        let key = |one: &Value| {
            (
                one["app_id"].to_string(),
                one["unique_identifier"].to_string(),
            )
        };
        let keys: HashSet<_> = held.accounts.iter().map(key).collect();
        assert_eq!(keys.len(), count, "an account is one of its app");
        assert_eq!(lumos.state().accounts.len(), count);
    }
}
