//! Where Apono's errors are told apart: by status, for no body but that of a 401 is documented (§1).

use serde_json::Value;

use super::wire::ErrorBody;
use crate::adapters::contract::{AdapterError, SideEffect, Trouble, Upstream};
use crate::adapters::transport::{Answer, Judge};

/// As much of the vendor's words as is kept.
const MESSAGE_CHARS: usize = 300;

/// Judges every answer of Apono.
pub(super) struct AponoJudge;

impl Judge for AponoJudge {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        let body = answer.json().ok();
        let outcome = match (answer.status, &body) {
            (200..=299, _) if answer.body.is_empty() => Ok(()),
            (200..=299, None) => Err(AdapterError::new(
                Trouble::Malformed,
                "Apono's answer is no JSON",
            )),
            (200..=299, Some(body)) => told_in_a_success(body),
            (status, _) => Err(refusal(status)),
        };
        outcome.map_err(|mut error| {
            let said = said(answer, body.as_ref());
            let words = [said.code.as_deref(), said.message.as_deref()];
            let words: Vec<&str> = words.into_iter().flatten().collect();
            if !words.is_empty() {
                error.message = format!("{}: {}", error.message, words.join(": "));
            }
            error.saying(said)
        })
    }
}

/// An error that comes with a good status: a code, and nothing of what things and pages have.
fn told_in_a_success(body: &Value) -> Result<(), AdapterError> {
    let has = |name: &str| body.get(name).is_some();
    let is_error = (has("code") || has("error_code") || has("error"))
        && !["id", "items", "data"].into_iter().any(has);
    if !is_error {
        return Ok(());
    }
    let status = ErrorBody::read(body).status;
    let error = match status.and_then(|status| status.parse().ok()) {
        Some(status @ 400..=599) => refusal(status),
        _ => AdapterError::new(
            Trouble::Rejected,
            "Apono answered a success that tells of an error",
        ),
    };
    // What a success did that is none is open.
    Err(error.with_effect(SideEffect::Unknown))
}

fn refusal(status: u16) -> AdapterError {
    let (trouble, text) = match status {
        401 => (
            Trouble::AuthFailed,
            "Apono does not accept the token: it is wrong, expired or revoked",
        ),
        403 => (
            Trouble::AuthFailed,
            "Apono accepts the token and refuses this: the token lacks a role, or is of the wrong kind",
        ),
        404 => (
            Trouble::NotFound,
            "Apono has no such thing, or `base_url` is wrong",
        ),
        408 | 504 => (Trouble::Timeout, "Apono did not answer in time"),
        409 => (
            Trouble::Conflict,
            "Apono says that this contradicts what is there",
        ),
        429 => (Trouble::RateLimited, "Apono asks for fewer calls"),
        500..=599 => (Trouble::Unavailable, "Apono is out of order"),
        _ => (Trouble::Rejected, "Apono refused the request"),
    };
    AdapterError::new(trouble, text)
}

/// The vendor's words: the members of its error, or the text as it came.
fn said(answer: &Answer, body: Option<&Value>) -> Upstream {
    let read = match body {
        Some(Value::String(text)) => ErrorBody {
            message: Some(text.clone()),
            ..ErrorBody::default()
        },
        Some(body) => ErrorBody::read(body),
        None => ErrorBody {
            message: raw_text(answer),
            ..ErrorBody::default()
        },
    };
    Upstream {
        status: Some(answer.status),
        code: read.code.as_deref().map(shortened),
        message: read.message.as_deref().map(shortened),
        correlation_id: None,
    }
}

fn raw_text(answer: &Answer) -> Option<String> {
    // Four bytes are the longest character.
    let start = &answer.body[..answer.body.len().min(MESSAGE_CHARS * 4 + 4)];
    let text = String::from_utf8_lossy(start);
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn judge(status: u16, body: impl Into<Vec<u8>>) -> Result<(), AdapterError> {
        AponoJudge.judge(&Answer {
            status,
            headers: HeaderMap::new(),
            body: body.into().into(),
        })
    }

    #[test]
    fn each_status_has_its_meaning_whatever_the_body_is() {
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
            (503, Trouble::Unavailable),
            (504, Trouble::Timeout),
        ] {
            for body in [
                "",
                "<html>oops</html>",
                "null",
                "[]",
                r#"{"status":"200","code":"OK"}"#,
            ] {
                let error = judge(status, body).unwrap_err();
                assert_eq!(error.trouble, meant, "{status} {body}");
                assert_eq!(error.upstream.unwrap().status, Some(status));
            }
        }
    }

    #[test]
    fn the_vendors_words_are_found_wherever_they_are() {
        for (body, code, message) in [
            (
                r#"{"status":"401","code":"Unauthorized"}"#,
                Some("Unauthorized"),
                None,
            ),
            (
                r#"{"status":400,"code":"BadRequest","message":"no"}"#,
                Some("BadRequest"),
                Some("no"),
            ),
            (
                r#"{"error_code":"X","error_details":"why"}"#,
                Some("X"),
                Some("why"),
            ),
            (r#"{"error":"broken"}"#, None, Some("broken")),
            (
                r#"{"message":null,"details":{"max":3}}"#,
                None,
                Some(r#"{"max":3}"#),
            ),
            ("  not found \n", None, Some("not found")),
            (r#""just text""#, None, Some("just text")),
        ] {
            let error = judge(400, body).unwrap_err();
            let said = error.upstream.unwrap();
            assert_eq!(
                (said.code.as_deref(), said.message.as_deref()),
                (code, message),
                "{body}"
            );
            for words in [code, message].into_iter().flatten() {
                assert!(error.message.contains(words), "{}", error.message);
            }
        }
    }

    #[test]
    fn words_without_end_are_cut() {
        let error = judge(500, "é".repeat(5000)).unwrap_err();
        assert_eq!(
            error.upstream.unwrap().message.unwrap().chars().count(),
            301
        );
    }

    #[test]
    fn an_error_inside_a_success_is_one() {
        for (body, trouble) in [
            (
                r#"{"status":"401","code":"Unauthorized"}"#,
                Trouble::AuthFailed,
            ),
            (
                r#"{"status":"500","code":"InternalServerError","message":"x"}"#,
                Trouble::Unavailable,
            ),
            (r#"{"code":"Odd"}"#, Trouble::Rejected),
            (r#"{"error":"x"}"#, Trouble::Rejected),
        ] {
            let error = judge(200, body).unwrap_err();
            assert_eq!(
                (error.trouble, error.effect),
                (trouble, SideEffect::Unknown),
                "{body}"
            );
        }
        for body in [
            "",
            r#"{"items":[],"pagination":{}}"#,
            r#"{"id":"x","status":"Active","code":"c"}"#,
            "[]",
        ] {
            assert!(judge(200, body).is_ok(), "{body}");
        }
        let cut = judge(200, r#"{"items"#).unwrap_err();
        assert_eq!(cut.trouble, Trouble::Malformed);
    }
}
