//! Two replicas on one PostgreSQL: each the real program, sharing the work and agreeing on who may call.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use iam_gateway::simulators::Fault;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{Client, Database, LUNA, Serve, Simulate, eventually, keys};

/// Two replicas, the vendor, and an administrator at each.
struct Pair {
    database: Database,
    luna: Simulate,
    _replicas: [Serve; 2],
    admins: [Client; 2],
}

impl Pair {
    async fn start(environment: &[(&str, &str)]) -> Self {
        let database = Database::create().await;
        let luna = Simulate::start(LUNA).await;
        let key = keys::mint_for(&database).await;
        let replicas = [
            Serve::start(database.url(), environment).await,
            Serve::start(database.url(), environment).await,
        ];
        let admins = [0, 1].map(|number: usize| replicas[number].client().with_key(&key));
        Self {
            database,
            luna,
            _replicas: replicas,
            admins,
        }
    }

    async fn connect(&self, name: &str, every: u32) {
        let mut body = self.luna.connection_body(LUNA).await;
        body["name"] = json!(name);
        body["sync_every_seconds"] = json!(every);
        let made = self.admins[0].post("/v1/connections", body).await;
        made.expect(201);
    }

    /// How often the listing was asked for.
    async fn listings(&self) -> usize {
        let requests = self.luna.control.requests().await;
        let lists =
            |request: &&Value| request["method"] == "GET" && request["path"] == "/1/accounts";
        requests.iter().filter(lists).count()
    }

    async fn delay(&self, rule: iam_gateway::simulators::Rule) {
        self.luna.control.faults(json!([rule.times(0)])).await;
    }

    async fn close(self) {
        drop(self._replicas);
        self.database.remove().await;
    }
}

const SLOW: Fault = Fault::DelayMs { value: 250 };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_is_asked_of_both_runs_once() {
    let pair = Pair::start(&[]).await;
    pair.connect("luna", 0).await;
    pair.delay(LUNA.on_list(SLOW)).await;
    const ROUNDS: usize = 4;
    for round in 1..=ROUNDS {
        let path = "/v1/connections/luna/sync";
        let [one, other] = &pair.admins;
        let (one, other) = tokio::join!(
            one.post(path, Value::Null).send(),
            other.post(path, Value::Null).send()
        );
        let answers = [one.expect("an answer"), other.expect("an answer")];
        let mut statuses = answers.each_ref().map(|answer| answer.status.as_u16());
        statuses.sort();
        assert_eq!(statuses, [202, 409], "{answers:?}");
        eventually("the end of the run", async || {
            // Either replica knows.
            let runs = pair.admins[round % 2]
                .get("/v1/connections/luna/syncs")
                .await;
            let runs = runs.expect(200);
            let runs = runs["items"].as_array().expect("items");
            assert_eq!(runs.len(), round);
            runs.iter()
                .all(|run| run["status"] == "complete")
                .then_some(())
        })
        .await;
        // A page of accounts and one of grants, which the vendor shows in one listing.
        assert_eq!(pair.listings().await, 2 * round, "each page is read once");
    }
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn schedules_that_are_due_are_shared() {
    const CONNECTIONS: usize = 8;
    let pair = Pair::start(&[("IAM_GATEWAY_SYNC_WORKERS", "1")]).await;
    for number in 0..CONNECTIONS {
        pair.connect(&format!("luna-{number}"), 0).await;
    }
    pair.delay(LUNA.on_list(SLOW)).await;
    sqlx::query(
        "update connections set sync_every_seconds = 3600, sync_due_at = clock_timestamp()",
    )
    .execute(pair.database.sql())
    .await
    .expect("due");
    let runs = eventually("every run's end", async || {
        let runs: Vec<(String, i32, uuid::Uuid, uuid::Uuid)> = sqlx::query_as(
            "select status, attempts, owner, connection_id from sync_runs where owner is not null",
        )
        .fetch_all(pair.database.sql())
        .await
        .expect("runs");
        let ended = runs.iter().filter(|(status, ..)| status == "complete");
        (ended.count() == CONNECTIONS).then_some(runs)
    })
    .await;
    assert_eq!(runs.len(), CONNECTIONS, "none twice");
    assert!(runs.iter().all(|(_, attempts, ..)| *attempts == 1));
    let connections: BTreeSet<_> = runs.iter().map(|(.., connection)| connection).collect();
    assert_eq!(connections.len(), CONNECTIONS);
    let owners: BTreeSet<_> = runs.iter().map(|(_, _, owner, _)| owner).collect();
    assert_eq!(owners.len(), 2, "one of them did it all");
    assert_eq!(pair.listings().await, 2 * CONNECTIONS);
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operations_that_are_due_are_shared() {
    const CREATIONS: usize = 12;
    let pair = Pair::start(&[("IAM_GATEWAY_OPERATIONS_PER_CONNECTION", "1")]).await;
    pair.connect("luna", 0).await;
    pair.delay(LUNA.on_create(SLOW)).await;
    // All are asked of one replica, which has room for one at a time.
    for number in 0..CREATIONS {
        let asked = pair.admins[0].post(
            "/v1/accounts",
            LUNA.new_account(&format!("shared{number:02}")),
        );
        asked.respond_async().await.expect(202);
    }
    let done = eventually("every operation's end", async || {
        let done: Vec<(String, i32, i32, uuid::Uuid)> = sqlx::query_as(
            "select status, sends, attempts, owner from operations where owner is not null",
        )
        .fetch_all(pair.database.sql())
        .await
        .expect("operations");
        let ended = done.iter().filter(|(status, ..)| status == "succeeded");
        (ended.count() == CREATIONS).then_some(done)
    })
    .await;
    assert!(done.iter().all(|(_, sends, ..)| *sends == 1), "{done:?}");
    let owners: BTreeSet<_> = done.iter().map(|(.., owner)| owner).collect();
    assert_eq!(owners.len(), 2, "one of them did it all");
    let effects = pair.luna.control.effects().await;
    let subjects: BTreeSet<&str> = effects
        .iter()
        .map(|effect| text(&effect["subject"]))
        .collect();
    assert_eq!((effects.len(), subjects.len()), (CREATIONS, CREATIONS));
    pair.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_one_revokes_the_other_refuses() {
    let pair = Pair::start(&[]).await;
    let [one, other] = &pair.admins;
    for _ in 0..3 {
        let body = json!({"name": "short-lived", "scopes": ["accounts:read"]});
        let made = one.post("/v1/api-keys", body).await.expect(201);
        let callers = [one, other].map(|admin| admin.with_key(text(&made["secret"])));
        for caller in &callers {
            caller.get("/v1/accounts").await.expect(200);
        }
        let path = format!("/v1/api-keys/{}", text(&made["id"]));
        one.delete(&path).await.expect(204);
        let revoked = Instant::now();
        let refused = eventually("a refusal", async || {
            let answer = callers[1].get("/v1/accounts").await;
            (answer.status == 401).then_some(revoked.elapsed())
        })
        .await;
        eprintln!("refused by the other replica after {refused:?}");
        assert!(refused < Duration::from_secs(1), "{refused:?}");
        callers[0]
            .get("/v1/accounts")
            .await
            .problem(401, "unauthenticated");
    }
    pair.close().await;
}
