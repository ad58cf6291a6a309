//! Answers in which one value is another: null, of a wrong type, or a word that nobody knows.

use std::collections::BTreeSet;

use iam_gateway::adapters::contract::{AdapterError, SideEffect};
use iam_gateway::domain::{Capability, Effect};
use serde_json::{Value, json};

use super::act::Act;
use super::cases::ALWAYS;
use super::drive::{self, Listed};
use super::front::{Alter, Passed, Which, places};
use super::matrix::Bench;
use crate::adapters::stand::Stand;

/// Answers of one capability whose values are replaced one by one.
const ANSWERS: usize = 6;

/// Acts with one value replaced that a run makes of each capability; `CHAOS=full` makes them all.
const ACTS: usize = 10;

const NEW_WORD: &str = "SOMETHING_NEW";

/// What may come of a reading with an odd value in it.
#[derive(Clone, Copy, Debug)]
pub enum Twist {
    /// The thing is there: it is read, or there is trouble. Only under another name it is another.
    Presence,
    /// The thing is not there, and no odd value makes it be.
    Absence,
}

impl Twist {
    fn complaint(self, by: &Value, outcome: Result<bool, AdapterError>) -> Option<String> {
        match (self, outcome) {
            (Self::Presence, Ok(false)) if by != NEW_WORD => Some("it reads as gone".to_owned()),
            (Self::Absence, Ok(true)) => Some("it reads as there".to_owned()),
            _ => None,
        }
    }
}

/// A place whose value another one takes.
struct Place {
    nth: usize,
    pointer: String,
    now: Value,
}

impl Place {
    /// Every place of these answers, each path of the vendor's and each name within once.
    fn of(answers: &[Passed]) -> Vec<Self> {
        let mut known = BTreeSet::new();
        let mut all = Vec::new();
        for (nth, passed) in answers.iter().enumerate().take(ANSWERS) {
            for pointer in passed.answer.iter().flat_map(places) {
                let is_new = known.insert((passed.writes, passed.path.clone(), pointer.clone()));
                let now = passed
                    .answer
                    .as_ref()
                    .and_then(|json| json.pointer(&pointer));
                if let (true, Some(now)) = (is_new, now.cloned()) {
                    all.push(Self { nth, pointer, now });
                }
            }
        }
        all
    }

    fn others(&self) -> [Value; 3] {
        let wrong = match self.now {
            Value::String(_) => json!(7),
            _ => json!({"not": "this"}),
        };
        [Value::Null, wrong, json!(NEW_WORD)]
    }

    fn taken(&self, by: &Value) -> Alter {
        Alter::Replaced {
            nth: self.nth,
            pointer: self.pointer.clone(),
            by: by.clone(),
        }
    }

    fn case(&self, by: &Value) -> String {
        format!("`{by}` at {} of answer {}", self.pointer, self.nth)
    }

    fn is_in_item(&self) -> bool {
        let mut parts = self.pointer.split('/');
        parts.any(|part| part.parse::<usize>().is_ok())
    }
}

impl Bench {
    /// Whatever a value turns into, nothing is left out in silence.
    pub async fn twisted_listing(&mut self, of: Capability, whole: &Listed) {
        self.front.strike(Which::All, 0, Alter::Nothing);
        drive::list(&self.stand, of, 100).await.expect("a listing");
        for place in Place::of(&self.front.rest()) {
            for by in place.others() {
                // What somebody of another name did is another report.
                if of == Capability::ListActivity && by == NEW_WORD {
                    continue;
                }
                self.front.strike(Which::All, ALWAYS, place.taken(&by));
                let outcome = drive::list(&self.stand, of, 100).await;
                self.front.rest();
                let complaint = match outcome {
                    Ok(listed)
                        if place.is_in_item()
                            && listed.told < whole.told
                            && listed.defects.is_empty() =>
                    {
                        let (told, all) = (listed.told, whole.told);
                        Some(format!("{told} of {all} things, and no word of the others"))
                    }
                    _ => None,
                };
                self.book.note(of, &place.case(&by), complaint);
            }
        }
    }

    /// As [`Bench::twisted_listing`], of a single reading.
    pub async fn twisted_reading(
        &mut self,
        of: Capability,
        twist: Twist,
        read: impl AsyncFn(&Stand) -> Result<bool, AdapterError>,
    ) {
        self.front.strike(Which::All, 0, Alter::Nothing);
        read(&self.stand).await.expect("a reading");
        for place in Place::of(&self.front.rest()) {
            for by in place.others() {
                self.front.strike(Which::All, ALWAYS, place.taken(&by));
                let outcome = read(&self.stand).await;
                self.front.rest();
                let case = place.case(&by);
                match legit(self.variant, &place.pointer, &by) {
                    Some(reason) if outcome == Ok(false) => self.book.skip(of, &case, reason),
                    _ => self.book.note(of, &case, twist.complaint(&by, outcome)),
                }
            }
        }
    }

    /// Whatever a value turns into in the answers of an act, what was done is never said to be undone, nor the other way round.
    pub async fn twisted_acts(&self, act: &mut Act<'_>) -> Twisted {
        act.reset().await;
        self.front.strike(Which::All, 0, Alter::Nothing);
        act.send(&self.stand.writing()).await.expect("done");
        let places = Place::of(&self.front.rest());
        // A word that nobody knows is a value of the right type, and the readings have it.
        let values = |place| Place::others(place).into_iter().take(2);
        let all: Vec<(&Place, Value)> = places
            .iter()
            .flat_map(|place| values(place).map(move |by| (place, by)))
            .collect();
        let is_full = std::env::var("CHAOS").is_ok_and(|word| word == "full");
        let stride = match is_full {
            true => 1,
            false => all.len().div_ceil(ACTS).max(1),
        };
        let mut twisted = Twisted {
            left: all.len() - all.len().div_ceil(stride),
            tried: Vec::new(),
        };
        for (place, by) in all.iter().step_by(stride) {
            act.reset().await;
            let before = self.stand.vendor.effects().len();
            self.front.strike(Which::All, ALWAYS, place.taken(by));
            let outcome = act.send(&self.stand.writing()).await;
            self.front.rest();
            let is_done = self.stand.vendor.effects().len() > before;
            let reason = legit(self.variant, &place.pointer, by);
            let complaint = untrue(is_done, &outcome);
            twisted.tried.push((place.case(by), reason, complaint));
        }
        twisted
    }

    /// Notes how they went.
    pub fn note_twisted(&mut self, of: Capability, twisted: Twisted) {
        for (case, reason, complaint) in twisted.tried {
            match (reason, complaint) {
                (Some(reason), Some(_)) => self.book.skip(of, &case, reason),
                (_, complaint) => self.book.note(of, &case, complaint),
            }
        }
        if twisted.left > 0 {
            let reason = format!("{} more are left to CHAOS=full, for time", twisted.left);
            self.book.skip(of, "values of its answers", &reason);
        }
    }
}

/// Acts with odd values in their answers: which, why that may be so, and what is wrong.
pub struct Twisted {
    tried: Vec<(String, Option<&'static str>, Option<String>)>,
    /// How many were not tried.
    left: usize,
}

/// Why what is said of an act that had something to do is not true.
fn untrue(is_done: bool, outcome: &Result<Effect, AdapterError>) -> Option<String> {
    match (is_done, outcome) {
        (_, Ok(Effect::Noop)) => {
            Some("there was something to do, and it says there was not".into())
        }
        (false, Ok(effect)) => Some(format!("nothing was done, and it says {effect:?}")),
        (true, Err(error)) if error.effect == SideEffect::None => Some(format!(
            "it was done, and it says that nothing was: {error}"
        )),
        _ => None,
    }
}

/// Where the contract gives such a value a meaning: then what is read is another thing.
fn legit(variant: &str, pointer: &str, by: &Value) -> Option<&'static str> {
    match (variant, by) {
        ("lumos/connector", Value::Null)
            if pointer.ends_with("/integration_specific_resource_id") =>
        {
            Some("null is what holds everywhere, which is another entitlement (contract §B7)")
        }
        _ => None,
    }
}
