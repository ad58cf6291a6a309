//! The two tokens of a connection, and which part of the API each is for (§1).

use std::sync::Arc;

use secrecy::SecretString;

use super::settings::LegacyToken;
use crate::adapters::contract::{AdapterError, Trouble};
use crate::adapters::transport::{Authorization, Sign};
use crate::adapters::vendor::{BuildError, Credentials};

/// A part of the API, by the kind of token that it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
    /// `/api/admin/**`: the tenant, seen by an administrator.
    Admin,
    /// The older `/api/v1|v2|v3/**`: the tenant too, by a token that the vendor does not name for sure.
    Legacy,
    /// `/api/user/**`: acts as the user who made the token.
    User,
}

impl Area {
    /// The area of a path below `/api`.
    pub(super) fn of(path: &[&str]) -> Self {
        match path.first() {
            Some(&"user") => Self::User,
            Some(&"admin") => Self::Admin,
            _ => Self::Legacy,
        }
    }
}

/// The tokens of one connection.
pub(super) struct Tokens {
    legacy: LegacyToken,
    account: Arc<dyn Sign>,
    personal: Option<Arc<dyn Sign>>,
    secrets: Vec<SecretString>,
}

impl Tokens {
    pub(super) fn parse(
        credentials: &Credentials,
        legacy: LegacyToken,
    ) -> Result<Self, BuildError> {
        if credentials.kind != "tokens" {
            return Err(BuildError(format!(
                "apono/tenant has no credentials of kind `{}`",
                credentials.kind
            )));
        }
        let account = credentials.require("account_token")?;
        let personal = credentials.fields.get("personal_token");
        Ok(Self {
            legacy,
            account: bearer("account_token", account)?,
            personal: personal
                .map(|token| bearer("personal_token", token))
                .transpose()?,
            secrets: [account].into_iter().chain(personal).cloned().collect(),
        })
    }

    /// The values that no message may repeat.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        self.secrets.clone()
    }

    pub(super) fn has_personal(&self) -> bool {
        self.personal.is_some()
    }

    /// The one token that may go to an area.
    pub(super) fn for_area(&self, area: Area) -> Result<Arc<dyn Sign>, AdapterError> {
        let why = match (area, self.legacy) {
            (Area::Admin, _) | (Area::Legacy, LegacyToken::Account) => {
                return Ok(Arc::clone(&self.account));
            }
            (Area::Legacy, LegacyToken::Personal) => {
                "`legacy_token` says that the older API takes no other"
            }
            (Area::User, _) => "Apono's user API takes no other",
        };
        self.personal.clone().ok_or_else(|| {
            let words = format!("the connection has no personal token, and {why}");
            AdapterError::new(Trouble::AuthFailed, words)
        })
    }
}

fn bearer(field: &str, token: &SecretString) -> Result<Arc<dyn Sign>, BuildError> {
    let authorization =
        Authorization::bearer(token).map_err(|unfit| BuildError(format!("`{field}`: {unfit}")))?;
    Ok(Arc::new(authorization))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::Method;
    use reqwest::header::{AUTHORIZATION, HeaderMap};
    use url::Url;

    use super::*;
    use crate::adapters::transport::Request;

    fn tokens(fields: &[(&str, &str)]) -> Result<Tokens, BuildError> {
        with(LegacyToken::Account, fields)
    }

    fn with(legacy: LegacyToken, fields: &[(&str, &str)]) -> Result<Tokens, BuildError> {
        let credentials = Credentials {
            kind: "tokens".to_owned(),
            fields: fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), SecretString::from(*value)))
                .collect(),
        };
        Tokens::parse(&credentials, legacy)
    }

    fn sent(tokens: &Tokens, path: &[&str]) -> Result<String, AdapterError> {
        let mut request = Request {
            method: Method::GET,
            url: Url::parse("https://api.apono.example").unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            sign: None,
        };
        tokens.for_area(Area::of(path))?.sign(&mut request)?;
        let value = request.headers.remove(AUTHORIZATION).unwrap();
        Ok(value.to_str().unwrap().to_owned())
    }

    #[test]
    fn each_token_goes_only_where_it_is_for() {
        let both = tokens(&[("account_token", "acc"), ("personal_token", "aup_x")]).unwrap();
        for path in [["admin", "v3"], ["v1", "x"], ["v2", "users"], ["v3", "x"]] {
            assert_eq!(sent(&both, &path).unwrap(), "Bearer acc", "{path:?}");
        }
        assert_eq!(sent(&both, &["user", "v4"]).unwrap(), "Bearer aup_x");
    }

    #[test]
    fn without_a_personal_token_nothing_goes_to_the_user_api() {
        let one = tokens(&[("account_token", "acc")]).unwrap();
        let error = sent(&one, &["user", "v4"]).unwrap_err();
        assert_eq!(error.trouble, Trouble::AuthFailed);
        assert_eq!(sent(&one, &["admin", "v3"]).unwrap(), "Bearer acc");
    }

    #[test]
    fn the_older_api_gets_the_personal_token_where_the_setting_says_so() {
        let fields = [("account_token", "acc"), ("personal_token", "aup_x")];
        let both = with(LegacyToken::Personal, &fields).unwrap();
        assert_eq!(sent(&both, &["v2", "users"]).unwrap(), "Bearer aup_x");
        assert_eq!(sent(&both, &["admin", "v3"]).unwrap(), "Bearer acc");
        let one = with(LegacyToken::Personal, &fields[..1]).unwrap();
        let error = sent(&one, &["v2", "users"]).unwrap_err();
        assert!(error.message.contains("legacy_token"), "{error}");
    }

    #[test]
    fn unusable_tokens_are_refused_without_showing_them() {
        for fields in [
            vec![("account_token", "canary\n")],
            vec![("account_token", "acc"), ("personal_token", "canary\n")],
            vec![("personal_token", "canary")],
        ] {
            let error = tokens(&fields).err().expect("refused");
            assert!(!error.0.contains("canary"), "{error}");
        }
    }
}
