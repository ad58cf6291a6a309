//! From a data directory to a server that takes our connection: adopt, or set up and start.

use std::{
    fs::{self, File, OpenOptions, remove_file},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use aws_lc_rs::rand;
use postgresql_embedded::{PostgreSQL, Settings, VersionReq};
use sqlx::{Connection, PgConnection};
use tokio::{task::spawn_blocking, time::sleep};
use tracing::info;

use super::{
    PostgresError, absolute,
    account::{self, Account},
    create_directory,
    programs::Programs,
    running::{self, Found},
};

const TIMEOUT: Duration = Duration::from_secs(60);
/// A free port may be taken by somebody else before the server gets to it.
const PORT_ATTEMPTS: u32 = 3;

/// What the names of unfinished data directories begin with.
const DRAFT: &str = "data.draft-";

/// The directories of one embedded server.
pub(super) struct Site {
    /// `<data directory>/postgres`; ours.
    root: PathBuf,
    /// The server's own directory.
    data: PathBuf,
    password: PathBuf,
}

impl Site {
    pub(super) fn prepare(data_dir: &Path) -> Result<Self, PostgresError> {
        // Others may pass through what root makes, as the server's account has to, but not look around.
        let mode = if account::runs_as_root() {
            0o711
        } else {
            0o700
        };
        create_directory(data_dir, mode)?;
        let root = absolute(data_dir)?.join("postgres");
        create_directory(&root, mode)?;
        Ok(Self {
            data: root.join("data"),
            password: root.join("password"),
            root,
        })
    }

    pub(super) fn open_lock(&self, name: &str) -> Result<File, PostgresError> {
        let path = self.root.join(name);
        let open = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path);
        open.map_err(PostgresError::io("open", &path))
    }

    /// The settings of the running server, and its handle if we started it. Processes that share it take turns.
    pub(super) async fn adopt_or_launch(
        &self,
    ) -> Result<(Settings, Option<PostgreSQL>), PostgresError> {
        let turn = self.open_lock("launch.lock")?;
        let _turn = spawn_blocking(move || turn.lock().map(|()| turn))
            .await
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(PostgresError::io("lock", &self.root))?;
        loop {
            if let Some(settings) = self.adopt().await? {
                return Ok((settings, None));
            }
            match self.launch().await {
                Ok((settings, server)) => return Ok((settings, Some(server))),
                // A process that was killed while it started the server left that start under way, and it came first.
                Err(PostgresError::Start(_)) if self.has_server() => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn has_server(&self) -> bool {
        matches!(running::find(&self.data), Found::Server { .. })
    }

    /// Waits for a server that is starting or stopping to be one or the other.
    async fn adopt(&self) -> Result<Option<Settings>, PostgresError> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let port = match running::find(&self.data) {
                Found::Nothing => return Ok(None),
                Found::Stranger => {
                    let pid_file = self.data.join("postmaster.pid");
                    remove_file(&pid_file)
                        .map_err(PostgresError::io("remove the stale", &pid_file))?;
                    return Ok(None);
                }
                Found::Server { port } => port,
            };
            let mut settings = self.settings(self.read_password()?);
            settings.port = port.unwrap_or_default();
            match self.connect(&settings).await {
                Ok(()) => {
                    info!(
                        port = settings.port,
                        "Adopted the embedded PostgreSQL that was running already"
                    );
                    return Ok(Some(settings));
                }
                Err(error) if is_final(&error) || Instant::now() > deadline => {
                    return Err(error.into());
                }
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    async fn launch(&self) -> Result<(Settings, PostgreSQL), PostgresError> {
        let account = Account::choose()?;
        account.check_reach(&self.root)?;
        let programs = Programs::find(&self.data)?;
        account.wrap(&programs.folder, &self.root)?;
        if !self.data.exists() {
            self.initialize(&account).await?;
        }
        let server = self.start().await?;
        let settings = server.settings().clone();
        self.connect(&settings).await?;
        info!(
            port = settings.port,
            version = programs.major(),
            "Started an embedded PostgreSQL"
        );
        Ok((settings, server))
    }

    async fn start(&self) -> Result<PostgreSQL, PostgresError> {
        let settings = self.settings(self.read_password()?);
        let mut attempt = 1;
        loop {
            let mut server = PostgreSQL::new(settings.clone());
            let Err(error) = server.start().await else {
                return Ok(server);
            };
            // Dropping it would stop the server, which is another one if there is any.
            std::mem::forget(server);
            let log = self.log_tail();
            if attempt == PORT_ATTEMPTS || !log.contains("Address already in use") {
                let error = error.to_string();
                return Err(PostgresError::Start(format!("{}\n{log}", error.trim())));
            }
            attempt += 1;
        }
    }

    /// Fills a directory under another name and renames it: one that exists is whole, whenever we were killed. The name is
    /// new each time, for the `initdb` of a killed process may still be at work.
    async fn initialize(&self, account: &Account) -> Result<(), PostgresError> {
        self.remove_drafts()?;
        let mut name = [0; 4];
        rand::fill(&mut name).map_err(|_| PostgresError::Initialize("no randomness".to_owned()))?;
        let draft = self.root.join(format!("{DRAFT}{}", hex::encode(name)));
        create_directory(&draft, 0o700)?;
        account.own(&draft)?;
        let password = self.make_password(account)?;

        let mut settings = self.settings(password);
        settings.data_dir.clone_from(&draft);
        let mut server = PostgreSQL::new(settings);
        server
            .setup()
            .await
            .map_err(|error| PostgresError::Initialize(error.to_string()))?;
        fs::rename(&draft, &self.data).map_err(PostgresError::io("name", &self.data))?;
        let root = File::open(&self.root).and_then(|root| root.sync_all());
        root.map_err(PostgresError::io("keep", &self.root))
    }

    /// Removes what killed processes left. What resists is being filled still, and goes the next time.
    fn remove_drafts(&self) -> Result<(), PostgresError> {
        let entries = fs::read_dir(&self.root).map_err(PostgresError::io("read", &self.root))?;
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(DRAFT) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }

    fn settings(&self, password: String) -> Settings {
        let options = [
            // The library passes -F, which turns it off; the later option wins.
            ("fsync", "on"),
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", "''"),
            ("max_connections", "200"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
        ];
        Settings {
            releases_url: String::new(),
            version: VersionReq::STAR,
            installation_dir: self.root.clone(),
            password_file: self.password.clone(),
            data_dir: self.data.clone(),
            host: "127.0.0.1".to_owned(),
            port: 0,
            username: "postgres".to_owned(),
            password,
            temporary: false,
            timeout: Some(TIMEOUT),
            configuration: options
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            // Keeps the library from looking for other programs, and from downloading any.
            trust_installation_dir: true,
            socket_dir: None,
        }
    }

    /// Makes sure that the server is the one on our directory.
    async fn connect(&self, settings: &Settings) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect(&url(settings, "postgres")).await?;
        let directory: String = sqlx::query_scalar("show data_directory")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        if Path::new(&directory) == self.data {
            Ok(())
        } else {
            Err(sqlx::Error::Protocol(format!(
                "a PostgreSQL on {directory} answers in its place"
            )))
        }
    }

    fn read_password(&self) -> Result<String, PostgresError> {
        match fs::read_to_string(&self.password) {
            Ok(password) => Ok(password.trim().to_owned()),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(PostgresError::PasswordLost {
                data: self.data.clone(),
                password: self.password.clone(),
            }),
            Err(error) => Err(PostgresError::io("read", &self.password)(error)),
        }
    }

    /// Called only where there is no data yet, so an old one may be replaced.
    fn make_password(&self, account: &Account) -> Result<String, PostgresError> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes)
            .map_err(|_| PostgresError::Initialize("no randomness".to_owned()))?;
        let password = hex::encode(bytes);
        let draft = self.root.join("password.draft");
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)
            .and_then(|mut file| {
                file.write_all(password.as_bytes())
                    .and_then(|()| file.sync_all())
            });
        written.map_err(PostgresError::io("write", &draft))?;
        account.own(&draft)?;
        fs::rename(&draft, &self.password).map_err(PostgresError::io("name", &self.password))?;
        Ok(password)
    }

    /// The last lines that the server wrote, which say why it didn't start.
    fn log_tail(&self) -> String {
        let text = fs::read(self.data.join("start.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }
}

/// The server speaks no TLS on the loopback address; saying so keeps a `PGSSLMODE` in the environment from asking for it.
pub(super) fn url(settings: &Settings, database: &str) -> String {
    format!("{}?sslmode=disable", settings.url(database))
}

/// Whether waiting helps no more: the server took the connection and refused us. 57P03 is one that is starting or stopping.
fn is_final(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            !matches!(error.code().as_deref(), Some("57P03" | "57P01" | "53300"))
        }
        sqlx::Error::Io(_) => false,
        _ => true,
    }
}
