//! What a platform counts on: the probe that a container without a shell uses, and a stop that an ingress can follow.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::support::{Database, Serve, eventually, keys};

fn healthcheck(serve: &Serve, more: &[&str]) -> Output {
    let address = serve.url.trim_start_matches("http://");
    Command::new(env!("CARGO_BIN_EXE_iam-gateway"))
        .args(["healthcheck", "--listen", address])
        .args(more)
        .output()
        .expect("it runs")
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draining_replica_is_not_ready_and_still_answers() {
    let database = Database::create().await;
    let admin_key = keys::mint_for(&database).await;
    let drain = [("IAM_GATEWAY_DRAIN_SECONDS", "4")];
    let mut serve = Serve::start(database.url(), &drain).await;
    let stranger = serve.client();
    let admin = stranger.with_key(&admin_key);
    eventually("readiness", async || {
        (stranger.get("/readyz").await.status == 200).then_some(())
    })
    .await;
    let healthy = healthcheck(&serve, &[]);
    assert!(healthy.status.success(), "{}", words(&healthy));
    let before = admin.get("/v1/whoami").await;
    before.expect(200);
    assert!(before.headers.get("connection").is_none(), "{before}");

    serve.program.sigterm();
    let asked = Instant::now();
    eventually("the end of readiness", async || {
        (stranger.get("/readyz").await.status == 503).then_some(())
    })
    .await;
    stranger.get("/livez").await.expect(200);
    let meanwhile = admin.get("/v1/whoami").await;
    meanwhile.expect(200);
    assert_eq!(meanwhile.header("connection"), "close", "{meanwhile}");
    let unready = healthcheck(&serve, &[]);
    assert_eq!(unready.status.code(), Some(1));
    assert!(
        words(&unready).contains("about to stop"),
        "{}",
        words(&unready)
    );
    assert!(healthcheck(&serve, &["--live"]).status.success());

    let status = serve.program.exited().await;
    assert!(status.success(), "{status}\n{}", serve.program.log());
    assert!(
        asked.elapsed() >= Duration::from_secs(3),
        "{:?}",
        asked.elapsed()
    );
    let gone = healthcheck(&serve, &["--live"]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(words(&gone).contains("no answer"), "{}", words(&gone));
    database.remove().await;
}
