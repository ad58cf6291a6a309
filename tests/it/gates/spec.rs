//! The committed documents are the ones that this build makes, and the README's table is made from them.

use std::fmt::Write as _;
use std::path::Path;

use iam_gateway::cli;
use serde_json::{Map, Value};

/// What surrounds the table of capabilities in the README.
const TABLE: (&str, &str) = ("<!-- capabilities -->\n", "<!-- /capabilities -->");

#[test]
fn the_committed_documents_are_this_builds() {
    for (name, made) in cli::documents().expect("documents") {
        let committed = read(&format!("openapi/{name}"));
        if committed != made {
            let line = committed
                .lines()
                .zip(made.lines())
                .position(|(one, other)| one != other)
                .map_or_else(|| "its end".to_owned(), |at| format!("line {}", at + 1));
            panic!(
                "openapi/{name} is not what this build makes; they differ from {line} on. Write it with \
                 `cargo run --locked -- openapi`, look at the difference, and commit it: it is a change of the contract."
            );
        }
    }
}

#[test]
fn making_the_documents_twice_gives_the_same() {
    assert!(
        cli::documents().expect("documents") == cli::documents().expect("documents"),
        "a document depends on something besides the code"
    );
}

#[test]
fn the_readme_shows_what_every_variant_can_do() {
    let variants: Map<String, Value> =
        serde_json::from_str(&read("openapi/capabilities.json")).expect("an object");
    let made = table(&variants);
    let readme = read("README.md");
    let shown = readme
        .split_once(TABLE.0)
        .and_then(|(_, rest)| rest.split_once(TABLE.1))
        .map(|(shown, _)| shown)
        .unwrap_or_default();
    assert!(
        shown == made,
        "The table of capabilities in README.md, between `{}` and `{}`, is not what openapi/capabilities.json says. Put this there:\n\n{made}",
        TABLE.0.trim(),
        TABLE.1
    );
}

/// A row per capability, a column per variant.
fn table(variants: &Map<String, Value>) -> String {
    let lists = |variant: &Value, word: &Value| {
        variant.as_array().is_some_and(|words| words.contains(word))
    };
    let mut words: Vec<&Value> = Vec::new();
    for word in variants.values().filter_map(Value::as_array).flatten() {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.sort_by_key(|word| order(word));
    let mut table = String::from("|");
    for variant in variants.keys() {
        write!(table, " | `{variant}`").expect("text");
    }
    table += " |\n| ---";
    table += &" | :-:".repeat(variants.len());
    table += " |\n";
    for word in words {
        write!(table, "| `{}`", word.as_str().expect("a word")).expect("text");
        for variant in variants.values() {
            table += if lists(variant, word) { " | ✓" } else { " |" };
        }
        table += " |\n";
    }
    table
}

/// The place of a capability among all.
fn order(word: &Value) -> Option<usize> {
    use iam_gateway::domain::Capability;
    Capability::ALL
        .iter()
        .position(|known| Some(known.as_str()) == word.as_str())
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap_or_default()
}
