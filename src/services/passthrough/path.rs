//! The path of a request that is passed through, taken apart: what was sent encoded is decoded once, segment by segment,
//! and nothing in a segment can mean more than the value of one parameter.

use percent_encoding::percent_decode_str;

use crate::error::{Error, Result};

/// Longer segments are no ids.
const SEGMENT_BYTES_MAX: usize = 1024;

/// The decoded segments of an encoded path.
///
/// # Errors
/// A segment that could lead elsewhere, at the vendor or on the way to it, with what is wrong with it.
pub(super) fn segments(path: &str) -> Result<Vec<String>> {
    // The root has none.
    if path.is_empty() {
        return Ok(Vec::new());
    }
    path.split('/')
        .enumerate()
        .map(|(at, segment)| {
            decoded(segment).map_err(|why| {
                Error::invalid("path", format!("Segment {} of the path {why}.", at + 1))
            })
        })
        .collect()
}

fn decoded(segment: &str) -> Result<String, &'static str> {
    if segment.len() > SEGMENT_BYTES_MAX * 3 {
        return Err(TOO_LONG);
    }
    let text = percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| "is no UTF-8 when it is decoded")?
        .into_owned();
    if text.is_empty() {
        return Err("is empty");
    }
    if text.len() > SEGMENT_BYTES_MAX {
        return Err(TOO_LONG);
    }
    if text == "." || text == ".." {
        return Err("is a relative one, and where it leads depends on who reads it");
    }
    if text.contains(['/', '\\']) {
        return Err(
            "holds an encoded slash, which would be taken for a border of segments on the way",
        );
    }
    if text.chars().any(char::is_control) {
        return Err("holds a control character");
    }
    Ok(text)
}

const TOO_LONG: &str = "is longer than 1024 bytes";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(path: &str) -> String {
        let error = segments(path).expect_err(path);
        assert_eq!(error.fields[0].pointer, "path");
        error.detail
    }

    #[test]
    fn segments_are_decoded_once() {
        let read = segments("1/accounts/ann%40example.com%2520x/a%20b+c").expect("good");
        assert_eq!(read, ["1", "accounts", "ann@example.com%20x", "a b+c"]);
    }

    #[test]
    fn the_root_has_no_segments() {
        assert!(segments("").expect("good").is_empty());
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused_in_words() {
        for (path, words) in [
            ("a//b", "Segment 2 of the path is empty"),
            ("a/b/", "Segment 3 of the path is empty"),
            ("a/./b", "relative"),
            ("a/../b", "relative"),
            ("a/%2e%2E/b", "relative"),
            ("a/.%2e", "relative"),
            ("a/b%2Fc", "encoded slash"),
            ("a/b%2fc", "encoded slash"),
            ("a/b%5Cc", "encoded slash"),
            ("a/b\\c", "encoded slash"),
            ("a/b%00", "control character"),
            ("a/b%0d%0aHost:x", "control character"),
            ("a/%ff", "no UTF-8"),
        ] {
            let detail = refused(path);
            assert!(detail.contains(words), "{path}: {detail}");
        }
        assert!(refused(&"x".repeat(1025)).contains("longer than 1024 bytes"));
        assert!(refused(&"%41".repeat(1025)).contains("longer than 1024 bytes"));
        assert!(segments(&"x".repeat(1024)).is_ok());
    }

    #[test]
    fn dots_inside_a_segment_are_nothing_special() {
        assert_eq!(segments("a.b/...").expect("good"), ["a.b", "..."]);
    }

    proptest! {
        #[test]
        fn no_path_makes_a_segment_that_is_more_than_one(path in "\\PC{0,60}|([a-z./%2eEfF0]{0,40})") {
            if let Ok(read) = segments(&path) {
                prop_assert!(path.is_empty() || read.len() == path.split('/').count());
                for segment in read {
                    prop_assert!(!segment.is_empty() && segment != "." && segment != "..");
                    prop_assert!(!segment.contains(['/', '\\', '\0']));
                }
            }
        }
    }
}
