//! The operator's settings, one plain struct per concern.
//!
//! Everything comes from environment variables; every bad one is reported, not the first alone. A variable that is set
//! to nothing counts as unset. Command line options (where to listen, where data lives) belong to `cli`.

mod master_key;
mod reader;

use std::{fmt, path::Path, time::Duration};

use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::EnvFilter;
use url::Url;

use crate::domain::HostRule;

pub use master_key::{MasterKey, MasterKeys};
use reader::Reader;

/// PostgreSQL's notices say such things as that a table exists already.
const DEFAULT_FILTER: &str = "info,sqlx::postgres::notice=warn";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// All settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where rows live.
    pub database: Database,
    /// `IAM_GATEWAY_MASTER_KEY` or `IAM_GATEWAY_MASTER_KEY_FILE`: the keys that everything secret hangs on, if given.
    /// Ask [`Config::master_keys`] for the ones to use.
    pub master_keys: Option<MasterKeys>,
    /// Calls to vendors.
    pub outgoing: Outgoing,
    /// Acts toward vendors.
    pub operations: Operations,
    /// Our own HTTP surface.
    pub http: Http,
    /// Reading what vendors hold.
    pub sync: Sync,
    /// What the process says about itself.
    pub telemetry: Telemetry,
}

/// Where rows live.
#[derive(Debug, Clone)]
pub struct Database {
    /// `DATABASE_URL`; without it an embedded PostgreSQL is started.
    pub url: Option<SecretString>,
    /// `IAM_GATEWAY_DATABASE_MAX_CONNECTIONS` (20): the pool that answers requests.
    pub max_connections: u32,
    /// `IAM_GATEWAY_DATABASE_BACKGROUND_CONNECTIONS` (8): the pool of work without a caller, which requests can't starve.
    pub background_connections: u32,
}

/// Calls to vendors.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// `IAM_GATEWAY_PLAIN_HTTP_HOSTS` (none): where http is allowed besides https. A comma list of `host`, `host:port`,
    /// address, `[v6]:port` or CIDR.
    pub plain_http_hosts: Vec<HostRule>,
    /// `IAM_GATEWAY_PRIVATE_HOSTS` (none): which hosts may be, or resolve to, loopback, private and other inner addresses.
    /// A list like the one above.
    pub private_hosts: Vec<HostRule>,
    /// `IAM_GATEWAY_CONNECT_TIMEOUT_SECONDS` (5).
    pub connect_timeout: Duration,
    /// `IAM_GATEWAY_ATTEMPT_SECONDS` (10): how long one request to a vendor may take, from the connection to the last byte of
    /// the answer. After an unclear answer a reading counts only when this time, and the settle time, have passed.
    pub attempt: Duration,
    /// `IAM_GATEWAY_MAX_ANSWER_BYTES` (8 MiB): a longer answer of a vendor is malformed.
    pub max_answer_bytes: usize,
    /// `IAM_GATEWAY_CONNECTION_CONCURRENCY` (8): calls at a time to one connection.
    pub concurrency: usize,
}

/// Acts toward vendors.
#[derive(Debug, Clone)]
pub struct Operations {
    /// `IAM_GATEWAY_LEASE_SECONDS` (30): how long work stays its owner's without a sign of life.
    pub lease: Duration,
    /// `IAM_GATEWAY_HEARTBEAT_SECONDS` (10): how often the owner gives one. At most half a lease.
    pub heartbeat: Duration,
    /// `IAM_GATEWAY_ANSWER_WAIT_SECONDS` (10): how long a request waits for its operation before it is answered 202.
    pub answer_wait: Duration,
    /// `IAM_GATEWAY_OPERATIONS_PER_CONNECTION` (8): operations at a time of one connection in this process.
    pub per_connection: usize,
}

/// Our own HTTP surface.
#[derive(Debug, Clone)]
pub struct Http {
    /// `IAM_GATEWAY_BASE_PATH` (none): the ingress prefix, `/` first and none last; empty when there is none.
    pub base_path: String,
    /// `IAM_GATEWAY_MAX_BODY_BYTES` (1 MiB): a longer request body is refused.
    pub max_body_bytes: usize,
    /// `IAM_GATEWAY_PUBLIC_URL` (none): scheme, host and port under which callers reach the gateway.
    pub public_url: Option<Url>,
    /// `IAM_GATEWAY_DRAIN_SECONDS` (0): how long requests are still taken after the word to stop, while `/readyz` says no
    /// already. An ingress needs that time to learn of it.
    pub drain: Duration,
}

/// Reading what vendors hold.
#[derive(Debug, Clone)]
pub struct Sync {
    /// `IAM_GATEWAY_SYNC_PAGE_SIZE` (100): rows asked for in one call, where the vendor lets us choose.
    pub page_size: u32,
    /// `IAM_GATEWAY_SYNC_WORKERS` (4): runs at a time in this process.
    pub workers: usize,
    /// `IAM_GATEWAY_ACTIVITY_FIRST_DAYS` (30): how far back the first sync of a connection asks what was done. At most as long
    /// as it is kept.
    pub activity_first: Duration,
    /// `IAM_GATEWAY_ACTIVITY_KEPT_DAYS` (400): how long what vendors report that was done is kept.
    pub activity_kept: Duration,
}

/// What the process says about itself.
#[derive(Debug, Clone)]
pub struct Telemetry {
    /// `IAM_GATEWAY_LOG`, else `RUST_LOG` (`info`, without PostgreSQL's notices): which events are logged, in the syntax of `tracing`'s `EnvFilter`.
    pub filter: String,
    /// `IAM_GATEWAY_LOG_FORMAT` (`json`): `json` or `text`.
    pub format: LogFormat,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For eyes.
    Text,
}

/// One variable and what is wrong with it. A secret's value is never part of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The variable's name.
    pub variable: &'static str,
    /// What is wrong, in plain words.
    pub problem: String,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the configuration can't be used:")?;
        for ConfigError { variable, problem } in &self.0 {
            write!(formatter, "\n  {variable}: {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl Config {
    /// Reads the settings through `environment`, which looks a variable up by its name.
    pub fn load(environment: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::new(&environment);
        let config = Self {
            database: Database::read(&mut reader),
            master_keys: master_key::read(&mut reader),
            outgoing: Outgoing::read(&mut reader),
            operations: Operations::read(&mut reader),
            http: Http::read(&mut reader),
            sync: Sync::read(&mut reader),
            telemetry: Telemetry::read(&mut reader),
        };
        reader.finish(config)
    }

    /// The settings of this process's environment.
    pub fn from_environment() -> Result<Self, ConfigErrors> {
        Self::load(|name| std::env::var(name).ok())
    }

    /// The master keys to use. Beside an embedded database, which lives and dies with `data_dir` as they do, they are made
    /// once and kept there; a database of the operator's own may outlive this machine, so its key has to be given.
    pub fn master_keys(&self, data_dir: &Path) -> Result<MasterKeys, ConfigErrors> {
        match &self.master_keys {
            Some(keys) => Ok(keys.clone()),
            None if self.database.url.is_none() => {
                MasterKeys::load_or_make(&data_dir.join("master.key"))
            }
            None => Err(master_key::missing()),
        }
    }
}

impl Database {
    fn read(reader: &mut Reader) -> Self {
        let url = reader.secret("DATABASE_URL").filter(|url| {
            let scheme = Url::parse(url.expose_secret()).map(|url| url.scheme().to_owned());
            let usable = matches!(scheme.as_deref(), Ok("postgres" | "postgresql"));
            if !usable {
                reader.problem(
                    "DATABASE_URL",
                    "is not a URL of the form postgres://user:password@host:5432/database",
                );
            }
            usable
        });
        Self {
            url,
            max_connections: reader.number("IAM_GATEWAY_DATABASE_MAX_CONNECTIONS", 20, 1..=10_000),
            background_connections: reader.number(
                "IAM_GATEWAY_DATABASE_BACKGROUND_CONNECTIONS",
                8,
                2..=10_000,
            ),
        }
    }
}

impl Outgoing {
    fn read(reader: &mut Reader) -> Self {
        Self {
            plain_http_hosts: reader.list("IAM_GATEWAY_PLAIN_HTTP_HOSTS"),
            private_hosts: reader.list("IAM_GATEWAY_PRIVATE_HOSTS"),
            connect_timeout: reader.seconds("IAM_GATEWAY_CONNECT_TIMEOUT_SECONDS", 5, 1..=60),
            attempt: reader.seconds("IAM_GATEWAY_ATTEMPT_SECONDS", 10, 1..=300),
            max_answer_bytes: reader.number(
                "IAM_GATEWAY_MAX_ANSWER_BYTES",
                8 << 20,
                1024..=1 << 30,
            ),
            concurrency: reader.number("IAM_GATEWAY_CONNECTION_CONCURRENCY", 8, 1..=1000),
        }
    }
}

impl Operations {
    fn read(reader: &mut Reader) -> Self {
        let lease = reader.seconds("IAM_GATEWAY_LEASE_SECONDS", 30, 2..=3600);
        let heartbeat = reader.seconds("IAM_GATEWAY_HEARTBEAT_SECONDS", 10, 1..=1800);
        if heartbeat * 2 > lease {
            reader.problem(
                "IAM_GATEWAY_HEARTBEAT_SECONDS",
                format!(
                    "must be at most half of IAM_GATEWAY_LEASE_SECONDS ({})",
                    lease.as_secs()
                ),
            );
        }
        Self {
            lease,
            heartbeat,
            answer_wait: reader.seconds("IAM_GATEWAY_ANSWER_WAIT_SECONDS", 10, 0..=60),
            per_connection: reader.number("IAM_GATEWAY_OPERATIONS_PER_CONNECTION", 8, 1..=1000),
        }
    }
}

impl Http {
    fn read(reader: &mut Reader) -> Self {
        Self {
            base_path: reader
                .parsed("IAM_GATEWAY_BASE_PATH", parse_base_path)
                .unwrap_or_default(),
            max_body_bytes: reader.number("IAM_GATEWAY_MAX_BODY_BYTES", 1 << 20, 1024..=1 << 30),
            public_url: reader.parsed("IAM_GATEWAY_PUBLIC_URL", parse_public_url),
            drain: reader.seconds("IAM_GATEWAY_DRAIN_SECONDS", 0, 0..=300),
        }
    }
}

impl Sync {
    fn read(reader: &mut Reader) -> Self {
        let first: u32 = reader.number("IAM_GATEWAY_ACTIVITY_FIRST_DAYS", 30, 1..=3650);
        let kept: u32 = reader.number("IAM_GATEWAY_ACTIVITY_KEPT_DAYS", 400, 1..=3650);
        if first > kept {
            reader.problem(
                "IAM_GATEWAY_ACTIVITY_FIRST_DAYS",
                format!("must be at most IAM_GATEWAY_ACTIVITY_KEPT_DAYS ({kept})"),
            );
        }
        Self {
            page_size: reader.number("IAM_GATEWAY_SYNC_PAGE_SIZE", 100, 1..=1000),
            workers: reader.number("IAM_GATEWAY_SYNC_WORKERS", 4, 1..=100),
            activity_first: DAY * first,
            activity_kept: DAY * kept,
        }
    }
}

impl Telemetry {
    fn read(reader: &mut Reader) -> Self {
        let filter = reader
            .parsed("IAM_GATEWAY_LOG", parse_filter)
            .or_else(|| reader.parsed("RUST_LOG", parse_filter))
            .unwrap_or_else(|| DEFAULT_FILTER.to_owned());
        let format = reader.parsed("IAM_GATEWAY_LOG_FORMAT", |text| match text {
            "json" => Ok(LogFormat::Json),
            "text" => Ok(LogFormat::Text),
            other => Err(format!("'{other}' is neither 'json' nor 'text'")),
        });
        Self {
            filter,
            format: format.unwrap_or(LogFormat::Json),
        }
    }
}

fn parse_base_path(text: &str) -> Result<String, String> {
    let path = text.trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    let segment =
        |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(plain);
    match path.strip_prefix('/') {
        None if path.is_empty() => Ok(String::new()),
        Some(rest) if rest.split('/').all(segment) => Ok(path.to_owned()),
        _ => Err(format!(
            "'{text}' is not a path like /gateway or /a/b (letters, digits and - . _ ~)"
        )),
    }
}

fn parse_public_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("'{text}' is not a URL: {error}"))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if matches!(url.scheme(), "http" | "https")
        && bare
        && url.username().is_empty()
        && url.password().is_none()
    {
        Ok(url)
    } else {
        Err("is not of the form https://host or https://host:port (a path belongs into IAM_GATEWAY_BASE_PATH)".to_owned())
    }
}

fn parse_filter(text: &str) -> Result<String, String> {
    match EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!(
            "'{text}' is not a log filter like 'info' or 'iam_gateway=debug,info': {error}"
        )),
    }
}

#[cfg(test)]
mod tests;
