//! `/permissions`: all that the platform knows, nested one level deeper than other lists (contract §5).

use axum::{extract::RawQuery, response::Json};
use serde_json::{Value, json};

use super::{
    caller::Caller,
    page::{Page, Totals},
};
use crate::simulators::{
    kit::Call,
    lightelligence::{errors::Error, permissions},
};

pub async fn list(
    call: Call,
    _caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let page = Page::read(query.as_deref(), &call)?;
    Ok(page.of(permissions::ALL.len(), Totals::Size, |rows| {
        let all = permissions::ALL[rows].iter();
        let shown: Vec<Value> = all.map(|permission| permission.show()).collect();
        json!({ "permissions": shown })
    }))
}
