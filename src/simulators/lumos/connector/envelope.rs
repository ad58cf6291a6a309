//! The request envelope, strictly read, and the response envelope with every key in it (contract §B2, §B3).

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{
    errors::Error,
    quirks::{Credential, Quirks},
};

/// A request, as far as the SDK checks it for every capability. Keys that it doesn't know are ignored.
#[derive(Deserialize)]
pub(super) struct Envelope {
    #[serde(default)]
    request: Value,
    auth: Option<Map<String, Value>>,
    credentials: Option<Vec<Map<String, Value>>>,
    settings: Option<Value>,
    page: Option<Page>,
    include_raw_data: Option<bool>,
    // Checked for its shape only: nothing here is limited.
    #[serde(rename = "rate_limit")]
    _rate_limit: Option<Map<String, Value>>,
}

#[derive(Deserialize, Default)]
pub(super) struct Page {
    pub(super) token: Option<String>,
    pub(super) size: Option<i32>,
}

#[derive(Deserialize)]
struct Settings {
    region: String,
}

/// What every request passes before its capability sees it.
pub(super) enum Admission {
    /// The credential is the connector's.
    Admitted,
    /// It is of the right kind, and wrong.
    Refused,
}

impl Envelope {
    pub(super) fn read(body: &[u8]) -> Result<Self, Error> {
        let envelope: Envelope =
            serde_json::from_slice(body).map_err(|why| Error::does_not_fit("Request", why))?;
        if !envelope.request.is_object() {
            return Err(Error::does_not_fit(
                "Request",
                "request: Input should be an object",
            ));
        }
        Ok(envelope)
    }

    /// The capability's own part.
    pub(super) fn request<T: DeserializeOwned>(&self, model: &str) -> Result<T, Error> {
        T::deserialize(&self.request).map_err(|why| Error::does_not_fit(model, why))
    }

    pub(super) fn page(&mut self) -> Page {
        self.page.take().unwrap_or_default()
    }

    /// Checks credential and settings; whether the credential is right is for the capability to say.
    pub(super) fn admit(&self, quirks: &Quirks) -> Result<Admission, Error> {
        let member = self.credential(quirks.credential)?;
        self.check_settings()?;
        Ok(if *member == quirks.credential.member() {
            Admission::Admitted
        } else {
            Admission::Refused
        })
    }

    /// The one filled member of the credential, of the kind that the connector declares.
    fn credential(&self, declared: Credential) -> Result<&Value, Error> {
        let missing = || Error::bad_request("the request has no credential");
        let given = match (&self.auth, &self.credentials) {
            (Some(auth), None) => auth,
            (None, Some(credentials)) => credentials
                .iter()
                .find(|credential| credential.get("id") == Some(&Credential::ID.into()))
                .ok_or_else(missing)?,
            (None, None) => return Err(missing()),
            (Some(_), Some(_)) => {
                return Err(Error::bad_request(
                    "either auth or credentials is expected, not both",
                ));
            }
        };
        let filled: Vec<&str> = Credential::KINDS
            .into_iter()
            .filter(|kind| given.get(*kind).is_some_and(|member| !member.is_null()))
            .collect();
        let kind = declared.kind();
        if filled != [kind] {
            return Err(Error::bad_request(format!(
                "a credential of the kind {kind} is expected"
            )));
        }
        let member = &given[kind];
        let fits = |(name, value): (&String, &Value)| match value {
            Value::Array(_) => member[name].is_array(),
            _ => member[name].is_string(),
        };
        match declared.member().as_object() {
            Some(expected) if member.is_object() && expected.iter().all(fits) => Ok(member),
            _ => Err(Error::does_not_fit(
                "AuthCredential",
                format!("{kind}: Input should be a valid {kind} credential"),
            )),
        }
    }

    fn check_settings(&self) -> Result<(), Error> {
        let settings = self
            .settings
            .as_ref()
            .ok_or_else(|| Error::bad_request("the request has no settings"))?;
        let settings = Settings::deserialize(settings)
            .map_err(|why| Error::does_not_fit("AcmeDirectorySettings", why))?;
        if !["eu", "us"].contains(&settings.region.as_str()) {
            return Err(Error::does_not_fit(
                "AcmeDirectorySettings",
                "region: Input should be 'eu' or 'us'",
            ));
        }
        Ok(())
    }

    /// The same request has the same one; the capability is no part of it.
    fn fingerprint(&self) -> String {
        hex::encode(digest(&SHA256, self.request.to_string().as_bytes()))
    }

    /// The answer with `response`, in which whatever isn't there is null.
    pub(super) fn answer(&self, response: Value) -> Answer {
        let raw = (self.include_raw_data == Some(true)).then(|| json!({ "directory": response }));
        Answer(json!({
            "response": response,
            "raw_data": raw,
            "page": null,
            "rate_limit": null,
            "execution_summary": null
        }))
    }

    /// The answer to a write that had this effect.
    pub(super) fn wrote(&self, response: Value, effect: Wrote) -> Answer {
        let mut answer = self.answer(response);
        answer.0["execution_summary"] = json!({
            "effect": effect.show(),
            "request_fingerprint": self.fingerprint(),
            "is_idempotent": !matches!(effect, Wrote::Created),
            "description": null,
            "caught_errors": []
        });
        answer
    }
}

/// What a write did.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrote {
    Created,
    Updated,
    Deleted,
    Nothing,
}

impl Wrote {
    fn show(self) -> Value {
        match self {
            Wrote::Created => json!({ "kind": "created" }),
            Wrote::Updated => json!({ "kind": "updated" }),
            Wrote::Deleted => json!({ "kind": "deleted" }),
            Wrote::Nothing => json!({ "kind": "noop", "reason": "state_already_matches" }),
        }
    }
}

/// A response envelope.
pub(super) struct Answer(Value);

impl Answer {
    pub(super) fn with_page(mut self, token: Option<String>, size: usize) -> Self {
        self.0["page"] = match token {
            Some(token) => json!({ "token": token, "size": size }),
            None => Value::Null,
        };
        self
    }

    pub(super) fn body(self) -> Value {
        self.0
    }
}
