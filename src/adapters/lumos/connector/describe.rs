//! What a connector says of itself: which capabilities it has and which fields they take.
//!
//! Four places may say so, and none is sure to be there: the SDK's HTTP server answers 404 for `info` (contract §B7).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Connector;
use super::fields::Fields;
use super::inline;
use super::types::Types;
use super::wire::Info;
use crate::adapters::contract::{AdapterError, Call, Trouble};

/// A connector changes when it is deployed anew: rarely, and a check looks at once.
pub(super) const KEPT_FOR: Duration = Duration::from_secs(600);

/// The capabilities whose fields are the connector's own.
pub(super) const CREATE: &str = "create_account";
pub(super) const UPDATE: &str = "update_account";

/// What is known of a connector.
#[derive(Default)]
pub(super) struct Description {
    /// The capabilities by the connector's names; `None` when no place says.
    pub(super) capabilities: Option<BTreeSet<String>>,
    pub(super) create: Option<Fields>,
    pub(super) update: Option<Fields>,
    /// The types of entitlement; empty while no place says, for a document names none.
    pub(super) types: Types,
}

impl Description {
    /// Whether it is known that the connector has a capability.
    pub(super) fn has(&self, capability: &str) -> bool {
        let names = self.capabilities.as_ref();
        names.is_some_and(|names| names.contains(capability))
    }

    /// Whether it is known that it has not.
    pub(super) fn lacks(&self, capability: &str) -> bool {
        self.capabilities.is_some() && !self.has(capability)
    }

    /// Adds what `info` or `connected_info` says.
    pub(super) fn absorb_info(&mut self, info: &Info) {
        if self.capabilities.is_none() {
            self.capabilities = info
                .capabilities
                .clone()
                .map(|names| names.into_iter().collect());
        }
        self.types
            .absorb(info.entitlement_types.as_deref().unwrap_or_default());
        for (name, fields) in self.unread() {
            let schema = info
                .capability_schema
                .as_ref()
                .and_then(|all| all.get(name));
            let argument = schema.map(|schema| &schema["argument"]);
            *fields = argument.and_then(|schema| Fields::read(name, schema, schema).ok());
        }
    }

    /// Adds what an OpenAPI document says. `prefix` are the segments before the capability; `None` where the
    /// document is this connector's own.
    pub(super) fn absorb_openapi(&mut self, document: &Value, prefix: Option<&[&str]>) {
        let Some(paths) = document["paths"].as_object() else {
            return;
        };
        let ours: Vec<(&str, &Value)> = paths
            .iter()
            .filter_map(|(path, item)| Some((capability_of(path, prefix)?, item)))
            .collect();
        if ours.is_empty() {
            return;
        }
        if self.capabilities.is_none() {
            let names = ours.iter().map(|(name, _)| (*name).to_owned());
            self.capabilities = Some(names.collect());
        }
        for (name, fields) in self.unread() {
            let item = ours.iter().find(|(known, _)| *known == name);
            *fields = item.and_then(|(_, item)| {
                let body = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
                let request = &inline::target(body, document)["properties"]["request"];
                Fields::read(name, request, document).ok()
            });
        }
    }

    /// The capabilities whose fields are not known yet.
    fn unread(&mut self) -> impl Iterator<Item = (&'static str, &mut Option<Fields>)> {
        [(CREATE, &mut self.create), (UPDATE, &mut self.update)]
            .into_iter()
            .filter(|(_, fields)| fields.is_none())
    }

    fn is_complete(&self) -> bool {
        self.capabilities.as_ref().is_some_and(|names| {
            (self.create.is_some() || !names.contains(CREATE))
                && (self.update.is_some() || !names.contains(UPDATE))
                && (!self.types.is_empty() || !names.contains("list_entitlements"))
        })
    }

    /// The fields of a creation.
    pub(super) fn create_fields(&self) -> Result<&Fields, AdapterError> {
        self.create.as_ref().ok_or_else(|| self.unknown(CREATE))
    }

    /// The fields of a change.
    pub(super) fn update_fields(&self) -> Result<&Fields, AdapterError> {
        self.update.as_ref().ok_or_else(|| self.unknown(UPDATE))
    }

    fn unknown(&self, capability: &str) -> AdapterError {
        let message = if self.lacks(capability) {
            format!("the connector has no `{capability}`")
        } else {
            format!(
                "the connector does not say which fields its `{capability}` takes, and a field that it does not know would be lost"
            )
        };
        AdapterError::new(Trouble::Unsupported, message)
    }
}

/// The capability that a path of an OpenAPI document stands for. A path with a placeholder is about any connector.
fn capability_of<'a>(path: &'a str, prefix: Option<&[&str]>) -> Option<&'a str> {
    let mut segments = path.rsplit('/');
    let capability = segments.next().filter(|name| !name.is_empty())?;
    let fits = match prefix {
        Some(prefix) => prefix
            .iter()
            .rev()
            .all(|part| segments.next() == Some(part)),
        None => true,
    };
    (fits && !path.contains('{')).then_some(capability)
}

impl Connector {
    /// What the connector says of itself, asked once for many calls.
    pub(super) async fn description(&self, call: &Call) -> Result<Arc<Description>, AdapterError> {
        self.described.get_or(self.describe(call)).await
    }

    /// The same, asked anew.
    pub(super) async fn description_now(
        &self,
        call: &Call,
    ) -> Result<Arc<Description>, AdapterError> {
        self.described.forget().await;
        self.description(call).await
    }

    async fn describe(&self, call: &Call) -> Result<Description, AdapterError> {
        let mut description = Description {
            types: Types::declared(&self.settings.entitlement_types),
            ..Description::default()
        };
        let mut trouble = None;
        for source in Source::ALL {
            match self.ask(call, source, &mut description).await {
                Ok(()) => {}
                // One place's trouble is no news about the others; but if they do not say all, it has to be asked again.
                Err(error) if error.trouble.is_passing() => trouble = Some(error),
                Err(_) => {}
            }
            if description.is_complete() {
                return Ok(description);
            }
        }
        trouble.map_or(Ok(description), Err)
    }

    async fn ask(
        &self,
        call: &Call,
        source: Source,
        description: &mut Description,
    ) -> Result<(), AdapterError> {
        match source {
            Source::Info => description.absorb_info(&self.client.info(call).await?),
            Source::ConnectedInfo => {
                description.absorb_info(&self.client.connected_info(call).await?);
            }
            Source::AppInfo => {
                let app = self.client.app_info(call).await?;
                description.absorb_openapi(&app.app_schema.unwrap_or_default(), None);
            }
            Source::OpenApi => {
                let document = self.client.openapi(call).await?;
                description.absorb_openapi(&document, Some(&self.settings.prefix()));
            }
        }
        Ok(())
    }
}

/// The places that may describe a connector, the most telling first.
#[derive(Clone, Copy)]
enum Source {
    Info,
    ConnectedInfo,
    AppInfo,
    OpenApi,
}

impl Source {
    const ALL: [Self; 4] = [
        Self::Info,
        Self::ConnectedInfo,
        Self::AppInfo,
        Self::OpenApi,
    ];
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(prefix: &str) -> Value {
        let path = |capability: &str| format!("{prefix}/{capability}");
        json!({
            "paths": {
                path("list_accounts"): {"post": {}},
                path("create_account"): {"post": {"requestBody": {"content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/CreateAccountRequest"}
                }}}}}
            },
            "components": {"schemas": {
                "CreateAccountRequest": {"type": "object", "properties": {"request": {"$ref": "#/components/schemas/CreateAccount"}}},
                "CreateAccount": {"type": "object", "properties": {"email": {"type": "string"}, "department": {"$ref": "#/components/schemas/Department"}}},
                "Department": {"type": "string"}
            }}
        })
    }

    #[test]
    fn a_document_names_capabilities_and_fields() {
        let mut description = Description::default();
        description.absorb_openapi(&document("/example"), Some(&["example"]));
        let names: Vec<String> = description
            .capabilities
            .clone()
            .unwrap()
            .into_iter()
            .collect();
        assert_eq!(names, ["create_account", "list_accounts"]);
        assert!(description.is_complete());
        let schema = description.create_fields().unwrap().attributes_schema();
        assert_eq!(
            schema["properties"],
            json!({"department": {"type": "string"}})
        );
    }

    #[test]
    fn a_document_about_other_connectors_says_nothing() {
        for prefix in ["/other", "/{connector_id}", ""] {
            let mut description = Description::default();
            description.absorb_openapi(&document(prefix), Some(&["example"]));
            assert!(description.capabilities.is_none(), "{prefix}");
        }
    }

    #[test]
    fn info_goes_before_documents() {
        let info: Info = serde_json::from_value(json!({
            "capabilities": ["list_accounts", "create_account"],
            "capability_schema": {"create_account": {"argument": {"type": "object", "properties": {"team": {"type": "string"}}}}}
        }))
        .unwrap();
        let mut description = Description::default();
        description.absorb_info(&info);
        assert!(description.is_complete());
        description.absorb_openapi(&document("/example"), None);
        let schema = description.create_fields().unwrap().attributes_schema();
        assert_eq!(schema["properties"], json!({"team": {"type": "string"}}));
    }

    #[test]
    fn what_nobody_describes_is_not_guessed() {
        let description = Description::default();
        assert!(!description.is_complete());
        let error = description.create_fields().err().unwrap();
        assert_eq!(error.trouble, Trouble::Unsupported);
    }
}
