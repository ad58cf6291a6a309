//! Lightelligence: contract §2, §4 and §5.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use iam_gateway::services::catalogue::UpstreamOperation;
use iam_gateway::simulators::kit::people;
use serde_json::{Value, json};

use super::{Arrival, Contract, Direct, Exchange, SEGMENT, exchange_all, filled};
use crate::support::app::text;
use crate::support::{LIGHTELLIGENCE, Vendor};

struct Lightelligence;

const REALM: &str = "/v1/id/auth/realms/olt";

/// Asks for an authorization code (§2.2).
const LOGIN: [(&str, &str); 6] = [
    ("client_id", "olt-portal"),
    ("redirect_uri", "http://127.0.0.1/callback"),
    ("scope", "openid olt-applications"),
    ("response_type", "code"),
    ("response_mode", "form_post"),
    ("nonce", "n-1"),
];

/// Asks for tokens of the client's own (§2.3).
const TOKENS: [(&str, &str); 2] = [
    ("grant_type", "client_credentials"),
    ("scope", "openid olt-applications profile email"),
];

/// Whom the connection's client is when it acts on its own.
const ITS_EMAIL: &str = "service-account-acme-iam-service@placeholder.org";

const PAGE: [(&str, &str); 2] = [("page", "0"), ("pageSize", "7")];

impl Contract for Lightelligence {
    const VENDOR: Vendor = LIGHTELLIGENCE;
    /// A client that the vendor has granted management: it may all that there is.
    const QUIRKS: &'static [(&'static str, &'static str)] = &[("auth", "client_credentials")];
    const LOGS_IN: bool = true;
    /// What happens at the identity provider is not among the effects, and the seeded application is installed already.
    const UNUSUAL: &'static [&'static str] = &[
        "authorize",
        "authorize_by_query",
        "create_token",
        "logout",
        "logout_by_query",
        "install_application",
        "install_application_by_post",
        "update_installation",
    ];

    async fn exchanges(direct: &Direct<'_>) -> Vec<Exchange> {
        let platform = Platform::prepared(direct).await;
        [
            platform.of_identity(),
            platform.of_tenants(),
            platform.of_roles(),
            platform.of_applications(),
        ]
        .concat()
    }

    fn path(operation: &UpstreamOperation, exchange: &Exchange) -> String {
        let root = match operation.api {
            "identity" => REALM,
            _ => "/v1",
        };
        let path = filled(operation, &exchange.values, SEGMENT);
        format!("{root}{}", path.trim_end_matches('/'))
    }

    /// An access token of the connection's client, or the client's own name and secret (§2.3, §3).
    fn headers(arrival: &Arrival<'_>) -> BTreeMap<&'static str, String> {
        let credential = |name: &str| text(&arrival.connection["credentials"][name]);
        let (client, secret) = (credential("client_id"), credential("client_secret"));
        let authorization = match arrival.operation.credential {
            "none" => return BTreeMap::new(),
            "client" => format!("Basic {}", STANDARD.encode(format!("{client}:{secret}"))),
            _ => {
                let token = arrival.received.headers["authorization"].strip_prefix("Bearer ");
                let token = token.expect("a bearer token");
                let claims = token.split('.').nth(1).expect("claims");
                let claims = URL_SAFE_NO_PAD.decode(claims).expect("Base64");
                let claims: Value = serde_json::from_slice(&claims).expect("JSON");
                assert_eq!(
                    (&claims["typ"], &claims["azp"]),
                    (&json!("Bearer"), &json!(client))
                );
                format!("Bearer {token}")
            }
        };
        BTreeMap::from([("authorization", authorization)])
    }
}

/// The vendor's ids, and what the seed lacks: tokens, a client, and an invite of the connection's own user.
struct Platform {
    home: String,
    beside: String,
    other: String,
    member: String,
    me: String,
    invite: String,
    my_invite: String,
    role: String,
    client: String,
    application: String,
    access_token: String,
    refresh_token: String,
}

impl Platform {
    async fn prepared(direct: &Direct<'_>) -> Self {
        let uuid = |kind: &str, n| people::uuid(&format!("lightelligence/{kind}"), n).to_string();
        let home = uuid("tenant", 0);
        let role = uuid("role", 0);
        let accounts = direct.simulator.state().accounts;
        let ada = accounts
            .iter()
            .find(|one| one["email"] == "ada.lind@example.org");
        let tokens = Exchange::of("create_token").form(&TOKENS);
        let (client, secret) = (
            direct.credential("client_id"),
            direct.credential("client_secret"),
        );
        let login = direct
            .request("POST", &format!("{REALM}/protocol/openid-connect/token"))
            .basic_auth(client, Some(secret))
            .header("content-type", tokens.content_type.expect("a form"))
            .body(tokens.body);
        let tokens = Direct::json(login).await;
        let access_token = text(&tokens["access_token"]);
        let make = async |path: &str, body: Value| {
            let make = direct.request("POST", path).bearer_auth(access_token);
            let made = Direct::json(make.json(&body)).await;
            text(&made["data"]["id"]).to_owned()
        };
        let invite = json!({ "receiverEmail": ITS_EMAIL, "roles": [{ "id": role }] });
        Self {
            my_invite: make(&format!("/v1/tenants/{home}/invites"), invite).await,
            client: make("/v1/clients", json!({ "name": "Ours" })).await,
            member: text(&ada.expect("Ada")["id"]).to_owned(),
            me: uuid("service-account", 0),
            beside: uuid("tenant", 1),
            other: uuid("tenant", 2),
            invite: uuid("invite", 0),
            application: uuid("application", 0),
            refresh_token: text(&tokens["refresh_token"]).to_owned(),
            access_token: access_token.to_owned(),
            home,
            role,
        }
    }

    fn of_identity(&self) -> Vec<Exchange> {
        let of = Exchange::of;
        vec![
            of("get_realm"),
            of("get_openid_configuration"),
            of("authorize").form(&LOGIN),
            of("authorize_by_query").asking(&LOGIN),
            of("create_token").form(&TOKENS),
            of("get_userinfo"),
            of("list_keys"),
            of("introspect_token").form(&[("token", &self.access_token)]),
            of("logout")
                .form(&[("refresh_token", &self.refresh_token)])
                .answered(204),
            of("logout_by_query"),
        ]
    }

    fn of_tenants(&self) -> Vec<Exchange> {
        let of = Exchange::of;
        let Self {
            home,
            member,
            me,
            role,
            ..
        } = self;
        vec![
            of("create_tenant")
                .json(&json!({
                    "name": "Passed through", "billingContact": { "x": 1 }, "billingCompany": {}, "package": { "id": "p" }
                }))
                .answered(201),
            of("get_tenant").at(&[home]),
            of("update_tenant")
                .at(&[home])
                .json(&json!({ "name": "Renamed" })),
            of("list_roles_of_tenant").at(&[home]).asking(&PAGE),
            of("replace_role_names_of_user")
                .at(&[home, member])
                .json(&json!({ "roleNames": ["writer"] }))
                .answered(201),
            of("get_user").at(&[me]),
            of("list_tenants_of_user").at(&[me]).asking(&PAGE),
            of("list_users").at(&[home]).asking(&PAGE),
            of("remove_user").at(&[home, member]).answered(204),
            of("list_roles_of_user").at(&[home, member]),
            of("replace_roles_of_user")
                .at(&[home, member])
                .json(&json!({ "roles": [{ "id": role }] })),
            of("delete_tenant").at(&[home]).answered(204),
            of("create_invite")
                .at(&[home])
                .json(&json!({ "receiverEmail": "zoe@guests.example.org", "roles": [{ "id": role }] }))
                .answered(201),
            of("list_invites").at(&[home]).asking(&PAGE),
            of("delete_invite").at(&[home, &self.invite]).answered(204),
            of("list_invites_of_user").at(&[me]).asking(&PAGE),
            of("answer_invite")
                .at(&[me, &self.my_invite])
                .json(&json!({ "status": "accepted" })),
            of("get_tenant_of_user").at(&[me, home]),
            of("list_permissions_of_user").at(&[me]),
        ]
    }

    fn of_roles(&self) -> Vec<Exchange> {
        let of = Exchange::of;
        let role = self.role.as_str();
        vec![
            of("list_permissions"),
            of("list_roles").asking(&PAGE),
            of("get_role").at(&[role]),
            of("create_role")
                .json(&json!({
                    "name": "cook", "description": "Lights the stove", "permissions": [{ "alias": "devices:read" }]
                }))
                .answered(201),
            of("update_role")
                .at(&[role])
                .json(&json!({ "description": "Looks" })),
            of("delete_role").at(&[role]).answered(204),
            of("list_users_of_role").at(&[role]).asking(&PAGE),
        ]
    }

    fn of_applications(&self) -> Vec<Exchange> {
        let of = Exchange::of;
        let (client, application) = (self.client.as_str(), self.application.as_str());
        vec![
            of("list_installed_tenants"),
            of("create_client")
                .json(&json!({ "name": "Theirs" }))
                .answered(201),
            of("list_clients").asking(&PAGE),
            of("get_client").at(&[client]),
            of("delete_client").at(&[client]).answered(204),
            of("create_application")
                .json(&json!({ "name": "Night lights" }))
                .answered(201),
            of("list_developed_applications").asking(&PAGE),
            of("get_developed_application").at(&[application]),
            of("update_application")
                .at(&[application])
                .json(&json!({ "description": "Shows" })),
            of("delete_application").at(&[application]).answered(204),
            of("regenerate_application_secret").at(&[application]),
            of("list_allowed_tenants").at(&[application]),
            of("allow_tenant")
                .at(&[application, &self.other])
                .answered(204),
            of("disallow_tenant")
                .at(&[application, &self.beside])
                .answered(204),
            of("list_applications").asking(&PAGE),
            of("install_application").at(&[application]).answered(201),
            of("install_application_by_post")
                .at(&[application])
                .answered(201),
            of("update_installation")
                .at(&[application])
                .json(&json!({ "configuration": {} })),
            of("uninstall_application").at(&[application]).answered(204),
        ]
    }
}

#[tokio::test]
async fn every_operation_of_lightelligence_is_exchanged_as_documented() {
    exchange_all::<Lightelligence>().await;
}
