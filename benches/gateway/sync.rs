//! Syncs at scale: `serve` beside a simulator with as many accounts, and what a slow vendor costs.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use iam_gateway::simulators::{Fault, Rule};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::programs::{Program, run};
use crate::stage::{SLOW_ACCOUNTS, Stage};

/// How long the vendor thinks about every page.
const LATENCY: Duration = Duration::from_millis(100);

/// Wall time of a sync against pages × latency, which no sync of a vendor that hands out one page at a time can beat.
pub(crate) async fn slow_vendor(stage: &Stage) -> anyhow::Result<()> {
    let delay = Fault::DelayMs {
        value: u64::try_from(LATENCY.as_millis())?,
    };
    stage.slow().faults([Rule::new(delay).times(0)]);
    let run = stage.synced("slow").await?;
    stage.slow().clear_faults();
    let pages = run["pages"].as_f64().context("pages")?;
    let least = pages * LATENCY.as_secs_f64();
    let took = seconds(&run)?;
    println!(
        "sync of {SLOW_ACCOUNTS} accounts, {pages} pages of {} ms: {took:.2} s",
        LATENCY.as_millis()
    );
    println!("    wall / (pages x latency) = {:.3}", took / least);
    Ok(())
}

impl Stage {
    /// Syncs a connection to its end; the run, which is complete.
    pub(crate) async fn synced(&self, connection: &str) -> anyhow::Result<Value> {
        let path = format!("/v1/connections/{connection}/sync");
        self.post(&self.gateway, &path, json!({})).await?;
        let run = loop {
            sleep(Duration::from_millis(50)).await;
            let runs: Value = serde_json::from_slice(&self.read(&format!("{path}s")).await?)?;
            let run = runs["items"][0].clone();
            if !matches!(run["status"].as_str(), Some("pending" | "running")) {
                break run;
            }
        };
        ensure!(run["status"] == "complete", "{run:#}");
        Ok(run)
    }
}

/// A first sync of many accounts, and one that finds nothing new; what the replica needs for it.
pub(crate) async fn many_accounts(stage: &Stage, accounts: i32) -> anyhow::Result<()> {
    let database = stage.another_database("sync").await?;
    let fresh = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    let environment = [
        ("DATABASE_URL", database.expose_secret()),
        ("IAM_GATEWAY_MASTER_KEY", &STANDARD.encode(fresh)),
        ("IAM_GATEWAY_PLAIN_HTTP_HOSTS", "127.0.0.1"),
        ("IAM_GATEWAY_PRIVATE_HOSTS", "127.0.0.1"),
    ];
    let count = accounts.to_string();
    let simulate = ["simulate", "luna", "--listen", "127.0.0.1:0", "--accounts"];
    let simulate = [&simulate[..], &[&count]].concat();
    let luna = Program::start(&simulate, &[])?;
    let serve = Program::start(&["serve", "--listen", "127.0.0.1:0"], &environment)?;
    let key = run(&["keys", "create", "--name", "bench"], &environment)?;
    let caller = Caller {
        root: serve.told("url")?,
        key: key["api_key"].as_str().context("a key")?.to_owned(),
        http: reqwest::Client::builder().no_proxy().build()?,
    };
    let body = json!({
        "name": "luna",
        "vendor": "luna",
        "settings": {"base_url": luna.told("url")?},
        "credentials": {"kind": "none"},
        "sync_every_seconds": 0,
    });
    caller.post("/v1/connections", body).await?;
    let (idle, _) = serve.memory()?;
    println!("serve, idle: {idle:.0} MiB");
    for what in ["first sync", "sync that finds nothing new"] {
        let began = Instant::now();
        caller.post("/v1/connections/luna/sync", json!({})).await?;
        let (run, forecast) = loop {
            sleep(Duration::from_millis(200)).await;
            let runs = caller.get("/v1/connections/luna/syncs").await?;
            let run = runs["items"][0].clone();
            if !matches!(run["status"].as_str(), Some("pending" | "running")) {
                break (run, runs["forecast"].clone());
            }
        };
        ensure!(run["status"] == "complete", "{run:#}");
        let parts = run["parts"].as_array().context("parts")?;
        let of_accounts = parts.iter().find(|part| part["noun"] == "accounts");
        let seen = &of_accounts.context("a part of accounts")?["seen"];
        ensure!(*seen == accounts, "{run:#}");
        let took = began.elapsed().as_secs_f64();
        let (now, most) = serve.memory()?;
        println!(
            "{what}, {accounts} accounts on {} pages: {took:.1} s, {:.0} accounts/s",
            run["pages"],
            f64::from(accounts) / took
        );
        println!(
            "    memory: {now:.0} MiB at its end, {most:.0} MiB at most; forecast of the next one: {forecast}"
        );
    }
    Ok(())
}

/// From the first page to the end of a run.
fn seconds(run: &Value) -> anyhow::Result<f64> {
    let time = |field: &str| -> anyhow::Result<chrono::DateTime<chrono::Utc>> {
        Ok(run[field].as_str().context(field.to_owned())?.parse()?)
    };
    Ok((time("finished_at")? - time("started_at")?).as_seconds_f64())
}

struct Caller {
    root: String,
    key: String,
    http: reqwest::Client,
}

impl Caller {
    async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let request = self.http.get(format!("{}{path}", self.root));
        self.ask(request).await
    }

    async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        let request = self.http.post(format!("{}{path}", self.root));
        let request = request.header("content-type", "application/json");
        self.ask(request.body(body.to_string())).await
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> anyhow::Result<Value> {
        let response = request.bearer_auth(&self.key).send().await?;
        let status = response.status();
        let body = response.bytes().await?;
        let text = String::from_utf8_lossy(&body);
        ensure!(status.is_success(), "{status} {text}");
        Ok(serde_json::from_slice(&body)?)
    }
}
