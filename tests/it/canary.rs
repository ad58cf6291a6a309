//! No secret gets out: a password and a credential that are easy to find are looked for everywhere, with the real program
//! logging all that it can.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::{
    Client, Database, LIGHTELLIGENCE, LUNA, Serve, Simulate, Vendor, WRITABLE, eventually, keys,
};

const PASSWORD: &str = "canary-password-7f3a91";
const CREDENTIAL: &str = "canary-credential-52be08";

/// The forms in which a secret may slip out.
fn forms(secret: &str) -> Vec<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
    // In the middle of a longer text base64 has three spellings; this is the one at its start.
    let start = STANDARD_NO_PAD.encode(secret);
    vec![
        secret.to_owned(),
        hex::encode(secret),
        STANDARD.encode(secret),
        start[..start.len() - 2].to_owned(),
    ]
}

#[track_caller]
fn clean(place: &str, text: &str) {
    for secret in [PASSWORD, CREDENTIAL] {
        for form in forms(secret) {
            let found = text.to_lowercase().find(&form.to_lowercase());
            assert_eq!(
                found.map(|at| &text[at.saturating_sub(200)..(at + 60).min(text.len())]),
                None,
                "{secret} got out into {place}"
            );
        }
    }
}

/// The vendor's answers that repeat what they were sent: only Luna gets passwords.
fn echoes(vendor: Vendor) -> Vec<Value> {
    let said = match vendor.name {
        "luna" => format!("bad value '{PASSWORD}' from {CREDENTIAL}"),
        _ => format!("bad value from {CREDENTIAL}"),
    };
    let body = match vendor.name {
        "luna" => json!({"error_code": 12022, "desc": "Bad/incomplete input data", "detail": said}),
        "devo" => json!({"error": {"code": 100, "message": said}}),
        // The words of the API and of the identity provider before it.
        "lightelligence" => json!({
            "errorCode": "ODD", "errorMessage": said, "error": "invalid_request", "error_description": said}),
        _ => json!({"is_error": true, "error": {
            "message": said, "status_code": null, "app_error_code": "app.canary", "error_code": "bad_request",
            "app_id": "x", "raised_by": null, "raised_in": null}}),
    };
    let status = if vendor.name == "lumos" { 200 } else { 400 };
    [(status, body), (500, json!(said)), (401, json!({"detail": said}))]
        .into_iter()
        .map(|(code, body)| {
            // Luna's reading goes on, so that the words answer the writing; the others refuse whatever comes.
            let matched = if vendor == LUNA { json!({"method": "POST"}) } else { json!({}) };
            json!([{"match": matched, "times": 6, "fault": {"kind": "status", "code": code, "body": body}}])
        })
        .collect()
}

async fn connect(admin: &Client, vendor: Vendor, simulator: &Simulate, credentials: Value) {
    let mut body = simulator.connection_body(vendor).await;
    body["settings"]["settle_seconds"] = json!(0);
    body["settings"]["allow_raw_writes"] = json!(true);
    body["credentials"] = credentials;
    admin.post("/v1/connections", body).await.expect(201);
}

#[tokio::test]
async fn no_secret_is_in_the_database_the_logs_or_the_answers() {
    let database = Database::create().await;
    let serve = Serve::start(
        database.url(),
        &[
            ("IAM_GATEWAY_LOG", "trace"),
            ("IAM_GATEWAY_ANSWER_WAIT_SECONDS", "3"),
        ],
    )
    .await;
    let admin = serve.client().with_key(&keys::mint_for(&database).await);
    let mut answers = Vec::new();
    let mut simulators = Vec::new();
    for vendor in WRITABLE.into_iter().chain([LIGHTELLIGENCE]) {
        let simulator = Simulate::start(vendor).await;
        // Luna lets everybody in; the others refuse the canary, which is as good for an echo.
        let canary = match vendor.name {
            "luna" => json!({"kind": "bearer", "token": CREDENTIAL}),
            "lightelligence" => {
                json!({"kind": "client_credentials", "client_id": CREDENTIAL, "client_secret": CREDENTIAL})
            }
            "devo" => json!({"kind": "hmac", "api_key": CREDENTIAL, "api_secret": CREDENTIAL}),
            _ => json!({"kind": "token", "token": CREDENTIAL}),
        };
        connect(&admin, vendor, &simulator, canary).await;
        simulators.push((vendor, simulator));
    }
    let (_, luna) = &simulators[0];
    let with_password = |who: &str| {
        let mut body = LUNA.new_account(who);
        body["password"] = json!(PASSWORD);
        body
    };
    let planned = admin.post("/v1/accounts?mode=plan", with_password("newcomer"));
    let planned = planned.await;
    planned.expect(200);
    answers.push(planned);
    let made = admin.post("/v1/accounts", with_password("newcomer")).await;
    let id = made.expect(201)["id"].clone();
    answers.push(made);
    let path = format!("/v1/accounts/{}", text(&id));
    answers.push(
        admin
            .get(&format!("{path}?include=raw&max_age_seconds=0"))
            .await,
    );
    answers.push(
        admin
            .patch(&path, json!({"password": format!("{PASSWORD}-2")}))
            .await,
    );
    // The same, passed through as they are.
    let raw = |path: &str| format!("/v1/connections/luna/upstream/{path}");
    for login in ["raw@example.org", "raw@example.org"] {
        let body = json!({"login": login, "password": PASSWORD, "account_type": "user"});
        let asked = admin.post(&raw("1/accounts"), body);
        answers.push(asked.idempotent("raw").await);
    }
    let listed = admin.get(&raw(&format!("1/accounts?x={PASSWORD}"))).await;
    listed.problem(422, "upstream_rejected");
    let received = luna.control.requests().await;
    assert!(
        received
            .iter()
            .any(|request| request["body"].to_string().contains(PASSWORD)),
        "the vendor did get the password"
    );
    assert!(
        received
            .iter()
            .any(|request| request["headers"].to_string().contains(CREDENTIAL)),
        "and the credential"
    );

    // Vendors that repeat our secrets in their errors.
    for (vendor, simulator) in &simulators {
        for (number, fault) in echoes(*vendor).into_iter().enumerate() {
            simulator.control.faults(fault).await;
            let who = format!("echo{number}");
            let mut body = vendor.new_account(&who);
            if *vendor == LUNA {
                body["password"] = json!(PASSWORD);
            }
            let answer = admin.post("/v1/accounts", body).await;
            if *vendor == LUNA && number == 0 {
                answer.problem(422, "upstream_rejected");
                assert!(
                    answer.text.contains("bad value"),
                    "the vendor's words are passed on: {answer}"
                );
            }
            answers.push(answer);
            let check = format!("/v1/connections/{}/check", vendor.connection);
            answers.push(admin.post(&check, Value::Null).await);
            simulator.control.clear_faults().await;
        }
    }
    // Credentials that the vendors refuse by themselves, and bodies that we refuse.
    for connection in ["devo", "lumos-connector", "lightelligence"] {
        for act in ["check", "sync"] {
            let path = format!("/v1/connections/{connection}/{act}");
            answers.push(admin.post(&path, Value::Null).await);
        }
    }
    for body in [
        json!({"connection_id": "luna", "email": "no-mail", "password": PASSWORD}),
        json!({"connection_id": "luna", "email": "a@b.org", "password": [PASSWORD]}),
        json!({"connection_id": "devo", "email": "a@b.org", "password": PASSWORD}),
    ] {
        answers.push(admin.post("/v1/accounts", body).await);
    }
    eventually("the end of all operations", async || {
        let open = admin.get("/v1/operations?status=running").await.json();
        open["items"]
            .as_array()
            .is_some_and(Vec::is_empty)
            .then_some(())
    })
    .await;
    for path in [
        "/v1/operations?limit=1000",
        "/v1/audit-events?limit=1000",
        "/v1/connections",
        "/v1/accounts?limit=1000&include=raw",
        "/v1/connections/devo/syncs",
        "/v1/connections/lumos-connector/syncs",
        "/metrics",
    ] {
        answers.push(admin.get(path).await);
    }
    for answer in &answers {
        clean(
            &answer.asked,
            &format!("{:?} {}", answer.headers, answer.text),
        );
    }
    clean("the dump of the database", &dump(&database));
    let log = serve.program.log();
    assert!(
        log.contains("\"DEBUG\"") && log.lines().count() > 100,
        "the program logs all that it can: {log}"
    );
    clean("the log", &log);
    drop((serve, simulators));
    database.remove().await;
}

/// All rows as text, and as the bytes that the server keeps.
fn dump(database: &Database) -> String {
    let output = Command::new(newest_pg_dump())
        .args(["--inserts", "--dbname", database.url()])
        .output()
        .expect("pg_dump runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("connection_secrets") && text.contains("newcomer@example.org"));
    text
}

fn newest_pg_dump() -> std::path::PathBuf {
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<_> = installed
        .map(|entry| entry.path().join("bin/pg_dump"))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| "pg_dump".into())
}

#[test]
fn the_search_finds_every_form() {
    for form in forms(PASSWORD) {
        let hidden = format!("x{}y", form.to_uppercase());
        assert!(
            std::panic::catch_unwind(|| clean("a test", &hidden)).is_err(),
            "{form}"
        );
    }
    clean("a test", "nothing of the kind");
}
