use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use super::*;

fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    Answer {
        status,
        headers: HeaderMap::new(),
        body: body.into(),
    }
}

fn judge(status: u16, body: &Value) -> Result<(), AdapterError> {
    ConnectorJudge.judge(&answer(status, body.to_string()))
}

fn error(code: &str, metadata: Value) -> AdapterError {
    let body = json!({
        "is_error": true,
        "error": {"message": "as the connector says", "error_code": code, "app_id": "example", "error_metadata": metadata},
        "raw_data": null, "page": null
    });
    judge(200, &body).unwrap_err()
}

#[test]
fn an_answer_with_null_error_is_good() {
    let body = json!({"response": {}, "is_error": false, "error": null, "page": null});
    assert_eq!(judge(200, &body), Ok(()));
}

#[test]
fn an_error_inside_a_200_is_an_error() {
    let error = error("unauthorized", Value::Null);
    assert_eq!(error.trouble, Trouble::AuthFailed);
    let upstream = error.upstream.unwrap();
    assert_eq!(upstream.status, Some(200));
    assert_eq!(upstream.code.as_deref(), Some("unauthorized"));
    assert_eq!(upstream.message.as_deref(), Some("as the connector says"));
}

#[test]
fn the_envelope_counts_under_any_status() {
    for status in [200, 400, 401, 404, 500] {
        let body = json!({"is_error": true, "error": {"message": "m", "error_code": "not_found"}});
        assert_eq!(
            judge(status, &body).unwrap_err().trouble,
            Trouble::NotFound,
            "{status}"
        );
    }
}

#[test]
fn an_error_without_the_flag_or_without_a_body_is_an_error() {
    let without_flag = json!({"error": {"message": "m", "error_code": "conflict"}});
    assert_eq!(
        judge(200, &without_flag).unwrap_err().trouble,
        Trouble::Conflict
    );
    let without_body = json!({"is_error": true, "response": {"status": "ACTIVE"}});
    let error = judge(200, &without_body).unwrap_err();
    assert_eq!(
        (error.trouble, error.effect),
        (Trouble::Rejected, SideEffect::Unknown)
    );
}

#[test]
fn a_lacking_capability_is_not_a_missing_account() {
    let error = judge(404, &json!({"detail": "Not Found"})).unwrap_err();
    assert_eq!(error.trouble, Trouble::Unsupported);
    let error = ConnectorJudge.judge(&answer(404, "<html>")).unwrap_err();
    assert_eq!(error.trouble, Trouble::Unsupported);
}

#[test]
fn what_the_caller_got_wrong_did_nothing_and_a_failed_connector_may_have() {
    for code in [
        "bad_request",
        "invalid_value",
        "conflict",
        "permission_denied",
    ] {
        assert_eq!(error(code, Value::Null).effect, SideEffect::None, "{code}");
    }
    for code in [
        "internal_error",
        "unexpected_error",
        "rate_limit",
        "invalid_response",
        "bad_gateway",
        "never_heard_of",
    ] {
        assert_eq!(
            error(code, Value::Null).effect,
            SideEffect::Unknown,
            "{code}"
        );
    }
    let caller = error("never_heard_of", json!({"fault": "caller"}));
    assert_eq!(
        (caller.trouble, caller.effect),
        (Trouble::Rejected, SideEffect::None)
    );
}

#[test]
fn deprecated_codes_mean_what_their_successors_mean() {
    for (old, new) in [
        ("unauthenticated", "unauthorized"),
        ("not_implemented", "unsupported_operation"),
        ("unexpected_error", "internal_error"),
        ("api_error", "invalid_response"),
        ("client_call_error", "invalid_response"),
    ] {
        let (old, new) = (error(old, Value::Null), error(new, Value::Null));
        assert_eq!((old.trouble, old.effect), (new.trouble, new.effect));
    }
}

#[test]
fn the_metadata_has_the_last_word_on_retries() {
    let waiting = error(
        "rate_limit",
        json!({"retryable": true, "throttled": true, "retry_after_seconds": 7}),
    );
    assert_eq!(waiting.trouble, Trouble::RateLimited);
    assert_eq!(waiting.retry_after, Some(Duration::from_secs(7)));
    let final_word = error("internal_error", json!({"retryable": false}));
    assert_eq!(
        (final_word.trouble, final_word.effect),
        (Trouble::Rejected, SideEffect::Unknown)
    );
    let throttled = error(
        "service_error",
        json!({"throttled": true, "retryable": true}),
    );
    assert_eq!(throttled.trouble, Trouble::RateLimited);
    let unknown = error("new_code", json!({"retryable": true}));
    assert_eq!(unknown.trouble, Trouble::Unavailable);
}

#[test]
fn the_host_around_the_connector_has_its_own_errors() {
    let trouble = |status| judge(status, &json!({"detail": "…"})).unwrap_err().trouble;
    assert_eq!(trouble(401), Trouble::AuthFailed);
    assert_eq!(trouble(405), Trouble::AuthFailed);
    assert_eq!(trouble(422), Trouble::Rejected);
    assert_eq!(trouble(429), Trouble::RateLimited);
    assert_eq!(trouble(500), Trouble::Unavailable);
}

#[test]
fn a_200_that_is_no_json_object_is_malformed() {
    for body in ["", "<html>", "{\"response\": [", "[1]", "7"] {
        let error = ConnectorJudge.judge(&answer(200, body)).unwrap_err();
        assert_eq!(error.trouble, Trouble::Malformed, "{body}");
    }
}

#[test]
fn long_words_are_cut_between_characters() {
    assert_eq!(shortened("é"), "é");
    assert_eq!(shortened(&"é".repeat(900)).chars().count(), 501);
}
