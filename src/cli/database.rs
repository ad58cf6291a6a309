//! The database that a command works on: the operator's, or the embedded one.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection};

use super::Failure;
use crate::{
    config::Config,
    postgres::{Embedded, PostgresError},
};

/// The name of our database in the embedded server.
const NAME: &str = "iam_gateway";

/// How a command takes the embedded server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// For itself: a second server process on the same directory is refused.
    Alone,
    /// Beside a service that may be running already; without one, for itself.
    Beside,
}

/// A database to connect to.
pub struct Database {
    url: SecretString,
    embedded: Option<Embedded>,
}

impl Database {
    /// `DATABASE_URL` if it is set, else the embedded server below `data_dir`, started where it doesn't run.
    pub async fn open(config: &Config, data_dir: &Path, how: Use) -> Result<Self, Failure> {
        if let Some(url) = config.database.url.clone() {
            // A pool would only say that it waited in vain.
            let reached = PgConnection::connect(url.expose_secret()).await;
            let closed = match reached {
                Ok(connection) => connection.close().await,
                Err(error) => Err(error),
            };
            closed.map_err(|error| {
                Failure::Failed(format!("can't use the database of DATABASE_URL: {error}"))
            })?;
            return Ok(Self {
                url,
                embedded: None,
            });
        }
        let embedded = match Embedded::start(data_dir).await {
            Err(PostgresError::InUse(_)) if how == Use::Beside => Embedded::share(data_dir).await?,
            started => started?,
        };
        embedded.ensure_database(NAME).await?;
        Ok(Self {
            url: embedded.url(NAME),
            embedded: Some(embedded),
        })
    }

    /// Where it is, password included.
    pub fn url(&self) -> &SecretString {
        &self.url
    }

    /// Stops the embedded server if this command started or owns it.
    pub async fn close(self) -> Result<(), Failure> {
        match self.embedded {
            Some(embedded) => Ok(embedded.stop().await?),
            None => Ok(()),
        }
    }
}
