//! The real program, where only a process of its own tells how much memory it takes.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_iam-gateway");

/// A running `iam-gateway`; it ends with this value.
pub(crate) struct Program {
    child: Child,
    /// Its ready line.
    pub(crate) ready: Value,
}

impl Program {
    /// Starts it and waits for its ready line.
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .envs(environment.iter().copied())
            .env("IAM_GATEWAY_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take().context("piped")?;
        let mut program = Self {
            child,
            ready: Value::Null,
        };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        program.ready = serde_json::from_str(&line).context("no ready line")?;
        Ok(program)
    }

    /// A text of the ready line.
    pub(crate) fn told(&self, field: &str) -> anyhow::Result<String> {
        let told = self.ready[field].as_str();
        Ok(told.context(field.to_owned())?.to_owned())
    }

    /// How much memory it holds now, and how much it ever held, in MiB.
    pub(crate) fn memory(&self) -> anyhow::Result<(f64, f64)> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).context("memory is read from /proc")?;
        let mebibytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|rest| rest.split_whitespace().next());
            let kibibytes: f64 = number.context("a line of it")?.parse()?;
            anyhow::Ok(kibibytes / 1024.0)
        };
        Ok((mebibytes("VmRSS:")?, mebibytes("VmHWM:")?))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end; what it printed, as JSON.
pub(crate) fn run(arguments: &[&str], environment: &[(&str, &str)]) -> anyhow::Result<Value> {
    let done = Command::new(PROGRAM)
        .args(arguments)
        .envs(environment.iter().copied())
        .env("IAM_GATEWAY_LOG", "error")
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(done.status.success(), "{arguments:?}: {}", done.status);
    Ok(serde_json::from_slice(&done.stdout)?)
}
