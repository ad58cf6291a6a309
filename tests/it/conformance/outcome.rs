//! What an adapter has to make of a case.

use std::time::Duration;

use iam_gateway::adapters::contract::{AdapterError, SideEffect, Trouble};
use iam_gateway::domain::Effect;

/// What a reading has to make of a case.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    /// The same as without it.
    Unmoved,
    /// One of these troubles, and never an empty or shorter answer.
    Trouble(&'static [Trouble]),
    /// Any trouble.
    SomeTrouble,
    /// The same, where who asks has another credential; else one of these troubles.
    UnmovedOr(&'static [Trouble]),
    /// The credentials are refused, and a word tells that the clocks differ.
    ClockTrouble,
}

/// What a write has to make of a case that strikes its mutating requests.
#[derive(Clone, Copy, Debug)]
pub enum Write {
    /// The trouble, with the certainty that nothing was changed.
    Refused(&'static [Trouble]),
    /// Nobody knows whether it was done, and it says so.
    Unclear,
    /// The vendor did it: either that is seen, or nobody knows.
    DoneOrUnclear,
    /// The vendor did not do it, and nobody says that it did.
    NotDone,
    /// Done with another credential; else the trouble, with the certainty that nothing was changed.
    DoneOrRefused(&'static [Trouble]),
    /// The credentials are refused, and a word tells that the clocks differ.
    ClockTrouble,
}

/// Longer than a vendor asked anybody to wait in these cases.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a word about clocks says.
fn tells_the_clock(error: &AdapterError) -> bool {
    error.trouble == Trouble::AuthFailed && error.message.contains("clock")
}

impl Reading {
    /// Why the outcome is not what it has to be; `None`: it is. `same`: whether it is as without the case.
    pub fn complaint(self, outcome: Result<bool, &AdapterError>) -> Option<String> {
        match (self, outcome) {
            (Self::Unmoved, Ok(true)) | (Self::SomeTrouble, Err(_)) => None,
            (Self::UnmovedOr(_), Ok(true)) => None,
            (Self::Trouble(allowed) | Self::UnmovedOr(allowed), Err(error))
                if allowed.contains(&error.trouble) =>
            {
                None
            }
            (Self::ClockTrouble, Err(error)) if tells_the_clock(error) => None,
            (wanted, Ok(same)) => Some(format!(
                "wanted {wanted:?}; got an answer, the same: {same}"
            )),
            (wanted, Err(error)) => Some(format!("wanted {wanted:?}; got {error}")),
        }
    }
}

impl Write {
    /// As [`Reading::complaint`]; `sent` mutating requests left.
    pub fn complaint(self, outcome: &Result<Effect, AdapterError>, sent: usize) -> Option<String> {
        // A refused credential may be renewed and shown once more; everything else leaves once.
        let most = match self {
            Self::Refused([Trouble::AuthFailed, ..])
            | Self::DoneOrRefused(_)
            | Self::ClockTrouble => 2,
            _ => 1,
        };
        if sent == 0 || sent > most {
            return Some(format!(
                "{sent} mutating requests left, {most} at most should"
            ));
        }
        let waits = outcome.as_ref().err().and_then(|error| error.retry_after);
        if waits.is_some_and(|wait| wait > PATIENCE) {
            return Some(format!("nobody asked to wait for {waits:?}"));
        }
        let is_right = match (self, outcome) {
            (Self::Refused(allowed) | Self::DoneOrRefused(allowed), Err(error)) => {
                allowed.contains(&error.trouble) && error.effect == SideEffect::None
            }
            (Self::ClockTrouble, Err(error)) => {
                tells_the_clock(error) && error.effect == SideEffect::None
            }
            (Self::NotDone, Err(_)) | (Self::DoneOrRefused(_), Ok(_)) => true,
            (Self::NotDone | Self::ClockTrouble, Ok(_)) => false,
            (Self::Unclear | Self::DoneOrUnclear, Err(error)) => {
                error.effect == SideEffect::Unknown
            }
            (Self::DoneOrUnclear, Ok(_)) => true,
            (Self::Refused(_) | Self::Unclear, Ok(_)) => false,
        };
        (!is_right).then(|| match outcome {
            Ok(effect) => format!("wanted {self:?}; got {effect:?}"),
            Err(error) => format!("wanted {self:?}; got {error}, effect {:?}", error.effect),
        })
    }
}
