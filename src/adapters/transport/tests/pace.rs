//! What a vendor says of the calls that are left is obeyed, whatever else it says.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::json;
use uuid::Uuid;

use super::kit::{ByStatus, Ledger, Server, config, get, http, ok, post, read_call, within};
use crate::adapters::contract::{AdapterError, Call, SideEffect, Trouble};
use crate::adapters::transport::{Answer, Channel, Judge, Quota, Transport};

/// A vendor whose answers say in `left` how many calls there are for the next so many milliseconds (`for`).
struct Counting;

impl Judge for Counting {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        ByStatus.judge(answer)
    }

    fn quota(&self, answer: &Answer) -> Option<Quota> {
        let number = |name: &str| answer.header(name)?.parse().ok();
        Some(Quota {
            remaining: number("left")?,
            resets_at: SystemTime::now() + Duration::from_millis(number("for")?),
        })
    }
}

fn channel(server: &Server) -> Channel {
    let transport = Transport::new(config()).expect("a transport");
    channel_of(&transport, server)
}

fn channel_of(transport: &Transport, server: &Server) -> Channel {
    let (id, base) = (Uuid::now_v7(), server.url("/"));
    transport.channel("test", id, &base, Arc::new(Counting), Vec::new())
}

#[tokio::test]
async fn the_next_call_waits_for_the_reset_although_the_last_one_was_a_success() {
    let server = Server::start(|number| match number {
        0 => http("200 OK", "left: 0\r\nfor: 300\r\n", "{}"),
        _ => ok(),
    })
    .await;
    let channel = channel(&server);
    let read = async || channel.read(&read_call(), get(&server)).await;
    read().await.expect("the first");
    let started = tokio::time::Instant::now();
    read().await.expect("after the reset");
    assert!(started.elapsed() >= Duration::from_millis(280));
    let started = tokio::time::Instant::now();
    read().await.expect("nothing holds it up any more");
    assert!(started.elapsed() < Duration::from_millis(280));
}

#[tokio::test]
async fn a_wait_past_the_deadline_is_refused_at_once_and_sends_nothing() {
    let server = Server::start(|_| http("200 OK", "left: 0\r\nfor: 30000\r\n", "{}")).await;
    let channel = channel(&server);
    let read = async || channel.read(&read_call(), get(&server)).await;
    read().await.expect("the first");
    let started = tokio::time::Instant::now();
    let error = read().await.expect_err("no calls left");
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(error.trouble, Trouble::RateLimited);
    assert!(error.retry_after.expect("a time") > Duration::from_secs(25));

    let ledger = Arc::new(Ledger::default());
    let error = channel
        .write(&ledger.call(), post(&server), &json!({}))
        .await
        .expect_err("no calls left");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::RateLimited, SideEffect::None)
    );
    assert_eq!((ledger.marked(), server.hits()), (0, 1));
}

#[tokio::test]
async fn a_refusal_tells_the_pace_as_well() {
    let server = Server::start(|number| match number {
        0 => http("429 Too Many Requests", "left: 0\r\nfor: 300\r\n", "{}"),
        _ => ok(),
    })
    .await;
    let started = tokio::time::Instant::now();
    channel(&server)
        .read(&read_call(), get(&server))
        .await
        .expect("repeated after the reset");
    assert!(started.elapsed() >= Duration::from_millis(280));
    assert_eq!(server.hits(), 2);
}

#[tokio::test]
async fn calls_under_way_count_as_used() {
    let server = Server::start(|number| match number {
        0 => http("200 OK", "left: 3\r\nfor: 60000\r\n", "{}"),
        _ => ok(),
    })
    .await;
    let channel = channel(&server);
    channel
        .read(&read_call(), get(&server))
        .await
        .expect("the first");
    let call = read_call();
    let calls = (0..8).map(|_| channel.read(&call, get(&server)));
    let outcomes = futures_util::future::join_all(calls).await;
    let sent = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!((sent, server.hits()), (3, 4));
}

#[tokio::test]
async fn one_connections_pace_is_not_anothers_and_takes_no_place() {
    let server = Server::start(|number| match number {
        0 => http("200 OK", "left: 0\r\nfor: 600\r\n", "{}"),
        _ => ok(),
    })
    .await;
    let mut config = config();
    config.concurrency = 1;
    let transport = Transport::new(config).expect("a transport");
    let (slow, quick) = (
        channel_of(&transport, &server),
        channel_of(&transport, &server),
    );
    slow.read(&read_call(), get(&server)).await.expect("first");
    let request = get(&server);
    let waiting = tokio::spawn(async move { slow.read(&read_call(), request).await });
    let call = Call::read("request-1", within(Duration::from_millis(400)));
    quick.read(&call, get(&server)).await.expect("not held up");
    waiting.await.expect("no panic").expect("its turn came");
}
