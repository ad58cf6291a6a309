//! A request for show: what it says, without the secrets that it carries.

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{MARK, Redactor, names};
use crate::adapters::contract::PlannedRequest;
use crate::adapters::transport::Request;

impl Redactor {
    /// The request with every secret in it marked: by value wherever it stands, by name in headers and members.
    pub(in super::super) fn request(&self, request: &Request) -> PlannedRequest {
        PlannedRequest {
            method: request.method.to_string(),
            url: self.whole(request.url.as_str()),
            headers: self.headers(&request.headers),
            body: self.body(&request.body),
        }
    }

    fn headers(&self, headers: &HeaderMap) -> BTreeMap<String, String> {
        let mut shown = BTreeMap::new();
        for name in headers.keys() {
            let values = headers.get_all(name).iter().map(|value| {
                if value.is_sensitive() || names::is_telling(name.as_str()) {
                    MARK.to_owned()
                } else {
                    self.whole(&String::from_utf8_lossy(value.as_bytes()))
                }
            });
            let values: Vec<String> = values.collect();
            shown.insert(name.to_string(), values.join(", "));
        }
        shown
    }

    fn body(&self, body: &[u8]) -> Value {
        if body.is_empty() {
            return Value::Null;
        }
        match serde_json::from_slice(body) {
            Ok(json) => self.json(json),
            Err(_) => self.whole(&String::from_utf8_lossy(body)).into(),
        }
    }

    fn json(&self, value: Value) -> Value {
        match value {
            Value::String(text) => self.whole(&text).into(),
            Value::Array(items) => items.into_iter().map(|item| self.json(item)).collect(),
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| {
                    let shown = if names::is_telling(&name) && !value.is_null() {
                        MARK.into()
                    } else {
                        self.json(value)
                    };
                    (self.whole(&name), shown)
                })
                .collect(),
            plain => plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::Method;
    use reqwest::header::HeaderValue;
    use secrecy::SecretString;
    use serde_json::json;
    use url::Url;

    use super::*;

    const SECRET: &str = "k3y-Of-Luna/9";

    fn shown(url: &str, headers: &[(&'static str, &str)], body: &str) -> PlannedRequest {
        let headers = headers.iter().map(|(name, value)| {
            let value: HeaderValue = value.parse().expect("a header's value");
            (name.parse().expect("a header's name"), value)
        });
        let request = Request {
            method: Method::POST,
            url: Url::parse(url).expect(url),
            headers: headers.collect(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            sign: None,
        };
        let secrets = [SecretString::from(SECRET)];
        Redactor::new(secrets.iter()).request(&request)
    }

    #[test]
    fn a_known_secret_is_marked_wherever_it_stands() {
        let body = json!({"note": format!("it is {SECRET}"), "list": [SECRET], "n": 7}).to_string();
        let request = shown(
            "https://x.example/a/k3y-Of-Luna%2F9?b=k3y-Of-Luna/9&c=d",
            &[("x-note", SECRET)],
            &body,
        );
        assert_eq!(
            request,
            PlannedRequest {
                method: "POST".into(),
                url: format!("https://x.example/a/{MARK}?b={MARK}&c=d"),
                headers: [("x-note".to_owned(), MARK.to_owned())].into(),
                body: json!({"note": format!("it is {MARK}"), "list": [MARK], "n": 7}),
            }
        );
    }

    #[test]
    fn an_unknown_secret_is_marked_behind_a_telling_name() {
        let body = r#"{"password":"hunter2","auth":{"accessToken":["abc"]},"apiKey":7,"secret":null,"user":"ann"}"#;
        let request = shown(
            "https://x.example/?access_token=abc123&page=2",
            &[
                ("authorization", "Bearer abc"),
                ("x-logtrust-sign", "deadbeef"),
                ("content-type", "application/json"),
            ],
            body,
        );
        assert_eq!(
            request.url,
            format!("https://x.example/?access_token={MARK}&page=2")
        );
        let header = |name: &str| request.headers[name].as_str();
        assert_eq!(header("authorization"), MARK);
        assert_eq!(header("x-logtrust-sign"), MARK);
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(
            request.body,
            json!({"password": MARK, "auth": {"accessToken": MARK}, "apiKey": MARK, "secret": null, "user": "ann"})
        );
    }

    #[test]
    fn a_body_that_is_no_json_is_shown_as_text() {
        let form = shown("https://x.example/", &[], "user=ann&password=hunter2");
        assert_eq!(form.body, json!(format!("user=ann&password={MARK}")));
        assert_eq!(shown("https://x.example/", &[], "").body, Value::Null);
    }

    #[test]
    fn nothing_is_shortened() {
        let long = "x".repeat(9000);
        let body = json!({ "note": long }).to_string();
        assert_eq!(
            shown("https://x.example/", &[], &body).body["note"],
            json!(long)
        );
    }
}
