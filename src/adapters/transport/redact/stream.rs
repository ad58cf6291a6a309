//! Takes known secrets out of a body while it comes, whatever the borders of its chunks.

use bytes::{Bytes, BytesMut};
use regex::bytes::Regex;
use secrecy::{ExposeSecret, SecretString};

use super::{MARK, forms};

/// Shorter values stand in good answers by chance: a body is data, and must not be spoilt for one.
const SECRET_BYTES_MIN: usize = 8;

/// Replaces secrets in what is pushed through it. Holds back as many bytes as the longest form of a secret has.
pub(crate) struct Replacing {
    /// Any form of any secret; none when there is nothing to look for.
    forms: Option<Regex>,
    /// Bytes of the longest form.
    longest: usize,
    held: BytesMut,
}

impl Replacing {
    /// For these secrets, in every form in which they may come back.
    pub(crate) fn new<'a>(secrets: impl Iterator<Item = &'a SecretString>) -> Self {
        let mut forms: Vec<_> = secrets
            .filter(|secret| secret.expose_secret().len() >= SECRET_BYTES_MIN)
            .flat_map(forms::of)
            .filter(|form| form.len() >= SECRET_BYTES_MIN)
            .collect();
        // Of forms that begin alike the first one listed is taken, so the longest goes first.
        forms.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        let longest = forms.first().map_or(0, |form| form.len());
        let any = forms
            .iter()
            .map(|form| regex::escape(form))
            .collect::<Vec<_>>()
            .join("|");
        Self {
            forms: (longest > 0).then(|| Regex::new(&any).expect("escaped texts are a pattern")),
            longest,
            held: BytesMut::new(),
        }
    }

    /// Takes the next bytes in, and gives out what is certain.
    pub(crate) fn push(&mut self, chunk: Bytes) -> Bytes {
        if self.forms.is_none() {
            return chunk;
        }
        self.held.extend_from_slice(&chunk);
        // From a later position on, a longer form may begin than can be seen yet.
        let certain = (self.held.len() + 1).saturating_sub(self.longest);
        self.replaced(certain)
    }

    /// Gives out the rest.
    pub(crate) fn end(mut self) -> Bytes {
        let certain = self.held.len();
        self.replaced(certain)
    }

    /// Gives out everything before `certain`, and what of a secret that begins there lies behind.
    fn replaced(&mut self, certain: usize) -> Bytes {
        let Some(forms) = &self.forms else {
            return Bytes::new();
        };
        let mut clean = BytesMut::new();
        let mut done = 0;
        while let Some(found) = forms.find_at(&self.held, done) {
            if found.start() >= certain {
                break;
            }
            clean.extend_from_slice(&self.held[done..found.start()]);
            clean.extend_from_slice(MARK.as_bytes());
            done = found.end();
        }
        let kept_from = done.max(certain);
        clean.extend_from_slice(&self.held[done..kept_from]);
        let _ = self.held.split_to(kept_from);
        clean.freeze()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "pä\"ss/w+rd&42 é";
    const OTHER: &str = "k3y-Of-Luna";

    fn cleaned(pieces: &[&[u8]]) -> Vec<u8> {
        let secrets = [SecretString::from(SECRET), SecretString::from(OTHER)];
        let mut replacing = Replacing::new(secrets.iter());
        let mut clean = Vec::new();
        for piece in pieces {
            clean.extend_from_slice(&replacing.push(Bytes::copy_from_slice(piece)));
        }
        clean.extend_from_slice(&replacing.end());
        clean
    }

    #[test]
    fn a_secret_is_found_wherever_the_chunks_are_cut() {
        let json = serde_json::to_string(SECRET).expect("text");
        let text = format!("{{\"a\": {json}, \"b\": \"{OTHER}{OTHER}\", \"c\": \"k3y-Of-Lun\"}}");
        let expected =
            format!("{{\"a\": \"{MARK}\", \"b\": \"{MARK}{MARK}\", \"c\": \"k3y-Of-Lun\"}}");
        let bytes = text.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let clean = cleaned(&[&bytes[..first], &bytes[first..second], &bytes[second..]]);
                assert_eq!(
                    String::from_utf8_lossy(&clean),
                    expected,
                    "{first} {second}"
                );
            }
        }
    }

    #[test]
    fn a_form_that_begins_like_a_longer_one_leaves_nothing_of_that() {
        let secrets = [
            SecretString::from("first-half"),
            SecretString::from("first-half-and-second"),
        ];
        for cut in 0..=21 {
            let (start, end) = "first-half-and-second".split_at(cut);
            let mut replacing = Replacing::new(secrets.iter());
            let mut clean = replacing.push(Bytes::from(start)).to_vec();
            clean.extend_from_slice(&replacing.push(Bytes::from(end)));
            clean.extend_from_slice(&replacing.end());
            assert_eq!(clean, MARK.as_bytes(), "{cut}");
        }
    }

    #[test]
    fn short_values_spoil_no_body() {
        let secrets = [SecretString::from("admin"), SecretString::from("")];
        let mut replacing = Replacing::new(secrets.iter());
        assert_eq!(replacing.push(Bytes::from("an admin")), "an admin");
        assert_eq!(replacing.end(), "");
    }

    proptest! {
        #[test]
        fn other_bytes_pass_as_they_are(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..8)) {
            let whole = pieces.concat();
            let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(cleaned(&pieces), whole);
        }
    }
}
