//! The gateway's own API keys: `igw_` and 48 characters of base64url, which hold 32 random bytes and a checksum of 4.
//!
//! The checksum (the start of the SHA-256 of the random bytes) proves nothing; it lets a mistyped or made-up key be refused
//! without asking the database, and lets scanners tell a leaked key from a look-alike.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::{Keyring, Mac, Purpose, SecretError, random};

const MARK: &str = "igw_";
const RANDOM_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;
const LENGTH: usize = MARK.len() + (RANDOM_BYTES + CHECKSUM_BYTES) / 3 * 4;
/// The mark and 8 characters: 48 bits tell keys apart, and leave more than 200 secret.
const PREFIX_LENGTH: usize = MARK.len() + 8;

/// An API key in clear. It exists while it is made, shown once, or presented by a caller.
#[derive(Clone)]
pub struct ApiKey(SecretString);

impl ApiKey {
    /// Makes a new key.
    pub fn generate() -> Result<Self, SecretError> {
        let random = Zeroizing::new(random::<RANDOM_BYTES>()?);
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES + CHECKSUM_BYTES]);
        bytes[..RANDOM_BYTES].copy_from_slice(&random[..]);
        bytes[RANDOM_BYTES..].copy_from_slice(&checksum(&random[..]));
        let mut text = String::with_capacity(LENGTH);
        text.push_str(MARK);
        URL_SAFE_NO_PAD.encode_string(&bytes[..], &mut text);
        Ok(Self(text.into()))
    }

    /// Reads what a caller presents; nothing unless form and checksum are right.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != LENGTH {
            return None;
        }
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES + CHECKSUM_BYTES]);
        let written = URL_SAFE_NO_PAD
            .decode_slice(text.strip_prefix(MARK)?, &mut bytes[..])
            .ok()?;
        let (random, check) = bytes[..written].split_at_checked(RANDOM_BYTES)?;
        (checksum(random) == *check).then(|| Self(text.into()))
    }

    /// The public beginning, by which a key is looked up and recognized in lists.
    pub fn prefix(&self) -> &str {
        &self.0.expose_secret()[..PREFIX_LENGTH]
    }

    /// What the database keeps instead of the key.
    pub fn hash(&self, keyring: &Keyring) -> Mac {
        keyring.hmac(Purpose::ApiKey, self.0.expose_secret().as_bytes())
    }

    /// Whether this is the key that `hash` was made from.
    pub fn matches(&self, keyring: &Keyring, hash: &Mac) -> bool {
        keyring.verify(Purpose::ApiKey, self.0.expose_secret().as_bytes(), hash)
    }

    /// The whole key, to hand it over once.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ApiKey({}…)", self.prefix())
    }
}

fn checksum(random: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut sum = [0; CHECKSUM_BYTES];
    sum.copy_from_slice(&digest(&SHA256, random).as_ref()[..CHECKSUM_BYTES]);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_key_is_read_back() {
        let key = ApiKey::generate().expect("a key");
        assert_eq!(key.expose().len(), 52);
        let read = ApiKey::parse(key.expose()).expect("valid");
        assert_eq!(read.expose(), key.expose());
        assert!(key.expose().starts_with(key.prefix()));
        assert_ne!(ApiKey::generate().expect("a key").expose(), key.expose());
    }

    #[test]
    fn a_mistyped_key_is_refused_before_any_look_up() {
        let key = ApiKey::generate().expect("a key");
        for index in 0..key.expose().len() {
            let mut changed = key.expose().as_bytes().to_vec();
            changed[index] = if changed[index] == b'x' { b'y' } else { b'x' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(ApiKey::parse(&changed).is_none(), "byte {index}");
        }
        for text in [
            "",
            "igw_",
            "igw_ä",
            &key.expose()[1..],
            &format!("{}A", key.expose()),
            &"ä".repeat(26),
        ] {
            assert!(ApiKey::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_hash_recognizes_its_key_only() {
        let keyring = Keyring::new([("a", &[1; 32])]).expect("a keyring");
        let key = ApiKey::generate().expect("a key");
        let hash = key.hash(&keyring);
        assert!(key.matches(&keyring, &hash));
        assert!(!ApiKey::generate().expect("a key").matches(&keyring, &hash));
    }

    #[test]
    fn debug_shows_the_public_prefix_only() {
        let key = ApiKey::generate().expect("a key");
        assert_eq!(
            format!("{key:?}"),
            format!("ApiKey({}…)", &key.expose()[..12])
        );
    }
}
