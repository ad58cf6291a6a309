//! The forms in which a secret comes back: as it is, escaped, percent-encoded, in base64 or hex.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::SECRET_BYTES_MIN;

/// All but the unreserved characters (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Every form of one secret; none for a value too short to be one.
pub(super) fn of(secret: &SecretString) -> Vec<Zeroizing<String>> {
    let secret = secret.expose_secret();
    if secret.len() < SECRET_BYTES_MIN {
        return Vec::new();
    }
    let percent = [
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        utf8_percent_encode(secret, RESERVED).to_string(),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
    ];
    let mut forms = vec![
        secret.to_owned(),
        hex::encode(secret),
        hex::encode_upper(secret),
    ];
    forms.extend(percent.iter().map(|form| lower_escapes(form)));
    forms.extend(percent);
    forms.extend(json_escaped(secret));
    for shift in 0..3 {
        forms.extend(base64_inside(secret.as_bytes(), shift));
    }
    forms
        .into_iter()
        .filter(|form| form.len() >= SECRET_BYTES_MIN)
        .map(Zeroizing::new)
        .collect()
}

/// `%2F` as `%2f`.
fn lower_escapes(text: &str) -> String {
    let mut left = 0;
    text.chars()
        .map(|c| {
            if c == '%' {
                left = 2;
                c
            } else if left > 0 {
                left -= 1;
                c.to_ascii_lowercase()
            } else {
                c
            }
        })
        .collect()
}

/// As JSON writes it: with letters beyond ASCII kept or escaped, with slashes kept or escaped.
fn json_escaped(secret: &str) -> Vec<String> {
    let quoted = serde_json::Value::from(secret).to_string();
    let plain = quoted[1..quoted.len() - 1].to_owned();
    let mut ascii = String::new();
    for c in plain.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                ascii.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    let slashes = [plain.replace('/', "\\/"), ascii.replace('/', "\\/")];
    [plain, ascii].into_iter().chain(slashes).collect()
}

/// What base64 shows of the secret when so many bytes (modulo 3) stand before it, as in `user:secret`: the characters that
/// depend on nothing else.
fn base64_inside(secret: &[u8], shift: usize) -> Vec<String> {
    let mut padded = vec![0; shift];
    padded.extend_from_slice(secret);
    let first = (shift * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    [
        STANDARD_NO_PAD.encode(&padded),
        URL_SAFE_NO_PAD.encode(&padded),
    ]
    .into_iter()
    .filter_map(|text| text.get(first..last).map(str::to_owned))
    .collect()
}
