//! Bodies as FastAPI reads them: by a declared shape, all that is wrong reported at once, fields nobody declared ignored.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header::CONTENT_TYPE,
};
use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{errors::Error, query};

/// What a value must be.
pub(super) enum Kind {
    Text,
    /// At least and at most so many characters.
    Bounded(usize, usize),
    Flag,
    Whole,
    Number,
    /// A number, or one in a text.
    Amount,
    Time,
    Day,
    Word(&'static [&'static str]),
    /// An object, whatever is in it.
    Open,
    Thing(&'static Shape),
    /// At least so many.
    Many(&'static Kind, usize),
}

/// One declared field.
pub(super) struct Field {
    name: &'static str,
    kind: Kind,
    required: bool,
    nullable: bool,
}

/// An object. A closed one refuses fields that are not declared.
pub(super) struct Shape {
    pub(super) fields: &'static [Field],
    pub(super) closed: bool,
}

/// A list of texts.
pub(super) const TEXTS: Kind = Kind::Many(&Kind::Text, 0);

/// Must be there.
pub(super) const fn must(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: true,
        nullable: false,
    }
}

/// May be missing, not null.
pub(super) const fn may(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: false,
        nullable: false,
    }
}

/// May be missing or null.
pub(super) const fn maybe(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: false,
        nullable: true,
    }
}

/// Must be there, if only as null.
pub(super) const fn told(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: true,
        nullable: true,
    }
}

/// An object that ignores what is not declared.
pub(super) const fn open(fields: &'static [Field]) -> Shape {
    Shape {
        fields,
        closed: false,
    }
}

/// An object that refuses what is not declared.
pub(super) const fn closed(fields: &'static [Field]) -> Shape {
    Shape {
        fields,
        closed: true,
    }
}

/// What came with a call.
pub(super) struct Sent {
    is_json: bool,
    body: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let kind = request.headers().get(CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let is_json = kind == "application/json" || kind.ends_with("+json");
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|_| Error::Internal)?;
        Ok(Sent { is_json, body })
    }
}

impl Sent {
    /// The body, which must be there and of this shape.
    pub(super) fn read(&self, shape: &'static Shape) -> Result<Value, Error> {
        let wrong = |loc: Value, msg: &str, kind: &str| {
            Error::Invalid(vec![json!({ "loc": loc, "msg": msg, "type": kind })])
        };
        if self.body.is_empty() {
            return Err(wrong(json!(["body"]), "Field required", "missing"));
        }
        if !self.is_json {
            return Err(wrong(json!(["body"]), NO_OBJECT, "model_attributes_type"));
        }
        let mut value = serde_json::from_slice(&self.body).map_err(|error| {
            wrong(
                json!(["body", error.column()]),
                "JSON decode error",
                "json_invalid",
            )
        })?;
        check(&value, shape)?;
        prune(&mut value, shape);
        Ok(value)
    }

    /// The body as it came.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The same, where no body is as good as an empty one.
    pub(super) fn read_if_any(&self, shape: &'static Shape) -> Result<Value, Error> {
        match self.body.trim_ascii() {
            b"" | b"null" => Ok(json!({})),
            _ => self.read(shape),
        }
    }
}

const NO_OBJECT: &str = "Input should be a valid dictionary or object to extract fields from";

/// Whether a value has this shape.
pub(super) fn check(value: &Value, shape: &Shape) -> Result<(), Error> {
    let mut complaints = Vec::new();
    object(
        value,
        shape,
        &mut Place(vec!["body".into()]),
        &mut complaints,
    );
    match complaints.as_slice() {
        [] => Ok(()),
        _ => Err(Error::Invalid(complaints)),
    }
}

/// Drops what nobody declared.
fn prune(value: &mut Value, shape: &Shape) {
    let Some(object) = value.as_object_mut() else {
        return;
    };
    object.retain(|name, _| shape.fields.iter().any(|field| field.name == name));
    for field in shape.fields {
        let Some(value) = object.get_mut(field.name) else {
            continue;
        };
        match (&field.kind, value) {
            (Kind::Thing(shape), value) => prune(value, shape),
            (Kind::Many(Kind::Thing(shape), _), Value::Array(items)) => {
                items.iter_mut().for_each(|item| prune(item, shape));
            }
            _ => {}
        }
    }
}

/// Where in the body something is.
struct Place(Vec<Value>);

impl Place {
    fn within<T>(&mut self, part: impl Into<Value>, look: impl FnOnce(&mut Self) -> T) -> T {
        self.0.push(part.into());
        let seen = look(self);
        self.0.pop();
        seen
    }

    fn complain(&self, complaints: &mut Vec<Value>, msg: impl Into<String>, kind: &str) {
        complaints.push(json!({ "loc": self.0, "msg": msg.into(), "type": kind }));
    }
}

fn object(value: &Value, shape: &Shape, place: &mut Place, complaints: &mut Vec<Value>) {
    let Some(object) = value.as_object() else {
        return place.complain(complaints, NO_OBJECT, "model_attributes_type");
    };
    for field in shape.fields {
        place.within(field.name, |place| match object.get(field.name) {
            None if field.required => place.complain(complaints, "Field required", "missing"),
            None => {}
            Some(Value::Null) if field.nullable => {}
            Some(value) => one(value, &field.kind, place, complaints),
        });
    }
    let is_declared = |name: &String| shape.fields.iter().any(|field| field.name == name);
    for name in object
        .keys()
        .filter(|name| shape.closed && !is_declared(name))
    {
        place.within(name.as_str(), |place| {
            place.complain(
                complaints,
                "Extra inputs are not permitted",
                "extra_forbidden",
            );
        });
    }
}

fn one(value: &Value, kind: &Kind, place: &mut Place, complaints: &mut Vec<Value>) {
    let text = value.as_str();
    let (is_good, expected, word) = match kind {
        Kind::Thing(shape) => return object(value, shape, place, complaints),
        Kind::Many(kind, least) => return many(value, kind, *least, place, complaints),
        Kind::Open => (value.is_object(), "dictionary", "dict_type"),
        Kind::Text => (text.is_some(), "string", "string_type"),
        Kind::Flag => (value.is_boolean(), "boolean", "bool_type"),
        Kind::Whole => (value.is_i64() || value.is_u64(), "integer", "int_type"),
        Kind::Number => (value.is_number(), "number", "float_type"),
        Kind::Amount => {
            let is_number = text.is_some_and(|text| text.parse::<f64>().is_ok());
            (value.is_number() || is_number, "number", "float_parsing")
        }
        Kind::Time => (
            text.and_then(query::time).is_some(),
            "datetime",
            "datetime_from_date_parsing",
        ),
        Kind::Day => {
            let day = text.map(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d"));
            (
                day.is_some_and(|day| day.is_ok()),
                "date",
                "date_from_datetime_parsing",
            )
        }
        Kind::Bounded(least, most) => {
            let length = text.map(|text| text.chars().count());
            match length {
                Some(length) if length < *least => {
                    let msg = format!("String should have at least {least} character");
                    return place.complain(complaints, msg, "string_too_short");
                }
                Some(length) if length > *most => {
                    let msg = format!("String should have at most {most} characters");
                    return place.complain(complaints, msg, "string_too_long");
                }
                length => (length.is_some(), "string", "string_type"),
            }
        }
        Kind::Word(words) => {
            if !text.is_some_and(|text| words.contains(&text)) {
                place.complain(complaints, query::expected(words), "enum");
            }
            return;
        }
    };
    if !is_good {
        place.complain(
            complaints,
            format!("Input should be a valid {expected}"),
            word,
        );
    }
}

fn many(value: &Value, kind: &Kind, least: usize, place: &mut Place, complaints: &mut Vec<Value>) {
    let Some(items) = value.as_array() else {
        return place.complain(complaints, "Input should be a valid list", "list_type");
    };
    if items.len() < least {
        let msg = format!("List should have at least {least} item after validation");
        place.complain(complaints, msg, "too_short");
    }
    for (n, item) in items.iter().enumerate() {
        place.within(n, |place| one(item, kind, place, complaints));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: Shape = closed(&[must("id", Kind::Text)]);
    const WHOLE: Shape = open(&[
        must("name", Kind::Bounded(1, 4)),
        told("owner", Kind::Text),
        maybe("at", Kind::Time),
        may("parts", Kind::Many(&Kind::Thing(&PART), 1)),
        may("color", Kind::Word(&["RED", "BLUE"])),
    ]);

    fn complaints(value: Value) -> Value {
        let Err(Error::Invalid(complaints)) = check(&value, &WHOLE) else {
            return json!([]);
        };
        complaints
            .iter()
            .map(|one| json!([one["loc"], one["type"]]))
            .collect()
    }

    #[test]
    fn what_fits_passes_with_fields_that_nobody_declared() {
        let whole = json!({
            "name": "abcd", "owner": null, "at": "2026-01-04T09:00:00", "parts": [{"id": "x"}], "color": "RED", "later": 1
        });
        assert_eq!(complaints(whole), json!([]));
    }

    #[test]
    fn what_nobody_declared_is_dropped() {
        const OUTER: Shape = open(&[
            may("parts", Kind::Many(&Kind::Thing(&INNER), 0)),
            may("any", Kind::Open),
        ]);
        const INNER: Shape = open(&[must("id", Kind::Text)]);
        let mut value = json!({ "id": "x", "parts": [{"id": "y", "z": 1}], "any": {"z": 1} });
        prune(&mut value, &OUTER);
        assert_eq!(value, json!({ "parts": [{"id": "y"}], "any": {"z": 1} }));
    }

    #[test]
    fn each_fault_is_told_with_its_place() {
        assert_eq!(
            complaints(json!({ "name": "abcde", "at": "soon", "parts": [], "color": null })),
            json!([
                [["body", "name"], "string_too_long"],
                [["body", "owner"], "missing"],
                [["body", "at"], "datetime_from_date_parsing"],
                [["body", "parts"], "too_short"],
                [["body", "color"], "enum"]
            ])
        );
        assert_eq!(
            complaints(json!({ "name": "", "owner": "x", "parts": [{"id": 1, "other": 2}, 3] })),
            json!([
                [["body", "name"], "string_too_short"],
                [["body", "parts", 0, "id"], "string_type"],
                [["body", "parts", 0, "other"], "extra_forbidden"],
                [["body", "parts", 1], "model_attributes_type"]
            ])
        );
        assert_eq!(
            complaints(json!([])),
            json!([[["body"], "model_attributes_type"]])
        );
    }
}
