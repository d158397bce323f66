//! HTTP headers that carry a secret, however they are written down: as they are sent, in JSON, as Go or
//! Python print a map, or behind `curl -H`.

use std::sync::LazyLock;

use regex::Regex;

use super::{Span, base64, looks, pattern, value};

/// No server takes a longer header.
const LONGEST: usize = 16 * 1024;

static NAMES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i-u:\b(?:(?:proxy-|x-forwarded-|x-)?authorization|x-registry-(?:auth|config)|(?:set-)?cookie2?)\b)",
    )
});
/// A scheme and its one token.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?i-u:Basic|Bearer|Token|Api-?Key|Negotiate|NTLM|Bot|JWT|GoogleLogin|Key|PVEAPIToken|Splunk|Kerberos|MAC)[ =:]+",
    )
});
/// A scheme and its list of values.
static LIST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?i-u:Digest|OAuth|Hawk|Signature|SharedKey(?:Lite)?|COS|OBS|OSS|AWS|[A-Z0-9]{2,8}-HMAC-SHA\d+|HMAC-SHA\d+|Credential)[ =]+",
    )
});
/// A scheme and its token where no header is named.
static ALONE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i-u:\b(bearer|basic) +)([A-Za-z0-9._~+/=-]{8,})"));

/// Finds the secrets of headers.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(name) = NAMES.find_at(text, at) {
        at = name.end();
        if let Some(span) = header(text, name.start(), name.end()) {
            at = span.range.end;
            spans.push(span);
        }
    }
    for captures in ALONE.captures_iter(text) {
        let (Some(scheme), Some(token)) = (captures.get(1), captures.get(2)) else {
            continue;
        };
        if is_token(scheme.as_str(), token.as_str()) {
            spans.push(Span::new(token.start(), token.end(), "token"));
        }
    }
}

fn header(text: &str, start: usize, end: usize) -> Option<Span> {
    let from = value_start(text, end)?;
    let is_cookie = text[start..end].to_ascii_lowercase().contains("cookie");
    if !may_hold_secret(cut(&text[from..], 300), is_cookie) {
        return None;
    }
    let (from, to) = extent(text, start, end, from);
    let given = &text[from..to];
    if looks::is_placeholder(given) || value::is_reference(given) {
        return None;
    }
    if is_cookie {
        let has_value = given.split_once('=').is_some_and(|(_, value)| value.len() > 1);
        return has_value.then(|| Span::new(from, to, "cookie"));
    }
    if let Some(scheme) = TOKEN.find(given) {
        let token = value::at(text, from + scheme.end())?;
        let token_end = if token.quoted {
            token.end
        } else {
            token.end.min(to)
        };
        let is_secret = !looks::is_placeholder(token.text) && token.text.len() >= 3;
        return is_secret.then(|| Span::new(token.start, token_end.max(token.start), "token"));
    }
    if let Some(scheme) = LIST.find(given) {
        return Some(Span::new(from + scheme.end(), to, "token"));
    }
    let word = given.split_whitespace().next()?;
    looks::is_random(word).then(|| Span::new(from, from + word.len(), "token"))
}

/// A look at the start of a value, before it is read to its end.
fn may_hold_secret(head: &str, is_cookie: bool) -> bool {
    let bare = head.trim_start_matches(['[', '"', '\'', '\\', '`', 'f', 'b']);
    let word = bare.split_whitespace().next().unwrap_or_default();
    let is_known = TOKEN.is_match(bare) || LIST.is_match(bare);
    if is_cookie {
        bare.contains('=')
    } else {
        // A section of a configuration may have the name of the header.
        !bare.starts_with('{') && (is_known || looks::is_random(word))
    }
}

/// At most `limit` bytes of `text`.
fn cut(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Where the value of a header begins whose name ends at `end`.
fn value_start(text: &str, end: usize) -> Option<usize> {
    let rest = text[end..].trim_start_matches(['\\', '"', '\'', '`', ']']);
    let rest = rest.trim_start_matches([' ', '\t']);
    let rest = rest.strip_prefix(
        ["=>"]
            .iter()
            .find(|sign| rest.starts_with(**sign))
            .copied()
            .unwrap_or_default(),
    )?;
    let bare = rest.strip_prefix([':', '=', ',']).unwrap_or(rest);
    let begins = bare.len() < rest.len()
        || rest.len() < text.len() - end && text[..text.len() - rest.len()].ends_with("=>");
    let bare = bare.trim_start_matches([' ', '\t']);
    begins.then_some(text.len() - bare.len())
}

/// From where to where the value goes: within its quotes or brackets, within those round the whole header,
/// or to the end of the line.
fn extent(text: &str, name: usize, name_end: usize, from: usize) -> (usize, usize) {
    let rest = cut(&text[from..], LONGEST);
    let limit = rest.len();
    let inside = rest.strip_prefix('[').filter(|_| !rest.starts_with("[redacted:"));
    let body = inside.unwrap_or(rest);
    if let Some((open, body)) = value::opening_quote(body) {
        let start = from + limit - body.len();
        return (start, start + value::quoted_end(body, open));
    }
    let start = from + limit - body.len();
    if inside.is_some() {
        return (start, start + body.find([']', '\n']).unwrap_or(body.len()));
    }
    let closed_already = text[name_end..from].contains(['"', '\'', '`']);
    let around = value::quote_before(&text[..name]).filter(|_| !closed_already);
    let line_end = body.find(['\n', '\r']).unwrap_or(body.len());
    let line = &body[..line_end];
    let escaped = line.find("\\r").or_else(|| line.find("\\n")).unwrap_or(line_end);
    let end = around.map_or(escaped, |open| value::quoted_end(line, open).min(escaped));
    (
        start,
        start
            + line[..end]
                .trim_end_matches(['"', '\'', '\\', ' ', ',', '}', ')'])
                .len(),
    )
}

/// A word behind `Bearer` or `Basic` that is no word of a sentence.
fn is_token(scheme: &str, token: &str) -> bool {
    if scheme.eq_ignore_ascii_case("basic") {
        let decoded = base64::decode(token, 300);
        return token.len() >= 8 && decoded.contains(&b':') && std::str::from_utf8(&decoded).is_ok();
    }
    let has_digit = token.bytes().any(|byte| byte.is_ascii_digit());
    let has_capital = token.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    !looks::is_placeholder(token) && (has_digit || (has_capital && token.len() >= 16))
}
