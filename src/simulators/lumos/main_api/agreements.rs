//! Agreements with vendors, and the orders and documents that they are made of (contract §A4, schemas in the vendor's own file).

use axum::{
    extract::{Path, RawQuery, State as Given},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::Json,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    errors::Error,
    front::Main,
    multipart,
    pages::Page,
    query::Query,
    shape::{self, Kind, Sent, Shape, TEXTS, may, maybe, must, open, told},
};
use crate::simulators::kit::Call;

const NONE: Error = Error::NotFound("Vendor agreement");

const VENDOR: Shape = open(&[must("name", Kind::Text)]);
const UNIT_COST: Shape = open(&[must("period", Kind::Text), must("value", Kind::Amount)]);
const LINE: Shape = open(&[
    must("name", Kind::Text),
    must("type", Kind::Text),
    must("quantity", Kind::Whole),
    must("unit_cost", Kind::Thing(&UNIT_COST)),
    must("start_date", Kind::Day),
    told("end_date", Kind::Day),
]);
const ORDER: Shape = open(&[
    must("unique_identifier", Kind::Text),
    must("vendor", Kind::Thing(&VENDOR)),
    must("start_date", Kind::Day),
    must("end_date", Kind::Day),
    maybe("opt_out_date", Kind::Day),
    must("auto_renewal", Kind::Flag),
    maybe("currency", Kind::Text),
    must("line_items", Kind::Many(&Kind::Thing(&LINE), 0)),
    may("custom_attributes", Kind::Open),
    maybe("source_app_id", Kind::Text),
]);
const ATTRIBUTE: Shape = open(&[maybe("value", Kind::Text)]);

const COST: Shape = open(&[maybe("currency", Kind::Text), must("value", Kind::Number)]);
const FILE: Shape = open(&[
    must("type", Kind::Word(&["url", "base64"])),
    must("value", Kind::Text),
]);
const FOUND_LINE: Shape = open(&[
    must("name", Kind::Text),
    must("quantity", Kind::Whole),
    must("unit_cost", Kind::Thing(&COST)),
]);
const DOCUMENT: Shape = open(&[
    must("unique_identifier", Kind::Text),
    must("files", Kind::Many(&Kind::Thing(&FILE), 0)),
    maybe("vendor_name", Kind::Text),
    maybe("start_date", Kind::Text),
    maybe("end_date", Kind::Text),
    maybe("source_app_id", Kind::Text),
    maybe("total_cost", Kind::Thing(&COST)),
    maybe("line_items", Kind::Many(&Kind::Thing(&FOUND_LINE), 0)),
]);
const DOCUMENT_FORM: Shape = open(&[
    must("unique_identifier", Kind::Text),
    must("files", TEXTS),
    may("vendor_name", Kind::Text),
    may("start_date", Kind::Day),
    may("end_date", Kind::Day),
    may("source_app_id", Kind::Text),
]);

pub(super) async fn list(
    Given(main): Given<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let page = Page::read(&mut query, &main.quirks);
    query.check()?;
    let page = page.with_fault_of(&call);
    main.world.read(|state| {
        let agreements = &state.main.agreements;
        Ok(Json(page.of(agreements, agreements.ids(), Value::clone)))
    })
}

pub(super) async fn set_attribute(
    Given(main): Given<Main>,
    call: Call,
    Path((id, label)): Path<(String, String)>,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&ATTRIBUTE)?;
    main.world.change(&call, |state, effects| {
        let agreement = state.main.agreements.find_text_mut(&id).ok_or(NONE)?;
        let before = agreement.clone();
        let attribute = json!({ "type": "TEXT", "value": input.get("value") });
        agreement["custom_attributes"][&label] = attribute.clone();
        effects.applied(id, before, agreement.clone());
        Ok(Json(attribute))
    })
}

/// An order makes an agreement.
pub(super) async fn order(
    Given(main): Given<Main>,
    call: Call,
    sent: Sent,
) -> Result<(StatusCode, Json<Value>), Error> {
    let input = sent.read(&ORDER)?;
    let id = Uuid::new_v4();
    main.world.change(&call, |state, effects| {
        let agreement = agreement(id, &input);
        state.main.agreements.put(id, agreement.clone());
        effects.applied(id, Value::Null, agreement);
        Ok((StatusCode::CREATED, Json(Value::Null)))
    })
}

/// `VendorAgreement` of an `OrderInput`.
pub(super) fn agreement(id: Uuid, order: &Value) -> Value {
    let currency = order.get("currency").cloned().unwrap_or_default();
    let number = |value: &Value| {
        let text = value.as_str().and_then(|text| text.parse().ok());
        value.as_f64().or(text).unwrap_or_default()
    };
    let cost = |value: f64| json!({ "currency": currency, "value": value });
    let mut total = 0.0;
    let lines = order["line_items"].as_array().into_iter().flatten();
    let lines: Vec<Value> = lines
        .map(|line| {
            let price = number(&line["unit_cost"]["value"]);
            total += price * number(&line["quantity"]);
            json!({
                "name": line["name"],
                "type": line["type"],
                "quantity": line["quantity"],
                "unit_cost": { "per_month": cost(price) },
                "start_date": line["start_date"],
                "end_date": line["end_date"],
            })
        })
        .collect();
    let attributes = order.get("custom_attributes").cloned();
    json!({
        "id": id,
        "vendor": order["vendor"],
        "label": order["unique_identifier"],
        "start_date": order["start_date"],
        "end_date": order["end_date"],
        "opt_out_date": order.get("opt_out_date").cloned().unwrap_or_default(),
        "renewal_stage": "NOT_STARTED",
        "pricing_model": "SEATS",
        "contract_length_months": null,
        "projected_annualized_cost": null,
        "renewal_owners": [],
        "total_contract_cost": cost(total),
        "line_items": lines,
        "custom_attributes": attributes.unwrap_or_else(|| json!({})),
    })
}

/// As JSON with files in it or linked, or as a form with files. Nothing shows them afterwards.
pub(super) async fn document(
    Given(main): Given<Main>,
    call: Call,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let input = match multipart::boundary(kind.unwrap_or_default()) {
        None => sent.read(&DOCUMENT)?,
        Some(boundary) => {
            let form = form(&multipart::parts(boundary, sent.bytes()));
            shape::check(&form, &DOCUMENT_FORM)?;
            form
        }
    };
    main.world.change(&call, |_, effects| {
        let id = input["unique_identifier"].as_str().unwrap_or_default();
        let files = input["files"].as_array().map_or(0, Vec::len);
        effects.applied(id, Value::Null, json!({ "files": files }));
        Ok(Json(Value::Null))
    })
}

fn form(parts: &[multipart::Part<'_>]) -> Value {
    let mut form = Map::new();
    for part in parts {
        if part.name == "files" {
            let name = Value::from(part.file.unwrap_or_default());
            let files = form.entry("files").or_insert_with(|| json!([]));
            if let Some(files) = files.as_array_mut() {
                files.push(name);
            }
        } else {
            form.insert(part.name.to_owned(), part.text().into());
        }
    }
    form.into()
}
