//! Which files may name vendors.

use super::source::sources;

const VENDORS: [&str; 5] = ["apono", "devo", "lightelligence", "lumos", "luna"];

/// The registries name all of them; a vendor's own folders name it. Elsewhere only comments, and the examples in attributes
/// that the document shows, may.
fn may_name(path: &str, vendor: &str) -> bool {
    matches!(path, "src/adapters/mod.rs" | "src/simulators/mod.rs")
        || path.starts_with(&format!("src/adapters/{vendor}/"))
        || path.starts_with(&format!("src/simulators/{vendor}/"))
}

#[test]
fn vendors_are_named_only_where_they_live() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        for (number, line) in source.shipped().lines().enumerate() {
            for vendor in VENDORS {
                if names(line, vendor) && !may_name(&source.path, vendor) {
                    wrong.push(format!("{}:{}: {}", source.path, number + 1, line.trim()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "Only adapters/mod.rs, simulators/mod.rs and a vendor's own folders may name it. Make what is needed a capability, a \
         setting or a slot of the contract, so that the next vendor needs no change here.\n  {}",
        wrong.join("\n  ")
    );
}

/// Whether the line has the vendor's name as a word or as a part of one (`LunaClient`, `luna_accounts`).
fn names(line: &str, vendor: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.match_indices(vendor).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + vendor.len()..].chars().next();
        !before.is_some_and(|c| c.is_ascii_alphabetic())
            && !after.is_some_and(|c| c.is_ascii_lowercase() && c != 's')
            || line[at + vendor.len()..].starts_with("client")
    })
}

#[test]
fn names_are_seen_as_words() {
    assert!(names("let x = luna::VENDOR;", "luna"));
    assert!(names("\"devo/domain\"", "devo"));
    assert!(names("mod lumos_connector;", "lumos"));
    assert!(!names("a devotion to lunar things", "devo"));
    assert!(!names("lunar", "luna"));
}
