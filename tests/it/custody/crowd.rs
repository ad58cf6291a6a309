//! Many callers at two replicas, and one refresh token that is good for one use.

use futures_util::future::join_all;
use iam_gateway::simulators::{self, Fault, Options, Running};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

use super::{CHECK, check, end_access, healthy, on_token, out_of_order, renewals};
use crate::support::app::connection_body;
use crate::support::{Client, Database, LIGHTELLIGENCE, Serve, eventually, keys};

/// Two programs on one database, and the vendor in this process.
pub(crate) struct Pair {
    pub(crate) database: Database,
    pub(crate) simulator: Running,
    pub(crate) replicas: [Serve; 2],
    pub(crate) clients: [Client; 2],
}

impl Pair {
    pub(crate) async fn start(options: Options, environment: &[(&str, &str)]) -> Self {
        let database = Database::create().await;
        let simulator = simulators::start("lightelligence", options)
            .await
            .expect("a simulator");
        let replicas = [
            Serve::start(database.url(), environment).await,
            Serve::start(database.url(), environment).await,
        ];
        let key = keys::mint_for(&database).await;
        let clients = [0, 1].map(|n| replicas[n].client().with_key(&key));
        let body = connection_body(LIGHTELLIGENCE, &simulator, LIGHTELLIGENCE.connection);
        clients[0].post("/v1/connections", body).await.expect(201);
        Self {
            database,
            simulator,
            replicas,
            clients,
        }
    }

    /// Half of the callers at each replica; all get what they asked for.
    async fn ask_a_hundred_times(&self) {
        let all = (0..100).map(|n| check(&self.clients[n % 2]));
        let failed: Vec<Value> = join_all(all)
            .await
            .into_iter()
            .filter(|checked| checked["healthy"] != true)
            .collect();
        assert!(
            failed.is_empty(),
            "{} failed, such as {:#}",
            failed.len(),
            failed[0]
        );
    }

    /// Both replicas are started anew, and the access token that is kept has ended meanwhile.
    async fn sleep_through_the_night(&mut self, environment: &[(&str, &str)]) {
        for replica in &mut self.replicas {
            replica.program.kill_9().await;
        }
        let done = sqlx::query(
            "update connection_tokens set access_due_at = clock_timestamp() - interval '9 hours',
                 access_expires_at = clock_timestamp() - interval '8 hours'",
        )
        .execute(self.database.sql())
        .await
        .expect("an update");
        assert_eq!(done.rows_affected(), 1);
        let key = keys::mint_for(&self.database).await;
        for (replica, client) in self.replicas.iter_mut().zip(&mut self.clients) {
            *replica = Serve::start(self.database.url(), environment).await;
            *client = replica.client().with_key(&key);
        }
    }

    /// How often a refresh token was shown that had been used already.
    fn stale_tokens(&self) -> i64 {
        let sessions = self.simulator.state().tokens;
        sessions
            .iter()
            .filter_map(|session| session["stale"].as_i64())
            .sum()
    }

    pub(crate) async fn stop(self) {
        drop(self.replicas);
        self.database.remove().await;
    }
}

pub(super) const PATIENT: [(&str, &str); 2] = [
    ("IAM_GATEWAY_ATTEMPT_SECONDS", "8"),
    ("IAM_GATEWAY_CONNECTION_CONCURRENCY", "32"),
];

#[tokio::test]
async fn a_hundred_callers_at_two_replicas_cost_one_renewal() {
    let pair = Pair::start(Options::default(), &PATIENT).await;
    pair.ask_a_hundred_times().await;
    assert_eq!(renewals(&pair.simulator).len(), 1, "nobody had a token");
    end_access(&pair.simulator);
    pair.ask_a_hundred_times().await;
    assert_eq!(renewals(&pair.simulator).len(), 2, "nobody had a good one");
    assert_eq!(pair.stale_tokens(), 0);
    pair.stop().await;
}

#[tokio::test]
async fn a_token_that_ended_in_the_night_costs_one_renewal_though_the_identity_provider_stumbles() {
    let mut pair = Pair::start(Options::default(), &PATIENT).await;
    healthy(&pair.clients[0]).await;
    pair.sleep_through_the_night(&PATIENT).await;
    pair.simulator.faults([on_token(out_of_order()).times(1)]);
    pair.ask_a_hundred_times().await;
    let answers: Vec<_> = renewals(&pair.simulator)
        .into_iter()
        .map(|renewal| renewal.status)
        .collect();
    assert_eq!(answers, [Some(200), Some(500), Some(200)]);
    assert_eq!(pair.stale_tokens(), 0);
    pair.stop().await;
}

#[tokio::test]
async fn a_replica_that_was_killed_while_it_renewed_holds_nobody_up_for_long() {
    let options = Options::default().with_quirk("rotation", "off");
    let mut pair = Pair::start(options, &[("IAM_GATEWAY_ATTEMPT_SECONDS", "5")]).await;
    pair.simulator
        .faults([on_token(Fault::DelayMs { value: 60_000 })]);
    let client = pair.clients[0].clone();
    let asking = tokio::spawn(async move { client.post(CHECK, Value::Null).await });
    eventually("the renewal on its way", async || {
        (renewals(&pair.simulator).len() == 1).then_some(())
    })
    .await;
    let held: i64 = sqlx::query_scalar(
        "select count(*) from connection_tokens where lease_until > clock_timestamp()",
    )
    .fetch_one(pair.database.sql())
    .await
    .expect("a count");
    assert_eq!(held, 1, "it renews under a lease");
    pair.replicas[0].program.kill_9().await;
    let _ = asking.await;
    let started = Instant::now();
    healthy(&pair.clients[1]).await;
    assert!(
        started.elapsed() < Duration::from_secs(15),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(renewals(&pair.simulator).len(), 2);
    pair.stop().await;
}
