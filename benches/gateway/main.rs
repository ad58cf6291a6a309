//! How fast the gateway is, as ratios taken in one run: `cargo bench`. Takes some minutes and asserts no times;
//! `BENCH_ACCOUNTS=20000 cargo bench` takes fewer than the 200,000 accounts.
//!
//! - page 1,000 of a list of accounts against its first page: keyset paging should make them alike;
//! - an account created through the ledger against the bare call to the simulator: what proof costs;
//! - requests per second on loopback, of `/livez` and of a page of 100 accounts;
//! - readings through to a vendor while another connection of it hangs against while none does: one's trouble stays its own;
//! - a sync of a slow vendor against its pages × latency: the next page is asked for while one is written;
//! - a sync of all those accounts by `serve` beside `simulate`: how long, and in how much memory.
//!
//! Both sides of a ratio take turns, so that a busy machine slows both.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod hang;
mod programs;
mod stage;
mod sync;
mod times;

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use stage::Stage;
use times::{Times, ratio};

const ACCOUNTS: i32 = 200_000;
/// The deep page, of 100 accounts.
const DEEP_PAGE: usize = 1000;
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
    let accounts = match std::env::var("BENCH_ACCOUNTS") {
        Ok(text) => text.parse().context("BENCH_ACCOUNTS is a number")?,
        Err(_) => ACCOUNTS,
    };
    let stage = Stage::open(accounts).await?;
    pages(&stage).await?;
    creations(&stage).await?;
    for path in ["/livez", "/v1/accounts?limit=100"] {
        load(&stage, path).await?;
    }
    sync::slow_vendor(&stage).await?;
    hang::beside_a_hanging_one(&stage).await?;
    sync::many_accounts(&stage, accounts).await?;
    stage.close().await
}

/// The first page against page 1,000, or the last one where there are fewer.
async fn pages(stage: &Stage) -> anyhow::Result<()> {
    let mut cursor = String::new();
    let mut number = 1;
    while number < DEEP_PAGE {
        // Ten pages of 100 at a time, as far as that goes.
        let skipped = (DEEP_PAGE - number).min(10);
        let page = stage
            .get(&format!("/v1/accounts?limit={}{cursor}", skipped * 100))
            .await?;
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
        number += skipped;
    }
    ensure!(number > 1, "one page is not deep");
    let deep = format!("/v1/accounts?limit=100{cursor}");
    let (mut first, mut last) = (Times::default(), Times::default());
    for _ in 0..PAGES {
        first.take(stage.get("/v1/accounts?limit=100")).await?;
        last.take(stage.get(&deep)).await?;
    }
    report("list, first page of 100", &first);
    report(&format!("list, page {number}"), &last);
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
