//! Documented operations passed through. A caller's body is the request envelope without the connection's own parts, which are
//! written into it; every other byte stays (contract §B2).

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Connector;
use crate::adapters::contract::{AdapterError, Call, Forward, Forwarded, Forwards, Trouble};
use crate::adapters::transport::Request;

/// The one operation of the host around the connectors. It takes no body (contract §B1).
const OF_HOST: &str = "list_connector_app_ids";

/// The members of the envelope that are the connection's own, and what says so.
const OWN: [(&str, &str); 3] = [
    ("auth", "the connection's credential is put in here"),
    ("credentials", "the connection's credential is put in here"),
    (
        "settings",
        "the connection's `connector_settings` are put in here",
    ),
];

#[async_trait]
impl Forwards for Connector {
    async fn forward_read(
        &self,
        call: &Call,
        forward: &Forward,
    ) -> Result<Forwarded, AdapterError> {
        let request = self.rebuilt(forward)?;
        self.client.forward_read(call, request).await
    }

    async fn forward_write(
        &self,
        call: &Call,
        forward: &Forward,
        before: &Value,
    ) -> Result<Forwarded, AdapterError> {
        let request = self.rebuilt(forward)?;
        self.client.forward_write(call, request, before).await
    }
}

impl Connector {
    fn rebuilt(&self, forward: &Forward) -> Result<Request, AdapterError> {
        let mut path: Vec<&str> = Vec::new();
        let body = if forward.operation.id == OF_HOST {
            if !forward.body.is_empty() {
                return Err(AdapterError::invalid("", "this operation takes no body"));
            }
            Bytes::new()
        } else {
            self.check_connector(forward)?;
            path = self.settings.prefix();
            let has_credential = forward.operation.credential != "none";
            let own = self.client.own_parts(has_credential);
            filled(&forward.body, &own)?
        };
        // The template's last segment is the capability; it has no other parameters than the connector's name.
        path.extend(forward.operation.path.rsplit('/').next());
        let mut request = self.client.request(Method::POST, &path, body);
        if !forward.query.is_empty() {
            let mut query = request.url.query_pairs_mut();
            query.extend_pairs(&forward.query);
        }
        let headers = [
            (ACCEPT, &forward.accept, "/accept"),
            (CONTENT_TYPE, &forward.content_type, "/content_type"),
        ];
        for (name, text, pointer) in headers {
            if let Some(text) = text {
                request.headers.insert(&name, header(&name, text, pointer)?);
            }
        }
        Ok(request)
    }

    /// A connection reaches one connector. One that serves itself has no name in its path.
    fn check_connector(&self, forward: &Forward) -> Result<(), AdapterError> {
        let (Some(ours), Some(named)) = (&self.settings.connector_id, forward.segments.first())
        else {
            return Ok(());
        };
        if ours == named {
            return Ok(());
        }
        Err(AdapterError::new(
            Trouble::Invalid,
            format!("this connection is to the connector `{ours}`, and the path names another one"),
        ))
    }
}

fn header(name: &HeaderName, text: &str, pointer: &str) -> Result<HeaderValue, AdapterError> {
    HeaderValue::from_str(text).map_err(|_| {
        AdapterError::invalid(
            pointer,
            format!("`{name}` has characters that no header can carry"),
        )
    })
}

/// The caller's envelope with the connection's own parts behind it. Nothing stands for an envelope with an empty request.
fn filled(body: &[u8], own: &Map<String, Value>) -> Result<Bytes, AdapterError> {
    let text = std::str::from_utf8(body).map_err(|_| not_an_object())?;
    let text = match text.trim() {
        "" => r#"{"request":{}}"#,
        text => text,
    };
    let members: BTreeMap<String, &RawValue> =
        serde_json::from_str(text).map_err(|_| not_an_object())?;
    for (name, words) in OWN {
        if members.contains_key(name) {
            return Err(AdapterError::invalid(
                &format!("/{name}"),
                format!("leave it out: {words}"),
            ));
        }
    }
    let own = serde_json::to_string(own).map_err(|_| not_an_object())?;
    let own = own.strip_prefix('{').unwrap_or(&own);
    let theirs = text.strip_suffix('}').unwrap_or(text);
    let comma = if members.is_empty() || own == "}" {
        ""
    } else {
        ","
    };
    Ok(format!("{theirs}{comma}{own}").into())
}

fn not_an_object() -> AdapterError {
    AdapterError::invalid(
        "",
        "the body is the connector's request envelope without `auth` and `settings`: a JSON object such as {\"request\": {}}",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::adapters::contract::any_json;

    fn own() -> Map<String, Value> {
        let own = json!({"auth": {"token": {"token": "t"}}, "settings": {"region": "eu"}});
        own.as_object().unwrap().clone()
    }

    fn text(body: &str) -> String {
        String::from_utf8(filled(body.as_bytes(), &own()).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn the_callers_bytes_stay_as_they_are() {
        let own = r#""auth":{"token":{"token":"t"}},"settings":{"region":"eu"}}"#;
        let body = r#" {"request" : {"n": 12345678901234567890123, "x": 1.50}, "page":null } "#;
        let kept = r#"{"request" : {"n": 12345678901234567890123, "x": 1.50}, "page":null "#;
        assert_eq!(text(body), format!("{kept},{own}"));
        assert_eq!(text("{}"), format!("{{{own}"));
        assert_eq!(text(""), format!(r#"{{"request":{{}},{own}"#));
    }

    #[test]
    fn nobody_brings_a_credential_or_settings() {
        for (body, pointer) in [
            (r#"{"request": {}, "auth": null}"#, "/auth"),
            (r#"{"request": {}, "\u0061uth": {}}"#, "/auth"),
            (r#"{"credentials": []}"#, "/credentials"),
            (r#"{"settings": {"region": "us"}}"#, "/settings"),
            ("[]", ""),
            ("{", ""),
            ("{}{}", ""),
        ] {
            let error = filled(body.as_bytes(), &own()).unwrap_err();
            assert_eq!(error.trouble, Trouble::Invalid);
            assert_eq!(error.pointer.as_deref(), Some(pointer), "{body}");
        }
        assert!(filled(b"\xff", &own()).is_err());
    }

    proptest! {
        #[test]
        fn what_goes_out_is_what_came_and_the_own_parts(request in any_json()) {
            let body = json!({"request": request}).to_string();
            let sent = filled(body.as_bytes(), &own()).unwrap();
            let body: Value = serde_json::from_str(&body).unwrap();
            let mut sent: Value = serde_json::from_slice(&sent).unwrap();
            for (name, value) in own() {
                prop_assert_eq!(sent.as_object_mut().unwrap().remove(&name), Some(value));
            }
            prop_assert_eq!(sent, body);
        }
    }
}
