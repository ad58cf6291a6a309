//! Where the main API's errors are told apart: by status, with the words of `detail` (§A3).

use serde_json::Value;

use super::quota::quota;
use crate::adapters::contract::{AdapterError, SideEffect, Trouble, Upstream};
use crate::adapters::transport::{Answer, Judge, Quota};

/// As much of the vendor's words as is kept.
const MESSAGE_CHARS: usize = 300;

/// Judges every answer of the main API.
pub(super) struct MainJudge;

impl Judge for MainJudge {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        let body = answer.json().ok();
        let words = body.as_ref().and_then(words);
        let outcome = match (answer.status, &body) {
            (200..=299, _) if answer.body.is_empty() => Ok(()),
            // The sign of life is a picture in plain text, and nothing else is (§A4); who needs JSON finds out that it is none.
            (200..=299, None) if is_plain_text(answer) => Ok(()),
            (200..=299, None) => Err(AdapterError::new(
                Trouble::Malformed,
                "Lumos' answer is no JSON",
            )),
            // Things and pages never have a `detail`; what this one did is open.
            (200..=299, Some(_)) if words.is_some() => Err(AdapterError::new(
                Trouble::Rejected,
                "Lumos answered a success that tells of an error",
            )
            .with_effect(SideEffect::Unknown)),
            (200..=299, Some(_)) => Ok(()),
            (status, _) => Err(refusal(status, words.is_some())),
        };
        outcome.map_err(|mut error| {
            if let Some(words) = &words {
                error.message = format!("{}: {words}", error.message);
            }
            error.saying(Upstream {
                status: Some(answer.status),
                code: body.as_ref().and_then(code),
                message: words,
                correlation_id: None,
            })
        })
    }

    fn quota(&self, answer: &Answer) -> Option<Quota> {
        quota(answer)
    }
}

fn is_plain_text(answer: &Answer) -> bool {
    answer
        .header("content-type")
        .is_some_and(|kind| kind.trim_start().starts_with("text/plain"))
}

/// `is_explained`: whether the body is the API's own error and not a proxy's.
fn refusal(status: u16, is_explained: bool) -> AdapterError {
    let (trouble, text) = match status {
        401 | 403 => (
            Trouble::AuthFailed,
            "Lumos refused the token of this connection, or its owner may not read this",
        ),
        404 => (
            Trouble::NotFound,
            "Lumos has no such thing, or `base_url` is wrong",
        ),
        408 | 504 => (Trouble::Timeout, "Lumos did not answer in time"),
        409 => (
            Trouble::Conflict,
            "Lumos says that this contradicts what is there",
        ),
        429 => (Trouble::RateLimited, "Lumos asks for fewer calls"),
        501 => (
            Trouble::Unsupported,
            "the system behind this app has no such operation",
        ),
        // Explained, it is about the third party behind an app, and asking again changes nothing.
        502 if is_explained => (Trouble::Rejected, "the system behind the app refused it"),
        500..=599 => (Trouble::Unavailable, "Lumos is out of order"),
        _ => (Trouble::Rejected, "Lumos refused the request"),
    };
    AdapterError::new(trouble, text)
}

/// The words of `detail`, which is a text, or a list of complaints on a 422.
fn words(body: &Value) -> Option<String> {
    let said = match body.get("detail")? {
        Value::String(text) => text.clone(),
        Value::Array(complaints) => complaints
            .iter()
            .map(complaint)
            .collect::<Vec<_>>()
            .join("; "),
        _ => return None,
    };
    Some(match said.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said,
    })
}

/// `query.size: why`. The `type` words differ between versions of the vendor's library, so they are not read.
fn complaint(complaint: &Value) -> String {
    let place = complaint["loc"].as_array().into_iter().flatten();
    let place: Vec<String> = place
        .map(|part| match part {
            Value::String(name) => name.clone(),
            other => other.to_string(),
        })
        .collect();
    let why = complaint["msg"].as_str().unwrap_or("refused");
    format!("{}: {why}", place.join("."))
}

/// Only the knowledge area has codes (§A3); where there is one, it is kept.
fn code(body: &Value) -> Option<String> {
    body.get("code")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    fn judge(status: u16, body: impl Into<Vec<u8>>) -> Result<(), AdapterError> {
        MainJudge.judge(&Answer {
            status,
            headers: HeaderMap::new(),
            body: body.into().into(),
        })
    }

    fn trouble(status: u16, body: &str) -> Trouble {
        judge(status, body).unwrap_err().trouble
    }

    #[test]
    fn each_status_has_its_meaning() {
        let detail = r#"{"detail":"why"}"#;
        for (status, meant) in [
            (400, Trouble::Rejected),
            (401, Trouble::AuthFailed),
            (403, Trouble::AuthFailed),
            (404, Trouble::NotFound),
            (408, Trouble::Timeout),
            (409, Trouble::Conflict),
            (422, Trouble::Rejected),
            (429, Trouble::RateLimited),
            (500, Trouble::Unavailable),
            (501, Trouble::Unsupported),
            (502, Trouble::Rejected),
            (503, Trouble::Unavailable),
            (504, Trouble::Timeout),
        ] {
            let error = judge(status, detail).unwrap_err();
            assert_eq!(error.trouble, meant, "{status}");
            assert!(error.message.ends_with(": why"), "{}", error.message);
            let said = error.upstream.unwrap();
            assert_eq!(
                (said.status, said.message.as_deref()),
                (Some(status), Some("why"))
            );
        }
    }

    #[test]
    fn a_bad_gateway_in_front_is_no_refusal_of_the_third_partys() {
        assert_eq!(trouble(502, "<html>502</html>"), Trouble::Unavailable);
        assert_eq!(trouble(502, ""), Trouble::Unavailable);
    }

    #[test]
    fn a_list_of_complaints_is_put_into_words() {
        let body = json!({ "detail": [
            { "loc": ["query", "size"], "msg": "must be at most 100", "type": "less_than_equal" },
            { "loc": ["body", "items", 3], "type": "missing" }
        ]});
        let error = judge(422, body.to_string()).unwrap_err();
        let words = "query.size: must be at most 100; body.items.3: refused";
        assert!(error.message.ends_with(words), "{}", error.message);
    }

    #[test]
    fn a_success_in_plain_text_is_one_and_in_any_other_kind_is_not() {
        for (kind, is_good) in [
            ("text/plain; charset=utf-8", true),
            ("text/html", false),
            ("application/json", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", kind.parse().unwrap());
            let body = Bytes::from_static(b"  /|\\  ");
            let answer = Answer {
                status: 200,
                headers,
                body,
            };
            assert_eq!(MainJudge.judge(&answer).is_ok(), is_good, "{kind}");
            assert_eq!(answer.json().unwrap_err().trouble, Trouble::Malformed);
        }
    }

    #[test]
    fn a_success_that_tells_of_an_error_is_one() {
        let error = judge(200, r#"{"detail":"upstream failed"}"#).unwrap_err();
        assert_eq!(
            (error.trouble, error.effect),
            (Trouble::Rejected, SideEffect::Unknown)
        );
        assert_eq!(trouble(200, "{\"items"), Trouble::Malformed);
        assert!(judge(200, r#"{"items":[],"total":0}"#).is_ok());
        assert!(judge(204, "").is_ok());
    }
}
