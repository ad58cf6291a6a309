use secrecy::SecretString;
use uuid::Uuid;

use super::*;

fn fields() -> Fields {
    let schema = json!({
        "title": "CreateAccount",
        "type": "object",
        "properties": {
            "entitlements": {"type": "array", "items": {"$ref": "#/$defs/E"}, "default": []},
            "email": {"type": "string"},
            "username": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
            "password": {"type": "string", "minLength": 12},
            "department": {"type": "string", "enum": ["R&D", "Sales"]},
            "cost/center": {"type": "integer"}
        },
        "required": ["email", "department"],
        "$defs": {"E": {"type": "object"}}
    });
    Fields::read("create_account", &schema, &schema).unwrap()
}

fn new(attributes: Value) -> NewAccount {
    NewAccount {
        operation_id: Uuid::nil(),
        login: None,
        email: Some("ada@example.com".into()),
        display_name: None,
        given_name: None,
        family_name: None,
        kind: None,
        password: None,
        attributes: attributes.as_object().unwrap().clone(),
        entitlements: Vec::new(),
    }
}

fn refused(new: &NewAccount) -> (Trouble, String) {
    let error = fields().create_request(new).unwrap_err();
    assert_eq!(error.effect, crate::adapters::contract::SideEffect::None);
    (error.trouble, error.pointer.unwrap())
}

#[test]
fn our_fields_and_the_connectors_own_make_one_request() {
    let mut ada = new(json!({"department": "R&D", "cost/center": 7}));
    ada.login = Some("ada".into());
    ada.kind = Some(AccountKind::Human);
    assert_eq!(
        Value::Object(fields().create_request(&ada).unwrap()),
        json!({
            "email": "ada@example.com", "username": "ada", "department": "R&D", "cost/center": 7, "entitlements": []
        })
    );
}

#[test]
fn what_the_connector_lacks_is_refused_with_its_place() {
    let mut ada = new(json!({"department": "R&D"}));
    ada.given_name = Some("Ada".into());
    assert_eq!(refused(&ada), (Trouble::Unsupported, "/given_name".into()));
    let mut robot = new(json!({"department": "R&D"}));
    robot.kind = Some(AccountKind::Service);
    assert_eq!(refused(&robot), (Trouble::Unsupported, "/kind".into()));
    let shoes = new(json!({"department": "R&D", "shoe/size": 44}));
    assert_eq!(
        refused(&shoes),
        (Trouble::Unsupported, "/attributes/shoe~1size".into())
    );
}

#[test]
fn what_the_connector_needs_is_named_with_its_place() {
    assert_eq!(
        refused(&new(json!({}))),
        (Trouble::Invalid, "/attributes/department".into())
    );
    let mut nobody = new(json!({"department": "R&D"}));
    nobody.email = None;
    assert_eq!(refused(&nobody), (Trouble::Invalid, "/email".into()));
    let wrong = new(json!({"department": "R&D", "cost/center": "7"}));
    assert_eq!(
        refused(&wrong),
        (Trouble::Invalid, "/attributes/cost~1center".into())
    );
}

#[test]
fn a_refused_password_is_not_repeated() {
    let mut ada = new(json!({"department": "R&D"}));
    ada.password = Some(SecretString::from("hunter2"));
    let error = fields().create_request(&ada).unwrap_err();
    assert_eq!(error.pointer.as_deref(), Some("/password"));
    assert!(!error.message.contains("hunter2"), "{}", error.message);
}

#[test]
fn attributes_with_a_place_of_their_own_are_refused() {
    for name in ["email", "account_type", "entitlements", "id"] {
        let attributes = Map::from_iter([(name.to_owned(), json!("x"))]);
        let error = check_attribute_names(&attributes).unwrap_err();
        assert_eq!(error.trouble, Trouble::Invalid, "{name}");
        assert_eq!(error.pointer, Some(format!("/attributes/{name}")));
    }
}

#[test]
fn making_a_field_empty_needs_a_field_that_may_be_empty() {
    let change = AccountChange {
        login: Some(None),
        ..AccountChange::default()
    };
    let schema = json!({"type": "object", "properties": {
        "id": {"type": "string"}, "username": {"anyOf": [{"type": "string"}, {"type": "null"}]}, "email": {"type": "string"}
    }, "required": ["id"]});
    let fields = Fields::read("update_account", &schema, &schema).unwrap();
    assert_eq!(
        Value::Object(fields.update_request("a-1", &change).unwrap()),
        json!({"id": "a-1", "username": null})
    );
    let change = AccountChange {
        email: Some(None),
        ..AccountChange::default()
    };
    let error = fields.update_request("a-1", &change).unwrap_err();
    assert_eq!(error.pointer.as_deref(), Some("/email"));
}

#[test]
fn the_attributes_schema_is_what_is_left() {
    let schema = fields().attributes_schema();
    let names: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["cost/center", "department"]);
    assert_eq!(schema["required"], json!(["department"]));
    assert_eq!(schema["additionalProperties"], json!(false));
}

#[test]
fn a_schema_that_is_none_is_said_so() {
    for schema in [
        json!({"type": "string"}),
        json!({"type": "object", "properties": {"a": {"type": 7}}}),
    ] {
        let error = Fields::read("create_account", &schema, &schema)
            .err()
            .unwrap();
        assert_eq!(error.trouble, Trouble::Unsupported);
    }
}
