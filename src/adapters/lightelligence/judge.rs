//! Where the vendor's errors are told apart: the API's by status, its code being for show (§3, §7), and the identity
//! provider's by the words of RFC 6749 (§2.3).

use serde::Deserialize;
use serde_json::Value;

use super::wire::{OAuthRefusal, Refusal};
use crate::adapters::contract::{AdapterError, SideEffect, Trouble, Upstream};
use crate::adapters::transport::{Answer, Judge};

/// Judges every answer of the API.
pub(super) struct ApiJudge;

impl Judge for ApiJudge {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        let body = (!answer.body.is_empty()).then(|| answer.json());
        let refusal = match &body {
            Some(Ok(Value::Object(members))) if !members.contains_key("data") => {
                Refusal::deserialize(Value::Object(members.clone())).unwrap_or_default()
            }
            _ => Refusal::default(),
        };
        let upstream = Upstream {
            status: Some(answer.status),
            code: refusal.error_code.clone(),
            message: refusal.error_message.clone(),
            correlation_id: None,
        };
        if !(200..300).contains(&answer.status) {
            return Err(by_status(answer.status, &refusal).saying(upstream));
        }
        if refusal.error_code.is_some() || refusal.error_message.is_some() {
            let said = said(&refusal);
            let error = AdapterError::new(
                Trouble::Rejected,
                format!("Lightelligence answered with an error inside a success{said}"),
            );
            return Err(error.with_effect(SideEffect::Unknown).saying(upstream));
        }
        match body {
            Some(Err(error)) => Err(error.saying(upstream)),
            // Invites and removals may be answered without a body (§7).
            None | Some(Ok(_)) => Ok(()),
        }
    }
}

fn by_status(status: u16, refusal: &Refusal) -> AdapterError {
    let said = said(refusal);
    let (trouble, message) = match status {
        401 => (
            Trouble::AuthFailed,
            format!("Lightelligence refused the access token of this connection{said}"),
        ),
        403 => (
            Trouble::AuthFailed,
            format!("the credential of this connection lacks the permission for that{said}"),
        ),
        // What is not there and what may not be seen are answered alike, on purpose (§3).
        404 => (
            Trouble::NotFound,
            format!("Lightelligence has no such thing, or this credential may not see it{said}"),
        ),
        408 | 504 => (
            Trouble::Timeout,
            "Lightelligence did not answer in time".to_owned(),
        ),
        409 => (
            Trouble::Conflict,
            format!("Lightelligence says that this contradicts what is there{said}"),
        ),
        429 => (
            Trouble::RateLimited,
            "Lightelligence asks for fewer calls".to_owned(),
        ),
        503 => (
            Trouble::Unavailable,
            "Lightelligence is under maintenance (HTTP 503)".to_owned(),
        ),
        500..=599 => (
            Trouble::Unavailable,
            format!("Lightelligence is out of order (HTTP {status})"),
        ),
        _ => (
            Trouble::Rejected,
            format!("Lightelligence refused the request (HTTP {status}){said}"),
        ),
    };
    AdapterError::new(trouble, message)
}

fn said(refusal: &Refusal) -> String {
    match (&refusal.error_code, &refusal.error_message) {
        (Some(code), Some(message)) => format!(": {message} ({code})"),
        (Some(one), None) | (None, Some(one)) => format!(": {one}"),
        (None, None) => String::new(),
    }
}

/// Judges every answer of the identity provider.
pub(super) struct IdentityJudge;

impl Judge for IdentityJudge {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        if (200..300).contains(&answer.status) {
            return answer.json().map(drop);
        }
        let refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
        let OAuthRefusal {
            error,
            error_description,
        } = refusal;
        let said = match (&error, &error_description) {
            (Some(error), Some(words)) => format!(": {error}, {words}"),
            (Some(one), None) | (None, Some(one)) => format!(": {one}"),
            (None, None) => String::new(),
        };
        let (trouble, message) = match (answer.status, error.as_deref()) {
            (_, Some("invalid_client" | "unauthorized_client")) => (
                Trouble::AuthFailed,
                format!(
                    "the identity provider refuses the client{said}. Check client_id and client_secret and PATCH the connection's credentials"
                ),
            ),
            (400, Some("invalid_grant")) => (
                Trouble::AuthFailed,
                format!("the identity provider refuses the login{said}"),
            ),
            (401 | 403, _) => (
                Trouble::AuthFailed,
                format!("the identity provider refuses this connection{said}"),
            ),
            (404, _) => (
                Trouble::AuthFailed,
                "the identity provider knows no such realm: check the setting realm_url".to_owned(),
            ),
            (408 | 504, _) => (
                Trouble::Timeout,
                "the identity provider did not answer in time".to_owned(),
            ),
            (429, _) => (
                Trouble::RateLimited,
                "the identity provider asks for fewer calls".to_owned(),
            ),
            (status @ 500..=599, _) => (
                Trouble::Unavailable,
                format!("the identity provider is out of order (HTTP {status})"),
            ),
            (status, _) => (
                Trouble::Rejected,
                format!("the identity provider refused the request (HTTP {status}){said}"),
            ),
        };
        Err(AdapterError::new(trouble, message).saying(Upstream {
            status: Some(answer.status),
            code: error,
            message: error_description,
            correlation_id: None,
        }))
    }
}

/// Judges answers of the identity provider that are passed on: what it refuses is known, what it gives may be anything.
pub(super) struct PassedOn;

impl Judge for PassedOn {
    fn judge(&self, answer: &Answer) -> Result<(), AdapterError> {
        match answer.status {
            200..300 => Ok(()),
            _ => IdentityJudge.judge(answer),
        }
    }
}

/// Whether the identity provider says that a token or code is good for nothing any more.
pub(super) fn is_invalid_grant(error: &AdapterError) -> bool {
    let code = error
        .upstream
        .as_ref()
        .and_then(|said| said.code.as_deref());
    has_status(error, 400) && code == Some("invalid_grant")
}

/// Whether the identity provider says that the request as it is asks for too much.
pub(super) fn is_refused_request(error: &AdapterError) -> bool {
    let code = error
        .upstream
        .as_ref()
        .and_then(|said| said.code.as_deref());
    has_status(error, 400) && matches!(code, Some("invalid_grant" | "invalid_request"))
}

/// Whether the API did not take the access token.
pub(super) fn is_unauthorized(error: &AdapterError) -> bool {
    has_status(error, 401)
}

/// Whether the vendor itself answered with this status.
pub(super) fn has_status(error: &AdapterError, status: u16) -> bool {
    error
        .upstream
        .as_ref()
        .is_some_and(|said| said.status == Some(status))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        Answer {
            status,
            headers: HeaderMap::new(),
            body: body.into().into(),
        }
    }

    fn trouble(judge: &dyn Judge, status: u16, body: &str) -> Option<Trouble> {
        judge
            .judge(&answer(status, body))
            .err()
            .map(|error| error.trouble)
    }

    #[test]
    fn the_status_decides_at_the_api() {
        let refusal = r#"{"errorMessage":"Access to resource is forbidden","errorCode":"NO_ACCESS_TO_RESOURCE"}"#;
        for (status, expected) in [
            (400, Trouble::Rejected),
            (401, Trouble::AuthFailed),
            (403, Trouble::AuthFailed),
            (404, Trouble::NotFound),
            (409, Trouble::Conflict),
            (429, Trouble::RateLimited),
            (500, Trouble::Unavailable),
            (503, Trouble::Unavailable),
        ] {
            for body in [
                refusal,
                "",
                "<html>",
                "\"forbidden\"",
                r#"{"errorCode":"NEW_WORD"}"#,
            ] {
                assert_eq!(
                    trouble(&ApiJudge, status, body),
                    Some(expected),
                    "{status} {body}"
                );
            }
        }
        let error = ApiJudge.judge(&answer(403, refusal)).unwrap_err();
        let said = error.upstream.unwrap();
        assert_eq!(said.code.as_deref(), Some("NO_ACCESS_TO_RESOURCE"));
        assert!(error.message.contains("Access to resource is forbidden"));
    }

    #[test]
    fn an_error_inside_a_success_is_one_whose_effect_nobody_knows() {
        let error = ApiJudge
            .judge(&answer(200, r#"{"errorMessage":"no","errorCode":"ODD"}"#))
            .unwrap_err();
        assert_eq!(
            (error.trouble, error.effect),
            (Trouble::Rejected, SideEffect::Unknown)
        );
        for good in ["", r#"{"data":{}}"#, r#"{"data":[],"meta":{}}"#, "{}"] {
            assert_eq!(trouble(&ApiJudge, 200, good), None, "{good}");
        }
        assert_eq!(trouble(&ApiJudge, 200, "{\"data"), Some(Trouble::Malformed));
    }

    #[test]
    fn the_identity_provider_is_understood_by_its_words() {
        for (status, error, expected) in [
            (400, "invalid_grant", Trouble::AuthFailed),
            (400, "invalid_client", Trouble::AuthFailed),
            (401, "unauthorized_client", Trouble::AuthFailed),
            (400, "unauthorized_client", Trouble::AuthFailed),
            (400, "invalid_request", Trouble::Rejected),
            (400, "unsupported_grant_type", Trouble::Rejected),
            (403, "access_denied", Trouble::AuthFailed),
            (404, "", Trouble::AuthFailed),
            (429, "", Trouble::RateLimited),
            (500, "invalid_grant", Trouble::Unavailable),
            (503, "", Trouble::Unavailable),
        ] {
            let body = json!({ "error": error, "error_description": "Session not active" });
            let refused = IdentityJudge
                .judge(&answer(status, body.to_string()))
                .unwrap_err();
            assert_eq!(refused.trouble, expected, "{status} {error}");
            assert_eq!(
                is_invalid_grant(&refused),
                (status, error) == (400, "invalid_grant"),
                "a server in trouble says nothing about a token"
            );
        }
        assert_eq!(trouble(&PassedOn, 200, "<html>"), None);
        assert_eq!(trouble(&PassedOn, 204, ""), None);
        assert_eq!(
            trouble(&PassedOn, 400, r#"{"error":"invalid_grant"}"#),
            Some(Trouble::AuthFailed)
        );
        assert_eq!(
            trouble(&IdentityJudge, 502, "<html>"),
            Some(Trouble::Unavailable)
        );
        assert_eq!(
            trouble(&IdentityJudge, 200, "<html>"),
            Some(Trouble::Malformed)
        );
    }
}
