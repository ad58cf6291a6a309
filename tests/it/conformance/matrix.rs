//! Each capability of each variant against each case.

use std::collections::BTreeMap;
use std::time::Duration;

use iam_gateway::adapters::contract::AdapterError;
use iam_gateway::adapters::{self};
use iam_gateway::domain::Capability;
use iam_gateway::simulators::{Fault, Options, Rule};
use serde_json::{Value, json};

use super::cases::{self, ALWAYS, Case};
use super::drive::{self, Act};
use super::front::{Alter, Front, Passed, Which, places};
use crate::adapters::stand::Stand;
use crate::support::{
    APONO, DEVO, DEVO_MULTITENANT, LIGHTELLIGENCE, LUMOS, LUMOS_MAIN, LUNA, Vendor,
};

/// Answers of a listing whose values are replaced one by one.
const ANSWERS: usize = 4;

struct Bench {
    stand: Stand,
    front: Front,
    variant: &'static str,
    passed: BTreeMap<Capability, usize>,
    complaints: Vec<String>,
}

impl Bench {
    async fn start(vendor: Vendor) -> Self {
        let described = adapters::vendor(vendor.name).expect("a vendor");
        let mut front = None;
        let options = Options {
            accounts: Some(12),
            ..Options::default()
        };
        let stand = Stand::tuned(
            vendor,
            options,
            async |connection| {
                let base = connection["settings"]["base_url"].as_str().expect("a URL");
                let mut url = url::Url::parse(base).expect("a URL");
                let origin = url.origin().ascii_serialization();
                let before = Front::start(described, &origin).await;
                let port = url::Url::parse(&before.url).expect("a URL").port();
                url.set_port(port).expect("a port");
                connection["settings"]["base_url"] = json!(url.as_str().trim_end_matches('/'));
                front = Some(before);
            },
            |transport| {
                transport.attempt_timeout = Duration::from_millis(1500);
                transport.retry.attempts = 2;
                transport.breaker.failures = u32::MAX;
            },
        )
        .await;
        Self {
            stand,
            front: front.expect("a front"),
            variant: vendor.variant,
            passed: BTreeMap::new(),
            complaints: Vec::new(),
        }
    }

    fn note(&mut self, of: Capability, case: &str, complaint: Option<String>) {
        match complaint {
            None => *self.passed.entry(of).or_default() += 1,
            Some(words) => self.complaints.push(format!("{of}: {case}: {words}")),
        }
    }

    fn cases(&self) -> Vec<Case> {
        cases::cases(&format!("{}/somewhere-else", self.front.url))
    }

    /// Complaints that hold for every request, whatever the case.
    fn manners(&mut self, of: Capability, case: &str, passed: &[Passed]) {
        if passed.iter().any(|one| one.path.contains("somewhere-else")) {
            self.note(of, case, Some("a redirect was followed".into()));
        }
        if passed.iter().any(|one| one.wants_compressed) {
            self.note(of, case, Some("a compressed answer was asked for".into()));
        }
    }

    /// Runs every case over something that reads; `read` says whether it came out as it does without any.
    async fn readings(
        &mut self,
        of: Capability,
        read: impl AsyncFn(&Stand) -> Result<bool, AdapterError>,
    ) {
        // What is documented and not asked for can't be spoilt by any answer.
        self.front.strike(Which::All, 0, Alter::Nothing);
        let outcome = read(&self.stand).await;
        if self.front.rest().is_empty() {
            let complaint = (!matches!(outcome, Ok(true))).then(|| format!("{outcome:?}"));
            return self.note(of, "without asking", complaint);
        }
        for case in self.cases() {
            self.front
                .strike(Which::All, case.times, case.alter.clone());
            let outcome = read(&self.stand).await;
            let passed = self.front.rest();
            self.manners(of, case.name, &passed);
            let complaint = case.reading.complaint(outcome.as_ref().map(|same| *same));
            let struck = passed.iter().filter(|one| one.struck).count();
            let complaint = match case.name {
                "401" if struck > 2 => Some(format!("shown {struck} times: that locks accounts")),
                _ => complaint,
            };
            self.note(of, case.name, complaint);
        }
        let errors = Rule::new(Fault::ErrorIn200 { body: None }).times(0);
        self.stand.vendor.faults([errors]);
        let outcome = read(&self.stand).await;
        self.stand.vendor.clear_faults();
        let complaint = outcome.is_ok().then(|| "an answer".to_owned());
        self.note(of, "an error inside a 200", complaint);
        let outcome = read(&self.stand).await;
        let complaint = (!matches!(outcome, Ok(true))).then(|| format!("{outcome:?}"));
        self.note(of, "all is well again", complaint);
    }

    async fn listing(&mut self, of: Capability) {
        let whole = drive::list(&self.stand, of, 100).await.expect("a listing");
        assert!(
            !whole.keys.is_empty(),
            "{} shows nothing for {of}",
            self.variant
        );
        assert_eq!(whole.defects, Vec::<String>::new(), "{of}");
        let full = u32::try_from(whole.told).expect("few").min(100);
        for (case, size) in [("a page size of 1", 1), ("a last page that is full", full)] {
            let paged = drive::list(&self.stand, of, size).await;
            let complaint = match paged {
                Ok(paged) if paged.keys == whole.keys && paged.defects.is_empty() => None,
                other => Some(format!("{other:?}")),
            };
            self.note(of, case, complaint);
        }
        let keys = whole.keys.clone();
        self.readings(of, async |stand| {
            let listed = drive::list(stand, of, 100).await?;
            Ok(listed.keys == keys && listed.defects.is_empty())
        })
        .await;

        // Whatever a value turns into, nothing is left out in silence.
        self.front.strike(Which::All, 0, Alter::Nothing);
        drive::list(&self.stand, of, 100).await.expect("a listing");
        let answers = self.front.rest();
        for (nth, answer) in answers.iter().take(ANSWERS).enumerate() {
            for place in answer.answer.iter().flat_map(places) {
                let now = answer.answer.as_ref().and_then(|json| json.pointer(&place));
                let wrong = match now {
                    Some(Value::String(_)) => json!(7),
                    _ => json!({"not": "this"}),
                };
                for by in [Value::Null, wrong, json!("SOMETHING_NEW")] {
                    // What somebody of another name did is another report.
                    if of == Capability::ListActivity && by == "SOMETHING_NEW" {
                        continue;
                    }
                    let case = format!("`{by}` at {place} of answer {nth}");
                    let alter = Alter::Replaced {
                        nth,
                        pointer: place.clone(),
                        by,
                    };
                    self.front.strike(Which::All, ALWAYS, alter);
                    let outcome = drive::list(&self.stand, of, 100).await;
                    self.front.rest();
                    let in_item = place.split('/').any(|part| part.parse::<usize>().is_ok());
                    let complaint = match outcome {
                        Ok(listed)
                            if in_item && listed.told < whole.told && listed.defects.is_empty() =>
                        {
                            Some(format!(
                                "{} of {} things, and no word of the others",
                                listed.told, whole.told
                            ))
                        }
                        _ => None,
                    };
                    self.note(of, &case, complaint);
                }
            }
        }
    }

    async fn reading(&mut self, of: Capability) {
        let Some(key) = drive::readable(&self.stand, of).await else {
            panic!("{}: nothing can be read by {of}", self.variant);
        };
        self.readings(of, async |stand| drive::read(stand, of, &key).await)
            .await;
    }

    async fn reading_grants(&mut self) {
        let of = Capability::ReadGrants;
        let Some((account, entitlement)) = drive::readable_grant(&self.stand).await else {
            panic!("{}: no grant can be read", self.variant);
        };
        self.readings(of, async |stand| {
            drive::read_grant(stand, &account, &entitlement).await
        })
        .await;
    }

    async fn writing(&mut self, of: Capability) {
        let mut act = Act::prepare(&self.stand, of)
            .await
            .unwrap_or_else(|| panic!("{}: nothing to do {of} to", self.variant));
        act.reset().await;
        let call = self.stand.writing();
        let plain = act.send(&call).await;
        let mut noted = Vec::new();
        noted.push((
            "all is well",
            Vec::new(),
            plain.as_ref().err().map(|error| format!("{error}")),
        ));
        for case in self.cases() {
            let Some(wanted) = case.write else { continue };
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
        drop(act);
        for (case, passed, complaint) in noted {
            self.manners(of, case, &passed);
            self.note(of, case, complaint);
        }
    }

    async fn all(mut self) {
        // A capability that is added breaks the build here until somebody says how it is driven.
        for of in self.stand.adapter.capabilities() {
            match of {
                Capability::ListAccounts
                | Capability::ListResources
                | Capability::ListEntitlements
                | Capability::ListGrants
                | Capability::ListActivity => self.listing(of).await,
                Capability::ReadAccounts
                | Capability::ReadResources
                | Capability::ReadEntitlements => self.reading(of).await,
                Capability::ReadGrants => self.reading_grants().await,
                Capability::CreateAccounts
                | Capability::UpdateAccounts
                | Capability::DeleteAccounts
                | Capability::ActivateAccounts
                | Capability::DeactivateAccounts
                | Capability::CreateGrants
                | Capability::DeleteGrants
                | Capability::UpdateManyAccounts
                | Capability::UpdateEntitlements
                | Capability::ReplaceGrants => self.writing(of).await,
            }
        }
        let passed: usize = self.passed.values().sum();
        let each: Vec<String> = self
            .passed
            .iter()
            .map(|(of, count)| format!("{of} {count}"))
            .collect();
        eprintln!(
            "{}: {passed} of {} cases passed ({})",
            self.variant,
            passed + self.complaints.len(),
            each.join(", ")
        );
        assert!(
            self.complaints.is_empty(),
            "{}:\n{}",
            self.variant,
            self.complaints.join("\n")
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn luna_accounts_stands_every_case() {
    Bench::start(LUNA).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devo_domain_stands_every_case() {
    Bench::start(DEVO).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn devo_multitenant_stands_every_case() {
    Bench::start(DEVO_MULTITENANT).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lumos_connector_stands_every_case() {
    Bench::start(LUMOS).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lumos_main_stands_every_case() {
    Bench::start(LUMOS_MAIN).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apono_tenant_stands_every_case() {
    Bench::start(APONO).await.all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lightelligence_tenant_stands_every_case() {
    Bench::start(LIGHTELLIGENCE).await.all().await;
}
