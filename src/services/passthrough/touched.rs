//! What a write that was passed through may have changed is read again: the accounts, resources and entitlements that it
//! names, one by one; else the whole connection, by a sync. What a write may have made, nobody can name: that takes a sync, too.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tracing::debug;
use uuid::Uuid;

use super::matching::{is_parameter, template};
use crate::adapters::contract::UpstreamOperation;
use crate::domain::{Capability, Noun};
use crate::error::Result;
use crate::services::connected::{self, Connected};
use crate::services::{Services, catalogue, operations, read_through};
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::operations::OperationRow;
use crate::store::{copies, syncs};

/// Words of one request that are looked for in our tables.
const MOST_WORDS: usize = 200;
/// Things that are read one by one; more are a sync's matter.
const MOST_THINGS: usize = 20;

/// Reads again what an operation that ended may have changed. Goes on by itself; what fails here the next sync mends.
pub(in crate::services) fn read_touched(services: &Services, row: &OperationRow) {
    let (owned, row) = (services.clone(), row.clone());
    services.ledger().spawn(async move {
        if let Err(error) = again(&owned, &row).await {
            debug!(operation.id = %row.id, %error, "What operation {} touched could not be read again", row.id);
        }
    });
}

async fn again(services: &Services, row: &OperationRow) -> Result<()> {
    let connected = connected::open_background(services, row.connection_id).await?;
    let told = &row.payload["upstream"];
    let Some(operation) = catalogue::operations_within_reach(connected.variant)
        .find(|known| told["api"] == known.api && told["operation"] == known.id)
    else {
        return ask_for_sync(services, &connected, row).await;
    };
    let in_path = words_in_path(operation, told);
    let mut words = in_path.clone();
    words.extend(words_beside(services, row, told));
    let named = named_by(services, row, words).await?;
    let makes_something = operation.method == "POST"
        && !operation.idempotent
        && named_by(services, row, in_path).await?.is_empty();
    let one_by_one = !named.is_empty()
        && named.len() <= MOST_THINGS
        && named
            .iter()
            .all(|(noun, _)| connected.require(noun.reading()).is_ok());
    if makes_something || !one_by_one {
        return ask_for_sync(services, &connected, row).await;
    }
    for (noun, id) in named {
        read_through::again(services, &connected, noun, id, &row.request_id).await?;
    }
    Ok(())
}

async fn named_by(
    services: &Services,
    row: &OperationRow,
    words: BTreeSet<String>,
) -> Result<Vec<(Noun, Uuid)>> {
    let words: Vec<String> = words.into_iter().take(MOST_WORDS).collect();
    let pool = services.store().background();
    copies::named_by(pool, row.connection_id, &words, MOST_THINGS).await
}

/// The parameters of the path: what the request is done to.
fn words_in_path(operation: &UpstreamOperation, told: &Value) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let segments = told["segments"].as_array().into_iter().flatten();
    for (wanted, segment) in template(operation.path).zip(segments) {
        if is_parameter(wanted) {
            collect(segment, &mut words);
        }
    }
    words
}

/// What else the request names: its query, and the texts of a JSON body.
fn words_beside(services: &Services, row: &OperationRow, told: &Value) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for pair in told["query"].as_array().into_iter().flatten() {
        collect(&pair[1], &mut words);
    }
    if let Some(body) = operations::json_secret(services, row) {
        collect(&body, &mut words);
    }
    words
}

fn collect(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if !text.is_empty() && text.len() <= 320 && !text.contains('\0') => {
            words.insert(text.clone());
        }
        Value::Number(number) => {
            words.insert(number.to_string());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        Value::Object(members) => members.values().for_each(|item| collect(item, words)),
        _ => {}
    }
}

async fn ask_for_sync(
    services: &Services,
    connected: &Connected,
    row: &OperationRow,
) -> Result<()> {
    if !connected.capabilities().contains(&Capability::ListAccounts) {
        return Ok(());
    }
    let mut transaction = services.store().begin_background().await?;
    let (run_id, is_new): (Uuid, bool) =
        syncs::request_or_join(&mut transaction, row.connection_id).await?;
    if is_new {
        audit::record(
            &mut transaction,
            AuditEntry {
                actor: Actor {
                    id: row.caller_id,
                    name: &row.caller_name,
                    person: None,
                },
                action: "connection.sync",
                noun: "connection",
                noun_id: Some(row.connection_id),
                connection_id: Some(row.connection_id),
                operation_id: Some(row.id),
                outcome: "requested",
                detail: json!({"run": run_id}),
                request_id: &row.request_id,
            },
        )
        .await?;
    }
    Ok(transaction.commit().await?)
}
