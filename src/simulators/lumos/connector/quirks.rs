//! What may differ between connectors, as switches.

use std::str::FromStr;

use serde_json::{Value, json};

use super::{APP_ID, access::LICENCE};
use crate::simulators::kit::Options;

/// How the connector behaves where connectors differ. By switch, with the default first:
///
/// - `auth`: the kind of credential that it takes: `token`, `basic`, `oauth`, `oauth_client_credentials`, `key_pair`, `empty`;
/// - `outer_token`: a bearer token that the host in front asks for; none;
/// - `path_style`: how [`connection`](crate::simulators::kit::Vendor::connection) says to call it: `id`, `connectors`, `bare`;
///   all three are always served;
/// - `lacks`: capabilities that it lacks, with commas between: `info`, as the SDK's HTTP server has it (contract §B7);
/// - `refusal`: refused credentials validate to an `error`, or to `invalid`;
/// - `created_id`: a creation names its id (`given`) or not (`null`);
/// - `duplicates`: a second account of an e-mail or user name is `refused` or `allowed`;
/// - `deactivated`: what a deactivation makes of an account: `SUSPENDED`, `INACTIVE`, `DEPROVISIONED`;
/// - `deleted`: a deleted account is `gone` or `kept` as DELETED;
/// - `non_human`: it knows accounts of workloads (`some`) or lacks the capabilities on them: `none`;
/// - `licence_on_create`: a new account `may` be given a licence, or `must`;
/// - `assigns`: an assignment and its end happen `really`, or only `in_words`;
/// - `empty_actors`: activity of no named actors is that of `nobody`, or of `everybody`;
/// - `max_page`: how many accounts it gives at once, whatever is asked for: 50.
#[derive(Debug, Clone)]
pub(in crate::simulators::lumos) struct Quirks {
    pub(super) credential: Credential,
    pub(super) outer_token: Option<String>,
    pub(super) path_style: String,
    lacks: Vec<String>,
    pub(super) refused_is_invalid: bool,
    pub(super) hides_created_id: bool,
    pub(super) allows_duplicates: bool,
    pub(super) deactivated: &'static str,
    pub(super) keeps_deleted: bool,
    has_robots: bool,
    needs_licence: bool,
    pub(super) only_says_so: bool,
    pub(super) no_actors_is_everybody: bool,
    pub(super) max_page: usize,
}

/// What a connector lacks that knows people's and services' accounts only.
const NON_HUMAN: [&str; 2] = [
    "list_non_human_accounts",
    "get_non_human_account_last_activity",
];

impl Quirks {
    pub(in crate::simulators::lumos) const NAMES: &[&str] = &[
        "auth",
        "outer_token",
        "path_style",
        "lacks",
        "refusal",
        "created_id",
        "duplicates",
        "deactivated",
        "deleted",
        "non_human",
        "licence_on_create",
        "assigns",
        "empty_actors",
        "max_page",
    ];

    pub(in crate::simulators::lumos) fn read(options: &Options) -> anyhow::Result<Self> {
        let word = |name, words| options.word(name, words);
        let lacks: String = options.quirk("lacks")?.unwrap_or_else(|| "info".into());
        Ok(Quirks {
            credential: options.quirk("auth")?.unwrap_or(Credential("token")),
            outer_token: options.quirk("outer_token")?,
            path_style: word("path_style", &["id", "connectors", "bare"])?.into(),
            lacks: lacks.split(',').map(|name| name.trim().into()).collect(),
            refused_is_invalid: word("refusal", &["error", "invalid"])? == "invalid",
            hides_created_id: word("created_id", &["given", "null"])? == "null",
            allows_duplicates: word("duplicates", &["refused", "allowed"])? == "allowed",
            deactivated: word("deactivated", &["SUSPENDED", "INACTIVE", "DEPROVISIONED"])?,
            keeps_deleted: word("deleted", &["gone", "kept"])? == "kept",
            has_robots: word("non_human", &["none", "some"])? == "some",
            needs_licence: word("licence_on_create", &["may", "must"])? == "must",
            only_says_so: word("assigns", &["really", "in_words"])? == "in_words",
            no_actors_is_everybody: word("empty_actors", &["nobody", "everybody"])? == "everybody",
            max_page: options.quirk("max_page")?.unwrap_or(50).max(1),
        })
    }

    pub(super) fn lacks(&self, capability: &str) -> bool {
        (!self.has_robots && NON_HUMAN.contains(&capability))
            || self.lacks.iter().any(|name| name == capability)
    }

    /// The type of which a new account needs one.
    pub(super) fn needed_on_create(&self) -> Option<&'static str> {
        self.needs_licence.then_some(LICENCE)
    }

    /// How the connector is to be called.
    pub(in crate::simulators::lumos) fn settings(&self, url: &str) -> Value {
        let mut settings = json!({
            "base_url": url,
            "path_style": self.path_style,
            "connector_settings": { "region": "eu" }
        });
        if self.path_style != "bare" {
            settings["connector_id"] = path_id().into();
        }
        settings
    }

    /// What it lets in: the kind, and the member's fields beside it.
    pub(in crate::simulators::lumos) fn credentials(&self) -> Value {
        let mut credentials = self.credential.member();
        for (_, value) in credentials.as_object_mut().into_iter().flatten() {
            if let Value::Array(words) = value {
                let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                *value = words.join(" ").into();
            }
        }
        credentials["kind"] = self.credential.kind().into();
        if let Some(token) = &self.outer_token {
            credentials["outer_token"] = token.as_str().into();
        }
        credentials
    }
}

/// The connector's name as a host application mounts it (contract §B1).
pub(super) fn path_id() -> String {
    APP_ID.replace('-', "_")
}

/// The kind of credential that the connector declares; the values are plainly made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Credential(&'static str);

impl Credential {
    /// The name under which it is declared, for the form with several credentials.
    pub(super) const ID: &str = "directory";

    /// The members of the contract's AuthCredential.
    pub(super) const KINDS: [&str; 9] = [
        "oauth",
        "oauth_client_credentials",
        "oauth1",
        "basic",
        "token",
        "jwt",
        "service_account",
        "key_pair",
        "empty",
    ];

    pub(super) fn kind(self) -> &'static str {
        self.0
    }

    /// The only values that are let in.
    pub(super) fn member(self) -> Value {
        match self.0 {
            "basic" => json!({ "username": "simulated-sync", "password": "simulated-password" }),
            "oauth" => json!({ "access_token": "simulated-access-token" }),
            "oauth_client_credentials" => json!({
                "access_token": "simulated-access-token", "client_id": "simulated-client",
                "client_secret": "simulated-client-secret", "scopes": ["directory.read", "directory.write"]
            }),
            "key_pair" => {
                json!({ "key_identifier": "simulated-key", "private_key": "simulated-private-key" })
            }
            "empty" => json!({}),
            _ => json!({ "token": "simulated-connector-token" }),
        }
    }
}

impl FromStr for Credential {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [
            "token",
            "basic",
            "oauth",
            "oauth_client_credentials",
            "key_pair",
            "empty",
        ]
        .into_iter()
        .find(|kind| *kind == word)
        .map(Credential)
        .ok_or("token, basic, oauth, oauth_client_credentials, key_pair or empty is expected")
    }
}
