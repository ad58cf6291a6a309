//! Every operation of the document, as a stranger, with a wrong scope, and at a connection that the key may not see.
//!
//! One loop over the document: a new operation is covered by being in it. What a loop can't guess, the id of a new noun or
//! a new operation without a key, fails here with what to add.

use iam_gateway::http;
use serde_json::{Value, json};

use crate::support::app::text;
use crate::support::keys::{KeySpec, service_scopes};
use crate::support::{Answer, Client, LUNA, TestApp};

/// Operations that need no key (design: health, metrics, the build).
const OPEN: [&str; 4] = ["livez", "readyz", "metrics", "version"];

/// Any caller may ask these, whatever its scopes.
const ANYBODY: [&str; 4] = ["whoami", "list_vendors", "find_vendor", "find_operation"];

/// Operations whose thing belongs to no connection: a key for some connections only is answered otherwise than with a 404.
/// 200: it sees what it may see. 403: it is for keys that see every connection.
const OF_NO_CONNECTION: [(&str, u16); 15] = [
    ("whoami", 200),
    ("list_vendors", 200),
    ("find_vendor", 200),
    ("list_connections", 200),
    ("list_accounts", 200),
    ("list_identities", 200),
    ("list_resources", 200),
    ("list_entitlements", 200),
    ("list_grants", 200),
    ("list_activity", 200),
    ("list_operations", 200),
    ("list_audit_events", 200),
    ("list_api_keys", 200),
    ("create_connection", 403),
    // Its example names the connection `luna`, in a field.
    ("create_api_key", 400),
];

/// One operation of the document.
struct Operation {
    id: String,
    method: String,
    path: String,
    scope: Option<String>,
    body: Value,
}

/// One thing of each noun, all at the connection `luna`.
struct Things {
    account: String,
    identity: String,
    resource: String,
    entitlement: String,
    grant: String,
    operation: String,
    sync: String,
    key: String,
}

impl Operation {
    fn all() -> Vec<Self> {
        let document: Value = serde_json::to_value(http::document()).expect("JSON");
        let mut found = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                let Some(id) = operation["operationId"].as_str() else {
                    continue;
                };
                found.push(Self {
                    id: id.to_owned(),
                    method: method.to_uppercase(),
                    path: path.clone(),
                    scope: operation["x-required-scope"].as_str().map(str::to_owned),
                    body: example(&operation["requestBody"]["content"]),
                });
            }
        }
        assert!(
            found.len() > 20,
            "only {} operations in the document",
            found.len()
        );
        found
    }

    fn needs_key(&self) -> bool {
        !OPEN.contains(&self.id.as_str())
    }

    /// The path with real ids in it.
    fn place(&self, things: &Things) -> String {
        let id = match self.path.split('/').nth(2) {
            Some("accounts") => &things.account,
            Some("identities") => &things.identity,
            Some("resources") => &things.resource,
            Some("entitlements") => &things.entitlement,
            Some("grants") => &things.grant,
            Some("operations") => &things.operation,
            Some("api-keys") => &things.key,
            Some("connections" | "vendors") => "luna",
            _ if !self.path.contains('{') => "",
            _ => panic!(
                "{}: teach `Things` in tests/it/gates/operations.rs a thing of this noun",
                self.path
            ),
        };
        let place = self.path.replace("{id}", id).replace("{vendor}", id);
        let place = place.replace("{sync_id}", &things.sync);
        // A documented operation of the vendor's for each method.
        let upstream = match self.id.as_str() {
            "call_upstream_post" => "1/accounts",
            "call_upstream_put" => "1/tokens/7",
            "call_upstream_patch" | "call_upstream_delete" => "1/accounts/7",
            _ => "1/accounts",
        };
        let place = place.replace("{path}", upstream);
        assert!(
            !place.contains('{'),
            "{}: teach `place` its parameters",
            self.path
        );
        place
    }

    async fn ask(&self, client: &Client, things: &Things) -> Answer {
        client
            .ask(&self.method, &self.place(things))
            .json(self.body.clone())
            .await
    }
}

/// The example of a body, which has to be a good one: `null` where the operation takes none.
fn example(content: &Value) -> Value {
    let Some(media) = content
        .as_object()
        .and_then(|content| content.values().next())
    else {
        return Value::Null;
    };
    let first = media["examples"]
        .as_object()
        .and_then(|examples| examples.values().next());
    let example = first.map_or(&media["example"], |example| &example["value"]);
    assert!(
        !example.is_null(),
        "a body without an example: give it one that works in the sandbox"
    );
    example.clone()
}

/// The first thing of a noun at the connection `luna`.
async fn first(app: &TestApp, noun: &str) -> String {
    let listed = app.get(&format!("/v1/{noun}?connection_id=luna")).await;
    text(&listed["items"][0]["id"]).to_owned()
}

/// Luna lists no resources: one that could be hers.
async fn a_resource(app: &TestApp) -> String {
    sqlx::query_scalar(
        "insert into resources (id, connection_id, vendor, external_key, external_id, kind, status, attributes, raw,
             fingerprint, source)
         values (gen_random_uuid(), $1::uuid, 'luna', '[\"tenant\"]', 'tenant', 'tenant', 'active', '{}', '{}', '', 'sync')
         returning id::text",
    )
    .bind(app.connection_id(LUNA))
    .fetch_one(app.sql())
    .await
    .expect("a resource")
}

async fn things(app: &TestApp) -> Things {
    let account = app.create_account(LUNA.new_account("gate")).await;
    let operations = app.operations().await;
    let sync = app.synced(LUNA).await;
    let identities = app.get("/v1/identities").await;
    let key = json!({"name": "of luna", "scopes": ["accounts:read"], "connection_ids": ["luna"]});
    let key = app.admin().post("/v1/api-keys", key).await.expect(201);
    Things {
        account: text(&account["id"]).to_owned(),
        identity: text(&identities["items"][0]["id"]).to_owned(),
        resource: a_resource(app).await,
        entitlement: first(app, "entitlements").await,
        grant: first(app, "grants").await,
        operation: text(&operations[0]["id"]).to_owned(),
        sync: text(&sync["id"]).to_owned(),
        key: text(&key["id"]).to_owned(),
    }
}

#[tokio::test]
async fn a_stranger_is_refused_by_every_operation() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let things = things(&app).await;
    let before = app.requests(LUNA).len();
    let never = app.stranger().with_key("igw_never");
    for operation in Operation::all() {
        if !operation.needs_key() {
            assert!(
                operation.scope.is_none(),
                "{} is open and names a scope",
                operation.id
            );
            continue;
        }
        for stranger in [&app.stranger(), &never] {
            let answer = operation.ask(stranger, &things).await;
            answer.problem(401, "unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
        // A stranger's body is not even looked at.
        let nonsense = app
            .stranger()
            .ask(&operation.method, &operation.place(&things))
            .body("{nonsense");
        nonsense.await.problem(401, "unauthenticated");
    }
    assert_eq!(
        app.requests(LUNA).len(),
        before,
        "nothing reached the vendor"
    );
    app.stop().await;
}

#[tokio::test]
async fn every_scope_but_the_right_one_is_refused() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let things = things(&app).await;
    let before = app.requests(LUNA).len();
    for operation in Operation::all()
        .iter()
        .filter(|operation| operation.needs_key())
    {
        let scope = operation.scope.as_deref().unwrap_or_else(|| {
            panic!(
                "{} names no scope: give it `x-required-scope`, or list it in OPEN",
                operation.id
            )
        });
        if scope == "any" {
            assert!(
                ANYBODY.contains(&operation.id.as_str()),
                "{} is open to any caller: on purpose?",
                operation.id
            );
            continue;
        }
        let mut scopes = service_scopes();
        let all = scopes.len();
        scopes.retain(|word| word != scope);
        assert_eq!(
            scopes.len(),
            all - 1,
            "{}: `{scope}` is no scope",
            operation.id
        );
        let client = app
            .key(KeySpec {
                scopes,
                ..KeySpec::default()
            })
            .await;
        let problem = operation
            .ask(&client, &things)
            .await
            .problem(403, "forbidden");
        assert!(text(&problem["detail"]).contains(scope), "{problem:#}");
    }
    assert_eq!(
        app.requests(LUNA).len(),
        before,
        "nothing reached the vendor"
    );
    app.stop().await;
}

#[tokio::test]
async fn what_belongs_to_a_foreign_connection_is_not_there() {
    let app = TestApp::builder().vendor(LUNA).start().await;
    let things = things(&app).await;
    let other = json!({
        "name": "other", "vendor": "luna", "settings": {"base_url": "https://luna.example"},
        "credentials": {"kind": "none"}, "sync_every_seconds": 0,
    });
    app.admin().post("/v1/connections", other).await.expect(201);
    let foreign = app.only_for(&["other"]).await;
    let before = app.requests(LUNA).len();
    for operation in Operation::all()
        .iter()
        .filter(|operation| operation.needs_key())
    {
        let answer = operation.ask(&foreign, &things).await;
        let listed = OF_NO_CONNECTION.iter().find(|(id, _)| *id == operation.id);
        match listed {
            None => drop(answer.problem(404, "not_found")),
            Some((_, status)) => {
                let body = answer.expect(*status);
                let text = body["items"].to_string();
                let ids = [
                    things.account.as_str(),
                    &things.identity,
                    &things.resource,
                    &things.entitlement,
                    &things.grant,
                    &things.operation,
                    &things.sync,
                    &things.key,
                    app.connection_id(LUNA),
                ];
                let secret = ids.into_iter().find(|id| text.contains(id));
                assert_eq!(
                    secret, None,
                    "{} shows a foreign thing: {body:#}",
                    operation.id
                );
            }
        }
    }
    // Lists that are narrowed to it say the same as if it were not there.
    for path in [
        "/v1/accounts",
        "/v1/identities",
        "/v1/resources",
        "/v1/entitlements",
        "/v1/grants",
        "/v1/operations",
        "/v1/audit-events",
    ] {
        let id = app.connection_id(LUNA);
        let own = foreign.get(&format!("{path}?connection_id={id}")).await;
        let none = foreign
            .get(&format!(
                "{path}?connection_id=019fffff-ffff-7fff-bfff-ffffffffffff"
            ))
            .await;
        assert_eq!(own.status, none.status, "{path}");
        assert_eq!(own.json()["items"], none.json()["items"], "{path}");
        assert!(
            own.json()["items"].as_array().is_none_or(Vec::is_empty),
            "{path}: {own}"
        );
    }
    assert_eq!(
        app.requests(LUNA).len(),
        before,
        "nothing reached the vendor"
    );
    app.stop().await;
}
