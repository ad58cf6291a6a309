//! A server that does what no proper server would, and the small parts that every test needs.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::Method;
use reqwest::header::HeaderMap;
use secrecy::SecretString;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use url::Url;
use uuid::Uuid;

use crate::adapters::contract::{AdapterError, Call, MarkRefused, Sent, Trouble, Upstream};
use crate::adapters::transport::{
    Answer, BreakerConfig, Channel, Judge, Request, RetryConfig, Transport, TransportConfig,
};

/// What the server does with one request.
#[derive(Clone)]
pub(super) enum Reply {
    /// Sends these bytes and waits for the next request on the same connection.
    Raw(String),
    /// Sends these bytes and closes the connection right away.
    RawThenClose(String),
    /// Resets the connection without an answer.
    Reset,
    /// Says nothing for so long, then closes.
    Silence(Duration),
    /// Answers well after so long.
    Slow(Duration),
    /// Sends a good head, then one byte of the body at a time with so long between them, without end.
    Drip(Duration),
    /// Sends a good head and a body without end, as fast as it is taken.
    Flood,
}

pub(super) fn http(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::Raw(format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}"
    ))
}

pub(super) fn ok() -> Reply {
    http("200 OK", "", "{}")
}

/// A server on a real socket; `script` says what to do with the n-th request, from 0.
pub(super) struct Server {
    pub(super) port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    under_way: Arc<AtomicUsize>,
    most_under_way: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(script: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let under_way = Arc::new(AtomicUsize::new(0));
        let most_under_way = Arc::new(AtomicUsize::new(0));
        let desk = Desk {
            script: Arc::new(script),
            requests: Arc::clone(&requests),
            under_way: Arc::clone(&under_way),
            most_under_way: Arc::clone(&most_under_way),
        };
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(desk.clone().serve(stream));
            }
        });
        Self {
            port,
            requests,
            under_way,
            most_under_way,
            task,
        }
    }

    pub(super) fn url(&self, path: &str) -> Url {
        let text = format!("http://127.0.0.1:{}{path}", self.port);
        Url::parse(&text).expect("a URL")
    }

    /// Every request received whole, head and body.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("not poisoned").clone()
    }

    pub(super) fn hits(&self) -> usize {
        self.requests().len()
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way.load(Ordering::SeqCst)
    }

    pub(super) fn most_under_way(&self) -> usize {
        self.most_under_way.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Desk {
    script: Arc<dyn Fn(usize) -> Reply + Send + Sync>,
    requests: Arc<Mutex<Vec<String>>>,
    under_way: Arc<AtomicUsize>,
    most_under_way: Arc<AtomicUsize>,
}

impl Desk {
    async fn serve(self, mut stream: TcpStream) {
        while let Some(request) = read_request(&mut stream).await {
            let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_under_way.fetch_max(now, Ordering::SeqCst);
            let number = {
                let mut requests = self.requests.lock().expect("not poisoned");
                requests.push(request);
                requests.len() - 1
            };
            let goes_on = act(&mut stream, (self.script)(number)).await;
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            if !goes_on {
                return;
            }
        }
    }
}

async fn act(stream: &mut TcpStream, reply: Reply) -> bool {
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    match reply {
        Reply::Raw(text) => stream.write_all(text.as_bytes()).await.is_ok(),
        Reply::RawThenClose(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            false
        }
        Reply::Reset => {
            let _ = stream.set_zero_linger();
            false
        }
        Reply::Silence(time) => {
            tokio::time::sleep(time).await;
            false
        }
        Reply::Slow(time) => {
            tokio::time::sleep(time).await;
            let Reply::Raw(text) = ok() else { return false };
            stream.write_all(text.as_bytes()).await.is_ok()
        }
        Reply::Drip(pause) => {
            let _ = stream.write_all(HEAD).await;
            while stream.write_all(b"1\r\nx\r\n").await.is_ok() {
                tokio::time::sleep(pause).await;
            }
            false
        }
        Reply::Flood => {
            let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
            let _ = stream.write_all(HEAD).await;
            while stream.write_all(chunk.as_bytes()).await.is_ok() {}
            false
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= content_length(head)
        {
            return Some(text);
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

fn content_length(head: &str) -> usize {
    head.to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0)
}

/// A port on which nothing listens.
pub(super) async fn dead_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Judges by the status alone, which suffices for a server made up here; repeats the body as the vendor's words.
pub(super) struct ByStatus;

impl Judge for ByStatus {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        let trouble = match answer.status {
            200..300 => return Ok(()),
            401 => Trouble::AuthFailed,
            404 => Trouble::NotFound,
            409 => Trouble::Conflict,
            429 => Trouble::RateLimited,
            500.. => Trouble::Unavailable,
            _ => Trouble::Rejected,
        };
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        Err(
            AdapterError::new(trouble, format!("the vendor said {body}")).saying(Upstream {
                message: Some(body),
                ..Upstream::default()
            }),
        )
    }
}

/// Settings for servers on loopback, with short waits.
pub(super) fn config() -> TransportConfig {
    TransportConfig {
        plain_http_hosts: vec!["127.0.0.1".parse().expect("a rule")],
        private_hosts: vec!["127.0.0.1".parse().expect("a rule")],
        connect_timeout: Duration::from_secs(1),
        retry: RetryConfig {
            attempts: 3,
            first_wait: Duration::from_millis(10),
            longest_wait: Duration::from_millis(40),
        },
        breaker: BreakerConfig {
            failures: 100,
            ..BreakerConfig::default()
        },
        ..TransportConfig::default()
    }
}

pub(super) fn channel_with(config: TransportConfig, base: &Url) -> Channel {
    let transport = Transport::new(config).expect("a transport");
    channel_of(&transport, base)
}

pub(super) fn channel_of(transport: &Transport, base: &Url) -> Channel {
    let secrets = vec![SecretString::from("k3y-Of-Luna")];
    transport.channel("test", Uuid::now_v7(), base, Arc::new(ByStatus), secrets)
}

pub(super) fn channel(server: &Server) -> Channel {
    channel_with(config(), &server.url("/"))
}

pub(super) fn request(method: Method, url: Url) -> Request {
    Request {
        method,
        url,
        headers: HeaderMap::new(),
        body: Bytes::new(),
        sign: None,
    }
}

pub(super) fn get(server: &Server) -> Request {
    request(Method::GET, server.url("/things"))
}

pub(super) fn post(server: &Server) -> Request {
    Request {
        body: Bytes::from_static(b"{\"name\":\"ann\"}"),
        ..request(Method::POST, server.url("/things"))
    }
}

pub(super) fn within(time: Duration) -> Instant {
    Instant::now() + time
}

pub(super) fn read_call() -> Call {
    Call::read("request-1", within(Duration::from_secs(5)))
}

/// A ledger that counts the marks.
#[derive(Default)]
pub(super) struct Ledger {
    pub(super) marks: AtomicUsize,
    pub(super) refuses: bool,
    pub(super) takes: Duration,
}

#[async_trait]
impl Sent for Ledger {
    async fn mark(&self, _before: &Value) -> Result<(), MarkRefused> {
        tokio::time::sleep(self.takes).await;
        self.marks.fetch_add(1, Ordering::SeqCst);
        if self.refuses {
            Err(MarkRefused)
        } else {
            Ok(())
        }
    }
}

impl Ledger {
    pub(super) fn marked(&self) -> usize {
        self.marks.load(Ordering::SeqCst)
    }

    pub(super) fn call(self: &Arc<Self>) -> Call {
        self.call_within(Duration::from_secs(5))
    }

    pub(super) fn call_within(self: &Arc<Self>, time: Duration) -> Call {
        let secrets = Arc::new([SecretString::from("hunter2-of-ann")]);
        Call::write(
            "request-1",
            within(time),
            Uuid::now_v7(),
            secrets,
            Arc::clone(self) as Arc<dyn Sent>,
        )
    }
}

/// Waits until something is true, or fails the test after two seconds.
pub(super) async fn eventually<F: Future<Output = bool>>(mut check: impl FnMut() -> F) {
    for _ in 0..200 {
        if check().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not become true in time");
}
