//! The capabilities on resources, entitlements, and who holds them.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    access::{Held, Name, of},
    envelope::{Answer, Envelope, Wrote},
    errors::Error,
    listing,
    routes::Connector,
};
use crate::simulators::kit::Call;

#[derive(Deserialize)]
struct Listing {
    custom_attributes: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct OneAccount {
    pub(super) account_id: String,
}

/// Five strings, none of which may be left out; `""` names the whole directory.
#[derive(Deserialize)]
struct Assignment {
    account_integration_specific_id: String,
    resource_integration_specific_id: String,
    resource_type: String,
    entitlement_type: String,
    entitlement_integration_specific_id: String,
}

impl Assignment {
    fn held(self) -> Held {
        Held {
            account: self.account_integration_specific_id,
            name: Name {
                kind: self.entitlement_type,
                resource_type: self.resource_type,
                resource_id: self.resource_integration_specific_id,
                id: self.entitlement_integration_specific_id,
            },
        }
    }
}

pub(super) fn list_resources(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let rows = listing::rows(|state| Cow::Borrowed(&state.access.resources[..]));
    listing::page(connector, call, envelope, rows, |one| one.show())
}

pub(super) fn list(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Listing = envelope.request("ListEntitlementsRequest")?;
    let custom = request.custom_attributes.unwrap_or_default();
    let rows = listing::rows(|state| Cow::Borrowed(&state.access.entitlements[..]));
    listing::page(connector, call, envelope, rows, |one| one.show(&custom))
}

pub(super) fn find_associations(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let rows = listing::rows(|state| Cow::Borrowed(&state.access.held[..]));
    listing::page(connector, call, envelope, rows, Held::show)
}

pub(super) fn of_account(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: OneAccount = envelope.request("GetAccountEntitlementAssociationsRequest")?;
    let id = request.account_id;
    connector
        .world
        .read(|state| state.connector.position(&id))?;
    let rows = listing::rows(|state| Cow::Owned(state.access.held_by(&id).cloned().collect()));
    listing::page(connector, call, envelope, rows, Held::show)
}

pub(super) fn assign(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let held = envelope
        .request::<Assignment>("AssignEntitlementRequest")?
        .held();
    let wrote = connector.world.change(call, |state, effects| {
        let state = &mut state.connector;
        state.position(&held.account)?;
        if state.access.find(&held.name)?.assignable == Some(false) {
            let id = &held.name.id;
            return Err(Error::invalid_value(format!("{id} can't be assigned")));
        }
        if state.access.holds(&held) {
            return Ok(Wrote::Nothing);
        }
        let kind = &held.name.kind;
        let (_, max) = of(kind).map_or((0, None), |kind| kind.bounds("assign_entitlement"));
        if max.is_some_and(|max| state.access.count(&held.account, kind) >= max) {
            return Err(Error::conflict(format!(
                "no more of the type {kind} can be held"
            )));
        }
        if !connector.quirks.only_says_so {
            effects.applied(&held.account, Value::Null, held.known());
            state.access.held.push(held);
        }
        Ok(Wrote::Created)
    })?;
    Ok(envelope.wrote(json!({ "assigned": true }), wrote))
}

pub(super) fn unassign(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let held = envelope
        .request::<Assignment>("UnassignEntitlementRequest")?
        .held();
    let wrote = connector.world.change(call, |state, effects| {
        let state = &mut state.connector;
        state.position(&held.account)?;
        state.access.find(&held.name)?;
        let Some(position) = state.access.held.iter().position(|one| *one == held) else {
            return Ok(Wrote::Nothing);
        };
        let kind = &held.name.kind;
        let (min, _) = of(kind).map_or((0, None), |kind| kind.bounds("unassign_entitlement"));
        if state.access.count(&held.account, kind) <= min {
            return Err(Error::conflict(format!(
                "{min} of the type {kind} must be held"
            )));
        }
        if !connector.quirks.only_says_so {
            state.access.held.remove(position);
            effects.applied(&held.account, held.known(), Value::Null);
        }
        Ok(Wrote::Deleted)
    })?;
    Ok(envelope.wrote(json!({ "unassigned": true }), wrote))
}
