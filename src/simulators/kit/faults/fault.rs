//! The ways of failing, and how they are spelled in JSON.

use std::collections::BTreeMap;

use axum::http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One way of failing.
///
/// `Status`, `DropBeforeApply`, `RateLimit`, `ErrorIn200` and `Redirect` strike instead of the vendor: nothing is changed there.
/// `DropAfterApply`, `Malformed` and `Oversized` damage the answer of a call that the vendor did carry out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Answers with this status. A `body` that is a string goes out as text, anything else as JSON.
    Status {
        /// The HTTP status, 200 to 599.
        code: u16,
        /// Headers of the answer.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Body of the answer, empty when missing.
        #[serde(default)]
        body: Option<Value>,
        /// Let the vendor carry the call out first, as when a proxy in front of it gives up too early.
        #[serde(default)]
        apply: bool,
    },
    /// Cuts the connection before the vendor hears of the call.
    DropBeforeApply,
    /// Lets the vendor carry out the call, then cuts the connection without an answer.
    DropAfterApply,
    /// Waits, then goes on as if nothing had been, even when the client hangs up meanwhile. Later rules still strike.
    DelayMs {
        /// How long, in milliseconds.
        value: u64,
    },
    /// Answers 429 with `Retry-After` to every call above this many within 60 seconds.
    RateLimit {
        /// Calls let through per minute.
        per_minute: u32,
    },
    /// Answers 200 with JSON that breaks off.
    Malformed,
    /// Answers 200 with a body of this many MiB, streamed.
    Oversized {
        /// Size in MiB.
        #[serde(default = "default_mib")]
        mib: u32,
    },
    /// The listing leads back to pages already served and never ends.
    PageLoop,
    /// The listing serves the rows of one page twice.
    PageRepeat,
    /// The listing leaves out the rows of a page.
    PageMissing,
    /// Answers 200 with the vendor's way of saying that something failed.
    #[serde(rename = "error_in_200")]
    ErrorIn200 {
        /// Instead of the body that the vendor's simulator would choose.
        #[serde(default)]
        body: Option<Value>,
    },
    /// Answers 307.
    Redirect {
        /// Where to.
        location: String,
    },
}

fn default_mib() -> u32 {
    100
}

/// What a listing shall do wrong on this page, in its own style of paging. Some of it can't show in a listing of one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageFault {
    /// Lead back to pages already served, for ever.
    Loop,
    /// Serve the rows of one page twice.
    Repeat,
    /// Leave out the rows of a page.
    Missing,
}

impl Fault {
    pub(super) fn page_fault(&self) -> Option<PageFault> {
        match self {
            Fault::PageLoop => Some(PageFault::Loop),
            Fault::PageRepeat => Some(PageFault::Repeat),
            Fault::PageMissing => Some(PageFault::Missing),
            Fault::Status { .. }
            | Fault::DropBeforeApply
            | Fault::DropAfterApply
            | Fault::DelayMs { .. }
            | Fault::RateLimit { .. }
            | Fault::Malformed
            | Fault::Oversized { .. }
            | Fault::ErrorIn200 { .. }
            | Fault::Redirect { .. } => None,
        }
    }

    /// The parameter that a bare value stands for: `{"delay_ms": 200}` is `{"kind": "delay_ms", "value": 200}`.
    fn main_parameter(kind: &str) -> &'static str {
        match kind {
            "status" => "code",
            "rate_limit" => "per_minute",
            "oversized" => "mib",
            "redirect" => "location",
            "error_in_200" => "body",
            _ => "value",
        }
    }

    /// Reads a fault from `"drop_after_apply"`, `{"kind": "status", "code": 503}`, `{"status": {"code": 503}}` or `{"status": 503}`.
    pub(super) fn from_json(value: Value) -> Result<Self, String> {
        let tagged = match value {
            Value::String(kind) => json!({ "kind": kind }),
            Value::Object(mut object) if !object.contains_key("kind") && object.len() == 1 => {
                let kind = object.keys().next().cloned().unwrap_or_default();
                let mut tagged = match object.remove(&kind) {
                    Some(Value::Object(parameters)) => parameters,
                    Some(parameter) => {
                        Map::from_iter([(Self::main_parameter(&kind).to_owned(), parameter)])
                    }
                    None => Map::new(),
                };
                tagged.insert("kind".to_owned(), Value::String(kind));
                Value::Object(tagged)
            }
            other => other,
        };
        let fault: Fault = serde_json::from_value(tagged).map_err(|error| error.to_string())?;
        fault.check()?;
        Ok(fault)
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Fault::Status { code, .. } if !(200..=599).contains(code) => {
                Err(format!("status code {code} is not between 200 and 599"))
            }
            Fault::Status { headers, .. } => headers.iter().try_for_each(|(name, value)| {
                HeaderName::try_from(name).map_err(|_| format!("{name:?} is not a header name"))?;
                HeaderValue::try_from(value)
                    .map_err(|_| format!("{value:?} is not a header value"))?;
                Ok(())
            }),
            Fault::RateLimit { per_minute: 0 } => Err("per_minute must be at least 1".to_owned()),
            Fault::Redirect { location } if HeaderValue::try_from(location).is_err() => {
                Err(format!("{location:?} is not a header value"))
            }
            _ => Ok(()),
        }
    }
}
