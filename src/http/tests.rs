//! What every request goes through, and the document as a whole. Operations are tried in `tests/it`.

use std::collections::BTreeSet;

use axum::body::{Body as RawBody, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::routing::{get, post};
use serde_json::Value;
use tower::ServiceExt;

use super::extract::Body;
use super::*;
use crate::domain::Scope;

fn settings(base_path: &str) -> Arc<HttpSettings> {
    Arc::new(HttpSettings {
        base_path: base_path.to_owned(),
        max_body_bytes: 64,
        metrics: String::new,
    })
}

fn app(base_path: &str) -> Router {
    let settings = settings(base_path);
    let created = async || answer::Created {
        location: "/things/1".to_owned(),
        body: (),
    };
    let routes = Router::new()
        .route("/panic", get(async || -> StatusCode { panic!("canary") }))
        .route("/things", post(created))
        .route("/read", post(async |_: Body<Value>| StatusCode::OK));
    base_path::accept(
        dressed(routes, settings.clone()).with_state(settings),
        base_path.to_owned(),
    )
}

async fn send(request: axum::http::request::Builder, body: &'static str) -> (Response, Value) {
    let request = request.body(RawBody::from(body)).unwrap();
    let response = app("/iam").oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1 << 20).await.unwrap();
    let value = serde_json::from_slice(&bytes).unwrap_or_default();
    (Response::from_parts(parts, RawBody::empty()), value)
}

async fn refused(request: axum::http::request::Builder, body: &'static str) -> (u16, Value) {
    let (response, problem) = send(request, body).await;
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "application/problem+json"
    );
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(problem["status"], response.status().as_u16());
    let id = response.headers()[request_id::HEADER].to_str().unwrap();
    assert_eq!(problem["instance"], format!("urn:request:{id}"));
    (response.status().as_u16(), problem)
}

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    let (status, problem) = refused(Request::get("/nowhere"), "").await;
    assert_eq!((status, &problem["code"]), (404, &"not_found".into()));
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let (response, problem) = send(Request::delete("/things"), "").await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "POST");
    assert_eq!(problem["code"], "method_not_allowed");
}

#[tokio::test]
async fn a_panic_is_a_problem_that_keeps_its_reason() {
    let (status, problem) = refused(Request::get("/panic"), "").await;
    assert_eq!((status, &problem["code"]), (500, &"internal".into()));
    assert!(!problem.to_string().contains("canary"));
}

#[tokio::test]
async fn a_body_has_a_size_and_a_type() {
    let json = || Request::post("/read").header(header::CONTENT_TYPE, "application/json");
    let long = r#"{"text": "0123456789012345678901234567890123456789012345678901234567890123"}"#;
    assert_eq!(refused(json(), long).await.0, 413);
    assert_eq!(refused(Request::post("/read"), "{}").await.0, 415);
    assert_eq!(refused(json(), "{").await.0, 400);
    assert_eq!(
        send(Request::post("/read"), "").await.0.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn every_answer_carries_the_request_id_and_the_prefix() {
    let request = Request::post("/things").header(request_id::HEADER, "my-request-1");
    let (response, _) = send(request, "").await;
    assert_eq!(response.headers()[request_id::HEADER], "my-request-1");
    assert_eq!(response.headers()[header::LOCATION], "/iam/things/1");
    assert_eq!(
        response.headers()[header::X_CONTENT_TYPE_OPTIONS],
        "nosniff"
    );
}

#[tokio::test]
async fn the_prefix_may_be_there_or_not() {
    assert_eq!(
        send(Request::post("/iam/things"), "").await.0.status(),
        StatusCode::CREATED
    );
    assert_eq!(refused(Request::get("/iam/nowhere"), "").await.0, 404);
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let each = |(path, item): (&String, &'_ Value)| {
        let path = path.clone();
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, _)| (method.clone(), path.clone()))
            .collect::<Vec<_>>()
    };
    paths
        .iter()
        .flat_map(each)
        .map(|(method, path)| {
            (
                format!("{method} {path}"),
                &document["paths"][&path][&method],
            )
        })
        .collect()
}

#[test]
fn every_operation_says_what_it_is_and_what_it_needs() {
    let text = document_text();
    assert_eq!(text, document_text());
    let document: Value = serde_json::from_str(&text).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let tags: BTreeSet<&str> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap()),
            "{name}"
        );
        assert!(
            !operation["summary"].as_str().unwrap_or_default().is_empty(),
            "{name}"
        );
        assert!(
            tags.contains(operation["tags"][0].as_str().unwrap()),
            "{name}"
        );
        let scope = operation[openapi::REQUIRED_SCOPE].as_str();
        let guarded = name.contains(" /v1/");
        assert_eq!(scope.is_some(), guarded, "{name}");
        assert_eq!(operation["security"].is_array(), guarded, "{name}");
        let Some(scope) = scope else { continue };
        let any = scope == auth::ANY;
        assert!(any || Scope::parse(scope).is_some(), "{name}: {scope}");
        for status in ["400", "401", "500", "503"] {
            assert!(
                operation["responses"][status].is_object(),
                "{name}: {status}"
            );
        }
    }
    assert_eq!(ids.len(), 54, "{ids:?}");
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn visit<'d>(value: &'d Value, found: &mut BTreeSet<&'d str>) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(place)) = fields.get("$ref") {
                    found.insert(place);
                }
                fields.values().for_each(|value| visit(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| visit(value, found)),
            _ => {}
        }
    }
    let document = serde_json::to_value(document()).unwrap();
    let mut found = BTreeSet::new();
    visit(&document, &mut found);
    assert!(found.len() > 20);
    for place in found {
        assert!(document.pointer(&place[1..]).is_some(), "{place}");
    }
}
