//! Tells from `postmaster.pid` whether a server runs on a data directory already.

use std::{fs, path::Path, process::Command};

/// What `postmaster.pid` leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// There is no such file, or the process it names is gone; PostgreSQL itself copes with the latter.
    Nothing,
    /// The process it names is another program, which got the number since. PostgreSQL could take it for a server.
    Stranger,
    /// A server on this directory, starting, running or stopping, and its port once it wrote it down.
    Server { port: Option<u16> },
}

pub(super) fn find(data: &Path) -> Found {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else {
        return Found::Nothing;
    };
    let mut lines = text.lines();
    let Some(pid) = lines
        .next()
        .and_then(|line| line.trim().parse::<u32>().ok())
    else {
        return Found::Nothing;
    };
    // Line 4; data directory and start time stand between.
    let port = lines.nth(2).and_then(|line| line.trim().parse().ok());
    match command_line(pid) {
        None => Found::Nothing,
        Some(command) if is_server(&command, data) => Found::Server { port },
        Some(_) => Found::Stranger,
    }
}

/// The words that a live process was started with.
fn command_line(pid: u32) -> Option<Vec<String>> {
    if Path::new("/proc/self").exists() {
        let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        // A zombie has no words.
        let words: Vec<String> = bytes
            .split(|byte| *byte == 0)
            .map(|word| String::from_utf8_lossy(word).into())
            .collect();
        return (!words[0].is_empty()).then_some(words);
    }
    let output = Command::new("ps")
        .args(["-ww", "-o", "command=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let line = String::from_utf8_lossy(&output.stdout);
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

/// `pg_ctl` starts the server as `<folder>/postgres -D <data> …`.
fn is_server(command: &[String], data: &Path) -> bool {
    let program = Path::new(&command[0])
        .file_name()
        .and_then(|name| name.to_str());
    // `ps` doesn't keep words apart, so a directory with a space in it comes in pieces.
    let words = command.join(" ");
    matches!(program, Some("postgres" | "postmaster"))
        && words.contains(&format!("-D {} ", data.display()))
}

#[cfg(test)]
mod tests {
    use std::{env, path::PathBuf};

    use super::*;

    fn data(name: &str, pid_file: Option<&str>) -> PathBuf {
        let data =
            env::temp_dir().join(format!("iam-gateway-running-{name}-{}", std::process::id()));
        fs::create_dir_all(&data).expect("a directory");
        if let Some(text) = pid_file {
            fs::write(data.join("postmaster.pid"), text).expect("written");
        }
        data
    }

    #[test]
    fn stale_and_broken_pid_files_lead_to_nothing() {
        // The largest number that Linux gives is 4194304.
        for (name, text) in [
            ("none", None),
            ("stale", Some("4194999\n/x\n1\n5432\n")),
            ("broken", Some("?")),
        ] {
            let data = data(name, text);
            assert_eq!(find(&data), Found::Nothing, "{name}");
            fs::remove_dir_all(data).expect("removed");
        }
    }

    #[test]
    fn a_number_that_another_program_got_is_a_stranger() {
        let data = data(
            "stranger",
            Some(&format!("{}\n/x\n1\n5432\n", std::process::id())),
        );
        assert_eq!(find(&data), Found::Stranger);
        fs::remove_dir_all(data).expect("removed");
    }

    #[test]
    fn a_server_is_known_by_its_program_and_directory() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let line = words("/usr/lib/postgresql/15/bin/postgres -D /srv/data -F -p 5432");
        assert!(is_server(&line, Path::new("/srv/data")));
        assert!(!is_server(&line, Path::new("/srv/dat")));
        assert!(!is_server(
            &words("/usr/bin/vim -D /srv/data -F"),
            Path::new("/srv/data")
        ));
    }
}
