//! Why something is asked for, in the caller's words.

use crate::error::{Error, Result};

/// The reason that a body gives, if it gives one.
///
/// # Errors
/// Names `/reason`.
pub(crate) fn checked_reason(reason: Option<String>) -> Result<Option<String>> {
    let Some(reason) = reason else {
        return Ok(None);
    };
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 1000 {
        return Err(Error::invalid(
            "/reason",
            "must say why in 1 to 1000 characters, or be left out",
        ));
    }
    Ok(Some(reason.to_owned()))
}
