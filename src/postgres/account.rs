//! The account that the server runs as. PostgreSQL refuses root, so root lends it another one.

use std::{
    env,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::PostgresError;

/// On macOS there is no `C.UTF-8`. Both sort by bytes, and the server speaks English in its log.
const LOCALE: &str = if cfg!(target_os = "macos") {
    "en_US.UTF-8"
} else {
    "C.UTF-8"
};

/// Who runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Account {
    /// The one that runs us.
    Own,
    /// Another one, which root can change to.
    Lent {
        name: &'static str,
        user: u32,
        group: u32,
        setpriv: PathBuf,
    },
}

impl Account {
    pub(super) fn choose() -> Result<Self, PostgresError> {
        if !runs_as_root() {
            return Ok(Self::Own);
        }
        let setpriv = find_setpriv().ok_or_else(|| {
            PostgresError::NoAccount("the program `setpriv` (of util-linux) is missing".to_owned())
        })?;
        for name in ["postgres", "nobody"] {
            if let (Some(user), Some(group)) = (id("-u", name)?, id("-g", name)?) {
                return Ok(Self::Lent {
                    name,
                    user,
                    group,
                    setpriv,
                });
            }
        }
        Err(PostgresError::NoAccount(
            "there is neither a `postgres` nor a `nobody` account".to_owned(),
        ))
    }

    /// Gives it a file or directory.
    pub(super) fn own(&self, path: &Path) -> Result<(), PostgresError> {
        match self {
            Self::Own => Ok(()),
            Self::Lent { user, group, .. } => chown(path, Some(*user), Some(*group))
                .map_err(PostgresError::io("change the owner of", path)),
        }
    }

    /// Fails, naming the culprit, if it can't enter this directory.
    pub(super) fn check_reach(&self, directory: &Path) -> Result<(), PostgresError> {
        let Self::Lent { name, .. } = self else {
            return Ok(());
        };
        let outermost_first = directory.ancestors().collect::<Vec<_>>().into_iter().rev();
        for ancestor in outermost_first {
            if !self.can_enter(ancestor)? {
                return Err(PostgresError::Unreachable {
                    account: (*name).to_owned(),
                    blocked: ancestor.to_owned(),
                });
            }
        }
        Ok(())
    }

    fn can_enter(&self, directory: &Path) -> Result<bool, PostgresError> {
        let Some(mut change) = self.change() else {
            return Ok(true);
        };
        // `-x` would do, were it not that shells differ in whom they ask about.
        change
            .args(["/bin/sh", "-c", "cd \"$1\"", "sh"])
            .arg(directory)
            .stderr(Stdio::null());
        Ok(change
            .status()
            .map_err(PostgresError::io("run setpriv for", directory))?
            .success())
    }

    /// The command that becomes this account and runs what follows.
    fn change(&self) -> Option<Command> {
        let Self::Lent { setpriv, .. } = self else {
            return None;
        };
        let mut command = Command::new(setpriv);
        command.args(self.change_arguments());
        Some(command)
    }

    fn change_arguments(&self) -> Vec<String> {
        match self {
            Self::Own => Vec::new(),
            Self::Lent { user, group, .. } => vec![
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
                "--".to_owned(),
            ],
        }
    }

    /// Writes `bin/initdb` and `bin/pg_ctl` into `folder`: scripts that run the real ones as this account. The folder stays
    /// ours, for root runs what is in it.
    pub(super) fn wrap(&self, programs: &Path, folder: &Path) -> Result<(), PostgresError> {
        let bin = folder.join("bin");
        super::create_directory(&bin, 0o755)?;
        for name in ["initdb", "pg_ctl"] {
            let mut words = Vec::new();
            if let Self::Lent { setpriv, .. } = self {
                words.push(quote(setpriv));
                words.extend(self.change_arguments());
            }
            words.push(quote(&programs.join(name)));
            let script = format!(
                "#!/bin/sh\nexport LC_ALL={LOCALE}\ncd / && exec {} \"$@\"\n",
                words.join(" ")
            );
            write_program(&bin.join(name), &script)?;
        }
        Ok(())
    }
}

pub(super) fn runs_as_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// What `id` says; nothing if there is no such account.
fn id(which: &str, account: &str) -> Result<Option<u32>, PostgresError> {
    let output = Command::new("id")
        .arg(which)
        .arg(account)
        .stderr(Stdio::null())
        .output();
    let output = output.map_err(PostgresError::io("run the program", Path::new("id")))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

fn find_setpriv() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/bin", "/bin"].map(PathBuf::from);
    env::split_paths(&path)
        .chain(usual)
        .map(|folder| folder.join("setpriv"))
        .find(|file| file.is_file())
}

fn quote(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

/// Replaces the file in one step: another process may be about to run it.
fn write_program(path: &Path, text: &str) -> Result<(), PostgresError> {
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    let written = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o755)
        .open(&draft)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&draft, path));
    written.map_err(PostgresError::io("write", path))
}
