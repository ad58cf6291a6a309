//! How the seeded people and clients sign in; all of it plainly made up.

use chrono::{Duration, Utc};
use uuid::Uuid;

use super::{SCOPE, application, beside, home, user};
use crate::simulators::{
    kit::people,
    lightelligence::{
        realm::{Client, Code, Reach, Session},
        settings::Settings,
        state::State,
    },
};

/// The portal's public client.
pub const PORTAL: &str = "olt-portal";
/// A client to which the vendor has granted management.
pub const SERVICE: &str = "acme-iam-service";
pub const SECRET: &str = "simulated-client-secret";
pub const REDIRECT_URI: &str = "http://127.0.0.1/callback";
pub const CODE: &str = "simulated-authorization-code";

fn service_account(n: usize) -> Uuid {
    people::uuid("lightelligence/service-account", n)
}

pub fn add_clients(state: &mut State) {
    let client = |id: String, name: &str, reach, secret: Option<&str>, account| Client {
        id,
        name: name.to_owned(),
        secret: secret.map(str::to_owned),
        redirect_uris: vec![REDIRECT_URI.to_owned(), "http://localhost/*".to_owned()],
        reach,
        tenants: Vec::new(),
        service_account: account,
        made_by: None,
    };
    state.admit(client(
        PORTAL.to_owned(),
        "Portal",
        Reach::Portal,
        None,
        None,
    ));
    state.admit(Client {
        tenants: vec![home(), beside()],
        ..client(
            SERVICE.to_owned(),
            "Acme IAM service",
            Reach::Granted,
            Some(SECRET),
            Some(service_account(0)),
        )
    });
    state.admit(Client {
        tenants: vec![home()],
        ..client(
            application().to_string(),
            "Acme Dashboard",
            Reach::Custom,
            Some(SECRET),
            Some(service_account(1)),
        )
    });
}

/// The owner's session in the portal, whose refresh token the connection has.
pub fn session(settings: &Settings) -> Session {
    let now = Utc::now();
    Session {
        id: people::uuid("lightelligence/session", 0),
        user: user(0),
        client: PORTAL.to_owned(),
        tenant: Some(home()),
        scope: SCOPE.to_owned(),
        refresh: people::uuid("lightelligence/refresh-token", 0),
        since: now,
        expires: now + Duration::seconds(settings.refresh_seconds.into()),
        nonce: None,
        refreshes: 0,
        stale: 0,
    }
}

/// A code that waits to be used, once.
pub fn code() -> Code {
    Code {
        client: PORTAL.to_owned(),
        user: user(0),
        redirect_uri: REDIRECT_URI.to_owned(),
        scope: SCOPE.to_owned(),
        nonce: None,
        challenge: None,
        expires: Utc::now() + Duration::days(1),
        session: people::uuid("lightelligence/session", 1),
        used: false,
    }
}
