//! The secret part of an operation: sealed under its id, opened for its act, gone with its end.

use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::secrets::Sealed;
use crate::services::Services;
use crate::store::operations::OperationRow;

/// Seals it, as the row of the operation keeps it: key id, wrapped key, ciphertext.
pub(super) fn seal(
    services: &Services,
    operation_id: Uuid,
    secret: &SecretSlice<u8>,
) -> Result<(String, Vec<u8>, Vec<u8>)> {
    services
        .vault()
        .seal(
            &[&operation_id.to_string(), "payload"],
            secret.expose_secret(),
        )
        .map(|sealed| (sealed.key_id, sealed.wrapped_key, sealed.ciphertext))
        .map_err(Error::internal)
}

/// Opens it; `None` where the operation has none, or has none any more.
pub(super) fn open(services: &Services, row: &OperationRow) -> Result<Option<SecretSlice<u8>>> {
    let (Some(key_id), Some(wrapped_key), Some(ciphertext)) = (
        row.secret_key_id.clone(),
        row.secret_wrapped_key.clone(),
        row.secret_ciphertext.clone(),
    ) else {
        return Ok(None);
    };
    let sealed = Sealed {
        key_id,
        wrapped_key,
        ciphertext,
    };
    let plain = services
        .vault()
        .open(&[&row.id.to_string(), "payload"], &sealed)
        .map_err(|error| Error::internal(format!("secrets of operation {}: {error}", row.id)))?;
    Ok(Some(SecretSlice::from(plain.to_vec())))
}

/// A password as the secret part.
pub(crate) fn pack_password(password: &SecretString) -> SecretSlice<u8> {
    let json = json!({"password": password.expose_secret()}).to_string();
    SecretSlice::from(json.into_bytes())
}

/// The password that the secret part is.
pub(super) fn unpack_password(secret: &SecretSlice<u8>) -> Result<SecretString> {
    #[derive(Deserialize)]
    struct Secrets {
        password: SecretString,
    }
    let secrets: Secrets = serde_json::from_slice(secret.expose_secret())
        .map_err(|_| Error::internal("the secret part of an operation holds no password"))?;
    Ok(secrets.password)
}

/// The secret part as JSON, if it is that; of a row that was read before the operation ended.
pub(crate) fn json_secret(services: &Services, row: &OperationRow) -> Option<serde_json::Value> {
    let secret = open(services, row).ok().flatten()?;
    serde_json::from_slice(secret.expose_secret()).ok()
}
