//! The committed document is the one that the router makes.

use iam_gateway::http;

#[test]
fn the_committed_document_is_the_routers() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let made = http::document_text();
    if committed != made {
        let line = committed
            .lines()
            .zip(made.lines())
            .position(|(one, other)| one != other)
            .map_or_else(|| "its end".to_owned(), |at| format!("line {}", at + 1));
        panic!(
            "openapi/openapi.json is not what the router makes; they differ from {line} on. Write it with \
             `cargo run --locked -- openapi openapi/openapi.json`, look at the difference, and commit it: it is a change of the contract."
        );
    }
}

#[test]
fn making_the_document_twice_gives_the_same() {
    assert!(
        http::document_text() == http::document_text(),
        "the document depends on something besides the code"
    );
}
