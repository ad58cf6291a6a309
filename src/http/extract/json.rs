//! Strict JSON: every refusal names its place by JSON pointer and never repeats a value, which may be a secret.

use std::fmt;

use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_path_to_error::{Path, Segment};

use super::words;
use crate::error::{Code, Error};

/// A body as it was meant: the value, and its canonical bytes, in which order and spacing don't count.
#[derive(Debug)]
pub struct Parsed<T> {
    /// The value.
    pub value: T,
    /// The canonical bytes.
    pub canonical: Vec<u8>,
}

/// Reads a body. No bytes at all are `{}`.
///
/// # Errors
/// `invalid_request` with the place: line and column where it is no JSON, else the pointer of the field.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<Parsed<T>, Error> {
    let bytes = if bytes.trim_ascii().is_empty() {
        b"{}"
    } else {
        bytes
    };
    let value = parse_strict(bytes)?;
    // A map of `serde_json` is sorted, so equal bodies have equal bytes.
    let canonical = serde_json::to_vec(&value).map_err(Error::internal)?;
    let value = serde_path_to_error::deserialize(value).map_err(|error| {
        let at = pointer(error.path());
        refusal(at, &error.into_inner().to_string())
    })?;
    Ok(Parsed { value, canonical })
}

fn parse_strict(bytes: &[u8]) -> Result<Value, Error> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize::<_, Strict>(&mut json);
    let Strict(value) = parsed.map_err(|error| {
        let at = pointer(error.path());
        let cause = error.into_inner();
        if cause.is_data() {
            // `serde_json` puts the place behind the message of a visitor; the pointer says it better.
            let text = cause.to_string();
            let text = text.split(" at line ").next().unwrap_or_default();
            refusal(at, text)
        } else {
            broken(&cause)
        }
    })?;
    json.end().map_err(|cause| broken(&cause))?;
    Ok(value)
}

fn broken(cause: &serde_json::Error) -> Error {
    Error::new(
        Code::InvalidRequest,
        format!("The body is no JSON: {cause}."),
    )
}

/// Turns the words of serde into a refusal with the pointer of the field that it is about.
fn refusal(parent: String, message: &str) -> Error {
    let (field, detail) = words::plain(message, "field");
    let pointer = match field {
        // Depending on the kind of refusal the path ends at the object or at the field already.
        Some(name) if !parent.ends_with(&format!("/{}", escape(name))) => {
            format!("{parent}/{}", escape(name))
        }
        _ => parent,
    };
    Error::invalid(pointer, detail)
}

/// JSON pointer (RFC 6901) of a path; the whole body is the empty pointer.
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escape(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// A JSON value without repeated keys and without text that no database keeps.
struct Strict(Value);

impl<'de> de::Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("This number is too large."))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        refuse_nul(&value)?;
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            refuse_nul(&key)?;
            let Strict(value) = map.next_value()?;
            if fields.contains_key(&key) {
                return Err(de::Error::custom(format_args!("duplicate field `{key}`")));
            }
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}

fn refuse_nul<E: de::Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') {
        return Err(E::custom("The character U+0000 can't be kept in a text."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "inner")]
        _inner: Inner,
        #[serde(default, rename = "list")]
        _list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "count")]
        _count: u32,
        #[serde(default, rename = "mode")]
        _mode: Option<Mode>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        Fast,
        Slow,
    }

    fn refused(body: &str) -> (String, String) {
        let error = parse::<Outer>(body.as_bytes()).unwrap_err();
        let field = error
            .fields
            .first()
            .cloned()
            .unwrap_or_else(|| panic!("{error:?}"));
        (field.pointer, field.detail)
    }

    #[test]
    fn the_field_is_named_by_pointer() {
        let cases = [
            ("{}", "/inner", "`inner` is missing."),
            (
                r#"{"inner":{"count":1,"other":2}}"#,
                "/inner/other",
                "`other` is no field here. There are `count`, `mode`.",
            ),
            (
                r#"{"inner":{"count":"x"}}"#,
                "/inner/count",
                "Should be a whole number, not string.",
            ),
            (
                r#"{"inner":{"count":-1}}"#,
                "/inner/count",
                "Should be a whole number.",
            ),
            (
                r#"{"inner":{"count":1,"mode":"x"}}"#,
                "/inner/mode",
                "Should be one of `fast`, `slow`.",
            ),
            (
                r#"{"inner":{"count":1},"list":[{"count":1},{"count":null}]}"#,
                "/list/1/count",
                "Should be a whole number, not null.",
            ),
            (
                r#"{"inner":{"count":1,"count":2}}"#,
                "/inner/count",
                "`count` is there twice.",
            ),
            (r#"{"inner":{"count":1},"a/b~c":1}"#, "/a~1b~0c", ""),
            ("[]", "", ""),
        ];
        for (body, pointer, detail) in cases {
            let (at, said) = refused(body);
            assert_eq!(at, pointer, "{body}: {said}");
            assert!(detail.is_empty() || said == detail, "{body}: {said}");
        }
    }

    #[test]
    fn no_refusal_repeats_a_value() {
        for body in [
            r#"{"inner":"canary"}"#,
            r#"{"inner":{"count":"canary"}}"#,
            r#"{"inner":{"count":1,"mode":"canary, expected canary"}}"#,
            r#"{"inner":{"count":["canary"]}}"#,
            r#""canary""#,
            "{\"inner\":\"canary",
            "{\"inner\":\"canary\\u0000\"}",
        ] {
            let error = parse::<Outer>(body.as_bytes()).unwrap_err();
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn broken_json_is_refused_with_the_place() {
        let error = parse::<Outer>(b"{\n  \"inner\": ,\n}").unwrap_err();
        assert!(
            error.detail.contains("line 2 column 12"),
            "{}",
            error.detail
        );
        assert!(parse::<Value>(b"{} {}").is_err());
        assert!(parse::<Value>(&[b'"', 0xff, b'"']).is_err());
        assert!(parse::<Value>(b"{\"deep\": [\"a\\u0000b\"]}").is_err());
    }

    #[test]
    fn order_and_spacing_do_not_count() {
        let one = parse::<Value>(br#"{"b": [1, {"y": 1, "x": 2}], "a": "\u00e9"}"#).unwrap();
        let other = parse::<Value>("{\"a\":\"é\",\"b\":[1,{\"x\":2,\"y\":1}]}".as_bytes()).unwrap();
        assert_eq!(one.canonical, other.canonical);
        assert_eq!(parse::<Value>(b"").unwrap().canonical, b"{}");
        assert_eq!(parse::<Value>(b" \n").unwrap().canonical, b"{}");
    }
}
