//! Our own sources, as the gates read them.

use std::path::{Path, PathBuf};

/// A source file below `src/`.
pub struct Source {
    /// Its path from the root of the checkout, with `/`.
    pub path: String,
    /// Its text as it stands.
    pub text: String,
}

impl Source {
    /// Its place in the module tree: `http::v1::accounts`.
    pub fn module(&self) -> Vec<String> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
        if matches!(
            parts.last().map(String::as_str),
            Some("mod" | "lib" | "main")
        ) {
            parts.pop();
        }
        parts
    }

    /// Whether all of it is unit tests.
    pub fn is_test(&self) -> bool {
        self.module().iter().any(|part| part == "tests")
    }

    /// What ships: without comments, attributes and test modules. Lines stay where they were.
    pub fn shipped(&self) -> String {
        without_tests(&without_attributes(&without_comments(&self.text)))
    }
}

/// Every Rust file below `src/`.
pub fn sources() -> Vec<Source> {
    files("src", "rs")
}

/// Every file with this ending below a folder of the checkout.
pub fn files(folder: &str, ending: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        let paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        for path in paths {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|is| is == ending) {
                let text = std::fs::read_to_string(&path).expect("a text file");
                let path = path.strip_prefix(root).expect("below the root");
                let path = path.to_string_lossy().replace('\\', "/");
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    assert!(!found.is_empty(), "no .{ending} below {folder}");
    found
}

/// Blanks out comments; strings and characters are told apart from them, and kept.
fn without_comments(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut kept = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            blank(&mut kept, at, line_end(bytes, at))
        } else if rest.starts_with(b"/*") {
            blank(&mut kept, at, block_end(bytes, at))
        } else if let Some(end) = literal_end(bytes, at) {
            end
        } else {
            at + 1
        };
        at = end;
    }
    String::from_utf8(kept).expect("only ASCII was blanked out")
}

/// Blanks out `#[…]` and `#![…]`.
fn without_attributes(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut kept = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(end) = literal_end(bytes, at) {
            at = end;
        } else if bytes[at..].starts_with(b"#[") || bytes[at..].starts_with(b"#![") {
            let open = at
                + bytes[at..]
                    .iter()
                    .position(|byte| *byte == b'[')
                    .expect("just seen");
            let end = closing(bytes, open, b'[', b']');
            // The word stays, for it marks a test module.
            if &bytes[at..end] == b"#[cfg(test)]" {
                at = end;
            } else {
                at = blank(&mut kept, at, end);
            }
        } else {
            at += 1;
        }
    }
    String::from_utf8(kept).expect("blanked out whole")
}

/// Blanks out what stands behind `#[cfg(test)]`: a module, a function, an import.
fn without_tests(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut kept = bytes.to_vec();
    let mark = b"#[cfg(test)]";
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at..].starts_with(mark) {
            at += 1;
            continue;
        }
        let from = at + mark.len();
        let stop = bytes[from..]
            .iter()
            .position(|byte| matches!(byte, b'{' | b';'))
            .map_or(bytes.len(), |offset| from + offset);
        let end = if bytes.get(stop) == Some(&b'{') {
            closing(bytes, stop, b'{', b'}')
        } else {
            (stop + 1).min(bytes.len())
        };
        at = blank(&mut kept, at, end);
    }
    String::from_utf8_lossy(&kept).into_owned()
}

fn blank(kept: &mut [u8], from: usize, to: usize) -> usize {
    for byte in &mut kept[from..to] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
    to
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let length = bytes[from..].iter().position(|byte| *byte == b'\n');
    length.map_or(bytes.len(), |length| from + length)
}

fn block_end(bytes: &[u8], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

/// The end of the string or character literal that begins here, if one does.
fn literal_end(bytes: &[u8], from: usize) -> Option<usize> {
    match bytes[from] {
        b'"' => Some(string_end(bytes, from + 1)),
        b'r' if from == 0 || !is_word(bytes[from - 1]) || bytes[from - 1] == b'b' => {
            let hashes = bytes[from + 1..]
                .iter()
                .take_while(|byte| **byte == b'#')
                .count();
            if bytes.get(from + 1 + hashes) != Some(&b'"') {
                return None;
            }
            let close: Vec<u8> = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
            let start = from + hashes + 2;
            let end = bytes[start..]
                .windows(close.len())
                .position(|window| window == close);
            Some(end.map_or(bytes.len(), |end| start + end + close.len()))
        }
        // A character, not a lifetime.
        b'\'' if bytes.get(from + 1) == Some(&b'\\') => {
            let end = bytes[from + 3..].iter().position(|byte| *byte == b'\'')?;
            Some(from + 3 + end + 1)
        }
        b'\'' => {
            let end = bytes[from + 1..]
                .iter()
                .take(5)
                .position(|byte| *byte == b'\'')?;
            let inner = std::str::from_utf8(&bytes[from + 1..from + 1 + end]).ok()?;
            (inner.chars().count() == 1).then_some(from + end + 2)
        }
        _ => None,
    }
}

fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Where the bracket that opens at `open` is closed, one past it.
fn closing(bytes: &[u8], open: usize, opening: u8, closing: u8) -> usize {
    let mut depth = 0;
    let mut at = open;
    while at < bytes.len() {
        if let Some(end) = literal_end(bytes, at) {
            at = end;
            continue;
        }
        if bytes[at] == opening {
            depth += 1;
        } else if bytes[at] == closing {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
        at += 1;
    }
    bytes.len()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[test]
fn what_ships_is_told_apart_from_what_does_not() {
    let text = concat!(
        "//! luna in a comment\n",
        "use crate::a; /* luna /* luna */ */\n",
        "#[doc = \"luna\"]\n",
        "const A: &str = \"// kept \\\" kept\"; const B: char = '\"'; // luna\n",
        "fn f<'a>(x: &'a str) { g(r#\"kept\"#) }\n",
        "#[cfg(test)]\nmod tests {\n    const LUNA: &str = \"}\"; fn luna() { }\n}\n",
        "const END: &str = \"kept\";\n",
    );
    let source = Source {
        path: "src/a/mod.rs".into(),
        text: text.into(),
    };
    let shipped = source.shipped();
    assert!(!shipped.to_lowercase().contains("luna"), "{shipped}");
    assert_eq!(shipped.matches("kept").count(), 4, "{shipped}");
    assert_eq!(shipped.lines().count(), text.lines().count());
    assert_eq!(source.module(), ["a"]);
}
