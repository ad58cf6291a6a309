//! Who is meant: conditions on people, joined (contract §4, §7.4).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::simulators::apono::{
    errors::Error,
    state::{State, User},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(in super::super) enum Logic {
    And,
    Or,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Match {
    Is,
    IsNot,
    Contains,
    DoesNotContain,
    StartsWith,
}

/// `RequestorsUpsertV2`, and what is shaped like it.
#[derive(Debug, Clone, Deserialize)]
pub(in super::super) struct Party {
    pub(super) logical_operator: Logic,
    pub(super) conditions: Vec<Condition>,
}

/// `ConditionUpsertV2`; once resolved, the reference is an id.
#[derive(Debug, Clone, Deserialize)]
pub(in super::super) struct Condition {
    source_integration_reference: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: String,
    match_operator: Option<Match>,
    pub(super) values: Option<Vec<String>>,
}

impl Condition {
    pub(in super::super) fn is(kind: &str, values: Vec<String>) -> Self {
        Condition {
            source_integration_reference: None,
            kind: kind.to_owned(),
            match_operator: Some(Match::Is),
            values: (!values.is_empty()).then_some(values),
        }
    }

    pub(super) fn resolve(&mut self, state: &State) -> Result<(), Error> {
        let (id, _) = state.referred(self.source_integration_reference.as_deref())?;
        self.source_integration_reference = id.map(str::to_owned);
        Ok(())
    }

    /// `ConditionV2`.
    pub(super) fn show(&self, state: &State) -> Value {
        let source = self.source_integration_reference.as_deref();
        json!({
            "source_integration_id": source,
            "source_integration_name": state.source(source),
            "type": self.kind,
            "match_operator": self.match_operator.unwrap_or(Match::Is),
            "values": self.values,
        })
    }

    fn holds(&self, state: &State, user: &User) -> bool {
        let said = match self.kind.as_str() {
            "user" => state.names_of(user),
            "group" => state.groups_of(user),
            kind => {
                let value = user
                    .attributes
                    .iter()
                    .flatten()
                    .find(|(name, _)| *name == kind);
                value.map(|(_, value)| value.clone()).into_iter().collect()
            }
        };
        let any = |fits: &dyn Fn(&str, &str) -> bool| {
            let wanted = || self.values.iter().flatten();
            said.iter()
                .any(|said| wanted().any(|wanted| fits(said, wanted)))
        };
        match self.match_operator.unwrap_or(Match::Is) {
            Match::Is => any(&|said, wanted| said.eq_ignore_ascii_case(wanted)),
            Match::IsNot => !any(&|said, wanted| said.eq_ignore_ascii_case(wanted)),
            Match::Contains => any(&|said, wanted| said.contains(wanted)),
            Match::DoesNotContain => !any(&|said, wanted| said.contains(wanted)),
            Match::StartsWith => any(&|said, wanted| said.starts_with(wanted)),
        }
    }
}

impl Party {
    pub(in super::super) fn any(conditions: Vec<Condition>) -> Self {
        Party {
            logical_operator: Logic::Or,
            conditions,
        }
    }

    pub(super) fn resolve(&mut self, state: &State) -> Result<(), Error> {
        self.conditions
            .iter_mut()
            .try_for_each(|one| one.resolve(state))
    }

    pub(super) fn show(&self, state: &State) -> Value {
        let conditions = self.conditions.iter().map(|one| one.show(state));
        json!({
            "logical_operator": self.logical_operator,
            "conditions": conditions.collect::<Vec<_>>(),
        })
    }

    pub(super) fn includes(&self, state: &State, user: &User) -> bool {
        let mut each = self.conditions.iter().map(|one| one.holds(state, user));
        match self.logical_operator {
            Logic::And => each.all(|holds| holds),
            Logic::Or => each.any(|holds| holds),
        }
    }
}
