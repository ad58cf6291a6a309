//! Answers made of bytes: whatever a vendor may say, no adapter panics on it, takes it for more than it is, or says "gone".
//!
//! An adapter gives good answers and the way of its own answers: judge, then parse and convert. What the answers turn into here
//! goes the same way. `CONVERTER_CASES` says how many cases each family has, `CONVERTER_FIRST` the number of the first.

mod dice;
mod kept;
mod mutate;
mod odd;

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::IgnoredAny;
use serde_json::Value;

use self::dice::Dice;
pub(in crate::adapters) use self::kept::{Made, Record};
use crate::adapters::contract::{AdapterError, SideEffect, Trouble};
use crate::adapters::transport::{Answer, Judge};

/// How many cases a family has where nobody says.
const CASES: u64 = 10_000;

/// Statuses of refusals, and of what is in front of vendors.
const STATUSES: [u16; 26] = [
    200, 200, 200, 201, 204, 400, 400, 401, 403, 404, 404, 404, 405, 408, 409, 418, 422, 429, 451,
    500, 501, 502, 503, 504, 520, 599,
];

/// Headers that somebody reads, with what may stand in them.
const HEADERS: [(&str, &[&str]); 5] = [
    (
        "content-type",
        &["application/json", "text/plain", "text/html", "\u{e9}", ""],
    ),
    (
        "retry-after",
        &[
            "1",
            "-1",
            "99999999999999999999",
            "Sat, 01 Jan 2000 00:00:00 GMT",
            "soon",
        ],
    ),
    (
        "x-ratelimit-remaining",
        &["0", "1", "-1", "99999999999", "x"],
    ),
    (
        "x-ratelimit-reset",
        &[
            "0",
            "1e300",
            "NaN",
            "-5",
            "1893456000.25",
            "18446744073709551615",
        ],
    ),
    ("x-devo-cid", &["cid-1", "", "\u{e9}"]),
];

/// Answers of one sort, and what becomes of them.
pub(in crate::adapters) struct Family<'a> {
    /// For messages; the cases are drawn by it.
    name: &'static str,
    judge: &'a dyn Judge,
    good: Vec<Value>,
    is_refusal: bool,
    /// Whether an answer may be taken for the word that a thing is not there.
    may_be_gone: fn(&Answer) -> bool,
    /// Where the list is whose items must become a record each, or a word about it.
    list: Option<&'static str>,
    /// Where an item has its word for the state, which is kept.
    word: Option<&'static str>,
    /// The words that are known; any other is unknown. `None`: another one has a meaning, too.
    known: Option<&'static [&'static str]>,
}

impl<'a> Family<'a> {
    /// Good answers, as JSON.
    pub(in crate::adapters) fn answers(
        name: &'static str,
        judge: &'a dyn Judge,
        may_be_gone: fn(&Answer) -> bool,
        good: &[&str],
    ) -> Self {
        let parsed = good.iter().map(|text| serde_json::from_str(text));
        Self {
            name,
            judge,
            good: parsed
                .collect::<Result<_, _>>()
                .expect("good answers are JSON"),
            is_refusal: false,
            may_be_gone,
            list: None,
            word: None,
            known: None,
        }
    }

    /// Refusals, as JSON: they come with all kinds of statuses.
    pub(in crate::adapters) fn refusals(
        name: &'static str,
        judge: &'a dyn Judge,
        may_be_gone: fn(&Answer) -> bool,
        bodies: &[&str],
    ) -> Self {
        Self {
            is_refusal: true,
            ..Self::answers(name, judge, may_be_gone, bodies)
        }
    }

    /// Every item of this list becomes a record, or there is a word about it.
    pub(in crate::adapters) fn listing(self, pointer: &'static str) -> Self {
        Self {
            list: Some(pointer),
            ..self
        }
    }

    /// An item has a word for its state here, which is kept whatever it is.
    pub(in crate::adapters) fn keeping(self, pointer: &'static str) -> Self {
        Self {
            word: Some(pointer),
            ..self
        }
    }

    /// Any word but these is unknown.
    pub(in crate::adapters) fn knowing(self, known: &'static [&'static str]) -> Self {
        Self {
            known: Some(known),
            ..self
        }
    }

    /// Runs the cases.
    pub(in crate::adapters) fn hold(self, make: impl Fn(&Answer) -> Result<Made, AdapterError>) {
        let number = |name: &str, otherwise| match std::env::var(name) {
            Ok(text) => text.parse().expect("a number of cases"),
            Err(_) => otherwise,
        };
        self.good_ones_are_taken(&make);
        let (first, cases) = (
            number("CONVERTER_FIRST", 0),
            number("CONVERTER_CASES", CASES),
        );
        let (mut judged, mut records, mut defects) = (0_u64, 0, 0);
        for case in first..first + cases {
            let (answer, said) = self.answer(case);
            let run = AssertUnwindSafe(|| self.run(&answer, said, &make));
            let outcome = catch_unwind(run).unwrap_or_else(|_| Err("it panicked".to_owned()));
            let made = outcome.unwrap_or_else(|why| {
                let body = String::from_utf8_lossy(&answer.body);
                panic!(
                    "{} {case}: {why}\n{} {:?}\n{body}",
                    self.name, answer.status, answer.headers
                )
            });
            if let Some(made) = made {
                judged += 1;
                records += made.records.len();
                defects += made.defects.len();
            }
        }
        eprintln!(
            "{}: {cases} cases, {judged} of them judged good, {records} records, {defects} defects",
            self.name
        );
        assert!(
            self.is_refusal || judged * 5 > cases,
            "{}: hardly anything came through, which tests nothing",
            self.name
        );
    }

    fn good_ones_are_taken(&self, make: &impl Fn(&Answer) -> Result<Made, AdapterError>) {
        if self.is_refusal {
            return;
        }
        for body in &self.good {
            let mut answer = answer(200, body.to_string().into());
            let json = HeaderValue::from_static("application/json");
            answer.headers.insert("content-type", json);
            let made = self.run(&answer, Some(body.clone()), make);
            let made = made.unwrap_or_else(|why| panic!("{}: {why}\n{body}", self.name));
            let made = made.unwrap_or_else(|| panic!("{}: it is not taken\n{body}", self.name));
            assert_eq!(made.defects, Vec::<String>::new(), "{}: {body}", self.name);
        }
    }

    /// The answer of a case, and what it says where that is known without reading it.
    fn answer(&self, case: u64) -> (Answer, Option<Value>) {
        // FNV-1a: another family has other cases.
        let name = self
            .name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
        let mut dice = Dice::new(name.wrapping_add(case));
        let status = match self.is_refusal || dice.one_in(16) {
            true => *dice.pick(&STATUSES),
            false => 200,
        };
        let (body, said) = mutate::body(&mut dice, &self.good);
        let mut answer = answer(status, body);
        let (name, values) = *dice.pick(&HEADERS);
        if let Ok(value) = HeaderValue::from_bytes(dice.pick(values).as_bytes()) {
            answer.headers.insert(HeaderName::from_static(name), value);
        }
        (answer, said)
    }

    /// What was made of an answer; `None`: it was refused, as it may be.
    fn run(
        &self,
        answer: &Answer,
        said: Option<Value>,
        make: &impl Fn(&Answer) -> Result<Made, AdapterError>,
    ) -> Result<Option<Made>, String> {
        let _ = self.judge.quota(answer);
        if let Err(error) = self.judge.judge(answer) {
            return self.check_refusal(answer, &error).map(|()| None);
        }
        let made = match make(answer) {
            Ok(made) => made,
            Err(error) if error.trouble == Trouble::Malformed => return Ok(None),
            Err(error) => return Err(format!("a good answer became {error}")),
        };
        if let Some(why) = made
            .records
            .iter()
            .find_map(|one| one.complaint(self.word, self.known))
        {
            return Err(why);
        }
        if let Some(list) = self.list {
            let read = || serde_json::from_slice(&answer.body).unwrap_or_default();
            let body = said.unwrap_or_else(read);
            let there = body
                .pointer(list)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            let (records, defects) = (made.records.len(), made.defects.len());
            if records + defects < there {
                return Err(format!(
                    "of {there} items {records} were kept, and there are only {defects} words about the others"
                ));
            }
        }
        Ok(Some(made))
    }

    /// An answer that is none of the vendor's proves nothing: neither that a thing is gone nor that a write was not done.
    fn check_refusal(&self, answer: &Answer, error: &AdapterError) -> Result<(), String> {
        if error.message.is_empty() {
            return Err("it is refused without a word".to_owned());
        }
        if error.trouble == Trouble::NotFound && !(self.may_be_gone)(answer) {
            return Err(format!("it proves no absence and became {error}"));
        }
        // Whoever says that it can't be done at all has not done it.
        let is_open = matches!(answer.status, 200..300 | 500 | 502..600);
        // JSON with a number that no `Value` can hold is JSON all the same.
        let is_json = || serde_json::from_slice::<IgnoredAny>(&answer.body).is_ok();
        if is_open && error.effect != SideEffect::Unknown && !is_json() {
            return Err(format!("nobody knows what was done, and it became {error}"));
        }
        Ok(())
    }
}

fn answer(status: u16, body: Bytes) -> Answer {
    Answer {
        status,
        headers: HeaderMap::new(),
        body,
    }
}
