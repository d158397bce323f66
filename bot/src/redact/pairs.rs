//! `key=value`, `key: value`, JSON, maps as Go and Python print them, flags, XML, and sentences that tell a
//! password: whatever has a telling name on the left.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use super::keys::{self, Certainty, Key};
use super::value::{self, Value};
use super::{Span, base64, looks, pattern};

/// No name of a field is longer.
const NAME: usize = 64;

/// Parts of names that may hold a secret.
static HINT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i-u:pass|pwd|pswd|psw|psk|secret|token|key|credential|creds|cookie|session|sessid|[_.]sid\b|\bsid\b|auth",
        r"|jwt|otp|sig|\bpin\b|conn(?:ection)?[ _-]?str|bearer|docker(?:config|cfg)|bindpw|(?:\b|_)(?:pw|sk|ak)\b)"
    ))
});

/// How a name and its value are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    /// `name=value`, or `name = value` with spaces round it.
    Equals { spaced: bool },
    /// `name: value`, or `name:value` without a space.
    Colon { spaced: bool },
    /// `--name value`.
    Flag,
    /// `<name>value</name>`.
    Tag,
    /// `name is value`.
    Sentence,
    /// Several spaces, as in a table.
    Columns,
}

/// A name in a text, where its value begins, and how the two are joined.
struct Pair<'t> {
    name: usize,
    value: usize,
    joint: Joint,
    /// A quote before the name that is still open, with its backslashes: the value goes as far as that.
    around: Option<&'t str>,
}

/// Finds values whose name tells that they are secret.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut at = 0;
    while let Some(hint) = HINT.find_at(text, at) {
        let (start, end) = name_around(text, hint.start(), hint.end());
        at = end.max(hint.end());
        if let Some(span) = secret_of(text, start, end) {
            at = span.range.end.max(at);
            spans.push(span);
        }
    }
}

/// Whether the value of a field of this name is a secret.
pub(super) fn is_secret(key: Key, given: &str) -> bool {
    if looks::is_placeholder(given) || looks::is_path(given) {
        return false;
    }
    let is_count = given.len() <= 6 && given.bytes().all(|byte| byte.is_ascii_digit());
    match key.certainty {
        Certainty::Sure => key.kind == "password" || !is_count,
        Certainty::OrName => !is_count && !looks::is_object_name(given),
        Certainty::IfRandom => looks::is_random(given),
    }
}

fn secret_of(text: &str, start: usize, end: usize) -> Option<Span> {
    let name = &text[start..end];
    if name.eq_ignore_ascii_case("auth") || name.eq_ignore_ascii_case("_auth") {
        return registry_login(text, start, end);
    }
    let key = key_of(text, start, name)?;
    let Some(pair) = pair(text, start, end) else {
        return random_word_behind(text, end, key);
    };
    let given = value_of(text, &pair)?;
    if speaks_of_another(text, start, &pair) || (is_bare_pass(name, &pair) && !looks::is_random(given.text)) {
        return None;
    }
    if given.quoted {
        return is_secret_in(key, &pair, given.text).then(|| Span::new(given.start, given.end, key.kind));
    }
    let behind = &text[given.end..];
    if is_prose(text, &pair, given.text, behind) || !is_secret_in(key, &pair, given.text) {
        return None;
    }
    Some(Span::new(
        given.start,
        whole_end(text, &pair, &given, key),
        key.kind,
    ))
}

/// `checksum/secret: …` is a digest, `/etc/passwd: …` a file, and `arn:aws:secretsmanager:…:secret:name` a name.
fn speaks_of_another(text: &str, start: usize, pair: &Pair<'_>) -> bool {
    let before = &text[..start];
    let is_digest = ["checksum/", "digest/", "hash/"]
        .iter()
        .any(|word| before.ends_with(word));
    let is_test = before.ends_with("${")
        && text[..pair.value].ends_with(':')
        && text[pair.value..].starts_with(['?', '+']);
    let is_file = before.ends_with("etc/");
    is_digest || is_test || is_file || (before.ends_with(':') && pair.joint == Joint::Colon { spaced: false })
}

/// `PASS: TestLogin` is said by tests more often than a password is.
fn is_bare_pass(name: &str, pair: &Pair<'_>) -> bool {
    name.eq_ignore_ascii_case("pass") && matches!(pair.joint, Joint::Colon { .. } | Joint::Columns)
}

/// The name that has `start..end` in it, without signs at its ends.
fn name_around(text: &str, start: usize, end: usize) -> (usize, usize) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let bytes = text.as_bytes();
    let before = bytes[..start]
        .iter()
        .rev()
        .take(NAME)
        .take_while(|byte| is_part(byte))
        .count();
    let behind = bytes[end..]
        .iter()
        .take(NAME)
        .take_while(|byte| is_part(byte))
        .count();
    let (mut start, mut end) = (start - before, end + behind);
    while start < end && matches!(bytes[start], b'-' | b'.') {
        start += 1;
    }
    while start < end && matches!(bytes[end - 1], b'-' | b'.') {
        end -= 1;
    }
    (start, end)
}

/// What the name says; the word before it counts in `API Key` and `connection string`.
fn key_of(text: &str, start: usize, name: &str) -> Option<Key> {
    keys::look_up(name).or_else(|| {
        let (before, space) = text[..start].split_at(start.checked_sub(1)?.min(floor(text, start - 1)));
        let word = before
            .rsplit(|letter: char| !letter.is_ascii_alphanumeric())
            .next()?;
        let joins = space == " " && !word.is_empty() && word.len() < 20;
        joins.then(|| keys::look_up(&format!("{word}_{name}")))?
    })
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The joint behind a name, if there is one.
fn pair(text: &str, start: usize, end: usize) -> Option<Pair<'_>> {
    let before = &text[..start];
    let opened = value::quote_before(before);
    let rest = &text[end..];
    let closed = rest.trim_start_matches('\\').strip_prefix(['"', '\'', '`']);
    let after = closed.unwrap_or(rest);
    let after = after.strip_prefix([']', ')']).unwrap_or(after);
    let after = after.strip_prefix("**").unwrap_or(after);
    let spaces = after
        .bytes()
        .take(60)
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let sign = &after[spaces..];
    let (joint, behind) = joint(sign, spaces, is_tag(before))
        .or_else(|| is_flag(before).then(|| flag(after, closed.is_some())).flatten())
        .or_else(|| columns(&text[start..end], after, spaces))?;
    let behind = behind.trim_start_matches([' ', '\t']);
    let behind = behind.strip_prefix("**").unwrap_or(behind);
    let behind = behind.trim_start_matches([' ', '\t']);
    Some(Pair {
        name: start,
        value: text.len() - behind.len(),
        joint,
        around: opened.filter(|_| closed.is_none()),
    })
}

/// Whether dashes stand before a name, and before them nothing of a word.
fn is_flag(before: &str) -> bool {
    let bare = before.trim_end_matches('-');
    let opens = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '[' | '(' | '`' | '=');
    bare.len() < before.len() && bare.chars().next_back().is_none_or(opens)
}

/// Whether a name begins a tag, perhaps behind its namespace.
fn is_tag(before: &str) -> bool {
    let space = before
        .bytes()
        .rev()
        .take(20)
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let bare = before.strip_suffix(':').map_or(before, |it| {
        it.trim_end_matches(|c: char| c.is_ascii_alphanumeric())
    });
    bare.ends_with('<') && space == 0 && before.len() - bare.len() <= 20
}

/// Several spaces or a tab behind a name; one is enough where the name can only be that of a variable.
fn columns<'t>(name: &str, after: &'t str, spaces: usize) -> Option<(Joint, &'t str)> {
    let is_variable =
        name.contains('_') || (name.len() > 4 && name.bytes().all(|byte| byte.is_ascii_uppercase()));
    let is_told = value::opening_quote(&after[spaces..]).is_some();
    let is_joined = spaces >= 2 || after.starts_with('\t') || (spaces == 1 && (is_variable || is_told));
    if is_joined {
        return Some((Joint::Columns, &after[spaces..]));
    }
    after.strip_prefix("\\t").map(|behind| (Joint::Columns, behind))
}

/// The joint at the start of `sign`, and what stands behind it.
fn joint(sign: &str, spaces: usize, is_tag: bool) -> Option<(Joint, &str)> {
    if is_tag && let Some(behind) = tag_end(sign) {
        return Some((Joint::Tag, behind));
    }
    let equals = ["===", "==", "=>", ":=", "=", "＝", "%3D", "%3d"];
    if let Some(behind) = equals.iter().find_map(|it| sign.strip_prefix(it)) {
        let spaced = spaces > 0 && behind.starts_with(' ');
        return Some((Joint::Equals { spaced }, behind));
    }
    if let Some(behind) = sign.strip_prefix(':').or_else(|| sign.strip_prefix('：')) {
        let is_path = behind.starts_with(':') || behind.starts_with("//");
        let spaced = behind.starts_with([' ', '\t']) || sign.starts_with('：');
        return (!is_path).then_some((Joint::Colon { spaced }, behind));
    }
    let words = ["is: ", "is ", "was ", "are "];
    let behind = words
        .iter()
        .find_map(|word| sign.strip_prefix(word))
        .filter(|_| spaces > 0)?;
    Some((Joint::Sentence, behind))
}

/// What stands behind a tag, whose attributes may come first.
fn tag_end(sign: &str) -> Option<&str> {
    let end = sign
        .bytes()
        .take(200)
        .position(|byte| matches!(byte, b'>' | b'<' | b'\n'))?;
    let ends = end == 0 || sign[..end].contains('=');
    ends.then(|| sign[end..].strip_prefix('>')).flatten()
}

/// The value behind a flag: the next word, in a list perhaps the next line.
fn flag(after: &str, closed: bool) -> Option<(Joint, &str)> {
    let bare = after.strip_prefix(',').filter(|_| closed).unwrap_or(after);
    let behind = bare.trim_start_matches([' ', '\t']);
    let behind = match behind.strip_prefix("\\\n").or_else(|| behind.strip_prefix('\n')) {
        Some(next) => next.trim_start_matches([' ', '\t']).trim_start_matches("- "),
        None => behind,
    };
    let is_value = behind.len() < after.len() && !behind.starts_with(['-', '\n', '|', '&', ';', '>']);
    is_value.then_some((Joint::Flag, behind))
}

fn value_of<'t>(text: &'t str, pair: &Pair<'_>) -> Option<Value<'t>> {
    let found = value::at(text, pair.value);
    if pair.joint == Joint::Tag {
        let rest = &text[pair.value..];
        let end = pair.value
            + rest
                .find(['<', '\n'])
                .filter(|at| rest[*at..].starts_with("</"))?;
        return Some(Value {
            start: pair.value,
            end,
            text: &text[pair.value..end],
            quoted: true,
        });
    }
    match (pair.around, found) {
        (Some(open), Some(found)) if !found.quoted => {
            let end = value::closing_quote(&text[pair.value..], open).ok();
            Some(end.map_or(found, |end| Value {
                start: pair.value,
                end: pair.value + end,
                text: &text[pair.value..pair.value + end],
                quoted: true,
            }))
        }
        (_, found) => found,
    }
}

fn is_secret_in(key: Key, pair: &Pair<'_>, given: &str) -> bool {
    let has_digit = given.bytes().any(|byte| byte.is_ascii_digit());
    match pair.joint {
        Joint::Sentence => {
            is_secret(key, given) && has_digit && given.len() >= 4 && !looks::is_object_name(given)
        }
        Joint::Columns => is_secret(key, given) && looks::is_random(given),
        Joint::Colon { spaced: false } if given.starts_with('/') => false,
        _ => is_secret(key, given),
    }
}

/// Where a value without quotes ends: a password in a file of settings may have spaces in it.
fn whole_end(text: &str, pair: &Pair<'_>, given: &Value<'_>, key: Key) -> usize {
    let line = text[..pair.name].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line..pair.name];
    let begins_line = before.len() < 80
        && before
            .bytes()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'"' | b'\'' | b'>' | b'*'));
    let is_setting = matches!(
        pair.joint,
        Joint::Colon { spaced: true } | Joint::Equals { spaced: true }
    );
    let sure = key.certainty == Certainty::Sure && !text[pair.name..pair.value].contains(['"', '\'']);
    if begins_line && is_setting && sure {
        return value::to_line_end(text, given.start).end.max(given.end);
    }
    given.end
}

/// Whether what stands behind a name is the rest of a sentence: `token: context deadline exceeded`.
fn is_prose(text: &str, pair: &Pair<'_>, word: &str, behind: &str) -> bool {
    let bare = word.trim_end_matches([',', '.', ';', ':', '!', '?', '"', ')']);
    if behind.starts_with(" bytes") && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let is_word = bare
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'\'' | b'-'))
        && !bare.is_empty();
    let known = PROSE.contains(bare.to_ascii_lowercase().as_str());
    if !is_word || bare.len() > 20 {
        return false;
    }
    let goes_on = behind.starts_with(' ')
        && behind[1..]
            .starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '"' | '\'' | '<' | '(' | '`'));
    let line = text[..pair.name].rfind('\n').map_or(0, |at| at + 1);
    let begins_line = text[line..pair.name].trim().is_empty();
    match pair.joint {
        Joint::Equals { spaced: false } | Joint::Tag | Joint::Columns => false,
        Joint::Equals { spaced: true } | Joint::Colon { spaced: false } => known && goes_on,
        Joint::Flag => known,
        Joint::Colon { spaced: true } => {
            known || (goes_on && !begins_line && !bare[1..].bytes().any(|byte| byte.is_ascii_uppercase()))
        }
        Joint::Sentence => true,
    }
}

/// Words with which a sentence goes on behind a colon, where a value could stand.
static PROSE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("data/prose.txt").split_whitespace().collect());

/// `"auth": "dXNlcjpwYXNz"` of a registry: a user and a password in base64.
fn registry_login(text: &str, start: usize, end: usize) -> Option<Span> {
    let pair = pair(text, start, end)?;
    let given = value_of(text, &pair)?;
    let is_login = given.text.len() >= 8
        && base64::is_of_text(given.text)
        && base64::decode(given.text, 300).contains(&b':');
    is_login.then(|| Span::new(given.start, given.end, "credential"))
}

/// A name that is followed by words, one of which nobody would write by hand: `got token Xy9…`.
fn random_word_behind(text: &str, end: usize, key: Key) -> Option<Span> {
    let rest = &text[end..];
    if key.certainty == Certainty::IfRandom || !rest.starts_with([' ', '\t', '"', '\'', '\\', '`']) {
        return None;
    }
    let mut limit = rest.len().min(400);
    while !rest.is_char_boundary(limit) {
        limit -= 1;
    }
    let line = rest[..limit].split('\n').next()?;
    let parts = [' ', '\t', '=', '(', '"', '\'', '\\', '`'];
    for word in line.split(parts).filter(|word| !word.is_empty()).take(4) {
        let bare = word.trim_matches([',', ';', ')', '.', ':', '[', ']']);
        let count = |test: fn(&u8) -> bool| bare.bytes().filter(test).count();
        let mixed = count(u8::is_ascii_uppercase) >= 2
            && count(u8::is_ascii_lowercase) >= 2
            && count(u8::is_ascii_digit) >= 1;
        if bare.len() >= 20 && bare.len() < 380 && mixed && looks::is_random(bare) {
            let start = bare.as_ptr() as usize - text.as_ptr() as usize;
            return Some(Span::new(start, start + bare.len(), key.kind));
        }
    }
    None
}
