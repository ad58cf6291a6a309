//! The ways to a credential. None of them asks for one (contract §B2).

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    envelope::{Answer, Envelope},
    errors::Error,
    routes::Connector,
};

/// What the made-up provider lets in.
const CLIENT_SECRET: &str = "simulated-client-secret";

#[derive(Deserialize)]
struct AuthorizationUrl {
    client_id: String,
    scopes: Vec<String>,
    redirect_uri: String,
    state: String,
    #[serde(rename = "form_data")]
    _form_data: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Callback {
    client_id: String,
    client_secret: String,
    redirect_uri_with_code: String,
    state: Option<String>,
}

#[derive(Deserialize)]
struct ClientCredentials {
    client_id: String,
    client_secret: String,
    #[serde(rename = "scopes")]
    _scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Refresh {
    client_id: String,
    client_secret: String,
    refresh_token: String,
    state: Option<String>,
}

pub(super) fn authorization_url(
    _connector: &Connector,
    envelope: &Envelope,
) -> Result<Answer, Error> {
    let asked: AuthorizationUrl = envelope.request("GetAuthorizationUrlRequest")?;
    let mut url = url::Url::parse("https://acme.example/oauth/authorize")
        .map_err(|_| Error::internal("the provider has no address"))?;
    url.query_pairs_mut()
        .append_pair("client_id", &asked.client_id)
        .append_pair("redirect_uri", &asked.redirect_uri)
        .append_pair("scope", &asked.scopes.join(" "))
        .append_pair("state", &asked.state);
    Ok(envelope.answer(json!({
        "authorization_url": url.as_str(),
        "code_verifier": "simulated-code-verifier"
    })))
}

pub(super) fn callback(_connector: &Connector, envelope: &Envelope) -> Result<Answer, Error> {
    let asked: Callback = envelope.request("HandleAuthorizationCallbackRequest")?;
    let has_code = url::Url::parse(&asked.redirect_uri_with_code)
        .is_ok_and(|url| url.query_pairs().any(|(name, _)| name == "code"));
    if !has_code {
        return Err(Error::invalid_value("redirect_uri_with_code has no code"));
    }
    issued(
        envelope,
        &asked.client_id,
        &asked.client_secret,
        asked.state,
    )
}

pub(super) fn client_credentials(
    _connector: &Connector,
    envelope: &Envelope,
) -> Result<Answer, Error> {
    let asked: ClientCredentials = envelope.request("HandleClientCredentialsRequest")?;
    issued(envelope, &asked.client_id, &asked.client_secret, None)
}

pub(super) fn refresh(_connector: &Connector, envelope: &Envelope) -> Result<Answer, Error> {
    let asked: Refresh = envelope.request("RefreshAccessTokenRequest")?;
    if asked.refresh_token.is_empty() {
        return Err(Error::unauthorized());
    }
    issued(
        envelope,
        &asked.client_id,
        &asked.client_secret,
        asked.state,
    )
}

/// OauthCredentials, for who knows the client's secret.
fn issued(
    envelope: &Envelope,
    client: &str,
    secret: &str,
    state: Option<String>,
) -> Result<Answer, Error> {
    if client.is_empty() || secret != CLIENT_SECRET {
        return Err(Error::unauthorized());
    }
    Ok(envelope.answer(json!({
        "access_token": "simulated-access-token",
        "refresh_token": "simulated-refresh-token",
        "token_type": "bearer",
        "state": state
    })))
}
