//! Which part of the code may know which: the map of the house.

use std::collections::BTreeSet;

use super::source::{Source, sources};

/// A part of the code, and the parts that it may know besides itself. The longest matching part decides for a file.
///
/// From the top floor down: `main → cli → sandbox → app → http, work → services → store, adapters → error → domain`.
/// Whoever adds a part adds a row; an arrow that runs up, or a circle, is mended in the code and not here.
const MAP: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("error", &["domain"]),
    ("secrets", &["error", "domain"]),
    ("config", &["error", "domain"]),
    ("telemetry", &["error", "domain"]),
    ("adapters::contract", &["domain", "error"]),
    ("adapters::transport", &["adapters::contract", "domain"]),
    // How a vendor describes itself; it builds its adapter from the transport, so it can't be part of the contract.
    (
        "adapters::vendor",
        &["adapters::contract", "adapters::transport", "domain"],
    ),
    // The registry, and the rest of the folder: a vendor each.
    ("adapters", &["adapters::contract", "adapters::vendor"]),
    (
        "adapters::*",
        &[
            "adapters::contract",
            "adapters::transport",
            "adapters::vendor",
            "domain",
        ],
    ),
    ("store", &["domain", "error", "secrets"]),
    (
        "services",
        &["store", "adapters", "error", "domain", "secrets"],
    ),
    ("work", &["services", "store", "error", "domain"]),
    ("http", &["services", "error", "domain"]),
    (
        "app",
        &[
            "http",
            "work",
            "services",
            "store",
            "adapters",
            "config",
            "secrets",
            "telemetry",
            "error",
            "domain",
        ],
    ),
    ("simulators", &[]),
    ("simulators::kit", &[]),
    ("simulators::*", &["simulators::kit"]),
    ("postgres", &[]),
    (
        "sandbox",
        &["app", "simulators", "services", "config", "error", "domain"],
    ),
    (
        "cli",
        &[
            "app",
            "sandbox",
            "simulators",
            "postgres",
            "http",
            "services",
            "store",
            "config",
            "secrets",
            "telemetry",
            "error",
            "domain",
        ],
    ),
    ("main", &["cli"]),
];

#[test]
fn imports_point_the_right_way() {
    let mut wrong = BTreeSet::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        // The crate's root only lists the parts.
        if source.path == "src/lib.rs" {
            continue;
        }
        let module = if source.path == "src/main.rs" {
            vec!["main".to_owned()]
        } else {
            source.module()
        };
        let Some((here, allowed)) = row(&module) else {
            wrong.insert(format!("{}: no row for this part", source.path));
            continue;
        };
        for path in mentioned(source, &module) {
            if !is_allowed(here, allowed, &module, &path) {
                wrong.insert(format!(
                    "{} ({here}) knows crate::{}",
                    source.path,
                    path.join("::")
                ));
            }
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(
        wrong.is_empty(),
        "These imports are not on the map in tests/it/gates/imports.rs. Move the code to where it may know that, or hand it \
         in from above; a row for a new part is added to the map.\n  {}",
        wrong.join("\n  ")
    );
}

/// The row of a module: its name, and what it may know.
fn row(module: &[String]) -> Option<(&'static str, &'static [&'static str])> {
    (1..=module.len()).rev().find_map(|length| {
        let exact = module[..length].join("::");
        let mut wild = module[..length].to_vec();
        wild[length - 1] = "*".to_owned();
        let wild = wild.join("::");
        MAP.iter()
            .find(|(name, _)| *name == exact)
            .or_else(|| MAP.iter().find(|(name, _)| *name == wild && length > 1))
            .map(|(name, allowed)| (*name, *allowed))
    })
}

fn is_allowed(here: &str, allowed: &[&str], module: &[String], path: &[String]) -> bool {
    let Some((there, _)) = row(path) else {
        // A name of the crate's root, or of this file.
        return path.len() < 2 && path.first().is_none_or(|name| !is_part(name));
    };
    if here == there {
        // One vendor never knows another.
        return !here.ends_with('*') || module[1] == path[1];
    }
    // The head of a folder lists its own parts.
    if module.len() == 1 && here == module[0] && path[0] == module[0] {
        return true;
    }
    let path = path.join("::");
    allowed
        .iter()
        .any(|part| path == *part || path.starts_with(&format!("{part}::")))
}

fn is_part(name: &str) -> bool {
    MAP.iter()
        .any(|(part, _)| part.split("::").next() == Some(name))
}

/// Every path of the crate that a file's shipped code mentions, from the crate's root.
fn mentioned(source: &Source, module: &[String]) -> Vec<Vec<String>> {
    let text = source.shipped();
    let mut found = Vec::new();
    for (start, _) in text.match_indices("crate::") {
        // `pub(in crate::x)` and `$crate` are no imports.
        if text[..start].ends_with("in ") || text[..start].ends_with('$') {
            continue;
        }
        expand(&text[start + "crate::".len()..], Vec::new(), &mut found);
    }
    for (start, _) in text.match_indices("super::") {
        if text[..start].ends_with("super::") || text[..start].ends_with("in ") {
            continue;
        }
        let mut rest = &text[start..];
        let mut base = module.to_vec();
        while let Some(further) = rest.strip_prefix("super::") {
            base.pop();
            rest = further;
        }
        expand(rest, base, &mut found);
    }
    found
}

/// Reads `a::b::{c, d::e}` behind a base into single paths.
fn expand(text: &str, base: Vec<String>, found: &mut Vec<Vec<String>>) {
    let mut path = base;
    let mut rest = text.trim_start();
    loop {
        if rest.starts_with('{') {
            for part in members(rest) {
                expand(part, path.clone(), found);
            }
            return;
        }
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        if length > 0 {
            path.push(rest[..length].to_owned());
        }
        match rest[length..].strip_prefix("::") {
            Some(further) if length > 0 => rest = further.trim_start(),
            _ => break,
        }
    }
    // Types and functions are no modules; `self` is the path itself.
    path.retain(|name| name != "self");
    let modules = path
        .iter()
        .take_while(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
    found.push(modules.cloned().collect());
}

/// The members of a braced list, at its outermost level.
fn members(text: &str) -> Vec<&str> {
    let mut members = Vec::new();
    let (mut depth, mut from) = (0, 1);
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && character == ',') {
            let member = text[from..at].trim();
            if !member.is_empty() {
                members.push(member);
            }
            from = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    members
}

#[test]
fn the_gate_sees_every_spelling_of_an_import() {
    let source = Source {
        path: "src/http/v1/accounts/read.rs".into(),
        text: "use crate::{domain::{Account, caller::Caller}, store::accounts};\n\
               use super::super::super::error::Code;\n\
               fn f() { crate::adapters::luna::x() }\n\
               // crate::cli\n#[cfg(test)] mod tests { use crate::sandbox; }\n"
            .into(),
    };
    let module = source.module();
    let mut paths: Vec<String> = mentioned(&source, &module)
        .iter()
        .map(|path| path.join("::"))
        .collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "adapters::luna::x",
            "domain",
            "domain::caller",
            "http::error",
            "store::accounts"
        ]
    );
    let (here, allowed) = row(&module).expect("http has a row");
    let allows = |path: &str| {
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        is_allowed(here, allowed, &module, &path)
    };
    assert!(allows("domain::caller") && allows("http::problem") && allows("services::accounts"));
    assert!(!allows("store::accounts") && !allows("adapters::luna") && !allows("adapters"));
}

#[test]
fn one_vendor_never_knows_another() {
    let luna: Vec<String> = ["adapters", "luna", "client"].map(String::from).into();
    let (here, allowed) = row(&luna).expect("vendors have a row");
    let allows = |path: [&str; 2]| is_allowed(here, allowed, &luna, &path.map(String::from));
    assert!(allows(["adapters", "luna"]));
    assert!(allows(["adapters", "contract"]));
    assert!(!allows(["adapters", "devo"]));
}
