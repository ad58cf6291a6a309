//! Scopes, bundles, a flow of each sort, and a report (contract §9).

use super::integration_id;
use crate::simulators::{
    apono::{
        bundles::Bundle,
        flows::{
            ApproverGroup, Condition, Flow, Logic, Party, Policy, RequestFor, Settings, Trigger,
        },
        reports::{Format, Relative, Report, Timeframe, Unit, Upsert},
        scopes::Scope,
        state::State,
        targets::{Target, Wanted},
    },
    kit::{people, seeded},
};

const PRODUCTION: &str =
    r#"resource_type = "postgresql-database" and resource_tag["env"] = "prod""#;

pub(super) fn fill(state: &mut State) {
    let scope_id = people::uuid("apono/scope", 0).to_string();
    if let Ok(scope) = Scope::new(
        scope_id.clone(),
        "production databases",
        PRODUCTION,
        seeded(0),
    ) {
        state.scopes.add(scope);
    }
    for (n, (name, targets)) in bundles(&scope_id).into_iter().enumerate() {
        state.bundles.add(Bundle {
            id: people::uuid("apono/bundle", n).to_string(),
            name: name.to_owned(),
            targets,
            created: seeded(n),
            updated: seeded(n),
        });
    }
    for (n, flow) in flows(state).into_iter().enumerate() {
        state.flows.add(Flow {
            id: people::uuid("apono/flow", n).to_string(),
            created: seeded(n),
            ..flow
        });
    }
    state.reports.add(Report {
        id: people::uuid("apono/report", 0).to_string(),
        said: Upsert {
            name: "last month".to_owned(),
            fields: Some(vec!["request_id".to_owned(), "status".to_owned()]),
            filters: Default::default(),
            timeframe: Timeframe {
                absolute: None,
                relative: Some(Relative {
                    last: 1,
                    unit: Unit::Month,
                    rounded: true,
                }),
            },
            schedule: None,
            format: Some(Format::Csv),
        },
        created: seeded(0),
        updated: seeded(0),
    });
}

fn wanted(integration: usize, kind: &str, permissions: &[&str]) -> Target {
    Target::Integration(Wanted {
        integration_id: integration_id(integration),
        resource_type: kind.to_owned(),
        permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
        parts: None,
    })
}

fn bundles(scope_id: &str) -> [(&'static str, Vec<Target>); 2] {
    [
        (
            "on-call kit",
            vec![
                wanted(2, "postgresql-database", &["ReadOnly"]),
                Target::Scope(scope_id.to_owned()),
            ],
        ),
        (
            "billing desk",
            vec![wanted(3, "postgresql-table", &["SELECT"])],
        ),
    ]
}

fn flows(state: &State) -> Vec<Flow> {
    let group = |name: &str| {
        let found = state.groups.rows().find(|group| group.name == name);
        let id = found.map(|group| group.id.clone());
        Party::any(vec![Condition::is("group", id.into_iter().collect())])
    };
    let flow = |name: &str, requestors: Party, targets| {
        Flow::new(String::new(), name, requestors, targets)
    };
    let owner = ApproverGroup {
        logical_operator: Logic::Or,
        approvers: vec![Condition::is("Owner", Vec::new())],
    };
    let bundle_id = people::uuid("apono/bundle", 1).to_string();
    vec![
        Flow {
            approvers: Some(Policy::new(false, vec![owner])),
            settings: Settings::justified(),
            ..flow(
                "databases on call",
                group("break-glass"),
                vec![wanted(2, "postgresql-database", &["ReadOnly", "ReadWrite"])],
            )
        },
        Flow {
            request_for: Some(RequestFor::others(group("break-glass"))),
            minutes: Some(60),
            ..flow(
                "buckets for anybody on call",
                group("break-glass"),
                vec![wanted(4, "aws-account-s3-bucket", &["Read"])],
            )
        },
        Flow {
            request_for: Some(RequestFor::direct_reports()),
            ..flow(
                "tables for the own team",
                group("on-call"),
                vec![wanted(3, "postgresql-table", &["SELECT"])],
            )
        },
        Flow {
            trigger: Trigger::Automatic,
            minutes: None,
            ..flow(
                "everybody on call sees the cluster",
                group("on-call"),
                vec![wanted(5, "k8s-cluster-namespace", &["view"])],
            )
        },
        flow(
            "billing",
            group("break-glass"),
            vec![Target::Bundle(bundle_id)],
        ),
    ]
}
