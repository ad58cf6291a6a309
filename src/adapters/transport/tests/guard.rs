//! The address guard, as the client meets it: nothing is sent, and nothing is learned.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde_json::json;
use url::Url;

use super::kit::{
    Ledger, Server, channel, channel_of, channel_with, config, dead_port, get, ok, post, read_call,
    request,
};
use crate::adapters::contract::{AdapterError, SideEffect, Trouble};
use crate::adapters::transport::guard::Lookup;
use crate::adapters::transport::{Transport, TransportConfig};
use crate::domain::HostRule;

/// Names with addresses made up for the test.
struct Names(HashMap<&'static str, Vec<IpAddr>>);

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.0
            .get(name)
            .cloned()
            .ok_or_else(|| io::Error::other("no such name"))
    }
}

fn rules(texts: &[&str]) -> Vec<HostRule> {
    texts.iter().map(|text| text.parse().expect(text)).collect()
}

fn transport(private: &[&str], names: &[(&'static str, &[&str])]) -> Transport {
    let config = TransportConfig {
        plain_http_hosts: rules(&["a.example", "b.example", "inner.example"]),
        private_hosts: rules(private),
        ..config()
    };
    let names = names.iter().map(|(name, addresses)| {
        let addresses = addresses.iter().map(|text| text.parse().expect(text));
        (*name, addresses.collect())
    });
    Transport::with_lookup(config, Arc::new(Names(names.collect()))).expect("a transport")
}

async fn read(transport: &Transport, url: &str) -> Result<u16, AdapterError> {
    let url = Url::parse(url).expect(url);
    let answer = channel_of(transport, &url)
        .read(&read_call(), request(Method::GET, url))
        .await?;
    Ok(answer.status)
}

#[tokio::test]
async fn names_that_resolve_inside_are_refused() {
    let server = Server::start(|_| ok()).await;
    for address in [
        "127.0.0.1",
        "::ffff:127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "::1",
        "fd00:ec2::254",
        "64:ff9b::7f00:1",
    ] {
        let transport = transport(&[], &[("a.example", &[address])]);
        let url = format!("http://a.example:{}/", server.port);
        let error = read(&transport, &url).await.expect_err(address);
        assert_eq!(error.trouble, Trouble::Unavailable, "{address}");
    }
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn of_several_addresses_only_the_open_ones_are_dialled() {
    let server = Server::start(|_| ok()).await;
    // Only the first address listens; it is not listed, so the second one, which is, is dialled and found dead.
    let names: [(&'static str, &[&str]); 1] = [("a.example", &["127.0.0.1", "127.0.0.2"])];
    let url = format!("http://a.example:{}/", server.port);
    let error = read(&transport(&["127.0.0.2"], &names), &url)
        .await
        .expect_err("nothing listens at the listed one");
    assert_eq!(error.trouble, Trouble::Unavailable);
    assert_eq!(server.hits(), 0);
    let status = read(&transport(&["127.0.0.1"], &names), &url).await;
    assert_eq!(status, Ok(200));
}

#[tokio::test]
async fn entries_bound_to_a_port_hold_for_resolved_names() {
    let server = Server::start(|_| ok()).await;
    let other = Server::start(|_| ok()).await;
    let names: [(&'static str, &[&str]); 2] =
        [("a.example", &["127.0.0.1"]), ("b.example", &["127.0.0.1"])];
    let by_address = format!("127.0.0.1:{}", server.port);
    let by_name = format!("a.example:{}", server.port);
    for (entry, b_too) in [(&by_address, true), (&by_name, false)] {
        let transport = transport(&[entry], &names);
        let to = |host: &str, port: u16| format!("http://{host}:{port}/");
        assert_eq!(
            read(&transport, &to("a.example", server.port)).await,
            Ok(200)
        );
        assert!(
            read(&transport, &to("a.example", other.port))
                .await
                .is_err()
        );
        let b = read(&transport, &to("b.example", server.port)).await;
        assert_eq!(b.is_ok(), b_too, "{entry}");
    }
    assert_eq!(other.hits(), 0);
}

#[tokio::test]
async fn localhost_is_refused_by_the_real_resolver_too() {
    let server = Server::start(|_| ok()).await;
    // Plain http to it is allowed, so that only the address is left to refuse it.
    let closed = TransportConfig {
        plain_http_hosts: rules(&["localhost"]),
        private_hosts: Vec::new(),
        ..config()
    };
    let url = format!("http://localhost:{}/", server.port);
    let transport = Transport::new(closed.clone()).expect("a transport");
    read(&transport, &url).await.expect_err("it lies inside");
    assert_eq!(server.hits(), 0);

    let open = TransportConfig {
        private_hosts: rules(&["localhost"]),
        ..closed
    };
    let transport = Transport::new(open).expect("a transport");
    assert_eq!(read(&transport, &url).await, Ok(200));
}

#[tokio::test]
async fn a_refused_address_reads_like_a_dead_one() {
    let server = Server::start(|_| ok()).await;
    let dead = dead_port().await;
    let names: [(&'static str, &[&str]); 2] = [
        ("a.example", &["127.0.0.1"]),
        ("inner.example", &["127.0.0.2"]),
    ];
    let transport = transport(&["127.0.0.2"], &names);
    let told = |error: AdapterError, host: &str| {
        let message = error.message.replace(host, "HOST");
        (error.trouble, error.effect, message, error.upstream)
    };
    let of = async |url: String, host: &str| {
        let error = read(&transport, &url).await.expect_err("unreachable");
        told(error, host)
    };
    let refused = of(format!("http://a.example:{}/", server.port), "a.example").await;
    let literal = of(format!("http://127.0.0.1:{}/", server.port), "127.0.0.1").await;
    let nothing = of(format!("http://inner.example:{dead}/"), "inner.example").await;
    let unknown = of("http://b.example/".to_owned(), "b.example").await;
    assert_eq!(refused, nothing);
    assert_eq!(literal, nothing);
    assert_eq!(unknown, nothing);
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn a_literal_address_inside_is_not_dialled_and_not_marked() {
    let server = Server::start(|_| ok()).await;
    let closed = TransportConfig {
        private_hosts: Vec::new(),
        ..config()
    };
    let ledger = Arc::new(Ledger::default());
    let error = channel_with(closed, &server.url("/"))
        .write(&ledger.call(), post(&server), &json!({}))
        .await
        .expect_err("it lies inside");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::None)
    );
    assert_eq!((ledger.marked(), server.hits()), (0, 0));
}

#[tokio::test]
async fn a_request_never_leaves_the_connections_own_origin() {
    let own = Server::start(|_| ok()).await;
    let other = Server::start(|_| ok()).await;
    let error = channel(&own)
        .read(&read_call(), get(&other))
        .await
        .expect_err("another origin");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Rejected, SideEffect::None)
    );
    assert_eq!(other.hits(), 0);
}
