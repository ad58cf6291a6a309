//! The keys that access tokens are signed with, made when the process needs them and kept nowhere.

use std::sync::{Arc, LazyLock};

use aws_lc_rs::{
    digest::{SHA256, digest},
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};

/// An RSA key with its id.
pub struct SigningKey {
    pub kid: String,
    pair: KeyPair,
}

/// The keys that every realm of this process begins with, the active one first: they take a moment to make.
static SEEDED: LazyLock<[Arc<SigningKey>; 2]> =
    LazyLock::new(|| [SigningKey::generate(), SigningKey::generate()]);

pub fn seeded() -> Vec<Arc<SigningKey>> {
    SEEDED.to_vec()
}

impl SigningKey {
    pub fn generate() -> Arc<Self> {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("2048 bits are a size of RSA keys");
        let kid = URL_SAFE_NO_PAD.encode(digest(&SHA256, pair.public_key().as_ref()));
        Arc::new(SigningKey { kid, pair })
    }

    /// The RS256 signature of a message.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .expect("the signature is as long as the modulus");
        signature
    }

    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key())
            .verify(message, signature)
            .is_ok()
    }

    /// The public key as the realm shows it: SPKI in DER and base64, without the PEM lines (contract §2.1).
    pub fn spki(&self) -> String {
        let der: PublicKeyX509Der<'_> = self
            .pair
            .public_key()
            .as_der()
            .expect("a key of our own making can be written");
        STANDARD.encode(der.as_ref())
    }

    /// The public key as a JSON Web Key.
    pub fn jwk(&self) -> Value {
        let (modulus, exponent) = numbers(self.pair.public_key().as_ref());
        json!({
            "kid": self.kid,
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "n": URL_SAFE_NO_PAD.encode(modulus),
            "e": URL_SAFE_NO_PAD.encode(exponent),
        })
    }
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017, A.1.1): a sequence of two integers, in DER.
fn numbers(der: &[u8]) -> (&[u8], &[u8]) {
    let (content, _) = value(der);
    let (modulus, rest) = value(content);
    let (exponent, _) = value(rest);
    // A zero in front only keeps the number from being negative.
    (
        modulus.strip_prefix(&[0]).unwrap_or(modulus),
        exponent.strip_prefix(&[0]).unwrap_or(exponent),
    )
}

/// The content of the first value, and what follows it.
fn value(der: &[u8]) -> (&[u8], &[u8]) {
    let (length, start) = match der[1] {
        short @ 0..0x80 => (usize::from(short), 2),
        long => {
            let start = 2 + usize::from(long & 0x7f);
            let length = der[2..start]
                .iter()
                .fold(0, |length, byte| length << 8 | usize::from(*byte));
            (length, start)
        }
    };
    der[start..].split_at(length)
}
