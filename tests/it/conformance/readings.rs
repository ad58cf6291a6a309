//! Cases of what reads: listings, and single things.

use std::collections::BTreeSet;

use iam_gateway::adapters::contract::AdapterError;
use iam_gateway::domain::Capability;
use iam_gateway::simulators::{Fault, Rule};

use super::cases::ALWAYS;
use super::drive::{self, Listed};
use super::front::{Alter, Which, longest};
use super::matrix::Bench;
use super::values::Twist;
use crate::adapters::stand::Stand;

/// What is tried besides the cases that all share.
const EVERY: [&str; 3] = ["as it is", "an error inside a 200", "all is well again"];
const LISTINGS: [&str; 5] = [
    "a page size of 1",
    "a last page that is full",
    "an empty page",
    "pages that lead back",
    "a page that comes twice",
];
const UNASKED: &str = "it is documented, and the vendor is not asked: no answer can spoil it";

impl Bench {
    /// Runs every case over something that reads; `read` says whether it came out as it does without any. Whether the vendor
    /// is asked at all.
    async fn shared(
        &mut self,
        of: Capability,
        read: impl AsyncFn(&Stand) -> Result<bool, AdapterError>,
    ) -> bool {
        self.front.strike(Which::All, 0, Alter::Nothing);
        let outcome = read(&self.stand).await;
        let complaint = (!matches!(outcome, Ok(true))).then(|| format!("{outcome:?}"));
        self.book.note(of, "as it is", complaint);
        if self.front.rest().is_empty() {
            for case in self.cases() {
                self.book.skip(of, case.name, UNASKED);
            }
            for case in &EVERY[1..] {
                self.book.skip(of, case, UNASKED);
            }
            return false;
        }
        for case in self.cases() {
            let before = self.logins();
            self.front
                .strike(Which::All, case.times, case.alter.clone());
            let outcome = read(&self.stand).await;
            let passed = self.front.rest();
            self.manners(of, case.name, &passed);
            let complaint = case.reading.complaint(outcome.as_ref().map(|same| *same));
            let refused = passed.iter().filter(|one| one.struck).count();
            let logins = self.logins() - before;
            let complaint = match case.name.starts_with("401") {
                true if refused > 2 => Some(format!("shown {refused} times: that locks accounts")),
                true if logins > 1 => Some(format!("{logins} new tokens for one refusal")),
                _ => complaint,
            };
            self.book.note(of, case.name, complaint);
        }
        let errors = Rule::new(Fault::ErrorIn200 { body: None }).times(0);
        self.stand.vendor.faults([errors]);
        let outcome = read(&self.stand).await;
        self.stand.vendor.clear_faults();
        let complaint = outcome.is_ok().then(|| "an answer".to_owned());
        self.book.note(of, "an error inside a 200", complaint);
        let outcome = read(&self.stand).await;
        let complaint = (!matches!(outcome, Ok(true))).then(|| format!("{outcome:?}"));
        self.book.note(of, "all is well again", complaint);
        true
    }

    /// How often the connection has logged in.
    fn logins(&self) -> usize {
        let requests = self.stand.vendor.requests();
        let is_login = |path: &str| path.ends_with("/token");
        requests.iter().filter(|one| is_login(&one.path)).count()
    }

    /// A listing against every case.
    pub async fn listing(&mut self, of: Capability) {
        self.front.strike(Which::All, 0, Alter::Nothing);
        let whole = drive::list(&self.stand, of, 100).await.expect("a listing");
        let answers = self.front.rest();
        assert!(
            !whole.keys.is_empty(),
            "{} shows nothing for {of}",
            self.variant
        );
        assert_eq!(whole.defects, Vec::<String>::new(), "{of}");
        // With as many to a page as there are the last page is full, and with half as many, too, where that comes out even.
        let lists = answers.iter().filter_map(|one| one.answer.as_ref());
        let lengths: BTreeSet<usize> = lists.map(longest).filter(|length| *length > 1).collect();
        let halves = lengths.iter().filter(|length| *length % 2 == 0);
        let full: BTreeSet<usize> = halves
            .map(|length| length / 2)
            .chain(lengths.clone())
            .collect();
        if full.is_empty() {
            let reason = "there is one thing to list, which is a full page at a page size of 1";
            self.book.skip(of, "a last page that is full", reason);
        }
        let ones = [("a page size of 1", 1)].into_iter();
        for (case, size) in ones.chain(full.iter().map(|size| ("a last page that is full", *size)))
        {
            let size = u32::try_from(size).expect("few");
            let complaint = match drive::list(&self.stand, of, size).await {
                Ok(paged) if paged.keys == whole.keys && paged.defects.is_empty() => None,
                other => Some(format!("{size} to a page: {other:?}")),
            };
            self.book.note(of, case, complaint);
        }
        let keys = whole.keys.clone();
        let is_asked = self
            .shared(of, async |stand| {
                let listed = drive::list(stand, of, 100).await?;
                Ok(listed.keys == keys && listed.defects.is_empty())
            })
            .await;
        if is_asked {
            self.pages(of, &whole).await;
            self.twisted_listing(of, &whole).await;
        } else {
            for case in &LISTINGS[2..] {
                self.book.skip(of, case, UNASKED);
            }
        }
        let shared = self.cases();
        let names = shared.iter().map(|case| case.name);
        self.book.demand(of, names.chain(EVERY).chain(LISTINGS));
    }

    /// Pages that are empty, lead back, or come twice.
    async fn pages(&mut self, of: Capability, whole: &Listed) {
        self.front.strike(Which::All, ALWAYS, Alter::Emptied);
        let outcome = drive::list(&self.stand, of, 100).await;
        self.front.rest();
        let complaint = match outcome {
            Ok(listed) if !listed.keys.is_subset(&whole.keys) => Some(format!("{listed:?}")),
            Ok(_) | Err(_) => None,
        };
        self.book.note(of, "an empty page", complaint);
        for (case, fault) in [
            ("pages that lead back", Fault::PageLoop),
            ("a page that comes twice", Fault::PageRepeat),
        ] {
            self.stand.vendor.faults([Rule::new(fault).times(0)]);
            let outcome = drive::list_until_circle(&self.stand, of, 2).await;
            self.stand.vendor.clear_faults();
            // Whoever lists sees by the keys that something came twice, and so may stand in the place of something else.
            let complaint = match outcome {
                Err(_) => None,
                Ok(listed) if !listed.defects.is_empty() || listed.keys == whole.keys => None,
                Ok(listed) if listed.is_circle || listed.told > listed.keys.len() => None,
                Ok(listed) => Some(format!("{listed:?}")),
            };
            self.book.note(of, case, complaint);
        }
    }

    /// A single reading against every case.
    pub async fn reading(&mut self, of: Capability) {
        let Some(key) = drive::readable(&self.stand, of).await else {
            panic!("{}: nothing can be read by {of}", self.variant);
        };
        let read = async |stand: &Stand| drive::read(stand, of, &key).await;
        if self.shared(of, &read).await {
            self.twisted_reading(of, Twist::Presence, &read).await;
        }
        self.absence(of, &key).await;
        let shared = self.cases();
        let names = shared.iter().map(|case| case.name);
        self.book.demand(of, names.chain(EVERY).chain([ABSENCE]));
    }

    /// As [`Bench::reading`], of who holds what.
    pub async fn reading_grants(&mut self) {
        let of = Capability::ReadGrants;
        let Some((account, entitlement)) = drive::readable_grant(&self.stand).await else {
            panic!("{}: no grant can be read", self.variant);
        };
        let read = async |stand: &Stand| drive::read_grant(stand, &account, &entitlement).await;
        if self.shared(of, &read).await {
            self.twisted_reading(of, Twist::Presence, &read).await;
        }
        let shared = self.cases();
        let names = shared.iter().map(|case| case.name);
        self.book.demand(of, names.chain(EVERY));
    }

    /// The vendor's own word that a thing is not there, which is the other meaning of its 404; and that word with odd values
    /// in it, which never makes the thing be there.
    async fn absence(&mut self, of: Capability, there: &iam_gateway::domain::ExternalKey) {
        let gone = drive::absent(there);
        let read = async |stand: &Stand| drive::read(stand, of, &gone).await;
        self.front.strike(Which::All, 0, Alter::Nothing);
        let outcome = read(&self.stand).await;
        self.front.rest();
        match outcome {
            Ok(false) => {
                self.book.note(of, ABSENCE, None);
                self.twisted_reading(of, Twist::Absence, &read).await;
            }
            // Its own words are the reason.
            Err(error) => self.book.skip(of, ABSENCE, &error.message),
            Ok(true) => {
                let complaint = format!("{} is there", gone.as_str());
                self.book.note(of, ABSENCE, Some(complaint));
            }
        }
    }
}

const ABSENCE: &str = "the vendor's own word that it is gone";
