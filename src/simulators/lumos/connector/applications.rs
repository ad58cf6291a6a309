//! The applications that the directory signs people on to.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    activity::{Login, Records},
    envelope::{Answer, Envelope, Wrote},
    errors::Error,
    listing,
    routes::Connector,
    state::State,
};
use crate::simulators::kit::Call;

/// Name and sign-on mode; the id is the place.
const APPLICATIONS: [(&str, &str); 3] = [
    ("Ledger", "SAML"),
    ("Roadmap", "OIDC"),
    ("Handbook", "BOOKMARK"),
];
const ROLES: [&str; 2] = ["editor", "reader"];

/// Who is in which application, and with which role there.
#[derive(Debug, Clone)]
pub(super) struct Applications {
    assigned: Vec<(usize, String)>,
    roles: Vec<(usize, String, &'static str)>,
}

impl Applications {
    /// Two of three accounts are in the first or the second.
    pub(super) fn seed<'a>(accounts: impl Iterator<Item = &'a str>) -> Self {
        let assigned: Vec<(usize, String)> = accounts
            .enumerate()
            .filter(|(n, _)| n % 3 != 2)
            .map(|(n, account)| (n % 3, account.to_owned()))
            .collect();
        let roles = assigned
            .iter()
            .map(|(app, account)| (*app, account.clone(), "reader"))
            .collect();
        Applications { assigned, roles }
    }

    pub(super) fn drop_account(&mut self, account: &str) {
        self.assigned.retain(|(_, who)| who != account);
        self.roles.retain(|(_, who, _)| who != account);
    }
}

fn id(app: usize) -> String {
    format!("app-{}", app + 1)
}

fn application(app: usize) -> Value {
    let (name, mode) = APPLICATIONS[app];
    json!({
        "id": id(app),
        "name": name.to_lowercase(),
        "display_name": name,
        "description": null,
        "status": "ACTIVE",
        "logo": null,
        "sign_on_mode": mode,
        "sso_login_url": format!("https://acme.example/sso/{}", id(app)),
        "assignment_modes": ["ACCOUNT", "ENTITLEMENT"]
    })
}

fn numbered(id: &str) -> Result<usize, Error> {
    (0..APPLICATIONS.len())
        .find(|app| self::id(*app) == id)
        .ok_or_else(|| Error::missing(format!("application {id}")))
}

#[derive(Deserialize)]
struct OneApplication {
    application_instance_id: String,
}

#[derive(Deserialize)]
struct Seat {
    application_instance_id: String,
    account_id: String,
}

#[derive(Deserialize)]
struct Role {
    application_instance_id: String,
    account_integration_specific_id: String,
    resource_integration_specific_id: String,
    resource_type: String,
    entitlement_type: String,
    entitlement_integration_specific_id: String,
}

impl Role {
    fn read(&self) -> Result<(usize, &'static str), Error> {
        let app = numbered(&self.application_instance_id)?;
        let is_here = self.resource_integration_specific_id.is_empty()
            && self.resource_type.is_empty()
            && self.entitlement_type == "application_role";
        let id = &self.entitlement_integration_specific_id;
        let role = ROLES.iter().find(|role| is_here && **role == *id);
        let role = role.ok_or_else(|| Error::missing(format!("entitlement {id}")))?;
        Ok((app, *role))
    }
}

pub(super) fn list(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    listing::page(connector, call, envelope, every, |app| application(*app))
}

fn every(_state: &State) -> Cow<'_, [usize]> {
    Cow::Owned((0..APPLICATIONS.len()).collect())
}

pub(super) fn get(
    _connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: OneApplication = envelope.request("GetApplicationRequest")?;
    let app = numbered(&request.application_instance_id)?;
    Ok(envelope.answer(application(app)))
}

pub(super) fn get_account(
    connector: &Connector,
    _call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Seat = envelope.request("GetApplicationAccountRequest")?;
    let seat = (
        numbered(&request.application_instance_id)?,
        request.account_id,
    );
    let shown = connector
        .world
        .read(|state| show_seat(&state.connector, &seat));
    let shown = shown.ok_or_else(|| Error::missing(format!("account {} there", seat.1)))?;
    Ok(envelope.answer(shown))
}

fn show_seat(state: &State, seat: &(usize, String)) -> Option<Value> {
    let account = state.find(&seat.1).ok()?;
    state.applications.assigned.contains(seat).then(|| {
        json!({
            "account_id": seat.1,
            "application_instance_id": id(seat.0),
            "status": account.status.map_or("ACTIVE", |status| status.word())
        })
    })
}

pub(super) fn list_accounts(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let rows = listing::rows(|state| {
        let seats = state.applications.assigned.iter();
        Cow::Owned(seats.filter_map(|seat| show_seat(state, seat)).collect())
    });
    listing::page(connector, call, envelope, rows, Value::clone)
}

pub(super) fn list_records(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Records = envelope.request("ListApplicationsActivityRecordsRequest")?;
    let pick = request.pick(connector)?;
    let rows = listing::rows(|state| {
        let seats = &state.applications.assigned;
        let at = |login: &Login| seats.iter().find(|(_, who)| *who == login.account);
        let shown = state
            .logins
            .iter()
            .filter(|login| pick(login))
            .filter_map(|login| {
                let mut shown = login.show();
                shown["application_instance_id"] = id(at(login)?.0).into();
                Some(shown)
            });
        Cow::Owned(shown.collect())
    });
    listing::page(connector, call, envelope, rows, Value::clone)
}

pub(super) fn list_resources(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    listing::page(connector, call, envelope, every, |app| {
        json!({
            "application_instance_id": id(*app),
            "integration_specific_id": format!("{}-space", id(*app)),
            "label": APPLICATIONS[*app].0,
            "description": null,
            "resource_type": "application_space",
            "extra_data": null
        })
    })
}

pub(super) fn list_entitlements(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let rows = listing::rows(|_| {
        let apps = 0..APPLICATIONS.len();
        Cow::Owned(apps.flat_map(|app| ROLES.map(|role| (app, role))).collect())
    });
    listing::page(connector, call, envelope, rows, |(app, role)| {
        json!({
            "application_instance_id": id(*app),
            "entitlement_type": "application_role",
            "extra_data": null,
            "integration_specific_id": role,
            "integration_specific_resource_id": "",
            "is_assignable": true,
            "label": role,
            "description": null,
            "custom_attributes": null
        })
    })
}

pub(super) fn list_associations(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let rows = listing::rows(|state| Cow::Owned(state.applications.roles.clone()));
    listing::page(connector, call, envelope, rows, |(app, account, role)| {
        json!({
            "application_instance_id": id(*app),
            "account_id": account,
            "integration_specific_entitlement_id": role,
            "integration_specific_resource_id": ""
        })
    })
}

pub(super) fn assign(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Seat = envelope.request("AssignApplicationRequest")?;
    let seat = (
        numbered(&request.application_instance_id)?,
        request.account_id,
    );
    let wrote = connector.world.change(call, |state, effects| {
        let state = &mut state.connector;
        state.position(&seat.1)?;
        if state.applications.assigned.contains(&seat) {
            return Ok(Wrote::Nothing);
        }
        effects.applied(&seat.1, Value::Null, id(seat.0));
        state.applications.assigned.push(seat);
        Ok(Wrote::Created)
    })?;
    Ok(envelope.wrote(json!({ "assigned": true, "provisioned": false }), wrote))
}

pub(super) fn unassign(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Seat = envelope.request("UnassignApplicationRequest")?;
    let seat = (
        numbered(&request.application_instance_id)?,
        request.account_id,
    );
    let (status, wrote) = connector.world.change(call, |state, effects| {
        let state = &mut state.connector;
        let status = state.find(&seat.1)?.status.map(|status| status.word());
        let applications = &mut state.applications;
        let Some(position) = applications.assigned.iter().position(|one| *one == seat) else {
            return Ok((status, Wrote::Nothing));
        };
        applications.assigned.remove(position);
        applications
            .roles
            .retain(|(app, who, _)| (*app, who) != (seat.0, &seat.1));
        effects.applied(&seat.1, id(seat.0), Value::Null);
        Ok((status, Wrote::Deleted))
    })?;
    let response =
        json!({ "unassigned": true, "deprovisioned": false, "status": status.unwrap_or("ACTIVE") });
    Ok(envelope.wrote(response, wrote))
}

pub(super) fn assign_entitlement(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Role = envelope.request("AssignApplicationEntitlementRequest")?;
    let (app, role) = request.read()?;
    let held = (app, request.account_integration_specific_id, role);
    let wrote = connector.world.change(call, |state, effects| {
        let state = &mut state.connector;
        state.position(&held.1)?;
        if state.applications.roles.contains(&held) {
            return Ok(Wrote::Nothing);
        }
        effects.applied(
            &held.1,
            Value::Null,
            json!({ "application": id(app), "role": role }),
        );
        state.applications.roles.push(held);
        Ok(Wrote::Created)
    })?;
    Ok(envelope.wrote(json!({ "assigned": true }), wrote))
}

pub(super) fn unassign_entitlement(
    connector: &Connector,
    call: &Call,
    envelope: Envelope,
) -> Result<Answer, Error> {
    let request: Role = envelope.request("UnassignApplicationEntitlementRequest")?;
    let (app, role) = request.read()?;
    let held = (app, request.account_integration_specific_id, role);
    let wrote = connector.world.change(call, |state, effects| {
        let state = &mut state.connector;
        state.position(&held.1)?;
        let roles = &mut state.applications.roles;
        let Some(position) = roles.iter().position(|one| *one == held) else {
            return Ok(Wrote::Nothing);
        };
        roles.remove(position);
        effects.applied(
            &held.1,
            json!({ "application": id(app), "role": role }),
            Value::Null,
        );
        Ok(Wrote::Deleted)
    })?;
    Ok(envelope.wrote(json!({ "unassigned": true }), wrote))
}
