//! `iam-gateway openapi`: what this build promises, written to files or compared with them.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::Failure;
use crate::http;
use crate::services::catalogue;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where `openapi.json`, `capabilities.json` and `upstream-operations.json` are kept.
    #[arg(value_name = "DIRECTORY", default_value = "openapi")]
    directory: PathBuf,
    /// Write nothing; fail when a file is not what this build would write.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    for (name, made) in documents()? {
        let path = args.directory.join(name);
        if args.check {
            compare(&path, &made)?;
        } else {
            std::fs::write(&path, made).map_err(|error| {
                Failure::Failed(format!("can't write {}: {error}", path.display()))
            })?;
        }
    }
    Ok(())
}

/// The files with their names: the HTTP surface, what the connections of each variant can do, and what each vendor documents.
pub fn documents() -> Result<[(&'static str, String); 3], Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::Failed(error.to_string());
    let capabilities: Map<String, Value> = catalogue::capabilities_by_variant()
        .map_err(|error| failed(&error))?
        .into_iter()
        .map(|(variant, capabilities)| {
            let words = capabilities.iter().map(|capability| capability.as_str());
            (variant.to_owned(), words.collect())
        })
        .collect();
    let capabilities =
        serde_json::to_string_pretty(&capabilities).map_err(|error| failed(&error))?;
    let mut operations = Vec::new();
    for (vendor, operation) in catalogue::upstream_operations() {
        let mut entry = json!({ "vendor": vendor });
        let told = serde_json::to_value(operation).map_err(|error| failed(&error))?;
        if let (Value::Object(entry), Value::Object(told)) = (&mut entry, told) {
            entry.extend(told);
        }
        operations.push(entry);
    }
    let operations = serde_json::to_string_pretty(&operations).map_err(|error| failed(&error))?;
    Ok([
        ("openapi.json", http::document_text()),
        ("capabilities.json", capabilities + "\n"),
        ("upstream-operations.json", operations + "\n"),
    ])
}

fn compare(path: &Path, made: &str) -> Result<(), Failure> {
    let shown = path.display();
    let kept = std::fs::read_to_string(path)
        .map_err(|error| Failure::Failed(format!("can't read {shown}: {error}")))?;
    if kept == made {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "{shown} is not what this build promises; run `iam-gateway openapi` and look at the difference"
    )))
}
