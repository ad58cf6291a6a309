//! SIGTERM and SIGINT ask the process to end.

use std::{io, process};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::info;

/// A token that is cancelled by the first SIGTERM or SIGINT. A second one ends the process at once, for those who can't wait;
/// an embedded database is left running then, and adopted by the next start.
pub fn shutdown_signal() -> io::Result<CancellationToken> {
    // Listening begins here, not when the task first runs: no signal goes by unseen.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let asked = token.clone();
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => ("SIGTERM", 143),
                _ = interrupt.recv() => ("SIGINT", 130),
            }
        };
        let (name, _) = next().await;
        info!("Got {name}; finishing what is under way");
        asked.cancel();
        let (_, code) = next().await;
        process::exit(code);
    });
    Ok(token)
}
