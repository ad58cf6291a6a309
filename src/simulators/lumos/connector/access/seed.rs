//! Two workspaces and six projects, and who holds what in them.

use super::{Access, Entitlement, Held, LICENCE, Name, PROJECT, Resource, WORKSPACE};

const WORKSPACES: [(&str, &str); 2] = [("1", "Berlin"), ("2", "Lisbon")];
/// The first shares its id with a workspace.
const PROJECTS: [(&str, &str); 6] = [
    ("2", "Atlas"),
    ("3", "Borealis"),
    ("4", "Cobalt"),
    ("5", "Dune"),
    ("6", "Ember"),
    ("7", "Fjord"),
];

impl Access {
    /// The same every time, for these accounts.
    pub(in super::super) fn seed<'a>(accounts: impl Iterator<Item = &'a str>) -> Self {
        let mut access = Access {
            resources: resources(),
            entitlements: entitlements(),
            held: Vec::new(),
        };
        for (n, account) in accounts.enumerate() {
            for name in holdings(n) {
                access.held.push(Held {
                    account: account.to_owned(),
                    name,
                });
            }
        }
        access
    }
}

impl Name {
    pub(in super::super) fn global(kind: &str, id: &str) -> Self {
        Name::at(kind, "", "", id)
    }

    fn at(kind: &str, resource_type: &str, resource_id: &str, id: &str) -> Self {
        Name {
            kind: kind.into(),
            resource_type: resource_type.into(),
            resource_id: resource_id.into(),
            id: id.into(),
        }
    }
}

fn resources() -> Vec<Resource> {
    let of = |kind: &'static str| {
        move |(id, label): &(&str, &str)| Resource {
            kind: kind.into(),
            id: (*id).into(),
            label: (*label).into(),
            description: Some(format!("The {kind} {label}")),
            criticality: (*id == "2").then(|| "high".into()),
        }
    };
    let workspaces = WORKSPACES.iter().map(of(WORKSPACE));
    workspaces.chain(PROJECTS.iter().map(of(PROJECT))).collect()
}

fn entitlements() -> Vec<Entitlement> {
    let global = [
        (LICENCE, "basic", "Basic", Some(true)),
        (LICENCE, "pro", "Pro", Some(true)),
        (LICENCE, "enterprise", "Enterprise", Some(true)),
        ("directory_role", "user", "User", Some(true)),
        ("directory_role", "auditor", "Auditor", Some(true)),
        ("directory_role", "helpdesk", "Helpdesk", Some(true)),
        ("directory_role", "owner", "Owner", Some(false)),
        ("team", "platform", "Platform", Some(true)),
        ("team", "support", "Support", Some(true)),
        ("team", "night-shift", "Night shift", Some(true)),
        ("feature", "export", "Export", Some(true)),
        ("feature", "api", "API", None),
    ];
    let global = global.into_iter().map(|(kind, id, label, assignable)| {
        let name = Name::global(kind, id);
        entitlement(name, label.into(), assignable)
    });
    let workspaces = WORKSPACES.iter().flat_map(|(at, label)| {
        ["admin", "member"].map(|id| {
            let name = Name::at("workspace_role", WORKSPACE, at, id);
            entitlement(name, format!("{label} {id}"), Some(true))
        })
    });
    let projects = PROJECTS.iter().flat_map(|(at, label)| {
        ["admin", "viewer"].map(|id| {
            let name = Name::at("project_role", PROJECT, at, id);
            entitlement(name, format!("{label} {id}"), Some(true))
        })
    });
    global.chain(workspaces).chain(projects).collect()
}

fn entitlement(name: Name, label: String, assignable: Option<bool>) -> Entitlement {
    let tier = matches!(name.id.as_str(), "admin" | "enterprise").then(|| "gold".to_owned());
    Entitlement {
        description: tier.is_some().then(|| format!("{label}, in full")),
        name,
        label,
        assignable,
        tier,
    }
}

/// What the `n`th account holds, within the limits of every type.
fn holdings(n: usize) -> Vec<Name> {
    let licence = match n % 4 {
        0 => Some("pro"),
        1 | 2 => Some("basic"),
        _ => None,
    };
    let project = PROJECTS[n % PROJECTS.len()].0;
    let held = [
        (true, Name::global("directory_role", "user")),
        (
            n.is_multiple_of(10),
            Name::global("directory_role", "auditor"),
        ),
        (
            licence.is_some(),
            Name::global(LICENCE, licence.unwrap_or_default()),
        ),
        (n.is_multiple_of(3), Name::global("team", "platform")),
        (n % 5 == 1, Name::global("team", "support")),
        (n % 9 == 3, Name::global("feature", "export")),
        (
            true,
            Name::at("workspace_role", WORKSPACE, WORKSPACES[n % 2].0, "member"),
        ),
        // These two read alike in an association.
        (
            n % 12 == 4,
            Name::at("workspace_role", WORKSPACE, "2", "admin"),
        ),
        (n % 12 == 6, Name::at("project_role", PROJECT, "2", "admin")),
        (
            n % 7 == 2,
            Name::at("project_role", PROJECT, project, "viewer"),
        ),
    ];
    let held = held.into_iter().filter(|(is_held, _)| *is_held);
    held.map(|(_, name)| name).collect()
}
