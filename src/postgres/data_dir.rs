//! Where data lives when the operator doesn't say.

use std::path::PathBuf;

use super::account;

/// As root `/var/lib/iam-gateway`, else `$XDG_DATA_HOME/iam-gateway` or `~/.local/share/iam-gateway`.
pub fn default_data_dir(environment: impl Fn(&str) -> Option<String>) -> PathBuf {
    choose(account::runs_as_root(), environment)
}

fn choose(root: bool, environment: impl Fn(&str) -> Option<String>) -> PathBuf {
    // The XDG rules tell to ignore a relative path.
    let directory = |name| {
        environment(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let data_home =
        || directory("XDG_DATA_HOME").or_else(|| Some(directory("HOME")?.join(".local/share")));
    match data_home() {
        Some(data_home) if !root => data_home.join("iam-gateway"),
        _ => PathBuf::from("/var/lib/iam-gateway"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_follows_the_account() {
        let home = |name: &str| (name == "HOME").then(|| "/home/ann".to_owned());
        let xdg = |name: &str| Some(if name == "HOME" { "/home/ann" } else { "/data" }.to_owned());
        let relative =
            |name: &str| Some(if name == "HOME" { "/home/ann" } else { "data" }.to_owned());
        assert_eq!(choose(true, xdg), PathBuf::from("/var/lib/iam-gateway"));
        assert_eq!(
            choose(false, home),
            PathBuf::from("/home/ann/.local/share/iam-gateway")
        );
        assert_eq!(choose(false, xdg), PathBuf::from("/data/iam-gateway"));
        assert_eq!(
            choose(false, relative),
            PathBuf::from("/home/ann/.local/share/iam-gateway")
        );
    }
}
