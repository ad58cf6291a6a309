//! What an operator can set about outgoing calls. Reading it from the environment is the wiring's matter.

use std::time::Duration;

use crate::domain::HostRule;

/// Settings of the way out; one for the whole process.
#[derive(Clone, Debug)]
pub struct TransportConfig {
    /// How long making a connection may take, TLS included.
    pub connect_timeout: Duration,
    /// How long one attempt may take, from the first byte sent to the last one read.
    pub attempt_timeout: Duration,
    /// How long an unused connection is kept.
    ///
    /// Shorter than what servers commonly allow (5 s and more): a write on a connection that the server is just closing
    /// ends with an unknown effect, which costs the caller seconds of reading back.
    pub idle_timeout: Duration,
    /// The largest answer that is read, in bytes.
    pub max_answer_bytes: usize,
    /// How many calls to one connection may be under way at a time.
    pub concurrency: usize,
    /// How long after the sent mark was asked for the request may still leave. Must be shorter than the ledger's lease.
    pub mark_window: Duration,
    /// Hosts that may be called by plain http.
    pub plain_http_hosts: Vec<HostRule>,
    /// Hosts and networks that may be called although their addresses are not public.
    pub private_hosts: Vec<HostRule>,
    /// When a connection is given a rest.
    pub breaker: BreakerConfig,
    /// How reads are repeated.
    pub retry: RetryConfig,
    /// How answers are handed on that are passed through as they come.
    pub stream: StreamConfig,
}

/// How answers are handed on that are passed through as they come.
#[derive(Clone, Copy, Debug)]
pub struct StreamConfig {
    /// Answers up to so many bytes are read and judged whole, as any other; longer ones are handed on while they come.
    pub judged_bytes: usize,
    /// The largest answer that is handed on, in bytes.
    pub max_bytes: usize,
    /// How long the vendor may pause within an answer.
    pub idle_timeout: Duration,
    /// How long an answer may take in all, from the first byte sent.
    pub longest: Duration,
}

/// When a connection is given a rest.
#[derive(Clone, Copy, Debug)]
pub struct BreakerConfig {
    /// How many failures in a row open it.
    pub failures: u32,
    /// How long it stays open before one call may probe.
    pub open_for: Duration,
}

/// How reads are repeated.
#[derive(Clone, Copy, Debug)]
pub struct RetryConfig {
    /// How many attempts there are, the first included.
    pub attempts: usize,
    /// The wait before the second attempt; doubles from there, with jitter on top.
    pub first_wait: Duration,
    /// The longest wait of our own choosing; a vendor's Retry-After may be longer.
    pub longest_wait: Duration,
}

impl TransportConfig {
    /// Lists a host for plain http and for an address that is not public: a simulator on loopback, say.
    pub fn allow_plain_and_private(&mut self, host: HostRule) {
        self.plain_http_hosts.push(host.clone());
        self.private_hosts.push(host);
    }
}

impl Default for TransportConfig {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(20),
            idle_timeout: Duration::from_secs(4),
            max_answer_bytes: 8 * 1024 * 1024,
            concurrency: 8,
            mark_window: Duration::from_secs(2),
            plain_http_hosts: Vec::new(),
            private_hosts: Vec::new(),
            breaker: BreakerConfig::default(),
            retry: RetryConfig::default(),
            stream: StreamConfig::default(),
        }
    }
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self {
            judged_bytes: 64 * 1024,
            max_bytes: 64 * 1024 * 1024,
            idle_timeout: Duration::from_secs(15),
            longest: Duration::from_secs(300),
        }
    }
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self {
            failures: 10,
            open_for: Duration::from_secs(10),
        }
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_wait: Duration::from_millis(200),
            longest_wait: Duration::from_secs(5),
        }
    }
}
