//! Who asks.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Scope;

/// An authenticated caller, or the service itself where it acts without one.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The id of its API key; nil for the service itself.
    pub id: Uuid,
    /// The key's name, for people and for the audit trail.
    pub name: String,
    /// The person whose key it is, by e-mail; `None` for a service's.
    pub person: Option<String>,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// Which connections it may see.
    pub connections: Connections,
}

/// Which connections a caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connections {
    /// Every one, also those made later.
    All,
    /// These and no others.
    Only(Vec<Uuid>),
}

impl Connections {
    /// Whether a connection is among them.
    pub fn contains(&self, id: Uuid) -> bool {
        match self {
            Self::All => true,
            Self::Only(ids) => ids.contains(&id),
        }
    }

    /// The ids to filter by; `None` filters nothing. Every query binds this.
    pub fn filter(&self) -> Option<&[Uuid]> {
        match self {
            Self::All => None,
            Self::Only(ids) => Some(ids),
        }
    }
}

impl Caller {
    /// The service itself: schedules, recovery.
    pub fn system() -> Self {
        Self {
            id: Uuid::nil(),
            name: "iam-gateway".into(),
            person: None,
            scopes: Scope::ALL.iter().copied().collect(),
            connections: Connections::All,
        }
    }

    /// Whether it holds a scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}
