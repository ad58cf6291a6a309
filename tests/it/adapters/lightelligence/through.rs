//! Every documented operation, passed through the adapter to the simulator as it is.

use futures_util::TryStreamExt;
use iam_gateway::adapters::contract::{AdapterError, Call, Forward, Trouble, UpstreamOperation};
use iam_gateway::adapters::vendor;
use iam_gateway::simulators::kit::people;
use iam_gateway::simulators::{Drift, Received};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::adapters::stand::Stand;
use crate::support::LIGHTELLIGENCE;

const REALM: &str = "/v1/id/auth/realms/olt";
const FORM: &str = "application/x-www-form-urlencoded";
const ADA: &str = "ada.lind@example.org";

fn operations() -> impl Iterator<Item = &'static UpstreamOperation> {
    let all = vendor("lightelligence").unwrap().operations;
    all.iter().copied().flatten()
}

/// A client that the vendor has granted management: it may all that there is.
async fn stand() -> Stand {
    Stand::start(LIGHTELLIGENCE, &[("auth", "client_credentials")], |_| {}).await
}

/// What came back.
struct Answer {
    status: u16,
    content_type: Option<String>,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

async fn send(stand: &Stand, forward: &Forward) -> Result<Answer, AdapterError> {
    let forwarder = stand.adapter.forwarder().unwrap();
    let came = if forward.operation.writes {
        let call: Call = stand.writing();
        forwarder.forward_write(&call, forward, &json!({})).await?
    } else {
        forwarder.forward_read(&stand.reading(), forward).await?
    };
    let chunks: Vec<_> = came.body.try_collect().await?;
    Ok(Answer {
        status: came.status,
        content_type: came.content_type,
        body: chunks.concat(),
    })
}

/// The vendor's ids for the parameters of an operation, against the seed.
struct Ids {
    home: String,
    other: String,
    beside: String,
    member: String,
    me: String,
    invite: String,
    role: String,
    client: String,
    application: String,
    access_token: String,
    refresh_token: String,
}

impl Ids {
    /// Prepares what the seed lacks: a client, and an invite of the connection's own user.
    async fn prepared(stand: &Stand) -> Self {
        let uuid = |kind: &str, n| people::uuid(&format!("lightelligence/{kind}"), n).to_string();
        let mut ids = Self {
            home: uuid("tenant", 0),
            beside: uuid("tenant", 1),
            other: uuid("tenant", 2),
            member: String::new(),
            me: uuid("service-account", 0),
            invite: uuid("invite", 0),
            role: uuid("role", 0),
            client: String::new(),
            application: uuid("application", 0),
            access_token: String::new(),
            refresh_token: String::new(),
        };
        let accounts = stand.vendor.state().accounts;
        let ada = accounts.iter().find(|one| one["email"] == ADA).unwrap();
        ids.member = ada["id"].as_str().unwrap().to_owned();
        let made = async |id: &str| {
            let operation = operations().find(|one| one.id == id).unwrap();
            send(stand, &ids.forward(operation)).await.unwrap().json()
        };
        let client = made("create_client").await["data"]["id"].clone();
        let tokens = made("create_token").await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        ids.client = text(&client);
        ids.access_token = text(&tokens["access_token"]);
        ids.refresh_token = text(&tokens["refresh_token"]);
        ids
    }

    fn parameter(&self, operation: &UpstreamOperation, name: &str) -> String {
        let is_of_tenant = operation.path.starts_with("/tenants/");
        let id = match name {
            "tenantId" if operation.id == "allow_tenant" => &self.other,
            "tenantId" if operation.id == "disallow_tenant" => &self.beside,
            "tenantId" => &self.home,
            "userId" if is_of_tenant => &self.member,
            "userId" => &self.me,
            "inviteId" => &self.invite,
            "roleId" => &self.role,
            "id" if operation.path.starts_with("/clients/") => &self.client,
            "id" => &self.application,
            other => panic!("no value for {other}"),
        };
        id.clone()
    }

    /// A good request.
    fn forward(&self, operation: &'static UpstreamOperation) -> Forward {
        let segments = operation
            .path
            .split('/')
            .filter(|segment| !segment.is_empty());
        let segments = segments.map(|segment| {
            let name = segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            name.map_or_else(
                || segment.to_owned(),
                |name| self.parameter(operation, name),
            )
        });
        let (content_type, body) = self.body(operation);
        let is_list = operation.id.starts_with("list_") && operation.api == "api";
        let mut query: Vec<(&str, &str)> = match operation.id {
            "authorize_by_query" => LOGIN.to_vec(),
            _ if is_list => vec![("page", "0"), ("pageSize", "7")],
            _ => Vec::new(),
        };
        // Whatever is not known is passed over, and must arrive as it was said.
        query.push(("x", "a b&c=ä"));
        Forward {
            operation,
            segments: segments.collect(),
            query: query
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            accept: Some("application/json, */*".to_owned()),
            content_type: content_type.map(str::to_owned),
            body: body.into(),
        }
    }

    fn body(&self, operation: &UpstreamOperation) -> (Option<&'static str>, String) {
        let form = |fields: &[(&str, &str)]| {
            let mut form = form_urlencoded::Serializer::new(String::new());
            (Some(FORM), form.extend_pairs(fields).finish())
        };
        let body = match operation.id {
            "authorize" => return form(&LOGIN),
            "create_token" => {
                return form(&[
                    ("grant_type", "client_credentials"),
                    ("scope", "openid olt-applications profile email"),
                ]);
            }
            "introspect_token" => return form(&[("token", &self.access_token)]),
            "logout" => return form(&[("refresh_token", &self.refresh_token)]),
            "create_tenant" => json!({
                "name": "Passed through", "billingContact": {"x": 1}, "billingCompany": {}, "package": {"id": "p"}
            }),
            "update_tenant" => json!({"name": "Renamed"}),
            "replace_role_names_of_user" => json!({"roleNames": ["writer"]}),
            "replace_roles_of_user" => json!({"roles": [{"id": self.role}]}),
            "create_invite" => json!({"receiverEmail": MY_EMAIL, "roles": [{"id": self.role}]}),
            "answer_invite" => json!({"status": "accepted"}),
            "create_role" => json!({"name": "cook", "permissions": [{"alias": "devices:read"}]}),
            "update_role" => json!({"description": "Looks"}),
            "create_client" => json!({"name": "Ours"}),
            "create_application" => json!({"name": "Night lights"}),
            "update_application" => json!({"description": "Shows"}),
            "update_installation" => json!({"configuration": {}}),
            _ => return (None, String::new()),
        };
        // The blanks are the caller's own, and stay.
        (
            Some("application/json; charset=utf-8"),
            format!(" {body}\n"),
        )
    }
}

/// Whom the connection's client is when it acts on its own.
const MY_EMAIL: &str = "service-account-acme-iam-service@placeholder.org";

const LOGIN: [(&str, &str); 6] = [
    ("client_id", "olt-portal"),
    ("redirect_uri", "http://127.0.0.1/callback"),
    ("scope", "openid olt-applications"),
    ("response_type", "code"),
    ("response_mode", "form_post"),
    ("nonce", "n-1"),
];

/// The call that was answered last.
fn last(stand: &Stand) -> Received {
    stand.vendor.requests().pop().unwrap()
}

#[tokio::test]
async fn every_operation_arrives_as_it_was_sent_and_with_what_it_asks_for() {
    let mut sent = 0;
    for operation in operations() {
        let stand = stand().await;
        let mut ids = Ids::prepared(&stand).await;
        if operation.id == "answer_invite" {
            let invite = operations().find(|one| one.id == "create_invite").unwrap();
            let made = send(&stand, &ids.forward(invite)).await.unwrap().json();
            ids.invite = made["data"]["id"].as_str().unwrap().to_owned();
        }
        let forward = ids.forward(operation);
        let id = operation.id;
        let answer = send(&stand, &forward).await;
        let answer = answer.unwrap_or_else(|error| panic!("{id}: {error:?}"));
        let call = last(&stand);
        assert_eq!(call.status, Some(answer.status), "{id}");
        assert_eq!(call.method, operation.method, "{id}");
        let root = if operation.api == "identity" {
            REALM
        } else {
            "/v1"
        };
        let path = forward.segments.iter().map(|segment| format!("/{segment}"));
        assert_eq!(
            call.path,
            format!("{root}{}", path.collect::<String>()),
            "{id}"
        );
        let query: Vec<(String, String)> = form_urlencoded::parse(call.query.as_bytes())
            .into_owned()
            .collect();
        assert_eq!(query, forward.query, "{id}");
        assert_eq!(call.body.as_bytes(), &forward.body[..], "{id}");
        let header = |name: &str| call.headers.get(name).map(String::as_str);
        assert_eq!(header("accept"), forward.accept.as_deref(), "{id}");
        assert_eq!(
            header("content-type"),
            forward.content_type.as_deref(),
            "{id}"
        );
        let scheme = match operation.credential {
            "none" => None,
            "client" => Some("Basic"),
            _ => Some("Bearer"),
        };
        let authorization = header("authorization").map(|value| value.split(' ').next().unwrap());
        assert_eq!(authorization, scheme, "{id}");
        match (operation.id, answer.body.is_empty()) {
            ("authorize" | "authorize_by_query" | "logout_by_query", false) => {
                assert!(
                    answer.content_type.unwrap().starts_with("text/html"),
                    "{id}"
                );
            }
            (_, true) => assert_eq!(answer.status, 204, "{id}"),
            (_, false) => {
                assert_eq!(
                    answer.content_type.as_deref(),
                    Some("application/json"),
                    "{id}"
                );
                let told = answer.json();
                let is_enveloped = operation.api == "api" && id != "list_installed_tenants";
                assert_eq!(is_enveloped, told.get("data").is_some(), "{id}: {told}");
            }
        }
        if !operation.writes && operation.api == "api" {
            let url = format!("{}{}?{}", stand.vendor.url, call.path, call.query);
            let again = reqwest::Client::new().get(url);
            let again = again.header("authorization", header("authorization").unwrap());
            let direct = again.send().await.unwrap().bytes().await.unwrap();
            assert_eq!(answer.body, direct, "{id}");
        }
        sent += 1;
    }
    assert_eq!(sent, 55);
}

/// Without a credential every path of the API says so; one that is not there says that.
#[tokio::test]
async fn the_simulator_knows_every_path() {
    let stand = stand().await;
    let ids = Ids::prepared(&stand).await;
    let http = reqwest::Client::new();
    let status = async |method: &str, path: &str| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", stand.vendor.url);
        let answer = http.request(method, url).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(status("GET", "/v1/nothing").await, 404);
    for operation in operations() {
        let segments = ids.forward(operation).segments;
        let path: String = segments
            .iter()
            .map(|segment| format!("/{segment}"))
            .collect();
        if operation.api == "api" {
            let told = status(operation.method, &format!("/v1{path}")).await;
            assert_eq!(told, 401, "{}", operation.id);
        } else {
            let told = status(operation.method, &format!("{REALM}{path}")).await;
            assert!(![404, 405].contains(&told), "{}: {told}", operation.id);
        }
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_for_what_is_passed_through_too() {
    for id in ["list_roles", "create_role", "get_userinfo"] {
        let stand = stand().await;
        let ids = Ids::prepared(&stand).await;
        let drifts = json!([{"op": "remove", "kind": "access_token"}]);
        let drifts: Vec<Drift> = serde_json::from_value(drifts).unwrap();
        stand.vendor.drift(&drifts).unwrap();
        let operation = operations().find(|one| one.id == id).unwrap();
        let answer = send(&stand, &ids.forward(operation)).await;
        if let Err(error) = answer {
            panic!("{id}: {error:?}");
        }
    }
}

#[tokio::test]
async fn what_a_person_s_login_can_not_do_is_told_without_a_call() {
    let stand = Stand::start(LIGHTELLIGENCE, &[], |_| {}).await;
    let operation = operations()
        .find(|one| one.id == "list_installed_tenants")
        .unwrap();
    let forward = Forward {
        operation,
        segments: vec![
            "application-info".to_owned(),
            "installed-tenants".to_owned(),
        ],
        query: Vec::new(),
        accept: None,
        content_type: None,
        body: Default::default(),
    };
    let refused = send(&stand, &forward).await.err().unwrap();
    assert_eq!(refused.trouble, Trouble::Unsupported);
    assert!(
        refused.message.contains("client_credentials"),
        "{}",
        refused.message
    );
    assert!(stand.vendor.requests().is_empty());
}
