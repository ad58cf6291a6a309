//! The one line on standard output that tells a waiting program, or person, that a server can be called.

use std::io::{self, Write};

use serde::Serialize;

/// Prints `line` as one line of JSON.
pub fn announce(line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}
