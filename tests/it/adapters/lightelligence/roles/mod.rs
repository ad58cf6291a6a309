//! The adapter alone: the tenant, its roles and permissions, and who holds which role.

mod reading;
mod writing;

use std::collections::BTreeSet;

use iam_gateway::adapters::contract::{
    AdapterError, Outcome, PageRequest, Pair, SideEffect, Trouble,
};
use iam_gateway::domain::{
    AccountRecord, Effect, EntitlementKind, EntitlementRecord, ExternalKey, GrantRecord, NewAccount,
};
use iam_gateway::simulators::{Drift, Fault, Rule};
use serde_json::{Value, json};
use uuid::Uuid;

use super::on;
use crate::adapters::stand::Stand;
use crate::support::{LIGHTELLIGENCE, eventually};

const ADA: &str = "ada.lind@example.org";

async fn stand() -> Stand {
    Stand::start(LIGHTELLIGENCE, &[], |_| {}).await
}

/// An installation that knows the deprecated calls only, and a connection that was told so.
async fn old_stand() -> Stand {
    Stand::start(LIGHTELLIGENCE, &[("roles", "legacy")], |connection| {
        connection["settings"]["legacy_roles"] = json!(true);
    })
    .await
}

fn drift(stand: &Stand, drifts: Value) {
    let drifts: Vec<Drift> = serde_json::from_value(drifts).expect("drifts");
    stand.vendor.drift(&drifts).expect("it drifts so");
}

async fn entitlements(stand: &Stand, size: u32) -> Vec<EntitlementRecord> {
    let lister = stand.adapter.entitlement_lister().unwrap();
    let mut page = PageRequest { cursor: None, size };
    let mut all = Vec::new();
    loop {
        let listed = lister
            .list_entitlements(&stand.reading(), &page)
            .await
            .unwrap();
        assert_eq!(listed.defects, Vec::<String>::new());
        all.extend(listed.items);
        page.cursor = listed.next;
        if page.cursor.is_none() {
            return all;
        }
    }
}

async fn grants(stand: &Stand, size: u32) -> Vec<GrantRecord> {
    let lister = stand.adapter.grant_lister().unwrap();
    let mut page = PageRequest { cursor: None, size };
    let mut all = Vec::new();
    loop {
        let listed = lister.list_grants(&stand.reading(), &page).await.unwrap();
        assert_eq!(listed.defects, Vec::<String>::new());
        all.extend(listed.items);
        page.cursor = listed.next;
        if page.cursor.is_none() {
            return all;
        }
    }
}

fn pairs(grants: &[GrantRecord]) -> BTreeSet<(ExternalKey, ExternalKey)> {
    let keys = grants.iter();
    keys.map(|one| (one.account_key.clone(), one.entitlement_key.clone()))
        .collect()
}

/// Who holds what, as the simulator has it.
fn held(stand: &Stand) -> BTreeSet<(ExternalKey, ExternalKey)> {
    let key = |kind: &str, id: &Value| ExternalKey::new(&[kind, id.as_str().unwrap()]);
    let grants = stand.vendor.state().grants;
    grants
        .iter()
        .map(|one| (key("user", &one["userId"]), key("role", &one["roleId"])))
        .collect()
}

/// The names of the roles that a user holds, as the simulator has it.
fn roles_of(stand: &Stand, email: &str) -> BTreeSet<String> {
    let accounts = stand.vendor.state().accounts;
    let user = accounts.iter().find(|one| one["email"] == email).unwrap();
    let roles = user["userRoles"].as_array().unwrap().iter();
    roles
        .map(|role| role["name"].as_str().unwrap().to_owned())
        .collect()
}

async fn user(stand: &Stand, email: &str) -> AccountRecord {
    let everybody = stand.everybody(100).await;
    let mut everybody = everybody.into_iter();
    everybody
        .find(|account| account.email.as_deref() == Some(email))
        .expect("such an account")
}

async fn entitlement(stand: &Stand, name: &str) -> EntitlementRecord {
    let all = entitlements(stand, 100).await;
    let mut all = all.into_iter();
    all.find(|one| one.name == name)
        .expect("such an entitlement")
}

async fn grant(
    stand: &Stand,
    account: &AccountRecord,
    entitlement: &EntitlementRecord,
) -> Result<Outcome<Option<GrantRecord>>, AdapterError> {
    let pair = Pair {
        account,
        entitlement,
    };
    let granter = stand.adapter.granter().unwrap();
    granter.prepare_grant(pair)?;
    granter.grant(&stand.writing(), pair).await
}

async fn revoke(
    stand: &Stand,
    account: &AccountRecord,
    entitlement: &EntitlementRecord,
) -> Result<Outcome<()>, AdapterError> {
    let pair = Pair {
        account,
        entitlement,
    };
    let revoker = stand.adapter.revoker().unwrap();
    revoker.prepare_revoke(pair)?;
    revoker.revoke(&stand.writing(), pair, None).await
}

async fn found(
    stand: &Stand,
    account: &AccountRecord,
    entitlement: &EntitlementRecord,
) -> Result<Option<GrantRecord>, AdapterError> {
    let pair = Pair {
        account,
        entitlement,
    };
    let reader = stand.adapter.grant_reader().unwrap();
    reader.find_grant(&stand.reading(), pair).await
}

fn hidden() -> Fault {
    Fault::Status {
        code: 404,
        headers: Default::default(),
        body: Some(json!({"errorMessage": "It does not exist", "errorCode": "RESOURCE_NOT_FOUND"})),
        apply: false,
    }
}

/// The paths that were called with this method, below the tenant where they are of it.
fn called(stand: &Stand, method: &str) -> Vec<String> {
    let mut all = stand.vendor.requests();
    all.retain(|call| call.method == method && !call.path.contains("/openid-connect/"));
    all.into_iter().map(|call| call.path).collect()
}
