//! What the calls of one connection share: the limit and the breaker.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use super::kit::{
    ByStatus, Ledger, Reply, Server, channel_of, channel_with, config, eventually, get, http, ok,
    post, read_call, within,
};
use crate::adapters::contract::{Call, SideEffect, Trouble};
use crate::adapters::transport::{
    BreakerConfig, BreakerState, RetryConfig, Transport, TransportConfig,
};

fn touchy() -> TransportConfig {
    TransportConfig {
        breaker: BreakerConfig {
            failures: 3,
            open_for: Duration::from_millis(200),
        },
        retry: RetryConfig {
            attempts: 1,
            ..RetryConfig::default()
        },
        ..config()
    }
}

#[tokio::test]
async fn a_connection_has_so_many_places_and_no_more() {
    let server = Server::start(|_| Reply::Slow(Duration::from_millis(50))).await;
    let config = TransportConfig {
        concurrency: 3,
        ..config()
    };
    let channel = channel_with(config, &server.url("/"));
    let call = read_call();
    let calls = (0..12).map(|_| channel.read(&call, get(&server)));
    for outcome in join_all(calls).await {
        outcome.expect("each gets its turn");
    }
    assert_eq!((server.most_under_way(), server.hits()), (3, 12));
}

#[tokio::test]
async fn waiting_for_a_place_ends_with_the_deadline_and_marks_nothing() {
    let server = Server::start(|_| Reply::Slow(Duration::from_millis(600))).await;
    let config = TransportConfig {
        concurrency: 1,
        ..config()
    };
    let channel = channel_with(config, &server.url("/"));
    let (first, request) = (channel.clone(), get(&server));
    let taken = tokio::spawn(async move { first.read(&read_call(), request).await });
    eventually(|| async { server.under_way() == 1 }).await;
    let ledger = Arc::new(Ledger::default());
    let error = channel
        .write(
            &ledger.call_within(Duration::from_millis(100)),
            post(&server),
            &json!({}),
        )
        .await
        .expect_err("no place");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::None)
    );
    assert_eq!((ledger.marked(), server.hits()), (0, 1));
    taken.await.expect("no panic").expect("answered");
}

#[tokio::test]
async fn one_connection_does_not_use_up_the_places_of_another() {
    let slow = Server::start(|_| Reply::Slow(Duration::from_millis(800))).await;
    let quick = Server::start(|_| ok()).await;
    let config = TransportConfig {
        concurrency: 1,
        ..config()
    };
    let transport = Transport::new(config).expect("a transport");
    let busy = channel_of(&transport, &slow.url("/"));
    let request = get(&slow);
    let taken = tokio::spawn(async move { busy.read(&read_call(), request).await });
    eventually(|| async { slow.under_way() == 1 }).await;
    let call = Call::read("request-1", within(Duration::from_millis(400)));
    channel_of(&transport, &quick.url("/"))
        .read(&call, get(&quick))
        .await
        .expect("not held up");
    taken.abort();
}

#[tokio::test]
async fn the_breaker_opens_refuses_probes_and_closes() {
    let server = Server::start(|number| match number {
        0..3 => http("500 Internal Server Error", "", "{}"),
        _ => ok(),
    })
    .await;
    let channel = channel_with(touchy(), &server.url("/"));
    assert_eq!(channel.breaker_state(), BreakerState::Closed);
    for _ in 0..3 {
        channel
            .read(&read_call(), get(&server))
            .await
            .expect_err("500");
    }
    assert_eq!(channel.breaker_state(), BreakerState::Open);

    let ledger = Arc::new(Ledger::default());
    let error = channel
        .write(&ledger.call(), post(&server), &json!({}))
        .await
        .expect_err("open");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::None)
    );
    assert!(
        error
            .retry_after
            .is_some_and(|wait| wait <= Duration::from_millis(200))
    );
    assert_eq!((ledger.marked(), server.hits()), (0, 3));

    tokio::time::sleep(Duration::from_millis(250)).await;
    channel
        .read(&read_call(), get(&server))
        .await
        .expect("the probe is answered");
    assert_eq!(channel.breaker_state(), BreakerState::Closed);
}

#[tokio::test]
async fn refusals_do_not_open_the_breaker_and_rate_limits_do() {
    for (status, state) in [
        ("400 Bad Request", BreakerState::Closed),
        ("401 Unauthorized", BreakerState::Closed),
        ("404 Not Found", BreakerState::Closed),
        ("429 Too Many Requests", BreakerState::Open),
        ("503 Service Unavailable", BreakerState::Open),
    ] {
        let server = Server::start(move |_| http(status, "", "{}")).await;
        let channel = channel_with(touchy(), &server.url("/"));
        for _ in 0..5 {
            channel
                .read(&read_call(), get(&server))
                .await
                .expect_err(status);
        }
        assert_eq!(channel.breaker_state(), state, "{status}");
    }
}

#[tokio::test]
async fn a_refused_mark_says_nothing_about_the_vendor() {
    let server = Server::start(|_| http("500 Internal Server Error", "", "{}")).await;
    let channel = channel_with(touchy(), &server.url("/"));
    for _ in 0..3 {
        channel
            .read(&read_call(), get(&server))
            .await
            .expect_err("500");
    }
    tokio::time::sleep(Duration::from_millis(250)).await;
    let ledger = Arc::new(Ledger {
        refuses: true,
        ..Ledger::default()
    });
    channel
        .write(&ledger.call(), post(&server), &json!({}))
        .await
        .expect_err("fenced");
    assert_eq!(channel.breaker_state(), BreakerState::HalfOpen);
}

#[tokio::test]
async fn a_rebuilt_channel_remembers() {
    let server = Server::start(|_| http("500 Internal Server Error", "", "{}")).await;
    let transport = Transport::new(touchy()).expect("a transport");
    let id = Uuid::now_v7();
    for _ in 0..3 {
        transport
            .channel("test", id, &server.url("/"), Arc::new(ByStatus), Vec::new())
            .read(&read_call(), get(&server))
            .await
            .expect_err("500");
    }
    let rebuilt = transport.channel("test", id, &server.url("/"), Arc::new(ByStatus), Vec::new());
    assert_eq!(rebuilt.breaker_state(), BreakerState::Open);
}
