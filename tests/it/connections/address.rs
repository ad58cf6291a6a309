//! Where connections may lead, and where not.

use std::net::ToSocketAddrs as _;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::body;
use crate::support::{LUNA, TestApp};

#[tokio::test]
async fn a_new_address_needs_the_credentials_anew() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let elsewhere = json!({"settings": {"base_url": "https://elsewhere.example"}});
    let answer = app.admin().patch("/v1/connections/luna", elsewhere).await;
    answer.problem(400, "invalid_request");
    assert_eq!(answer.pointers(), ["/credentials"]);
    for half in [
        json!({"settings": {"base_url": "https://elsewhere.example"}, "credentials": {"kind": "basic", "login": "x"}}),
        json!({"settings": {"base_url": "https://elsewhere.example"}, "credentials": {}}),
    ] {
        app.admin()
            .patch("/v1/connections/luna", half)
            .await
            .problem(400, "invalid_request");
    }
    assert_eq!(
        app.get("/v1/connections/luna").await["settings"]["base_url"],
        app.simulator(LUNA).url
    );
    let whole = json!({
        "settings": {"base_url": "https://elsewhere.example"},
        "credentials": {"kind": "bearer", "token": "other"},
    });
    let moved = app
        .admin()
        .patch("/v1/connections/luna", whole)
        .await
        .expect(200);
    assert_eq!(moved["settings"]["base_url"], "https://elsewhere.example");
    assert_eq!(moved["credentials_kind"], "bearer");
    // Anything else does not.
    let tuned = json!({"settings": {"page_size": 50}, "name": "tuned", "sync_every_seconds": 600});
    let tuned = app
        .admin()
        .patch("/v1/connections/luna", tuned)
        .await
        .expect(200);
    assert_eq!(tuned["settings"]["page_size"], 50);
    let back = json!({"settings": {"page_size": null}});
    let back = app
        .admin()
        .patch("/v1/connections/tuned", back)
        .await
        .expect(200);
    assert!(back["settings"].get("page_size").is_none());
    app.stop().await;
}

/// Addresses that lead inside, however they are spelled.
const HOSTILE: [&str; 46] = [
    "http://luna.example",
    "ftp://luna.example",
    "file:///etc/passwd",
    "https://user:secret@luna.example",
    "https://localhost",
    "https://LOCALHOST",
    "https://localhost.",
    "https://api.localhost",
    "https://127.0.0.1",
    "https://127.1",
    "https://127.255.255.254:8443",
    "https://2130706433",
    "https://0x7f000001",
    "https://0x7f.1",
    "https://0177.0.0.1",
    "https://0",
    "https://0.0.0.0",
    "https://10.0.0.1",
    "https://10.255.255.255/path",
    "https://172.16.0.1",
    "https://172.31.255.254",
    "https://192.168.1.1",
    "https://3232235777",
    "https://169.254.169.254",
    "https://169.254.169.254/latest/meta-data",
    "https://0xa9fea9fe",
    "https://100.64.0.1",
    "https://100.127.255.254",
    "https://192.0.0.192",
    "https://198.18.0.1",
    "https://224.0.0.1",
    "https://255.255.255.255",
    "https://240.0.0.1",
    "https://[::1]",
    "https://[::]",
    "https://[::ffff:127.0.0.1]",
    "https://[::ffff:7f00:1]",
    "https://[::ffff:169.254.169.254]",
    "https://[::127.0.0.1]",
    "https://[fe80::1]",
    "https://[fc00::1]",
    "https://[fd00:ec2::254]",
    "https://[ff02::1]",
    "https://[64:ff9b::7f00:1]",
    "https://[64:ff9b::a9fe:a9fe]",
    "https://[2002:7f00:1::]",
];

#[tokio::test]
async fn an_address_that_leads_inside_is_refused_and_nothing_is_sent() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    for (number, url) in HOSTILE.into_iter().enumerate() {
        let name = format!("hostile-{number}");
        let answer = app.admin().post("/v1/connections", body(&name, url)).await;
        answer.problem(400, "invalid_request");
        assert_eq!(answer.pointers(), ["/settings/base_url"], "{url}");
        let moved = json!({
            "settings": {"base_url": url},
            "credentials": {"kind": "none"},
        });
        let answer = app.admin().patch("/v1/connections/luna", moved).await;
        answer.problem(400, "invalid_request");
    }
    // The simulator's own port is allowed to this replica, and no other port of the same host.
    let other = app.simulator(LUNA).control.clone();
    let answer = app
        .admin()
        .post("/v1/connections", body("control", &other))
        .await;
    answer.problem(400, "invalid_request");
    assert_eq!(
        app.get("/v1/connections").await["items"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert!(app.requests(LUNA).is_empty());
    app.stop().await;
}

#[tokio::test]
async fn a_name_that_resolves_inside_reads_like_a_refused_port() {
    // Somebody listens there, and must never be called.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let Some(name) = inner_name() else {
        eprintln!("no name of this machine resolves to an inner address: nothing to try");
        return;
    };
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let app = TestApp::builder()
        .settings(move |settings| {
            let rule = format!("127.0.0.1:{closed}");
            settings
                .transport
                .private_hosts
                .push(rule.parse().expect("a rule"));
        })
        .start()
        .await;
    let mut words = Vec::new();
    for (connection, host) in [
        ("blocked", format!("{name}:{port}")),
        ("refused", format!("127.0.0.1:{closed}")),
    ] {
        let url = format!("https://{host}");
        app.admin()
            .post("/v1/connections", body(connection, &url))
            .await
            .expect(201);
        let path = format!("/v1/connections/{connection}/check");
        let check = app.admin().post(&path, Value::Null).await.expect(200);
        assert_eq!(check["healthy"], false);
        assert_eq!(check["findings"][0]["code"], "unreachable");
        let mut account = LUNA.new_account("newcomer");
        account["connection_id"] = json!(connection);
        let problem = app
            .admin()
            .post("/v1/accounts", account)
            .await
            .problem(503, "upstream_unavailable");
        let told = format!("{} {}", check["findings"], problem["detail"]);
        let named = if connection == "blocked" {
            &name
        } else {
            "127.0.0.1"
        };
        words.push(told.replace(named, "HOST"));
    }
    assert_eq!(
        words[0], words[1],
        "a blocked and a refused address read alike"
    );
    let nobody = tokio::time::timeout(std::time::Duration::from_millis(100), listener.accept());
    assert!(nobody.await.is_err(), "the inner address was dialled");
    app.stop().await;
}

/// A name that this machine resolves to nothing but inner addresses.
fn inner_name() -> Option<String> {
    let own = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    let names = [
        own.trim(),
        "ip6-loopback",
        "ip6-localhost",
        "localhost.localdomain",
    ];
    names
        .into_iter()
        .filter(|name| !name.is_empty() && *name != "localhost")
        .find(|name| {
            let found = (*name, 443).to_socket_addrs();
            found.is_ok_and(|mut addresses| {
                addresses.len() > 0
                    && addresses.all(|address| match address.ip() {
                        std::net::IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
                        std::net::IpAddr::V6(ip) => ip.is_loopback(),
                    })
            })
        })
        .map(str::to_owned)
}
