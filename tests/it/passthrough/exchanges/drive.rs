//! Making the exchanges of a variant, one after the other.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::HeaderValue;
use iam_gateway::adapters::variant;
use iam_gateway::services::catalogue::{UpstreamOperation, upstream_operations};
use iam_gateway::simulators::{Options, Received};
use serde_json::json;
use url::form_urlencoded;

use super::validator::Validator;
use super::{Arrival, Contract, Direct, Exchange, UNRESERVED, filled};
use crate::passthrough::{allow_everything, upstream};
use crate::support::app::text;
use crate::support::{Answer, READABLE, TestApp, Vendor};

/// Headers that come with any request.
const ORDINARY: [&str; 5] = [
    "accept",
    "content-length",
    "content-type",
    "host",
    "user-agent",
];

/// Operations whose documented success is a redirect. None is followed, since it could lead a credential elsewhere, so that
/// the gateway has nothing to hand on.
const REDIRECTS: [(&str, &str); 1] = [("luna/accounts", "get_docs_dev")];

/// Readings that are answered otherwise each time: they count what was asked, or tell the time or how far a job is.
const CHANGING: [&str; 4] = [
    "get_metrics",
    "get_data_recency",
    "get_upload_job_state",
    "get_activity_records_job_state",
];

/// The operations that the connections of a variant reach; readings first, since a write has things read again behind it.
fn within_reach(vendor: Vendor) -> Vec<&'static UpstreamOperation> {
    let apis = variant(vendor.variant).expect("a variant").apis;
    let mut operations: Vec<_> = upstream_operations()
        .filter(|(name, operation)| *name == vendor.name && apis.contains(&operation.api))
        .map(|(_, operation)| operation)
        .collect();
    operations.sort_by_key(|operation| operation.writes);
    operations
}

#[test]
fn every_documented_operation_is_within_reach_of_a_variant() {
    let of = |vendor: Vendor| {
        within_reach(vendor)
            .into_iter()
            .map(move |one| (vendor.name, one))
    };
    let place = |(vendor, one): (&'static str, &UpstreamOperation)| (vendor, one.api, one.id);
    // Variants of a vendor may reach the same ones.
    let reached: BTreeSet<_> = READABLE.into_iter().flat_map(of).map(place).collect();
    let documented: BTreeSet<_> = upstream_operations().map(place).collect();
    assert_eq!(reached, documented);
}

/// Makes every exchange of a variant.
pub(super) async fn exchange_all<C: Contract>() {
    let validator = Validator::of(C::VENDOR);
    let app = started::<C>(validator.as_ref()).await;
    let simulator = app.simulator(C::VENDOR);
    let direct = Direct::to(simulator, C::VENDOR);
    let mut operations = within_reach(C::VENDOR);
    operations.retain(|one| !C::OF_OTHER_CREDENTIALS.contains(&one.id));
    let mut exchanges = C::exchanges(&direct).await;
    let ids = |ids: &[&'static str]| {
        let set: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(set.len(), ids.len(), "an operation is there twice: {ids:?}");
        set
    };
    assert_eq!(
        ids(&exchanges.iter().map(|one| one.id).collect::<Vec<_>>()),
        ids(&operations.iter().map(|one| one.id).collect::<Vec<_>>()),
        "every documented operation has one documented request, in the file of its variant"
    );
    let mut wrong = Vec::new();
    for operation in &operations {
        if operation.writes {
            simulator.reset();
            if C::LOGS_IN {
                let path = format!("/v1/connections/{}", C::VENDOR.connection);
                let anew = json!({ "credentials": direct.connection["credentials"] });
                app.admin().patch(&path, anew).await.expect(200);
            }
            exchanges = C::exchanges(&direct).await;
        }
        let exchange = exchanges.iter().find(|one| one.id == operation.id);
        let exchange = exchange.expect("as was just compared");
        let outcome = match validator {
            // What it sends on it words by itself.
            Some(_) => answered::<C>(&app, operation, exchange).await.map(|_| ()),
            None => exchanged::<C>(&app, &direct, operation, exchange).await,
        };
        if let Err(why) = outcome {
            wrong.push(format!("{} {}: {why}", operation.id, operation.path));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} exchanges were not as documented:\n{}",
        wrong.len(),
        operations.len(),
        wrong.join("\n")
    );
    let writes = operations.iter().filter(|one| one.writes);
    let writes: BTreeMap<String, String> = writes
        .map(|one| (one.id.to_owned(), "succeeded".to_owned()))
        .collect();
    assert_eq!(ledger(&app).await, writes);
    app.stop().await;
}

/// A replica that is connected to the simulator, by way of the validator if there is one.
async fn started<C: Contract>(validator: Option<&Validator>) -> TestApp {
    let mut options = Options::default();
    for (name, value) in C::QUIRKS {
        options = options.with_quirk(name, value);
    }
    // What a write touched is read again by a sync, and other tests are about that.
    let builder = TestApp::builder().settings(|settings| settings.services.sync_runs = 0);
    let app = match validator {
        None => builder.vendor_with(C::VENDOR, options).start().await,
        Some(validator) => validator.between(builder, C::VENDOR, options).await,
    };
    allow_everything(&app, C::VENDOR).await;
    app
}

/// What the ledger has of each operation that was passed through.
async fn ledger(app: &TestApp) -> BTreeMap<String, String> {
    let recorded = app.operations().await;
    let told: BTreeMap<_, _> = recorded
        .iter()
        .map(|one| {
            let id = text(&one["payload"]["upstream"]["operation"]);
            (id.to_owned(), text(&one["status"]).to_owned())
        })
        .collect();
    assert_eq!(told.len(), recorded.len(), "one operation for each write");
    told
}

/// Makes one exchange; what was not as documented.
async fn exchanged<C: Contract>(
    app: &TestApp,
    direct: &Direct<'_>,
    operation: &'static UpstreamOperation,
    exchange: &Exchange,
) -> Result<(), String> {
    let simulator = direct.simulator;
    let (calls, effects) = (simulator.requests().len(), simulator.effects().len());
    let answer = answered::<C>(app, operation, exchange).await;
    let calls = &simulator.requests()[calls..];
    let received = arrived::<C>(calls, operation, exchange)
        .map_err(|why| format!("{why}; the gateway's answer: {answer:?}"))?;
    let answer = answer?;
    let headers = C::headers(&Arrival {
        connection: &direct.connection,
        operation,
        exchange,
        received: &received,
    });
    let others = received
        .headers
        .iter()
        .filter(|(name, _)| !ORDINARY.contains(&name.as_str()));
    let others: BTreeMap<_, _> = others
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    equal("headers", &others, &headers)?;
    equal(
        "the vendor's status",
        &received.status,
        &Some(exchange.status),
    )?;

    let template = nameless(operation.path);
    let effects = simulator.effects().split_off(effects);
    let has_effect = effects.iter().any(|effect| {
        let (method, path) = effect.operation.split_once(' ').expect("two words");
        method == operation.method && nameless(path).ends_with(&template)
    });
    let is_unusual = C::UNUSUAL.contains(&operation.id);
    equal(
        "having an effect",
        &has_effect,
        &(operation.writes != is_unusual),
    )?;

    let is_handed_on = !REDIRECTS.contains(&(C::VENDOR.variant, operation.id));
    if is_handed_on && !operation.writes && !has_effect && !CHANGING.contains(&operation.id) {
        let handed_on = (answer.headers.get("content-type").cloned(), answer.text);
        let answered = again(direct, &received).await;
        equal("the answer", &handed_on, &answered)?;
    }
    Ok(())
}

/// A template without the names of its parameters.
fn nameless(path: &str) -> String {
    let segments = path.split('/');
    let nameless = segments.map(|one| if one.starts_with('{') { "{}" } else { one });
    nameless.collect::<Vec<_>>().join("/")
}

/// Asks for an operation, and demands its documented success.
async fn answered<C: Contract>(
    app: &TestApp,
    operation: &UpstreamOperation,
    exchange: &Exchange,
) -> Result<Answer, String> {
    let answer = ask(app, C::VENDOR, operation, exchange).await;
    if REDIRECTS.contains(&(C::VENDOR.variant, operation.id)) {
        answer.problem(422, "upstream_rejected");
        return Ok(answer);
    }
    if answer.status.as_u16() != exchange.status {
        return Err(format!("{answer}, and documented is {}", exchange.status));
    }
    assert_eq!(answer.header("x-upstream-operation"), operation.id);
    Ok(answer)
}

async fn ask(
    app: &TestApp,
    vendor: Vendor,
    operation: &UpstreamOperation,
    exchange: &Exchange,
) -> Answer {
    let path = filled(operation, &exchange.values, UNRESERVED);
    let mut query = form_urlencoded::Serializer::new(String::new());
    let query = query.extend_pairs(&exchange.query).finish();
    let mark = if query.is_empty() { "" } else { "?" };
    let place = format!("{}{mark}{query}", path.trim_start_matches('/'));
    // What is between the caller and the gateway, and must stay there.
    let mut ask = app
        .admin()
        .ask(operation.method, &upstream(vendor, &place))
        .header("accept", exchange.accept)
        .header("cookie", "session=caller")
        .header("x-forwarded-for", "192.0.2.1")
        .header("luna-account-id", "of-the-caller")
        .header("tenant", "of-the-caller");
    if operation.writes {
        ask = ask.idempotent(operation.id);
    }
    if let Some(content_type) = exchange.content_type {
        ask = ask.header("content-type", content_type);
    }
    ask.body(exchange.body.clone()).await
}

/// The one call that is the request as documented.
fn arrived<C: Contract>(
    calls: &[Received],
    operation: &UpstreamOperation,
    exchange: &Exchange,
) -> Result<Received, String> {
    let path = C::path(operation, exchange);
    let query = C::query(operation, exchange);
    let content_type = exchange.content_type.or(C::WITHOUT_BODY);
    let is_it = |call: &&Received| {
        let header = |name: &str| call.headers.get(name).map(String::as_str);
        let asked = form_urlencoded::parse(call.query.as_bytes());
        call.method == operation.method
            && call.path == path
            && asked.eq(query
                .iter()
                .map(|(name, value)| ((*name).into(), value.into())))
            && header("accept") == Some(exchange.accept)
            && header("content-type") == content_type
            && C::is_body(operation, exchange, &call.body)
    };
    let found: Vec<_> = calls.iter().filter(is_it).collect();
    match found[..] {
        [only] => Ok(only.clone()),
        _ => Err(format!(
            "{} of the calls {calls:#?} are {} {path} with {query:?}, {content_type:?} and {:?}",
            found.len(),
            operation.method,
            exchange.body
        )),
    }
}

/// The vendor's answer to a call that is sent once more, past the gateway: its media type and its body.
async fn again(direct: &Direct<'_>, received: &Received) -> (Option<HeaderValue>, String) {
    let mark = if received.query.is_empty() { "" } else { "?" };
    let place = format!("{}{mark}{}", received.path, received.query);
    let mut request = direct.request(&received.method, &place);
    for (name, value) in &received.headers {
        if !["host", "content-length"].contains(&name.as_str()) {
            request = request.header(name, value);
        }
    }
    let answer = request.body(received.body.clone()).send().await.unwrap();
    let content_type = answer.headers().get("content-type").cloned();
    (content_type, answer.text().await.unwrap())
}

fn equal<T: PartialEq<U> + std::fmt::Debug, U: std::fmt::Debug>(
    what: &str,
    is: &T,
    documented: &U,
) -> Result<(), String> {
    if is == documented {
        Ok(())
    } else {
        Err(format!("{what}: {is:?}, and documented is {documented:?}"))
    }
}
