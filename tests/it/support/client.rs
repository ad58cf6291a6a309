//! A caller of the service: in this process through the router, or over HTTP.

use std::future::IntoFuture;
use std::pin::Pin;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use serde_json::Value;
use tower::ServiceExt as _;

use super::Answer;

/// Where a client's requests go.
#[derive(Clone)]
enum Way {
    Router(Router),
    Http(reqwest::Client, String),
}

/// A caller with a key, or a stranger without one.
#[derive(Clone)]
pub struct Client {
    way: Way,
    key: Option<String>,
}

impl Client {
    /// Asks a router in this process.
    pub fn in_process(router: Router) -> Self {
        Self {
            way: Way::Router(router),
            key: None,
        }
    }

    /// Asks over HTTP; `url` has no slash at its end.
    pub fn over_http(url: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("an HTTP client");
        Self {
            way: Way::Http(http, url.to_owned()),
            key: None,
        }
    }

    /// The same service, with this key.
    pub fn with_key(&self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self.clone()
        }
    }

    /// The same service, without a key.
    pub fn stranger(&self) -> Self {
        Self {
            key: None,
            ..self.clone()
        }
    }

    /// Any method, to be dressed further.
    pub fn ask(&self, method: &str, path: &str) -> Ask {
        Ask {
            client: self.clone(),
            method: method.parse().expect("a method"),
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Ask {
        self.ask("GET", path)
    }

    /// `POST` with a JSON body; `null` sends none.
    pub fn post(&self, path: &str, body: Value) -> Ask {
        self.ask("POST", path).json(body)
    }

    /// `PATCH` with a JSON body.
    pub fn patch(&self, path: &str, body: Value) -> Ask {
        self.ask("PATCH", path).json(body)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> Ask {
        self.ask("DELETE", path)
    }
}

/// A request on its way; `.await` sends it.
#[must_use = "a request is sent when it is awaited"]
pub struct Ask {
    client: Client,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Ask {
    /// A JSON body; `null` is none.
    pub fn json(self, body: Value) -> Self {
        if body.is_null() {
            return self;
        }
        self.header("content-type", "application/json")
            .body(body.to_string())
    }

    /// A body of any kind.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// A header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header's value");
        self.headers.insert(name, value);
        self
    }

    /// `Idempotency-Key`.
    pub fn idempotent(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// `Prefer: respond-async`.
    pub fn respond_async(self) -> Self {
        self.header("prefer", "respond-async")
    }

    /// `If-Match`.
    pub fn if_match(self, tag: &str) -> Self {
        self.header("if-match", tag)
    }

    /// Sends it; an error of the connection is an error here, where `.await` would fail the test.
    pub async fn send(self) -> Result<Answer, String> {
        let asked = format!("{} {}", self.method, self.path);
        let mut headers = self.headers;
        if let Some(key) = &self.client.key
            && !headers.contains_key("authorization")
        {
            let value = format!("Bearer {key}").parse().expect("a header's value");
            headers.insert("authorization", value);
        }
        match self.client.way {
            Way::Router(router) => {
                let mut request = Request::builder().method(self.method).uri(&self.path);
                if !self.body.is_empty() {
                    request = request.header("content-length", self.body.len());
                }
                let mut request = request.body(Body::from(self.body)).expect("a request");
                request.headers_mut().extend(headers);
                let response = router.oneshot(request).await.expect("a router never fails");
                let (head, body) = response.into_parts();
                let bytes = to_bytes(body, 64 << 20)
                    .await
                    .map_err(|error| error.to_string())?;
                Ok(Answer {
                    asked,
                    status: head.status,
                    headers: head.headers,
                    text: String::from_utf8_lossy(&bytes).into_owned(),
                })
            }
            Way::Http(http, url) => {
                let request = http
                    .request(self.method, format!("{url}{}", self.path))
                    .headers(headers)
                    .body(self.body);
                let response = request.send().await.map_err(|error| error.to_string())?;
                Ok(Answer {
                    asked,
                    status: response.status(),
                    headers: response.headers().clone(),
                    text: response.text().await.map_err(|error| error.to_string())?,
                })
            }
        }
    }
}

impl IntoFuture for Ask {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let asked = format!("{} {}", self.method, self.path);
            self.send()
                .await
                .unwrap_or_else(|error| panic!("{asked}: {error}"))
        })
    }
}
