//! What was tried, and how it went: every case of every capability is passed, complained of, or skipped for a reason.

use std::collections::{BTreeMap, BTreeSet};

use iam_gateway::domain::Capability;

/// The book of one variant.
#[derive(Default)]
pub struct Book {
    passed: BTreeMap<Capability, usize>,
    complaints: Vec<String>,
    skipped: Vec<String>,
    /// The names of all that were tried or skipped, without places in answers.
    named: BTreeSet<(Capability, String)>,
}

impl Book {
    /// Notes how a case went; `None`: well.
    pub fn note(&mut self, of: Capability, case: &str, complaint: Option<String>) {
        self.named.insert((of, case.to_owned()));
        match complaint {
            None => *self.passed.entry(of).or_default() += 1,
            Some(words) => self.complaints.push(format!("{of}: {case}: {words}")),
        }
    }

    /// Notes that a case means nothing here, and why. Whoever has no reason has a complaint.
    pub fn skip(&mut self, of: Capability, case: &str, reason: &str) {
        if reason.is_empty() {
            return self.note(of, case, Some("skipped without a reason".into()));
        }
        self.named.insert((of, case.to_owned()));
        self.skipped.push(format!("{of}: {case}: {reason}"));
    }

    /// Complains of every one of these cases that was neither tried nor skipped.
    pub fn demand<'a>(&mut self, of: Capability, cases: impl IntoIterator<Item = &'a str>) {
        for case in cases {
            if !self.named.contains(&(of, case.to_owned())) {
                self.complaints
                    .push(format!("{of}: {case}: neither tried nor skipped"));
            }
        }
    }

    /// Prints the counts, and fails if there is a complaint.
    pub fn close(self, variant: &str) {
        let passed: usize = self.passed.values().sum();
        let each: Vec<String> = self
            .passed
            .iter()
            .map(|(of, count)| format!("{of} {count}"))
            .collect();
        eprintln!(
            "{variant}: {passed} of {} cases passed, {} skipped ({})",
            passed + self.complaints.len(),
            self.skipped.len(),
            each.join(", ")
        );
        for skipped in &self.skipped {
            eprintln!("{variant}: skipped: {skipped}");
        }
        assert!(
            self.complaints.is_empty(),
            "{variant}:\n{}",
            self.complaints.join("\n")
        );
    }
}
