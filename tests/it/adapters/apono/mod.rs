//! Apono's adapter against its simulator.

mod attributes;
mod gateway;
mod granted;
mod groups;
mod held;
mod through;
mod users;

use iam_gateway::adapters::contract::{AdapterError, Page, PageRequest};
use iam_gateway::domain::{EntitlementRecord, ResourceRecord};
use iam_gateway::simulators::{Drift, DriftOp};
use serde_json::{Value, json};

use crate::adapters::stand::Stand;
use crate::support::APONO;

async fn apono() -> Stand {
    Stand::start(APONO, &[], |_| {}).await
}

async fn set(name: &'static str, value: &'static str) -> Stand {
    Stand::start(APONO, &[], |connection| {
        connection["settings"][name] = json!(value)
    })
    .await
}

/// Every page of a listing.
async fn whole<T>(
    size: u32,
    list: impl AsyncFn(&PageRequest) -> Result<Page<T>, AdapterError>,
) -> Vec<T> {
    let mut wanted = PageRequest { cursor: None, size };
    let mut all = Vec::new();
    loop {
        let page = list(&wanted).await.unwrap();
        assert_eq!(page.defects, Vec::<String>::new());
        all.extend(page.items);
        wanted.cursor = page.next;
        if wanted.cursor.is_none() {
            return all;
        }
    }
}

async fn resources(stand: &Stand, size: u32) -> Vec<ResourceRecord> {
    let lister = stand.adapter.resource_lister().unwrap();
    let call = stand.reading();
    whole(size, async |page| lister.list_resources(&call, page).await).await
}

async fn entitlements(stand: &Stand, size: u32) -> Vec<EntitlementRecord> {
    let lister = stand.adapter.entitlement_lister().unwrap();
    let call = stand.reading();
    whole(size, async |page| {
        lister.list_entitlements(&call, page).await
    })
    .await
}

fn change(kind: &str, op: DriftOp, id: &str, value: Value) -> Drift {
    Drift {
        op,
        kind: kind.into(),
        id: Some(id.into()),
        value,
    }
}
