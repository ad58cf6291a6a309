//! The items of a page, whatever they are.

use serde_json::{Error as JsonError, Value};

use crate::domain::{
    AccountRecord, ActivityRecord, EntitlementRecord, GrantRecord, Noun, ResourceRecord, SyncPart,
};

/// The longest text that is indexed, in bytes; PostgreSQL indexes no more than some 2700.
const MAX_BYTES: usize = 1024;
/// How many levels a payload may have. JSON of more than 127 is not read, and a page that is kept for a while has some of its
/// own.
const MAX_LEVELS: usize = 100;
/// The key of a grant is made of two others.
const MAX_PAIR_BYTES: usize = 2 * MAX_BYTES + 64;

/// The items of a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Records {
    /// Resources.
    Resources(Vec<ResourceRecord>),
    /// Entitlements.
    Entitlements(Vec<EntitlementRecord>),
    /// Accounts.
    Accounts(Vec<AccountRecord>),
    /// Grants.
    Grants(Vec<GrantRecord>),
    /// What was done.
    Activity(Vec<ActivityRecord>),
}

impl Records {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Resources(records) => records.len(),
            Self::Entitlements(records) => records.len(),
            Self::Accounts(records) => records.len(),
            Self::Grants(records) => records.len(),
            Self::Activity(records) => records.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The key of each.
    pub(super) fn keys(&self) -> Vec<String> {
        match self {
            Self::Resources(records) => keys(records, |one| one.external_key.as_str().to_owned()),
            Self::Entitlements(records) => {
                keys(records, |one| one.external_key.as_str().to_owned())
            }
            Self::Accounts(records) => keys(records, |one| one.external_key.as_str().to_owned()),
            Self::Grants(records) => keys(records, |one| one.external_key().as_str().to_owned()),
            Self::Activity(records) => keys(records, |one| one.external_key.as_str().to_owned()),
        }
    }

    /// Leaves out what has a text that is too long for an index: how many, and what was too long in them.
    pub fn leave_out_long(&mut self) -> Option<(usize, String)> {
        let (left_out, what, most) = match self {
            Self::Resources(records) => {
                let left_out = sift(records, |one| {
                    let parent = one.parent_key.as_ref().map_or("", |key| key.as_str());
                    [
                        one.external_key.as_str(),
                        &one.external_id,
                        &one.kind,
                        parent,
                    ]
                    .iter()
                    .all(is_short)
                });
                (left_out, "id or kind", MAX_BYTES)
            }
            Self::Entitlements(records) => {
                let left_out = sift(records, |one| {
                    let resource = one.resource_key.as_ref().map_or("", |key| key.as_str());
                    [one.external_key.as_str(), &one.external_id, resource]
                        .iter()
                        .all(is_short)
                });
                (left_out, "id", MAX_BYTES)
            }
            Self::Accounts(records) => {
                let left_out = sift(records, |one| {
                    let texts = [&one.login, &one.email].map(|text| text.as_deref().unwrap_or(""));
                    let resource = one.resource_key.as_ref().map_or("", |key| key.as_str());
                    [one.external_key.as_str(), &one.external_id, resource]
                        .iter()
                        .chain(&texts)
                        .all(is_short)
                });
                (left_out, "login, e-mail or id", MAX_BYTES)
            }
            Self::Grants(records) => {
                let fits = |one: &GrantRecord| one.external_key().as_str().len() <= MAX_PAIR_BYTES;
                (sift(records, fits), "key", MAX_PAIR_BYTES)
            }
            Self::Activity(records) => {
                let left_out = sift(records, |one| {
                    let email = one.actor_email.as_deref().unwrap_or("");
                    [one.external_key.as_str(), &one.action, email]
                        .iter()
                        .all(is_short)
                });
                (left_out, "id, action or e-mail", MAX_BYTES)
            }
        };
        (left_out > 0).then(|| (left_out, format!("{what} is longer than {most} bytes")))
    }

    /// As [`Records::leave_out_long`], of what is nested too deeply to be read again.
    pub fn leave_out_deep(&mut self) -> Option<(usize, String)> {
        let left_out = match self {
            Self::Resources(records) => sift(records, |one| is_flat(&one.raw)),
            Self::Entitlements(records) => sift(records, |one| is_flat(&one.raw)),
            Self::Accounts(records) => sift(records, |one| is_flat(&one.raw)),
            Self::Grants(records) => sift(records, |one| is_flat(&one.raw)),
            Self::Activity(records) => sift(records, |one| is_flat(&one.raw)),
        };
        let why = format!("payload has more than {MAX_LEVELS} levels");
        (left_out > 0).then_some((left_out, why))
    }

    /// As bytes, to be kept for a while.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, JsonError> {
        match self {
            Self::Resources(records) => serde_json::to_vec(records),
            Self::Entitlements(records) => serde_json::to_vec(records),
            Self::Accounts(records) => serde_json::to_vec(records),
            Self::Grants(records) => serde_json::to_vec(records),
            Self::Activity(records) => serde_json::to_vec(records),
        }
    }

    /// Back from bytes.
    pub(super) fn from_bytes(part: SyncPart, bytes: &[u8]) -> Result<Self, JsonError> {
        Ok(match part {
            SyncPart::Rows(Noun::Resources) => Self::Resources(serde_json::from_slice(bytes)?),
            SyncPart::Rows(Noun::Entitlements) => {
                Self::Entitlements(serde_json::from_slice(bytes)?)
            }
            SyncPart::Rows(Noun::Accounts) => Self::Accounts(serde_json::from_slice(bytes)?),
            SyncPart::Rows(Noun::Grants) => Self::Grants(serde_json::from_slice(bytes)?),
            SyncPart::Activity => Self::Activity(serde_json::from_slice(bytes)?),
        })
    }
}

fn keys<T>(records: &[T], key: impl Fn(&T) -> String) -> Vec<String> {
    records.iter().map(key).collect()
}

/// Keeps those that fit; how many did not.
fn sift<T>(records: &mut Vec<T>, fits: impl Fn(&T) -> bool) -> usize {
    let before = records.len();
    records.retain(fits);
    before - records.len()
}

fn is_short(text: &&str) -> bool {
    text.len() <= MAX_BYTES
}

fn is_flat(payload: &Value) -> bool {
    fits(payload, MAX_LEVELS)
}

/// Whether a value has at most so many levels.
fn fits(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| fits(item, levels - 1)),
        Value::Object(members) => levels > 0 && members.values().all(|one| fits(one, levels - 1)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{ExternalKey, Noun};

    /// A grant whose payload has so many levels.
    fn grant(levels: usize) -> GrantRecord {
        let raw = (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let key = ExternalKey::new(&["a"]);
        GrantRecord::held(key.clone(), key, raw)
    }

    #[test]
    fn what_is_kept_of_a_page_is_read_back() {
        // The deepest that a vendor's answer can be, in a list of its own.
        let mut records = Records::Grants(vec![grant(1), grant(100), grant(101), grant(126)]);
        let (left_out, why) = records.leave_out_deep().expect("two are too deep");
        assert_eq!((left_out, records.len()), (2, 2));
        assert!(why.contains("100 levels"), "{why}");
        let bytes = records.to_bytes().expect("JSON");
        let back = Records::from_bytes(SyncPart::Rows(Noun::Grants), &bytes);
        assert_eq!(back.expect("it is read back"), records);
        assert_eq!(records.leave_out_deep(), None);
    }
}
