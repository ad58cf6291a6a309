//! What the vendors really did against what the ledger says and what the clients were told.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use sqlx::FromRow;

use super::crowd::{Told, Wish};
use super::scene::Scene;
use crate::support::{Vendor, eventually};

/// One operation of the ledger.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Entry {
    pub(super) who: String,
    pub(super) status: String,
    pub(super) effect: Option<String>,
    pub(super) why: Option<String>,
    pub(super) sends: i32,
    pub(super) epoch: i64,
    pub(super) has_secret: bool,
    pub(super) audited: bool,
}

/// What a run came to, for people.
#[derive(Debug, Default)]
pub(super) struct Report {
    creations: usize,
    effects: usize,
    by_status: BTreeMap<String, usize>,
    why: BTreeMap<String, usize>,
    taken_over: usize,
    sent_again: usize,
    cuts: u32,
    again: u32,
}

/// Every creation in the ledger, oldest first.
pub(super) async fn ledger(scene: &Scene) -> Vec<Entry> {
    sqlx::query_as(
        "select o.status, o.effect, o.error->>'detail' as why, o.sends, o.epoch,
             split_part(coalesce(o.payload->'create'->>'email', o.payload->'create'->>'login'), '@', 1) as who,
             o.secret_ciphertext is not null as has_secret,
             exists (select from audit_events a where a.operation_id = o.id and a.outcome = 'requested')
                 and exists (select from audit_events a where a.operation_id = o.id and a.outcome = o.status) as audited
         from operations o where o.kind = 'account.create' order by o.seq",
    )
    .fetch_all(scene.database.sql())
    .await
    .expect("the ledger")
}

/// Waits until nothing is under way any more.
pub(super) async fn quiet(scene: &Scene) {
    eventually("the end of every operation", async || {
        let open: i64 = sqlx::query_scalar(
            "select count(*) from operations where status in ('pending', 'running')",
        )
        .fetch_one(scene.database.sql())
        .await
        .expect("the ledger");
        (open == 0).then_some(())
    })
    .await;
}

/// Whether a vendor's object is about this person.
fn is_about(value: &Value, who: &str) -> bool {
    value
        .to_string()
        .contains(&format!("\"{who}@example.org\""))
}

/// How many requests to create this account a vendor got.
pub(super) async fn sendings(scene: &Scene, vendor: Vendor, who: &str) -> usize {
    let create = serde_json::to_value(vendor.on_create(iam_gateway::simulators::Fault::Malformed))
        .expect("a rule");
    let path = create["match"]["path_contains"].as_str().expect("a path");
    let requests = scene.control(vendor).requests().await;
    requests
        .iter()
        .filter(|request| request["method"] == create["match"]["method"])
        .filter(|request| request["path"].as_str().is_some_and(|it| it.contains(path)))
        .filter(|request| {
            request["body"]
                .to_string()
                .contains(&format!("{who}@example.org"))
        })
        .count()
}

/// Ends all faults, syncs, and compares; panics with everything that does not agree.
pub(super) async fn balance(scene: &Scene, wishes: &[Wish]) -> Report {
    quiet(scene).await;
    let entries = ledger(scene).await;
    let mut wrong = Vec::new();
    let mut report = Report {
        creations: wishes.len(),
        ..Report::default()
    };
    for entry in &entries {
        *report.by_status.entry(entry.status.clone()).or_default() += 1;
        if let Some(why) = &entry.why {
            *report.why.entry(why.clone()).or_default() += 1;
        }
        report.taken_over += usize::from(entry.epoch > 1);
        report.sent_again += usize::from(entry.sends > 1);
        if entry.has_secret {
            wrong.push(format!("kept its secret: {entry:?}"));
        }
        if !entry.audited {
            wrong.push(format!("lacks an audit event: {entry:?}"));
        }
        if !wishes.iter().any(|wish| wish.who == entry.who) {
            wrong.push(format!("nobody asked for it: {entry:?}"));
        }
    }
    for (vendor, simulator) in &scene.vendors {
        simulator.control.clear_faults().await;
        scene.sync(*vendor).await;
        let effects = simulator.control.effects().await;
        let state = simulator.control.state().await;
        let there = state["accounts"].as_array().expect("accounts").clone();
        let listed = scene.accounts(*vendor).await;
        if there.len() != listed.len() {
            wrong.push(format!(
                "{}: {} accounts there, {} listed",
                vendor.name,
                there.len(),
                listed.len()
            ));
        }
        report.effects += effects.len();
        let of_vendor: Vec<&Wish> = wishes
            .iter()
            .filter(|wish| wish.vendor == *vendor)
            .collect();
        for effect in &effects {
            if !of_vendor
                .iter()
                .any(|wish| is_about(&effect["after"], &wish.who))
            {
                wrong.push(format!("{}: an effect for nobody: {effect}", vendor.name));
            }
        }
        for wish in of_vendor {
            report.cuts += wish.cuts;
            report.again += wish.again;
            let made = effects
                .iter()
                .filter(|effect| is_about(&effect["after"], &wish.who))
                .count();
            let listings = listed
                .iter()
                .filter(|account| is_about(account, &wish.who))
                .count();
            let entries: Vec<&Entry> = entries
                .iter()
                .filter(|entry| entry.who == wish.who)
                .collect();
            let count = |status: &str| {
                entries
                    .iter()
                    .filter(|entry| entry.status == status)
                    .count()
            };
            let (succeeded, unknown) = (count("succeeded"), count("outcome_unknown"));
            for (what, broken) in [
                ("was made twice", made > 1),
                ("is not in the ledger", entries.is_empty()),
                ("succeeded twice", succeeded > 1),
                ("succeeded without an effect", succeeded == 1 && made == 0),
                (
                    "failed with an effect",
                    made > 0 && succeeded == 0 && unknown == 0,
                ),
                (
                    "succeeded, but not by creating",
                    entries.iter().any(|entry| {
                        entry.status == "succeeded" && entry.effect.as_deref() != Some("created")
                    }),
                ),
                ("is listed wrongly", listings != made),
                (
                    "was told otherwise",
                    match &wish.told {
                        Told::Created => succeeded != 1,
                        Told::Unknown => unknown == 0,
                        // Nobody else makes these accounts, so nothing is a reason to refuse one.
                        Told::Refused(_) => true,
                    },
                ),
            ] {
                if broken {
                    wrong.push(format!(
                        "{what}: {wish:?} made {made}, listed {listings}: {entries:#?}"
                    ));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} do not agree:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    report
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} creations, {} effects; operations {:?}, {} taken over, {} sent again; clients cut off {} times, asked again {} times; not done: {:#?}",
            self.creations,
            self.effects,
            self.by_status,
            self.taken_over,
            self.sent_again,
            self.cuts,
            self.again,
            self.why
        )
    }
}
