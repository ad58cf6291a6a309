//! What stands between an adapter and its vendor's simulator, and makes of the answers what a case wants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use iam_gateway::adapters::contract::UpstreamOperation;
use iam_gateway::adapters::vendor::Vendor;
use serde_json::Value;
use tokio::net::TcpListener;

/// What becomes of an answer.
#[derive(Clone, Debug)]
pub enum Alter {
    /// It stays as it is.
    Nothing,
    /// The vendor isn't asked: this comes instead.
    Instead {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Bytes,
    },
    /// The vendor isn't asked: so many MiB of blanks come instead.
    Huge { mib: usize },
    /// The vendor does what it is asked, and its answer comes so much later.
    Late(Duration),
    /// The vendor does what it is asked, and the answer breaks off in the middle.
    CutOff,
    /// The vendor does what it is asked, and the connection breaks without an answer.
    Dropped,
    /// The answer has this date.
    Dated(String),
    /// Every object of the answer has members that nobody documented.
    Grown,
    /// Every list of the answer is empty.
    Emptied,
    /// The value at this place of the `nth` answer is another.
    Replaced {
        nth: usize,
        pointer: String,
        by: Value,
    },
}

/// Which requests an alteration strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// Those that change something, as the vendor's catalogue says.
    Writes,
}

/// A request that came by.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Whether it changes something.
    pub writes: bool,
    /// Whether the alteration struck.
    pub struck: bool,
    /// Its path.
    pub path: String,
    /// Whether it asked for a compressed answer.
    pub wants_compressed: bool,
    /// The answer's body as the vendor gave it, where that is JSON.
    pub answer: Option<Value>,
}

struct Plan {
    alter: Alter,
    which: Which,
    /// How many requests it strikes at most.
    times: usize,
    passed: Vec<Passed>,
}

/// The front: listens on a port of its own and passes everything on.
#[derive(Clone)]
pub struct Front {
    plan: Arc<Mutex<Plan>>,
    client: reqwest::Client,
    vendor: &'static Vendor,
    to: String,
    /// Where adapters find it: scheme, host and port.
    pub url: String,
}

impl Front {
    /// In front of the origin of this URL.
    pub async fn start(vendor: &'static Vendor, to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let front = Self {
            plan: Arc::new(Mutex::new(Plan {
                alter: Alter::Nothing,
                which: Which::All,
                times: 0,
                passed: Vec::new(),
            })),
            client: reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("a client"),
            vendor,
            to: to.to_owned(),
            url,
        };
        let router = Router::new().fallback(pass).with_state(front.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        front
    }

    /// Strikes the next so many requests; forgets what came by before.
    pub fn strike(&self, which: Which, times: usize, alter: Alter) {
        let mut plan = self.lock();
        plan.alter = alter;
        plan.which = which;
        plan.times = times;
        plan.passed.clear();
    }

    /// Lets everything pass again; what came by while it struck.
    pub fn rest(&self) -> Vec<Passed> {
        let mut plan = self.lock();
        plan.alter = Alter::Nothing;
        std::mem::take(&mut plan.passed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Plan> {
        self.plan.lock().expect("not poisoned")
    }

    /// What to do to a request, and which answer it is.
    fn admit(&self, passed: Passed) -> (Alter, usize) {
        let mut plan = self.lock();
        let nth = plan.passed.len();
        let strikes = plan.times > 0 && (plan.which == Which::All || passed.writes);
        let strikes = strikes && !matches!(plan.alter, Alter::Nothing);
        if strikes {
            plan.times -= 1;
        }
        plan.passed.push(Passed {
            struck: strikes,
            ..passed
        });
        let alter = if strikes {
            plan.alter.clone()
        } else {
            Alter::Nothing
        };
        (alter, nth)
    }

    /// Whether the vendor's catalogue says that such a request changes something. Segments are compared from the end of the
    /// path, since connections have prefixes of their own; of several templates that match the most literal one counts.
    fn writes(&self, method: &str, path: &str) -> bool {
        let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let operations = self.vendor.operations.iter().flat_map(|api| api.iter());
        let best = operations
            .filter(|operation| operation.method == method)
            .filter_map(|operation| Some((literals(operation, &segments)?, operation.writes)))
            .max();
        best.is_some_and(|(_, writes)| writes)
    }
}

/// How many segments of the path the template spells out; `None` when it does not match.
fn literals(operation: &UpstreamOperation, segments: &[&str]) -> Option<usize> {
    let template: Vec<&str> = operation
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let tail = segments.len().checked_sub(template.len())?;
    let mut literal = 0;
    for (part, segment) in template.iter().zip(&segments[tail..]) {
        if part.contains('{') {
            continue;
        }
        if part != segment {
            return None;
        }
        literal += 1;
    }
    Some(literal)
}

async fn pass(State(front): State<Front>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .expect("a body");
    let (alter, nth) = front.admit(Passed {
        writes: front.writes(parts.method.as_str(), parts.uri.path()),
        struck: false,
        path: parts.uri.path().to_owned(),
        wants_compressed: parts.headers.contains_key("accept-encoding"),
        answer: None,
    });
    match &alter {
        Alter::Instead {
            status,
            headers,
            body,
        } => return instead(*status, headers, body.clone()),
        Alter::Huge { mib } => return huge(*mib),
        _ => {}
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let mut headers = parts.headers;
    headers.remove("host");
    let answer = front
        .client
        .request(parts.method, format!("{}{path}", front.to))
        .headers(headers)
        .body(body)
        .send()
        .await
        .expect("the simulator answers");
    let mut status = answer.status();
    let mut headers = answer.headers().clone();
    let body = answer.bytes().await.expect("a whole answer");
    let json: Option<Value> = serde_json::from_slice(&body).ok();
    if let Some(passed) = front.lock().passed.get_mut(nth) {
        passed.answer.clone_from(&json);
    }
    headers.remove("content-length");
    headers.remove("transfer-encoding");
    let body = match (alter, json) {
        (Alter::Late(by), _) => {
            tokio::time::sleep(by).await;
            Body::from(body)
        }
        (Alter::CutOff, _) => Body::from(body.slice(..body.len() / 2)),
        (Alter::Dropped, _) => {
            // An answer without a body would end before it can break.
            status = StatusCode::OK;
            let broken = Err::<Bytes, _>(std::io::Error::other("cut"));
            Body::from_stream(futures_util::stream::iter([broken]))
        }
        (Alter::Dated(date), _) => {
            headers.insert("date", date.parse().expect("a date"));
            Body::from(body)
        }
        (Alter::Grown, Some(mut json)) => {
            grow(&mut json);
            Body::from(json.to_string())
        }
        (Alter::Emptied, Some(mut json)) => {
            empty(&mut json);
            Body::from(json.to_string())
        }
        (
            Alter::Replaced {
                nth: at,
                pointer,
                by,
            },
            Some(mut json),
        ) if at == nth => {
            if let Some(place) = json.pointer_mut(&pointer) {
                *place = by;
            }
            Body::from(json.to_string())
        }
        _ => Body::from(body),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn instead(status: u16, headers: &[(&'static str, String)], body: Bytes) -> Response {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, value);
    }
    response.body(Body::from(body)).expect("a response")
}

fn huge(mib: usize) -> Response {
    let chunk = Bytes::from(vec![b' '; 1 << 20]);
    let chunks = std::iter::repeat_n(chunk, mib).map(Ok::<_, std::io::Error>);
    Response::builder()
        .header("content-type", "application/json")
        .body(Body::from_stream(futures_util::stream::iter(chunks)))
        .expect("a response")
}

/// Adds members that nobody documented to every object.
fn grow(json: &mut Value) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(grow),
        Value::Object(members) => {
            members.values_mut().for_each(grow);
            members.insert("x_new".into(), "news".into());
            members.insert("x_more".into(), serde_json::json!({"deep": [1, null]}));
        }
        _ => {}
    }
}

/// Empties every list.
fn empty(json: &mut Value) {
    match json {
        Value::Array(items) => items.clear(),
        Value::Object(members) => members.values_mut().for_each(empty),
        _ => {}
    }
}

/// How many items the longest list of an answer has.
pub fn longest(json: &Value) -> usize {
    match json {
        Value::Array(items) => items.len(),
        Value::Object(members) => members.values().map(longest).max().unwrap_or(0),
        _ => 0,
    }
}

/// The places of values that are neither objects nor arrays, one for each that differs by more than the numbers of items:
/// where the first such is.
pub fn places(json: &Value) -> Vec<String> {
    let mut found = BTreeMap::new();
    walk(json, String::new(), String::new(), &mut found);
    found.into_values().collect()
}

fn walk(json: &Value, at: String, shape: String, found: &mut BTreeMap<String, String>) {
    match json {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{at}/{index}"), format!("{shape}/*"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(
                    member,
                    format!("{at}/{name}"),
                    format!("{shape}/{name}"),
                    found,
                );
            }
        }
        _ => {
            found.entry(shape).or_insert(at);
        }
    }
}
