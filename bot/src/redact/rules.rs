//! Secrets known by their shape, and commands that carry one: the patterns in `data/`.

use std::sync::{LazyLock, OnceLock};

use regex::{Regex, RegexSet};

use super::{Span, looks, pattern};

/// What stands in one line of a table.
struct Rule {
    kind: &'static str,
    source: String,
    /// Compiled when one of its words was seen for the first time: most never are.
    pattern: OnceLock<Regex>,
    /// Whether a placeholder in its place is left alone.
    spares_placeholders: bool,
}

/// All rules, and the words that say which of them a text needs.
struct Rules {
    list: Vec<Rule>,
    words: RegexSet,
    /// For each word, the rule it belongs to.
    owners: Vec<usize>,
}

static RULES: LazyLock<Rules> = LazyLock::new(load);

/// Tables by whether their secrets are known by shape alone.
const TABLES: [(&str, bool); 4] = [
    (include_str!("data/shapes.tsv"), true),
    (include_str!("data/gitleaks.tsv"), true),
    (include_str!("data/commands.tsv"), false),
    (include_str!("data/chinese.tsv"), false),
];

/// What the tables write as `{VALUE}`: a word of a command line, in quotes or without.
const VALUE: &str = r#"(?P<s>"[^"\n]+"|'[^'\n]+'|\\+"[^"\n]+|[^\s"'\\-][^\s"'\\]*)"#;

/// Finds what the tables know.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut needed: Vec<usize> = RULES
        .words
        .matches(text)
        .into_iter()
        .map(|word| RULES.owners[word])
        .collect();
    needed.sort_unstable();
    needed.dedup();
    for rule in needed {
        RULES.list[rule].find(text, spans);
    }
}

impl Rule {
    fn find(&self, text: &str, spans: &mut Vec<Span>) {
        let pattern = self.pattern.get_or_init(|| pattern(&self.source));
        if pattern.capture_names().flatten().next().is_none() {
            for found in pattern.find_iter(text) {
                spans.push(Span::new(
                    found.start(),
                    rest_of_token(text, found.end()),
                    self.kind,
                ));
            }
            return;
        }
        for captures in pattern.captures_iter(text) {
            let Some(secret) = captures.name("s") else {
                continue;
            };
            if self.kind == BOOTSTRAP && !is_bootstrap_token(secret.as_str()) {
                continue;
            }
            if !self.spares_placeholders {
                spans.push(Span::new(
                    secret.start(),
                    rest_of_token(text, secret.end()),
                    self.kind,
                ));
            } else if !looks::is_placeholder(secret.as_str()) {
                spans.push(Span::new(secret.start(), secret.end(), self.kind));
            }
        }
    }
}

/// The kind of `abcdef.0123456789abcdef`.
const BOOTSTRAP: &str = "bootstrap-token";

/// An Event is named so too: after an object of six letters, with the time in hexadecimal behind the dot. A
/// token has other letters there, but for one in half a million.
fn is_bootstrap_token(name: &str) -> bool {
    let secret = name.split_once('.').map_or("", |(_, secret)| secret);
    let has_digit = secret.bytes().any(|byte| byte.is_ascii_digit());
    secret.len() == 16 && has_digit && secret.bytes().any(|byte| matches!(byte, b'g'..=b'z'))
}

/// A token that is longer than its shape is taken out whole.
fn rest_of_token(text: &str, end: usize) -> usize {
    let more = text.as_bytes()[end..]
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'='));
    end + more.count()
}

fn load() -> Rules {
    let (mut list, mut words, mut owners) = (Vec::new(), Vec::new(), Vec::new());
    for (table, is_shape) in TABLES {
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let mut columns = line.split('\t');
            let (Some(kind), Some(keys), Some(source)) = (columns.next(), columns.next(), columns.next())
            else {
                continue;
            };
            let source = source.replace("{VALUE}", VALUE);
            for word in keys.split(',') {
                words.push(word_pattern(word));
                owners.push(list.len());
            }
            list.push(Rule {
                kind,
                source,
                pattern: OnceLock::new(),
                spares_placeholders: !is_shape,
            });
        }
    }
    Rules {
        words: RegexSet::new(words).expect("words of ours"),
        list,
        owners,
    }
}

/// Words in Chinese have no case, and the flag for plain bytes would not take them.
fn word_pattern(word: &str) -> String {
    let word_as_is = regex::escape(word);
    if word.is_ascii() {
        format!("(?i-u:{word_as_is})")
    } else {
        word_as_is
    }
}

/// Every rule compiles, every kind is a word, and no line of a table was passed over.
#[cfg(test)]
pub(super) fn check() -> usize {
    for rule in &RULES.list {
        rule.pattern.get_or_init(|| pattern(&rule.source));
        assert!(
            rule.kind.len() < 60 && rule.kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
            "{}",
            rule.kind
        );
    }
    let lines: usize = TABLES
        .iter()
        .map(|(table, _)| table.lines().filter(|line| !line.starts_with('#')).count())
        .sum();
    assert_eq!(lines, RULES.list.len());
    lines
}
