//! Takes secrets out of free text before it is shown, logged or stored.
//!
//! **Call `redact` on the whole text, before it is cut, split, wrapped or put into code blocks.** A secret is
//! known by what stands around it: a half that comes later, without its key or its first line, is a string
//! like any other. For text that comes in lines there is [`stream::Filter`], which holds back what may go on.
//!
//! Structure first: private keys (`pem`), Secrets and environments in manifests (`manifest`), headers,
//! `key=value` and flags (`pairs`), addresses with a password (`urls`), then tokens known by their shape
//! and commands that carry a password (`rules`, whose data stands in `data/`). Randomness alone is never
//! reason enough: digests, uids and the names of Pods look random too. Where a key only hints at a secret,
//! the value has to look like one (`looks::is_random`).
//!
//! What is taken out leaves `[redacted:kind]`; the key before it stays. Kinds are the same in every language.

mod base64;
mod headers;
mod keys;
mod looks;
mod manifest;
mod pairs;
mod pem;
mod rules;
pub mod stream;
mod tables;
#[cfg(test)]
mod tests;
mod urls;
mod value;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// How often a text is gone over. What is taken out may bring to light what it hid, a second key in one value
/// for example; nothing known needs more than two rounds.
const ROUNDS: usize = 4;

/// What a secret is replaced by.
static MARKER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\[redacted:[a-z0-9-]{1,60}\]"));

/// A text without its secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted<'t> {
    /// The text; borrowed if nothing was in it.
    pub text: Cow<'t, str>,
    /// How many secrets were taken out, for the metrics.
    pub count: usize,
}

/// A secret in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    range: Range<usize>,
    kind: &'static str,
}

impl Span {
    const fn new(start: usize, end: usize, kind: &'static str) -> Self {
        Self {
            range: start..end,
            kind,
        }
    }
}

/// The text without its secrets. See the module for when to call it.
pub fn redact(text: &str) -> Cow<'_, str> {
    redacted(text).text
}

/// The text without its secrets, and how many they were.
pub fn redacted(text: &str) -> Redacted<'_> {
    redacted_from(Cow::Borrowed(text), 0)
}

/// The part of `text` from `from` on without its secrets; what stands before only helps to know them.
fn redacted_from(mut text: Cow<'_, str>, from: usize) -> Redacted<'_> {
    let mut count = 0;
    for _ in 0..ROUNDS {
        let mut spans = find(&text);
        spans.retain(|span| span.range.end > from);
        if spans.is_empty() {
            break;
        }
        for span in &mut spans {
            span.range.start = span.range.start.max(from);
        }
        count += spans.len();
        text = Cow::Owned(replace(&text, &spans));
    }
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[from..]),
        Cow::Owned(text) => Cow::Owned(text[from..].to_owned()),
    };
    Redacted { text, count }
}

/// Every secret, in order, none overlapping another.
fn find(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    // The order decides which kind is named where two find the same.
    pem::find(text, &mut spans);
    rules::find(text, &mut spans);
    manifest::find(text, &mut spans);
    headers::find(text, &mut spans);
    urls::find(text, &mut spans);
    pairs::find(text, &mut spans);
    tables::find(text, &mut spans);
    keep_markers(text, merge(spans))
}

/// Joins what overlaps; the kind is that of the one that begins first.
fn merge(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|span| !span.range.is_empty());
    spans.sort_by_key(|span| span.range.start);
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.range.start < last.range.end => {
                last.range.end = last.range.end.max(span.range.end);
            }
            _ => merged.push(span),
        }
    }
    merged
}

/// Markers are no secrets, and none is cut in two.
fn keep_markers(text: &str, spans: Vec<Span>) -> Vec<Span> {
    if spans.is_empty() || !text.contains("[redacted:") {
        return spans;
    }
    let markers: Vec<Range<usize>> = MARKER.find_iter(text).map(|found| found.range()).collect();
    let mut kept = Vec::new();
    for mut span in spans {
        let first = markers.partition_point(|marker| marker.end <= span.range.start);
        let mut hidden = 0;
        for marker in &markers[first..] {
            if marker.start >= span.range.end {
                break;
            }
            hidden += marker.len();
            span.range = span.range.start.min(marker.start)..span.range.end.max(marker.end);
        }
        if hidden < span.range.len() {
            kept.push(span);
        }
    }
    merge(kept)
}

fn replace(text: &str, spans: &[Span]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for span in spans {
        out.push_str(&text[at..span.range.start]);
        out.push_str("[redacted:");
        out.push_str(span.kind);
        out.push(']');
        at = span.range.end;
    }
    out.push_str(&text[at..]);
    out
}

/// A pattern that stands in the source or beside it, so that a fault in it is one of ours.
fn pattern(source: &str) -> Regex {
    regex::RegexBuilder::new(&plain_classes(source))
        .multi_line(true)
        .build()
        .expect("a pattern of ours")
}

/// The pattern with `\w`, `\d` and `\b` meaning Latin letters and digits alone: tokens are made of nothing else,
/// a token right behind a Chinese word begins a word, and the automaton stays small and fast.
fn plain_classes(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 64);
    let mut letters = source.chars();
    let mut in_class = false;
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            in_class = match letter {
                '[' => true,
                ']' => false,
                _ => in_class,
            };
            out.push(letter);
            continue;
        }
        match (letters.next(), in_class) {
            (Some('w'), true) => out.push_str("0-9A-Za-z_"),
            (Some('w'), false) => out.push_str("[0-9A-Za-z_]"),
            (Some('d'), true) => out.push_str("0-9"),
            (Some('d'), false) => out.push_str("[0-9]"),
            (Some('b'), _) => out.push_str(r"(?-u:\b)"),
            (Some(other), _) => out.extend(['\\', other]),
            (None, _) => out.push('\\'),
        }
    }
    out
}
