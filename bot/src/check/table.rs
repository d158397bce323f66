//! Tables that fit a phone: a line of a code block holds about forty columns there before it wraps.

use crate::redact::redact;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// How many columns a line of a code block may take; a Chinese character takes two.
pub const COLUMNS: usize = 40;
/// What stands between two cells.
const GAP: &str = "  ";
/// What stands for what is left out.
const ELLIPSIS: &str = "…";

/// Rows under a heading. The first cell of a row is what it is about.
#[derive(Clone, Debug, Default)]
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(head: &[&'static str]) -> Self {
        Self {
            head: head.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| one_line(&cell)).to_vec());
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The first `most` rows as a code block, no line wider than [`COLUMNS`]: side by side where they fit, else
    /// each row on lines of its own.
    pub fn block(&self, most: usize) -> String {
        let rows = &self.rows[..self.rows.len().min(most)];
        let lines = match self.aligned(rows) {
            lines if lines.iter().all(|line| line.width() <= COLUMNS) => lines,
            _ => rows.iter().flat_map(|row| stacked(row)).collect(),
        };
        code(&lines.join("\n"))
    }

    /// All rows side by side, however wide.
    pub fn text(&self) -> String {
        self.aligned(&self.rows).join("\n") + "\n"
    }

    fn aligned(&self, rows: &[Vec<String>]) -> Vec<String> {
        let head: Vec<String> = self.head.iter().map(|name| (*name).to_owned()).collect();
        let all: Vec<&Vec<String>> = std::iter::once(&head).chain(rows).collect();
        let width_of = |at: usize| all.iter().map(|row| row[at].width()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.head.len()).map(width_of).collect();
        all.iter().map(|row| line(row, &widths)).collect()
    }
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        line.push_str(&" ".repeat(width - cell.width() + GAP.len()));
    }
    line.trim_end().to_owned()
}

/// The first cell, and the others below it.
fn stacked(row: &[String]) -> Vec<String> {
    let (first, others) = row
        .split_first()
        .map_or((String::new(), &[][..]), |(first, others)| {
            (middle_cut(first, COLUMNS), others)
        });
    let mut lines = vec![first];
    let mut below = String::new();
    for cell in others.iter().filter(|cell| !cell.is_empty()) {
        let cell = middle_cut(cell, COLUMNS - GAP.len());
        if below.width() + GAP.len() + cell.width() > COLUMNS && !below.is_empty() {
            lines.push(std::mem::take(&mut below));
        }
        below.push_str(GAP);
        below.push_str(&cell);
    }
    if !below.is_empty() {
        lines.push(below);
    }
    lines
}

/// `text` within `most` columns: beginning and end of a name tell more than its middle.
pub fn middle_cut(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let tail_room = (most - 1) / 2;
    let tail: String = {
        let reversed: String = text.chars().rev().collect();
        take_columns(&reversed, tail_room).chars().rev().collect()
    };
    let head = take_columns(text, most - 1 - tail.width());
    format!("{head}{ELLIPSIS}{tail}")
}

fn take_columns(text: &str, most: usize) -> String {
    let mut width = 0;
    let fits = |character: &char| {
        width += character.width().unwrap_or(0);
        width <= most
    };
    text.chars().take_while(fits).collect()
}

/// Text as a code block, no line wider than [`COLUMNS`]: longer ones go on below, as far in as they began.
pub fn wrapped(text: &str) -> String {
    let lines: Vec<String> = text.lines().flat_map(wrap_line).collect();
    code(&lines.join("\n"))
}

/// Broken between words where that is possible.
fn wrap_line(line: &str) -> Vec<String> {
    let line = plain(line);
    let indent = line.len() - line.trim_start_matches(' ').len();
    let indent = " ".repeat(indent.min(COLUMNS / 4));
    let mut lines = vec![indent.clone()];
    for word in line.split_whitespace() {
        let room = lines
            .last()
            .map_or(0, |last| COLUMNS.saturating_sub(last.width()));
        let is_first = lines.last().is_some_and(|last| last.trim().is_empty());
        let needed = word.width() + usize::from(!is_first);
        if needed > room && !is_first {
            lines.push(indent.clone());
        }
        append(&mut lines, word, &indent);
    }
    lines
}

/// Adds a word to the last line; a word that is longer than a line is cut.
fn append(lines: &mut Vec<String>, word: &str, indent: &str) {
    if let Some(last) = lines.last_mut()
        && !last.trim().is_empty()
    {
        last.push(' ');
    }
    for character in word.chars() {
        let wide = character.width().unwrap_or(0);
        if lines.last().is_some_and(|last| last.width() + wide > COLUMNS) {
            lines.push(indent.to_owned());
        }
        if let Some(last) = lines.last_mut() {
            last.push(character);
        }
    }
}

/// A code block that nothing in `text` can end.
pub fn code(text: &str) -> String {
    format!("```text\n{}\n```", text.replace("```", "ˋˋˋ").trim_end())
}

/// Text of the cluster's on one line, without what a terminal or a reader could be misled by.
pub fn one_line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|it| if it.is_whitespace() { ' ' } else { it })
        .collect();
    plain(&spaced).trim().to_owned()
}

/// Text of the cluster's between our own words: on one line, without secrets, and no mark in it is Discord's.
pub fn prose(text: &str) -> String {
    let mut out = String::new();
    for character in one_line(&redact(text)).chars() {
        match character {
            '`' => out.push('ˋ'),
            '*' | '_' | '~' | '|' | '[' | '<' | '\\' => out.extend(['\\', character]),
            other => out.push(other),
        }
    }
    out
}

/// A line without control sequences and marks of writing direction; a tab becomes spaces.
pub fn plain(line: &str) -> String {
    let mut out = String::new();
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_sequence(&mut characters),
            '\t' => out.push_str("    "),
            other if crate::text::is_unseen(other) => {}
            other => out.push(other),
        }
    }
    out
}

/// Skips what follows an escape: the sequences that colour and move, and those that set titles.
fn skip_sequence(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match characters.peek() {
        Some('[') => {
            characters.next();
            let _ = characters.by_ref().find(|it| ('\u{40}'..='\u{7e}').contains(it));
        }
        Some(']') => {
            let _ = characters.by_ref().find(|it| matches!(it, '\u{7}' | '\\'));
        }
        _ => {
            characters.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    fn table(rows: &[[&str; 3]]) -> Table {
        let mut table = Table::new(&["NAME", "STATUS", "AGE"]);
        for row in rows {
            table.row(row.map(str::to_owned));
        }
        table
    }

    #[test]
    fn short_rows_stand_side_by_side_and_long_ones_below_each_other() {
        let short = table(&[["node-1", "Ready", "6h"], ["node-10", "NotReady", "5d"]]);
        expect![[r"
            ```text
            NAME     STATUS    AGE
            node-1   Ready     6h
            node-10  NotReady  5d
            ```"]]
        .assert_eq(&short.block(10));
        let long = table(&[[
            "ip-10-0-12-34.eu-central-1.compute.internal",
            "NotReady,SchedulingDisabled",
            "5d",
        ]]);
        expect![[r#"
            ```text
            ip-10-0-12-34.eu-cen…-1.compute.internal
              NotReady,SchedulingDisabled  5d
            ```"#]]
        .assert_eq(&long.block(10));
    }

    #[test]
    fn no_line_is_wider_than_a_phone() {
        let hostile = "长".repeat(50) + "```" + &"x".repeat(100);
        let block = table(&[[&hostile, &hostile, "\u{1b}[31mred\u{1b}[0m"]]).block(1) + &wrapped(&hostile);
        assert!(block.lines().all(|line| line.width() <= COLUMNS), "{block}");
        assert!(!block.contains('\u{1b}') && block.matches("```").count() == 4);
    }

    #[test]
    fn what_the_cluster_says_is_no_markdown() {
        assert_eq!(
            prose("**bold** [here](https://x.example) <@1> ```a\n```b ||c|| a_b"),
            r"\*\*bold\*\* \[here](https://x.example) \<@1> ˋˋˋa ˋˋˋb \|\|c\|\| a\_b"
        );
    }

    #[test]
    fn a_long_line_goes_on_between_words() {
        expect![[r"
            ```text
            ! Rebooted 20m
              Node node-3 has been rebooted, boot
              id: 4602b303
            ```"]]
        .assert_eq(&wrapped(
            "! Rebooted 20m\n  Node node-3 has been rebooted, boot id: 4602b303",
        ));
    }

    #[test]
    fn control_sequences_leave_no_trace() {
        assert_eq!(
            plain("\u{1b}[1;31mred\u{1b}[0m\tx\u{202e}y\u{1b}]0;title\u{7}z"),
            "red    xyz"
        );
    }
}
