//! What flows and bundles give access to (contract §7.4, §7.5): something of an integration, a bundle, or an access scope. They
//! are written by id or name, and shown by both.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    errors::Error,
    inventory::{Permission, Resource},
    state::State,
};

/// `AccessTargetUpsertV2`: exactly one of them.
#[derive(Deserialize)]
pub(super) struct Upsert {
    integration: Option<UpsertIntegration>,
    bundle: Option<UpsertBundle>,
    access_scope: Option<UpsertScope>,
}

#[derive(Deserialize)]
struct UpsertIntegration {
    integration_reference: String,
    resource_type: String,
    permissions: Vec<String>,
    resources_scopes: Option<Vec<Part>>,
}

#[derive(Deserialize)]
struct UpsertBundle {
    bundle_reference: String,
}

#[derive(Deserialize)]
struct UpsertScope {
    access_scope_reference: String,
}

#[derive(Debug, Clone)]
pub(super) enum Target {
    Integration(Wanted),
    Bundle(String),
    Scope(String),
}

/// Permissions on the resources of a type in an integration, or on some of them.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) integration_id: String,
    pub(super) resource_type: String,
    pub(super) permissions: Vec<String>,
    /// None: on every resource of the type.
    pub(super) parts: Option<Vec<Part>>,
}

/// `ResourcesScopeIntegrationAccessTargetV2`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Part {
    scope_mode: Mode,
    #[serde(rename = "type")]
    by: By,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    IncludeResources,
    ExcludeResources,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum By {
    AponoId,
    Name,
    Tag,
}

/// `AccessTargetIntegrationV1`, read and written alike.
#[derive(Serialize, Deserialize)]
pub(super) struct LegacyTarget {
    integration_id: String,
    resource_type: String,
    resource_tag_includes: Vec<LegacyTag>,
    resource_tag_excludes: Vec<LegacyTag>,
    permissions: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct LegacyTag {
    name: String,
    value: String,
}

impl Part {
    fn names(&self, resource: &Resource) -> bool {
        let has = |text: &String| self.values.contains(text);
        match self.by {
            By::AponoId => has(&resource.id),
            By::Name => has(&resource.name),
            By::Tag => {
                let key = self.key.as_deref().unwrap_or_default();
                resource.tags.get(key).is_some_and(has)
            }
        }
    }

    fn check(&self) -> Result<(), Error> {
        if (self.by == By::Tag) == self.key.is_some() {
            return Ok(());
        }
        Err(Error::bad(
            "resources_scopes takes a key with TAG, and only then",
        ))
    }

    fn tags(&self, mode: Mode) -> Vec<LegacyTag> {
        if self.by != By::Tag || self.scope_mode != mode {
            return Vec::new();
        }
        let tag = |value: &String| LegacyTag {
            name: self.key.clone().unwrap_or_default(),
            value: value.clone(),
        };
        self.values.iter().map(tag).collect()
    }
}

impl Wanted {
    fn covers(&self, resource: &Resource, permission: &Permission) -> bool {
        let parts = |mode| {
            self.parts
                .iter()
                .flatten()
                .filter(move |part| part.scope_mode == mode)
        };
        let mut included = parts(Mode::IncludeResources).peekable();
        let is_named = included.peek().is_none() || included.any(|part| part.names(resource));
        self.integration_id == resource.integration_id
            && self.resource_type == resource.kind
            && self.permissions.contains(&permission.name)
            && is_named
            && !parts(Mode::ExcludeResources).any(|part| part.names(resource))
    }
}

impl LegacyTarget {
    pub(super) fn read(self, state: &State) -> Result<Target, Error> {
        let integration = state.referred_integration(&self.integration_id)?;
        let part = |mode, tag: LegacyTag| Part {
            scope_mode: mode,
            by: By::Tag,
            key: Some(tag.name),
            values: vec![tag.value],
        };
        let included = self.resource_tag_includes.into_iter();
        let excluded = self.resource_tag_excludes.into_iter();
        let parts: Vec<Part> = included
            .map(|tag| part(Mode::IncludeResources, tag))
            .chain(excluded.map(|tag| part(Mode::ExcludeResources, tag)))
            .collect();
        Ok(Target::Integration(Wanted {
            integration_id: integration.id.clone(),
            resource_type: self.resource_type,
            permissions: self.permissions,
            parts: (!parts.is_empty()).then_some(parts),
        }))
    }
}

impl Target {
    /// As the legacy API has targets of integrations; the others have no place there.
    pub(super) fn show_legacy(&self) -> Option<LegacyTarget> {
        let Target::Integration(wanted) = self else {
            return None;
        };
        let tags = |mode| {
            let parts = wanted.parts.iter().flatten();
            parts.flat_map(|part| part.tags(mode)).collect()
        };
        Some(LegacyTarget {
            integration_id: wanted.integration_id.clone(),
            resource_type: wanted.resource_type.clone(),
            resource_tag_includes: tags(Mode::IncludeResources),
            resource_tag_excludes: tags(Mode::ExcludeResources),
            permissions: wanted.permissions.clone(),
        })
    }
}

impl State {
    /// Targets as they are written; bundles have no bundles in them.
    pub(super) fn targets(
        &self,
        given: Vec<Upsert>,
        in_bundle: bool,
    ) -> Result<Vec<Target>, Error> {
        if given.is_empty() {
            return Err(Error::bad("access_targets must not be empty"));
        }
        given
            .into_iter()
            .map(|one| self.target(one, in_bundle))
            .collect()
    }

    fn target(&self, given: Upsert, in_bundle: bool) -> Result<Target, Error> {
        match (given.integration, given.bundle, given.access_scope) {
            (Some(wanted), None, None) => {
                let integration = self.referred_integration(&wanted.integration_reference)?;
                wanted
                    .resources_scopes
                    .iter()
                    .flatten()
                    .try_for_each(Part::check)?;
                Ok(Target::Integration(Wanted {
                    integration_id: integration.id.clone(),
                    resource_type: wanted.resource_type,
                    permissions: wanted.permissions,
                    parts: wanted.resources_scopes,
                }))
            }
            (None, Some(bundle), None) if !in_bundle => Ok(Target::Bundle(
                self.referred_bundle(&bundle.bundle_reference)?.id.clone(),
            )),
            (None, None, Some(scope)) => {
                let reference = &scope.access_scope_reference;
                let scope = self
                    .scopes
                    .rows()
                    .find(|one| one.id == *reference || one.name == *reference);
                let scope = scope.ok_or_else(|| {
                    Error::BadRequest(format!("there is no access scope {reference}"))
                })?;
                Ok(Target::Scope(scope.id.clone()))
            }
            _ => Err(Error::bad(
                "each of access_targets takes exactly one member",
            )),
        }
    }

    pub(super) fn show_target(&self, target: &Target) -> Value {
        match target {
            Target::Integration(wanted) => {
                let mut shown = json!({
                    "integration_id": wanted.integration_id,
                    "integration_name": self.source(Some(&wanted.integration_id)).unwrap_or_default(),
                    "resource_type": wanted.resource_type,
                    "permissions": wanted.permissions,
                });
                if let Some(parts) = &wanted.parts {
                    shown["resources_scopes"] = json!(parts);
                }
                json!({ "integration": shown })
            }
            Target::Bundle(id) => {
                let name = self.bundles.find(id).map_or("", |one| &one.name);
                json!({ "bundle": { "bundle_id": id, "bundle_name": name } })
            }
            Target::Scope(id) => {
                let name = self.scopes.find(id).map_or("", |one| &one.name);
                json!({ "access_scope": { "access_scope_id": id, "access_scope_name": name } })
            }
        }
    }

    pub(super) fn covers(
        &self,
        target: &Target,
        resource: &Resource,
        permission: &Permission,
    ) -> bool {
        match target {
            Target::Integration(wanted) => wanted.covers(resource, permission),
            Target::Bundle(id) => self.bundles.find(id).is_some_and(|bundle| {
                let mut targets = bundle.targets.iter();
                targets.any(|inner| self.covers(inner, resource, permission))
            }),
            Target::Scope(id) => self.scopes.find(id).is_some_and(|scope| {
                scope
                    .question
                    .holds(&|field, key| self.said(resource, permission, field, key))
            }),
        }
    }

    /// What a query sees of a pair; risk levels, paths and contexts there are none of.
    fn said(
        &self,
        resource: &Resource,
        permission: &Permission,
        field: &str,
        key: Option<&str>,
    ) -> Option<String> {
        let text = match (field, key) {
            ("resource_type", _) => &resource.kind,
            ("resource_name", _) => &resource.name,
            ("resource", _) => &resource.id,
            ("resource_status", _) => &resource.status,
            ("resource_source_id", _) => &resource.source_id,
            ("resource_tag", Some(key)) => resource.tags.get(key)?,
            ("permission", _) => &permission.id,
            ("permission_name", _) => &permission.name,
            ("integration", _) => &resource.integration_id,
            ("integration_name", _) => {
                return self
                    .source(Some(&resource.integration_id))
                    .map(str::to_owned);
            }
            _ => return None,
        };
        Some(text.clone())
    }
}
