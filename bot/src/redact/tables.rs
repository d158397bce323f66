//! Columns of Markdown tables whose head names a secret.

use super::keys::{self, Key};
use super::{Span, pairs};

/// Chinese heads, one a line.
const CHINESE: &str = include_str!("data/heads.txt");

/// Finds cells below such a head. A cell of several words, or without a figure, speaks of secrets and is none.
pub(super) fn find(text: &str, spans: &mut Vec<Span>) {
    let mut columns: Option<Vec<Option<Key>>> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        match (cells(line), &columns) {
            (None, _) if is_rule(line) => {}
            (None, _) => columns = None,
            (Some(cells), None) => columns = Some(cells.iter().map(|(_, head)| key_of(head)).collect()),
            (Some(cells), Some(keys)) => {
                for ((start, cell), key) in cells.into_iter().zip(keys) {
                    let Some(key) = key else { continue };
                    let is_word =
                        !cell.contains(char::is_whitespace) && cell.bytes().any(|it| it.is_ascii_digit());
                    if is_word && pairs::is_secret(*key, cell) {
                        spans.push(Span::new(at + start, at + start + cell.len(), key.kind));
                    }
                }
            }
        }
        at += line.len();
    }
}

/// Whether the text ends within a table that has such a column.
pub(super) fn is_open(text: &str) -> bool {
    let lines = text.lines().rev().filter(|line| !is_rule(line));
    let head = lines.map_while(cells).last();
    head.is_some_and(|head| head.iter().any(|(_, head)| key_of(head).is_some()))
}

fn key_of(head: &str) -> Option<Key> {
    let head = head.trim_matches(['*', ':', '：']);
    let english = if CHINESE.lines().any(|it| head.ends_with(it)) {
        "password"
    } else {
        head
    };
    keys::look_up(english)
}

/// The line above and below the head, as mysql prints it.
fn is_rule(line: &str) -> bool {
    line.trim().len() > 2 && line.trim().bytes().all(|it| b"+-".contains(&it))
}

/// The cells of a row, each with where it begins, without what frames it.
fn cells(line: &str) -> Option<Vec<(usize, &str)>> {
    let begin = line.len() - line.trim_start().len();
    line[begin..].strip_prefix('|')?;
    let mut at = begin + 1;
    let mut cells = Vec::new();
    // A mark behind a backslash is part of its cell.
    let mut before = ' ';
    let parts = line[at..].split(|it: char| {
        let is_end = it == '|' && before != '\\';
        before = it;
        is_end
    });
    for cell in parts {
        let inner = cell.trim_start_matches([' ', '\t', '`']);
        let start = at + cell.len() - inner.len();
        cells.push((start, inner.trim_end_matches([' ', '\t', '`', '\r', '\n'])));
        at += cell.len() + 1;
    }
    Some(cells)
}
