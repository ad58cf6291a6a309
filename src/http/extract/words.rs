//! Turns what serde says of a bad value into plain words, without the value.

/// The field that a message is about, where it names one, and what to tell the caller, who calls it `noun`.
pub fn plain<'m>(message: &'m str, noun: &str) -> (Option<&'m str>, String) {
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
            Some(words) => format!("There are {words}."),
            None => "There is none.".to_owned(),
        };
        let detail = format!("`{}` is no {noun} here. {known}", name.unwrap_or_default());
        return (name, detail);
    }
    if message.starts_with("unknown variant ") {
        let known = expectation(message).unwrap_or_else(|| "the known words".to_owned());
        return (None, format!("Should be one of {known}."));
    }
    for prefix in ["invalid type: ", "invalid value: ", "invalid length "] {
        if let Some(rest) = message.strip_prefix(prefix) {
            let wanted = expectation(rest).unwrap_or_else(|| "something else".to_owned());
            return match kind(rest).filter(|_| prefix == "invalid type: ") {
                Some(kind) => (None, format!("Should be {wanted}, not {kind}.")),
                None => (None, format!("Should be {wanted}.")),
            };
        }
    }
    if message.starts_with("UUID parsing failed") {
        return (None, "Should be a UUID.".to_owned());
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
fn expectation(text: &str) -> Option<String> {
    let (_, wanted) = text.rsplit_once(", expected ")?;
    let wanted = wanted.strip_prefix("one of ").unwrap_or(wanted);
    Some(match wanted {
        "a map" => "an object".to_owned(),
        "a sequence" => "a list".to_owned(),
        "i32" | "i64" | "u32" | "u64" => "a whole number".to_owned(),
        // A derived struct calls itself by its Rust name, which means nothing to a caller.
        _ if wanted.starts_with("struct ") => "an object".to_owned(),
        words if words.starts_with('`') => words.replace("` or `", "`, `"),
        other => other.to_owned(),
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
