//! How fast the gateway is, as ratios taken in one run: `cargo bench`. Takes less than a minute and asserts no times.
//!
//! - a page deep in a list of 50,000 accounts against its first page: keyset paging should make them alike;
//! - an account created through the ledger against the bare call to the simulator: what proof costs;
//! - requests per second on loopback, of `/livez` and of a page of 100 accounts.
//!
//! Both sides of a ratio take turns, so that a busy machine slows both.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod stage;
mod times;

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use stage::Stage;
use times::{Times, ratio};

const ACCOUNTS: i32 = 50_000;
const PAGES: usize = 60;
const CREATIONS: usize = 60;
const LOAD: Duration = Duration::from_secs(4);
const CLIENTS: usize = 16;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // `cargo test --benches` asks for no measurement.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let stage = Stage::open(ACCOUNTS).await?;
    pages(&stage).await?;
    creations(&stage).await?;
    for path in ["/livez", "/v1/accounts?limit=100"] {
        load(&stage, path).await?;
    }
    stage.close().await
}

/// The first page against one near the end.
async fn pages(stage: &Stage) -> anyhow::Result<()> {
    let mut path = "/v1/accounts?limit=1000".to_owned();
    let (mut seen, mut deep) = (0, String::new());
    loop {
        let page = stage.get(&path).await?;
        seen += page["items"].as_array().map_or(0, Vec::len);
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/v1/accounts?limit=1000&cursor={next}");
        deep = format!("/v1/accounts?limit=100&cursor={next}");
    }
    ensure!(seen >= ACCOUNTS as usize, "only {seen} accounts are listed");
    let (mut first, mut last) = (Times::default(), Times::default());
    for _ in 0..PAGES {
        first.take(stage.get("/v1/accounts?limit=100")).await?;
        last.take(stage.get(&deep)).await?;
    }
    report("list, first page of 100", &first);
    report(
        &format!("list, page after {} accounts", seen / 1000 * 1000),
        &last,
    );
    println!("    deep / first = {:.2}", ratio(&last, &first));
    Ok(())
}

/// A creation through the gateway against the same request sent straight to the simulator.
async fn creations(stage: &Stage) -> anyhow::Result<()> {
    let (mut through, mut bare) = (Times::default(), Times::default());
    for number in 0..CREATIONS {
        let account = json!({
            "connection_id": "luna",
            "login": format!("through{number}@example.org"),
            "password": "bench-password-1",
        });
        through
            .take(stage.post(&stage.gateway, "/v1/accounts", account))
            .await?;
        let account = json!({
            "login": format!("bare{number}@example.org"),
            "password": "bench-password-1",
            "account_type": "user",
        });
        bare.take(stage.post(&stage.vendor, "/1/accounts", account))
            .await?;
    }
    report("create, bare call to the simulator", &bare);
    report("create, through the ledger", &through);
    println!(
        "    ledger / bare = {:.2}, {:.1} ms on top",
        ratio(&through, &bare),
        (through.median() - bare.median()) * 1000.0
    );
    Ok(())
}

/// Requests per second with a few clients that ask one after the other.
async fn load(stage: &Stage, path: &'static str) -> anyhow::Result<()> {
    let end = Instant::now() + LOAD;
    let clients = (0..CLIENTS).map(|_| {
        let stage = stage.clone();
        tokio::spawn(async move {
            let mut times = Times::default();
            while Instant::now() < end {
                times.take(stage.read(path)).await?;
            }
            anyhow::Ok(times)
        })
    });
    let mut all = Times::default();
    for client in clients.collect::<Vec<_>>() {
        all.join(client.await.context("a client")??);
    }
    report(&format!("GET {path}, {CLIENTS} clients"), &all);
    println!(
        "    {:.0} requests/s",
        all.count() as f64 / LOAD.as_secs_f64()
    );
    Ok(())
}

fn report(what: &str, times: &Times) {
    println!(
        "{what}: median {:.2} ms, p99 {:.2} ms ({} times)",
        times.median() * 1000.0,
        times.quantile(0.99) * 1000.0,
        times.count()
    );
}

impl Stage {
    /// `GET`, as JSON.
    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        Ok(serde_json::from_slice(&self.read(path).await?)?)
    }
}
