//! Query parameters as FastAPI reads them: all that is wrong is reported at once, what nobody asked for is ignored.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::errors::Error;

/// The decoded parameters, and what was wrong with those read so far.
pub(super) struct Query {
    pairs: Vec<(String, String)>,
    errors: Vec<Value>,
}

impl Query {
    pub(super) fn new(query: Option<&str>) -> Self {
        let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Query {
            pairs: pairs.into_owned().collect(),
            errors: Vec::new(),
        }
    }

    /// Called when everything is read.
    pub(super) fn check(self) -> Result<(), Error> {
        match self.errors.as_slice() {
            [] => Ok(()),
            _ => Err(Error::Invalid(self.errors)),
        }
    }

    /// The last of several, as FastAPI has it.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let mut named = self.pairs.iter().rev().filter(|(given, _)| given == name);
        named.next().map(|(_, value)| value.as_str())
    }

    /// All values of a repeated key.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let named = self.pairs.iter().filter(|(given, _)| given == name);
        named.map(|(_, value)| value.clone()).collect()
    }

    /// Whether `expand` names this.
    pub(super) fn expands(&self, what: &str) -> bool {
        self.texts("expand").iter().any(|name| name == what)
    }

    /// A whole number of at least `least`, and at most `most` if there is a most.
    pub(super) fn number(
        &mut self,
        name: &str,
        default: usize,
        least: usize,
        most: Option<usize>,
    ) -> usize {
        let Some(given) = self.text(name) else {
            return default;
        };
        let wrong = match given.trim().parse::<i128>() {
            Err(_) => (
                "Input should be a valid integer, unable to parse string as an integer".to_owned(),
                "int_parsing",
            ),
            Ok(number) if number < least as i128 => (
                format!("Input should be greater than or equal to {least}"),
                "greater_than_equal",
            ),
            Ok(number) => match (usize::try_from(number), most) {
                (Ok(number), Some(most)) if number > most => (
                    format!("Input should be less than or equal to {most}"),
                    "less_than_equal",
                ),
                (Ok(number), _) => return number,
                (Err(_), _) => return usize::MAX,
            },
        };
        self.complain(json!(["query", name]), &wrong.0, wrong.1);
        default
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let given = self.text(name)?.to_ascii_lowercase();
        match given.as_str() {
            "true" | "1" | "yes" | "on" | "t" | "y" => Some(true),
            "false" | "0" | "no" | "off" | "f" | "n" => Some(false),
            _ => {
                let why = "Input should be a valid boolean, unable to interpret input";
                self.complain(json!(["query", name]), why, "bool_parsing");
                None
            }
        }
    }

    /// One of these words.
    pub(super) fn word(&mut self, name: &str, words: &[&str]) -> Option<String> {
        let given = self.text(name)?.to_owned();
        if !words.contains(&given.as_str()) {
            self.complain(json!(["query", name]), &expected(words), "enum");
        }
        Some(given)
    }

    /// Each of them one of these words.
    pub(super) fn words(&mut self, name: &str, words: &[&str]) -> Vec<String> {
        let all = self.texts(name);
        for (n, given) in all.iter().enumerate() {
            if !words.contains(&given.as_str()) {
                self.complain(json!(["query", name, n]), &expected(words), "enum");
            }
        }
        all
    }

    /// With or without a zone; without one it is UTC.
    pub(super) fn time(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let time = time(self.text(name)?);
        if time.is_none() {
            let why = "Input should be a valid datetime";
            self.complain(json!(["query", name]), why, "datetime_parsing");
        }
        time
    }

    fn complain(&mut self, loc: Value, msg: &str, kind: &str) {
        self.errors
            .push(json!({ "loc": loc, "msg": msg, "type": kind }));
    }
}

/// Also used for the words of a body.
pub(super) fn expected(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    match quoted.split_last() {
        Some((last, [])) => format!("Input should be {last}"),
        Some((last, others)) => format!("Input should be {} or {last}", others.join(", ")),
        None => "Input should be nothing".to_owned(),
    }
}

/// Also used for the times of a body and of a drift.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc());
        }
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let mut query = Query::new(Some("size=101&page=x&status=ACTIVE&status=GONE&flag=maybe"));
        assert_eq!(query.number("size", 50, 1, Some(100)), 50);
        assert_eq!(query.number("page", 1, 1, None), 1);
        query.words("status", &["ACTIVE", "STAGED"]);
        assert_eq!(query.flag("flag"), None);
        let Err(Error::Invalid(errors)) = query.check() else {
            panic!("nothing was wrong");
        };
        assert_eq!(
            errors[0],
            json!({
                "loc": ["query", "size"], "msg": "Input should be less than or equal to 100", "type": "less_than_equal"
            })
        );
        assert_eq!(errors[1]["type"], "int_parsing");
        assert_eq!(
            errors[2],
            json!({"loc": ["query", "status", 1], "msg": "Input should be 'ACTIVE' or 'STAGED'", "type": "enum"})
        );
        assert_eq!(errors[3]["loc"], json!(["query", "flag"]));
    }

    #[test]
    fn times_need_no_zone() {
        let expected = time("2026-01-04T09:00:00Z");
        assert!(expected.is_some());
        for text in [
            "2026-01-04T09:00:00",
            "2026-01-04 09:00:00",
            "2026-01-04T10:00:00+01:00",
        ] {
            assert_eq!(time(text), expected, "{text}");
        }
        assert!(time("2026-01-04").is_some());
        assert_eq!(time("yesterday"), None);
    }
}
