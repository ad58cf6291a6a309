//! Entity tags: a thing's version, so that nobody overwrites what they have not seen.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponseParts, ResponseParts};

use utoipa::IntoParams;

use crate::error::Error;
use crate::http::problem::Problem;

/// The strong entity tag of a version; part of an answer.
#[derive(Clone, Copy, Debug)]
pub struct ETag(pub i64);

impl IntoResponseParts for ETag {
    type Error = std::convert::Infallible;

    fn into_response_parts(
        self,
        mut response: ResponseParts,
    ) -> Result<ResponseParts, Self::Error> {
        let value = HeaderValue::from_str(&format!("\"{}\"", self.0))
            .expect("digits in quotes are visible ASCII");
        response.headers_mut().insert(header::ETAG, value);
        Ok(response)
    }
}

/// What `If-Match` demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(Option<i64>);

/// The header `If-Match`, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IfMatchHeader {
    /// The `ETag` that you saw: the change is refused if the thing changed since.
    #[param(rename = "If-Match", required = false)]
    _if_match: Option<String>,
}

/// Versions count from 1, so this one is never there: a tag that is none of ours, or a weak one, matches nothing.
const NO_VERSION: i64 = 0;

impl IfMatch {
    /// The version that the thing must be at; `None`: any.
    pub fn version(self) -> Option<i64> {
        self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Ok(Self(read(&parts.headers)?))
    }
}

fn read(headers: &HeaderMap) -> Result<Option<i64>, Error> {
    let Some(text) = single(headers, "If-Match")? else {
        return Ok(None);
    };
    if text == "*" {
        return Ok(None);
    }
    let strong = text.strip_prefix("W/").unwrap_or(text);
    let tag = strong
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .filter(|tag| !tag.contains('"'))
        .ok_or_else(|| {
            Error::invalid(
                "If-Match",
                "If-Match takes `*` or one entity tag in quotes, as the header ETag gave it.",
            )
        })?;
    let version = tag.parse().ok().filter(|_| strong == text);
    Ok(Some(version.unwrap_or(NO_VERSION)))
}

/// The text of a header that may be there once.
pub(super) fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Error> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(Error::invalid(
            name,
            format!("The header {name} is there twice."),
        ));
    }
    let text = value.to_str().map_err(|_| {
        Error::invalid(
            name,
            format!("The header {name} holds more than visible ASCII."),
        )
    })?;
    Ok(Some(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Result<Option<i64>, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, text.parse().unwrap());
        read(&headers)
    }

    #[test]
    fn a_tag_names_its_version() {
        assert_eq!(version("\"7\"").unwrap(), Some(7));
        assert_eq!(version("*").unwrap(), None);
        assert_eq!(read(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn a_weak_or_foreign_tag_matches_nothing() {
        assert_eq!(version("W/\"7\"").unwrap(), Some(NO_VERSION));
        assert_eq!(version("\"abc\"").unwrap(), Some(NO_VERSION));
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for bad in ["7", "\"7", "\"7\", \"8\"", ""] {
            assert_eq!(
                version(bad).unwrap_err().fields[0].pointer,
                "If-Match",
                "{bad}"
            );
        }
    }
}
