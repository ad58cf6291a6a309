//! Makes a JSON Schema stand on its own: references replaced by what they name, object parts merged. Pure.

use serde_json::{Map, Value};

/// Deeper nesting than this is a circle of references, or no schema for people.
const DEPTH: usize = 24;
/// A schema that unfolds to more than this accepts anything at the places beyond.
const NODES: usize = 20_000;

/// Words that name a schema or hold others; meaningless, or misleading, once references are gone.
const ANCHORS: [&str; 7] = [
    "$schema",
    "$id",
    "$defs",
    "definitions",
    "$anchor",
    "$dynamicAnchor",
    "discriminator",
];
/// Words whose value is data, not schema.
const DATA: [&str; 5] = ["const", "enum", "default", "example", "examples"];

/// The object schema `schema` with references into `root` replaced: its `properties`, `required` and
/// `additionalProperties`, with those of its `allOf` parts.
pub(super) fn object_schema(schema: &Value, root: &Value) -> Option<Map<String, Value>> {
    let mut inliner = Inliner { root, left: NODES };
    let mut merged = Map::new();
    merge(&mut merged, &inliner.schema(schema, DEPTH))?;
    Some(merged)
}

/// What `schema` names, one level: itself, or the target of its reference.
pub(super) fn target<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..DEPTH {
        match schema["$ref"].as_str().and_then(|name| named(name, root)) {
            Some(next) => schema = next,
            None => break,
        }
    }
    schema
}

fn named<'a>(reference: &str, root: &'a Value) -> Option<&'a Value> {
    root.pointer(reference.strip_prefix('#')?)
}

struct Inliner<'a> {
    root: &'a Value,
    left: usize,
}

impl Inliner<'_> {
    fn schema(&mut self, node: &Value, depth: usize) -> Value {
        if depth == 0 || self.left == 0 {
            return Value::Object(Map::new());
        }
        self.left -= 1;
        match node {
            Value::Object(object) => Value::Object(self.object(object, depth)),
            Value::Array(items) => items
                .iter()
                .map(|item| self.schema(item, depth - 1))
                .collect(),
            other => other.clone(),
        }
    }

    fn object(&mut self, object: &Map<String, Value>, depth: usize) -> Map<String, Value> {
        let mut out = match object.get("$ref").and_then(Value::as_str) {
            Some(reference) => match named(reference, self.root) {
                Some(target) => match self.schema(target, depth - 1) {
                    Value::Object(target) => target,
                    _ => Map::new(),
                },
                // Nothing is known of it, so nothing is demanded of it.
                None => Map::new(),
            },
            None => Map::new(),
        };
        for (name, value) in object {
            let name = name.as_str();
            if name == "$ref" || ANCHORS.contains(&name) {
                continue;
            }
            let value = if DATA.contains(&name) {
                value.clone()
            } else if name == "properties" {
                self.properties(value, depth)
            } else {
                self.schema(value, depth - 1)
            };
            out.insert(name.into(), value);
        }
        out
    }

    /// The names in here are fields, not words of JSON Schema.
    fn properties(&mut self, value: &Value, depth: usize) -> Value {
        let Value::Object(properties) = value else {
            return Value::Object(Map::new());
        };
        properties
            .iter()
            .map(|(name, schema)| (name.clone(), self.schema(schema, depth - 1)))
            .collect()
    }
}

/// Adds the object parts of an inlined schema; `None` when it describes no object.
fn merge(into: &mut Map<String, Value>, schema: &Value) -> Option<()> {
    let parts = schema["allOf"].as_array();
    let mut found = false;
    for part in parts.into_iter().flatten() {
        found |= merge(into, part).is_some();
    }
    if let Some(properties) = schema["properties"].as_object() {
        found = true;
        if let Some(all) = entry(into, "properties", Value::Object(Map::new())).as_object_mut() {
            all.extend(properties.clone());
        }
    }
    if let Some(required) = schema["required"].as_array()
        && let Some(all) = entry(into, "required", Value::Array(Vec::new())).as_array_mut()
    {
        all.extend(required.iter().filter(|name| name.is_string()).cloned());
    }
    if let Some(additional) = schema.get("additionalProperties") {
        into.insert("additionalProperties".into(), additional.clone());
    }
    found |= schema["type"] == "object";
    found.then_some(())
}

fn entry<'a>(map: &'a mut Map<String, Value>, name: &str, empty: Value) -> &'a mut Value {
    map.entry(name).or_insert(empty)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_and_parts_become_one_object() {
        let root = json!({"$defs": {
            "Base": {"type": "object", "properties": {"email": {"type": "string"}}, "required": ["email"]},
            "Team": {"type": "string", "enum": ["a", "b"]}
        }});
        let schema = json!({
            "allOf": [{"$ref": "#/$defs/Base"}],
            "properties": {"team": {"$ref": "#/$defs/Team", "description": "where"}},
            "required": ["team"]
        });
        let merged = object_schema(&schema, &root).unwrap();
        assert_eq!(
            Value::Object(merged),
            json!({
                "properties": {
                    "email": {"type": "string"},
                    "team": {"type": "string", "enum": ["a", "b"], "description": "where"}
                },
                "required": ["email", "team"]
            })
        );
    }

    #[test]
    fn fields_may_be_called_like_words_of_json_schema() {
        let schema =
            json!({"properties": {"default": {"type": "string"}, "$id": {"type": "string"}}});
        let merged = object_schema(&schema, &Value::Null).unwrap();
        assert_eq!(Value::Object(merged), schema);
    }

    #[test]
    fn circles_end() {
        let root = json!({"$defs": {"Node": {
            "type": "object",
            "properties": {"left": {"$ref": "#/$defs/Node"}, "right": {"$ref": "#/$defs/Node"}}
        }}});
        assert!(object_schema(&json!({"$ref": "#/$defs/Node"}), &root).is_some());
        let root = json!({"a": {"$ref": "#/a"}});
        assert!(object_schema(&json!({"$ref": "#/a"}), &root).is_none());
        target(&json!({"$ref": "#/a"}), &root);
    }

    #[test]
    fn what_is_no_object_is_none() {
        assert_eq!(
            object_schema(&json!({"type": "string"}), &Value::Null),
            None
        );
        assert_eq!(object_schema(&json!([]), &Value::Null), None);
    }
}
