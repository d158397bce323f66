//! Private keys: whole, cut off at either end, on many lines, behind the head of a log's lines, or on one
//! line with the ends of lines escaped. Certificates and public keys stay: they are no secrets.

use std::sync::LazyLock;

use regex::Regex;

use super::{Span, base64, pattern};

/// A key longer than this is not one, and what seems to be its end belongs to another.
const LONGEST: usize = 64 * 1024;
/// The kind of all of them.
const KIND: &str = "private-key";

static BEGIN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}"));
static END: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}"));
static PUBLIC: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"-----BEGIN [A-Z0-9 ]{0,40}(?:CERTIFICATE|PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL)[A-Z ]{0,20}-----",
    )
});
/// A key that was encoded once more, as a kubeconfig or a Secret has it.
static ENCODED: LazyLock<Regex> = LazyLock::new(|| pattern(r"LS0tLS1CRUdJTi[A-Za-z0-9+/=_-]+"));
/// A line that is a full line of a key, whatever stands before it.
static BODY_LINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?:^|[\s'\x22])([A-Za-z0-9+/]{64}|[A-Za-z0-9+/]{76})\r?$"));

/// Finds private keys.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    if text.contains("PRIVATE KEY") {
        blocks(text, spans);
    }
    for found in ENCODED.find_iter(text) {
        let head = base64::decode(found.as_str(), 80);
        if String::from_utf8_lossy(&head).contains("PRIVATE KEY") {
            spans.push(Span::new(found.start(), found.end(), KIND));
        }
    }
    middles(text, spans);
}

/// Whether the text ends within a key that may go on, be its first line in it or not.
pub(super) fn is_open(text: &str) -> bool {
    if let Some(begin) = BEGIN.find_iter(text).last() {
        return !END.is_match_at(text, begin.end())
            && cut_off_end(text, begin.end()) >= text.trim_end().len();
    }
    if let Some(at) = text.rfind("Private-Lines:") {
        return !text[at..].contains("Private-MAC")
            && text[at..]
                .lines()
                .skip(1)
                .all(|line| key_token(line, 64).is_some());
    }
    let mut lines = text.lines().rev().filter(|line| !line.trim().is_empty());
    let is_body = |line: &str| {
        BODY_LINE
            .captures(line)
            .is_some_and(|captures| is_mixed(&captures[1]))
    };
    let Some(last) = lines.next() else { return false };
    is_body(last) || (lines.next().is_some_and(is_body) && key_token(last, 64).is_some())
}

fn blocks(text: &str, spans: &mut Vec<Span>) {
    let begins: Vec<(usize, usize)> = BEGIN.find_iter(text).map(|it| (it.start(), it.end())).collect();
    let ends: Vec<(usize, usize)> = END.find_iter(text).map(|it| (it.start(), it.end())).collect();
    for (index, &(start, body)) in begins.iter().enumerate() {
        let next = begins.get(index + 1).map_or(text.len(), |next| next.0);
        let limit = next.min(body + LONGEST);
        let end = ends[ends.partition_point(|end| end.0 < body)..]
            .first()
            .filter(|end| end.0 < limit)
            .map_or_else(|| cut_off_end(&text[..next], body), |end| end.1);
        spans.push(Span::new(start, end, KIND));
    }
    let mut lowest = 0;
    for &(start, end) in &ends {
        let has_begin = begins[..begins.partition_point(|begin| begin.0 < start)]
            .last()
            .is_some_and(|begin| start - begin.1 <= LONGEST);
        if !has_begin {
            spans.push(Span::new(cut_off_start(text, lowest, start), end, KIND));
        }
        lowest = end;
    }
}

/// Where a key ends that has no last line: after the last thing that looks like a part of it.
fn cut_off_end(text: &str, body: usize) -> usize {
    let mut end = body;
    let mut previous = 0;
    for (index, part) in parts(&text[body..]).enumerate() {
        let from = body + part.0;
        let line = &text[from..body + part.1];
        if is_between(line) {
            continue;
        }
        let token = match key_token(line, previous) {
            Some(token) => token,
            // Whoever cut the first line may have said so behind it.
            None if index == 0 => match words(line)
                .filter(|word| key_token(&line[word.0..word.1], 0).is_some())
                .last()
            {
                Some(word) => word,
                None => break,
            },
            None => break,
        };
        previous = token.1 - token.0;
        end = from + token.1;
    }
    end
}

/// The words of a line, by where they begin and end.
fn words(line: &str) -> impl Iterator<Item = (usize, usize)> {
    line.split(char::is_whitespace).map(move |word| {
        let start = word.as_ptr() as usize - line.as_ptr() as usize;
        (start, start + word.len())
    })
}

/// Where a key begins that has no first line.
fn cut_off_start(text: &str, lowest: usize, end: usize) -> usize {
    let mut start = end;
    let before = &text[..end];
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    let from = floor(before, end.saturating_sub(LONGEST).max(lowest));
    pieces.extend(parts(&before[from..]).map(|(a, b)| (from + a, from + b)));
    // What stands before the last line on its own line, the head of a log's line for example, is no part.
    if !before.ends_with("\\n") && pieces.last().is_some_and(|last| last.1 == end && last.0 < end) {
        let (a, b) = pieces[pieces.len() - 1];
        if key_token(&text[a..b], 64).is_none() {
            pieces.pop();
        }
    }
    for (a, b) in pieces.into_iter().rev() {
        let line = &text[a..b];
        if is_between(line) {
            continue;
        }
        let Some(token) = key_token(line, 64) else { break };
        start = a + token.0;
    }
    start
}

/// A part without a piece of the key: blank, or what a log in JSON has behind each line's escaped end.
fn is_between(part: &str) -> bool {
    part.trim_matches([' ', '\t', '\r', '\\']).is_empty() || part.starts_with('"')
}

/// The lines of a key, be their ends real or escaped.
fn parts(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at > text.len() {
            return None;
        }
        let rest = &text[at..];
        let real = rest.find('\n').unwrap_or(rest.len());
        let escaped = rest[..real].find("\\n").unwrap_or(real);
        let part = (at, at + escaped);
        at += if escaped < real { escaped + 2 } else { escaped + 1 };
        Some(part)
    })
}

/// The part of a line that belongs to a key, if one does: the last word, or a header such as `Proc-Type`.
/// `previous` is how long that of the line before was: after a full line a short one may be the last.
fn key_token(line: &str, previous: usize) -> Option<(usize, usize)> {
    let trimmed = line.trim_end_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | ',' | '\\' | ';' | '`' | '…' | '.' | ')' | ']' | '}'
            )
    });
    if [
        "Proc-Type:",
        "DEK-Info:",
        "Version:",
        "Comment:",
        "Hash:",
        "Charset:",
    ]
    .iter()
    .any(|header| trimmed.contains(header))
    {
        return Some((line.len() - line.trim_start().len(), trimmed.len()));
    }
    let is_break = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '>' | '|');
    let start = trimmed.rfind(is_break).map_or(0, |at| {
        at + trimmed[at..].chars().next().map_or(1, char::len_utf8)
    });
    let token = &trimmed[start..];
    let is_base64 = !token.is_empty()
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\\' | b'r'));
    let alone = trimmed[..start].trim().is_empty();
    let is_last = previous >= 48 && (alone || token.ends_with('=') || (token.len() >= 8 && is_mixed(token)));
    let long_enough = token.len() >= 40 || (token.len() >= 16 && (alone || is_mixed(token))) || is_last;
    (is_base64 && long_enough).then_some((start, trimmed.len()))
}

/// Two full lines of a key after one another, where neither its first nor its last line is seen.
fn middles(text: &str, spans: &mut Vec<Span>) {
    let lines: Vec<(usize, usize)> = BODY_LINE
        .captures_iter(text)
        .filter_map(|captures| captures.get(1))
        .filter(|token| is_mixed(token.as_str()))
        .map(|token| (token.start(), token.end()))
        .collect();
    if lines.len() < 2 {
        return;
    }
    let public: Vec<usize> = PUBLIC.find_iter(text).map(|found| found.start()).collect();
    let mut run = 0;
    for index in 1..=lines.len() {
        let goes_on = index < lines.len() && is_next_line(text, lines[index - 1].1, lines[index].0);
        if goes_on {
            continue;
        }
        let (start, end) = (lines[run].0, lines[index - 1].1);
        if index - run >= 2 && !is_public(text, &public, start) {
            spans.push(Span::new(start, last_line(text, end), KIND));
        }
        run = index;
    }
}

fn is_next_line(text: &str, end: usize, start: usize) -> bool {
    text[end..start].matches('\n').count() == 1 && start - end < 200
}

/// The short line that ends a key.
fn last_line(text: &str, end: usize) -> usize {
    let Some(rest) = text[end..]
        .strip_prefix("\r\n")
        .or_else(|| text[end..].strip_prefix('\n'))
    else {
        return end;
    };
    let from = text.len() - rest.len();
    let line = rest.lines().next().unwrap_or_default();
    let words = line.split_whitespace().count();
    match key_token(line, 64) {
        Some(token) if words == 1 || line.ends_with('=') => from + token.1,
        _ => end,
    }
}

/// Whether a certificate or a public key begins just before `at`.
fn is_public(text: &str, public: &[usize], at: usize) -> bool {
    public[..public.partition_point(|begin| *begin < at)]
        .last()
        .is_some_and(|begin| at - begin < LONGEST && !text[*begin..at].contains("-----END"))
}

/// Capital and small letters and digits: base64, and no digest in hexadecimal.
fn is_mixed(token: &str) -> bool {
    token.bytes().any(|b| b.is_ascii_uppercase())
        && token.bytes().any(|b| b.is_ascii_lowercase())
        && token.bytes().any(|b| b.is_ascii_digit())
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}
