//! OAuth clients, and how they show who they are.

use axum::http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use super::{errors::Refusal, form::Form};
use crate::simulators::lightelligence::{
    permissions::{self, Permission},
    state::State,
};

/// What a client's tokens may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The portal: all that its user may.
    Portal,
    /// All that is asked of it, because the vendor has granted so.
    Granted,
    /// A custom application: nothing of tenant and user management (contract §3, "hard limit").
    Custom,
}

#[derive(Debug, Clone)]
pub struct Client {
    pub id: String,
    pub name: String,
    /// None for a public client.
    pub secret: Option<String>,
    /// Exact, or with a `*` for any ending.
    pub redirect_uris: Vec<String>,
    pub reach: Reach,
    /// Where it may act on its own, the first unless it asks; a custom application's are where it is installed.
    pub tenants: Vec<Uuid>,
    /// The user that it is when it acts on its own; a public client never does.
    pub service_account: Option<Uuid>,
    /// Which tenant made it by `/clients`.
    pub made_by: Option<Uuid>,
}

impl Client {
    /// Leaves of these permissions what this client's tokens may have.
    pub fn limit(&self, mut all: Vec<&'static Permission>) -> Vec<&'static Permission> {
        if self.reach == Reach::Custom {
            all.retain(|permission| !permissions::is_management(permission.alias));
        }
        all
    }

    /// Without its secret.
    pub fn show(&self) -> Value {
        json!({
            "kind": "client",
            "id": self.id,
            "name": self.name,
            "public": self.secret.is_none(),
            "redirectUris": self.redirect_uris,
            "tenantIds": self.tenants,
        })
    }

    /// Whether a token of it may be for this tenant at all.
    pub fn may_act_in(&self, tenant: Uuid) -> bool {
        self.reach == Reach::Portal || self.tenants.contains(&tenant)
    }

    pub fn takes_redirect(&self, uri: &str) -> bool {
        self.redirect_uris
            .iter()
            .any(|known| match known.strip_suffix('*') {
                Some(start) => uri.starts_with(start),
                None => known == uri,
            })
    }
}

/// The client that a form names, if it shows the right secret, in the form or as basic credentials.
pub fn authenticate<'a>(
    state: &'a State,
    headers: &HeaderMap,
    form: &Form,
) -> Result<&'a Client, Refusal> {
    let basic = basic(headers);
    let (id, secret) = match &basic {
        Some((id, secret)) => (id.as_str(), Some(secret.as_str())),
        None => {
            let missing = || {
                Refusal::new(
                    StatusCode::BAD_REQUEST,
                    "invalid_client",
                    "Missing client_id parameter",
                )
            };
            let id = form.get("client_id").ok_or_else(missing)?;
            (id, form.get("client_secret"))
        }
    };
    let old = state.settings.old_idp;
    let status = if old {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::UNAUTHORIZED
    };
    let current = "Invalid client or Invalid client credentials";
    let client = state.realm.client(id).ok_or_else(|| {
        let text = if old {
            "Invalid client credentials"
        } else {
            current
        };
        Refusal::new(status, "invalid_client", text)
    })?;
    match &client.secret {
        Some(known) if secret != Some(known) => {
            let text = if old {
                "Invalid client secret"
            } else {
                current
            };
            Err(Refusal::new(status, "unauthorized_client", text))
        }
        Some(_) | None => Ok(client),
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let given = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let text = String::from_utf8(STANDARD.decode(given.strip_prefix("Basic ")?).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    // Both were form-encoded first (RFC 6749, section 2.3.1).
    let decode = |text: &str| {
        form_urlencoded::parse(format!("x={text}").as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
    };
    Some((decode(id)?, decode(secret)?))
}
