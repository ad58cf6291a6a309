//! The master keys, and the sub-keys derived from them: one per purpose, so that a value made for one can't serve another.

use std::{fmt, sync::Arc};

use aws_lc_rs::{hkdf, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::SecretError;

const MAC_BYTES: usize = 32;

/// What a keyed hash is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Recognizing an API key without keeping it.
    ApiKey,
    /// Comparing the body of a repeated request with the first one's.
    Idempotency,
    /// Signing what a page's cursor says.
    Cursor,
    /// Recognizing a token that a vendor issued without keeping it.
    TokenFingerprint,
    /// Telling what body a request had that was passed through, without keeping it.
    UpstreamBody,
}

impl Purpose {
    const ALL: [Self; 5] = [
        Self::ApiKey,
        Self::Idempotency,
        Self::Cursor,
        Self::TokenFingerprint,
        Self::UpstreamBody,
    ];

    /// The derivation's label. Changing one makes everything hashed with it unrecognizable.
    fn label(self) -> &'static [u8] {
        match self {
            Self::ApiKey => b"iam-gateway/1/api-key",
            Self::Idempotency => b"iam-gateway/1/idempotency",
            Self::Cursor => b"iam-gateway/1/cursor",
            Self::TokenFingerprint => b"iam-gateway/1/token-fingerprint",
            Self::UpstreamBody => b"iam-gateway/1/upstream-body",
        }
    }
}

const WRAPPING_LABEL: &[u8] = b"iam-gateway/1/wrapping";

/// A keyed hash and which master key it was made with; both are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mac {
    /// The master key's id.
    pub key_id: String,
    /// HMAC-SHA-256.
    pub tag: [u8; MAC_BYTES],
}

/// All master keys. Cloning it is cheap and shares them.
#[derive(Clone)]
pub struct Keyring(Arc<Vec<Member>>);

struct Member {
    id: String,
    wrapping: Zeroizing<[u8; 32]>,
    macs: Vec<hmac::Key>,
}

impl Keyring {
    /// Derives the sub-keys of every master key, given as (id, key). The first one makes new things.
    pub fn new<'a>(
        keys: impl IntoIterator<Item = (&'a str, &'a [u8; 32])>,
    ) -> Result<Self, SecretError> {
        let mut members: Vec<Member> = Vec::new();
        for (id, key) in keys {
            if members.iter().any(|member| member.id == id) {
                return Err(SecretError::DuplicateKey(id.to_owned()));
            }
            members.push(Member::derive(id, key)?);
        }
        if members.is_empty() {
            return Err(SecretError::NoKey);
        }
        Ok(Self(Arc::new(members)))
    }

    /// Hashes with the first master key.
    pub fn hmac(&self, purpose: Purpose, data: &[u8]) -> Mac {
        self.first().hmac(purpose, data)
    }

    /// The hashes under every master key, the first one's first: what to look for where a hash is the search key.
    pub fn hmacs(&self, purpose: Purpose, data: &[u8]) -> impl Iterator<Item = Mac> {
        self.0.iter().map(move |member| member.hmac(purpose, data))
    }

    /// Whether `mac` was made from `data` with the master key that it names. Takes the same time wherever they differ.
    pub fn verify(&self, purpose: Purpose, data: &[u8], mac: &Mac) -> bool {
        self.member(&mac.key_id)
            .is_some_and(|member| hmac::verify(member.mac_key(purpose), data, &mac.tag).is_ok())
    }

    /// Signs a payload that others carry and bring back; the text fits into a URL. The payload stays readable in it.
    pub fn sign(&self, purpose: Purpose, payload: &[u8]) -> String {
        let mut bytes = self.hmac(purpose, payload).tag.to_vec();
        bytes.extend_from_slice(payload);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The payload of a text made by [`Keyring::sign`] with any of the master keys, or nothing.
    pub fn verify_signed(&self, purpose: Purpose, text: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tag, payload) = bytes.split_at_checked(MAC_BYTES)?;
        self.0
            .iter()
            .any(|member| hmac::verify(member.mac_key(purpose), payload, tag).is_ok())
            .then(|| payload.to_vec())
    }

    /// The first master key's id and wrapping key.
    pub(super) fn wrapping_key(&self) -> (&str, &[u8; 32]) {
        (&self.first().id, &self.first().wrapping)
    }

    /// The wrapping key of the master key with this id.
    pub(super) fn wrapping_key_of(&self, id: &str) -> Result<&[u8; 32], SecretError> {
        let member = self
            .member(id)
            .ok_or_else(|| SecretError::UnknownKey(id.to_owned()))?;
        Ok(&member.wrapping)
    }

    fn first(&self) -> &Member {
        &self.0[0]
    }

    fn member(&self, id: &str) -> Option<&Member> {
        self.0.iter().find(|member| member.id == id)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.0.iter().map(|member| &member.id))
            .finish()
    }
}

impl Member {
    fn derive(id: &str, key: &[u8; 32]) -> Result<Self, SecretError> {
        // No salt: the master key is uniformly random already.
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(key);
        let sub_key = |label: &[u8]| -> Result<Zeroizing<[u8; 32]>, SecretError> {
            let mut bytes = Zeroizing::new([0; 32]);
            let info = [label];
            let output = root
                .expand(&info, hkdf::HKDF_SHA256)
                .map_err(|_| SecretError::Library)?;
            output
                .fill(&mut bytes[..])
                .map_err(|_| SecretError::Library)?;
            Ok(bytes)
        };
        let mac_key = |purpose: Purpose| -> Result<hmac::Key, SecretError> {
            Ok(hmac::Key::new(
                hmac::HMAC_SHA256,
                &sub_key(purpose.label())?[..],
            ))
        };
        Ok(Self {
            id: id.to_owned(),
            wrapping: sub_key(WRAPPING_LABEL)?,
            macs: Purpose::ALL
                .into_iter()
                .map(mac_key)
                .collect::<Result<_, _>>()?,
        })
    }

    fn hmac(&self, purpose: Purpose, data: &[u8]) -> Mac {
        let mut tag = [0; MAC_BYTES];
        tag.copy_from_slice(hmac::sign(self.mac_key(purpose), data).as_ref());
        Mac {
            key_id: self.id.clone(),
            tag,
        }
    }

    fn mac_key(&self, purpose: Purpose) -> &hmac::Key {
        &self.macs[purpose as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(keys: &[(&str, [u8; 32])]) -> Keyring {
        Keyring::new(keys.iter().map(|(id, key)| (*id, key))).expect("a keyring")
    }

    #[test]
    fn a_hash_verifies_for_its_purpose_and_data_only() {
        let keys = ring(&[("a", [1; 32])]);
        let mac = keys.hmac(Purpose::ApiKey, b"data");
        assert!(keys.verify(Purpose::ApiKey, b"data", &mac));
        assert!(!keys.verify(Purpose::ApiKey, b"other", &mac));
        assert!(!keys.verify(Purpose::Cursor, b"data", &mac));
        assert!(!ring(&[("a", [2; 32])]).verify(Purpose::ApiKey, b"data", &mac));
    }

    #[test]
    fn every_purpose_has_a_key_of_its_own() {
        let keys = ring(&[("a", [1; 32])]);
        let tags = Purpose::ALL.map(|purpose| keys.hmac(purpose, b"data").tag);
        for (index, tag) in tags.iter().enumerate() {
            assert!(!tags[index + 1..].contains(tag));
        }
    }

    #[test]
    fn what_an_older_master_key_made_stays_valid_after_rotation() {
        let before = ring(&[("a", [1; 32])]);
        let after = ring(&[("b", [2; 32]), ("a", [1; 32])]);
        let mac = before.hmac(Purpose::ApiKey, b"data");
        assert!(after.verify(Purpose::ApiKey, b"data", &mac));
        assert_eq!(after.hmac(Purpose::ApiKey, b"data").key_id, "b");
        assert!(
            after
                .hmacs(Purpose::ApiKey, b"data")
                .any(|other| other == mac)
        );
        let cursor = before.sign(Purpose::Cursor, b"page 2");
        assert_eq!(
            after.verify_signed(Purpose::Cursor, &cursor).as_deref(),
            Some(&b"page 2"[..])
        );
    }

    #[test]
    fn a_changed_signed_text_is_nothing() {
        let keys = ring(&[("a", [1; 32])]);
        let text = keys.sign(Purpose::Cursor, b"page 2");
        assert_eq!(
            keys.verify_signed(Purpose::Cursor, &text).as_deref(),
            Some(&b"page 2"[..])
        );
        assert_eq!(keys.verify_signed(Purpose::Idempotency, &text), None);
        for index in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(
                keys.verify_signed(Purpose::Cursor, &changed),
                None,
                "byte {index}"
            );
        }
        assert_eq!(keys.verify_signed(Purpose::Cursor, "short"), None);
        assert_eq!(keys.verify_signed(Purpose::Cursor, "not base64!"), None);
    }

    #[test]
    fn an_empty_ring_and_equal_ids_are_refused() {
        assert_eq!(Keyring::new([]).err(), Some(SecretError::NoKey));
        let twice = [("a", &[1; 32]), ("a", &[2; 32])];
        assert_eq!(
            Keyring::new(twice).err(),
            Some(SecretError::DuplicateKey("a".to_owned()))
        );
    }

    #[test]
    fn debug_shows_ids_only() {
        assert_eq!(
            format!("{:?}", ring(&[("a", [1; 32]), ("b", [2; 32])])),
            r#"["a", "b"]"#
        );
    }
}
