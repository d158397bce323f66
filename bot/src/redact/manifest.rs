//! Objects of Kubernetes in a text, as YAML or JSON, whole or cut off: the data of Secrets, environments
//! that name a variable on one line and its value on the next, and blocks of text below a telling key.

use std::sync::LazyLock;

use regex::Regex;

use super::keys::{self, Certainty};
use super::{Span, base64, looks, pairs, pattern, value};

/// How far from its data the kind of an object is looked for, in lines.
const NEAR: usize = 100;

static DATA_LINE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"^([ \t]*(?:- )*)["']?(data|stringData|binaryData)["']?:[ \t]*\r?$"#));
static DATA_OBJECT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(\\*)"(data|stringData)\\*"\s{0,20}:\s{0,20}\{"#));
static KIND: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"\\*"kind\\*"\s{0,20}:\s{0,20}\\*"([A-Za-z]{1,64})\\*""#));
static NAME_VALUE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i-u:\b(?:name|key)\\*["']?[ \t]{0,8}[:=][ \t]{0,8}\\*["']?([A-Za-z0-9_.-]{1,100})\\*["']?\s{0,4}[,;]?(?:\s|\\n){0,120}\\*["']?value\\*["']?[ \t]{0,8}[:=][ \t]{0,8})"#,
    )
});
static VALUE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"\\*"(?i-u:value)\\*"\s{0,4}:\s{0,4}\\*"([^"\\\n]{1,2000})\\*"\s{0,40},\s{0,120}\\*"(?i-u:name|key)\\*"\s{0,4}:\s{0,4}\\*"([A-Za-z0-9_.-]{1,100})\\*""#,
    )
});
static TAGGED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"(?i:\b(?:name|key|id)=\\*["']([A-Za-z0-9_.-]{1,100})\\*["'][^<>\n]{0,100}>([^<>\n]{1,500})</)"#,
    )
});
static BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"^([ \t]*(?:- )*)["']?([A-Za-z0-9_.-]{1,100})["']?:[ \t]*[|>][+-]?[0-9]?[+-]?[ \t]*\r?$"#)
});

/// Finds the secrets of manifests.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    if text.contains("ata") {
        yaml_data(text, spans);
        json_data(text, spans);
    }
    named_values(text, spans);
    blocks(text, spans);
}

/// A line, its indent as YAML counts it, and where its text begins.
#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    text: &'t str,
    indent: usize,
    /// The list item that begins on this line stands that far left of its text.
    item: bool,
}

impl<'t> Line<'t> {
    fn all(text: &'t str) -> Vec<Self> {
        let mut start = 0;
        let mut lines = Vec::new();
        for full in text.split_inclusive('\n') {
            let line = full.trim_end_matches(['\n', '\r']);
            let bare = line.trim_start_matches([' ', '\t']);
            let bare_item = bare.trim_start_matches("- ").trim_start();
            lines.push(Self {
                start,
                text: line,
                indent: line.len() - bare_item.len(),
                item: bare.starts_with("- "),
            });
            start += full.len();
        }
        lines
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn content(&self) -> &'t str {
        &self.text[self.indent.min(self.text.len())..]
    }

    /// Where the dash of its item stands, or its text.
    fn left(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }
}

fn yaml_data(text: &str, spans: &mut Vec<Span>) {
    if !DATA_LINE.is_match(text) {
        return;
    }
    let lines = Line::all(text);
    let has_kinds = lines.iter().any(|line| line.content().starts_with("kind:"));
    for (at, line) in lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.text.contains("ata"))
    {
        let Some(captures) = DATA_LINE.captures(line.text) else {
            continue;
        };
        let end = block_end(&lines, at);
        let body = &lines[at + 1..end];
        let kind = match &captures[2] {
            "stringData" => Some("Secret"),
            _ if has_kinds => yaml_kind(&lines, at, end),
            _ => None,
        };
        if kind.map_or_else(|| is_all_base64(body), |kind| kind == "Secret") {
            yaml_entries(text, body, spans);
        }
    }
}

/// The first line behind the block below line `at`.
fn block_end(lines: &[Line<'_>], at: usize) -> usize {
    let indent = lines[at].indent;
    let inside = lines[at + 1..]
        .iter()
        .take_while(|line| line.is_blank() || line.left() > indent)
        .count();
    at + 1 + inside
}

/// The kind of the object whose data begins at line `at` and ends before `end`.
fn yaml_kind<'t>(lines: &[Line<'t>], at: usize, end: usize) -> Option<&'t str> {
    let column = lines[at].indent;
    let kind_of = |line: &Line<'t>| {
        let given = line.content().strip_prefix("kind:")?.trim();
        (line.indent == column).then(|| given.trim_matches(['"', '\'']))
    };
    let leaves = |line: &Line<'t>| !line.is_blank() && (line.indent < column || line.text.starts_with("---"));
    for line in lines[end..].iter().take(NEAR) {
        if leaves(line) || line.item && line.indent <= column {
            break;
        }
        if let Some(kind) = kind_of(line) {
            return Some(kind);
        }
    }
    if lines[at].item {
        return None;
    }
    for line in lines[..at].iter().rev().take(NEAR) {
        if let Some(kind) = kind_of(line) {
            return Some(kind);
        }
        if leaves(line) || line.item && line.indent == column {
            break;
        }
    }
    None
}

fn is_all_base64(body: &[Line<'_>]) -> bool {
    let mut values = body
        .iter()
        .filter_map(|line| line.content().split_once(": "))
        .map(|(_, value)| value.trim())
        .peekable();
    values.peek().is_some() && values.all(base64::is_of_text)
}

fn yaml_entries(text: &str, body: &[Line<'_>], spans: &mut Vec<Span>) {
    let Some(column) = body.iter().find(|line| !line.is_blank()).map(|line| line.indent) else {
        return;
    };
    for (at, line) in body.iter().enumerate() {
        if line.is_blank() || line.indent > column {
            continue;
        }
        let Some((_, given)) = line.content().split_once(':') else {
            continue;
        };
        let from = line.start + line.text.len() - given.trim_start().len();
        if given.trim_start().starts_with(['|', '>']) || given.trim().is_empty() {
            let deeper = body[at + 1..]
                .iter()
                .take_while(|it| it.is_blank() || it.indent > column);
            push_lines(deeper, spans, "secret");
            continue;
        }
        let Some(found) = value::at(text, from) else {
            continue;
        };
        let to = if found.quoted {
            found.end
        } else {
            from + given.trim().len()
        };
        if !looks::is_placeholder(&text[found.start..to]) {
            spans.push(Span::new(found.start, to, "secret"));
        }
    }
}

/// One span from the first to the last of some lines.
fn push_lines<'l, 't: 'l>(
    lines: impl Iterator<Item = &'l Line<'t>>,
    spans: &mut Vec<Span>,
    kind: &'static str,
) {
    let mut found: Option<(usize, usize)> = None;
    for line in lines.filter(|line| !line.is_blank()) {
        let start = line.start + line.left();
        let end = line.start + line.text.trim_end().len();
        found = Some((found.map_or(start, |found| found.0), end));
    }
    if let Some((start, end)) = found {
        spans.push(Span::new(start, end, kind));
    }
}

fn json_data(text: &str, spans: &mut Vec<Span>) {
    let kinds: Vec<(usize, &str)> = KIND
        .captures_iter(text)
        .filter_map(|captures| captures.get(1))
        .map(|kind| (kind.start(), kind.as_str()))
        .collect();
    for captures in DATA_OBJECT.captures_iter(text) {
        let (Some(whole), Some(name)) = (captures.get(0), captures.get(2)) else {
            continue;
        };
        let values = json_values(text, whole.end());
        let end = values.last().map_or(whole.end(), |value| value.1);
        let is_secret = name.as_str() == "stringData" || near_secret(&kinds, whole.start(), end);
        for (start, end) in values {
            let given = &text[start..end];
            let counts = is_secret || (kinds.is_empty() && base64::is_of_text(given));
            if counts && !looks::is_placeholder(given) {
                spans.push(Span::new(start, end, "secret"));
            }
        }
    }
}

/// Whether the kind that stands next before or behind is a Secret: they are fields of one object.
fn near_secret(kinds: &[(usize, &str)], start: usize, end: usize) -> bool {
    let before = kinds[..kinds.partition_point(|kind| kind.0 < start)].last();
    let behind = kinds[kinds.partition_point(|kind| kind.0 < end)..].first();
    [before, behind]
        .into_iter()
        .flatten()
        .any(|kind| kind.1 == "Secret")
}

/// Where the texts stand that are the values of the object that opened before `from`.
fn json_values(text: &str, from: usize) -> Vec<(usize, usize)> {
    let mut values = Vec::new();
    let mut rest = text[from..].trim_start();
    loop {
        // A manifest within a text has its quotes escaped, and its ends of lines.
        while let Some(bare) = rest.strip_prefix("\\n") {
            rest = bare.trim_start();
        }
        let Some((open, body)) = value::opening_quote(rest) else {
            return values;
        };
        let Ok(key) = value::closing_quote(body, open) else {
            return values;
        };
        let Some(given) = body[key + open.len()..].trim_start().strip_prefix(':') else {
            return values;
        };
        let Some((open, body)) = value::opening_quote(given.trim_start()) else {
            return values;
        };
        let start = text.len() - body.len();
        let end = value::quoted_end(body, open);
        values.push((start, start + end));
        rest = body.get(end + open.len()..).unwrap_or_default().trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return values,
        }
    }
}

fn named_values(text: &str, spans: &mut Vec<Span>) {
    for captures in NAME_VALUE.captures_iter(text) {
        let (Some(whole), Some(name)) = (captures.get(0), captures.get(1)) else {
            continue;
        };
        let (Some(key), Some(found)) = (keys::look_up(name.as_str()), value::at(text, whole.end())) else {
            continue;
        };
        if pairs::is_secret(key, found.text) {
            let line = value::to_line_end(text, found.start);
            let is_yaml = text[name.end()..whole.end()].contains('\n');
            let end = if !found.quoted && is_yaml {
                line.end.max(found.end)
            } else {
                found.end
            };
            spans.push(Span::new(found.start, end, key.kind));
        }
    }
    let reversed = VALUE_NAME.captures_iter(text).map(|it| (it.get(1), it.get(2)));
    let tagged = TAGGED.captures_iter(text).map(|it| (it.get(2), it.get(1)));
    for pair in reversed.chain(tagged) {
        let (Some(given), Some(name)) = pair else { continue };
        if let Some(key) = keys::look_up(name.as_str())
            && pairs::is_secret(key, given.as_str())
        {
            spans.push(Span::new(given.start(), given.end(), key.kind));
        }
    }
}

/// `password: |` and what stands below it.
fn blocks(text: &str, spans: &mut Vec<Span>) {
    if !BLOCK.is_match(text) {
        return;
    }
    let lines = Line::all(text);
    for (at, line) in lines.iter().enumerate() {
        let Some(captures) = BLOCK.captures(line.text) else {
            continue;
        };
        let is_sure = keys::look_up(&captures[2]).filter(|key| key.certainty != Certainty::IfRandom);
        if let Some(key) = is_sure {
            push_lines(lines[at + 1..block_end(&lines, at)].iter(), spans, key.kind);
        }
    }
}

/// Whether the data of an object begins on this line, whose kind may stand on an earlier one.
pub(super) fn begins_data(line: &str) -> bool {
    line.contains("ata") && (DATA_LINE.is_match(line) || DATA_OBJECT.is_match(line))
}

/// Whether what may belong to a manifest's secret can still follow: the text ends within the data of an
/// object whose kind is not known yet, within a block, or between a name and its value.
pub(super) fn is_open(text: &str) -> bool {
    let lines = Line::all(text);
    let open = lines.iter().enumerate().rev().take(NEAR).any(|(at, line)| {
        let is_data = DATA_LINE.captures(line.text).is_some_and(|captures| {
            let end = block_end(&lines, at);
            let rest_is_object = lines[end..].iter().all(|line| {
                line.is_blank()
                    || (line.indent >= lines[at].indent && !line.item && !line.text.starts_with("---"))
            });
            let knows = &captures[2] == "stringData" || yaml_kind(&lines, at, end).is_some();
            end == lines.len() || (!knows && rest_is_object)
        });
        let is_block = BLOCK.is_match(line.text) && block_end(&lines, at) == lines.len();
        is_data || is_block
    });
    open || ends_in_json_data(text) || lines.last().is_some_and(ends_in_name)
}

fn ends_in_json_data(text: &str) -> bool {
    let Some(begin) = DATA_OBJECT.find_iter(text).last() else {
        return false;
    };
    let rest = &text[begin.end()..];
    // Printed on several lines, kind stands on another; on one line both are there already.
    let knows = KIND.is_match(&text[..begin.start()]) && rest.contains('}');
    !knows
        && rest.contains('\n')
        && !KIND.is_match(rest)
        && rest.matches('\n').count() < NEAR
        && rest.matches('}').count() < 3
}

/// A line that names a secret whose value stands on the next one: `- name: DB_PASSWORD`, `- --password`.
fn ends_in_name(line: &Line<'_>) -> bool {
    let content = line
        .content()
        .trim_end()
        .trim_end_matches([',', '\\', '"', '\'', ' ']);
    let name = content
        .rsplit([' ', ':', '"', '\'', '='])
        .next()
        .unwrap_or_default()
        .trim_start_matches('-');
    keys::look_up(name).is_some()
}
