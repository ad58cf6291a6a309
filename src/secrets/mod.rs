//! Encryption at rest and keyed hashing.
//!
//! Everything is derived from the operator's master keys, held by a [`Keyring`]: the first one makes new things, all of them
//! open and verify old ones. Where secrets are kept and who may see them is not decided here.

mod api_key;
mod keyring;
mod vault;

use aws_lc_rs::rand;

pub use api_key::ApiKey;
pub use keyring::{Keyring, Mac, Purpose};
pub use vault::{Sealed, Vault};

/// Why something could not be sealed, opened or verified. The text never holds any part of a key or a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// No master key was given at all.
    #[error("no master key was given")]
    NoKey,
    /// Two master keys carry the same id, so one of them could never be found again.
    #[error("two master keys have the id '{0}'")]
    DuplicateKey(String),
    /// It was sealed under a master key that is not configured any more.
    #[error("it was sealed with the master key '{0}', which is not among the configured ones")]
    UnknownKey(String),
    /// The ciphertext does not belong to this owner and field, or somebody changed it.
    #[error("the sealed value does not belong here or was changed")]
    Refused,
    /// The cryptographic library failed, for want of memory or randomness.
    #[error("the cryptographic library failed")]
    Library,
}

/// Fresh random bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], SecretError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| SecretError::Library)?;
    Ok(bytes)
}
