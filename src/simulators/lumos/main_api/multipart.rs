//! Forms with files (RFC 7578), as far as well-behaved clients write them.

/// One part of a form.
#[derive(Debug, PartialEq)]
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    /// The name of the file, if it is one.
    pub(super) file: Option<&'a str>,
    data: &'a [u8],
}

impl Part<'_> {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(self.data).into_owned()
    }
}

/// What separates the parts, if a content type is that of a form.
pub(super) fn boundary(content_type: &str) -> Option<&str> {
    let mut pieces = content_type.split(';').map(str::trim);
    if !pieces.next()?.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = pieces.find_map(|piece| piece.strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"'))
}

/// The parts in order; what is none is left out.
pub(super) fn parts<'a>(boundary: &str, body: &'a [u8]) -> Vec<Part<'a>> {
    let line = [b"--", boundary.as_bytes()].concat();
    let mut found = Vec::new();
    let mut rest = match position(body, &line) {
        Some(start) => &body[start + line.len()..],
        None => return found,
    };
    let end = [b"\r\n", line.as_slice()].concat();
    while let Some(length) = position(rest, &end) {
        found.extend(part(&rest[..length]));
        rest = &rest[length + end.len()..];
    }
    found
}

fn part(text: &[u8]) -> Option<Part<'_>> {
    let text = text.strip_prefix(b"\r\n")?;
    let split = position(text, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&text[..split]).ok()?;
    let disposition = head.lines().find(|line| {
        line.to_ascii_lowercase()
            .starts_with("content-disposition:")
    })?;
    let given = |name: &str| {
        let mut pieces = disposition.split(';').map(str::trim);
        pieces.find_map(|piece| Some(piece.strip_prefix(name)?.trim_matches('"')))
    };
    Some(Part {
        name: given("name=")?,
        file: given("filename="),
        data: &text[split + 4..],
    })
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_taken_apart() {
        let kind = "multipart/form-data; charset=utf-8; boundary=\"x-y\"";
        assert_eq!(boundary(kind), Some("x-y"));
        assert_eq!(boundary("application/json; boundary=x"), None);
        let body = b"--x-y\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nOn call\r\n--x-y\r\n\
            content-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\n\
            one\r\n\r\ntwo\r\n--x-y--\r\n";
        let parts = parts("x-y", body);
        let seen: Vec<_> = parts
            .iter()
            .map(|one| (one.name, one.file, one.text()))
            .collect();
        assert_eq!(
            seen,
            [
                ("title", None, "On call".to_owned()),
                ("file", Some("a.txt"), "one\r\n\r\ntwo".to_owned())
            ]
        );
    }

    #[test]
    fn what_is_no_form_has_no_parts() {
        for body in ["", "--x", "--x\r\n", "--x\r\nno head\r\n--x--", "{\"a\":1}"] {
            assert_eq!(parts("x", body.as_bytes()), []);
        }
    }
}
