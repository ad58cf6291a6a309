//! Lifting the brake: two people have to stand behind a mass removal.

use serde_json::json;
use uuid::Uuid;

use super::{Services, SyncRun};
use crate::domain::{Caller, Scope};
use crate::error::{Code, Error, Result};
use crate::services::callers::require;
use crate::services::connections::find_visible;
use crate::store::audit::{self, Actor, AuditEntry};
use crate::store::syncs;

/// How many people have to stand behind it.
pub const PEOPLE: usize = 2;

/// Says, as a person, that what a braked run would have removed may go. The person who asked for the run counts as the first.
/// With the second one a new run is asked for, which may remove what the parts that were stopped named and no more.
///
/// # Errors
/// Without the scope; not found; forbidden for a service and for who stands behind it already; a conflict for a run that is
/// not braked, that was lifted before, or that a newer one followed.
pub async fn lift_brake(
    services: &Services,
    caller: &Caller,
    id_or_name: &str,
    sync_id: Uuid,
    reason: &str,
    request_id: &str,
) -> Result<SyncRun> {
    require(caller, Scope::CONNECTIONS_WRITE)?;
    let connection = find_visible(services, caller, id_or_name).await?;
    syncs::find(services.store().requests(), connection.id, sync_id)
        .await?
        .ok_or_else(|| Error::not_found("sync"))?;
    let person = person(caller).ok_or_else(|| {
        Error::new(
            Code::Forbidden,
            "Lifting the brake is for people; your key is a service's.",
        )
    })?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 1000 {
        return Err(Error::invalid(
            "/reason",
            "must say why, in 1 to 1000 characters",
        ));
    }

    let mut transaction = services.store().begin().await?;
    let braked = syncs::lock(&mut transaction, sync_id)
        .await?
        .ok_or_else(|| Error::not_found("sync"))?;
    check(&braked, &person)?;
    if syncs::has_newer(&mut *transaction, &braked).await? {
        return Err(Error::new(
            Code::Conflict,
            "A newer sync was asked for since: what this one saw no longer counts. If the brake stops the newer one too, lift that.",
        ));
    }
    let mut braked = syncs::add_lift(&mut transaction, braked.id, &person, reason).await?;
    let (missing, live) = braked.would_remove();
    let confirmed = braked.people_needed() == 0;
    if confirmed {
        let run = syncs::request(
            &mut transaction,
            braked.connection_id,
            "demand",
            Some(&person),
        )
        .await?;
        braked = syncs::lifted_into(&mut transaction, braked.id, run.id).await?;
    }
    audit::record(
        &mut transaction,
        AuditEntry {
            actor: Actor::from(caller),
            action: "connection.lift_brake",
            noun: "connection",
            noun_id: Some(braked.connection_id),
            connection_id: Some(braked.connection_id),
            operation_id: None,
            outcome: if confirmed { "succeeded" } else { "proposed" },
            detail: json!({
                "run": braked.id, "reason": reason, "missing": missing, "live": live,
                "people": braked.people(), "lifted_into": braked.lifted_into,
            }),
            request_id,
        },
    )
    .await?;
    transaction.commit().await?;
    Ok(braked)
}

/// Refuses what can't be lifted, or not by this person.
fn check(run: &SyncRun, person: &str) -> Result<()> {
    let conflict = |detail: String| Err(Error::new(Code::Conflict, detail));
    if !run.is_braked() {
        return conflict(format!(
            "The sync is `{}`; only one that the brake stopped can be lifted.",
            run.status
        ));
    }
    if let Some(run) = run.lifted_into {
        return conflict(format!("The brake was lifted already, for the sync {run}."));
    }
    if run.people().contains(&person) {
        let how = match run.requested_by.as_deref() {
            Some(asker) if asker == person => "You asked for this sync yourself",
            _ => "You have said so already",
        };
        return Err(Error::new(
            Code::Forbidden,
            format!("{how}: lifting its brake needs a second person."),
        ));
    }
    Ok(())
}

/// The person behind a caller, always spelled the same.
pub(super) fn person(caller: &Caller) -> Option<String> {
    caller.person.as_deref().map(str::to_lowercase)
}

impl SyncRun {
    /// How many rows the parts that the brake stopped would have removed, of how many live ones.
    pub fn would_remove(&self) -> (i64, i64) {
        self.braked_parts().fold((0, 0), |(missing, live), part| {
            (
                missing + part.missing.unwrap_or_default(),
                live + part.live.unwrap_or_default(),
            )
        })
    }

    /// Who stands behind what it would have removed: the person who asked for it, and those who lifted its brake.
    pub fn people(&self) -> Vec<&str> {
        let asked = self.requested_by.as_deref();
        let lifted = self.lifts.iter().map(|lift| lift.person.as_str());
        asked.into_iter().chain(lifted).collect()
    }

    /// How many more people have to.
    pub fn people_needed(&self) -> usize {
        PEOPLE.saturating_sub(self.people().len())
    }
}
