//! `serve` with nothing configured: its own PostgreSQL, found again after `kill -9`, and stopped when it is asked to end.

use std::path::{Path, PathBuf};

use iam_gateway::postgres::Embedded;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::support::programs::Program;
use crate::support::{Client, LUNA, Simulate};

/// Removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    /// Below the temporary folder: the server's account must be able to get there.
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("iam-gateway-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn text(&self) -> &str {
        self.0.to_str().expect("a path of ours")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn serve(folder: &Folder) -> (Program, Client) {
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        folder.text(),
    ];
    let environment = [
        ("IAM_GATEWAY_PLAIN_HTTP_HOSTS", "127.0.0.1"),
        ("IAM_GATEWAY_PRIVATE_HOSTS", "127.0.0.1"),
    ];
    let program = Program::start(&arguments, &environment).await;
    let client = Client::over_http(program.ready["url"].as_str().expect("a URL"));
    (program, client)
}

async fn ask(folder: &Path, question: &'static str) -> String {
    let embedded = Embedded::share(folder).await.expect("the server runs");
    let url = embedded.url("iam_gateway");
    let mut connection = PgConnection::connect(url.expose_secret())
        .await
        .expect("a connection");
    let answer = sqlx::query_scalar(question)
        .fetch_one(&mut connection)
        .await
        .expect(question);
    connection.close().await.expect("it closes");
    answer
}

fn postmaster(folder: &Folder) -> Option<u32> {
    let file = folder.0.join("postgres/data/postmaster.pid");
    let text = std::fs::read_to_string(file).ok()?;
    text.lines().next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_database_outlives_kill_9_and_ends_with_sigterm() {
    let folder = Folder::new("embedded");
    let luna = Simulate::start(LUNA).await;
    let (mut first, client) = serve(&folder).await;
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_iam-gateway"))
        .args([
            "keys",
            "--data-dir",
            folder.text(),
            "create",
            "--name",
            "test",
        ])
        .env_remove("DATABASE_URL")
        .output()
        .expect("the program runs");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let made: Value = serde_json::from_slice(&made.stdout).expect("JSON");
    let key = made["api_key"].as_str().expect("a key").to_owned();
    let client = client.with_key(&key);
    let body = luna.connection_body(LUNA).await;
    client.post("/v1/connections", body).await.expect(201);
    let account = client
        .post("/v1/accounts", LUNA.new_account("kept"))
        .await
        .expect(201);
    assert_eq!(ask(&folder.0, "show fsync").await, "on");
    let server = postmaster(&folder).expect("a server");

    first.kill_9().await;
    assert_eq!(postmaster(&folder), Some(server), "the server runs on");
    let (mut second, client) = serve(&folder).await;
    let client = client.with_key(&key);
    assert_eq!(postmaster(&folder), Some(server), "the server was adopted");
    let path = format!("/v1/accounts/{}", account["id"].as_str().expect("an id"));
    let again = client.get(&path).await.expect(200);
    assert_eq!(again["login"], account["login"]);
    assert_eq!(ask(&folder.0, "show fsync").await, "on");
    // The credentials open again: the master key was kept, too.
    let check = client
        .post("/v1/connections/luna/check", json!({}))
        .await
        .expect(200);
    assert_eq!(check["healthy"], true, "{check}");

    second.sigterm();
    let status = second.exited().await;
    assert!(status.success(), "{status}\n{}", second.log());
    assert_eq!(
        postmaster(&folder),
        None,
        "the server ended with the service"
    );
}
