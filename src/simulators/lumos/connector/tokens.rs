//! Page tokens: the hex of a MessagePack array of per-endpoint cursors, as SDK connectors make them (contract §B5).

const HEAD: &[u8] = b"\x91\x82\xa8endpoint\xa6/users\xa6offset";

/// The token of the page that starts at this row.
pub(super) fn token(offset: usize) -> String {
    let mut bytes = HEAD.to_vec();
    match u32::try_from(offset).unwrap_or(u32::MAX) {
        small @ 0..=0x7f => bytes.push(small as u8),
        byte @ 0x80..=0xff => bytes.extend([0xcc, byte as u8]),
        short @ 0x100..=0xffff => {
            bytes.push(0xcd);
            bytes.extend((short as u16).to_be_bytes());
        }
        long => {
            bytes.push(0xce);
            bytes.extend(long.to_be_bytes());
        }
    }
    hex::encode(bytes)
}

/// The row at which a token's page starts.
pub(super) fn offset(token: &str) -> Option<usize> {
    let bytes = hex::decode(token).ok()?;
    let offset = match bytes.strip_prefix(HEAD)? {
        [small @ 0..=0x7f] => u32::from(*small),
        [0xcc, byte] => u32::from(*byte),
        [0xcd, rest @ ..] => u32::from(u16::from_be_bytes(rest.try_into().ok()?)),
        [0xce, rest @ ..] => u32::from_be_bytes(rest.try_into().ok()?),
        _ => return None,
    };
    usize::try_from(offset).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_read_back() {
        // The contract's example (§B10).
        assert_eq!(
            token(1),
            "9182a8656e64706f696e74a62f7573657273a66f666673657401"
        );
        for n in [0, 1, 127, 128, 255, 256, 65_535, 65_536, 200_000] {
            assert_eq!(offset(&token(n)), Some(n));
        }
        for bad in [
            "",
            "x",
            "9182",
            "9182a8656e64706f696e74a62f7573657273a66f6666736574c0",
        ] {
            assert_eq!(offset(bad), None, "{bad}");
        }
    }
}
