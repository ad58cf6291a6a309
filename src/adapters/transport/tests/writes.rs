//! Writes: sent once or not at all, with the side effect that is certain.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;
use uuid::Uuid;

use super::kit::{
    Ledger, Reply, Server, channel, channel_with, config, dead_port, get, http, ok, post,
    read_call, request, within,
};
use crate::adapters::contract::{AdapterError, Call, MarkRefused, Sent, SideEffect, Trouble};
use crate::adapters::transport::{Request, Sign, TransportConfig};

async fn write_to(server: &Server, ledger: &Arc<Ledger>) -> Result<u16, AdapterError> {
    let answer = channel(server)
        .write(&ledger.call(), post(server), &json!({}))
        .await?;
    Ok(answer.status)
}

#[tokio::test]
async fn a_good_write_is_marked_and_sent_once() {
    let server = Server::start(|_| http("201 Created", "", "{}")).await;
    let ledger = Arc::new(Ledger::default());
    assert_eq!(write_to(&server, &ledger).await, Ok(201));
    assert_eq!((ledger.marked(), server.hits()), (1, 1));
    let sent = server.requests().remove(0);
    assert!(sent.ends_with("\r\n\r\n{\"name\":\"ann\"}"), "{sent}");
}

#[tokio::test]
async fn a_refused_mark_sends_nothing() {
    let server = Server::start(|_| ok()).await;
    let ledger = Arc::new(Ledger {
        refuses: true,
        ..Ledger::default()
    });
    let error = write_to(&server, &ledger).await.expect_err("it is fenced");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Fenced, SideEffect::None)
    );
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn a_write_without_an_operation_sends_nothing() {
    let server = Server::start(|_| ok()).await;
    let outcome = channel(&server)
        .write(&read_call(), post(&server), &json!({}))
        .await;
    assert_eq!(
        outcome.map_err(|error| error.trouble).err(),
        Some(Trouble::Fenced)
    );
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn a_mark_that_took_too_long_sends_nothing() {
    let server = Server::start(|_| ok()).await;
    let ledger = Arc::new(Ledger {
        takes: Duration::from_millis(150),
        ..Ledger::default()
    });
    let config = TransportConfig {
        mark_window: Duration::from_millis(50),
        ..config()
    };
    let error = channel_with(config, &server.url("/"))
        .write(&ledger.call(), post(&server), &json!({}))
        .await
        .expect_err("it is stale");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Fenced, SideEffect::None)
    );
    assert_eq!((ledger.marked(), server.hits()), (1, 0));
}

#[tokio::test]
async fn a_process_stopped_during_the_mark_sends_nothing() {
    struct Stopped;
    #[async_trait]
    impl Sent for Stopped {
        async fn mark(&self, _before: &Value) -> Result<(), MarkRefused> {
            // The whole thread stands still, and no timer of the runtime fires meanwhile.
            std::thread::sleep(Duration::from_millis(120));
            Ok(())
        }
    }
    let server = Server::start(|_| ok()).await;
    let config = TransportConfig {
        mark_window: Duration::from_millis(50),
        ..config()
    };
    let deadline = within(Duration::from_secs(5));
    let call = Call::write(
        "request-1",
        deadline,
        Uuid::now_v7(),
        Arc::new([]),
        Arc::new(Stopped),
    );
    let error = channel_with(config, &server.url("/"))
        .write(&call, post(&server), &json!({}))
        .await
        .expect_err("it is stale");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Fenced, SideEffect::None)
    );
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn a_reset_after_sending_has_an_unknown_effect() {
    let server = Server::start(|_| Reply::Reset).await;
    let ledger = Arc::new(Ledger::default());
    let error = write_to(&server, &ledger).await.expect_err("no answer");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::Unknown)
    );
    assert_eq!((ledger.marked(), server.hits()), (1, 1));
}

#[tokio::test]
async fn an_answer_cut_in_half_has_an_unknown_effect() {
    let half = "HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{\"id\":";
    let server = Server::start(move |_| Reply::RawThenClose(half.to_owned())).await;
    let ledger = Arc::new(Ledger::default());
    let error = write_to(&server, &ledger)
        .await
        .expect_err("half an answer");
    assert_eq!(error.effect, SideEffect::Unknown);
    assert_eq!(server.hits(), 1);
}

#[tokio::test]
async fn a_silent_server_is_a_timeout_with_an_unknown_effect() {
    let server = Server::start(|_| Reply::Silence(Duration::from_secs(5))).await;
    let ledger = Arc::new(Ledger::default());
    let channel = channel(&server);
    let call = ledger.call_within(Duration::from_millis(150));
    let error = channel
        .write(&call, post(&server), &json!({}))
        .await
        .expect_err("no answer");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Timeout, SideEffect::Unknown)
    );
    assert_eq!(server.hits(), 1);
}

#[tokio::test]
async fn a_refused_connection_has_no_effect() {
    let port = dead_port().await;
    let base = Url::parse(&format!("http://127.0.0.1:{port}/")).expect("a URL");
    let ledger = Arc::new(Ledger::default());
    let error = channel_with(config(), &base)
        .write(
            &ledger.call(),
            request(Method::POST, base.clone()),
            &json!({}),
        )
        .await
        .expect_err("nobody there");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::None)
    );
}

#[tokio::test]
async fn a_failed_tls_handshake_has_no_effect_and_says_so() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut hello = [0; 4096];
            let _ = stream.read(&mut hello).await;
            let _ = stream.write_all(b"HTTP/1.1 400 No\r\n\r\n").await;
        }
    });
    let base = Url::parse(&format!("https://127.0.0.1:{port}/")).expect("a URL");
    let ledger = Arc::new(Ledger::default());
    let error = channel_with(config(), &base)
        .write(
            &ledger.call(),
            request(Method::POST, base.clone()),
            &json!({}),
        )
        .await
        .expect_err("no TLS there");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::None)
    );
    assert!(error.message.contains("secure connection"), "{error}");
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_given_up_without_effect() {
    // The server waits for the end of a request head, which never comes.
    let server = Server::start(|_| ok()).await;
    let base = Url::parse(&format!("https://127.0.0.1:{}/", server.port)).expect("a URL");
    let config = TransportConfig {
        connect_timeout: Duration::from_millis(200),
        ..config()
    };
    let ledger = Arc::new(Ledger::default());
    let error = channel_with(config, &base)
        .write(
            &ledger.call(),
            request(Method::POST, base.clone()),
            &json!({}),
        )
        .await
        .expect_err("no handshake");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Unavailable, SideEffect::None)
    );
    assert_eq!(server.hits(), 0);
}

#[tokio::test]
async fn statuses_have_the_effect_that_they_prove() {
    for (status, trouble, effect) in [
        ("400 Bad Request", Trouble::Rejected, SideEffect::None),
        ("401 Unauthorized", Trouble::AuthFailed, SideEffect::None),
        ("409 Conflict", Trouble::Conflict, SideEffect::None),
        (
            "429 Too Many Requests",
            Trouble::RateLimited,
            SideEffect::None,
        ),
        ("302 Found", Trouble::Rejected, SideEffect::Unknown),
        (
            "500 Internal Server Error",
            Trouble::Unavailable,
            SideEffect::Unknown,
        ),
        (
            "503 Service Unavailable",
            Trouble::Unavailable,
            SideEffect::Unknown,
        ),
    ] {
        let server = Server::start(move |_| http(status, "", "{}")).await;
        let ledger = Arc::new(Ledger::default());
        let error = write_to(&server, &ledger).await.expect_err(status);
        assert_eq!((error.trouble, error.effect), (trouble, effect), "{status}");
        assert_eq!(server.hits(), 1, "{status} must not be repeated");
    }
}

#[tokio::test]
async fn a_write_on_a_kept_connection_that_is_cut_is_not_repeated() {
    let server = Server::start(|number| if number == 0 { ok() } else { Reply::Reset }).await;
    let channel = channel(&server);
    channel
        .read(&read_call(), get(&server))
        .await
        .expect("a connection to keep");
    let ledger = Arc::new(Ledger::default());
    let error = channel
        .write(&ledger.call(), post(&server), &json!({}))
        .await
        .expect_err("cut");
    assert_eq!(error.effect, SideEffect::Unknown);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(server.hits(), 2, "one read, one write");
}

/// The server closes each connection right after its answer without having said so, while the next write comes: the one
/// moment in which clients like to repeat by themselves.
#[tokio::test]
async fn a_connection_that_closes_under_a_write_never_doubles_it() {
    let reply = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    let server = Server::start(move |_| Reply::RawThenClose(reply.to_owned())).await;
    let channel = channel(&server);
    for round in 0..150 {
        let ledger = Arc::new(Ledger::default());
        let before = server.hits();
        let outcome = channel
            .write(&ledger.call(), post(&server), &json!({}))
            .await;
        let received = server.hits() - before;
        assert!(received <= 1, "round {round}: sent {received} times");
        match outcome {
            Ok(_) => assert_eq!(received, 1, "round {round}"),
            Err(error) if error.effect == SideEffect::None => {
                assert_eq!(received, 0, "round {round}: {error}");
            }
            Err(_) => {}
        }
    }
}

#[tokio::test]
async fn a_signer_that_fails_sends_and_marks_nothing() {
    struct Empty;
    impl Sign for Empty {
        fn sign(&self, _request: &mut Request) -> Result<(), AdapterError> {
            Err(AdapterError::new(
                Trouble::AuthFailed,
                "no key to sign with",
            ))
        }
    }
    let server = Server::start(|_| ok()).await;
    let ledger = Arc::new(Ledger::default());
    let request = Request {
        sign: Some(Arc::new(Empty)),
        ..post(&server)
    };
    let error = channel(&server)
        .write(&ledger.call(), request, &json!({}))
        .await
        .expect_err("no key");
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::AuthFailed, SideEffect::None)
    );
    assert_eq!((ledger.marked(), server.hits()), (0, 0));
}

#[tokio::test]
async fn a_failed_reading_proves_nothing_about_the_write_before_it() {
    let calls = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&calls);
    let server = Server::start(move |_| match seen.fetch_add(1, Ordering::SeqCst) {
        1 => ok(),
        _ => http("404 Not Found", "", "{}"),
    })
    .await;
    let channel = channel(&server);
    let ledger = Arc::new(Ledger::default());
    let call = ledger.call();
    let before = channel.read(&call, get(&server)).await.expect_err("404");
    assert_eq!(before.effect, SideEffect::None);
    channel
        .write(&call, post(&server), &json!({}))
        .await
        .expect("it is done");
    let after = channel.read(&call, get(&server)).await.expect_err("404");
    assert_eq!(after.effect, SideEffect::Unknown);
}

#[tokio::test]
async fn a_bodiless_post_says_that_it_is_empty() {
    let server = Server::start(|_| ok()).await;
    let ledger = Arc::new(Ledger::default());
    channel(&server)
        .write(
            &ledger.call(),
            request(Method::POST, server.url("/x")),
            &json!({}),
        )
        .await
        .expect("fine");
    let sent = server.requests().remove(0).to_ascii_lowercase();
    assert!(sent.contains("content-length: 0\r\n"), "{sent}");
}
