//! Values behind a telling name: headers, JSON members, form fields. For secrets that nobody told us about.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::MARK;

/// A name that tells of a secret.
const TELLING: &str = r"
    \b x-logtrust-[\w-]+
    | [\w.-]* (?: authori[sz]ation | password | passwd | passphrase | secret | token | cookie | api[-_]?key
        | private[-_]?key | access[-_]?key | credential | signature | session[-_]?id ) [\w.-]*
";

static TELLING_NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&["(?ix) ^ (?:", TELLING, ") $"].concat()).expect("the pattern is well formed")
});

/// A telling name, what parts it from its value, and the value: quoted, a scheme with its credential, or one word.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let value = r#"
        (?P<between> \\?["']? \s* [:=] \s* )
        (?P<value>
            \\" (?: \\\\\\" | [^"\\] | \\[^"] )* (?: \\" | $ )
            | " (?: [^"\\] | \\. )* (?: \\? " | \\? $ )
            | ' [^']* (?: ' | $ )
            | \[ [^\]]* (?: \] | $ )
            | (?: bearer | basic | digest | negotiate | signature | aws4-hmac-sha256 ) \s+ [^\s,;"']+
            | [^\s,;&"'<>{}\[\]()]+
        )"#;
    Regex::new(&["(?ix) (?P<name>", TELLING, ")", value].concat())
        .expect("the pattern is well formed")
});

/// A cookie header holds several values: all that follows goes.
static COOKIES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b((?:set-)?cookie\s*:\s*)[^\r\n"]+"#).expect("the pattern is well formed")
});

/// A credential with its scheme, wherever it stands.
static SCHEMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"#).expect("the pattern is well formed")
});

/// Whether the value behind this name of a header or a member is a secret.
pub(super) fn is_telling(name: &str) -> bool {
    TELLING_NAME.is_match(name)
}

/// Puts a mark where the value of a telling name was.
pub(super) fn redact(text: &str) -> String {
    let text = COOKIES.replace_all(text, |found: &Captures<'_>| format!("{}{MARK}", &found[1]));
    let text = NAMED.replace_all(&text, |found: &Captures<'_>| {
        let (name, between, value) = (&found["name"], &found["between"], &found["value"]);
        if value == MARK || is_prose(between, value) {
            return found[0].to_owned();
        }
        let quote = match value.trim_start_matches('\\').chars().next() {
            Some('"') if value.starts_with('\\') => "\\\"",
            Some('"') => "\"",
            Some('\'') => "'",
            _ => "",
        };
        format!("{name}{between}{quote}{MARK}{quote}")
    });
    SCHEMED
        .replace_all(&text, |found: &Captures<'_>| {
            format!("{} {MARK}", &found[1])
        })
        .into_owned()
}

/// Whether what follows a name is a sentence going on (`invalid token: expired`), not a value.
fn is_prose(between: &str, value: &str) -> bool {
    let is_word = value.len() <= 12 && value.chars().all(|c| c.is_ascii_lowercase() || c == '.');
    between.contains(": ") && !between.contains(['"', '\'']) && is_word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_behind_telling_names_go() {
        for (text, secret) in [
            ("Authorization: Bearer abc.def-ghi", "abc.def"),
            ("authorization: Basic dXNlcjpwYXNz", "dXNlcj"),
            ("authorization=dXNlcjpwYXNz", "dXNlcj"),
            ("sent Bearer eyJhbGciOi.J9 to us", "eyJ"),
            ("standAloneToken: 4f5e6d7c", "4f5e"),
            ("x-logtrust-apikey: AbC123", "AbC"),
            ("X-Logtrust-Sign: deadbeef01", "dead"),
            ("Cookie: sid=abc123; other=x7", "x7"),
            ("Set-Cookie: sid=abc123; Path=/", "abc123"),
            (r#"{"password":"hunter2"}"#, "hunter2"),
            (r#"{"password": "hun\"ter2"}"#, "ter2"),
            (r#"{\"password\": \"hunter2\"}"#, "hunter2"),
            (r#"{\"password\": \"hun\\\"ter2\"}"#, "ter2"),
            (r#"{"newPassword":"x y z","a":1}"#, "x y z"),
            (r#"{"client_secret" : "s3"}"#, "s3"),
            (r#"{"refreshToken":"abc"}"#, "abc"),
            (r#"{"tokens":["abc","def"]}"#, "def"),
            (r#"{"api_key":12345}"#, "12345"),
            (r#"{"apiKey":"12345"}"#, "12345"),
            (r#"{"password":"cut off in the mid"#, "cut off"),
            ("{'password': 'hunter2'}", "hunter2"),
            ("grant_type=x&password=hunter&user=ann", "hunter"),
            ("https://x.example/?access_token=abc123&page=2", "abc123"),
            ("token: 9a8b7c", "9a8b7c"),
            ("token:abcdef", "abcdef"),
        ] {
            let clean = redact(text);
            assert!(clean.contains(MARK), "{text} became {clean}");
            assert!(!clean.contains(secret), "{text} became {clean}");
        }
    }

    #[test]
    fn the_rest_of_the_text_stays() {
        assert_eq!(
            redact(r#"{"user":"ann","password":"hunter2","code":12}"#),
            format!(r#"{{"user":"ann","password":"{MARK}","code":12}}"#)
        );
        assert_eq!(
            redact("a=1&token=abc&page=2"),
            format!("a=1&token={MARK}&page=2")
        );
    }

    #[test]
    fn plain_words_stay_plain() {
        for text in [
            "invalid token: expired",
            "The password is too short",
            "Token not found",
            "wrong password. Try again",
            "error 12013: account does not exist",
            "the user ann@example.com already exists",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
