//! From good answers to bad ones.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::dice::Dice;
use super::odd;

/// Stands in a text for a fragment that is put there once the rest is written.
const MARK: char = '\u{e000}';

/// A body, and what it says where that is known: mostly a good one with something wrong in it, sometimes a good one, sometimes
/// noise.
pub(super) fn body(dice: &mut Dice, good: &[Value]) -> (Bytes, Option<Value>) {
    match dice.below(32) {
        0 => (noise(dice), None),
        1 => told(odd::value(dice)),
        2 => told(dice.pick(good).clone()),
        3..6 => (spoilt(dice, good), None),
        _ => {
            let mut json = dice.pick(good).clone();
            for _ in 0..=usize::from(dice.one_in(3)) {
                spoil(dice, &mut json);
            }
            written(dice, json)
        }
    }
}

fn told(json: Value) -> (Bytes, Option<Value>) {
    (json.to_string().into(), Some(json))
}

fn noise(dice: &mut Dice) -> Bytes {
    let length = dice.below(200);
    (0..length).map(|_| dice.next() as u8).collect()
}

/// A good body in which bytes are wrong, missing, or there twice.
fn spoilt(dice: &mut Dice, good: &[Value]) -> Bytes {
    let mut bytes = dice.pick(good).to_string().into_bytes();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len().max(1)).min(bytes.len());
        let to = (at + 1 + dice.below(12)).min(bytes.len());
        match dice.below(5) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..to)),
            2 => {
                let again = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
            3 => bytes.insert(at, dice.next() as u8),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
    }
    bytes.into()
}

/// Does something to a place of the value.
fn spoil(dice: &mut Dice, json: &mut Value) {
    let place = place(dice, json);
    match dice.below(64) {
        0 => {
            let inner = place.take();
            *place = odd::deep(dice, inner);
        }
        1..4 => *place = format!("{MARK}{}", dice.below(odd::FRAGMENTS.len())).into(),
        4..20 => *place = another(dice, place),
        _ => *place = odd::value(dice),
    }
}

/// A value not far from this one.
fn another(dice: &mut Dice, value: &Value) -> Value {
    match value {
        Value::String(text) => match dice.below(5) {
            0 => text.to_uppercase().into(),
            1 => text.to_lowercase().into(),
            2 => format!("{text}\0").into(),
            3 => format!("{text}{}", odd::text(dice)).into(),
            _ => text.chars().skip(1).collect::<String>().into(),
        },
        Value::Array(items) => {
            let mut items = items.clone();
            match dice.below(4) {
                0 => items.clear(),
                1 => items.push(odd::value(dice)),
                2 => items.extend(items.first().cloned()),
                _ => drop(items.pop()),
            }
            items.into()
        }
        Value::Object(members) if !members.is_empty() => {
            let mut members = members.clone();
            let nth = dice.below(members.len());
            let name = members.keys().nth(nth).cloned().unwrap_or_default();
            let taken = members.remove(&name).unwrap_or_default();
            match dice.below(4) {
                0 => {}
                1 => drop(members.insert(odd::text(dice), taken)),
                2 => drop(members.insert(name.to_uppercase(), taken)),
                _ => swap(dice, &mut members, name, taken),
            }
            members.into()
        }
        _ => odd::value(dice),
    }
}

/// Gives the value to another name, and the other's to this one.
fn swap(dice: &mut Dice, members: &mut Map<String, Value>, name: String, value: Value) {
    let nth = dice.below(members.len().max(1));
    let other = members.values_mut().nth(nth);
    let other = other.map_or(value.clone(), |other| std::mem::replace(other, value));
    members.insert(name, other);
}

/// Somewhere in the value, mostly at its leaves.
fn place<'a>(dice: &mut Dice, json: &'a mut Value) -> &'a mut Value {
    let count = match json {
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => 0,
    };
    if count == 0 || dice.one_in(8) {
        return json;
    }
    let nth = dice.below(count);
    match json {
        Value::Array(items) => place(dice, &mut items[nth]),
        Value::Object(members) => match members.values_mut().nth(nth) {
            Some(member) => place(dice, member),
            None => unreachable!("there are {count}"),
        },
        other => other,
    }
}

/// The text of the value, with the fragments in their places.
fn written(dice: &mut Dice, json: Value) -> (Bytes, Option<Value>) {
    let mut text = json.to_string();
    let is_deep = text.contains("[[[[[[[[[[") || text.contains(&"{\"in\":".repeat(10));
    let is_marked = text.contains(MARK);
    while let Some((at, end)) = marked(&text) {
        let number: usize = text[at + 1 + MARK.len_utf8()..end - 1].parse().unwrap_or(0);
        text.replace_range(at..end, odd::FRAGMENTS[number % odd::FRAGMENTS.len()]);
    }
    // What is said of the whole may be said twice.
    if dice.one_in(32)
        && let Some((name, _)) = json.as_object().and_then(|members| members.iter().next())
    {
        let again = format!("{{{}:{},", Value::from(name.as_str()), odd::value(dice));
        text.replace_range(..1, &again);
        return (text.into(), None);
    }
    // What is too deep is not read as it was written.
    (text.into(), (!is_deep && !is_marked).then_some(json))
}

/// Where a text stands that is a mark, with its quotes.
fn marked(text: &str) -> Option<(usize, usize)> {
    let at = text.find(MARK)?;
    let end = at + text[at..].find('"')? + 1;
    Some((at.checked_sub(1)?, end))
}
