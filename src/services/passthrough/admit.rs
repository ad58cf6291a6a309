//! Who may have what passed through, and what a connection keeps back.

use serde_json::Value;

use crate::adapters::contract::UpstreamOperation;
use crate::adapters::vendor::{ALLOW_DANGEROUS_OPERATIONS, ALLOW_RAW_WRITES};
use crate::domain::{Caller, Scope};
use crate::error::{Code, Error, Result};
use crate::services::callers::require;
use crate::services::connected::Connected;

/// Refuses who may have nothing passed through, before anything is looked at.
pub(super) fn anything(caller: &Caller, method: &str) -> Result<()> {
    if method == "GET" {
        return require(caller, Scope::UPSTREAM_READ);
    }
    // Vendors have readings that are sent with other methods.
    if caller.has(Scope::UPSTREAM_READ) {
        return Ok(());
    }
    require(caller, Scope::UPSTREAM_WRITE)
}

/// Refuses an operation that the caller may not have, or that the connection keeps back.
pub(super) fn operation(
    caller: &Caller,
    connected: &Connected,
    operation: &UpstreamOperation,
) -> Result<()> {
    require(
        caller,
        if operation.writes {
            Scope::UPSTREAM_WRITE
        } else {
            Scope::UPSTREAM_READ
        },
    )?;
    if operation.secret_in_answer {
        require(caller, Scope::TOKENS_REVEAL)?;
    }
    if operation.dangerous && !is_on(connected, ALLOW_DANGEROUS_OPERATIONS) {
        return Err(Error::new(
            Code::Forbidden,
            format!(
                "`{}` reaches beyond the vendor's own API, or changes the credential that the connection `{}` lives by. It is \
                 passed through only where the connection's setting `{ALLOW_DANGEROUS_OPERATIONS}` is on.",
                operation.id, connected.row.name
            ),
        ));
    }
    if operation.writes
        && let Some(ours) = operation.normalized
        && !is_on(connected, ALLOW_RAW_WRITES)
    {
        return Err(Error::new(
            Code::Conflict,
            format!(
                "`{}` is what the operation `{ours}` of this API does, with leases, policies and our copies heeded. Use that, or \
                 turn the setting `{ALLOW_RAW_WRITES}` of the connection `{}` on.",
                operation.id, connected.row.name
            ),
        ));
    }
    if connected.adapter.forwarder().is_none() {
        return Err(Error {
            capabilities: Some(connected.capabilities()),
            ..Error::new(
                Code::CapabilityNotSupported,
                format!(
                    "The connection `{}` passes nothing through.",
                    connected.row.name
                ),
            )
        });
    }
    Ok(())
}

fn is_on(connected: &Connected, setting: &str) -> bool {
    connected.row.settings.get(setting) == Some(&Value::Bool(true))
}
