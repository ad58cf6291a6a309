//! Where Luna's errors are told apart: by `error_code` first, by the HTTP status second (§4).

use serde::Deserialize;

use super::wire::Refusal;
use crate::adapters::contract::{AdapterError, SideEffect, Trouble, Upstream};
use crate::adapters::transport::{Answer, Judge};

/// Judges every answer of a Luna service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LunaJudge {
    /// Where a good answer is JSON or nothing.
    OfJson,
    /// Where a good answer may be text as well: metrics, documentation (§8). An error is JSON there, too.
    OfAnything,
}

impl Judge for LunaJudge {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        let upstream = Upstream {
            status: Some(answer.status),
            ..Upstream::default()
        };
        if answer.body.is_empty() {
            return by_status(answer.status).map_err(|error| error.saying(upstream));
        }
        let Ok(body) = answer.json() else {
            if *self == Self::OfAnything {
                return by_status(answer.status).map_err(|error| error.saying(upstream));
            }
            return by_status(answer.status)
                .and(Err(AdapterError::new(
                    Trouble::Malformed,
                    "Luna's answer is no JSON",
                )))
                .map_err(|error| error.saying(upstream));
        };
        match Refusal::deserialize(&body) {
            Ok(refusal) => Err(by_code(answer.status, refusal)),
            Err(_) => by_status(answer.status).map_err(|error| error.saying(upstream)),
        }
    }
}

/// An answer without Luna's error body: it may come from a proxy, and proves nothing about any account.
fn by_status(status: u16) -> Result<(), AdapterError> {
    let (trouble, message) = match status {
        200..=299 => return Ok(()),
        401 | 403 => (
            Trouble::AuthFailed,
            "Luna refused the credentials of this connection".to_owned(),
        ),
        404 => (
            Trouble::AuthFailed,
            "the path is unknown, and the answer is not Luna's: base_url or api_prefix may be wrong, or a proxy answered"
                .to_owned(),
        ),
        408 | 504 => (Trouble::Timeout, "Luna did not answer in time".to_owned()),
        409 => (
            Trouble::Conflict,
            "Luna says that this contradicts what is there".to_owned(),
        ),
        429 => (Trouble::RateLimited, "Luna asks for fewer calls".to_owned()),
        500..=599 => (
            Trouble::Unavailable,
            format!("Luna is out of order (HTTP {status})"),
        ),
        _ => (
            Trouble::Rejected,
            format!("Luna refused the request (HTTP {status})"),
        ),
    };
    Err(AdapterError::new(trouble, message))
}

fn by_code(status: u16, refusal: Refusal) -> AdapterError {
    let Refusal {
        error_code,
        desc,
        detail,
    } = refusal;
    let said = match (desc.as_deref(), detail.as_deref()) {
        (Some(desc), Some(detail)) => format!("{desc}: {detail}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => format!("error {error_code}"),
    };
    let error = match error_code {
        1 => AdapterError::new(
            Trouble::Unavailable,
            format!("Luna is out of order ({said})"),
        ),
        41001 | 41002 => AdapterError::new(Trouble::Conflict, format!("Luna refused it: {said}")),
        41003 | 41004 => not_found(&said),
        12013 => AdapterError::new(
            // Luna knows no such *path*. That says nothing about an account, so it is never "not found" here.
            Trouble::AuthFailed,
            format!("Luna knows no such path ({said}): check base_url and api_prefix"),
        ),
        // 12010 and 12019 are the strict mode's; the 11xxx are the platform gateway's (§4).
        12010 | 12019 | 11061 | 11062 | 41005..=41007 => AdapterError::new(
            Trouble::AuthFailed,
            format!("Luna refused the credentials of this connection: {said}"),
        ),
        11083 => AdapterError::new(
            Trouble::Unavailable,
            format!("Luna's account service is switched off ({said})"),
        ),
        // Whatever the code, this text means a missing object (§10).
        _ if desc.as_deref() == Some("Object not found") => not_found(&said),
        12000..=12999 | 41008..=41010 => rejected(&said, detail.as_deref()),
        // A code that no document names: the status decides, and inside a success nobody knows what happened.
        _ => match by_status(status) {
            Ok(()) => rejected(&said, None).with_effect(SideEffect::Unknown),
            Err(error) => {
                let message = format!("{}: {said}", error.message);
                AdapterError { message, ..error }
            }
        },
    };
    error.saying(Upstream {
        status: Some(status),
        code: Some(error_code.to_string()),
        message: Some(said),
        correlation_id: None,
    })
}

fn not_found(said: &str) -> AdapterError {
    AdapterError::new(Trouble::NotFound, format!("Luna has no such thing: {said}"))
}

fn rejected(said: &str, detail: Option<&str>) -> AdapterError {
    let error = AdapterError::new(
        Trouble::Rejected,
        format!("Luna refused the request: {said}"),
    );
    match detail.and_then(pointer) {
        Some(pointer) => error.at(pointer),
        None => error,
    }
}

/// Our name of the field that a refusal is about: 12022 says `Path: '<field>'` (§4).
fn pointer(detail: &str) -> Option<&'static str> {
    let (_, rest) = detail.split_once("Path: '")?;
    match rest.split_once('\'')?.0 {
        "login" => Some("/login"),
        "password" => Some("/password"),
        "description" => Some("/display_name"),
        "account_type" => Some("/attributes/account_type"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    fn judge(status: u16, body: impl Into<Vec<u8>>) -> Result<(), AdapterError> {
        LunaJudge::OfJson.judge(&Answer {
            status,
            headers: HeaderMap::new(),
            body: body.into().into(),
        })
    }

    fn refusal(code: i64, desc: &str, detail: &str) -> String {
        json!({ "error_code": code, "desc": desc, "detail": detail }).to_string()
    }

    #[test]
    fn the_code_decides_whatever_the_status() {
        for (code, desc, trouble, effect) in [
            (
                1,
                "Internal server error",
                Trouble::Unavailable,
                SideEffect::Unknown,
            ),
            (11061, "Forbidden", Trouble::AuthFailed, SideEffect::None),
            (
                11083,
                "Forbidden",
                Trouble::Unavailable,
                SideEffect::Unknown,
            ),
            (
                12010,
                "Bad/incomplete input data",
                Trouble::AuthFailed,
                SideEffect::None,
            ),
            (
                12013,
                "Resource not found",
                Trouble::AuthFailed,
                SideEffect::None,
            ),
            (
                12022,
                "Bad/incomplete input data",
                Trouble::Rejected,
                SideEffect::None,
            ),
            (
                41001,
                "Unique constraint error",
                Trouble::Conflict,
                SideEffect::None,
            ),
            (
                41002,
                "Unique constraint error",
                Trouble::Conflict,
                SideEffect::None,
            ),
            (
                41004,
                "Object not found",
                Trouble::NotFound,
                SideEffect::None,
            ),
            (
                41077,
                "Object not found",
                Trouble::NotFound,
                SideEffect::None,
            ),
            (
                41006,
                "Account credentials wrong",
                Trouble::AuthFailed,
                SideEffect::None,
            ),
            (
                41009,
                "Bad/incomplete input data",
                Trouble::Rejected,
                SideEffect::None,
            ),
        ] {
            for status in [200, 400, 404, 409, 500] {
                let error = judge(status, refusal(code, desc, "why")).unwrap_err();
                assert_eq!(
                    (error.trouble, error.effect),
                    (trouble, effect),
                    "{code} {status}"
                );
                let upstream = error.upstream.unwrap();
                assert_eq!(upstream.code, Some(code.to_string()));
                assert_eq!(upstream.status, Some(status));
            }
        }
    }

    #[test]
    fn an_unknown_code_falls_back_to_the_status() {
        for (status, trouble, effect) in [
            (200, Trouble::Rejected, SideEffect::Unknown),
            (400, Trouble::Rejected, SideEffect::None),
            (401, Trouble::AuthFailed, SideEffect::None),
            (404, Trouble::AuthFailed, SideEffect::None),
            (409, Trouble::Conflict, SideEffect::None),
            (429, Trouble::RateLimited, SideEffect::None),
            (503, Trouble::Unavailable, SideEffect::Unknown),
        ] {
            let error = judge(status, refusal(99_999, "New", "why")).unwrap_err();
            assert_eq!((error.trouble, error.effect), (trouble, effect), "{status}");
            assert!(error.message.contains("New: why"), "{}", error.message);
        }
    }

    #[test]
    fn a_404_that_is_not_lunas_proves_no_absence() {
        for body in ["", "<html>404</html>", "{\"message\":\"no route\"}", "null"] {
            let error = judge(404, body).unwrap_err();
            assert_eq!(error.trouble, Trouble::AuthFailed, "{body}");
        }
    }

    #[test]
    fn success_is_empty_or_json() {
        assert!(judge(204, "").is_ok());
        assert!(judge(200, "{}").is_ok());
        assert!(judge(200, "{\"accounts\":[]}").is_ok());
        let error = judge(200, "{\"account").unwrap_err();
        assert_eq!(error.trouble, Trouble::Malformed);
        assert_eq!(error.effect, SideEffect::Unknown);
    }

    #[test]
    fn a_refused_field_is_named_our_way() {
        let detail = "Failed to validate input json. Path: 'description', message: 'too long'";
        let error = judge(400, refusal(12022, "Bad/incomplete input data", detail)).unwrap_err();
        assert_eq!(error.pointer.as_deref(), Some("/display_name"));
        let detail = "Failed to validate input json. Path: 'nickname', message: 'extra'";
        let error = judge(400, refusal(12022, "Bad/incomplete input data", detail)).unwrap_err();
        assert_eq!(error.pointer, None);
        assert!(error.message.contains("nickname"));
    }
}
