//! Apps that come, change, are synced and go (contract §A4, the notes on `/apps`).

use axum::{
    extract::{Path, State},
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Json, Response},
};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{App, CATEGORIES, CUSTOM, NONE, Text};
use crate::simulators::{
    kit::Call,
    lumos::main_api::{
        appstore::settings,
        errors::Error,
        front::Main,
        integrations,
        shape::{Kind, Sent, Shape, closed, maybe, must, open},
    },
};

/// How long a sync takes.
const SYNC: Duration = Duration::milliseconds(300);

const CREATE: Shape = open(&[
    maybe("name", Kind::Text),
    maybe("category", Kind::Text),
    maybe("description", Kind::Bounded(0, 8192)),
    maybe("logo_url", Kind::Text),
    maybe("website_url", Kind::Text),
    maybe("request_instructions", Kind::Text),
    maybe("app_class_id", Kind::Text),
    maybe("auth", Kind::Open),
    maybe("settings", Kind::Open),
    maybe("version", Kind::Text),
]);
const UPDATE: Shape = open(&[
    maybe("name", Kind::Text),
    maybe("category", Kind::Text),
    maybe("description", Kind::Text),
    maybe("logo_url", Kind::Text),
    maybe("website_url", Kind::Text),
    maybe("request_instructions", Kind::Text),
]);
const SYNC_INPUT: Shape = closed(&[must("sync_type", Kind::Word(&["full_sync"]))]);

/// A custom app by name, category and description; or an integration by its class and credentials.
pub(in super::super) async fn create(
    State(main): State<Main>,
    call: Call,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&CREATE)?;
    let mut app = match input["app_class_id"].as_str() {
        Some(class) => connected(class, &input)?,
        None => custom(&input)?,
    };
    app.rename(&input)?;
    main.world.change(&call, |state, effects| {
        let is_same = |other: &App| other.is_custom() && other.label == app.label;
        if app.is_custom() && state.main.apps.all().any(is_same) {
            return Err(Error::conflict("An app with this name already exists"));
        }
        let shown = app.show();
        state.main.apps.put(app.id, app);
        effects.applied(id_of(&shown), Value::Null, shown.clone());
        Ok(Json(shown))
    })
}

pub(in super::super) async fn update(
    State(main): State<Main>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Json<Value>, Error> {
    let input = sent.read(&UPDATE)?;
    main.world.change(&call, |state, effects| {
        let app = state.main.apps.find_text_mut(&id).ok_or(NONE)?;
        let before = app.show();
        app.rename(&input)?;
        let after = app.show();
        effects.applied(id_of(&after), before, after.clone());
        Ok(Json(after))
    })
}

/// As [`update`], and new credentials for the integration, which start a sync.
pub(in super::super) async fn reconnect(
    State(main): State<Main>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<Response, Error> {
    let input = sent.read(&CREATE)?;
    main.world.change(&call, |state, effects| {
        let app = state.main.apps.find_text_mut(&id).ok_or(NONE)?;
        if app.connection_source != Some("API") {
            return Err(Error::conflict("This app is not managed through the API"));
        }
        let before = app.show();
        let is_rotated = ["auth", "settings", "version"]
            .iter()
            .any(|name| !input[*name].is_null());
        if is_rotated {
            if app.sync_status == Some("SYNCING") {
                let why = Error::Refused(
                    StatusCode::TOO_MANY_REQUESTS,
                    "A sync is in progress".into(),
                );
                return Ok(([(RETRY_AFTER, "5")], why).into_response());
            }
            if input["app_class_id"].as_str() != Some(&app.app_class_id) {
                return Err(Error::bad("app_class_id must match the app's"));
            }
            integrations::accept(&app.app_class_id, &input)?;
            app.disconnected = false;
            app.start_sync(Utc::now());
        }
        app.rename(&input)?;
        let after = app.show();
        effects.applied(id_of(&after), before, after.clone());
        Ok(Json(after).into_response())
    })
}

/// An integration loses its credentials; a custom app goes when nobody has an account in it.
pub(in super::super) async fn disconnect(
    State(main): State<Main>,
    call: Call,
    Path(id): Path<String>,
) -> Result<Json<Value>, Error> {
    main.world.change(&call, |state, effects| {
        let is_used = !state.main.accounts_of(&id).is_empty();
        let app = state.main.apps.find_text_mut(&id).ok_or(NONE)?;
        if app.connection_source != Some("API") {
            return Err(Error::conflict("This app is not managed through the API"));
        }
        let before = app.show();
        let answer =
            json!({ "id": app.id, "app_class_id": app.app_class_id, "disconnected": true });
        let id = app.id;
        let after = if app.is_custom() && !is_used {
            state.main.take_app(id);
            Value::Null
        } else {
            app.disconnected = true;
            app.show()
        };
        effects.applied(id.to_string(), before, after);
        Ok(Json(answer))
    })
}

pub(in super::super) async fn sync(
    State(main): State<Main>,
    call: Call,
    Path(id): Path<String>,
    sent: Sent,
) -> Result<(StatusCode, Json<Value>), Error> {
    let input = sent.read(&SYNC_INPUT)?;
    main.world.change(&call, |state, effects| {
        let app = state.main.apps.find_text_mut(&id).ok_or(NONE)?;
        if app.is_custom() {
            let why = "This app does not support syncing".to_owned();
            return Err(Error::Refused(StatusCode::NOT_IMPLEMENTED, why));
        }
        if app.disconnected {
            return Err(Error::bad("The app is disconnected"));
        }
        if app.sync_status == Some("SYNCING") {
            return Err(Error::conflict("A sync is already in progress"));
        }
        let before = app.show();
        app.start_sync(Utc::now());
        let after = app.show();
        effects.applied(id_of(&after), before, after);
        let answer =
            json!({ "app_id": app.id, "sync_type": input["sync_type"], "status": "triggered" });
        Ok((StatusCode::ACCEPTED, Json(answer)))
    })
}

fn id_of(shown: &Value) -> String {
    shown["id"].as_str().unwrap_or_default().to_owned()
}

fn custom(input: &Value) -> Result<App, Error> {
    let given = |name: &str| input[name].as_str().filter(|text| !text.is_empty());
    let missing = ["name", "category", "description"]
        .into_iter()
        .find(|name| given(name).is_none());
    if let Some(name) = missing {
        return Err(Error::bad(format!("A custom app needs a {name}")));
    }
    let class = given("name").unwrap_or_default().to_lowercase();
    Ok(App {
        instance_id: CUSTOM.into(),
        app_class_id: class.replace(' ', "-").into(),
        sources: &["MANUAL"],
        ..App::new(Uuid::new_v4(), Text::Borrowed(""))
    })
}

fn connected(class: &str, input: &Value) -> Result<App, Error> {
    let integration = integrations::accept(class, input)?;
    let mut app = App {
        app_class_id: class.to_owned().into(),
        instance_id: format!("{class}-{}", Uuid::new_v4().simple()).into(),
        sources: &["LUMOS_INTEGRATION"],
        category: Some(integration.category.into()),
        ..App::new(Uuid::new_v4(), integration.name.into())
    };
    app.start_sync(Utc::now());
    Ok(app)
}

impl App {
    /// A new one, managed through the API.
    pub(in super::super) fn new(id: Uuid, label: Text) -> Self {
        App {
            id,
            app_class_id: Text::Borrowed(""),
            instance_id: Text::Borrowed(""),
            label,
            status: Text::Borrowed("APPROVED"),
            sources: &[],
            category: None,
            description: None,
            logo_url: None,
            website_url: None,
            request_instructions: None,
            allow_multiple: false,
            connection_source: Some("API"),
            disconnected: false,
            sync_status: None,
            syncing_until: None,
            owner: None,
            settings: settings::defaults(),
            in_app_store: false,
        }
    }

    fn start_sync(&mut self, now: DateTime<Utc>) {
        self.sync_status = Some("SYNCING");
        self.syncing_until = Some(now + SYNC);
    }

    /// Takes over the fields that people read; null and missing ones stay as they are.
    fn rename(&mut self, input: &Value) -> Result<(), Error> {
        let given = |name: &str| input[name].as_str().map(|text| Text::from(text.to_owned()));
        if let Some(category) = given("category") {
            if !CATEGORIES.contains(&category.as_ref()) {
                return Err(Error::bad(format!("There is no category {category}")));
            }
            self.category = Some(category);
        }
        if let Some(name) = given("name") {
            self.label = name;
        }
        for (field, name) in [
            (&mut self.description, "description"),
            (&mut self.logo_url, "logo_url"),
            (&mut self.website_url, "website_url"),
            (&mut self.request_instructions, "request_instructions"),
        ] {
            if let Some(text) = given(name) {
                *field = Some(text);
            }
        }
        Ok(())
    }
}
