//! Addresses with a user and a password, or a token, before the host.

use super::{Span, looks};

/// Nothing before a host is longer.
const LONGEST: usize = 600;

/// Finds the passwords of addresses.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    for (at, marks) in text.match_indices("://") {
        let start = at + marks.len();
        let rest = &text[start..];
        if let Some((from, to, kind)) = secret(chunk(rest))
            && !looks::is_placeholder(&rest[from..to])
        {
            spans.push(Span::new(start + from, start + to, kind));
        }
    }
}

/// An address up to the first sign that cannot be in one.
fn chunk(rest: &str) -> &str {
    let is_end = |letter: char| {
        letter.is_whitespace() || matches!(letter, '"' | '\'' | '<' | '>' | '`' | '\\' | '，' | '。')
    };
    let end = rest
        .char_indices()
        .take_while(|(at, letter)| *at < LONGEST && !is_end(*letter))
        .last()
        .map_or(0, |(at, letter)| at + letter.len_utf8());
    &rest[..end]
}

/// Where the secret stands in an address without its scheme.
fn secret(address: &str) -> Option<(usize, usize, &'static str)> {
    let first = address.find([':', '/', '?', '#', '@'])?;
    match &address[first..=first] {
        ":" => {
            let rest = &address[first + 1..];
            let end = password_end(rest)?;
            (end > 0).then_some((first + 1, first + 1 + end, "password"))
        }
        "@" if first >= 16 && looks::is_random(&address[..first]) => Some((0, first, "token")),
        _ => None,
    }
}

/// Where the password ends at the start of `rest`, the part of an address after the first colon.
fn password_end(rest: &str) -> Option<usize> {
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    if let Some(at) = rest[..authority].rfind('@') {
        return Some(at);
    }
    // Some write a password with a slash as it is; a port is followed by one too.
    let is_port = rest[..authority].bytes().all(|byte| byte.is_ascii_digit());
    if is_port {
        return None;
    }
    let at = rest.find('@')?;
    let host = &rest[at + 1..];
    host.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '[')
        .then_some(at)
}
