//! What must never be committed: secrets, and promises instead of code.

use super::source::{Source, files, sources};

#[test]
fn no_secret_is_committed() {
    let mut all = sources();
    for (folder, ending) in [("tests", "rs"), ("migrations", "sql"), ("openapi", "json")] {
        all.extend(files(folder, ending));
    }
    let shapes = [
        // Our own keys: the mark and 48 characters.
        r"igw_[A-Za-z0-9_-]{48}",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]",
        r"eyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
        r"AKIA[0-9A-Z]{16}",
        r"gh[pousr]_[A-Za-z0-9]{36}",
    ]
    .map(|shape| regex::Regex::new(shape).expect("a pattern"));
    let found: Vec<&str> = all
        .iter()
        .filter(|source| shapes.iter().any(|shape| shape.is_match(&source.text)))
        .map(|source| source.path.as_str())
        .collect();
    assert!(
        found.is_empty(),
        "These files hold something shaped like a secret. Withdraw it where it is valid, and make one up that can't be.\n  {}",
        found.join("\n  ")
    );
}

#[test]
fn nothing_is_left_undone() {
    let words = [
        "todo!",
        "unimplemented!",
        "unreachable!()",
        "TODO",
        "FIXME",
        "XXX",
    ];
    let mut found = Vec::new();
    for Source { path, text } in sources() {
        for (number, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(
        found.is_empty(),
        "Write it, or take it out; what is left for later is an issue, not a line of code.\n  {}",
        found.join("\n  ")
    );
}
