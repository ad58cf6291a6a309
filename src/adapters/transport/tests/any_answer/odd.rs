//! Values that a vendor should not say, and one day does.

use serde_json::{Value, json};

use super::dice::Dice;

/// Texts: empty, dots, NUL, letters that change their length with their case, marks of direction, times at the ends of the
/// calendar, words that mean something somewhere.
const TEXTS: [&str; 58] = [
    "",
    " ",
    ".",
    "..",
    "/",
    "a/b?c#d",
    "\0",
    "a\0b",
    "\u{1}\n\r\t",
    "null",
    "true",
    "0",
    "-1",
    "1e300",
    "NaN",
    "inf",
    "\u{202e}gnp.exe",
    "e\u{301}",
    "\u{feff}x",
    "😀",
    "\u{10ffff}",
    "İSTANBUL@EXAMPLE.ORG",
    "Straße@example.org",
    "\u{212a}",
    "[\"a\"]",
    "a\",\"b",
    "@",
    "a@b",
    ",",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999999-23:59",
    "+262142-12-31T23:59:59",
    "-262143-01-01T00:00:00",
    "-0001-12-31",
    "10000-01-01",
    "2016-12-31T23:59:60Z",
    "1970-01-01",
    "1970-01-01 00:00:00",
    "2031-02-30T00:00:00Z",
    "253402300800",
    "-62135596801",
    "00000000-0000-0000-0000-000000000000",
    "{0b0a6f0e5a0c4f6a9a770e6d7a1c9b11}",
    "urn:uuid:0b0a6f0e-5a0c-4f6a-9a77-0e6d7a1c9b11",
    "Object not found",
    "User a@b not found",
    "Role x not found",
    "not_found",
    "rate_limit",
    "SOMETHING_NEW",
    "ACTIVE",
    "DELETED",
    "owner",
    "group",
    "bundle",
    "non_human",
    "404",
];

const INTEGERS: [i64; 16] = [
    0,
    -1,
    1,
    2,
    100,
    404,
    500,
    41_003,
    41_004,
    12_013,
    4_294_967_296,
    253_402_300_800,
    -62_135_596_801,
    9_000_000_000_000_000,
    i64::MAX,
    i64::MIN,
];

const FRACTIONS: [f64; 7] = [0.5, -0.0, 5e-324, 1e15, 1e308, -1e308, 253_402_300_800.5];

/// What can't be told by a value: numbers without end, halves of characters, names that come twice, what is no JSON at all.
pub(super) const FRAGMENTS: [&str; 14] = [
    "1e400",
    "-1e400",
    "0.1e-400",
    "18446744073709551616",
    "123456789012345678901234567890123456789012345678901234567890",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\u0000\"",
    "{\"id\":1,\"id\":2}",
    "{\"id\":\"a\",\"id\":\"b\"}",
    "01",
    "NaN",
    "tru",
    "\"\\x\"",
];

pub(super) fn text(dice: &mut Dice) -> String {
    match dice.below(TEXTS.len() + 2) {
        0 => "x".repeat(3000),
        1 => "é".repeat(1500),
        n => TEXTS[n - 2].to_owned(),
    }
}

pub(super) fn value(dice: &mut Dice) -> Value {
    match dice.below(16) {
        0..4 => Value::Null,
        4..9 => text(dice).into(),
        9 => (*dice.pick(&INTEGERS)).into(),
        10 => u64::MAX.into(),
        11 => (*dice.pick(&FRACTIONS)).into(),
        12 => dice.one_in(2).into(),
        13 => json!([]),
        14 => json!({}),
        _ => json!({ "id": text(dice), "name": [text(dice)], "": null }),
    }
}

/// A value in so many lists or objects: some are deeper than JSON is read.
pub(super) fn deep(dice: &mut Dice, inner: Value) -> Value {
    let levels = *dice.pick(&[1, 2, 20, 100, 120, 124, 126, 140]);
    let in_lists = dice.one_in(2);
    (0..levels).fold(inner, |inner, _| match in_lists {
        true => Value::Array(vec![inner]),
        false => json!({ "in": inner }),
    })
}
