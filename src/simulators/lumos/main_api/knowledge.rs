//! `/v1/knowledge/context` (contract §A4, schemas in the vendor's own file): the one area with codes in its errors (§A3).

use axum::{
    extract::{Path, RawQuery, State as Given},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::Json,
};
use chrono::{SubsecRound, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    errors::Error,
    front::Main,
    multipart,
    query::Query,
    shape::{self, Kind, Sent, Shape, TEXTS, may, must, open},
};
use crate::simulators::kit::{Call, paging};

const SCOPES: &[&str] = &[
    "APPSTORE",
    "ACCESS_REVIEWS",
    "ALBUS",
    "GLOBAL",
    "ALBUS_DEEP_RESEARCH",
    "IDENTITY_INTELLIGENCE",
];
const CREATE: Shape = open(&[
    must("title", Kind::Text),
    may("content", Kind::Text),
    may("generic_tags", TEXTS),
    may("product_scopes", Kind::Many(&Kind::Word(SCOPES), 0)),
    may("file", Kind::Text),
]);
const UPDATE: Shape = open(&[
    may("title", Kind::Text),
    may("content", Kind::Text),
    may("generic_tags", TEXTS),
    may("product_scopes", Kind::Many(&Kind::Word(SCOPES), 0)),
    may("clear_attachment", Kind::Text),
    may("file", Kind::Text),
]);

fn none() -> Error {
    Error::NotFound("Knowledge context").coded()
}

/// `KnowledgeContextOutput`.
pub(super) fn entry(id: Uuid, title: &str, now: &str) -> Value {
    json!({
        "id": id,
        "title": title,
        "content": null,
        "file_url": null,
        "generic_tags": [],
        "application_tags": [],
        "product_scopes": [],
        "created_at": now,
        "updated_at": now,
    })
}

/// The fields of a form: lists by their repeated names, a file by its name. Empty ones are as good as missing.
fn form(headers: &HeaderMap, sent: &Sent, shape: &'static Shape) -> Result<Value, Error> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let boundary = multipart::boundary(kind.unwrap_or_default());
    let parts = boundary.map(|boundary| multipart::parts(boundary, sent.bytes()));
    let mut form = Map::new();
    for part in parts.unwrap_or_default() {
        let text = match part.file {
            Some(name) => name.to_owned(),
            None => part.text(),
        };
        if text.is_empty() {
            continue;
        }
        if matches!(part.name, "generic_tags" | "product_scopes") {
            let list = form.entry(part.name).or_insert_with(|| json!([]));
            if let Some(list) = list.as_array_mut() {
                list.push(text.into());
            }
        } else {
            form.insert(part.name.to_owned(), text.into());
        }
    }
    let form = Value::from(form);
    shape::check(&form, shape)?;
    Ok(form)
}

fn take_over(entry: &mut Value, form: &Value, now: &str) {
    for name in ["title", "content", "generic_tags", "product_scopes"] {
        if let Some(value) = form.get(name) {
            entry[name] = value.clone();
        }
    }
    if form["clear_attachment"] == "true" {
        entry["file_url"] = Value::Null;
    }
    if let Some(file) = form["file"].as_str() {
        entry["file_url"] = json!(format!("https://files.lumos.example/{file}"));
    }
    entry["updated_at"] = json!(now);
}

pub(super) async fn list(
    Given(main): Given<Main>,
    call: Call,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, Error> {
    let mut query = Query::new(query.as_deref());
    let size = query.number("page_size", 10, 1, None);
    let scopes = query.words("product_scopes", SCOPES);
    let title = query
        .text("title_search")
        .unwrap_or_default()
        .to_lowercase();
    let token = query.text("page_token").filter(|token| !token.is_empty());
    let start = token.map(|token| start(token).ok_or(Error::BadCursor.coded()));
    let start = start.transpose();
    query.check()?;
    let start = start?.unwrap_or(0);
    let fault = call.page_fault();
    main.world.read(|state| {
        let takes = |one: &&Value| {
            let own = one["title"].as_str().unwrap_or_default().to_lowercase();
            let of = one["product_scopes"].as_array().into_iter().flatten();
            own.contains(&title)
                && (scopes.is_empty()
                    || of
                        .filter_map(Value::as_str)
                        .any(|scope| scopes.iter().any(|wanted| wanted == scope)))
        };
        let found: Vec<&Value> = state.main.knowledge.all().filter(takes).collect();
        let page = paging::onward(found.len(), start, size, fault);
        Ok(Json(json!({
            "knowledge_context": &found[page.rows],
            "next_page_token": page.next.map(|next| hex::encode(format!("context:{next}"))),
        })))
    })
}

fn start(token: &str) -> Option<usize> {
    let text = String::from_utf8(hex::decode(token).ok()?).ok()?;
    text.strip_prefix("context:")?.parse().ok()
}

pub(super) async fn find(
    Given(main): Given<Main>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.read(|state| {
        let found = state.main.knowledge.find_text(&id);
        found.cloned().map(Json).ok_or_else(none)
    })
}

pub(super) async fn create(
    Given(main): Given<Main>,
    call: Call,
    headers: HeaderMap,
    sent: Sent,
) -> Result<(StatusCode, Json<Value>), Error> {
    let form = form(&headers, &sent, &CREATE)?;
    let now = main.quirks.time(Utc::now().trunc_subsecs(0));
    main.world.change(&call, |state, effects| {
        let id = Uuid::new_v4();
        let mut entry = entry(id, "", &now);
        take_over(&mut entry, &form, &now);
        state.main.knowledge.put(id, entry.clone());
        effects.applied(id, Value::Null, entry.clone());
        Ok((StatusCode::CREATED, Json(entry)))
    })
}

pub(super) async fn update(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let form = form(&headers, &sent, &UPDATE)?;
    let now = main.quirks.time(Utc::now().trunc_subsecs(0));
    main.world.change(&call, |state, effects| {
        let entry = state.main.knowledge.find_text_mut(&id).ok_or_else(none)?;
        let before = entry.clone();
        take_over(entry, &form, &now);
        effects.applied(id, before, entry.clone());
        Ok(Json(entry.clone()))
    })
}

pub(super) async fn delete(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
) -> Result<StatusCode, Error> {
    main.world.change(&call, |state, effects| {
        let id = Uuid::try_parse(&id).map_err(|_| none())?;
        let before = state.main.knowledge.take(id).ok_or_else(none)?;
        effects.applied(id, before, Value::Null);
        Ok(StatusCode::NO_CONTENT)
    })
}
