//! Answers that are passed through: whole while they are short, as they come when they are long.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use secrecy::SecretString;
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::kit::{
    ByStatus, Ledger, Reply, Server, channel, channel_with, config, get, http, ok, post, read_call,
    within,
};
use crate::adapters::contract::{AdapterError, Call, Forwarded, SideEffect, Sketch, Trouble};
use crate::adapters::transport::{
    Answer, Authorization, BreakerConfig, BreakerState, Channel, Judge, Quota, Request, Sign,
    StreamConfig, Transport, TransportConfig,
};

/// Judges whole what has up to a hundred bytes.
fn short() -> TransportConfig {
    TransportConfig {
        max_answer_bytes: 10_000,
        stream: StreamConfig {
            judged_bytes: 100,
            max_bytes: 200_000,
            idle_timeout: Duration::from_millis(300),
            longest: Duration::from_secs(2),
        },
        ..config()
    }
}

async fn drained(forwarded: Forwarded) -> (Vec<u8>, Option<AdapterError>) {
    let mut body = forwarded.body;
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(error) => return (bytes, Some(error)),
        }
    }
    (bytes, None)
}

/// The error of a call that must not work; what comes instead says nothing.
fn failed(outcome: Result<Forwarded, AdapterError>) -> AdapterError {
    outcome.err().expect("it must not work")
}

/// Chunked, so that the length is not known beforehand; after the last of `chunks` it ends properly or breaks off.
fn chunked(chunks: &[String], ends: bool) -> Reply {
    let mut text =
        "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_owned();
    for chunk in chunks {
        text.push_str(&format!("{:x}\r\n{chunk}\r\n", chunk.len()));
    }
    if ends {
        text.push_str("0\r\n\r\n");
        Reply::Raw(text)
    } else {
        Reply::RawThenClose(text)
    }
}

#[tokio::test]
async fn a_short_answer_is_judged_whole_and_handed_on() {
    let reply = http(
        "202 Accepted",
        "content-type: application/json\r\n",
        "{\"a\":1}",
    );
    let server = Server::start(move |_| reply.clone()).await;
    let forwarded = channel_with(short(), &server.url("/"))
        .forward_read(&read_call(), get(&server))
        .await
        .expect("answered");
    assert_eq!(forwarded.status, 202);
    assert_eq!(forwarded.content_type.as_deref(), Some("application/json"));
    assert_eq!(drained(forwarded).await, (b"{\"a\":1}".to_vec(), None));
}

#[tokio::test]
async fn a_long_answer_is_handed_on_byte_for_byte_beyond_the_limit_of_whole_ones() {
    let body = "0123456789".repeat(10_000);
    let reply = http("200 OK", "", &body);
    let server = Server::start(move |_| reply.clone()).await;
    let forwarded = channel_with(short(), &server.url("/"))
        .forward_read(&read_call(), get(&server))
        .await
        .expect("answered");
    let (bytes, error) = drained(forwarded).await;
    assert_eq!(error, None);
    assert!(bytes == body.as_bytes(), "{} bytes came", bytes.len());
}

#[tokio::test]
async fn an_empty_answer_has_no_pieces() {
    let server = Server::start(|_| Reply::Raw("HTTP/1.1 204 No Content\r\n\r\n".to_owned())).await;
    let mut forwarded = channel_with(short(), &server.url("/"))
        .forward_read(&read_call(), get(&server))
        .await
        .expect("answered");
    assert_eq!(forwarded.status, 204);
    assert!(forwarded.body.next().await.is_none());
}

#[tokio::test]
async fn the_body_waits_for_its_reader() {
    let server = Server::start(|_| Reply::Flood).await;
    let config = TransportConfig {
        stream: StreamConfig {
            idle_timeout: Duration::from_secs(5),
            longest: Duration::from_secs(20),
            ..StreamConfig::default()
        },
        ..config()
    };
    let mut forwarded = channel_with(config, &server.url("/"))
        .forward_read(&read_call(), get(&server))
        .await
        .expect("answered");
    let mut taken = 0;
    while taken < 20 * 1024 * 1024 {
        let piece = forwarded
            .body
            .next()
            .await
            .expect("endless")
            .expect("whole");
        // One piece is what one read of the socket gives, however much there is to come.
        assert!(piece.len() <= 1024 * 1024, "{} bytes at once", piece.len());
        taken += piece.len();
    }
}

#[tokio::test]
async fn a_long_answer_is_bounded_in_size() {
    let server = Server::start(|_| Reply::Flood).await;
    let forwarded = channel_with(short(), &server.url("/"))
        .forward_read(&read_call(), get(&server))
        .await
        .expect("answered");
    let (bytes, error) = drained(forwarded).await;
    let error = error.expect("it never ends");
    assert_eq!(error.trouble, Trouble::Malformed);
    assert!(
        error.message.contains("larger than 200000 bytes"),
        "{error}"
    );
    assert_eq!(error.upstream.and_then(|said| said.status), Some(200));
    assert!(bytes.len() <= 200_000);
}

#[tokio::test]
async fn a_vendor_that_pauses_or_drips_is_not_waited_for() {
    let long = "x".repeat(150);
    // Says that more comes, and leaves it at that.
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{long}");
    let stalling = Server::start(move |_| Reply::Raw(head.clone())).await;
    let forwarded = channel_with(short(), &stalling.url("/"))
        .forward_read(&read_call(), get(&stalling))
        .await
        .expect("answered");
    let (bytes, error) = drained(forwarded).await;
    // What could be the beginning of a secret was held back.
    assert!(long.as_bytes().starts_with(&bytes) && bytes.len() > 50);
    let error = error.expect("paused");
    assert_eq!(error.trouble, Trouble::Timeout);
    assert!(error.message.contains("paused for 0.3 s"), "{error}");

    let dripping = Server::start(|_| Reply::Drip(Duration::from_millis(5))).await;
    let started = Instant::now();
    let forwarded = channel_with(short(), &dripping.url("/"))
        .forward_read(&read_call(), get(&dripping))
        .await
        .expect("answered");
    let error = drained(forwarded).await.1.expect("it never ends");
    assert!(error.message.contains("within 2.0 s"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn an_answer_that_breaks_off_ends_with_an_error_and_is_not_asked_for_again() {
    let chunks = ["x".repeat(150), "y".repeat(150)];
    let server = Server::start(move |_| chunked(&chunks, false)).await;
    let forwarded = channel_with(short(), &server.url("/"))
        .forward_read(&read_call(), get(&server))
        .await
        .expect("answered");
    let (_, error) = drained(forwarded).await;
    assert_eq!(error.expect("broken").trouble, Trouble::Unavailable);
    assert_eq!(server.hits(), 1);
}

#[tokio::test]
async fn a_read_is_repeated_while_nothing_was_handed_on() {
    let broken = chunked(&["x".repeat(50)], false);
    for first in [http("503 Busy", "", "{}"), Reply::Reset, broken] {
        let server =
            Server::start(move |number| if number < 2 { first.clone() } else { ok() }).await;
        let forwarded = channel_with(short(), &server.url("/"))
            .forward_read(&read_call(), get(&server))
            .await
            .expect("the third attempt is answered");
        assert_eq!((forwarded.status, server.hits()), (200, 3));
    }
}

#[tokio::test]
async fn errors_are_read_whole_judged_and_redacted() {
    let body = format!("bad key k3y-Of-Luna {}", "x".repeat(1000));
    let server = Server::start(move |_| http("400 Bad Request", "", &body)).await;
    let ledger = Arc::new(Ledger::default());
    let channel = channel_with(short(), &server.url("/"));
    let error = failed(channel.forward_read(&read_call(), get(&server)).await);
    assert_eq!(error.trouble, Trouble::Rejected);
    assert!(error.message.contains("bad key [redacted]"), "{error}");
    let outcome = channel
        .forward_write(&ledger.call(), post(&server), &json!({}))
        .await;
    assert!(!format!("{:?}", failed(outcome)).contains("k3y"));
}

#[tokio::test]
async fn redirects_and_encoded_answers_are_not_handed_on() {
    for (status, header, trouble) in [
        ("302 Found", "location: /elsewhere\r\n", Trouble::Rejected),
        ("200 OK", "content-encoding: gzip\r\n", Trouble::Malformed),
    ] {
        let server = Server::start(move |_| http(status, header, "{}")).await;
        let outcome = channel(&server)
            .forward_read(&read_call(), get(&server))
            .await;
        let error = failed(outcome);
        assert_eq!((error.trouble, server.hits()), (trouble, 1), "{status}");
    }
}

#[tokio::test]
async fn a_write_is_marked_and_sent_once_however_long_its_answer_is() {
    for length in [10, 50_000] {
        let body = "x".repeat(length);
        let server = Server::start(move |_| http("201 Created", "", &body)).await;
        let ledger = Arc::new(Ledger::default());
        let forwarded = channel_with(short(), &server.url("/"))
            .forward_write(&ledger.call(), post(&server), &json!({}))
            .await
            .expect("created");
        assert_eq!(forwarded.status, 201);
        assert_eq!(drained(forwarded).await.0.len(), length);
        assert_eq!((ledger.marked(), server.hits()), (1, 1));
        assert!(server.requests()[0].ends_with("{\"name\":\"ann\"}"));
    }
}

#[tokio::test]
async fn a_write_without_an_answer_is_not_repeated_and_has_an_unknown_effect() {
    let server = Server::start(|_| Reply::Reset).await;
    let ledger = Arc::new(Ledger::default());
    let outcome = channel_with(short(), &server.url("/"))
        .forward_write(&ledger.call(), post(&server), &json!({}))
        .await;
    let error = failed(outcome);
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::Unknown)
    );
    assert_eq!((ledger.marked(), server.hits()), (1, 1));
}

#[tokio::test]
async fn a_refused_mark_forwards_nothing() {
    let server = Server::start(|_| ok()).await;
    let ledger = Arc::new(Ledger {
        refuses: true,
        ..Ledger::default()
    });
    let channel = channel(&server);
    for call in [ledger.call(), read_call()] {
        let outcome = channel
            .forward_write(&call, post(&server), &json!({}))
            .await;
        assert_eq!(failed(outcome).trouble, Trouble::Fenced);
    }
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn a_planned_request_is_kept_and_not_sent_whether_it_reads_or_writes() {
    let server = Server::start(|_| ok()).await;
    let channel = channel(&server);
    for writes in [false, true] {
        let sketch = Arc::new(Sketch::default());
        let call = Call::plan(
            "request-1",
            within(Duration::from_secs(5)),
            Uuid::now_v7(),
            Arc::new([]),
            Arc::clone(&sketch),
        );
        let outcome = if writes {
            channel
                .forward_write(&call, post(&server), &json!({}))
                .await
        } else {
            channel.forward_read(&call, get(&server)).await
        };
        assert_eq!(failed(outcome).trouble, Trouble::Fenced);
        let sketched = sketch.take();
        assert!(sketched.readings.is_empty());
        let method = if writes { "POST" } else { "GET" };
        assert_eq!(sketched.request.expect("kept").method, method);
    }
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn the_place_is_held_until_the_body_has_ended_or_is_dropped() {
    let server = Server::start(|number| match number {
        0 => Reply::Flood,
        _ => ok(),
    })
    .await;
    let config = TransportConfig {
        concurrency: 1,
        ..short()
    };
    let channel = channel_with(config, &server.url("/"));
    let forwarded = channel
        .forward_read(&read_call(), get(&server))
        .await
        .expect("answered");
    let hurried = Call::read("request-2", within(Duration::from_millis(100)));
    let error = channel
        .read(&hurried, get(&server))
        .await
        .expect_err("the only place is taken");
    assert_eq!((error.trouble, server.hits()), (Trouble::Unavailable, 1));
    drop(forwarded);
    channel
        .read(&read_call(), get(&server))
        .await
        .expect("the place is free again");
}

fn touchy() -> TransportConfig {
    TransportConfig {
        breaker: BreakerConfig {
            failures: 2,
            open_for: Duration::from_secs(5),
        },
        ..short()
    }
}

#[tokio::test]
async fn bodies_that_break_off_open_the_breaker_and_readers_that_leave_do_not() {
    let chunks = ["x".repeat(150)];
    let server = Server::start(move |_| chunked(&chunks, false)).await;
    let channel = channel_with(touchy(), &server.url("/"));
    for _ in 0..4 {
        let outcome = channel.forward_read(&read_call(), get(&server)).await;
        drop(outcome.expect("answered"));
    }
    assert_eq!(channel.breaker_state(), BreakerState::Closed);
    for _ in 0..2 {
        let outcome = channel.forward_read(&read_call(), get(&server)).await;
        drained(outcome.expect("answered")).await;
    }
    assert_eq!(channel.breaker_state(), BreakerState::Open);
}

fn signing(request: Request, token: &str) -> Request {
    let sign = Authorization::bearer(&SecretString::from(token)).expect("fits a header");
    Request {
        sign: Some(Arc::new(sign) as Arc<dyn Sign>),
        ..request
    }
}

#[tokio::test]
async fn a_vendor_that_shows_what_it_was_sent_gives_no_credential_away() {
    // The connection's secret over a border of chunks, and the token that was signed in.
    let pad = "x".repeat(120);
    let chunks = [
        format!("{pad}k3y-O"),
        format!("f-Luna{pad} renewed-"),
        "token-1 end".to_owned(),
    ];
    for (chunks, expected) in [
        (
            chunks.to_vec(),
            format!("{pad}[redacted]{pad} [redacted] end"),
        ),
        (
            vec!["k3y-Of-Luna, renewed-token-1".to_owned()],
            "[redacted], [redacted]".to_owned(),
        ),
    ] {
        let server = Server::start(move |_| chunked(&chunks, true)).await;
        let forwarded = channel_with(short(), &server.url("/"))
            .forward_read(&read_call(), signing(get(&server), "renewed-token-1"))
            .await
            .expect("answered");
        assert_eq!(forwarded.content_type.as_deref(), Some("text/csv"));
        let (bytes, error) = drained(forwarded).await;
        assert_eq!(error, None);
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
        assert!(server.requests()[0].contains("Bearer renewed-token-1"));
    }
}

/// A vendor whose errors come inside a 200, and which tells the calls that are left.
struct ByBody;

impl Judge for ByBody {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        match answer.body.ends_with(b"error") {
            true => Err(AdapterError::new(
                Trouble::Rejected,
                "an error inside a 200",
            )),
            false => Ok(()),
        }
    }

    fn judges_bodies(&self) -> bool {
        true
    }
}

fn by_body(server: &Server) -> Channel {
    let transport = Transport::new(short()).expect("a transport");
    transport.channel(
        "test",
        Uuid::now_v7(),
        &server.url("/"),
        Arc::new(ByBody),
        Vec::new(),
    )
}

#[tokio::test]
async fn where_bodies_tell_errors_long_answers_are_read_and_judged_whole() {
    let wrong = format!("{}error", "x".repeat(5000));
    let server = Server::start(move |number| match number {
        0 => http("200 OK", "", &wrong),
        1 => http("200 OK", "", &"x".repeat(5000)),
        _ => http("200 OK", "", &"x".repeat(20_000)),
    })
    .await;
    let channel = by_body(&server);
    let error = failed(channel.forward_read(&read_call(), get(&server)).await);
    assert_eq!(error.message, "an error inside a 200");
    let good = channel.forward_read(&read_call(), get(&server)).await;
    assert_eq!(drained(good.expect("good")).await.0.len(), 5000);
    let error = failed(channel.forward_read(&read_call(), get(&server)).await);
    assert!(error.message.contains("larger than 10000 bytes"), "{error}");
}

#[tokio::test]
async fn a_long_answer_tells_the_calls_that_are_left() {
    struct Counting;
    impl Judge for Counting {
        fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
            ByStatus.judge(answer)
        }

        fn quota(&self, answer: &Answer) -> Option<Quota> {
            answer.header("x-left").map(|_| Quota {
                remaining: 0,
                resets_at: std::time::SystemTime::now() + Duration::from_secs(60),
            })
        }
    }
    let long = "x".repeat(5000);
    let server = Server::start(move |_| http("200 OK", "x-left: 0\r\n", &long)).await;
    let transport = Transport::new(short()).expect("a transport");
    let channel = transport.channel(
        "test",
        Uuid::now_v7(),
        &server.url("/"),
        Arc::new(Counting),
        Vec::new(),
    );
    let first = channel.forward_read(&read_call(), get(&server)).await;
    drained(first.expect("answered")).await;
    let error = failed(channel.forward_read(&read_call(), get(&server)).await);
    assert_eq!((error.trouble, server.hits()), (Trouble::RateLimited, 1));
}
