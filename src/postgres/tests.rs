//! Against the PostgreSQL of this machine, in a directory of its own.

use std::env;

use secrecy::ExposeSecret;

use super::*;

struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = env::temp_dir().join(format!(
            "iam-gateway-postgres-{name}-{}",
            std::process::id()
        ));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    fn pid_file(&self) -> PathBuf {
        self.0.join("postgres/data/postmaster.pid")
    }

    fn pid(&self) -> String {
        fs::read_to_string(self.pid_file())
            .expect("a pid file")
            .lines()
            .next()
            .expect("a pid")
            .to_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn ask(embedded: &Embedded, database: &str, question: &'static str) -> String {
    let url = embedded.url(database);
    let mut connection = PgConnection::connect(url.expose_secret())
        .await
        .expect("a connection");
    sqlx::query_scalar(question)
        .fetch_one(&mut connection)
        .await
        .expect("an answer")
}

#[tokio::test]
async fn a_server_starts_keeps_its_data_and_stops() {
    let place = Place::new("starts");
    let embedded = Embedded::start(&place.0).await.expect("started");
    embedded
        .ensure_database("it's \"here\"")
        .await
        .expect("made");
    embedded
        .ensure_database("it's \"here\"")
        .await
        .expect("there already");
    embedded.ensure_database("plain").await.expect("made");
    for (setting, value) in [
        ("show fsync", "on"),
        ("show listen_addresses", "127.0.0.1"),
        ("show unix_socket_directories", ""),
        ("show server_encoding", "UTF8"),
        ("show timezone", "UTC"),
        ("select lower('ÄÖ')", "äö"),
    ] {
        assert_eq!(ask(&embedded, "plain", setting).await, value, "{setting}");
    }
    let wrong = embedded
        .url("plain")
        .expose_secret()
        .replacen("postgres:", "postgres:x", 1);
    assert!(
        PgConnection::connect(&wrong).await.is_err(),
        "another password must be refused"
    );
    embedded.stop().await.expect("stopped");
    assert!(!place.pid_file().exists());

    // A pid file whose number went to another program, here this one, must not stop a start.
    fs::write(
        place.pid_file(),
        format!("{}\n/x\n1\n5432\n", std::process::id()),
    )
    .expect("written");
    let again = Embedded::start(&place.0).await.expect("started again");
    assert_eq!(
        ask(&again, "plain", "select current_database()::text").await,
        "plain"
    );
    drop(again);
    assert!(!place.pid_file().exists(), "dropping it stops the server");
}

#[tokio::test]
async fn a_server_left_running_is_adopted_and_one_in_use_refused() {
    let place = Place::new("adopts");
    let shared = Embedded::share(&place.0).await.expect("started");
    let pid = place.pid();
    let also = Embedded::share(&place.0).await.expect("adopted");
    assert_eq!(
        also.url("x").expose_secret(),
        shared.url("x").expose_secret()
    );
    assert!(matches!(
        Embedded::start(&place.0).await,
        Err(PostgresError::InUse(_))
    ));
    shared.stop().await.expect("left running");
    drop(also);
    assert_eq!(place.pid(), pid, "sharing never stops the server");

    let owner = Embedded::start(&place.0).await.expect("adopted");
    assert_eq!(place.pid(), pid);
    assert!(matches!(
        Embedded::start(&place.0).await,
        Err(PostgresError::InUse(_))
    ));
    let guest = Embedded::share(&place.0).await.expect("shares the owner's");
    assert_eq!(ask(&guest, "postgres", "select 'here'").await, "here");
    owner.stop().await.expect("stopped");
    assert!(
        !place.pid_file().exists(),
        "an adopted server is stopped by its owner"
    );
}

#[tokio::test]
async fn a_set_up_that_was_cut_short_begins_anew() {
    let place = Place::new("cut");
    fs::create_dir_all(place.0.join("postgres/data.draft-1/base")).expect("a left-over");
    fs::write(place.0.join("postgres/data.draft-1/postgresql.conf"), "").expect("a left-over");
    fs::write(place.0.join("postgres/password"), "left-over").expect("a left-over");
    let embedded = Embedded::start(&place.0).await.expect("started");
    assert_eq!(ask(&embedded, "postgres", "select 'here'").await, "here");
    assert!(!place.0.join("postgres/data.draft-1").exists());
    embedded.stop().await.expect("stopped");

    fs::remove_file(place.0.join("postgres/password")).expect("removed");
    assert!(matches!(
        Embedded::start(&place.0).await,
        Err(PostgresError::PasswordLost { .. })
    ));
}

#[tokio::test]
async fn a_directory_that_the_servers_account_cannot_reach_is_named() {
    use std::os::unix::fs::PermissionsExt;

    if !account::runs_as_root() {
        return; // Only root changes the account.
    }
    let place = Place::new("reach");
    fs::create_dir_all(place.0.join("inner")).expect("a directory");
    fs::set_permissions(&place.0, fs::Permissions::from_mode(0o700)).expect("set");
    match Embedded::start(&place.0.join("inner")).await {
        Err(PostgresError::Unreachable { blocked, .. }) => assert_eq!(blocked, place.0),
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn missing_programs_are_told_with_what_to_install() {
    let text = PostgresError::NoPrograms.to_string();
    for hint in [
        "apt-get install postgresql",
        "dnf install postgresql-server",
        "brew install postgresql",
        "DATABASE_URL",
    ] {
        assert!(text.contains(hint), "{text}");
    }
}
