//! Just enough of base64 to look into it.

/// The bytes of `text` in the usual or the URL alphabet, at most `limit` of them. What is no base64 ends it.
pub(super) fn decode(text: &str, limit: usize) -> Vec<u8> {
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for byte in text.bytes() {
        let Some(six) = digit(byte) else { break };
        held = (held << 6 | six) & 0xFFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xFF) as u8);
            if out.len() >= limit {
                break;
            }
        }
    }
    out
}

/// Whether `text` is base64 of words that a person could have written.
pub(super) fn is_of_text(text: &str) -> bool {
    let bare = text.trim_end_matches('=');
    bare.len() >= 4
        && text.len().is_multiple_of(4)
        && bare.bytes().all(|byte| digit(byte).is_some())
        && std::str::from_utf8(&decode(text, 300))
            .is_ok_and(|words| words.chars().all(|c| !c.is_control() || c.is_whitespace()))
}

const fn digit(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    } as u32)
}
