//! A database that an earlier version filled goes on with this one.

use std::borrow::Cow;

use sqlx::PgPool;

use crate::support::Database;

async fn fill(sql: &PgPool) {
    for statement in [
        "insert into connections (id, name, vendor, variant, settings, credentials_kind, sync_every_seconds)
         values (gen_random_uuid(), 'old', 'luna', 'luna/accounts', '{}', 'none', 0)",
        "insert into accounts (id, connection_id, vendor, external_key, external_id, email, kind, status, attributes, raw,
             fingerprint, source)
         select gen_random_uuid(), c.id, 'luna', '[\"' || n || '\"]', n::text,
             case when n < 9 then ' Person' || n % 4 || '@Example.org ' end, 'human', 'active', '{}', '{}', '', 'sync'
         from connections c, generate_series(1, 10) as n",
        "insert into sync_runs (id, connection_id, noun, cause, status, pages, seen)
         select gen_random_uuid(), id, 'accounts', 'demand', 'running', 3, 300 from connections",
    ] {
        sqlx::query(statement).execute(sql).await.expect(statement);
    }
}

#[tokio::test]
async fn what_the_first_version_kept_is_there_after_every_migration() {
    let database = Database::create().await;
    let sql = database.sql();
    for statement in ["drop schema public cascade", "create schema public"] {
        sqlx::query(statement).execute(sql).await.expect(statement);
    }
    let every = sqlx::migrate!("./migrations");
    let mut first = sqlx::migrate!("./migrations");
    first.migrations = Cow::Owned(first.migrations.iter().take(1).cloned().collect());
    first.run(sql).await.expect("the first tables");
    fill(sql).await;
    every.run(sql).await.expect("the others");

    let (accounts, with_identity, identities): (i64, i64, i64) = sqlx::query_as(
        "select count(*), count(identity_id), count(distinct identity_id) from accounts",
    )
    .fetch_one(sql)
    .await
    .expect("counts");
    assert_eq!((accounts, with_identity, identities), (10, 8, 4));
    let emails: Vec<String> = sqlx::query_scalar("select email from identities order by email")
        .fetch_all(sql)
        .await
        .expect("addresses");
    assert_eq!(emails[0], "person0@example.org");
    // A run that was going on goes on.
    let run: (i16, i32, i64) = sqlx::query_as("select pass, pass_pages, pass_seen from sync_runs")
        .fetch_one(sql)
        .await
        .expect("the run");
    assert_eq!(run, (1, 3, 300));
    database.remove().await;
}
