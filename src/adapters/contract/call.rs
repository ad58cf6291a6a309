//! The frame of one call to a vendor, and the mark that a mutating request is about to leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::{AdapterError, Sketch, Trouble, Urgency};
use crate::domain::Effect;

/// The ledger refused the mark: another replica owns the operation now, or the database can't be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkRefused;

/// Records that a mutating request is about to leave.
///
/// Implemented by the ledger as one compare-and-set on owner, epoch and lease. When it refuses, nothing may be sent.
#[async_trait]
pub trait Sent: Send + Sync {
    /// Marks the operation as sent; `before` is the state seen at the vendor before the act.
    async fn mark(&self, before: &Value) -> Result<(), MarkRefused>;
}

/// What every call to an adapter carries.
#[derive(Clone)]
pub struct Call {
    /// Passed on where the vendor has a header for it.
    pub request_id: String,
    /// When everything about this call must be over.
    pub deadline: Instant,
    /// The operation that this call belongs to; `None` for a read on its own.
    pub operation_id: Option<Uuid>,
    /// What it is for, where its connection may make only so many calls.
    pub urgency: Urgency,
    /// Secrets that this call carries: no message may repeat them.
    pub secrets: Arc<[SecretString]>,
    sent: Option<Arc<dyn Sent>>,
    sketch: Option<Arc<Sketch>>,
    marked: Arc<AtomicBool>,
}

impl Call {
    /// A call that only reads.
    pub fn read(request_id: impl Into<String>, deadline: Instant) -> Self {
        Self {
            request_id: request_id.into(),
            deadline,
            operation_id: None,
            urgency: Urgency::Ordinary,
            secrets: Arc::new([]),
            sent: None,
            sketch: None,
            marked: Arc::default(),
        }
    }

    /// A call that may send the one mutating request of an operation.
    pub fn write(
        request_id: impl Into<String>,
        deadline: Instant,
        operation_id: Uuid,
        secrets: Arc<[SecretString]>,
        sent: Arc<dyn Sent>,
    ) -> Self {
        Self {
            request_id: request_id.into(),
            deadline,
            operation_id: Some(operation_id),
            urgency: Urgency::Ordinary,
            secrets,
            sent: Some(sent),
            sketch: None,
            marked: Arc::default(),
        }
    }

    /// A call that makes the readings of an act and keeps its mutating request in the sketch instead of sending it.
    pub fn plan(
        request_id: impl Into<String>,
        deadline: Instant,
        operation_id: Uuid,
        secrets: Arc<[SecretString]>,
        sketch: Arc<Sketch>,
    ) -> Self {
        Self {
            operation_id: Some(operation_id),
            secrets,
            sketch: Some(sketch),
            ..Self::read(request_id, deadline)
        }
    }

    /// The same call for another purpose.
    #[must_use]
    pub fn of(mut self, urgency: Urgency) -> Self {
        self.urgency = urgency;
        self
    }

    /// Where to leave what would be sent, if this call only plans. A mutating request of such a call ends as
    /// [`Trouble::Fenced`].
    pub fn sketch(&self) -> Option<&Sketch> {
        self.sketch.as_deref()
    }

    /// Marks the operation as sent. Called by the transport right before the first byte of a mutating request.
    ///
    /// # Errors
    /// [`Trouble::Fenced`] when the ledger refuses, or when this call has no operation behind it.
    pub async fn sent(&self, before: &Value) -> Result<(), AdapterError> {
        let fenced =
            || AdapterError::new(Trouble::Fenced, "the operation is no longer ours to send");
        let sent = self.sent.as_ref().ok_or_else(fenced)?;
        sent.mark(before).await.map_err(|MarkRefused| fenced())?;
        self.marked.store(true, Ordering::Release);
        Ok(())
    }

    /// Whether a mutating request was marked as sent in this call: from then on no failure proves that nothing changed.
    pub fn is_sent(&self) -> bool {
        self.marked.load(Ordering::Acquire)
    }
}

/// What a mutating call did, when its effect is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome<T> {
    /// What happened at the vendor.
    pub effect: Effect,
    /// What the vendor answered.
    pub value: T,
}
