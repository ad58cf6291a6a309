//! The frame of the document, and what of every operation follows from its shape: security, shared refusals.
//!
//! An operation under `/v1` says its scope in `x-required-scope`; its security, its 401 and its 403 come from there. Its 400,
//! 404, 412, 413 and 415 come from its parameters and its body. One with the parameter `mode` is an act toward a vendor: it
//! can go on without its caller, be planned only, and fail as vendors do. What does not follow from the shape it names itself, by the
//! markers below.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{self, Parameter, ParameterIn, PathItem};
use utoipa::openapi::schema::{Object, OneOfBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, ContentBuilder, OpenApi as Document, Ref, RefOr, Response, ResponseBuilder, Server,
};
use utoipa::{IntoResponses, OpenApi};

use super::auth::ANY;
use super::problem::ProblemBody;
use super::v1::operations::Plan;

/// The extension that names the scope of an operation.
pub const REQUIRED_SCOPE: &str = "x-required-scope";

const BEARER: &str = "bearer";

/// The media type of bodies that are passed on as they are.
const ANY_MEDIA: &str = "*/*";

/// The query parameter that every act toward a vendor has, and nothing else.
const MODE: &str = "mode";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "iam-gateway",
        description = "One normalized API in front of several identity and access vendors.\n\n\
            **To try it out:** press *Authorize* and paste an API key (`igw_…`; `iam-gateway sandbox` prints one). \
            Every example works against the sandbox as it stands.\n\n\
            **Connections** may be named by id or by name. **Times** are RFC 3339 in UTC; durations are whole seconds. \
            **Lists** are paged by `limit` and an opaque `cursor`.\n\n\
            **Answers come from our copies** of what the vendors hold: `as_of` and `stale` say how good they are, and with \
            `max_age_seconds` an older copy is read anew first.\n\n\
            **Changes at a vendor** are operations: an answer within ten seconds is final, a 202 names the operation to \
            follow. With an `Idempotency-Key` the same request may be sent again and is done once; with `mode=plan` it is \
            shown what would be sent, and nothing is.\n\n\
            **Refusals** are `application/problem+json` (RFC 9457). Decide by `code`, which never changes; `retryable` says \
            whether the same request may work later. Every answer carries `X-Request-Id`, yours if you sent a good one \
            (`^[A-Za-z0-9._-]{8,128}$`).",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "catalogue", description = "What can be connected: vendors, their variants, what each can do and needs."),
        (name = "connections", description = "Configured tenants of vendors: settings, credentials, checks, syncs."),
        (name = "upstream", description = "Documented operations of the vendors, passed through as they are."),
        (name = "accounts", description = "Logins of people and services at the vendors."),
        (name = "identities", description = "People over all connections, told by their e-mail addresses."),
        (name = "resources", description = "What access is given to: tenants, domains, apps, integrations, databases."),
        (name = "entitlements", description = "What can be held: roles, licences, permissions, group memberships, account types."),
        (name = "grants", description = "Who holds what."),
        (name = "activity", description = "What the vendors report that was done."),
        (name = "operations", description = "The ledger of every act toward a vendor, from intent to proven outcome."),
        (name = "audit", description = "Who did what to what, with which outcome. Append-only."),
        (name = "callers", description = "API keys: who may call, what they may do, which connections they see."),
        (name = "health", description = "For the machines that run the service.")
    ),
    components(schemas(ProblemBody, Plan))
)]
struct Frame;

/// The document before any route is in it.
pub fn frame() -> Document {
    let mut document = Frame::openapi();
    let components = document.components.get_or_insert_default();
    for row in SHARED {
        let response = RefOr::T(row.response());
        components.responses.insert(row.name.to_owned(), response);
    }
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "An API key: `igw_…`. Each operation names the scope that the key needs.",
        ))
        .build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
    document
}

/// A refusal that many operations share.
struct Shared {
    name: &'static str,
    status: &'static str,
    description: &'static str,
}

const fn shared(name: &'static str, status: &'static str, description: &'static str) -> Shared {
    Shared {
        name,
        status,
        description,
    }
}

const INVALID: Shared = shared(
    "InvalidRequest",
    "400",
    "`invalid_request`: a field, parameter or header is not as it should be; `errors` names it.",
);
const UNAUTHENTICATED: Shared = shared(
    "Unauthenticated",
    "401",
    "`unauthenticated`: no API key, or one that is unknown, expired or revoked.",
);
const FORBIDDEN: Shared = shared(
    "Forbidden",
    "403",
    "`forbidden`: the key lacks the scope that this operation needs.",
);
const NOT_FOUND: Shared = shared(
    "NotFound",
    "404",
    "`not_found`: not there, or not for this key to see.",
);
const CONFLICT: Shared = shared(
    "Conflict",
    "409",
    "`conflict`: it contradicts what is there. `idempotency_in_progress`: an equal request with the same key still runs. \
     `change_brake`: it would remove too much.",
);
const PRECONDITION: Shared = shared(
    "PreconditionFailed",
    "412",
    "`precondition_failed`: it changed since you saw it; read it again.",
);
const TOO_LARGE: Shared = shared(
    "PayloadTooLarge",
    "413",
    "`payload_too_large`: the body is larger than what is read.",
);
const MEDIA_TYPE: Shared = shared(
    "UnsupportedMediaType",
    "415",
    "`unsupported_media_type`: the body is not announced as JSON.",
);
const UNPROCESSABLE: Shared = shared(
    "Unprocessable",
    "422",
    "`capability_not_supported`: the connection can't do this; `capabilities` lists what it can. `upstream_rejected`: the \
     vendor refused, and `upstream` says why. `idempotency_key_reused`: the key was used with another body.",
);
const INTERNAL: Shared = shared(
    "Internal",
    "500",
    "`internal`: our own mistake; the request id leads to the reason in the log.",
);
const BAD_GATEWAY: Shared = shared(
    "BadGateway",
    "502",
    "`upstream_auth_failed`: the vendor did not accept the connection's credentials. `upstream_malformed`: its answer makes \
     no sense. `outcome_unknown`: it was sent and nobody knows what became of it; the operation waits for a person.",
);
const UNAVAILABLE: Shared = shared(
    "Unavailable",
    "503",
    "`service_unavailable`: our database can't be reached. `upstream_unavailable`, `upstream_rate_limited`: the vendor can't \
     be reached, or asks for patience. `Retry-After` says when to try again.",
);
const TIMEOUT: Shared = shared(
    "UpstreamTimeout",
    "504",
    "`upstream_timeout`: the vendor took too long to answer a read.",
);

const SHARED: &[Shared] = &[
    INVALID,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    CONFLICT,
    PRECONDITION,
    TOO_LARGE,
    MEDIA_TYPE,
    UNPROCESSABLE,
    INTERNAL,
    BAD_GATEWAY,
    UNAVAILABLE,
    TIMEOUT,
];

impl Shared {
    fn response(&self) -> Response {
        let problem = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        ResponseBuilder::new()
            .description(self.description)
            .content("application/problem+json", problem)
            .build()
    }

    fn reference(&self) -> (String, RefOr<Response>) {
        let reference = Ref::from_response_name(self.name);
        (self.status.to_owned(), RefOr::Ref(reference))
    }
}

/// The operation can contradict what is there.
pub struct Conflicts;
/// The operation needs something that not every connection can do, or heeds an idempotency key.
pub struct Unsupported;
/// The operation may read at a vendor.
pub struct Upstream;
/// The operation decides by what it finds whether the caller may see it.
pub struct Forbidden;
/// The operation can find the service out of order and says so on purpose.
pub struct Unavailable;

impl IntoResponses for Conflicts {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [CONFLICT.reference()].into()
    }
}

impl IntoResponses for Unsupported {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [UNPROCESSABLE.reference()].into()
    }
}

impl IntoResponses for Upstream {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [&UNPROCESSABLE, &BAD_GATEWAY, &TIMEOUT]
            .map(Shared::reference)
            .into()
    }
}

impl IntoResponses for Forbidden {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [FORBIDDEN.reference()].into()
    }
}

impl IntoResponses for Unavailable {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        [UNAVAILABLE.reference()].into()
    }
}

/// Adds what follows from the shape of each operation, and where the service is.
pub fn complete(document: &mut Document, base_path: &str) {
    let root = if base_path.is_empty() { "/" } else { base_path };
    document.servers = Some(vec![Server::new(root)]);
    // The router's mark of a parameter that takes the rest of the path means nothing in the document.
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths
        .into_iter()
        .map(|(path, item)| (path.replace("{*", "{"), item))
        .collect();
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            complete_operation(operation);
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut path::Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.patch,
    ]
    .into_iter()
    .flatten()
}

fn complete_operation(operation: &mut path::Operation) {
    let scope = operation
        .extensions
        .as_ref()
        .and_then(|extensions| extensions.get(REQUIRED_SCOPE))
        .and_then(Value::as_str)
        .map(str::to_owned);
    let Some(scope) = scope else {
        // Outside of `/v1`: for machines without a key.
        return;
    };
    let mut refusals = vec![&INVALID, &UNAUTHENTICATED, &INTERNAL, &UNAVAILABLE];
    let sentence = if scope == ANY {
        operation.security = Some(vec![SecurityRequirement::new(BEARER, [""; 0])]);
        "Any valid key will do.".to_owned()
    } else {
        refusals.push(&FORBIDDEN);
        operation.security = Some(vec![SecurityRequirement::new(BEARER, [scope.as_str()])]);
        format!("Needs the scope `{scope}`.")
    };
    let description = operation.description.get_or_insert_default();
    if !description.is_empty() {
        description.push_str("\n\n");
    }
    description.push_str(&sentence);

    if has_parameter(operation, |parameter| {
        parameter.parameter_in == ParameterIn::Path
    }) {
        refusals.push(&NOT_FOUND);
    }
    if has_parameter(operation, |parameter| parameter.name == "If-Match") {
        refusals.push(&PRECONDITION);
    }
    if let Some(body) = &operation.request_body {
        refusals.push(&TOO_LARGE);
        let takes_any = matches!(body, RefOr::T(body) if body.content.contains_key(ANY_MEDIA));
        if !takes_any {
            refusals.push(&MEDIA_TYPE);
        }
    }
    let acts = has_parameter(operation, |parameter| {
        parameter.parameter_in == ParameterIn::Query && parameter.name == MODE
    });
    let responses = &mut operation.responses.responses;
    if acts {
        refusals.push(&CONFLICT);
        responses.extend(Upstream::responses());
        responses.insert("202".to_owned(), RefOr::T(goes_on()));
        show_plan(responses.entry("200".to_owned()).or_insert_with(|| {
            let planned = "With `mode=plan`: what would be done.";
            RefOr::T(ResponseBuilder::new().description(planned).build())
        }));
    }
    responses.extend(refusals.into_iter().map(Shared::reference));
}

/// 202 of an act toward a vendor.
fn goes_on() -> Response {
    let operation = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Operation")))
        .build();
    let location = HeaderBuilder::new()
        .schema(Some(Object::with_type(Type::String)))
        .description(Some("Where to follow the operation."))
        .build();
    ResponseBuilder::new()
        .description("It goes on without you; the operation shows how.")
        .content("application/json", operation)
        .header("Location", location)
        .build()
}

/// Adds the plan to what a 200 may hold.
fn show_plan(response: &mut RefOr<Response>) {
    let RefOr::T(response) = response else { return };
    let content = response
        .content
        .entry("application/json".to_owned())
        .or_insert_with(|| RefOr::T(Content::default()));
    let RefOr::T(content) = content else { return };
    let plan = Ref::from_schema_name("Plan");
    content.schema = Some(match content.schema.take() {
        None => plan.into(),
        Some(thing) => {
            response
                .description
                .push_str(" With `mode=plan`: what would be done.");
            OneOfBuilder::new().item(thing).item(plan).into()
        }
    });
}

fn has_parameter(operation: &path::Operation, wanted: impl Fn(&Parameter) -> bool) -> bool {
    operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if wanted(parameter)))
}
