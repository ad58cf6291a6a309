//! The cases: what is done to the answers, and what becomes of it.

use std::time::Duration;

use axum::body::Bytes;
use chrono::{TimeDelta, Utc};
use iam_gateway::adapters::contract::Trouble;
use serde_json::json;

use super::front::Alter;
use super::outcome::{Reading, Write};

/// Every request of a case is struck.
pub const ALWAYS: usize = usize::MAX;

/// Longer than an attempt may take in these tests.
pub const TOO_LATE: Duration = Duration::from_millis(2000);

/// Something that happens to a vendor's answers.
pub struct Case {
    /// For messages.
    pub name: &'static str,
    /// How many requests it strikes.
    pub times: usize,
    /// What becomes of them.
    pub alter: Alter,
    /// What a reading makes of it.
    pub reading: Reading,
    /// What a write makes of it, or why it means nothing for one.
    pub write: Result<Write, &'static str>,
}

fn status(code: u16) -> Alter {
    answer(code, &[], json!({"detail": "no"}).to_string())
}

fn answer(status: u16, headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Alter {
    let mut headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        headers.push(("content-type", "application/json".into()));
    }
    Alter::Instead {
        status,
        headers,
        body: body.into(),
    }
}

/// The time by a clock that is so far ahead of ours, as a header has it.
pub fn clock(ahead: TimeDelta) -> String {
    let time = Utc::now() + ahead;
    time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// "Come again in a second", by a clock that is so far ahead of ours.
fn busy_until(ahead: TimeDelta) -> Alter {
    let until = clock(ahead + TimeDelta::seconds(1));
    answer(
        429,
        &[("date", &clock(ahead)), ("retry-after", &until)],
        "{}",
    )
}

/// A deflated stream of zeros that is a hundred and fifty times as long when it is inflated: one literal and then, again and
/// again, "258 times the byte before", in the fixed codes of RFC 1951.
fn bomb(bytes: usize) -> Bytes {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut bits = Vec::new();
    bits.extend([1, 1, 0]);
    bits.extend([0, 0, 1, 1, 0, 0, 0, 0]);
    while bits.len() < bytes * 8 {
        bits.extend([1, 1, 0, 0, 0, 1, 0, 1]);
        bits.extend([0, 0, 0, 0, 0]);
    }
    bits.extend([0; 7]);
    for eight in bits.chunks(8) {
        let byte = eight.iter().rev().fold(0u8, |byte, bit| byte << 1 | bit);
        packed.push(byte);
    }
    packed.into()
}

/// Every case that strikes readings and writes alike; `elsewhere` is where redirects lead.
pub fn cases(elsewhere: &str) -> Vec<Case> {
    use Trouble::{
        AuthFailed, Conflict, Malformed, NotFound, RateLimited, Rejected, Timeout, Unavailable,
    };
    let case = |name, times, alter, reading, write| Case {
        name,
        times,
        alter,
        reading,
        write,
    };
    let html = [("content-type", "text/html")];
    let once = "a write leaves once, so that this is what happens once";
    let (hour, minutes) = (TimeDelta::hours(1), TimeDelta::minutes(10));
    let refused = Reading::Trouble(&[AuthFailed]);
    vec![
        case(
            "401",
            ALWAYS,
            status(401),
            refused,
            Ok(Write::Refused(&[AuthFailed])),
        ),
        case(
            "401 once",
            1,
            status(401),
            Reading::UnmovedOr(&[AuthFailed]),
            Ok(Write::DoneOrRefused(&[AuthFailed])),
        ),
        case(
            "401 by a clock that is ten minutes ahead",
            ALWAYS,
            answer(
                401,
                &[("date", &clock(minutes))],
                json!({"detail": "no"}).to_string(),
            ),
            Reading::ClockTrouble,
            Ok(Write::ClockTrouble),
        ),
        case(
            "403",
            ALWAYS,
            status(403),
            Reading::Trouble(&[AuthFailed, Rejected]),
            Ok(Write::Refused(&[AuthFailed, Rejected])),
        ),
        case(
            "404 of who is not the vendor",
            ALWAYS,
            answer(404, &html, "<html>nothing here</html>"),
            Reading::SomeTrouble,
            Ok(Write::NotDone),
        ),
        case(
            "409",
            ALWAYS,
            status(409),
            Reading::Trouble(&[Conflict, Rejected]),
            Ok(Write::Refused(&[Conflict, Rejected])),
        ),
        case(
            "422",
            ALWAYS,
            status(422),
            Reading::Trouble(&[Rejected]),
            Ok(Write::Refused(&[Rejected, Conflict, NotFound])),
        ),
        case(
            "429 once, with a time",
            1,
            answer(429, &[("retry-after", "1")], "{}"),
            Reading::Unmoved,
            Ok(Write::Refused(&[RateLimited])),
        ),
        case(
            "429 once, without a time",
            1,
            answer(429, &[], "{}"),
            Reading::Unmoved,
            Ok(Write::Refused(&[RateLimited])),
        ),
        case(
            "429 once, until a time by a clock that is an hour ahead",
            1,
            busy_until(hour),
            Reading::Unmoved,
            Ok(Write::Refused(&[RateLimited])),
        ),
        case(
            "429 once, until a time by a clock that is an hour behind",
            1,
            busy_until(-hour),
            Reading::Unmoved,
            Ok(Write::Refused(&[RateLimited])),
        ),
        case(
            "429 for ever",
            ALWAYS,
            status(429),
            Reading::Trouble(&[RateLimited]),
            Err(once),
        ),
        case(
            "500 once",
            1,
            status(500),
            Reading::Unmoved,
            Ok(Write::Unclear),
        ),
        case(
            "503 once",
            1,
            status(503),
            Reading::Unmoved,
            Ok(Write::Unclear),
        ),
        case(
            "500 for ever",
            ALWAYS,
            status(500),
            Reading::Trouble(&[Unavailable]),
            Err(once),
        ),
        case(
            "502 without a body for ever",
            ALWAYS,
            answer(502, &html, ""),
            Reading::Trouble(&[Unavailable]),
            Ok(Write::Unclear),
        ),
        case(
            "an answer that breaks off",
            ALWAYS,
            Alter::CutOff,
            Reading::Trouble(&[Malformed]),
            Ok(Write::DoneOrUnclear),
        ),
        case(
            "a page for people",
            ALWAYS,
            answer(200, &html, "<html>Maintenance</html>"),
            Reading::Trouble(&[Malformed]),
            Ok(Write::Unclear),
        ),
        case(
            "nothing at all",
            ALWAYS,
            answer(200, &[], ""),
            Reading::Trouble(&[Malformed]),
            Err("that is what a good write is answered with at some of the vendors"),
        ),
        case(
            "100 MiB",
            ALWAYS,
            Alter::Huge { mib: 100 },
            Reading::Trouble(&[Malformed]),
            Ok(Write::Unclear),
        ),
        case(
            "a compressed bomb",
            ALWAYS,
            answer(200, &[("content-encoding", "gzip")], bomb(1 << 20)),
            Reading::Trouble(&[Malformed]),
            Ok(Write::Unclear),
        ),
        case(
            "an answer that comes too late",
            ALWAYS,
            Alter::Late(TOO_LATE),
            Reading::Trouble(&[Timeout]),
            Ok(Write::Unclear),
        ),
        case(
            "a connection that breaks",
            ALWAYS,
            Alter::Dropped,
            Reading::Trouble(&[Unavailable]),
            Ok(Write::Unclear),
        ),
        case(
            "a redirect",
            ALWAYS,
            answer(307, &[("location", elsewhere)], ""),
            Reading::Trouble(&[Rejected]),
            Ok(Write::Unclear),
        ),
        case(
            "a clock that is years off",
            ALWAYS,
            Alter::Dated("Sat, 01 Jan 2000 00:00:00 GMT".into()),
            Reading::Unmoved,
            Ok(Write::DoneOrUnclear),
        ),
        case(
            "a clock that is ten minutes ahead",
            ALWAYS,
            Alter::Dated(clock(minutes)),
            Reading::Unmoved,
            Ok(Write::DoneOrUnclear),
        ),
        case(
            "a clock that is ten minutes behind",
            ALWAYS,
            Alter::Dated(clock(-minutes)),
            Reading::Unmoved,
            Ok(Write::DoneOrUnclear),
        ),
        case(
            "members that nobody documented",
            ALWAYS,
            Alter::Grown,
            Reading::Unmoved,
            Ok(Write::DoneOrUnclear),
        ),
    ]
}
