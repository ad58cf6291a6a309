//! Domains, what they are set to, and plans (contract §5).

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Json,
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    auth::{self, Caller},
    domain::Domain,
    errors::Error,
    front::Front,
    input,
};
use crate::simulators::kit::{Call, PageFault};

type Devo = State<Front>;
type Answer = Result<Json<Value>, Error>;

const PLANS: [&str; 3] = ["child", "standard", "trial"];

/// How many rows a listing doubles when a page fault asks for repetition.
const REPEATED_ROWS: usize = 10;

/// The domains that the caller sees, of those that are asked for. A domain's own key is refused, or sees that domain only.
fn visible(
    front: &Front,
    caller: &Caller,
    is_asked_for: impl Fn(&Domain) -> bool,
) -> Result<Vec<Value>, Error> {
    let own = match caller {
        Caller::Domain(own) if front.quirks.takes_misplaced_key => Some(own),
        _ => {
            caller.check_all()?;
            None
        }
    };
    Ok(front.world.read(|state| {
        let domains = state.domains.values();
        let seen = domains.filter(|domain| own.is_none_or(|own| domain.name == *own));
        seen.filter(|domain| is_asked_for(domain))
            .map(Domain::show)
            .collect()
    }))
}

/// There are no pages (contract §3), so a page fault damages the one answer: rows missing, or rows twice.
pub(super) async fn list(State(front): Devo, caller: Caller, call: Call) -> Answer {
    let mut domains = visible(&front, &caller, |_| true)?;
    match call.page_fault() {
        None => {}
        Some(PageFault::Missing) => domains.truncate(domains.len() / 2),
        Some(PageFault::Loop | PageFault::Repeat) => {
            domains.extend_from_within(..domains.len().min(REPEATED_ROWS))
        }
    }
    Ok(Json(domains.into()))
}

/// The domains of a multitenant, which is named without a tail or as the domain that stands for it.
pub(super) async fn children(
    State(front): Devo,
    caller: Caller,
    Path(parent): Path<String>,
) -> Answer {
    let tail = format!("@{parent}");
    let children = visible(&front, &caller, |domain| domain.name.ends_with(&tail))?;
    if children.is_empty() {
        let found = front.world.read(|state| state.domain(&parent).map(drop));
        found.map_err(|error| front.refuse(error))?;
    }
    Ok(Json(children.into()))
}

/// What is asked for about a domain.
type About = fn(&Domain) -> Value;

async fn about(front: Front, caller: Caller, domain: String, about: About) -> Answer {
    caller.check(&domain)?;
    let found = front.world.read(|state| state.domain(&domain).map(about));
    found.map(Json).map_err(|error| front.refuse(error))
}

pub(super) async fn find(State(front): Devo, caller: Caller, Path(d): Path<String>) -> Answer {
    about(front, caller, d, Domain::show).await
}

pub(super) async fn policies(State(front): Devo, caller: Caller, Path(d): Path<String>) -> Answer {
    let policies = |_: &Domain| json!(["Users", "Roles", "Alerts", "API Credentials"]);
    about(front, caller, d, policies).await
}

pub(super) async fn applications(
    State(front): Devo,
    caller: Caller,
    Path(d): Path<String>,
) -> Answer {
    let applications = |_: &Domain| json!(["app.custom.overview"]);
    about(front, caller, d, applications).await
}

pub(super) async fn resources(State(front): Devo, caller: Caller, Path(d): Path<String>) -> Answer {
    let resources = |_: &Domain| json!(["siem.logtrust.web.activity", "my.app.ci"]);
    about(front, caller, d, resources).await
}

pub(super) async fn preferences(
    State(front): Devo,
    caller: Caller,
    Path(d): Path<String>,
) -> Answer {
    let preferences = |_: &Domain| json!({ "timeZone": "UTC", "sessionMinutes": 60 });
    about(front, caller, d, preferences).await
}

pub(super) async fn limits(State(front): Devo, caller: Caller, Path(d): Path<String>) -> Answer {
    let limits = |domain: &Domain| json!({ "maxUsers": 1000, "users": domain.members.len() });
    about(front, caller, d, limits).await
}

pub(super) async fn visibility(
    State(front): Devo,
    caller: Caller,
    Path(d): Path<String>,
) -> Answer {
    let visibility = |_: &Domain| json!({ "visible": true });
    about(front, caller, d, visibility).await
}

pub(super) async fn auth(State(front): Devo, caller: Caller, Path(d): Path<String>) -> Answer {
    let auth = |_: &Domain| json!({ "methods": ["password"] });
    about(front, caller, d, auth).await
}

pub(super) async fn keys(State(front): Devo, caller: Caller, Path(d): Path<String>) -> Answer {
    about(front, caller, d, |_| json!([auth::key_shown()])).await
}

pub(super) async fn key(
    State(front): Devo,
    caller: Caller,
    Path((domain, key)): Path<(String, String)>,
) -> Answer {
    let shown = auth::key_shown();
    if shown["name"] != key.as_str() {
        return Err(front.refuse(Error::generic(format!("Key '{key}' not found"))));
    }
    about(front, caller, domain, |_| auth::key_shown()).await
}

pub(super) async fn retention(State(front): Devo, caller: Caller, Path(d): Path<String>) -> Answer {
    about(
        front,
        caller,
        d,
        |domain| json!({ "days": domain.retention_days }),
    )
    .await
}

#[derive(Deserialize)]
struct Retention {
    days: u32,
}

pub(super) async fn set_retention(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(domain): Path<String>,
    body: Bytes,
) -> Answer {
    caller.check(&domain)?;
    let Retention { days } = input::read(&body)?;
    if days == 0 {
        return Err(Error::generic("Field days is not valid"));
    }
    let changed = front.world.change(&call, |state, effects| {
        let before = std::mem::replace(&mut state.domain_mut(&domain)?.retention_days, days);
        let after = json!({ "days": days });
        effects.applied(&domain, json!({ "days": before }), after.clone());
        Ok(after)
    });
    changed.map(Json).map_err(|error| front.refuse(error))
}

#[derive(Deserialize)]
struct NewDomain {
    name: String,
    plan: String,
    status: Option<String>,
}

/// The tail of the multitenant may be left out here, and only here (contract §3).
pub(super) async fn create(State(front): Devo, caller: Caller, call: Call, body: Bytes) -> Answer {
    caller.check_all()?;
    let new: NewDomain = input::read(&body)?;
    let tail = front.quirks.multitenant();
    let name = match (new.name.split_once('@'), tail) {
        (None, Some(tail)) => format!("{}@{tail}", new.name),
        _ => new.name,
    };
    input::ensure(input::is_domain(&name), "name")?;
    check_plan(&new.plan)?;
    let is_active = match new.status.as_deref() {
        None | Some("active") => true,
        Some("inactive") => false,
        Some(_) => return Err(Error::generic("Field status is not valid")),
    };
    let made = front.world.change(&call, |state, effects| {
        if state.domains.contains_key(&name) {
            return Err(Error::generic(format!("Domain '{name}' already exists")));
        }
        let mut domain = Domain::new(name.clone());
        domain.plan = new.plan;
        domain.is_active = is_active;
        let shown = domain.show();
        state.domains.insert(name.clone(), domain);
        effects.applied(&name, Value::Null, shown.clone());
        Ok(Json(shown))
    });
    made.map_err(|error| front.refuse(error))
}

/// Its users go with it, and its tokens.
pub(super) async fn remove(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(domain): Path<String>,
) -> Result<StatusCode, Error> {
    caller.check_all()?;
    let removed = front.world.change(&call, |state, effects| {
        let gone = state.remove_domain(&domain)?;
        effects.applied(&domain, gone.show(), Value::Null);
        Ok(StatusCode::OK)
    });
    removed.map_err(|error| front.refuse(error))
}

pub(super) async fn enable(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(domain): Path<String>,
) -> Answer {
    switch(&front, &caller, &call, &domain, true)
}

pub(super) async fn disable(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(domain): Path<String>,
) -> Answer {
    switch(&front, &caller, &call, &domain, false)
}

fn switch(front: &Front, caller: &Caller, call: &Call, domain: &str, on: bool) -> Answer {
    change(front, caller, call, domain, |found| found.is_active = on)
}

#[derive(Deserialize)]
struct Plan {
    plan: String,
}

pub(super) async fn set_plan(
    State(front): Devo,
    caller: Caller,
    call: Call,
    Path(domain): Path<String>,
    body: Bytes,
) -> Answer {
    let Plan { plan } = input::read(&body)?;
    check_plan(&plan)?;
    change(&front, &caller, &call, &domain, |found| found.plan = plan)
}

fn change(
    front: &Front,
    caller: &Caller,
    call: &Call,
    domain: &str,
    apply: impl FnOnce(&mut Domain),
) -> Answer {
    caller.check_all()?;
    let changed = front.world.change(call, |state, effects| {
        let found = state.domain_mut(domain)?;
        let before = found.show();
        apply(found);
        let after = found.show();
        if before != after {
            effects.applied(domain, before, after.clone());
        }
        Ok(Json(after))
    });
    changed.map_err(|error| front.refuse(error))
}

fn check_plan(plan: &str) -> Result<(), Error> {
    input::ensure(PLANS.contains(&plan), "plan")
}

pub(super) async fn plans() -> Json<Value> {
    Json(PLANS.map(|plan| json!({ "name": plan })).to_vec().into())
}

pub(super) async fn plan(State(front): Devo, Path(plan): Path<String>) -> Answer {
    known_plan(&front, &plan)?;
    Ok(Json(json!({ "name": plan })))
}

/// Every plan begins with the same roles.
pub(super) async fn plan_roles(State(front): Devo, Path(plan): Path<String>) -> Answer {
    known_plan(&front, &plan)?;
    let roles = Domain::new(plan).roles;
    Ok(Json(roles.iter().map(|role| role.show(false)).collect()))
}

fn known_plan(front: &Front, plan: &str) -> Result<(), Error> {
    if PLANS.contains(&plan) {
        return Ok(());
    }
    Err(front.refuse(Error::generic(format!("Plan '{plan}' not found"))))
}

/// What the calling token may reach: all that it asks about, since it is the owner's.
pub(super) async fn access(RawQuery(query): RawQuery) -> Json<Value> {
    let mut shown = json!({ "tableAccess": {}, "policyAccess": {} });
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if shown.get(&*name).is_none() {
            continue;
        }
        for asked in value.split(',').filter(|asked| !asked.is_empty()) {
            shown[&*name][asked] = true.into();
        }
    }
    Json(shown)
}
