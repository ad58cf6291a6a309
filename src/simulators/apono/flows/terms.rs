//! The terms of a flow: for whom, approved by whom, when, and its settings (contract §7.4).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Condition, Party, party::Logic};
use crate::simulators::apono::{errors::Error, state::State};

/// `RequestForUpsertV2`.
#[derive(Debug, Clone, Deserialize)]
pub(in super::super) struct RequestFor {
    pub(super) request_scopes: Vec<Scope>,
    pub(super) grantees: Option<Party>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum Scope {
    #[serde(rename = "self")]
    Myself,
    Others,
    DirectReports,
}

/// `ApproverPolicyUpsertV2`.
#[derive(Debug, Clone, Deserialize)]
pub(in super::super) struct Policy {
    approval_mode: Mode,
    pub(super) approver_groups: Vec<ApproverGroup>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Mode {
    AnyOf,
    AllOf,
}

/// `ApproverGroupUpsertV2`.
#[derive(Debug, Clone, Deserialize)]
pub(in super::super) struct ApproverGroup {
    pub(in super::super) logical_operator: Logic,
    pub(in super::super) approvers: Vec<Condition>,
}

/// `EscalationPolicyUpsertV2`: tiers in order.
#[derive(Debug, Clone, Deserialize)]
pub(in super::super) struct Escalation {
    interval_in_min: i32,
    approver_groups: Vec<ApproverGroup>,
}

/// `AccessFlowTimeframeV2`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct Timeframe {
    pub(super) start_time: String,
    pub(super) end_time: String,
    pub(super) days_of_week: Vec<Day>,
    pub(super) time_zone: String,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in super::super) enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// `AccessFlowSettingsV2`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in super::super) struct Settings {
    pub(in super::super) justification_required: bool,
    pub(super) require_approver_reason: bool,
    pub(super) requestor_cannot_approve_himself: bool,
    pub(in super::super) require_mfa: bool,
    pub(super) labels: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_extensions: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extension_duration_in_min: Option<i32>,
}

impl Settings {
    /// With a justification required and nothing else.
    pub(in super::super) fn justified() -> Self {
        Settings {
            justification_required: true,
            ..Settings::default()
        }
    }
}

impl RequestFor {
    pub(in super::super) fn others(grantees: Party) -> Self {
        RequestFor {
            request_scopes: vec![Scope::Myself, Scope::Others],
            grantees: Some(grantees),
        }
    }

    pub(in super::super) fn direct_reports() -> Self {
        RequestFor {
            request_scopes: vec![Scope::DirectReports],
            grantees: None,
        }
    }

    /// Grantees are named for others, and only for them.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.request_scopes.contains(&Scope::Others) == self.grantees.is_some() {
            return Ok(());
        }
        Err(Error::bad(
            "request_for takes grantees with the scope others, and only then",
        ))
    }

    pub(super) fn resolve(&mut self, state: &State) -> Result<(), Error> {
        self.grantees
            .iter_mut()
            .try_for_each(|one| one.resolve(state))
    }

    pub(super) fn show(&self, state: &State) -> Value {
        json!({
            "request_scopes": self.request_scopes,
            "grantees": self.grantees.as_ref().map(|one| one.show(state)),
        })
    }
}

impl ApproverGroup {
    fn resolve(&mut self, state: &State) -> Result<(), Error> {
        self.approvers
            .iter_mut()
            .try_for_each(|one| one.resolve(state))
    }

    fn show(&self, state: &State) -> Value {
        let approvers = self.approvers.iter().map(|one| one.show(state));
        json!({
            "logical_operator": self.logical_operator,
            "approvers": approvers.collect::<Vec<_>>(),
        })
    }
}

impl Policy {
    pub(in super::super) fn new(needs_all: bool, approver_groups: Vec<ApproverGroup>) -> Self {
        Policy {
            approval_mode: if needs_all { Mode::AllOf } else { Mode::AnyOf },
            approver_groups,
        }
    }

    pub(super) fn needs_all(&self) -> bool {
        self.approval_mode == Mode::AllOf
    }

    pub(super) fn resolve(&mut self, state: &State) -> Result<(), Error> {
        self.approver_groups
            .iter_mut()
            .try_for_each(|one| one.resolve(state))
    }

    pub(super) fn show(&self, state: &State) -> Value {
        let groups = self.approver_groups.iter().map(|one| one.show(state));
        json!({
            "approval_mode": self.approval_mode,
            "approver_groups": groups.collect::<Vec<_>>(),
        })
    }
}

impl Escalation {
    pub(super) fn resolve(&mut self, state: &State) -> Result<(), Error> {
        if self.interval_in_min <= 0 || !(1..=5).contains(&self.approver_groups.len()) {
            return Err(Error::bad(
                "escalation_policy takes an interval above 0 and one to five tiers",
            ));
        }
        self.approver_groups
            .iter_mut()
            .try_for_each(|one| one.resolve(state))
    }

    pub(super) fn show(&self, state: &State) -> Value {
        let groups = self.approver_groups.iter().map(|one| one.show(state));
        json!({
            "interval_in_min": self.interval_in_min,
            "approver_groups": groups.collect::<Vec<_>>(),
        })
    }
}
