//! Redaction of text that comes line by line, as `firstmate redact` reads it.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::{Redacted, manifest, pem, redacted_from, tables};

/// So much is held back at most; then it goes on, as if the text ended there.
const HELD: usize = 256 * 1024;
/// So many lines that are past are remembered, by their beginnings: the kind of an object may stand there.
const PAST: usize = 100;
/// So much of each.
const BEGINNING: usize = 120;

/// Takes secrets out of a stream of lines. A line is held back while a secret that it belongs to may go on:
/// within a private key, the data of a Secret, a table with a column of secrets, or between a name and its value on the
/// next line.
#[derive(Debug, Default)]
pub struct Filter {
    /// What is held back, behind as much of the past as it takes to know what it is.
    held: String,
    /// Where in that the past ends.
    past_end: usize,
    past: VecDeque<String>,
}

impl Filter {
    /// Takes one line, with its end, and gives what can be said already.
    pub fn push(&mut self, line: &str) -> Redacted<'static> {
        if self.held.is_empty() && manifest::begins_data(line) {
            self.held = self.past.iter().map(String::as_str).collect();
            self.past_end = self.held.len();
        }
        self.held.push_str(line);
        let fits = self.held.len() < HELD;
        let is_open =
            || pem::is_open(&self.held) || manifest::is_open(&self.held) || tables::is_open(&self.held);
        if fits && is_open() {
            return Redacted {
                text: Cow::Borrowed(""),
                count: 0,
            };
        }
        self.finish()
    }

    /// Gives what is held back; the stream is over.
    pub fn finish(&mut self) -> Redacted<'static> {
        let held = std::mem::take(&mut self.held);
        let past_end = std::mem::take(&mut self.past_end);
        for line in held[past_end..].split_inclusive('\n') {
            self.remember(line);
        }
        redacted_from(Cow::Owned(held), past_end)
    }

    fn remember(&mut self, line: &str) {
        let mut end = line.trim_end().len().min(BEGINNING);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        if self.past.len() == PAST {
            self.past.pop_front();
        }
        self.past.push_back(format!("{}\n", &line[..end]));
    }
}
