//! Finds the server's programs. Distributions keep them apart from the client's, one folder per major version.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use super::PostgresError;

const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Parents of one folder per version: (parent, what the folder's name begins with, where the programs are in it).
const VERSIONED: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
];

/// One installed PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) folder: PathBuf,
    /// Major and minor version.
    version: (u32, u32),
}

impl Programs {
    pub(super) fn major(&self) -> String {
        self.version.0.to_string()
    }

    /// The newest installation, or where data exists the newest of the major version that made it.
    pub(super) fn find(data: &Path) -> Result<Self, PostgresError> {
        let mut found: Vec<Self> = folders().into_iter().filter_map(Self::in_folder).collect();
        found.sort_by_key(|programs| programs.version);
        let newest = found.last().cloned().ok_or(PostgresError::NoPrograms)?;
        let Ok(needed) = fs::read_to_string(data.join("PG_VERSION")) else {
            return Ok(newest);
        };
        let fitting = found
            .iter()
            .rev()
            .find(|programs| programs.major() == needed.trim())
            .cloned();
        fitting.ok_or_else(|| {
            let mut majors: Vec<String> = found.iter().map(Self::major).collect();
            majors.dedup();
            let needed = needed.trim().to_owned();
            PostgresError::WrongVersion {
                data: data.to_owned(),
                needed,
                found: majors.join(", "),
            }
        })
    }

    fn in_folder(folder: PathBuf) -> Option<Self> {
        if !NEEDED.iter().all(|name| is_program(&folder.join(name))) {
            return None;
        }
        let output = Command::new(folder.join("pg_ctl"))
            .arg("--version")
            .output()
            .ok()?;
        let version = parse_version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { folder, version })
    }
}

/// The versioned ones last: of equal versions they win over what stands in the path, which may be a link.
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .collect();
    folders.extend(VERSIONED.into_iter().flat_map(versioned_folders));
    folders
}

fn versioned_folders((parent, beginning, programs): (&str, &str, &str)) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(beginning));
    named.map(|entry| entry.path().join(programs)).collect()
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Reads `pg_ctl (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)`, and `17beta1` or `17devel` in the number's place.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let number = text.split_whitespace().nth(2)?;
    let digits = |part: &str| {
        part.chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .ok()
    };
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    Some((digits(major)?, digits(minor)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_programs_print_them() {
        assert_eq!(
            parse_version("pg_ctl (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n"),
            Some((15, 13))
        );
        assert_eq!(parse_version("pg_ctl (PostgreSQL) 17beta1"), Some((17, 0)));
        assert_eq!(parse_version("pg_ctl"), None);
    }

    #[test]
    fn data_of_a_missing_version_is_refused_by_name() {
        let data = env::temp_dir().join(format!("iam-gateway-programs-{}", std::process::id()));
        fs::create_dir_all(&data).expect("a directory");
        fs::write(data.join("PG_VERSION"), "7\n").expect("written");
        let error = Programs::find(&data).expect_err("no PostgreSQL 7");
        assert!(
            error.to_string().contains("was made by PostgreSQL 7"),
            "{error}"
        );
        fs::remove_dir_all(data).expect("removed");
    }
}
