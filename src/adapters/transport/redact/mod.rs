//! Takes secrets out of what a vendor said, and of what it would be sent: by value, for the secrets that are known, and
//! by name, for those that are not.

mod forms;
mod names;
mod request;
mod stream;

pub(super) use stream::Replacing;

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::adapters::contract::{AdapterError, Upstream};

/// What stands where a secret was.
pub(super) const MARK: &str = "[redacted]";

/// The longest text that leaves.
const SHOWN_CHARS: usize = 500;

/// The longest text that is looked through; what lies behind it is dropped first.
const READ_CHARS: usize = 4096;

/// Shorter values are in every text by chance.
const SECRET_BYTES_MIN: usize = 4;

/// Knows the secrets of a call in every form in which they may come back.
pub(super) struct Redactor {
    /// Longest first, so that no form hides the rest of a longer one.
    forms: Vec<Zeroizing<String>>,
}

impl Redactor {
    pub(super) fn new<'a>(secrets: impl Iterator<Item = &'a SecretString>) -> Self {
        let mut forms: Vec<_> = secrets.flat_map(forms::of).collect();
        forms.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self { forms }
    }

    /// The error with every text in it cleaned.
    pub(super) fn error(&self, mut error: AdapterError) -> AdapterError {
        error.message = self.text(&error.message);
        if let Some(said) = &mut error.upstream {
            let Upstream {
                status: _,
                code,
                message,
                correlation_id,
            } = said;
            for text in [code, message, correlation_id].into_iter().flatten() {
                *text = self.text(text);
            }
        }
        error
    }

    /// The text without secrets, at its full length.
    pub(super) fn whole(&self, text: &str) -> String {
        names::redact(&self.without_forms(text))
    }

    fn text(&self, text: &str) -> String {
        let mut clean = self.without_forms(head(text, READ_CHARS));
        self.cut_off_tail(&mut clean);
        // What is told may be stored, and PostgreSQL keeps no U+0000.
        let clean = names::redact(&clean).replace('\0', "\u{fffd}");
        let shown = head(&clean, SHOWN_CHARS);
        if shown.len() < text.len() && shown.len() < clean.len() {
            format!("{}…", head(shown, SHOWN_CHARS - 1))
        } else {
            clean
        }
    }

    fn without_forms(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for form in &self.forms {
            if clean.contains(form.as_str()) {
                clean = clean.replace(form.as_str(), MARK);
            }
        }
        clean
    }

    /// A secret that a shortened text ends in the middle of is not found whole.
    fn cut_off_tail(&self, text: &mut String) {
        let body = text.trim_end_matches(['…', '.']);
        let start = self
            .forms
            .iter()
            .filter_map(|form| overlap(body, form))
            .max()
            .map(|bytes| body.len() - bytes);
        if let Some(start) = start {
            text.truncate(start);
            text.push_str(MARK);
        }
    }
}

/// How many bytes of the text's end are the form's beginning, if they are enough to tell anything.
fn overlap(text: &str, form: &str) -> Option<usize> {
    let most = form.len().min(text.len());
    (SECRET_BYTES_MIN..=most)
        .rev()
        .find(|&bytes| form.is_char_boundary(bytes) && text.ends_with(&form[..bytes]))
}

/// The first so many characters.
fn head(text: &str, chars: usize) -> &str {
    match text.char_indices().nth(chars) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::*;
    use crate::adapters::contract::Trouble;

    const SECRET: &str = "pä\"ss/w+rd&42 é";

    fn clean(text: &str) -> String {
        let secrets = [
            SecretString::from(SECRET),
            SecretString::from("k3y-Of-Luna"),
        ];
        Redactor::new(secrets.iter()).text(text)
    }

    #[test]
    fn a_known_secret_is_found_in_every_form() {
        let json = serde_json::to_string(SECRET).expect("text");
        let escaped = json.trim_matches('"').to_owned();
        let ascii = "p\\u00e4\\\"ss/w+rd&42 \\u00e9";
        let php = "p\\u00e4\\\"ss\\/w+rd&42 \\u00e9";
        let percent = "p%C3%A4%22ss%2Fw%2Brd%2642%20%C3%A9";
        let form: String = url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
        let basic = STANDARD.encode(format!("ann:{SECRET}"));
        let shifted = STANDARD.encode(format!("a:{SECRET}:b"));
        for shown in [
            SECRET.to_owned(),
            escaped,
            ascii.to_owned(),
            php.to_owned(),
            percent.to_owned(),
            "p%c3%a4%22ss%2fw%2brd%2642%20%c3%a9".to_owned(),
            form,
            STANDARD.encode(SECRET),
            URL_SAFE_NO_PAD.encode(SECRET),
            basic,
            shifted,
            hex::encode(SECRET),
        ] {
            let text = format!("it was <{shown}> there");
            let cleaned = clean(&text);
            assert!(cleaned.contains(MARK), "{text} became {cleaned}");
            let left = cleaned.replace(MARK, "");
            let most = left.len() - "it was <> there".len();
            assert!(most <= 8, "{text} became {cleaned}");
        }
    }

    #[test]
    fn a_secret_cut_in_half_is_found() {
        assert_eq!(clean("bad key k3y-Of"), format!("bad key {MARK}"));
        assert_eq!(clean("bad key k3y-Of…"), format!("bad key {MARK}"));
        assert_eq!(clean("bad key k3y"), "bad key k3y");
    }

    #[test]
    fn short_values_redact_nothing() {
        let secrets = [SecretString::from("a"), SecretString::from("")];
        let redactor = Redactor::new(secrets.iter());
        assert_eq!(redactor.text("a banana"), "a banana");
    }

    #[test]
    fn long_texts_are_shortened_after_redaction() {
        let text = format!("{}k3y-Of-Luna{}", "x".repeat(490), "y".repeat(9000));
        let cleaned = clean(&text);
        assert_eq!(cleaned.chars().count(), SHOWN_CHARS);
        assert!(cleaned.ends_with('…'));
        assert!(!cleaned.contains("k3y"));
    }

    #[test]
    fn every_text_of_an_error_is_cleaned() {
        let said = || Some("got k3y-Of-Luna here".to_owned());
        let error = AdapterError::new(Trouble::Rejected, "no: k3y-Of-Luna").saying(Upstream {
            status: Some(400),
            code: said(),
            message: said(),
            correlation_id: said(),
        });
        let secrets = [SecretString::from("k3y-Of-Luna")];
        let cleaned = Redactor::new(secrets.iter()).error(error);
        assert!(!format!("{cleaned:?}").contains("k3y"));
        assert_eq!(cleaned.upstream.and_then(|said| said.status), Some(400));
    }
}
