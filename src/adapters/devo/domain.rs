//! One domain of a connection: its users and roles, and when it may be called gone.

use serde_json::Value;

use super::client::Client;
use super::domains::Domains;
use super::reach::Reach;
use super::roles::Roles;
use super::{Api, convert};
use crate::adapters::contract::{AdapterError, Call, Trouble};
use crate::domain::{AccountRecord, ExternalKey, ResourceRecord};

/// One of the domains that a connection covers.
#[derive(Clone, Copy)]
pub(super) struct Domain<'a> {
    api: &'a Api,
    pub(super) name: &'a str,
}

impl Api {
    /// The domain of this name, which the connection covers.
    pub(super) fn domain<'a>(&'a self, name: &'a str) -> Domain<'a> {
        Domain { api: self, name }
    }

    /// Domain and address of the user that a key is of.
    ///
    /// # Errors
    /// The key is of no user of a domain that the connection covers.
    pub(super) fn user_in(&self, key: &ExternalKey) -> Result<(String, String), AdapterError> {
        let reach = &self.settings.reach;
        let user = convert::user(key).filter(|(domain, _)| reach.covers(domain));
        user.ok_or_else(|| {
            let words = format!("this is not a user of {reach}");
            AdapterError::new(Trouble::Invalid, words)
        })
    }

    /// The domains of a multitenant, as Devo lists them to those who may see them all.
    pub(super) async fn domains(&self, call: &Call) -> Result<Domains, AdapterError> {
        let listed = self.client.domains(call).await;
        let listed = listed.map_err(|error| self.not_found(error))?;
        let domains = Domains::read(listed, &self.settings.reach);
        if domains.known.is_empty() {
            return Err(AdapterError::new(
                Trouble::AuthFailed,
                format!(
                    "Devo lists no domain of {} to these credentials: they may be those of a single domain",
                    self.settings.reach
                ),
            ));
        }
        Ok(domains)
    }

    /// "Not found" of all that the connection covers: it is that which Devo does not find, or the key (§2).
    fn not_found(&self, error: AdapterError) -> AdapterError {
        if error.trouble != Trouble::NotFound {
            return error;
        }
        let message = format!(
            "Devo does not know {} with these credentials, or not in this region: {}",
            self.settings.reach, error.message
        );
        AdapterError {
            trouble: Trouble::AuthFailed,
            message,
            ..error
        }
    }
}

impl Domain<'_> {
    pub(super) fn client(&self) -> &Client {
        &self.api.client
    }

    /// Whether the connection covers others beside it.
    pub(super) fn is_of_many(&self) -> bool {
        matches!(self.api.settings.reach, Reach::Multitenant(_))
    }

    /// The domain itself; `None` when it is gone for certain.
    pub(super) async fn read(self, call: &Call) -> Result<Option<ResourceRecord>, AdapterError> {
        let raw = self.client().domain(call, self.name).await;
        let Some(raw) = self.unless_gone(call, raw).await? else {
            return Ok(None);
        };
        convert::resource(raw, self.name)
            .map(Some)
            .map_err(|defect| {
                let words = format!("Devo's domain can't be used: {defect}");
                AdapterError::new(Trouble::Malformed, words)
            })
    }

    /// All users of the domain; nobody when it is gone for certain.
    pub(super) async fn users(self, call: &Call) -> Result<Vec<Value>, AdapterError> {
        let users = self.client().users(call, self.name).await;
        let users = self.unless_gone(call, users).await?;
        Ok(users.unwrap_or_default())
    }

    /// The roles of the domain; `None` when it is gone for certain.
    pub(super) async fn roles(self, call: &Call) -> Result<Option<Roles>, AdapterError> {
        let listed = self.client().roles(call, self.name).await;
        let listed = self.unless_gone(call, listed).await?;
        Ok(listed.map(|listed| Roles::read(listed, self.name)))
    }

    /// The domain's user with this address; `None` only when that is proven.
    ///
    /// "Not found" alone proves nothing: Devo says so to unknown keys too (§2). So the domain's users are listed, which works
    /// only with good credentials, and the user must be missing there as well.
    pub(super) async fn find(
        self,
        call: &Call,
        email: &str,
    ) -> Result<Option<AccountRecord>, AdapterError> {
        let raw = match self.client().user(call, self.name, email).await {
            Ok(raw) => Some(raw),
            Err(error) if error.trouble == Trouble::NotFound => {
                let users = self.users(call).await?;
                users.into_iter().find(|user| is_of(user, email))
            }
            Err(error) => return Err(error),
        };
        let Some(raw) = raw else { return Ok(None) };
        let malformed = |why: String| AdapterError::new(Trouble::Malformed, why);
        if !is_of(&raw, email) {
            return Err(malformed(
                "Devo answered with another user than the one asked for".to_owned(),
            ));
        }
        convert::record(raw, self.name)
            .map(Some)
            .map_err(|defect| malformed(format!("Devo's user can't be used: {defect}")))
    }

    /// An answer about the whole domain; `None` where it is "not found" and the domain is gone for certain.
    ///
    /// Were the only domain of a connection gone, so would be the credentials, and the answer would prove nothing (§2). One of
    /// a multitenant is gone when the list of all is shown to these credentials, and lacks it.
    async fn unless_gone<T>(
        self,
        call: &Call,
        answer: Result<T, AdapterError>,
    ) -> Result<Option<T>, AdapterError> {
        let error = match answer {
            Ok(answer) => return Ok(Some(answer)),
            Err(error) if error.trouble != Trouble::NotFound => return Err(error),
            Err(error) => error,
        };
        if self.is_of_many() && self.api.domains(call).await?.lack(self.name) {
            return Ok(None);
        }
        Err(self.api.not_found(error))
    }
}

/// Whether Devo's user is the one with this address.
pub(super) fn is_of(user: &Value, email: &str) -> bool {
    let named = user["email"].as_str().unwrap_or_default();
    named.to_lowercase() == email.to_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_about_somebody_else_is_noticed() {
        assert!(is_of(&json!({ "email": "Ada@x.co" }), "ada@X.co"));
        for other in [
            json!({ "email": "bob@x.co" }),
            json!({}),
            json!([]),
            json!(null),
        ] {
            assert!(!is_of(&other, "ada@x.co"), "{other}");
        }
    }
}
