//! A connection that hangs, beside another one of the same vendor.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use iam_gateway::simulators::{Fault, Rule};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::report;
use crate::stage::Stage;
use crate::times::Times;

/// Rounds, each with a quiet and a hanging phase.
const ROUNDS: usize = 8;
const PHASE: Duration = Duration::from_secs(4);
/// Clients of the connection that works.
const CLIENTS: usize = 4;
/// Callers who wait for the one that hangs.
const STUCK: usize = 64;

/// Readings through to the vendor over one connection, while another hangs and while it does not.
pub(crate) async fn beside_a_hanging_one(stage: &Stage) -> anyhow::Result<()> {
    stage.synced("luna").await?;
    let working = ids(stage, "luna").await?;
    let hanging = ids(stage, "slow").await?;
    let (mut quiet, mut beside) = (Times::default(), Times::default());
    let (mut quiet_p99, mut beside_p99) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Either comes first as often as the other.
        for hangs in [round % 2 == 0, round % 2 != 0] {
            let mut stuck = JoinSet::new();
            if hangs {
                let never = Rule::new(Fault::DelayMs { value: 600_000 }).times(0);
                stage.slow().faults([never]);
                for id in hanging.iter().cycle().take(STUCK) {
                    let (stage, path) = (stage.clone(), anew(id));
                    stuck.spawn(async move { stage.read(&path).await.map(drop) });
                }
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
            let times = phase(stage, &working).await?;
            stuck.shutdown().await;
            stage.slow().clear_faults();
            let (all, p99) = if hangs {
                (&mut beside, &mut beside_p99)
            } else {
                (&mut quiet, &mut quiet_p99)
            };
            p99.push(times.quantile(0.99));
            all.join(times);
        }
    }
    report("read through, all is well", &quiet);
    report("read through, another connection hangs", &beside);
    println!(
        "    p99 beside a hanging one / p99 = {:.2} (medians of {ROUNDS} phases each)",
        median(beside_p99) / median(quiet_p99)
    );
    Ok(())
}

async fn phase(stage: &Stage, ids: &[String]) -> anyhow::Result<Times> {
    let end = Instant::now() + PHASE;
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (stage, mut paths) = (stage.clone(), Vec::new());
        paths.extend(ids.iter().skip(number).step_by(CLIENTS).map(|id| anew(id)));
        clients.spawn(async move {
            let mut times = Times::default();
            for path in paths.iter().cycle() {
                if Instant::now() >= end {
                    break;
                }
                times.take(stage.read(path)).await?;
            }
            anyhow::Ok(times)
        });
    }
    let mut all = Times::default();
    while let Some(client) = clients.join_next().await {
        all.join(client.context("a client")??);
    }
    Ok(all)
}

async fn ids(stage: &Stage, connection: &str) -> anyhow::Result<Vec<String>> {
    let path = format!("/v1/accounts?connection_id={connection}&limit=50");
    let page: Value = serde_json::from_slice(&stage.read(&path).await?)?;
    let items = page["items"].as_array().context("items")?;
    let id = |item: &Value| item["id"].as_str().map(str::to_owned);
    Ok(items.iter().filter_map(id).collect())
}

fn anew(id: &str) -> String {
    format!("/v1/accounts/{id}?max_age_seconds=0")
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
