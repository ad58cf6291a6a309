//! Turns what serde says of a bad value into plain words, without the value.

/// The field that a message is about, where it names one, and what to tell the caller.
pub fn plain(message: &str) -> (Option<&str>, String) {
    if let Some(rest) = message.strip_prefix("missing field ") {
        let name = quoted(rest);
        return (name, format!("`{}` is missing.", name.unwrap_or_default()));
    }
    if let Some(rest) = message.strip_prefix("duplicate field ") {
        let name = quoted(rest);
        return (
            name,
            format!("`{}` is there twice.", name.unwrap_or_default()),
        );
    }
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let name = quoted(rest);
        let known = match expectation(rest) {
            Some(words) => format!("Fields: {words}."),
            None => "There are none here.".to_owned(),
        };
        let detail = format!("`{}` is no field here. {known}", name.unwrap_or_default());
        return (name, detail);
    }
    if message.starts_with("unknown variant ") {
        let known = expectation(message).unwrap_or("the known words");
        return (None, format!("Should be one of {known}."));
    }
    for prefix in ["invalid type: ", "invalid value: ", "invalid length "] {
        if let Some(rest) = message.strip_prefix(prefix) {
            let wanted = expectation(rest).unwrap_or("something else");
            return match kind(rest).filter(|_| prefix == "invalid type: ") {
                Some(kind) => (None, format!("Should be {wanted}, not {kind}.")),
                None => (None, format!("Should be {wanted}.")),
            };
        }
    }
    // Our own words, made for callers.
    (None, message.to_owned())
}

/// The name between the first backquotes.
fn quoted(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('`')?;
    rest.split_once('`').map(|(name, _)| name)
}

/// What serde expected, which is always the end of its message. A value before it may hold any text, so the last one counts.
fn expectation(text: &str) -> Option<&str> {
    let (_, wanted) = text.rsplit_once(", expected ")?;
    let wanted = wanted.strip_prefix("one of ").unwrap_or(wanted);
    // Derived structs and enums call themselves by their Rust names, which mean nothing to a caller.
    Some(match wanted.split_once(' ') {
        Some(("struct", _)) | Some(("map", "")) => "an object",
        Some(("internally" | "adjacently", _)) => "an object",
        _ if wanted == "a map" => "an object",
        _ if wanted == "a sequence" => "a list",
        _ if wanted.starts_with("a formatted ") || wanted == "a UUID string" => "a UUID",
        _ => wanted,
    })
}

/// The kind of value that came, without the value: serde puts it in quotes after the kind.
fn kind(text: &str) -> Option<&str> {
    let end = text.find(['`', '"', ','])?;
    match text[..end].trim() {
        "" => None,
        "map" => Some("object"),
        "sequence" => Some("list"),
        known => Some(known),
    }
}
