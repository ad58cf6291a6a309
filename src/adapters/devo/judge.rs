//! Where Devo's errors are told apart. Its codes are few and its statuses mean little (§3), so its words count too.

use serde_json::Value;

use crate::adapters::contract::{AdapterError, SideEffect, Trouble, Upstream};
use crate::adapters::transport::{Answer, Judge};

/// Says which answer it was, at Devo's own support (§3).
const CORRELATION_ID: &str = "x-devo-cid";

/// Codes of an act that contradicts the user's state: an owner can't be deleted, a disabled user can't be disabled.
const WRONG_STATE: [i64; 2] = [112, 116];

/// Judges every answer of Devo's provisioning API.
pub(super) struct DevoJudge;

impl Judge for DevoJudge {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        let status = answer.status;
        let is_success = (200..300).contains(&status);
        let body = serde_json::from_slice::<Value>(&answer.body).ok();
        let refusal = body.as_ref().and_then(Refusal::read);
        let error = match &refusal {
            Some(refusal) => refusal.error(status),
            None if is_success && (body.is_some() || answer.body.is_empty()) => return Ok(()),
            None if is_success => AdapterError::new(Trouble::Malformed, "Devo's answer is no JSON"),
            None => by_status(status, None),
        };
        let (code, message) = refusal
            .map(|refusal| (refusal.code, refusal.message))
            .unwrap_or_default();
        Err(error.saying(Upstream {
            status: Some(status),
            code: code.map(|code| code.to_string()),
            message,
            correlation_id: answer.header(CORRELATION_ID).map(str::to_owned),
        }))
    }
}

/// What an error body says.
struct Refusal {
    /// Whether it is the application's own (`{"error": {…}}`) and not the front layer's.
    is_own: bool,
    code: Option<i64>,
    message: Option<String>,
    /// The status that the front layer repeats in its body.
    status: Option<u16>,
}

impl Refusal {
    /// Reads either of the two shapes (§3); `None` when it is neither.
    fn read(body: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let error = &body["error"];
        if error.is_object() {
            return Some(Self {
                is_own: true,
                code: error["code"].as_i64(),
                message: text(&error["message"]),
                status: None,
            });
        }
        let status = body["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        let is_error = !error.is_null() || status.is_some_and(|status| status >= 400);
        if body["cid"].is_null() || !is_error {
            return None;
        }
        Some(Self {
            is_own: false,
            code: error.as_i64(),
            message: text(&body["object"][0])
                .or_else(|| text(&body["msg"]))
                .or_else(|| text(error)),
            status,
        })
    }

    fn error(&self, status: u16) -> AdapterError {
        let is_success = (200..300).contains(&status);
        let said = self.message.as_deref();
        let words = said.unwrap_or_default().to_lowercase();
        let refused = || format!("Devo refused it: {}", said.unwrap_or("it does not say why"));
        if matches!(status, 401 | 403 | 408 | 429 | 500..=599) {
            return by_status(status, said);
        }
        if self.is_own {
            if words.contains("already exists")
                || self.code.is_some_and(|code| WRONG_STATE.contains(&code))
            {
                return AdapterError::new(Trouble::Conflict, refused());
            }
            if words.contains("not found") || words.contains("does not exist") {
                // An unknown role is wrong input; it says nothing about any user.
                return if words.trim_start().starts_with("role") {
                    AdapterError::new(Trouble::Rejected, refused()).at("/attributes/role")
                } else {
                    AdapterError::new(Trouble::NotFound, refused())
                };
            }
        }
        match self.status {
            _ if !is_success => by_status(status, said),
            Some(inner) if inner >= 400 => by_status(inner, said),
            // An error inside a success, in words that we don't know: nobody can say what happened.
            _ => AdapterError::new(Trouble::Rejected, refused()).with_effect(SideEffect::Unknown),
        }
    }
}

/// What a status means where the body does not say more.
fn by_status(status: u16, said: Option<&str>) -> AdapterError {
    let (trouble, words) = match status {
        401 | 403 => (
            Trouble::AuthFailed,
            "Devo refused the credentials of this connection",
        ),
        // Devo answers so to a bad signature, an unknown key and the wrong region too (§1, §2): it proves no absence.
        404 => (
            Trouble::AuthFailed,
            "Devo answered 404 without naming anything that is missing: the credentials, the region or the path of base_url may be wrong",
        ),
        408 | 504 => (Trouble::Timeout, "Devo did not answer in time"),
        409 => (
            Trouble::Conflict,
            "Devo says that this contradicts what is there",
        ),
        429 => (Trouble::RateLimited, "Devo asks for fewer calls"),
        500..=599 => (Trouble::Unavailable, "Devo is out of order"),
        _ => (Trouble::Rejected, "Devo refused the request"),
    };
    AdapterError::new(
        trouble,
        match said {
            Some(said) => format!("{words}: {said}"),
            None => format!("{words} (HTTP {status})"),
        },
    )
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue};
    use serde_json::json;

    use super::*;

    fn judge(status: u16, body: impl Into<Vec<u8>>) -> Result<(), AdapterError> {
        let mut headers = HeaderMap::new();
        headers.insert(CORRELATION_ID, HeaderValue::from_static("cid-1"));
        DevoJudge.judge(&Answer {
            status,
            headers,
            body: body.into().into(),
        })
    }

    fn own(code: i64, message: &str) -> String {
        json!({ "error": { "code": code, "message": message } }).to_string()
    }

    #[track_caller]
    fn trouble(status: u16, body: impl Into<Vec<u8>>) -> Trouble {
        judge(status, body).unwrap_err().trouble
    }

    #[test]
    fn the_applications_words_decide() {
        for (status, code, message, wanted) in [
            (
                400,
                100,
                "User already exists in domain acme",
                Trouble::Conflict,
            ),
            (
                400,
                112,
                "Domain owner can not be deleted",
                Trouble::Conflict,
            ),
            (
                400,
                116,
                "Error disabling a non inactive user. User a@b.co at domain acme",
                Trouble::Conflict,
            ),
            (400, 100, "User a@b.co not found", Trouble::NotFound),
            (404, 100, "User does not exist", Trouble::NotFound),
            (400, 100, "Role 'x' not found", Trouble::Rejected),
            (400, 100, "email is not valid", Trouble::Rejected),
            (401, 100, "User not found", Trouble::AuthFailed),
            (403, 100, "no", Trouble::AuthFailed),
            (404, 100, "Invalid sign", Trouble::AuthFailed),
            (429, 100, "slow down", Trouble::RateLimited),
            (503, 100, "User not found", Trouble::Unavailable),
            (200, 100, "User not found", Trouble::NotFound),
        ] {
            let error = judge(status, own(code, message)).unwrap_err();
            assert_eq!(error.trouble, wanted, "{status} {message}");
            let said = error.upstream.unwrap();
            assert_eq!(said.code, Some(code.to_string()));
            assert_eq!(said.message.as_deref(), Some(message));
            assert_eq!(said.correlation_id.as_deref(), Some("cid-1"));
        }
    }

    #[test]
    fn a_404_without_an_error_object_is_never_an_absence() {
        for body in [
            "",
            "null",
            "<html></html>",
            "{}",
            r#"{"status":404,"error":404,"cid":"x","object":["User not found"]}"#,
            r#"{"error":"not found"}"#,
        ] {
            assert_eq!(trouble(404, body), Trouble::AuthFailed, "{body}");
        }
    }

    #[test]
    fn the_front_layers_words_are_passed_on() {
        let body =
            json!({ "status": 400, "error": 7, "msg": "second", "cid": "x", "object": ["first"] });
        let said = judge(400, body.to_string()).unwrap_err().upstream.unwrap();
        assert_eq!(
            (said.code.as_deref(), said.message.as_deref()),
            (Some("7"), Some("first"))
        );
        let body = json!({ "status": 500, "msg": "second", "cid": "x" });
        let error = judge(200, body.to_string()).unwrap_err();
        assert_eq!(
            (error.trouble, error.effect),
            (Trouble::Unavailable, SideEffect::Unknown)
        );
        assert_eq!(error.upstream.unwrap().message.as_deref(), Some("second"));
    }

    #[test]
    fn success_is_empty_or_json_without_an_error() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"email":"a@b.co","error":null}"#,
            r#"{"status":"active","cid":"x"}"#,
        ] {
            assert!(judge(200, body).is_ok(), "{body}");
        }
        assert_eq!(trouble(200, "[{"), Trouble::Malformed);
        let error = judge(200, own(999, "strange")).unwrap_err();
        assert_eq!(
            (error.trouble, error.effect),
            (Trouble::Rejected, SideEffect::Unknown)
        );
    }
}
