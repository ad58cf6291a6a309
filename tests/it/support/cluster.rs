//! One PostgreSQL for all tests of all runs, and a database of its own for every test.
//!
//! The server lives below `target/` (or, where its account can't get there, below the temporary folder) and stays running
//! between runs. A template is migrated once per set of migrations; a test's database is a copy of it. Databases are named
//! after the process that made them; what a killed run left behind goes at the next start.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use iam_gateway::postgres::{Embedded, PostgresError};
use iam_gateway::store::Store;
use secrecy::ExposeSecret as _;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

/// Databases in use at a time: each has a dozen connections, and the server takes a hundred.
const SEATS: usize = 6;
/// Any number, the same for all processes: guards the making of the template.
const TEMPLATE_LOCK: i64 = 0x6961_6d67;

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static FREE_SEATS: Semaphore = Semaphore::const_new(SEATS);
static COUNTER: AtomicU32 = AtomicU32::new(0);

struct Cluster {
    embedded: Embedded,
    template: String,
}

/// A database of one test. Waits for a free seat when made; goes with [`Database::remove`], and at the next run otherwise,
/// so that a failed test's can be looked at.
pub struct Database {
    name: String,
    url: String,
    pool: PgPool,
    _seat: SemaphorePermit<'static>,
}

impl Database {
    /// A migrated database with nothing in it.
    pub async fn create() -> Self {
        let seat = FREE_SEATS.acquire().await.expect("never closed");
        let cluster = cluster().await;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("it_{}_{number}", std::process::id());
        let mut admin = cluster.admin().await;
        run(
            &mut admin,
            format!("create database {name} template {}", cluster.template),
        )
        .await;
        let _ = admin.close().await;
        let url = cluster.embedded.url(&name).expose_secret().to_owned();
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .connect_lazy(&url)
            .expect("a URL of ours");
        Self {
            name,
            url,
            pool,
            _seat: seat,
        }
    }

    /// For `DATABASE_URL`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// For a test that has to look, or reach, behind the service's back.
    pub fn sql(&self) -> &PgPool {
        &self.pool
    }

    /// Cuts every connection and takes no new ones, as if the server were stopped for this database alone.
    pub async fn stop(&self) {
        let mut admin = cluster().await.admin().await;
        run(
            &mut admin,
            format!("alter database {} allow_connections false", self.name),
        )
        .await;
        let cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
        sqlx::query(cut)
            .bind(&self.name)
            .execute(&mut admin)
            .await
            .expect("connections are cut");
    }

    /// Undoes [`Database::stop`].
    pub async fn resume(&self) {
        let mut admin = cluster().await.admin().await;
        run(
            &mut admin,
            format!("alter database {} allow_connections true", self.name),
        )
        .await;
    }

    /// Drops it.
    pub async fn remove(self) {
        self.pool.close().await;
        let mut admin = cluster().await.admin().await;
        run(
            &mut admin,
            format!("drop database if exists {} with (force)", self.name),
        )
        .await;
    }
}

impl Cluster {
    async fn admin(&self) -> PgConnection {
        let url = self.embedded.url("postgres");
        PgConnection::connect(url.expose_secret())
            .await
            .expect("the tests' PostgreSQL takes a connection")
    }
}

async fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(start).await
}

async fn start() -> Cluster {
    let embedded = server().await;
    let mut cluster = Cluster {
        template: format!("template_{}", migrations_hash()),
        embedded,
    };
    let mut admin = cluster.admin().await;
    sqlx::query("select pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut admin)
        .await
        .expect("the lock is free in the end");
    remove_left_overs(&mut admin, &cluster.template).await;
    make_template(&mut admin, &cluster).await;
    // Ends the lock, too.
    let _ = admin.close().await;
    cluster.template.shrink_to_fit();
    cluster
}

async fn server() -> Embedded {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    match Embedded::share(&target.join("it")).await {
        Ok(embedded) => embedded,
        // As root the server runs under another account, which a checkout in a private folder keeps out.
        Err(PostgresError::Unreachable { .. }) => {
            let place = format!(
                "iam-gateway-it-{}",
                hash(&[target.as_os_str().as_encoded_bytes()])
            );
            Embedded::share(&std::env::temp_dir().join(place))
                .await
                .expect("the tests' PostgreSQL starts below the temporary folder")
        }
        Err(error) => panic!("the tests' PostgreSQL does not start: {error}"),
    }
}

async fn make_template(admin: &mut PgConnection, cluster: &Cluster) {
    let template = &cluster.template;
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(template)
            .fetch_one(&mut *admin)
            .await
            .expect("a list of databases");
    if exists {
        return;
    }
    let draft = format!("{template}_draft");
    run(
        admin,
        format!("drop database if exists {draft} with (force)"),
    )
    .await;
    run(admin, format!("create database {draft}")).await;
    let store = Store::connect(cluster.embedded.url(&draft).expose_secret(), 1, 1)
        .await
        .expect("the draft of the template takes connections");
    store.migrate().await.expect("the migrations run");
    store.close().await;
    run(
        admin,
        format!("alter database {draft} rename to {template}"),
    )
    .await;
}

/// Templates of other migrations, and databases of processes that ended.
async fn remove_left_overs(admin: &mut PgConnection, template: &str) {
    let names: Vec<String> = sqlx::query_scalar(
        r"select datname from pg_database where datname ~ '^(it|template)_[0-9a-f]+'",
    )
    .fetch_all(&mut *admin)
    .await
    .expect("a list of databases");
    for name in names {
        let pid = name
            .strip_prefix("it_")
            .and_then(|rest| rest.split('_').next());
        let stale = match pid {
            Some(pid) => !Path::new("/proc").join(pid).exists(),
            None => name != template,
        };
        if stale {
            let drop = format!("drop database if exists {name} with (force)");
            let _ = sqlx::query(AssertSqlSafe(drop)).execute(&mut *admin).await;
        }
    }
}

async fn run(admin: &mut PgConnection, statement: String) {
    sqlx::query(AssertSqlSafe(statement.clone()))
        .execute(admin)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}

fn migrations_hash() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the migrations")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let parts: Vec<Vec<u8>> = files
        .iter()
        .map(|file| std::fs::read(file).expect("a migration"))
        .collect();
    hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn hash(parts: &[&[u8]]) -> String {
    let mut context = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    hex::encode(&context.finish().as_ref()[..6])
}
