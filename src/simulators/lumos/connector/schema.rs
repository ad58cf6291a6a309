//! The JSON Schemas that the connector publishes, as its SDK would write them from the models.

use serde_json::{Map, Value, json};

use super::state::DEPARTMENTS;

/// The capabilities with the schema of their `request`.
pub(super) fn argument(capability: &str) -> Value {
    let account_id = texts(&["account_id"]);
    match capability {
        "list_accounts" => model("ListAccounts", custom_attributes(), &[]),
        "get_account" => {
            let mut properties = account_id;
            merge(&mut properties, custom_attributes());
            model("GetAccount", properties, &["account_id"])
        }
        "create_account" => create_account(),
        "update_account" => {
            let mut properties = json!({ "id": { "title": "Id", "type": "string" } });
            merge(&mut properties, person());
            merge(&mut properties, own_fields());
            // What an account must have can be changed, not emptied.
            properties["email"] = json!({ "title": "Email", "type": "string", "format": "email" });
            model("UpdateAccount", properties, &["id"])
        }
        "activate_account" => model("ActivateAccount", account_id, &["account_id"]),
        "deactivate_account" => model("DeactivateAccount", account_id, &["account_id"]),
        "delete_account" => model("DeleteAccount", account_id, &["account_id"]),
        "list_entitlements" | "list_credentials" | "list_non_human_accounts" => {
            model(&pascal(capability), custom_attributes(), &[])
        }
        other => match strings_of(other) {
            [] => model("Empty", json!({}), &[]),
            names => model(&pascal(other), texts(names), names),
        },
    }
}

/// The required strings of the capabilities that take nothing else.
fn strings_of(capability: &str) -> &'static [&'static str] {
    match capability {
        "get_account_entitlement_associations" | "downgrade_license" | "release_resources" => {
            &["account_id"]
        }
        "assign_entitlement" | "unassign_entitlement" => &[
            "account_integration_specific_id",
            "resource_integration_specific_id",
            "resource_type",
            "entitlement_type",
            "entitlement_integration_specific_id",
        ],
        "assign_application_entitlement" | "unassign_application_entitlement" => &[
            "application_instance_id",
            "account_integration_specific_id",
            "resource_integration_specific_id",
            "resource_type",
            "entitlement_type",
            "entitlement_integration_specific_id",
        ],
        "transfer_data" => &["source_account_id", "target_account_id"],
        "get_application" => &["application_instance_id"],
        "assign_application" | "unassign_application" | "get_application_account" => {
            &["application_instance_id", "account_id"]
        }
        _ => &[],
    }
}

fn texts(names: &[&str]) -> Value {
    let text = |name: &&str| {
        (
            (*name).to_owned(),
            json!({ "title": name, "type": "string" }),
        )
    };
    names.iter().map(text).collect::<Map<_, _>>().into()
}

fn create_account() -> Value {
    let mut properties = json!({
        "entitlements": {
            "title": "Entitlements", "type": "array", "default": [],
            "items": { "$ref": "#/$defs/CreateAccountEntitlement" }
        }
    });
    merge(&mut properties, person());
    properties["email"] = json!({ "title": "Email", "type": "string", "format": "email" });
    merge(&mut properties, own_fields());
    merge(
        &mut properties,
        json!({ "invite": {
            "title": "Invite", "type": "boolean", "default": false,
            "description": "The person has to accept an invitation before the account is active."
        } }),
    );
    let mut schema = model("CreateAccount", properties, &["email", "department"]);
    schema["$defs"] = json!({
        "CreateAccountEntitlement": {
            "title": "CreateAccountEntitlement", "type": "object",
            "properties": {
                "integration_specific_resource_id": { "anyOf": [{ "type": "string" }, { "type": "null" }], "default": null },
                "entitlement_type": { "type": "string" },
                "integration_specific_id": { "type": "string" }
            },
            "required": ["entitlement_type", "integration_specific_id"]
        },
        "Department": { "title": "Department", "type": "string", "enum": DEPARTMENTS }
    });
    schema
}

/// The standard fields of a person, which may be null.
fn person() -> Value {
    let text = |title: &str| json!({ "title": title, "anyOf": [{ "type": "string" }, { "type": "null" }], "default": null });
    json!({
        "email": text("Email"),
        "username": text("Username"),
        "given_name": text("Given Name"),
        "family_name": text("Family Name")
    })
}

/// The directory's own fields.
fn own_fields() -> Value {
    json!({
        "department": { "$ref": "#/$defs/Department" },
        "cost_center": {
            "title": "Cost Center", "anyOf": [{ "type": "integer" }, { "type": "null" }], "default": null,
            "description": "Where the account's cost is booked."
        }
    })
}

fn custom_attributes() -> Value {
    json!({ "custom_attributes": {
        "title": "Custom Attributes", "default": null,
        "anyOf": [{ "type": "array", "items": { "type": "string" } }, { "type": "null" }]
    } })
}

fn model(title: &str, properties: Value, required: &[&str]) -> Value {
    let mut schema = json!({ "title": title, "type": "object", "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    if properties.to_string().contains("#/$defs/Department") {
        schema["$defs"] = json!({ "Department": { "title": "Department", "type": "string", "enum": DEPARTMENTS } });
    }
    schema
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// The OpenAPI document of a host that serves these capabilities under these prefixes.
pub(super) fn openapi(capabilities: &[&str], prefixes: &[String]) -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for capability in capabilities {
        let name = format!("{}Request", pascal(capability));
        let mut argument = argument(capability);
        if let Some(Value::Object(defs)) = argument.as_object_mut().and_then(|o| o.remove("$defs"))
        {
            schemas.extend(defs);
        }
        // References point into the document here, not into the schema itself.
        let argument = argument
            .to_string()
            .replace("#/$defs/", "#/components/schemas/");
        let title = pascal(capability);
        schemas.insert(
            title.clone(),
            serde_json::from_str(&argument).unwrap_or_default(),
        );
        schemas.insert(
            name.clone(),
            json!({
                "title": name, "type": "object", "required": ["request"],
                "properties": {
                    "request": { "$ref": format!("#/components/schemas/{title}") },
                    "auth": { "type": "object" },
                    "settings": { "type": "object" }
                }
            }),
        );
        let operation = json!({ "post": {
            "operationId": capability,
            "requestBody": { "required": true, "content": { "application/json": {
                "schema": { "$ref": format!("#/components/schemas/{name}") }
            } } },
            "responses": { "200": { "description": "Successful Response" } }
        } });
        for prefix in prefixes {
            paths.insert(format!("{prefix}/{capability}"), operation.clone());
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": { "title": super::APP_ID, "version": "1.0.0" },
        "paths": paths,
        "components": { "schemas": schemas }
    })
}

fn pascal(capability: &str) -> String {
    capability
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_uppercase() + rest
        })
        .collect()
}
