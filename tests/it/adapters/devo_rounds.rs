//! Two roles for one user at the same moment, over two replicas: Devo replaces the whole set with each, and both are there.
//!
//! `cargo test` goes a few rounds; `CHAOS=full cargo test --test it devo_rounds -- --nocapture` goes 500.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{
    Client, DEVO, DEVO_MULTITENANT, Database, Serve, Simulate, Vendor, eventually, keys,
};

const BRUNO: &str = "bruno.keller@example.org";
const ROLES: [&str; 2] = ["reviewer", "Security Analyst"];

struct Scene {
    vendor: Vendor,
    database: Database,
    devo: Simulate,
    _replicas: [Serve; 2],
    admins: [Client; 2],
}

impl Scene {
    async fn start(vendor: Vendor) -> Self {
        let database = Database::create().await;
        let devo = Simulate::start(vendor).await;
        // What must be there before, between and after.
        let pilot = json!([
            {"op": "add", "kind": "role", "id": "pilot"},
            {"op": "add", "kind": "grant", "value": {"email": BRUNO, "role": "pilot"}},
            {"op": "remove", "kind": "grant", "value": {"email": BRUNO, "role": "NO_PRIVILEGES"}}
        ]);
        devo.control.drift(pilot).await;
        let key = keys::mint_for(&database).await;
        let replicas = [
            Serve::start(database.url(), &[]).await,
            Serve::start(database.url(), &[]).await,
        ];
        let admins = [0, 1].map(|number: usize| replicas[number].client().with_key(&key));
        let connection = devo.connection_body(vendor).await;
        admins[0]
            .post("/v1/connections", connection)
            .await
            .expect(201);
        let path = format!("/v1/connections/{}", vendor.connection);
        let sync = format!("{path}/sync");
        admins[0].post(&sync, Value::Null).await.expect(202);
        eventually("a sync's end", async || {
            let runs = admins[0].get(&format!("{path}/syncs")).await.expect(200);
            (runs["items"][0]["status"] == "complete").then_some(())
        })
        .await;
        Self {
            vendor,
            database,
            devo,
            _replicas: replicas,
            admins,
        }
    }

    /// The account or role, of those in this resource where several are called so.
    async fn of_name(&self, noun: &str, external_id: &str, at: Option<&Value>) -> Value {
        let path = format!(
            "/v1/{noun}?connection_id={}&limit=1000",
            self.vendor.connection
        );
        let page = self.admins[0].get(&path).await.expect(200);
        let mut items = page["items"].as_array().expect("items").iter();
        let found = items.find(|one| {
            one["external_id"] == external_id && at.is_none_or(|at| one["resource_id"] == *at)
        });
        found.expect(external_id).clone()
    }

    /// What Devo holds for the user, sorted.
    async fn held(&self) -> Vec<String> {
        let state = self.devo.control.state().await;
        let users = state["accounts"].as_array().expect("accounts");
        let user = users.iter().find(|user| user["email"] == BRUNO);
        let roles = user.expect(BRUNO)["roleList"].clone();
        let mut roles: Vec<String> = serde_json::from_value(roles).expect("words");
        roles.sort();
        roles
    }

    /// The grant that a creation led to, now or when its operation has ended.
    async fn granted(&self, replica: usize, body: Value) -> Value {
        let admin = &self.admins[replica];
        let answer = admin.post("/v1/grants", body.clone()).await;
        if answer.status == 201 {
            return answer.json()["id"].clone();
        }
        self.ended(replica, &answer.expect(202)).await;
        // What is held already is success.
        admin.post("/v1/grants", body).await.expect(201)["id"].clone()
    }

    async fn revoked(&self, replica: usize, id: &Value) {
        let path = format!("/v1/grants/{}", text(id));
        let answer = self.admins[replica].delete(&path).await;
        if answer.status != 204 {
            self.ended(replica, &answer.expect(202)).await;
        }
    }

    /// Waits for an operation's end, however busy the machine is: speed is not what this is about.
    async fn ended(&self, replica: usize, operation: &Value) {
        let path = format!("/v1/operations/{}", text(&operation["id"]));
        let deadline = Instant::now() + Duration::from_secs(300);
        loop {
            let operation = self.admins[replica].get(&path).await.expect(200);
            match text(&operation["status"]) {
                "succeeded" => return,
                "pending" | "running" => {}
                _ => panic!("it did not succeed: {operation:#}"),
            }
            assert!(Instant::now() < deadline, "it does not end: {operation:#}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_roles_for_one_user_at_the_same_moment_are_both_there() {
    both_are_there(DEVO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_roles_for_one_user_of_a_multitenant_are_both_there() {
    both_are_there(DEVO_MULTITENANT).await;
}

async fn both_are_there(vendor: Vendor) {
    let rounds = match std::env::var("CHAOS").as_deref() {
        Ok("full") => 500,
        _ => 5,
    };
    let scene = Scene::start(vendor).await;
    let account = scene.of_name("accounts", BRUNO, None).await;
    let domain = &account["resource_id"];
    let mut bodies = Vec::new();
    for role in ROLES {
        let role = scene.of_name("entitlements", role, Some(domain)).await;
        bodies.push(json!({ "account_id": account["id"], "entitlement_id": role["id"] }));
    }
    let started = Instant::now();
    for round in 0..rounds {
        // Neither replica is always the first with the same role.
        let (here, there) = (round % 2, (round + 1) % 2);
        let (one, other) = tokio::join!(
            scene.granted(here, bodies[0].clone()),
            scene.granted(there, bodies[1].clone()),
        );
        assert_eq!(
            scene.held().await,
            ["Security Analyst", "pilot", "reviewer"],
            "round {round}"
        );
        tokio::join!(scene.revoked(there, &one), scene.revoked(here, &other));
        assert_eq!(scene.held().await, ["pilot"], "round {round}");
    }
    let effects = scene.devo.control.effects().await.len();
    assert_eq!(effects, rounds * 4, "each act changed something once");
    eprintln!(
        "{}: {rounds} rounds of two grants and two revokes over two replicas: both roles there every time, {effects} changes at the vendor, in {:?}",
        vendor.variant,
        started.elapsed()
    );
    drop(scene._replicas);
    scene.database.remove().await;
}
