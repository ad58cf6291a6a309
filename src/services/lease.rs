//! Staying the owner of a piece of work, by a heartbeat beside it.

use std::future::pending;

use tokio::time::sleep;
use tracing::warn;
use uuid::Uuid;

use super::Services;
use crate::error::Result;

/// Extends the lease of a piece of work until that fails for good: it is another replica's then.
///
/// `extend` says whether it is still ours and running, `has_ended` whether it was this very owner that ended it: then it is
/// about to say so itself. `what` is for the log.
pub(super) async fn lost<Extended, Ended>(
    services: &Services,
    what: &str,
    id: Uuid,
    extend: impl Fn() -> Extended,
    has_ended: impl Fn() -> Ended,
) where
    Extended: Future<Output = Result<bool>>,
    Ended: Future<Output = Result<bool>>,
{
    loop {
        sleep(services.settings().heartbeat).await;
        match extend().await {
            Ok(true) => {}
            Ok(false) if has_ended().await.unwrap_or(false) => return pending().await,
            Ok(false) => {
                warn!(work = what, %id, "The {what} {id} belongs to another replica now");
                return;
            }
            // The database is away: the lease itself decides, by its own clock.
            Err(error) => warn!(work = what, %id, %error, "Heartbeat of the {what} {id} failed"),
        }
    }
}
