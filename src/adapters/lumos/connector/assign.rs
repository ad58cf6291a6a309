//! Giving and taking away. The connector's limits are checked from a reading before anything is sent.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::convert::Thing;
use super::grants::Wanted;
use super::wire::Assignment;
use super::{Connector, convert, limits};
use crate::adapters::contract::{
    AdapterError, Call, GrantsEntitlements, Outcome, Pair, RevokesEntitlements, SideEffect, Trouble,
};
use crate::adapters::transport::read_back;
use crate::domain::{Effect, EntitlementRecord, GrantRecord};

#[async_trait]
impl GrantsEntitlements for Connector {
    fn turns_of_granting(&self, pair: Pair<'_>) -> String {
        turns(pair)
    }

    fn prepare_grant(&self, pair: Pair<'_>) -> Result<(), AdapterError> {
        Wanted::of(pair)?;
        if !pair.entitlement.assignable {
            return Err(AdapterError::unsupported(
                "/entitlement_id",
                limits::NOT_ASSIGNABLE,
            ));
        }
        Ok(())
    }

    async fn grant(
        &self,
        call: &Call,
        pair: Pair<'_>,
    ) -> Result<Outcome<Option<GrantRecord>>, AdapterError> {
        let wanted = Wanted::of(pair)?;
        let grant = || Some(wanted.grant(pair));
        let held = self.held_by(call, &wanted.account).await?;
        let is_shown = held.contains(&wanted.thing);
        let is_ambiguous = is_shown && self.is_ambiguous(call, &wanted).await?;
        if is_shown && !is_ambiguous {
            return Ok(Outcome {
                effect: Effect::Noop,
                value: grant(),
            });
        }
        if limits::is_counted(pair.entitlement) {
            let except = Some(&wanted.thing);
            let counted = self.of_type(call, pair.entitlement, &held, except).await?;
            limits::check_assign(pair.entitlement, &counted)?;
        }
        let written = self
            .client
            .assign_entitlement(call, &wanted.assignment(), &before(&held))
            .await?;
        if written.response.assigned == Some(false) {
            return Err(not_done("assign_entitlement", "assigned"));
        }
        self.shown(call, &wanted, true, "assign_entitlement")
            .await?;
        let effect = written.summary.effect.as_deref().and_then(convert::effect);
        Ok(Outcome {
            effect: effect.unwrap_or(Effect::Created),
            // Where the reading can't tell the type, the connector's own word for this assignment does.
            value: grant(),
        })
    }
}

#[async_trait]
impl RevokesEntitlements for Connector {
    fn turns_of_revoking(&self, pair: Pair<'_>) -> String {
        turns(pair)
    }

    fn prepare_revoke(&self, pair: Pair<'_>) -> Result<(), AdapterError> {
        Wanted::of(pair).map(|_| ())
    }

    async fn revoke(
        &self,
        call: &Call,
        pair: Pair<'_>,
        _restores: Option<&EntitlementRecord>,
    ) -> Result<Outcome<()>, AdapterError> {
        let wanted = Wanted::of(pair)?;
        let noop = Outcome {
            effect: Effect::Noop,
            value: (),
        };
        let held = self.held_by(call, &wanted.account).await?;
        if !held.contains(&wanted.thing) {
            return Ok(noop);
        }
        let is_ambiguous = self.is_ambiguous(call, &wanted).await?;
        if limits::is_counted(pair.entitlement) {
            let counted = self.of_type(call, pair.entitlement, &held, None).await?;
            limits::check_unassign(pair.entitlement, &counted)?;
        }
        let written = self
            .client
            .unassign_entitlement(call, &wanted.assignment(), &before(&held))
            .await;
        let written = match written {
            Ok(written) => written,
            // Account, entitlement or both went in between: a reading has to show that nothing is held.
            Err(error) if error.trouble == Trouble::NotFound => {
                return match self.held_by(call, &wanted.account).await {
                    Ok(held) if !held.contains(&wanted.thing) => Ok(noop),
                    _ => Err(error),
                };
            }
            Err(error) => return Err(error),
        };
        if written.response.unassigned == Some(false) {
            return Err(not_done("unassign_entitlement", "unassigned"));
        }
        // What reads alike may stay for another entitlement's sake; then the connector's own word counts.
        if !is_ambiguous {
            self.shown(call, &wanted, false, "unassign_entitlement")
                .await?;
        }
        let effect = written.summary.effect.as_deref().and_then(convert::effect);
        Ok(Outcome {
            effect: effect.unwrap_or(Effect::Deleted),
            value: (),
        })
    }
}

impl Wanted {
    fn assignment(&self) -> Assignment<'_> {
        Assignment {
            account: &self.account,
            entitlement_type: &self.kind,
            resource_type: &self.resource_type,
            resource_id: &self.thing.resource_id,
            id: &self.thing.id,
        }
    }
}

impl Connector {
    /// `Ok` when a reading shows that the account holds it, or does not.
    async fn shown(
        &self,
        call: &Call,
        wanted: &Wanted,
        is_held: bool,
        capability: &str,
    ) -> Result<(), AdapterError> {
        let read = async || {
            let held = Box::pin(self.held_by(call, &wanted.account)).await?;
            Ok(Some(held.contains(&wanted.thing)))
        };
        let seen = read_back(read, |seen: &bool| *seen == is_held).await;
        if seen == Some(is_held) {
            return Ok(());
        }
        let why = match seen {
            Some(_) => "it does not show it",
            None => "what the account holds can't be read",
        };
        Err(AdapterError::new(
            Trouble::Malformed,
            format!("the connector accepted `{capability}`, and {why}"),
        ))
    }
}

/// The account where the type is counted by account, else the pair.
fn turns(pair: Pair<'_>) -> String {
    let account = &pair.account.external_key;
    if limits::is_counted(pair.entitlement) {
        format!("grants of {}", account.as_str())
    } else {
        let key = GrantRecord::key(account, &pair.entitlement.external_key);
        format!("grant {}", key.as_str())
    }
}

/// The set seen: id and resource id of everything that the account holds.
fn before(held: &[Thing]) -> Value {
    let held: Vec<Value> = held
        .iter()
        .map(|thing| json!([thing.id, thing.resource_id]))
        .collect();
    json!({ "held": held })
}

/// The connector took the call, and its answer says that it is not done.
fn not_done(capability: &str, flag: &str) -> AdapterError {
    AdapterError::new(
        Trouble::Rejected,
        format!("the connector answered `{capability}` with `{flag}: false`"),
    )
    .with_effect(SideEffect::Unknown)
}
