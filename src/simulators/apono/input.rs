//! Bodies, read by their documented forms: what is required must be there, what nobody knows counts for nothing.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{errors::Error, front::Front};

/// A body of this form.
pub(super) struct Input<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Front> for Input<T> {
    type Rejection = Error;

    async fn from_request(request: Request, front: &Front) -> Result<Self, Error> {
        let body = Bytes::from_request(request, front)
            .await
            .map_err(|_| Error::bad("the body can't be read"))?;
        read(&body).map(Input)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body)
        .map_err(|why| Error::BadRequest(format!("the body is not valid: {why}")))
}

/// The same of a JSON value.
pub(super) fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value)
        .map_err(|why| Error::BadRequest(format!("the body is not valid: {why}")))
}

/// A name, which must be one.
pub(super) fn named(name: &str) -> Result<(), Error> {
    if name.trim().is_empty() {
        return Err(Error::bad("name must not be empty"));
    }
    Ok(())
}

/// Refuses a name that another one has.
pub(super) fn unique<'a>(
    noun: &str,
    name: &str,
    id: Option<&str>,
    others: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<(), Error> {
    named(name)?;
    let is_other = |(other, taken): (&str, &str)| taken == name && Some(other) != id;
    if others.into_iter().any(is_other) {
        return Err(Error::Conflict(format!(
            "there is another {noun} of this name"
        )));
    }
    Ok(())
}

/// `MessageResponse`.
pub(super) fn message(text: impl Into<String>) -> Value {
    json!({ "message": text.into() })
}
