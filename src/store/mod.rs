//! All SQL. Every query that answers a caller takes the connections that the caller may see.

pub mod accounts;
pub mod activity;
pub mod audit;
pub mod connections;
pub mod copies;
pub mod custody;
pub mod entitlements;
mod errors;
mod filter;
pub mod grants;
pub mod idempotency;
pub mod identities;
pub mod keys;
pub mod operations;
pub mod quota;
pub mod resources;
pub mod syncs;
pub mod upstream_answers;

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{PgPool, Postgres, Transaction};

use crate::error::{Error, Result};

static MIGRATIONS: Migrator = sqlx::migrate!();

/// The channel that tells every replica of new syncs (`sync`) and ended operations (`ended:<id>`).
pub const WORK_CHANNEL: &str = "iam_gateway_work";

/// The database, by two doors: callers can't starve the work that happens without them.
#[derive(Clone)]
pub struct Store {
    requests: PgPool,
    background: PgPool,
}

impl Store {
    /// Connects both pools; each has at least one working connection when this returns.
    ///
    /// # Errors
    /// When the URL is no PostgreSQL URL or the database can't be reached.
    pub async fn connect(url: &str, requests: u32, background: u32) -> Result<Self> {
        let options: PgConnectOptions = url
            .parse()
            .map_err(|_| Error::unavailable("DATABASE_URL is no PostgreSQL URL"))?;
        // A replica that is stopped in the middle of a transaction must not keep others from its rows for longer.
        let options = options
            .application_name("iam-gateway")
            .options([("idle_in_transaction_session_timeout", "10s")]);
        let pool = |size: u32| {
            PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(Duration::from_secs(5))
                .connect_with(options.clone())
        };
        Ok(Self {
            requests: pool(requests).await?,
            background: pool(background).await?,
        })
    }

    /// Brings the schema up to date; safe to call from several replicas at once.
    ///
    /// # Errors
    /// When a migration fails or one that was applied has changed.
    pub async fn migrate(&self) -> Result<()> {
        MIGRATIONS
            .run(&self.background)
            .await
            .map_err(|error| Error::internal(format!("migration: {error}")))
    }

    /// Whether the database answers and has every migration of this build.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn is_current(&self) -> Result<bool> {
        let applied: Option<i64> =
            sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
                .fetch_one(&self.requests)
                .await?;
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
        Ok(applied >= newest)
    }

    /// The pool for callers.
    pub fn requests(&self) -> &PgPool {
        &self.requests
    }

    /// The pool for work without a caller: claims, heartbeats, marks, syncs.
    pub fn background(&self) -> &PgPool {
        &self.background
    }

    /// Begins a transaction for a caller.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.requests.begin().await?)
    }

    /// Begins a transaction for work without a caller.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn begin_background(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.background.begin().await?)
    }

    /// The database's clock, by which every lease and every reading is judged.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(sqlx::query_scalar("select clock_timestamp()")
            .fetch_one(&self.background)
            .await?)
    }

    /// A subscription to [`WORK_CHANNEL`].
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn listen(&self) -> Result<PgListener> {
        let mut listener = PgListener::connect_with(&self.background).await?;
        listener.listen(WORK_CHANNEL).await?;
        Ok(listener)
    }

    /// Closes both pools.
    pub async fn close(&self) {
        self.requests.close().await;
        self.background.close().await;
    }
}

/// The exact characters of a text inside a `like` pattern.
fn like_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
