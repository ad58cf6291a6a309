//! What happens to an account's licence and its work before it goes. `success: false` is a normal answer (contract §B7).

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    access::{LICENCE, PROJECT},
    entitlements::OneAccount,
    envelope::{Answer, Envelope, Wrote},
    errors::Error,
    routes::Connector,
};
use crate::simulators::kit::Call;

/// From the dearest down.
const STEPS: [&str; 3] = ["enterprise", "pro", "basic"];

#[derive(Deserialize)]
struct Transfer {
    source_account_id: String,
    target_account_id: String,
}

/// One step down.
pub(super) fn downgrade(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: OneAccount = envelope.request("DowngradeLicenseRequest")?;
    let id = request.account_id;
    let reason = connector.world.change(call, |state, effects| {
        let state = &mut state.connector;
        state.position(&id)?;
        let licence = state
            .access
            .held
            .iter_mut()
            .find(|held| held.account == id && held.name.kind == LICENCE);
        let Some(licence) = licence else {
            return Ok(Some("the account has no licence"));
        };
        let step = STEPS.iter().position(|step| *step == licence.name.id);
        let Some(lower) = step.and_then(|step| STEPS.get(step + 1)) else {
            return Ok(Some("there is no lower licence"));
        };
        let before = licence.known();
        licence.name.id = (*lower).to_owned();
        effects.applied(&id, before, licence.known());
        Ok(None)
    })?;
    Ok(done(&envelope, reason))
}

/// The account leaves its projects.
pub(super) fn release(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: OneAccount = envelope.request("ReleaseResourcesRequest")?;
    let id = request.account_id;
    let reason = connector.world.change(call, |state, effects| {
        let state = &mut state.connector;
        state.position(&id)?;
        let access = &mut state.access;
        let is_released =
            |held: &super::access::Held| held.account == id && held.name.resource_type == PROJECT;
        let released: Vec<Value> = access
            .held_by(&id)
            .filter(|held| is_released(held))
            .map(|held| held.known())
            .collect();
        if released.is_empty() {
            return Ok(Some("the account is in no project"));
        }
        access.held.retain(|held| !is_released(held));
        effects.applied(&id, Value::from(released), Value::Null);
        Ok(None)
    })?;
    Ok(done(&envelope, reason))
}

/// One account's projects become another one's.
pub(super) fn transfer(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Transfer = envelope.request("TransferDataRequest")?;
    let (from, to) = (request.source_account_id, request.target_account_id);
    let reason = connector.world.change(call, |state, effects| {
        let state = &mut state.connector;
        state.position(&from)?;
        state.position(&to)?;
        if from == to {
            return Ok(Some("both accounts are the same"));
        }
        let mut moved = Vec::new();
        for held in &mut state.access.held {
            if held.account == from && held.name.resource_type == PROJECT {
                moved.push(held.known());
                held.account.clone_from(&to);
            }
        }
        // Nobody is in a project twice.
        let mut seen = Vec::new();
        state.access.held.retain(|held| {
            let is_new = held.account != to || !seen.contains(held);
            seen.extend((held.account == to).then(|| held.clone()));
            is_new
        });
        effects.applied(&from, Value::from(moved), json!({ "account_id": to }));
        Ok(None)
    })?;
    Ok(done(&envelope, reason))
}

fn done(envelope: &Envelope, reason: Option<&str>) -> Answer {
    let wrote = match reason {
        None => Wrote::Updated,
        Some(_) => Wrote::Nothing,
    };
    let response = json!({ "success": reason.is_none(), "reason": reason });
    envelope.wrote(response, wrote)
}
