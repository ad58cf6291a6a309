//! Asking a vendor whether a connection works.

use serde_json::json;

use crate::adapters::contract::{AdapterError, CheckReport, Finding, Trouble};
use crate::domain::{Caller, Capability, Scope};
use crate::error::Result;
use crate::services::Services;
use crate::services::callers::require;
use crate::services::connected;
use crate::store::connections::{CheckedRow, record_check};

/// What a check found; always an answer, never an error of the vendor's.
#[derive(Clone, Debug)]
pub struct CheckResult {
    /// Whether the connection can be used.
    pub healthy: bool,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Asks the vendor, and keeps what it said: health, findings, narrowed capabilities.
///
/// # Errors
/// Without the scope; not found; our own database. The vendor's trouble is a finding.
pub async fn check_connection(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
    request_id: &str,
) -> Result<CheckResult> {
    require(caller, Scope::CONNECTIONS_WRITE)?;
    let connected = connected::open(services, &caller.connections, id_or_name).await?;
    let call = connected::reading(services, request_id);
    let report = match connected.adapter.checker().check(&call).await {
        Ok(report) => report,
        Err(error) => CheckReport {
            findings: vec![finding(error)],
            ..CheckReport::default()
        },
    };
    let healthy = report.findings.iter().all(|finding| !finding.fatal);
    let findings: Vec<_> = report
        .findings
        .iter()
        .map(|finding| json!({"code": finding.code, "detail": finding.detail}))
        .collect();
    record_check(
        services.store().requests(),
        connected.row.id,
        connected.row.version,
        CheckedRow {
            healthy,
            findings: findings.into(),
            capabilities: report.capabilities.map(|found| {
                found
                    .into_iter()
                    .map(|capability: Capability| capability.as_str().to_owned())
                    .collect()
            }),
            create_schema: report.create_attributes_schema,
        },
    )
    .await?;
    Ok(CheckResult {
        healthy,
        findings: report.findings,
    })
}

fn finding(error: AdapterError) -> Finding {
    let code = match error.trouble {
        Trouble::AuthFailed => "auth_failed",
        Trouble::RateLimited => "rate_limited",
        Trouble::Unavailable => "unreachable",
        Trouble::Timeout => "timeout",
        Trouble::Malformed => "malformed_answer",
        Trouble::NotFound => "not_found",
        Trouble::Unsupported => "capability_missing",
        Trouble::Invalid | Trouble::Rejected | Trouble::Conflict | Trouble::Fenced => "rejected",
    };
    Finding {
        code: code.to_owned(),
        detail: error.message,
        fatal: true,
    }
}
