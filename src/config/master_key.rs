//! The master keys: read from a variable or a file, or made once beside an embedded database.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
};

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretBox};
use zeroize::Zeroizing;

use super::{ConfigError, ConfigErrors, reader::Reader};

const VARIABLE: &str = "IAM_GATEWAY_MASTER_KEY";
const FILE_VARIABLE: &str = "IAM_GATEWAY_MASTER_KEY_FILE";
const KEY_BYTES: usize = 32;

/// One master key.
#[derive(Debug)]
pub struct MasterKey {
    /// The operator's name for it, or one derived from it where none was given. Kept beside everything made with it.
    pub id: String,
    /// 32 random bytes.
    pub secret: SecretBox<[u8; KEY_BYTES]>,
}

/// One master key or several: the first makes new things, all of them open old ones.
#[derive(Debug, Clone)]
pub struct MasterKeys(Arc<[MasterKey]>);

impl MasterKeys {
    /// Every key as (id, bytes), the one that makes new things first.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8; KEY_BYTES])> {
        self.0
            .iter()
            .map(|key| (key.id.as_str(), key.secret.expose_secret()))
    }

    /// `key` or `id:key`, or several of these with commas or line ends between them.
    fn parse(text: &str) -> Result<Self, String> {
        let members = text
            .split([',', '\n'])
            .map(str::trim)
            .filter(|member| !member.is_empty());
        let keys = members.map(parse_member).collect::<Result<Vec<_>, _>>()?;
        for (index, key) in keys.iter().enumerate() {
            if keys[..index].iter().any(|earlier| earlier.id == key.id) {
                return Err(format!("holds two keys with the id '{}'", key.id));
            }
        }
        if keys.is_empty() {
            Err("holds no key".to_owned())
        } else {
            Ok(Self(keys.into()))
        }
    }

    /// The keys in this file, which is made with a fresh one if it is not there.
    ///
    /// # Errors
    /// When the file can't be read or made, or holds something else; it is never replaced.
    pub fn load_or_make(path: &Path) -> Result<Self, ConfigErrors> {
        make(path).and_then(|()| read_file(path)).map_err(|error| {
            let problem = format!(
                "is not set, and no key could be made and kept in {}: {error}",
                path.display()
            );
            ConfigErrors(vec![ConfigError {
                variable: VARIABLE,
                problem,
            }])
        })
    }
}

/// The keys that the operator gave.
pub(super) fn read(reader: &mut Reader) -> Option<MasterKeys> {
    match (
        reader.text(VARIABLE).map(Zeroizing::new),
        reader.text(FILE_VARIABLE),
    ) {
        (None, None) => None,
        (Some(text), None) => MasterKeys::parse(&text)
            .map_err(|problem| reader.problem(VARIABLE, problem))
            .ok(),
        (None, Some(path)) => read_file(Path::new(&path))
            .map_err(|error| reader.problem(FILE_VARIABLE, format!("{path}: {error}")))
            .ok(),
        (Some(_), Some(_)) => {
            reader.problem(
                FILE_VARIABLE,
                format!("is set beside {VARIABLE}; give one of them"),
            );
            None
        }
    }
}

pub(super) fn missing() -> ConfigErrors {
    let problem = format!(
        "is needed with DATABASE_URL, and so is keeping it: without it stored credentials can't be read. \
         Make one with `openssl rand -base64 32`, and set {VARIABLE} to it or {FILE_VARIABLE} to a file that holds it"
    );
    ConfigErrors(vec![ConfigError {
        variable: VARIABLE,
        problem,
    }])
}

/// Problems found here speak of the key without showing any of it.
fn parse_member(text: &str) -> Result<MasterKey, String> {
    let (id, encoded) = match text.split_once(':') {
        Some((id, encoded)) => (Some(id.trim()), encoded.trim()),
        None => (None, text),
    };
    let bytes = STANDARD
        .decode(encoded)
        .map(Zeroizing::new)
        .ok()
        .filter(|bytes| bytes.len() == KEY_BYTES);
    let Some(bytes) = bytes else {
        return Err("is not the base64 of 32 bytes, as `openssl rand -base64 32` makes it, with or without `id:` before it".to_owned());
    };
    let secret = SecretBox::init_with_mut(|key: &mut [u8; KEY_BYTES]| key.copy_from_slice(&bytes));
    let id = match id {
        Some(id) if is_id(id) => id.to_owned(),
        Some(_) => {
            return Err("has a key id that is not 1 to 32 letters, digits, '-' or '_'".to_owned());
        }
        None => derived_id(secret.expose_secret()),
    };
    Ok(MasterKey { id, secret })
}

fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// Names a key that has no name, so that another key is noticed as another. Four bytes of a hash give none of it away.
fn derived_id(key: &[u8; KEY_BYTES]) -> String {
    let mut input = Zeroizing::new(b"iam-gateway/1/key-id".to_vec());
    input.extend_from_slice(key);
    hex::encode(&digest(&SHA256, &input).as_ref()[..4])
}

fn read_file(path: &Path) -> io::Result<MasterKeys> {
    let text = Zeroizing::new(fs::read_to_string(path)?);
    MasterKeys::parse(&text).map_err(|problem| io::Error::new(ErrorKind::InvalidData, problem))
}

/// Writes a fresh key beside `path` and links it there, so that a file of that name is always whole and never replaced.
fn make(path: &Path) -> io::Result<()> {
    if path.try_exists()? {
        return Ok(());
    }
    let directory = path.parent().ok_or(ErrorKind::InvalidInput)?;
    fs::create_dir_all(directory)?;
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    rand::fill(&mut bytes[..]).map_err(|_| io::Error::other("no randomness"))?;
    let text = Zeroizing::new(format!("{}\n", STANDARD.encode(&bytes[..])));

    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => fs::File::open(directory)?.sync_all(),
    }
}

impl fmt::Display for MasterKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.0.iter().map(|key| key.id.as_str()).collect();
        formatter.write_str(&ids.join(", "))
    }
}
