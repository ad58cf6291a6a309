//! The embedded PostgreSQL: found, set up, started or adopted, and stopped again.
//!
//! Everything of it lives below `<data directory>/postgres`: `data` and `password` belong to the account that the server
//! runs as, the rest to us. It listens on the loopback address alone, and only with the kept password.

mod account;
mod data_dir;
mod error;
mod launch;
mod programs;
mod running;

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use postgresql_embedded::{PostgreSQL, Settings};
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tracing::info;

pub use data_dir::default_data_dir;
pub use error::PostgresError;
use launch::Site;

/// A running PostgreSQL of our own.
pub struct Embedded {
    settings: Settings,
    /// Present where we stop the server; dropping it does.
    server: Option<PostgreSQL>,
    /// Released last. Keeps other processes from stopping, or owning, the server meanwhile.
    _owner: Option<File>,
}

impl Embedded {
    /// Starts the server below `data_dir`, or adopts the one that a killed process left running. It is ours alone: a second
    /// process gets [`PostgresError::InUse`], and the server stops with [`Embedded::stop`] or when this is dropped.
    pub async fn start(data_dir: &Path) -> Result<Self, PostgresError> {
        let site = Site::prepare(data_dir)?;
        let owner = site.open_lock("owner.lock")?;
        match owner.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(PostgresError::InUse(data_dir.to_owned())),
            Err(TryLockError::Error(error)) => {
                return Err(PostgresError::io("lock", data_dir)(error));
            }
        }
        let (settings, server) = site.adopt_or_launch().await?;
        // The library's handle of an adopted server stops it just the same: it goes by the data directory.
        let server = server.unwrap_or_else(|| PostgreSQL::new(settings.clone()));
        Ok(Self {
            settings,
            server: Some(server),
            _owner: Some(owner),
        })
    }

    /// Starts or adopts the server and never stops it, so that processes which come and go (tests) find it running.
    pub async fn share(data_dir: &Path) -> Result<Self, PostgresError> {
        let site = Site::prepare(data_dir)?;
        let owner = site.open_lock("owner.lock")?;
        // Where another process owns the server, it is running already and adopted below.
        let owner = owner.try_lock_shared().is_ok().then_some(owner);
        let (settings, server) = site.adopt_or_launch().await?;
        // Dropping the library's handle would stop the server.
        std::mem::forget(server);
        Ok(Self {
            settings,
            server: None,
            _owner: owner,
        })
    }

    /// Where to connect to, password included.
    pub fn url(&self, database: &str) -> SecretString {
        launch::url(&self.settings, database).into()
    }

    /// Makes the database unless it exists.
    pub async fn ensure_database(&self, name: &str) -> Result<(), PostgresError> {
        let mut connection =
            PgConnection::connect(&launch::url(&self.settings, "postgres")).await?;
        let exists =
            sqlx::query_scalar("select exists (select from pg_database where datname = $1)");
        if !exists.bind(name).fetch_one(&mut connection).await? {
            let quoted = name.replace('"', "\"\"");
            let create = sqlx::query(AssertSqlSafe(format!("create database \"{quoted}\"")));
            match create.execute(&mut connection).await {
                // Another process made it in the meantime.
                Err(sqlx::Error::Database(error))
                    if matches!(error.code().as_deref(), Some("42P04" | "23505")) => {}
                result => result.map(|_| ())?,
            }
        }
        connection.close().await?;
        Ok(())
    }

    /// Stops the server, which ends its connections first. One that is shared goes on running.
    pub async fn stop(mut self) -> Result<(), PostgresError> {
        if let Some(server) = self.server.take() {
            server
                .stop()
                .await
                .map_err(|error| PostgresError::Stop(error.to_string()))?;
            info!("Stopped the embedded PostgreSQL");
        }
        Ok(())
    }
}

/// Makes a directory with its parents; where it is new, it gets exactly this mode, whatever the umask says.
fn create_directory(path: &Path, mode: u32) -> Result<(), PostgresError> {
    use std::os::unix::fs::PermissionsExt;

    if !path.is_dir() {
        fs::create_dir_all(path).map_err(PostgresError::io("make the directory", path))?;
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(path, permissions)
            .map_err(PostgresError::io("set the mode of", path))?;
    }
    Ok(())
}

/// The path without links or dots: the server's programs run elsewhere, and `postmaster.pid` names it so.
fn absolute(path: &Path) -> Result<PathBuf, PostgresError> {
    path.canonicalize().map_err(PostgresError::io("find", path))
}

#[cfg(test)]
mod tests;
