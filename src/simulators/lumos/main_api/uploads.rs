//! What comes in bulk and is worked off by jobs: accounts of an app, and when they were last used (contract §A4).

use axum::{
    extract::{Path, State as Given},
    response::Json,
};
use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    apps,
    errors::Error,
    front::Main,
    query,
    shape::{Kind, Sent, Shape, may, maybe, must, open, told},
    state::{Account, State},
    words::ACCOUNT_STATUSES,
};
use crate::simulators::kit::Call;

const PERMISSION: Shape = open(&[
    may("unique_identifier", Kind::Text),
    may("type", Kind::Text),
    may("name", Kind::Text),
]);
const ATTRIBUTE: Shape = open(&[
    maybe("unique_identifier", Kind::Text),
    may("type", Kind::Text),
    may("name", Kind::Text),
]);
const ACCOUNT: Shape = open(&[
    told("unique_identifier", Kind::Text),
    maybe("email", Kind::Text),
    maybe("first_name", Kind::Text),
    maybe("last_name", Kind::Text),
    maybe("last_activity", Kind::Time),
    maybe("last_login", Kind::Time),
    maybe("status", Kind::Word(ACCOUNT_STATUSES)),
    may("permissions", Kind::Many(&Kind::Thing(&PERMISSION), 0)),
    may("attributes", Kind::Many(&Kind::Thing(&ATTRIBUTE), 0)),
]);
const UPLOAD: Shape = open(&[
    may("accounts", Kind::Many(&Kind::Thing(&ACCOUNT), 0)),
    must("app_id", Kind::Text),
]);

const OF_ACCOUNT: Shape = open(&[may("external_id", Kind::Text), maybe("email", Kind::Text)]);
const EVENT: Shape = open(&[must("type", Kind::Word(&["LOGIN", "ACTIVITY"]))]);
const INSTANCE: Shape = open(&[must("instance_identifier", Kind::Text)]);
const RECORD: Shape = open(&[
    must("account", Kind::Thing(&OF_ACCOUNT)),
    must("event", Kind::Thing(&EVENT)),
    must("timestamp", Kind::Time),
    must("source_app_id", Kind::Text),
    maybe("app", Kind::Thing(&INSTANCE)),
]);
const RECORDS: Shape = open(&[must("records", Kind::Many(&Kind::Thing(&RECORD), 0))]);

/// A job: what it was given is there already, and who asks once finds it at work, then through.
#[derive(Debug, Clone)]
pub(super) struct Job {
    is_upload: bool,
    asked: u32,
}

impl State {
    fn begin(&mut self, is_upload: bool) -> Uuid {
        let id = Uuid::new_v4();
        self.jobs.put(
            id,
            Job {
                is_upload,
                asked: 0,
            },
        );
        id
    }
}

pub(super) async fn accounts(
    Given(main): Given<Main>,
    call: Call,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&UPLOAD)?;
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        let app = input["app_id"].as_str().unwrap_or_default();
        let app = state.apps.find_text(app).ok_or(apps::NONE)?.id;
        for given in input["accounts"].as_array().into_iter().flatten() {
            let Some((before, account)) = uploaded(state, app, given) else {
                continue;
            };
            let show = |account: &Account| state.account(&main.quirks, account, false);
            let (id, before, after) = (account.id, before.as_ref().map(show), show(&account));
            effects.applied(id, before.unwrap_or_default(), after);
            state.put_account(account);
        }
        let id = state.begin(true);
        Ok(Json(json!({ "job_id": id, "state": "NOT_STARTED" })))
    })
}

/// The account of this name in the app, as it was and as it is now. Who has neither a name nor an address can't be kept.
fn uploaded(state: &State, app: Uuid, given: &Value) -> Option<(Option<Account>, Account)> {
    let text = |name: &str| given[name].as_str().map(str::to_owned);
    let time = |name: &str| given[name].as_str().and_then(query::time);
    let name = text("unique_identifier").or_else(|| text("email"))?;
    let ids = app.to_string();
    let mut known = state.accounts.of(state.accounts_of(&ids));
    let known = known
        .find(|account| account.unique_identifier == name)
        .cloned();
    let mut account = known.clone().unwrap_or_else(|| Account {
        id: Uuid::new_v4(),
        app_id: app,
        account_type: "USER".to_owned(),
        status: Some("ACTIVE".to_owned()),
        unique_identifier: name,
        email: None,
        user_id: None,
        discovered_at: Some(Utc::now().trunc_subsecs(0)),
        last_login: None,
        last_activity: None,
        sources: vec!["MANUAL".to_owned()],
    });
    account.email = text("email").or(account.email);
    account.status = text("status").or(account.status);
    account.last_login = time("last_login").or(account.last_login);
    account.last_activity = time("last_activity").or(account.last_activity);
    if account.user_id.is_none() && account.email.is_some() {
        let mut users = state.users.all();
        account.user_id = users
            .find(|user| user.email == account.email)
            .map(|user| user.id);
    }
    Some((known, account))
}

pub(super) async fn upload_job(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    let asked = asked(&main, &call, &id, true)?;
    let state = if asked > 1 { "SUCCESS" } else { "RUNNING" };
    Ok(Json(json!({ "job_id": id, "state": state })))
}

pub(super) async fn records(
    Given(main): Given<Main>,
    call: Call,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&RECORDS)?;
    main.world.change(&call, |state, effects| {
        let state = &mut state.main;
        for record in input["records"].as_array().into_iter().flatten() {
            let Some(mut account) = meant(state, record).cloned() else {
                continue;
            };
            let before = state.account(&main.quirks, &account, false);
            let at = record["timestamp"].as_str().and_then(query::time);
            let field: &mut Option<DateTime<Utc>> = match record["event"]["type"].as_str() {
                Some("LOGIN") => &mut account.last_login,
                _ => &mut account.last_activity,
            };
            *field = (*field).max(at);
            let after = state.account(&main.quirks, &account, false);
            effects.applied(account.id, before, after);
            state.put_account(account);
        }
        let id = state.begin(false);
        Ok(Json(json!({ "job": { "job_id": id, "state": "RUNNING" } })))
    })
}

/// The account of an app that a record names by its identifier or its address.
fn meant<'a>(state: &'a State, record: &Value) -> Option<&'a Account> {
    let app = record["source_app_id"].as_str()?;
    let (id, email) = (
        record["account"]["external_id"].as_str(),
        record["account"]["email"].as_str(),
    );
    state
        .accounts
        .of(state.accounts_of(app))
        .find(|account| match id {
            Some(id) => account.unique_identifier == id,
            None => email.is_some() && account.email.as_deref() == email,
        })
}

pub(super) async fn records_job(
    Given(main): Given<Main>,
    call: Call,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    let asked = asked(&main, &call, &id, false)?;
    let state = if asked > 1 { "DONE" } else { "RUNNING" };
    Ok(Json(json!({ "job_id": id, "state": state })))
}

/// How often a job was asked for, this time included.
fn asked(main: &Main, call: &Call, id: &str, is_upload: bool) -> Result<u32, Error> {
    main.world.change(call, |state, _nothing_to_see| {
        let job = state.main.jobs.find_text_mut(id);
        let job = job.filter(|job| job.is_upload == is_upload);
        let job = job.ok_or(Error::NotFound("Job"))?;
        job.asked += 1;
        Ok(job.asked)
    })
}
