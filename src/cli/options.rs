//! Options that several commands take.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;

use crate::postgres::default_data_dir;

/// Where to listen.
#[derive(Debug, Clone, Args)]
pub struct Listen {
    /// Address and port to listen on; port 0 picks a free one.
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "IAM_GATEWAY_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: SocketAddr,
}

/// Where the embedded database and its keys live.
#[derive(Debug, Clone, Args)]
pub struct DataDir {
    /// Directory of the embedded database and of what belongs to it [default: /var/lib/iam-gateway as root, else
    /// ~/.local/share/iam-gateway].
    #[arg(
        long,
        value_name = "DIRECTORY",
        env = "IAM_GATEWAY_DATA_DIR",
        global = true
    )]
    data_dir: Option<PathBuf>,
}

impl DataDir {
    /// The directory that was said, or the default one. It need not exist yet.
    pub fn path(&self) -> PathBuf {
        match &self.data_dir {
            Some(path) if !path.as_os_str().is_empty() => path.clone(),
            _ => default_data_dir(|name| std::env::var(name).ok()),
        }
    }
}
