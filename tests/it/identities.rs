//! Identities: one person over all connections, derived from the accounts' e-mail addresses.

use std::collections::{BTreeMap, BTreeSet};

use iam_gateway::store::Store;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{DEVO, Database, LUMOS, LUNA, TestApp, WRITABLE};
use crate::syncs::remove;

async fn with_all() -> TestApp {
    let app = TestApp::builder()
        .vendor(LUNA)
        .vendor(DEVO)
        .vendor(LUMOS)
        .start()
        .await;
    // All at once: three runs that meet the same new people.
    tokio::join!(app.synced(LUNA), app.synced(DEVO), app.synced(LUMOS));
    app
}

async fn of_email(app: &TestApp, email: &str) -> Value {
    let mut found = app
        .all(&format!("/v1/identities?limit=1000&email={email}"))
        .await;
    assert_eq!(found.len(), 1, "{email}: {found:#?}");
    found.remove(0)
}

fn vendors(identity: &Value) -> BTreeSet<&str> {
    let accounts = identity["accounts"].as_array().expect("accounts");
    accounts
        .iter()
        .map(|account| text(&account["vendor"]))
        .collect()
}

#[tokio::test]
async fn accounts_of_one_address_are_one_identity_and_no_account_is_left_out() {
    let app = with_all().await;
    let mut wanted: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    let pair = |account: &Value| {
        let word = |name: &str| text(&account[name]).to_owned();
        (word("id"), word("status"))
    };
    for account in app.all("/v1/accounts?limit=1000").await {
        if let Some(email) = account["email"].as_str() {
            let of = wanted.entry(email.trim().to_lowercase()).or_default();
            of.insert(pair(&account));
        }
    }
    let mut found = BTreeMap::new();
    for identity in app.all("/v1/identities?limit=1000").await {
        let accounts: BTreeSet<_> = identity["accounts"]
            .as_array()
            .expect("accounts")
            .iter()
            .map(pair)
            .collect();
        found.insert(text(&identity["email"]).to_owned(), accounts);
        let id: uuid::Uuid = text(&identity["id"]).parse().expect("a UUID");
        assert_eq!(id.get_version_num(), 7, "{id}");
    }
    assert_eq!(found, wanted);
    let ada = of_email(&app, "ADA.Lind@Example.org").await;
    assert_eq!(vendors(&ada), BTreeSet::from(["devo", "lumos", "luna"]));
    assert_eq!(ada["email"], "ada.lind@example.org");
    assert!(ada["changed_at"].is_string());
    app.stop().await;
}

#[tokio::test]
async fn an_identity_is_found_by_id_with_its_name() {
    let app = with_all().await;
    let listed = of_email(&app, "ada.lind@example.org").await;
    let path = format!("/v1/identities/{}", text(&listed["id"]));
    let found = app.get(&path).await;
    for field in ["id", "email", "display_name", "changed_at", "accounts"] {
        assert_eq!(found[field], listed[field], "{field}");
    }
    assert!(found["as_of"].is_string() && found["stale"] == false);
    let mut names = BTreeSet::new();
    for account in found["accounts"].as_array().expect("accounts") {
        let account = app.account(&account["id"]).await;
        names.extend(account["display_name"].as_str().map(str::to_owned));
    }
    assert!(names.contains(text(&found["display_name"])), "{names:?}");
    for unknown in ["019fffff-ffff-7fff-bfff-ffffffffffff", "nobody"] {
        let answer = app.admin().get(&format!("/v1/identities/{unknown}")).await;
        answer.problem(404, "not_found");
    }
    app.stop().await;
}

#[tokio::test]
async fn filters_narrow_and_what_is_found_is_whole() {
    let app = with_all().await;
    app.create_account(LUNA.new_account("lonely")).await;
    let all = app.all("/v1/identities?limit=1000").await;
    let at = |vendor: &'static str| {
        let there = all.iter().filter(move |one| vendors(one).contains(vendor));
        there.cloned().collect::<Vec<_>>()
    };
    let ask = async |query: &str| app.all(&format!("/v1/identities?limit=1000&{query}")).await;
    for (query, wanted) in [
        ("connection_id=luna", at("luna")),
        ("vendor=devo", at("devo")),
        ("connection_id=luna&vendor=devo", Vec::new()),
        ("changed_after=2001-01-01T00:00:00Z", all.clone()),
        ("changed_after=2101-01-01T00:00:00Z", Vec::new()),
        (
            "connection_id=devo&changed_after=2001-01-01T00:00:00Z",
            at("devo"),
        ),
        ("email_contains=%25", Vec::new()),
    ] {
        assert!(ask(query).await == wanted, "{query}");
    }
    let part = ask("email_contains=A.L").await;
    assert!(!part.is_empty() && part.len() < all.len());
    assert!(part.iter().all(|one| text(&one["email"]).contains("a.l")));
    assert!(ask("email_contains=lonely&vendor=luna").await.len() == 1);
    assert!(ask("email_contains=lonely&vendor=devo").await.is_empty());
    assert!(ask("email=nobody@example.org").await.is_empty());
    let missing = app
        .admin()
        .get("/v1/identities?connection_id=nowhere")
        .await;
    missing.problem(404, "not_found");
    app.stop().await;
}

#[tokio::test]
async fn pages_show_every_identity_once_however_the_list_is_narrowed() {
    let app = TestApp::builder()
        .vendor_of(LUNA, 90)
        .vendor_of(DEVO, 60)
        .start()
        .await;
    app.synced(LUNA).await;
    app.synced(DEVO).await;
    for narrow in [
        "",
        "&connection_id=devo",
        "&vendor=luna",
        "&email_contains=example",
    ] {
        let whole = app.all(&format!("/v1/identities?limit=1000{narrow}")).await;
        assert!(whole.len() > 50, "{narrow} proves nothing with this seed");
        for limit in [7, whole.len() - 1, whole.len()] {
            let paged = app
                .all(&format!("/v1/identities?limit={limit}{narrow}"))
                .await;
            assert!(paged == whole, "pages of {limit}, {narrow}");
        }
    }
    let page = app.get("/v1/identities?limit=2&vendor=luna").await;
    let cursor = text(&page["next_cursor"]);
    for path in [
        format!("/v1/identities?limit=2&cursor={cursor}"),
        format!("/v1/identities?limit=2&vendor=luna&email_contains=a&cursor={cursor}"),
        format!("/v1/accounts?limit=2&vendor=luna&cursor={cursor}"),
    ] {
        let answer = app.admin().get(&path).await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), ["cursor"], "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_caller_sees_of_an_identity_what_it_sees_of_the_accounts() {
    let app = with_all().await;
    app.create_account(LUNA.new_account("lonely")).await;
    let ada = of_email(&app, "ada.lind@example.org").await;
    let lonely = of_email(&app, "lonely@example.org").await;
    let devo = app.only_for(&["devo"]).await;
    let path = format!("/v1/identities/{}", text(&ada["id"]));
    let seen = devo.get(&path).await.expect(200);
    assert_eq!(vendors(&seen), BTreeSet::from(["devo"]));
    let own = app.account(&seen["accounts"][0]["id"]).await;
    assert_eq!(seen["display_name"], own["display_name"], "no foreign name");
    let path = format!("/v1/identities/{}", text(&lonely["id"]));
    devo.get(&path).await.problem(404, "not_found");
    let list = devo.get("/v1/identities?limit=1000").await.expect(200);
    let items = list["items"].as_array().expect("items");
    assert!(
        !items.is_empty()
            && items
                .iter()
                .all(|one| vendors(one) == BTreeSet::from(["devo"]))
    );
    for filter in ["email=lonely@example.org", "email_contains=lonely"] {
        let none = devo
            .get(&format!("/v1/identities?{filter}"))
            .await
            .expect(200);
        assert_eq!(none["items"], json!([]), "{filter}");
    }
    app.stop().await;
}

#[tokio::test]
async fn an_account_with_a_new_address_belongs_to_another_identity() {
    let app = with_all().await;
    let before = of_email(&app, "ada.lind@example.org").await;
    let luna = app.accounts(LUNA, "&email=ada.lind@example.org").await;
    let change = json!([{"op": "change", "kind": "account", "id": luna[0]["external_id"],
        "value": {"login": "Ada.King@example.org"}}]);
    app.drift(LUNA, change);
    app.synced(LUNA).await;
    let stayed = of_email(&app, "ada.lind@example.org").await;
    assert_eq!(stayed["id"], before["id"]);
    assert_eq!(vendors(&stayed), BTreeSet::from(["devo", "lumos"]));
    let moved = of_email(&app, "ada.king@example.org").await;
    assert_ne!(moved["id"], before["id"]);
    assert_eq!(moved["accounts"][0]["id"], luna[0]["id"]);
    // And back, by a write: to the very identity that it came from.
    let path = format!("/v1/accounts/{}", text(&luna[0]["id"]));
    let back = json!({"login": "ada.lind@example.org"});
    app.admin().patch(&path, back).await.expect(200);
    let again = of_email(&app, "ada.lind@example.org").await;
    assert_eq!(
        (&again["id"], &again["accounts"]),
        (&before["id"], &before["accounts"])
    );
    let empty = format!("/v1/identities/{}", text(&moved["id"]));
    app.admin().get(&empty).await.problem(404, "not_found");
    app.stop().await;
}

#[tokio::test]
async fn addresses_are_compared_in_lower_case_without_blanks_around_them() {
    let app = with_all().await;
    let ada = of_email(&app, "ada.lind@example.org").await;
    for (spelled, identity) in [
        ("  ADA.Lind@Example.ORG\t", Some(&ada["id"])),
        ("", None),
        ("   ", None),
    ] {
        let id: Option<uuid::Uuid> = sqlx::query_scalar(
            "update accounts set email = $1 where vendor = 'luna' and login = 'ada.lind@example.org' returning identity_id",
        )
        .bind(spelled)
        .fetch_one(app.sql())
        .await
        .expect("a row");
        let id = id.map(|id| json!(id));
        assert_eq!(id.as_ref(), identity, "{spelled:?}");
    }
    let found = of_email(&app, "%20%20ADA.lind@example.org%20").await;
    assert_eq!(found["id"], ada["id"]);
    app.stop().await;
}

#[tokio::test]
async fn what_is_deleted_shows_by_id_only_and_an_identity_keeps_its_id() {
    let app = with_all().await;
    let ada = of_email(&app, "ada.lind@example.org").await;
    let path = format!("/v1/identities/{}", text(&ada["id"]));
    let mut left = 3;
    for vendor in WRITABLE {
        let account = &app.accounts(vendor, "&email=ada.lind@example.org").await[0];
        app.drift(vendor, json!([remove(&account["external_id"])]));
        app.synced(vendor).await;
        left -= 1;
        let listed = app
            .all("/v1/identities?limit=1000&email=ada.lind@example.org")
            .await;
        let shown = listed.first().map_or(0, |one| vendors(one).len());
        assert_eq!(shown, left, "{}", vendor.name);
        assert_eq!(listed.len(), usize::from(left > 0));
        let found = app.get(&path).await;
        let accounts = found["accounts"].as_array().expect("accounts");
        let gone = accounts
            .iter()
            .filter(|account| account["status"] == "deleted");
        assert_eq!((accounts.len(), gone.count()), (3, 3 - left));
    }
    assert!(
        app.all("/v1/identities?limit=1000")
            .await
            .iter()
            .all(|one| one["id"] != ada["id"])
    );
    let back = app.create_account(LUNA.new_account("ada.lind")).await;
    let again = of_email(&app, "ada.lind@example.org").await;
    assert_eq!(again["id"], ada["id"], "who comes back is who they were");
    assert_eq!(again["accounts"][0]["id"], back["id"]);
    app.stop().await;
}

#[tokio::test]
async fn a_list_says_how_good_it_is_and_what_it_lacks() {
    let app = TestApp::builder()
        .vendor_quirk(LUMOS, "lacks", "info,list_accounts")
        .vendor(LUNA)
        .start()
        .await;
    let check = "/v1/connections/lumos-connector/check";
    app.admin().post(check, Value::Null).await.expect(200);
    let never = app.get("/v1/identities").await;
    assert_eq!(
        (&never["as_of"], &never["stale"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(never["not_covered"], json!([app.connection_id(LUMOS)]));
    app.synced(LUNA).await;
    let fresh = app.get("/v1/identities?connection_id=luna").await;
    assert!(fresh["as_of"].is_string() && fresh["stale"] == false);
    assert_eq!(fresh["not_covered"], json!([app.connection_id(LUMOS)]));
    let narrowed = app
        .admin()
        .get("/v1/identities?connection_id=lumos-connector")
        .await;
    narrowed.problem(422, "capability_not_supported");
    app.stop().await;
}

#[tokio::test]
async fn accounts_from_before_there_were_identities_have_theirs() {
    let database = Database::create().await;
    let before = "
        drop trigger accounts_find_identity on accounts;
        drop function accounts_find_identity;
        alter table accounts drop column identity_id;
        drop table identities;
        drop function identity_of, identity_email, iam_uuid_v7;
        delete from _sqlx_migrations where version = 3;
        insert into connections (id, name, vendor, variant, settings, credentials_kind, sync_every_seconds)
            values ('019a0000-0000-7000-8000-000000000000', 'old', 'luna', 'luna/accounts', '{}', 'none', 0);
        insert into accounts (id, connection_id, vendor, external_key, external_id, email, kind, status, attributes, raw,
                fingerprint, source)
            select gen_random_uuid(), '019a0000-0000-7000-8000-000000000000', 'luna', n, n, email, 'human', 'active', '{}',
                '{}', '', 'sync'
            from (values ('1', 'Ann@Example.org'), ('2', ' ann@example.org'), ('3', 'bob@example.org'), ('4', null), ('5', ' '))
                as old(n, email);
    ";
    sqlx::raw_sql(before)
        .execute(database.sql())
        .await
        .expect("the state of before");
    let store = Store::connect(database.url(), 1, 1)
        .await
        .expect("connected");
    store.migrate().await.expect("migrated");
    store.close().await;
    let found: Vec<(String, Option<String>)> = sqlx::query_as(
        "select a.external_id, i.email from accounts a left join identities i on i.id = a.identity_id order by 1",
    )
    .fetch_all(database.sql())
    .await
    .expect("rows");
    let found: Vec<(&str, Option<&str>)> = found
        .iter()
        .map(|(number, email)| (number.as_str(), email.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("1", Some("ann@example.org")),
            ("2", Some("ann@example.org")),
            ("3", Some("bob@example.org")),
            ("4", None),
            ("5", None),
        ]
    );
    database.remove().await;
}
