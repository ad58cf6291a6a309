//! Writing copies, without a vendor: what is resolved, what comes back, and what is left alone.

use chrono::{DateTime, TimeDelta, Utc};
use iam_gateway::domain::{
    AccountKind, AccountRecord, AccountStatus, ActivityRecord, Bounds, Connections,
    EntitlementKind, EntitlementRecord, ExternalKey, Grant, GrantRecord, GrantStatus, Noun,
    ResourceRecord, ThingStatus,
};
use iam_gateway::store::{accounts, activity, copies, entitlements, grants, resources};
use serde_json::{Map, json};
use sqlx::PgConnection;
use sqlx::pool::PoolConnection;
use uuid::Uuid;

use crate::support::Database;

const VENDOR: &str = "luna";

/// A database with one connection in it.
struct Table {
    database: Database,
    sql: PoolConnection<sqlx::Postgres>,
    connection_id: Uuid,
}

impl Table {
    async fn lay() -> Self {
        let database = Database::create().await;
        let mut sql = database.sql().acquire().await.expect("a connection");
        let connection_id = sqlx::query_scalar(
            "insert into connections (id, name, vendor, variant, settings, credentials_kind, sync_every_seconds)
             values (gen_random_uuid(), 'luna', 'luna', 'luna/accounts', '{}', 'none', 0) returning id",
        )
        .fetch_one(&mut *sql)
        .await
        .expect("a row");
        Self {
            database,
            sql,
            connection_id,
        }
    }

    async fn clear(self) {
        drop(self.sql);
        self.database.remove().await;
    }

    async fn now(&mut self) -> DateTime<Utc> {
        sqlx::query_scalar("select clock_timestamp()")
            .fetch_one(&mut *self.sql)
            .await
            .expect("the time")
    }

    /// One account and one entitlement.
    async fn with_a_pair(&mut self) -> (Uuid, Uuid) {
        let asked_at = self.now().await;
        let (id, sql): (Uuid, &mut PgConnection) = (self.connection_id, &mut self.sql);
        accounts::upsert_page(sql, id, VENDOR, asked_at, &[account("ann")])
            .await
            .expect("written");
        entitlements::upsert_page(sql, id, VENDOR, asked_at, &[entitlement("reader", None)])
            .await
            .expect("written");
        let only = async |sql: &mut PgConnection, statement: &'static str| -> Uuid {
            sqlx::query_scalar(statement)
                .fetch_one(sql)
                .await
                .expect("a row")
        };
        (
            only(sql, "select id from accounts").await,
            only(sql, "select id from entitlements").await,
        )
    }

    async fn list(&mut self, asked_at: DateTime<Utc>, record: GrantRecord) -> copies::PageWritten {
        let id = self.connection_id;
        grants::upsert_page(&mut self.sql, id, VENDOR, asked_at, &[record])
            .await
            .expect("written")
    }

    async fn write(&mut self, record: &GrantRecord) -> Uuid {
        let id = self.connection_id;
        grants::upsert_written(&mut self.sql, id, VENDOR, record, "write")
            .await
            .expect("written")
    }

    async fn grant(&mut self, id: Uuid) -> Grant {
        grants::find(&mut *self.sql, &Connections::All, id, true)
            .await
            .expect("an answer")
            .expect("the grant")
    }
}

fn key(word: &str) -> ExternalKey {
    ExternalKey::new(&[word])
}

fn account(word: &str) -> AccountRecord {
    AccountRecord {
        external_key: key(word),
        external_id: word.to_owned(),
        login: Some(word.to_owned()),
        email: Some(format!("{word}@example.org")),
        display_name: None,
        given_name: None,
        family_name: None,
        kind: AccountKind::Human,
        status: AccountStatus::Active,
        vendor_status: None,
        resource_key: None,
        attributes: Map::new(),
        last_activity_at: None,
        created_at: None,
        updated_at: None,
        raw: json!({"login": word}),
        succeeds: None,
    }
}

fn resource(word: &str, parent: Option<&str>) -> ResourceRecord {
    ResourceRecord {
        external_key: key(word),
        external_id: word.to_owned(),
        parent_key: parent.map(key),
        kind: "app".to_owned(),
        name: Some(word.to_owned()),
        description: None,
        status: ThingStatus::Active,
        vendor_status: None,
        attributes: Map::new(),
        created_at: None,
        updated_at: None,
        raw: json!({}),
    }
}

fn entitlement(word: &str, at: Option<&str>) -> EntitlementRecord {
    EntitlementRecord {
        external_key: key(word),
        external_id: word.to_owned(),
        kind: EntitlementKind::Role,
        name: word.to_owned(),
        description: None,
        resource_key: at.map(key),
        assignable: true,
        requestable: false,
        exclusive_group: None,
        is_rest: false,
        bounds: Bounds {
            min: None,
            max: Some(1),
        },
        requirements: [("CREATE".to_owned(), Bounds::default())].into(),
        status: ThingStatus::Active,
        vendor_status: None,
        attributes: Map::new(),
        created_at: None,
        updated_at: None,
        raw: json!({}),
    }
}

fn held() -> GrantRecord {
    GrantRecord::held(key("ann"), key("reader"), json!({"held": true}))
}

fn report(id: &str, at: DateTime<Utc>) -> ActivityRecord {
    ActivityRecord {
        external_key: key(id),
        happened_at: at,
        action: "login".to_owned(),
        outcome: None,
        account_key: None,
        actor_email: Some("ANN@example.org".to_owned()),
        actor_name: None,
        resource_key: None,
        target: None,
        is_use: true,
        attributes: Map::new(),
        raw: json!({}),
    }
}

#[tokio::test]
async fn what_names_a_resource_finds_it_whenever_that_comes() {
    let mut table = Table::lay().await;
    let asked_at = table.now().await;
    let id = table.connection_id;
    let sql = &mut table.sql;
    let mut of_app = account("ann");
    of_app.resource_key = Some(key("app"));
    accounts::upsert_page(sql, id, VENDOR, asked_at, &[of_app])
        .await
        .expect("written");
    entitlements::upsert_page(
        sql,
        id,
        VENDOR,
        asked_at,
        &[entitlement("reader", Some("app"))],
    )
    .await
    .expect("written");
    resources::upsert_page(sql, id, VENDOR, asked_at, &[resource("part", Some("app"))])
        .await
        .expect("written");
    let named = "select (select resource_id from accounts), (select resource_id from entitlements),
        (select parent_id from resources where external_id = 'part'), (select id from resources where external_id = 'app')";
    type Named = (Option<Uuid>, Option<Uuid>, Option<Uuid>, Option<Uuid>);
    let before: Named = sqlx::query_as(named)
        .fetch_one(&mut **sql)
        .await
        .expect("a row");
    assert_eq!(before, (None, None, None, None));
    let written = resources::upsert_page(sql, id, VENDOR, asked_at, &[resource("app", None)])
        .await
        .expect("written");
    assert_eq!((written.created, written.changed), (1, 0));
    let after: Named = sqlx::query_as(named)
        .fetch_one(&mut **sql)
        .await
        .expect("a row");
    assert!(after.3.is_some());
    assert_eq!(after, (after.3, after.3, after.3, after.3));
    // The same again changes nothing.
    let written = resources::upsert_page(sql, id, VENDOR, asked_at, &[resource("app", None)])
        .await
        .expect("written");
    assert_eq!((written.created, written.changed), (0, 0));
    table.clear().await;
}

#[tokio::test]
async fn an_entitlement_comes_back_from_the_database_as_it_went() {
    let mut table = Table::lay().await;
    let (_, id) = table.with_a_pair().await;
    let found = entitlements::find(&mut *table.sql, &Connections::All, id, true)
        .await
        .expect("an answer")
        .expect("the entitlement");
    assert_eq!(found.record, entitlement("reader", None));
    let others = Connections::Only(vec![Uuid::now_v7()]);
    let hidden = entitlements::find(&mut *table.sql, &others, id, true).await;
    assert!(hidden.expect("an answer").is_none());
    table.clear().await;
}

#[tokio::test]
async fn a_grant_without_an_account_or_an_entitlement_is_counted_and_not_kept() {
    let mut table = Table::lay().await;
    table.with_a_pair().await;
    let now = table.now().await;
    for (who, what) in [("ann", "nothing"), ("nobody", "reader")] {
        let record = GrantRecord::held(key(who), key(what), json!({}));
        let written = table.list(now, record).await;
        assert_eq!((written.created, written.unresolved), (0, 1));
    }
    let written = table.list(now, held()).await;
    assert_eq!((written.created, written.unresolved), (1, 0));
    table.clear().await;
}

#[tokio::test]
async fn a_sync_leaves_a_grant_alone_that_an_operation_is_about_or_wrote_since() {
    let mut table = Table::lay().await;
    table.with_a_pair().await;
    let mut giving = held();
    giving.status = GrantStatus::Granting;
    let id = table.write(&giving).await;
    let later = table.now().await + TimeDelta::seconds(1);
    assert_eq!(table.list(later, held()).await.changed, 0);
    assert_eq!(table.grant(id).await.record.status, GrantStatus::Granting);

    let asked_at = table.now().await;
    table.write(&held()).await;
    let mut older = held();
    older.raw = json!({"older": true});
    assert_eq!(table.list(asked_at, older.clone()).await.changed, 0);
    assert_eq!(table.grant(id).await.record.raw, held().raw);
    let asked_at = table.now().await;
    assert_eq!(table.list(asked_at, older.clone()).await.changed, 1);
    assert_eq!(table.grant(id).await.record.raw, older.raw);
    table.clear().await;
}

#[tokio::test]
async fn a_grant_that_comes_back_has_its_id_and_is_nobodys() {
    let mut table = Table::lay().await;
    let (_, entitlement_id) = table.with_a_pair().await;
    let id = table.write(&held()).await;
    grants::set_managed(&mut table.sql, id, true, Some(entitlement_id))
        .await
        .expect("written");
    // As long as it is there no sync touches what is ours.
    let mut other = held();
    other.raw = json!({"other": true});
    let now = table.now().await;
    assert_eq!(table.list(now, other).await.changed, 1);
    let kept = table.grant(id).await;
    assert!(kept.managed);
    assert_eq!(kept.displaced_id, Some(entitlement_id));

    copies::tombstone(&mut table.sql, Noun::Grants, id, "write")
        .await
        .expect("written");
    let now = table.now().await;
    assert_eq!(table.list(now, held()).await.changed, 1);
    let back = table.grant(id).await;
    assert_eq!(back.record.status, GrantStatus::Active);
    assert!(!back.managed);
    assert_eq!(back.displaced_id, None);
    table.clear().await;
}

#[tokio::test]
async fn what_is_ambiguous_makes_nothing_doubtful_and_brings_back_nothing_that_we_took() {
    let mut table = Table::lay().await;
    table.with_a_pair().await;
    let mut perhaps = held();
    perhaps.ambiguous = true;
    let id = table.write(&held()).await;
    let now = table.now().await;
    table.list(now, perhaps.clone()).await;
    assert!(!table.grant(id).await.record.ambiguous);
    copies::tombstone(&mut table.sql, Noun::Grants, id, "write")
        .await
        .expect("written");
    let now = table.now().await;
    table.list(now, perhaps.clone()).await;
    assert_eq!(table.grant(id).await.record.status, GrantStatus::Deleted);
    // What went by itself may come back in doubt.
    copies::tombstone(&mut table.sql, Noun::Grants, id, "write")
        .await
        .expect("written");
    sqlx::query("update grants set source = 'sync'")
        .execute(&mut *table.sql)
        .await
        .expect("written");
    let now = table.now().await;
    table.list(now, perhaps).await;
    let shown = table.grant(id).await;
    assert_eq!(shown.record.status, GrantStatus::Active);
    assert!(shown.record.ambiguous);
    table.clear().await;
}

#[tokio::test]
async fn what_is_gone_takes_its_grants_along_but_for_one_under_way() {
    for (noun, under_way) in [
        (Noun::Accounts, false),
        (Noun::Entitlements, false),
        (Noun::Accounts, true),
    ] {
        let mut table = Table::lay().await;
        let (account_id, entitlement_id) = table.with_a_pair().await;
        let id = table.write(&held()).await;
        if under_way {
            grants::set_status(&mut table.sql, id, GrantStatus::Revoking)
                .await
                .expect("written");
        }
        let asked_at = table.now().await;
        let gone = if noun == Noun::Accounts {
            account_id
        } else {
            entitlement_id
        };
        copies::tombstone(&mut table.sql, noun, gone, "write")
            .await
            .expect("written");
        let expected = if under_way {
            GrantStatus::Revoking
        } else {
            GrantStatus::Deleted
        };
        assert_eq!(table.grant(id).await.record.status, expected, "{noun}");
        // A page from before the write does not bring it back.
        table.list(asked_at, held()).await;
        assert_eq!(table.grant(id).await.record.status, expected, "{noun}");
        table.clear().await;
    }
}

#[tokio::test]
async fn an_account_that_turns_into_another_keeps_its_grants() {
    let mut table = Table::lay().await;
    table.with_a_pair().await;
    let id = table.write(&held()).await;
    sqlx::query("update accounts set external_key = $1")
        .bind(ExternalKey::new(&["invite", "1"]).as_str())
        .execute(&mut *table.sql)
        .await
        .expect("written");
    let mut user = account("user");
    user.email = Some("ann@example.org".to_owned());
    user.succeeds = Some("invite".into());
    let (now, connection_id) = (table.now().await, table.connection_id);
    accounts::upsert_page(&mut table.sql, connection_id, VENDOR, now, &[user])
        .await
        .expect("written");
    let record = GrantRecord::held(key("user"), key("reader"), json!({}));
    let now = table.now().await;
    let written = table.list(now, record.clone()).await;
    assert_eq!((written.created, written.changed), (0, 1));
    assert_eq!(table.grant(id).await.record, record);
    table.clear().await;
}

#[tokio::test]
async fn the_last_use_of_an_account_only_rises() {
    let mut table = Table::lay().await;
    let (account_id, _) = table.with_a_pair().await;
    let id = table.connection_id;
    let noon: DateTime<Utc> = "2031-05-02T12:00:00Z".parse().expect("a time");
    let reports = [
        report("1", noon),
        report("2", noon - TimeDelta::hours(1)),
        ActivityRecord {
            is_use: false,
            ..report("3", noon + TimeDelta::hours(1))
        },
    ];
    for created in [3, 0] {
        let written = activity::write_page(&mut table.sql, id, VENDOR, &reports)
            .await
            .expect("written");
        assert_eq!(written.created, created, "a report is kept once");
    }
    let used = async |table: &mut Table| {
        let found = accounts::find(&mut *table.sql, &Connections::All, account_id, false).await;
        let found = found.expect("an answer").expect("the account");
        (found.record.last_activity_at, found.version)
    };
    assert_eq!(used(&mut table).await, (Some(noon), 2));
    let listed: i64 = sqlx::query_scalar("select count(*) from activity where account_id = $1")
        .bind(account_id)
        .fetch_one(&mut *table.sql)
        .await
        .expect("a count");
    assert_eq!(listed, 3, "the actor's address tells the account");

    // The account's own listing knows of an older use, or of none.
    let now = table.now().await;
    let mut changed = account("ann");
    changed.last_activity_at = Some(noon - TimeDelta::days(1));
    accounts::upsert_page(&mut table.sql, id, VENDOR, now, &[changed])
        .await
        .expect("written");
    assert_eq!(used(&mut table).await, (Some(noon), 3));
    let forgotten = activity::forget_before(&mut table.sql, id, noon).await;
    assert_eq!(forgotten.expect("done"), 1);
    table.clear().await;
}

/// The text of every field, the name of every member, the ends of the calendar, and as many levels as a page may have.
#[tokio::test]
async fn whatever_a_record_may_hold_can_be_stored() {
    let mut table = Table::lay().await;
    let id = table.connection_id;
    let odd = "a\0b\u{202e}\u{10ffff}\u{1}'\"\\";
    let levels = (0..98).fold(json!(odd), |inner, _| json!([inner]));
    let numbers = json!([u64::MAX, i64::MIN, 1e308, 5e-324, -0.0]);
    let raw = json!({ odd: levels, "numbers": numbers });
    let attributes = Map::from_iter([(odd.to_owned(), raw.clone())]);
    for year in ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"] {
        let at: DateTime<Utc> = year.parse().expect("a time");
        let asked_at = table.now().await;
        let text = || Some(odd.to_owned());
        let kept = AccountRecord {
            external_key: ExternalKey::new(&[odd, year]),
            external_id: odd.to_owned(),
            login: text(),
            email: text(),
            display_name: text(),
            vendor_status: text(),
            attributes: attributes.clone(),
            last_activity_at: Some(at),
            created_at: Some(at),
            updated_at: Some(at),
            raw: raw.clone(),
            ..account("odd")
        };
        let written = accounts::upsert_page(&mut table.sql, id, VENDOR, asked_at, &[kept])
            .await
            .expect("written");
        assert_eq!(written.created, 1, "{year}");
        let reported = ActivityRecord {
            external_key: ExternalKey::new(&[odd, year]),
            action: odd.to_owned(),
            actor_email: text(),
            target: text(),
            attributes: attributes.clone(),
            raw: raw.clone(),
            ..report("odd", at)
        };
        let written = activity::write_page(&mut table.sql, id, VENDOR, &[reported])
            .await
            .expect("written");
        assert_eq!(written.created, 1, "{year}");
    }
    table.clear().await;
}
