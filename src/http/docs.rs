//! The document and Swagger UI, from files inside the program: both work without a network.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use super::Gateway;
use super::problem::Problem;
use crate::error::Error;

/// Swagger UI's own script and styles, and calls to this service: nothing else, and in nobody's frame. React sets style
/// attributes, and the page's icons are `data:` images.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `/openapi.json`, `/docs` and the way there from `/`.
pub fn router(document: &OpenApi) -> Router<Gateway> {
    let document = Bytes::from(render(document));
    let config = Arc::new(
        // Relative, so it holds under whatever prefix the page was found.
        Config::new(["../openapi.json"])
            .try_it_out_enabled(true)
            .persist_authorization(true)
            .display_request_duration(true)
            .filter(true)
            .doc_expansion("list")
            .default_models_expand_depth(0)
            .validator_url("none"),
    );
    let index = config.clone();
    Router::new()
        .route("/openapi.json", get(async move || json(document)))
        .route("/", get(async || redirect("/docs")))
        .route("/docs", get(async || redirect("/docs/")))
        .route("/docs/", get(async move || file("index.html", index)))
        .route(
            "/docs/{file}",
            get(async move |Path(name): Path<String>| file(&name, config)),
        )
}

/// The document as text: pretty, with a newline at its end.
pub fn render(document: &OpenApi) -> String {
    let mut text = document
        .to_pretty_json()
        .expect("the document is made of maps with text keys");
    text.push('\n');
    text
}

fn json(document: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}

/// A redirect for now: a base path set later moves everything.
fn redirect(place: &'static str) -> Response {
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, place)]).into_response()
}

fn file(name: &str, config: Arc<Config<'static>>) -> Response {
    let file = match utoipa_swagger_ui::serve(name, config) {
        Ok(Some(file)) => file,
        Ok(None) => return Problem::no_such_path().into_response(),
        Err(error) => return Problem::from(Error::internal(error)).into_response(),
    };
    let mut response = Bytes::from(file.bytes.into_owned()).into_response();
    let headers = response.headers_mut();
    if file.gzpipped {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(content_type) = HeaderValue::from_str(&file.content_type) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-frame-options"), "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
