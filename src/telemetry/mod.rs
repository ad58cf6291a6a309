//! What the process says about itself: log lines on standard error, and metrics.
//!
//! Both are the process's own and set up once, however many gateways run in it (tests run many).

mod json_lines;
mod metrics;

use std::{io, panic, sync::OnceLock};

use tracing::{Level, Metadata, error, warn};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use json_lines::JsonLines;
pub use metrics::Metrics;

/// Libraries whose finer events may hold headers, bodies or command lines: whatever the operator asks for, secrets stay out.
const WIRE: [&str; 7] = [
    "h2",
    "hyper",
    "hyper_util",
    "postgresql_commands",
    "postgresql_embedded",
    "reqwest",
    "rustls",
];

/// Sends log lines to standard error: those that `filter` lets pass, as JSON objects or as text. The first call decides.
pub fn start_logs(filter: &str, json: bool) {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        let (wanted, wrong) = match EnvFilter::builder().parse(filter) {
            Ok(wanted) => (wanted, None),
            Err(error) => (EnvFilter::new("info"), Some(error)),
        };
        let wanted = wanted.and(filter_fn(is_safe));
        let lines = if json {
            JsonLines::new(io::stderr).with_filter(wanted).boxed()
        } else {
            fmt::layer()
                .with_writer(io::stderr)
                .with_ansi(false)
                .with_filter(wanted)
                .boxed()
        };
        // Fails where another subscriber is set already, as a test's may be; that one then gets the events.
        let _ = tracing_subscriber::registry().with(lines).try_init();
        if let Some(error) = wrong {
            warn!("The log filter '{filter}' can't be read ({error}); logging at info");
        }
    });
}

/// Makes a panic a log line like any other. For programs; tests want the usual report.
pub fn log_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("no message");
        error!(panic.place = place, "A task panicked at {place}: {message}");
    }));
}

/// The process's metrics, recorded from the first call on.
pub fn metrics() -> &'static Metrics {
    metrics::installed()
}

fn is_safe(metadata: &Metadata<'_>) -> bool {
    let library = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || !WIRE.contains(&library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starting_twice_is_harmless() {
        start_logs("warn", true);
        start_logs("nonsense=,=", false);
    }
}
