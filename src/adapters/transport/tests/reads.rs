//! Reads: repeated while there is hope and time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderValue;
use tokio::time::Instant;

use super::kit::{Reply, Server, channel, channel_with, config, get, http, ok, read_call, within};
use crate::adapters::contract::{AdapterError, Call, SideEffect, Trouble};
use crate::adapters::transport::{Request, Sign, TransportConfig};

#[tokio::test]
async fn passing_trouble_is_outlived() {
    for first in [
        http("503 Service Unavailable", "", "{}"),
        http("429 Too Many Requests", "", "{}"),
        Reply::Reset,
        Reply::RawThenClose(String::new()),
        Reply::Raw("this is no HTTP at all\r\n\r\n".to_owned()),
    ] {
        let server =
            Server::start(move |number| if number < 2 { first.clone() } else { ok() }).await;
        let answer = channel(&server)
            .read(&read_call(), get(&server))
            .await
            .expect("the third attempt is answered");
        assert_eq!((answer.status, server.hits()), (200, 3));
    }
}

#[tokio::test]
async fn attempts_are_counted() {
    let server = Server::start(|_| http("503 Service Unavailable", "", "busy")).await;
    let error = channel(&server)
        .read(&read_call(), get(&server))
        .await
        .expect_err("always busy");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::None)
    );
    assert_eq!(error.upstream.and_then(|said| said.status), Some(503));
    assert_eq!(server.hits(), 3);
}

#[tokio::test]
async fn definite_trouble_is_not_repeated() {
    for status in ["400 Bad Request", "401 Unauthorized", "404 Not Found"] {
        let server = Server::start(move |_| http(status, "", "{}")).await;
        channel(&server)
            .read(&read_call(), get(&server))
            .await
            .expect_err(status);
        assert_eq!(server.hits(), 1, "{status}");
    }
}

#[tokio::test]
async fn retry_after_is_waited_for() {
    let server = Server::start(|number| match number {
        0 => http("429 Too Many Requests", "retry-after: 1\r\n", "{}"),
        _ => ok(),
    })
    .await;
    let started = Instant::now();
    channel(&server)
        .read(&read_call(), get(&server))
        .await
        .expect("answered after the wait");
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.hits(), 2);
}

#[tokio::test]
async fn retry_after_beyond_the_deadline_is_returned_at_once() {
    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(120));
    for asked in ["60", date.as_str()] {
        let header = format!("retry-after: {asked}\r\n");
        let server = Server::start(move |_| http("503 Busy", &header, "{}")).await;
        let channel = channel(&server);
        let started = Instant::now();
        let error = channel
            .read(&read_call(), get(&server))
            .await
            .expect_err("busy");
        assert!(started.elapsed() < Duration::from_secs(1));
        assert!(
            error
                .retry_after
                .is_some_and(|wait| wait > Duration::from_secs(50))
        );
        assert_eq!(server.hits(), 1);
    }
}

#[tokio::test]
async fn the_deadline_ends_everything() {
    let server = Server::start(|_| Reply::Silence(Duration::from_secs(5))).await;
    let started = Instant::now();
    let channel = channel(&server);
    let call = Call::read("request-1", within(Duration::from_millis(200)));
    let error = channel
        .read(&call, get(&server))
        .await
        .expect_err("no answer");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Timeout, SideEffect::None)
    );
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_deadline_in_the_past_sends_nothing() {
    let server = Server::start(|_| ok()).await;
    let call = Call::read("request-1", Instant::now());
    channel(&server)
        .read(&call, get(&server))
        .await
        .expect_err("too late");
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn a_slow_attempt_is_given_up_for_another() {
    let server = Server::start(|number| match number {
        0 => Reply::Silence(Duration::from_secs(5)),
        _ => ok(),
    })
    .await;
    let config = TransportConfig {
        attempt_timeout: Duration::from_millis(150),
        ..config()
    };
    channel_with(config, &server.url("/"))
        .read(&read_call(), get(&server))
        .await
        .expect("the second attempt is answered");
    assert_eq!(server.hits(), 2);
}

#[tokio::test]
async fn every_attempt_is_signed_anew() {
    #[derive(Default)]
    struct Counting(AtomicUsize);
    impl Sign for Counting {
        fn sign(&self, request: &mut Request) -> Result<(), AdapterError> {
            let number = self.0.fetch_add(1, Ordering::SeqCst);
            let value = HeaderValue::from_str(&format!("signature-{number}")).expect("a value");
            request.headers.insert("x-signature", value);
            Ok(())
        }
    }
    let server = Server::start(|number| match number {
        0 => http("503 Busy", "", "{}"),
        _ => ok(),
    })
    .await;
    let request = Request {
        sign: Some(Arc::new(Counting::default())),
        ..get(&server)
    };
    channel(&server)
        .read(&read_call(), request)
        .await
        .expect("answered");
    let requests = server.requests();
    assert!(requests[0].contains("signature-0"));
    assert!(requests[1].contains("signature-1"));
}
