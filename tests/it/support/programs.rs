//! The real program, run as a process of its own: for signals, `kill -9` and what only a whole start shows.
//!
//! ```ignore
//! let database = Database::create().await;
//! let luna = Simulate::start(LUNA).await;
//! let mut serve = Serve::start(database.url(), &[]).await;
//! let admin = serve.client().with_key(&keys::mint_for(&database).await);
//! admin.post("/v1/connections", luna.connection_body(LUNA)).await.expect(201);
//! serve.kill_9().await;
//! ```
//!
//! Standard error goes to a file ([`Program::log`]); a process that a test forgets is killed when its handle goes.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Client, Control, Vendor, eventually, keys};

/// How long a start may take.
const START: Duration = Duration::from_secs(60);

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A running `iam-gateway`, whichever its command.
pub struct Program {
    child: Child,
    log: PathBuf,
    /// Its ready line.
    pub ready: Value,
}

/// `iam-gateway serve`.
pub struct Serve {
    /// The process.
    pub program: Program,
    /// Where it answers, without a slash at the end.
    pub url: String,
}

/// `iam-gateway simulate <vendor>`.
pub struct Simulate {
    /// Ends with this value.
    _program: Program,
    /// The vendor's API.
    pub url: String,
    /// The simulator's control API.
    pub control: Control,
}

impl Program {
    /// Starts the program and waits for its ready line. Nothing of this process's environment that configures the program
    /// reaches it.
    pub async fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let log = log_path(arguments[0]);
        let file = std::fs::File::create(&log).expect("a log file");
        let mut command = Command::new(env!("CARGO_BIN_EXE_iam-gateway"));
        for (name, _) in std::env::vars() {
            if name.starts_with("IAM_GATEWAY_")
                || matches!(name.as_str(), "DATABASE_URL" | "RUST_LOG")
            {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args(arguments)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(file)
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let mut program = Self {
            child,
            log,
            ready: Value::Null,
        };
        let line = tokio::task::spawn_blocking(move || first_line(output))
            .await
            .expect("a reader");
        program.ready = line
            .and_then(|line| serde_json::from_str(&line).ok())
            .unwrap_or_else(|| panic!("{arguments:?} was not ready in time:\n{}", program.log()));
        assert_eq!(program.ready["event"], "ready", "{}", program.ready);
        program
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard error so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it at once, with no chance to tidy up; returns when it is gone.
    pub async fn kill_9(&mut self) -> ExitStatus {
        self.child.kill().expect("it runs");
        self.exited().await
    }

    /// Stops it where it is.
    pub fn sigstop(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn sigcont(&self) {
        self.signal("CONT");
    }

    /// Asks it to end.
    pub fn sigterm(&self) {
        self.signal("TERM");
    }

    /// Waits for its end.
    pub async fn exited(&mut self) -> ExitStatus {
        let child = &mut self.child;
        let mut ask = async || child.try_wait().expect("a child of ours");
        eventually("the end of the program", &mut ask).await
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_none()
    }

    fn signal(&self, name: &str) {
        let done = Command::new("sh")
            .args([
                "-c",
                "kill -s \"$1\" \"$2\"",
                "sh",
                name,
                &self.pid().to_string(),
            ])
            .status()
            .expect("a shell");
        assert!(done.success(), "kill -s {name} {}", self.pid());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !std::thread::panicking() {
            let _ = std::fs::remove_file(&self.log);
        }
    }
}

impl Serve {
    /// Serves a database on a free port. Loopback may be called, times are short and pools small unless `environment`
    /// says otherwise.
    pub async fn start(database_url: &str, environment: &[(&str, &str)]) -> Self {
        let mut settings = vec![
            ("DATABASE_URL", database_url),
            ("IAM_GATEWAY_MASTER_KEY", keys::MASTER_KEY),
            ("IAM_GATEWAY_PLAIN_HTTP_HOSTS", "127.0.0.1"),
            ("IAM_GATEWAY_PRIVATE_HOSTS", "127.0.0.1"),
            ("IAM_GATEWAY_DATABASE_MAX_CONNECTIONS", "8"),
            ("IAM_GATEWAY_DATABASE_BACKGROUND_CONNECTIONS", "8"),
            ("IAM_GATEWAY_LEASE_SECONDS", "4"),
            ("IAM_GATEWAY_HEARTBEAT_SECONDS", "1"),
            ("IAM_GATEWAY_ATTEMPT_SECONDS", "1"),
        ];
        settings.extend(environment);
        let program = Program::start(&["serve", "--listen", "127.0.0.1:0"], &settings).await;
        Self {
            url: ready_url(&program, "url"),
            program,
        }
    }

    /// A caller without a key yet.
    pub fn client(&self) -> Client {
        Client::over_http(&self.url)
    }
}

impl Simulate {
    /// Starts a vendor's simulator on free ports.
    pub async fn start(vendor: Vendor) -> Self {
        Self::start_with(vendor, &[]).await
    }

    /// The same, with more arguments (`--accounts 1000`, `--quirk name=value`).
    pub async fn start_with(vendor: Vendor, more: &[&str]) -> Self {
        let mut arguments = vec!["simulate", vendor.name, "--listen", "127.0.0.1:0"];
        arguments.extend(more);
        let program = Program::start(&arguments, &[]).await;
        Self {
            url: ready_url(&program, "url"),
            control: Control::new(&ready_url(&program, "control")),
            _program: program,
        }
    }

    /// The body of a new connection to it, with quick settling and no schedule.
    pub async fn connection_body(&self, vendor: Vendor) -> Value {
        // The fixed credentials of the seed; only the address differs between two simulators of a vendor.
        let twin = iam_gateway::simulators::start(vendor.name, Default::default())
            .await
            .expect("a simulator");
        let parts = twin
            .connection(vendor.variant)
            .expect("a variant it has")
            .to_string();
        let mut parts: Value =
            serde_json::from_str(&parts.replace(&twin.url, &self.url)).expect("JSON");
        parts["settings"]["settle_seconds"] = json!(1);
        json!({
            "name": vendor.connection,
            "vendor": vendor.name,
            "variant": vendor.variant,
            "settings": parts["settings"],
            "credentials": parts["credentials"],
            "sync_every_seconds": 0,
        })
    }
}

fn ready_url(program: &Program, field: &str) -> String {
    let url = program.ready[field]
        .as_str()
        .expect("a URL in the ready line");
    url.trim_end_matches('/').to_owned()
}

/// The first line within the time for a start; the rest is read and dropped, so that the program never blocks on it.
fn first_line(mut output: impl BufRead + Send + 'static) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = output.read_line(&mut line);
        let _ = sender.send(read.ok().filter(|bytes| *bytes > 0).map(|_| line));
        let _ = std::io::copy(&mut output, &mut std::io::sink());
    });
    receiver.recv_timeout(START).ok().flatten()
}

fn log_path(command: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("logs");
    std::fs::create_dir_all(&folder).expect("a folder for logs");
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("{command}-{}-{number}.log", std::process::id()))
}
