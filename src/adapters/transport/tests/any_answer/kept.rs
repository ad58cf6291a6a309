//! What must hold of everything that an adapter makes of an answer, whatever the answer was.

use chrono::{DateTime, Datelike, Utc};
use serde_json::Value;

use crate::adapters::contract::Page;
use crate::domain::{
    AccountRecord, AccountStatus, ActivityRecord, EntitlementRecord, ExternalKey, GrantRecord,
    ResourceRecord, ThingStatus,
};

/// What an adapter made of an answer.
#[derive(Default)]
pub(in crate::adapters) struct Made {
    pub(super) records: Vec<Kept>,
    pub(super) defects: Vec<String>,
}

impl<T: Record> From<Page<T>> for Made {
    fn from(page: Page<T>) -> Self {
        Self {
            records: page.items.iter().map(Kept::of).collect(),
            defects: page.defects,
        }
    }
}

impl<T: Record> From<Result<T, String>> for Made {
    fn from(converted: Result<T, String>) -> Self {
        match converted {
            Ok(record) => Self {
                records: vec![Kept::of(&record)],
                defects: Vec::new(),
            },
            Err(defect) => Self {
                records: Vec::new(),
                defects: vec![defect],
            },
        }
    }
}

impl<T: Record> FromIterator<Result<T, String>> for Made {
    fn from_iter<I: IntoIterator<Item = Result<T, String>>>(converted: I) -> Self {
        let mut made = Self::default();
        for one in converted {
            let one = Self::from(one);
            made.records.extend(one.records);
            made.defects.extend(one.defects);
        }
        made
    }
}

/// A record, as far as something must hold of it.
pub(super) struct Kept {
    keys: Vec<ExternalKey>,
    external_id: Option<String>,
    times: Vec<DateTime<Utc>>,
    /// Whether the state is unknown, and the vendor's word for it.
    state: Option<(bool, Option<String>)>,
    raw: Value,
}

impl Kept {
    fn of<T: Record>(record: &T) -> Self {
        Self {
            keys: record.keys(),
            external_id: record.external_id(),
            times: record.times().into_iter().flatten().collect(),
            state: record.state(),
            // Only its word for a state is looked at.
            raw: record.state().map_or(Value::Null, |_| record.raw().clone()),
        }
    }

    /// What is wrong with it; `word` is where the vendor's word for the state is.
    pub(super) fn complaint(&self, word: Option<&str>, known: Option<&[&str]>) -> Option<String> {
        if let Some(key) = self.keys.iter().find(|key| !is_canonical(key)) {
            return Some(format!("the key {} is not canonical", key.as_str()));
        }
        if self.external_id.as_deref() == Some("") {
            return Some("it has an empty id".to_owned());
        }
        if let Some(time) = self
            .times
            .iter()
            .find(|time| !(1..=9999).contains(&time.year()))
        {
            return Some(format!("{time} is in no calendar that PostgreSQL has"));
        }
        let (is_unknown, kept) = self.state.as_ref()?;
        let said = self.raw.pointer(word?).and_then(Value::as_str);
        let said = said.filter(|said| !said.is_empty())?;
        if kept.as_deref() != Some(said) {
            return Some(format!("the word `{said}` for its state was not kept"));
        }
        let is_known = known?.iter().any(|known| known.eq_ignore_ascii_case(said));
        (!is_known && !is_unknown)
            .then(|| format!("nobody knows the word `{said}`, and it was read"))
    }
}

/// A record that an adapter makes.
pub(in crate::adapters) trait Record {
    fn keys(&self) -> Vec<ExternalKey>;
    fn external_id(&self) -> Option<String>;
    fn times(&self) -> [Option<DateTime<Utc>>; 3];
    fn state(&self) -> Option<(bool, Option<String>)>;
    fn raw(&self) -> &Value;
}

impl Record for AccountRecord {
    fn keys(&self) -> Vec<ExternalKey> {
        let own = [self.external_key.clone()];
        own.into_iter().chain(self.resource_key.clone()).collect()
    }

    fn external_id(&self) -> Option<String> {
        Some(self.external_id.clone())
    }

    fn times(&self) -> [Option<DateTime<Utc>>; 3] {
        [self.created_at, self.updated_at, self.last_activity_at]
    }

    fn state(&self) -> Option<(bool, Option<String>)> {
        let is_unknown = self.status == AccountStatus::Unknown;
        Some((is_unknown, self.vendor_status.clone()))
    }

    fn raw(&self) -> &Value {
        &self.raw
    }
}

impl Record for ResourceRecord {
    fn keys(&self) -> Vec<ExternalKey> {
        let own = [self.external_key.clone()];
        own.into_iter().chain(self.parent_key.clone()).collect()
    }

    fn external_id(&self) -> Option<String> {
        Some(self.external_id.clone())
    }

    fn times(&self) -> [Option<DateTime<Utc>>; 3] {
        [self.created_at, self.updated_at, None]
    }

    fn state(&self) -> Option<(bool, Option<String>)> {
        let is_unknown = self.status == ThingStatus::Unknown;
        Some((is_unknown, self.vendor_status.clone()))
    }

    fn raw(&self) -> &Value {
        &self.raw
    }
}

impl Record for EntitlementRecord {
    fn keys(&self) -> Vec<ExternalKey> {
        let own = [self.external_key.clone()];
        own.into_iter().chain(self.resource_key.clone()).collect()
    }

    fn external_id(&self) -> Option<String> {
        Some(self.external_id.clone())
    }

    fn times(&self) -> [Option<DateTime<Utc>>; 3] {
        [self.created_at, self.updated_at, None]
    }

    fn state(&self) -> Option<(bool, Option<String>)> {
        let is_unknown = self.status == ThingStatus::Unknown;
        Some((is_unknown, self.vendor_status.clone()))
    }

    fn raw(&self) -> &Value {
        &self.raw
    }
}

impl Record for GrantRecord {
    fn keys(&self) -> Vec<ExternalKey> {
        vec![self.account_key.clone(), self.entitlement_key.clone()]
    }

    fn external_id(&self) -> Option<String> {
        None
    }

    fn times(&self) -> [Option<DateTime<Utc>>; 3] {
        [self.created_at, self.updated_at, None]
    }

    /// A grant of a status that nobody knows is none.
    fn state(&self) -> Option<(bool, Option<String>)> {
        self.vendor_status.clone().map(|word| (false, Some(word)))
    }

    fn raw(&self) -> &Value {
        &self.raw
    }
}

impl Record for ActivityRecord {
    fn keys(&self) -> Vec<ExternalKey> {
        let own = [self.external_key.clone()];
        let others = self.account_key.clone().into_iter();
        own.into_iter()
            .chain(others)
            .chain(self.resource_key.clone())
            .collect()
    }

    /// What was done goes by the same rule as an id: it must say something.
    fn external_id(&self) -> Option<String> {
        Some(self.action.clone())
    }

    fn times(&self) -> [Option<DateTime<Utc>>; 3] {
        [Some(self.happened_at), None, None]
    }

    fn state(&self) -> Option<(bool, Option<String>)> {
        None
    }

    fn raw(&self) -> &Value {
        &self.raw
    }
}

/// An array of texts, written in the one way in which keys are, that says something.
fn is_canonical(key: &ExternalKey) -> bool {
    let parts = key.parts();
    let texts: Vec<&str> = parts.iter().map(String::as_str).collect();
    texts.iter().any(|part| !part.is_empty())
        && *key == ExternalKey::new(&texts)
        && !key.as_str().contains('\0')
}
