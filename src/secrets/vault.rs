//! Envelope encryption: every secret has a data key of its own (AES-256-GCM), wrapped by the master key (AES-KW, RFC 3394).

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey},
    key_wrap::{AES_256, AesKek, KeyWrap},
};
use zeroize::Zeroizing;

use super::{Keyring, SecretError, random};

const DATA_KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// A secret at rest: what the database keeps of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The master key that wraps the data key.
    pub key_id: String,
    /// The data key, wrapped.
    pub wrapped_key: Vec<u8>,
    /// Nonce, ciphertext and tag, in this order.
    pub ciphertext: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sealed")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// Seals secrets and opens them again.
#[derive(Debug, Clone)]
pub struct Vault(Keyring);

impl Vault {
    /// A vault that seals with the first master key and opens with all of them.
    pub fn new(keyring: Keyring) -> Self {
        Self(keyring)
    }

    /// Encrypts `plain` for the place that `owner` names, such as a connection's id and a field's name. It opens in no other
    /// place, so a row copied over another one's is found out.
    pub fn seal(&self, owner: &[&str], plain: &[u8]) -> Result<Sealed, SecretError> {
        let (key_id, wrapping) = self.0.wrapping_key();
        let data_key = Zeroizing::new(random::<DATA_KEY_BYTES>()?);
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, &data_key[..])
            .map_err(|_| SecretError::Library)?;

        // Room for the tag from the start: growing would leave a copy of the plain text behind.
        let mut body = Vec::with_capacity(plain.len() + TAG_BYTES);
        body.extend_from_slice(plain);
        let aad = Aad::from(associated_data(key_id, owner));
        let nonce = cipher
            .seal_in_place_append_tag(aad, &mut body)
            .map_err(|_| SecretError::Library)?;
        let mut ciphertext = nonce.as_ref().to_vec();
        ciphertext.append(&mut body);

        let mut wrapped_key = vec![0; DATA_KEY_BYTES + 8];
        kek(wrapping)?
            .wrap(&data_key[..], &mut wrapped_key)
            .map_err(|_| SecretError::Library)?;
        Ok(Sealed {
            key_id: key_id.to_owned(),
            wrapped_key,
            ciphertext,
        })
    }

    /// Decrypts what was sealed for the same place. The plain text is wiped from memory when it is dropped.
    pub fn open(&self, owner: &[&str], sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let wrapping = self.0.wrapping_key_of(&sealed.key_id)?;
        let mut data_key = Zeroizing::new([0; DATA_KEY_BYTES]);
        if sealed.wrapped_key.len() != DATA_KEY_BYTES + 8 {
            return Err(SecretError::Refused);
        }
        kek(wrapping)?
            .unwrap(&sealed.wrapped_key, &mut data_key[..])
            .map_err(|_| SecretError::Refused)?;
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, &data_key[..])
            .map_err(|_| SecretError::Library)?;

        let (nonce, body) = sealed
            .ciphertext
            .split_at_checked(NONCE_BYTES)
            .ok_or(SecretError::Refused)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SecretError::Refused)?;
        let mut plain = Zeroizing::new(body.to_vec());
        let aad = Aad::from(associated_data(&sealed.key_id, owner));
        let length = cipher
            .open_in_place(nonce, aad, &mut plain)
            .map_err(|_| SecretError::Refused)?
            .len();
        plain.truncate(length);
        Ok(plain)
    }
}

fn kek(wrapping: &[u8; 32]) -> Result<AesKek, SecretError> {
    AesKek::new(&AES_256, wrapping).map_err(|_| SecretError::Library)
}

/// The parts, each after its length, so that no two lists of parts read alike.
fn associated_data(key_id: &str, owner: &[&str]) -> Vec<u8> {
    let mut bytes = b"iam-gateway/1".to_vec();
    for part in std::iter::once(&key_id).chain(owner) {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OWNER: [&str; 2] = ["connection-1", "api_secret"];

    fn vault(keys: &[(&str, [u8; 32])]) -> Vault {
        Vault::new(Keyring::new(keys.iter().map(|(id, key)| (*id, key))).expect("a keyring"))
    }

    #[test]
    fn a_secret_opens_in_its_own_place_only() {
        let vault = vault(&[("a", [1; 32])]);
        let sealed = vault.seal(&OWNER, b"hush").expect("sealed");
        assert_eq!(
            vault.open(&OWNER, &sealed).expect("opened").as_slice(),
            b"hush"
        );
        for other in [
            &["connection-2", "api_secret"][..],
            &["connection-1", "api_key"],
            &["connection-1api_secret"],
            &[],
        ] {
            assert_eq!(
                vault.open(other, &sealed),
                Err(SecretError::Refused),
                "{other:?}"
            );
        }
    }

    #[test]
    fn parts_of_the_owner_do_not_run_together() {
        let vault = vault(&[("a", [1; 32])]);
        let sealed = vault.seal(&["ab", "c"], b"hush").expect("sealed");
        assert_eq!(vault.open(&["a", "bc"], &sealed), Err(SecretError::Refused));
    }

    #[test]
    fn rotation_seals_with_the_new_key_and_opens_with_the_old_one() {
        let sealed = vault(&[("a", [1; 32])])
            .seal(&OWNER, b"hush")
            .expect("sealed");
        let both = vault(&[("b", [2; 32]), ("a", [1; 32])]);
        assert_eq!(
            both.open(&OWNER, &sealed).expect("opened").as_slice(),
            b"hush"
        );
        assert_eq!(both.seal(&OWNER, b"hush").expect("sealed").key_id, "b");
        let new_only = vault(&[("b", [2; 32])]);
        assert_eq!(
            new_only.open(&OWNER, &sealed),
            Err(SecretError::UnknownKey("a".to_owned()))
        );
        let same_name = vault(&[("a", [3; 32])]);
        assert_eq!(same_name.open(&OWNER, &sealed), Err(SecretError::Refused));
    }

    #[test]
    fn any_changed_byte_is_refused() {
        let vault = vault(&[("a", [1; 32])]);
        let sealed = vault.seal(&OWNER, b"hush").expect("sealed");
        for index in 0..sealed.ciphertext.len() {
            let mut changed = sealed.clone();
            changed.ciphertext[index] ^= 1;
            assert_eq!(vault.open(&OWNER, &changed), Err(SecretError::Refused));
        }
        for index in 0..sealed.wrapped_key.len() {
            let mut changed = sealed.clone();
            changed.wrapped_key[index] ^= 1;
            assert_eq!(vault.open(&OWNER, &changed), Err(SecretError::Refused));
        }
        for length in [0, 11, 12, sealed.ciphertext.len() - 1] {
            let mut cut = sealed.clone();
            cut.ciphertext.truncate(length);
            assert_eq!(vault.open(&OWNER, &cut), Err(SecretError::Refused));
        }
    }

    #[test]
    fn equal_secrets_look_different_and_show_nothing() {
        let vault = vault(&[("a", [1; 32])]);
        let first = vault.seal(&OWNER, b"hush").expect("sealed");
        let second = vault.seal(&OWNER, b"hush").expect("sealed");
        assert_ne!(first.ciphertext, second.ciphertext);
        assert_ne!(first.wrapped_key, second.wrapped_key);
        assert_eq!(format!("{first:?}"), r#"Sealed { key_id: "a", .. }"#);
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens(plain: Vec<u8>, owner: Vec<String>) {
            let vault = vault(&[("a", [7; 32])]);
            let owner: Vec<&str> = owner.iter().map(String::as_str).collect();
            let sealed = vault.seal(&owner, &plain).expect("sealed");
            let opened = vault.open(&owner, &sealed).expect("opened");
            prop_assert_eq!(opened.as_slice(), plain.as_slice());
        }
    }
}
