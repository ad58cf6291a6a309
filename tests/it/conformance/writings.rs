//! Cases of what changes something.

use iam_gateway::adapters::contract::Trouble;
use iam_gateway::domain::{Capability, Effect};
use iam_gateway::simulators::{Fault, Rule};

use super::act::Act;
use super::front::{Passed, Which};
use super::matrix::Bench;

/// What is tried besides the cases that all share.
const EVERY: [&str; 3] = ["all is well", "an error inside a 200", AGAIN];
const AGAIN: &str = "the same again";

impl Bench {
    /// An act against every case.
    pub async fn writing(&mut self, of: Capability) {
        let mut act = Act::prepare(&self.stand, of)
            .await
            .unwrap_or_else(|| panic!("{}: nothing to do {of} to", self.variant));
        act.reset().await;
        let plain = act.send(&self.stand.writing()).await;
        let mut noted: Vec<(&str, Vec<Passed>, Option<String>)> = Vec::new();
        let complaint = plain.as_ref().err().map(|error| format!("{error}"));
        noted.push(("all is well", Vec::new(), complaint));
        // What is so already is no error, and a thing that is gone is not deleted twice; only a creation contradicts itself.
        let again = act.send(&self.stand.writing()).await;
        let is_right = match (of, &again) {
            (Capability::CreateAccounts, Err(error)) => error.trouble == Trouble::Conflict,
            (Capability::CreateAccounts, Ok(_)) => false,
            (
                Capability::DeleteAccounts | Capability::CreateGrants | Capability::DeleteGrants,
                outcome,
            ) => matches!(outcome, Ok(Effect::Noop)),
            // To set what is set may count as a change.
            (_, outcome) => outcome.is_ok(),
        };
        noted.push((AGAIN, Vec::new(), (!is_right).then(|| format!("{again:?}"))));
        let mut skipped = Vec::new();
        for case in self.cases() {
            let wanted = match case.write {
                Ok(wanted) => wanted,
                Err(reason) => {
                    skipped.push((case.name, reason));
                    continue;
                }
            };
            act.reset().await;
            self.front
                .strike(Which::Writes, case.times, case.alter.clone());
            let outcome = act.send(&self.stand.writing()).await;
            let passed = self.front.rest();
            let sent = passed.iter().filter(|one| one.writes).count();
            noted.push((case.name, passed, wanted.complaint(&outcome, sent)));
        }
        act.reset().await;
        let errors = Rule::new(Fault::ErrorIn200 { body: None }).times(0);
        self.stand.vendor.faults([errors]);
        let outcome = act.send(&self.stand.writing()).await;
        self.stand.vendor.clear_faults();
        let complaint = outcome.ok().map(|effect| format!("{effect:?}"));
        noted.push(("an error inside a 200", Vec::new(), complaint));
        let twisted = self.twisted_acts(&mut act).await;
        drop(act);
        for (case, passed, complaint) in noted {
            self.manners(of, case, &passed);
            self.book.note(of, case, complaint);
        }
        for (case, reason) in skipped {
            self.book.skip(of, case, reason);
        }
        self.note_twisted(of, twisted);
        let shared = self.cases();
        let names = shared.iter().map(|case| case.name);
        self.book.demand(of, names.chain(EVERY));
    }
}
