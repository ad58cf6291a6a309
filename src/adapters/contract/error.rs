//! What can go wrong at a vendor, told as what the caller should do now.

use std::time::Duration;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Give up: this vendor can't represent the input; nothing was sent.
    Invalid,
    /// Give up: this vendor has no such field or act; nothing was sent.
    Unsupported,
    /// Give up: the vendor refused the request.
    Rejected,
    /// Give up: it contradicts what is there.
    Conflict,
    /// Give up: the vendor knows no such thing, and its answer proves it.
    NotFound,
    /// Fix the credentials, or the region or path prefix of the connection.
    AuthFailed,
    /// Wait: too many calls.
    RateLimited,
    /// Wait: no connection, or the vendor says it is out of order.
    Unavailable,
    /// Wait, then look: the answer did not come in time.
    Timeout,
    /// Look again: the answer makes no sense.
    Malformed,
    /// Stop: the request must not leave, for the operation belongs to another replica now or is only planned; nothing was sent.
    Fenced,
}

impl Trouble {
    /// Whether the same read may work a moment later.
    pub const fn is_passing(self) -> bool {
        matches!(
            self,
            Self::RateLimited | Self::Unavailable | Self::Timeout | Self::Malformed
        )
    }

    /// The effect that a mutating request had when it ends so after it was sent.
    const fn side_effect(self) -> SideEffect {
        match self {
            Self::Unavailable | Self::Timeout | Self::Malformed => SideEffect::Unknown,
            _ => SideEffect::None,
        }
    }
}

/// Whether a failed mutating request changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SideEffect {
    /// Nothing changed, for certain.
    None,
    /// Nobody knows: read before anything is repeated.
    Unknown,
}

/// What the vendor itself said, redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upstream {
    /// HTTP status of the answer, if one came.
    pub status: Option<u16>,
    /// The vendor's own error code.
    pub code: Option<String>,
    /// The vendor's own words, shortened.
    pub message: Option<String>,
    /// The vendor's correlation id, where it has one.
    pub correlation_id: Option<String>,
}

/// A call that did not work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{trouble:?}: {message}")]
pub struct AdapterError {
    /// What to do now.
    pub trouble: Trouble,
    /// For the caller, in plain words and without secrets.
    pub message: String,
    /// Whether something may have changed at the vendor.
    pub effect: SideEffect,
    /// The field at fault, as a JSON pointer into the request.
    pub pointer: Option<String>,
    /// How long to wait, where the vendor says so.
    pub retry_after: Option<Duration>,
    /// What the vendor said.
    pub upstream: Option<Upstream>,
}

impl AdapterError {
    /// An error of this kind, with the side effect that the kind usually has.
    pub fn new(trouble: Trouble, message: impl Into<String>) -> Self {
        Self {
            trouble,
            message: message.into(),
            effect: trouble.side_effect(),
            pointer: None,
            retry_after: None,
            upstream: None,
        }
    }

    /// Input that this vendor can't represent.
    pub fn invalid(pointer: &str, message: impl Into<String>) -> Self {
        Self::new(Trouble::Invalid, message).at(pointer)
    }

    /// A field or act that this vendor does not have.
    pub fn unsupported(pointer: &str, message: impl Into<String>) -> Self {
        Self::new(Trouble::Unsupported, message).at(pointer)
    }

    /// Names the field at fault.
    #[must_use]
    pub fn at(mut self, pointer: &str) -> Self {
        self.pointer = Some(pointer.to_owned());
        self
    }

    /// Adds what the vendor said.
    #[must_use]
    pub fn saying(mut self, upstream: Upstream) -> Self {
        self.upstream = Some(upstream);
        self
    }

    /// Adds how long to wait.
    #[must_use]
    pub fn after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// Overrides the side effect, where the vendor's answer proves another one.
    #[must_use]
    pub fn with_effect(mut self, effect: SideEffect) -> Self {
        self.effect = effect;
        self
    }
}
