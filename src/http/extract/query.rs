//! Query parameters: unknown, repeated and empty ones are refused by name.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::value::MapDeserializer;
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};

use super::words;
use crate::error::{Error, FieldError};
use crate::http::problem::Problem;

/// The query of a request. `T` denies unknown fields; its field names are the parameters.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        parse(query).map(Query).map_err(Problem::from)
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    let fields: Vec<FieldError> = pairs
        .iter()
        .enumerate()
        .filter_map(|(index, pair)| fault(&pairs[..index], pair))
        .collect();
    if !fields.is_empty() {
        return Err(Error::invalid_fields(fields));
    }
    let words = pairs.into_iter().map(|(name, text)| (name, Word(text)));
    let source = MapDeserializer::<_, de::value::Error>::new(words);
    serde_path_to_error::deserialize(source).map_err(|error| {
        let at = error.path().to_string();
        let message = error.into_inner().to_string();
        let (field, detail) = words::plain(&message, "parameter");
        let name = field.map_or(at, str::to_owned);
        Error::invalid(name, detail)
    })
}

/// What is wrong with a parameter, whatever it means.
fn fault(
    before: &[(Cow<'_, str>, Cow<'_, str>)],
    (name, text): &(Cow<'_, str>, Cow<'_, str>),
) -> Option<FieldError> {
    let detail = if before.iter().any(|(earlier, _)| earlier == name) {
        "Is there twice."
    } else if text.is_empty() {
        "Is empty. Give it a value or leave it out."
    } else if text.contains('\0') {
        "Holds the character U+0000, which no text here has."
    } else {
        return None;
    };
    Some(FieldError {
        pointer: name.clone().into_owned(),
        detail: detail.to_owned(),
    })
}

/// The text of one parameter, read as whatever its field is.
struct Word<'a>(Cow<'a, str>);

impl<'de> IntoDeserializer<'de, de::value::Error> for Word<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Word<'_> {
    fn parsed<T: std::str::FromStr>(&self, wanted: &str) -> Result<T, de::value::Error> {
        self.0
            .parse()
            .map_err(|_| de::Error::custom(format_args!("Should be {wanted}.")))
    }
}

impl<'de> Deserializer<'de> for Word<'de> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_bool(self.parsed("`true` or `false`")?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_u32(self.parsed("a whole number")?)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The query of an operation that has no parameters.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Refuses every query parameter: an operation that has none must not seem to heed one.
#[derive(Debug)]
pub struct NoQuery;

impl<S: Send + Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(Nothing {}) = Query::from_request_parts(parts, state).await?;
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use uuid::Uuid;

    use super::*;
    use crate::http::paging::{Limit, Time};

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        #[serde(default)]
        limit: Limit,
        status: Option<Status>,
        id: Option<Uuid>,
        changed_after: Option<Time>,
        healthy: Option<bool>,
        email: Option<String>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Status {
        Active,
        Deleted,
    }

    fn refused(query: &str) -> (String, String) {
        let error = parse::<Filter>(query).unwrap_err();
        (
            error.fields[0].pointer.clone(),
            error.fields[0].detail.clone(),
        )
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let filter: Filter = parse(
            "limit=7&status=deleted&healthy=true&email=a%2Bb%40c.org&changed_after=2031-01-02T03:04:05%2B01:00\
             &id=0199c2f0-7d7e-7c3e-a5c5-0f3e1f1c2b3a",
        )
        .unwrap();
        assert_eq!(u32::from(filter.limit), 7);
        assert_eq!(filter.status, Some(Status::Deleted));
        assert_eq!(filter.healthy, Some(true));
        assert_eq!(filter.email.as_deref(), Some("a+b@c.org"));
        assert_eq!(
            filter.changed_after.unwrap().0.to_rfc3339(),
            "2031-01-02T02:04:05+00:00"
        );
        assert!(filter.id.is_some());
        assert_eq!(u32::from(parse::<Filter>("").unwrap().limit), 100);
    }

    #[test]
    fn a_bad_parameter_is_named() {
        for (query, name) in [
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("limit=abc", "limit"),
            ("limit=-1", "limit"),
            ("limit=", "limit"),
            ("limit=1&limit=2", "limit"),
            ("statsu=active", "statsu"),
            ("status=Active", "status"),
            ("id=1", "id"),
            ("changed_after=yesterday", "changed_after"),
            ("healthy=yes", "healthy"),
            ("email=a%00b", "email"),
        ] {
            let (pointer, detail) = refused(query);
            assert_eq!(pointer, name, "{detail}");
        }
    }

    #[test]
    fn the_known_words_are_listed() {
        assert_eq!(
            refused("status=gone").1,
            "Should be one of `active`, `deleted`."
        );
        let (_, detail) = refused("sort=name");
        assert!(
            detail.contains("`limit`") && detail.contains("`email`"),
            "{detail}"
        );
    }

    #[test]
    fn where_there_are_no_parameters_none_is_taken() {
        assert!(parse::<Nothing>("").is_ok());
        assert!(parse::<Nothing>("dry_run=true").is_err());
    }
}
