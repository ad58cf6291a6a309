//! Whether this replica can do its work.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Services;
use crate::error::{Code, Error, Result};

/// How long a loop may be silent before the replica counts as not ready.
const SILENCE: Duration = Duration::from_secs(30);

/// When the loops without a caller last finished a scan, and whether this replica is about to stop.
#[derive(Default)]
pub struct Pulse {
    beats: Mutex<BTreeMap<&'static str, Instant>>,
    draining: AtomicBool,
}

impl Pulse {
    /// Says that a loop works, or is about to begin.
    pub fn beat(&self, name: &'static str) {
        metrics::gauge!("iam_gateway_last_scan_timestamp_seconds", "loop" => name)
            .set(chrono::Utc::now().timestamp() as f64);
        self.lock().insert(name, Instant::now());
    }

    /// The loops that have been silent for too long.
    pub fn silent(&self) -> Vec<&'static str> {
        self.lock()
            .iter()
            .filter(|(_, at)| at.elapsed() > SILENCE)
            .map(|(name, _)| *name)
            .collect()
    }

    /// Says that this replica is about to stop: it works on and is not ready any more.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether it is about to stop.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, Instant>> {
        self.beats
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Whether the database answers with the schema of this build, the loops work, and no stop was asked for.
///
/// # Errors
/// [`Code::ServiceUnavailable`] says what is missing.
pub async fn ready(services: &Services) -> Result<()> {
    let not_ready = |detail: String| Error {
        retry_after_seconds: Some(2),
        ..Error::new(Code::ServiceUnavailable, detail)
    };
    if services.pulse().is_draining() {
        return Err(not_ready(
            "This replica is about to stop; another one serves.".into(),
        ));
    }
    let current = tokio::time::timeout(Duration::from_secs(3), services.store().is_current())
        .await
        .map_err(|_| not_ready("The database does not answer.".into()))?
        .map_err(|error| Error {
            internal: error.internal,
            ..not_ready("The database does not answer.".into())
        })?;
    if !current {
        return Err(not_ready(
            "The database lacks migrations of this build; run `iam-gateway migrate`.".into(),
        ));
    }
    let silent = services.pulse().silent();
    if !silent.is_empty() {
        return Err(not_ready(format!(
            "These loops have been silent for more than {} s: {}.",
            SILENCE.as_secs(),
            silent.join(", ")
        )));
    }
    Ok(())
}
