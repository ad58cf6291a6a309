//! What Apono's answer to a change of many says of each row: a 200 tells of failures too (§7.10). Pure.

use std::collections::HashMap;

use serde::Deserialize;

use crate::adapters::apono::judge::shortened;
use crate::adapters::apono::wire::{AttributesAnswer, AttributesResult, RowError};
use crate::adapters::contract::{AdapterError, SideEffect, Trouble, Upstream};

/// What became of each row that the answer tells of clearly, by its address in lower case. A row that can't be read, or that
/// comes twice, is as good as none.
pub(in crate::adapters::apono) fn told(
    answer: AttributesAnswer,
) -> HashMap<String, Result<(), AdapterError>> {
    let mut told: HashMap<String, Option<Result<(), AdapterError>>> = HashMap::new();
    for raw in answer.results {
        let Ok(result) = AttributesResult::deserialize(raw) else {
            continue;
        };
        let AttributesResult {
            email,
            success,
            errors,
        } = result;
        let outcome = if success {
            Ok(())
        } else {
            Err(refused(&errors.unwrap_or_default()))
        };
        told.entry(email.to_lowercase())
            .and_modify(|known| *known = None)
            .or_insert(Some(outcome));
    }
    let clear = told.into_iter();
    clear
        .filter_map(|(email, outcome)| Some((email, outcome?)))
        .collect()
}

/// A row that failed. No codes are documented, so that they are told by what they say.
fn refused(errors: &[RowError]) -> AdapterError {
    let codes: Vec<&str> = errors
        .iter()
        .filter_map(|error| error.error_code.as_deref())
        .collect();
    let says = |words: &[&str]| {
        codes.iter().any(|code| {
            let code = code.to_uppercase();
            words.iter().any(|word| code.contains(word))
        })
    };
    let trouble = if says(&["NOT_FOUND"]) {
        Trouble::NotFound
    } else if says(&["CONFLICT", "EXISTS"]) {
        Trouble::Conflict
    } else {
        Trouble::Rejected
    };
    let words: Vec<String> = errors
        .iter()
        .map(
            |RowError {
                 error_code,
                 error_details,
             }| {
                let parts = [error_code.as_deref(), error_details.as_deref()];
                let parts: Vec<&str> = parts.into_iter().flatten().collect();
                parts.join(": ")
            },
        )
        .filter(|words| !words.is_empty())
        .collect();
    let words = shortened(&words.join("; "));
    let message = if words.is_empty() {
        "Apono refused this row and does not say why".to_owned()
    } else {
        format!("Apono refused this row: {words}")
    };
    AdapterError::new(trouble, message)
        .with_effect(SideEffect::None)
        .saying(Upstream {
            status: Some(200),
            code: codes.first().map(|code| shortened(code)),
            message: (!words.is_empty()).then_some(words),
            correlation_id: None,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answer(results: Value) -> HashMap<String, Result<(), AdapterError>> {
        told(serde_json::from_value(json!({ "results": results })).unwrap())
    }

    #[test]
    fn each_row_is_told_by_its_address_with_the_vendors_words() {
        let told = answer(json!([
            { "email": "A@x.org", "success": true, "errors": [] },
            { "email": "b@x.org", "success": false, "errors": [{ "error_code": "USER_NOT_FOUND", "error_details": "no such user" }] },
            { "email": "c@x.org", "success": false, "errors": [{ "error_code": "VALUE_TOO_LONG", "error_details": null }] },
            { "email": "d@x.org", "success": false },
            { "email": "e@x.org", "success": false, "errors": [{ "error_code": "ALREADY_EXISTS" }] },
        ]));
        assert_eq!(told["a@x.org"], Ok(()));
        for (email, trouble, words) in [
            ("b@x.org", Trouble::NotFound, "USER_NOT_FOUND: no such user"),
            ("c@x.org", Trouble::Rejected, "VALUE_TOO_LONG"),
            ("d@x.org", Trouble::Rejected, "does not say why"),
            ("e@x.org", Trouble::Conflict, "ALREADY_EXISTS"),
        ] {
            let error = told[email].as_ref().unwrap_err();
            assert_eq!(error.trouble, trouble, "{email}");
            assert_eq!(error.effect, SideEffect::None);
            assert!(error.message.contains(words), "{error}");
        }
    }

    #[test]
    fn a_row_that_is_unclear_is_none() {
        let told = answer(json!([
            { "email": "a@x.org", "success": true },
            { "email": "A@X.org", "success": false },
            { "email": "b@x.org", "success": null },
            { "email": null, "success": true },
            7
        ]));
        assert!(told.is_empty(), "{told:?}");
    }
}
