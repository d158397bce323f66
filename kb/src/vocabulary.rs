//! The bilingual vocabulary: groups of terms that mean the same in Chinese, English and the Chinese
//! of Taiwan. Every term of a group stands for one concept, and a concept is a term of the index, so
//! that a question finds what another language says. Terms are also words: no dictionary knows where
//! `滚动更新` begins and ends.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::words::Key;

/// Groups, one a line: Chinese, English, Taiwan by tabs; terms by `|`.
pub(crate) const TABLE: &str = include_str!("../data/vocabulary.tsv");

/// The groups, ready to be looked up.
#[derive(Default)]
pub(crate) struct Vocabulary {
    names: Vec<String>,
    /// Chinese terms, by their first character; longest first.
    han: HashMap<char, Vec<Entry<String>>>,
    /// English terms, by their first stem; longest first.
    phrases: HashMap<String, Vec<Entry<Vec<String>>>>,
}

struct Entry<T> {
    term: T,
    /// The concepts it stands for; none for what is only a word.
    groups: Vec<usize>,
}

/// A term found in a text, and where: bytes of Chinese, stems of English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found<'v> {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) groups: &'v [usize],
}

impl Vocabulary {
    /// Reads the table; `key` says how a term is matched.
    pub(crate) fn read(key: impl Fn(&str) -> Key) -> Self {
        let mut vocabulary = Self::default();
        for line in TABLE
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        {
            let group = vocabulary.names.len();
            // No text can hold this sign, so a concept is never mistaken for a word.
            vocabulary.names.push(format!("@{group}"));
            for term in line.split(['\t', '|']).map(str::trim).filter(|it| !it.is_empty()) {
                vocabulary.insert(key(term), Some(group));
            }
        }
        vocabulary
    }

    /// Adds a Chinese word that is no concept.
    pub(crate) fn add_word(&mut self, word: &str) {
        self.insert(Key::Han(word.to_owned()), None);
    }

    fn insert(&mut self, key: Key, group: Option<usize>) {
        match key {
            Key::Han(term) => {
                if let Some(first) = term.chars().next() {
                    put(self.han.entry(first).or_default(), term, group, |it| it.len());
                }
            }
            Key::Phrase(term) => {
                if let Some(first) = term.first().cloned() {
                    put(self.phrases.entry(first).or_default(), term, group, |it| it.len());
                }
            }
        }
    }

    /// What a group's concept is called in the index.
    pub(crate) fn name(&self, group: usize) -> &str {
        &self.names[group]
    }

    /// Terms in a run of Chinese: at each place the longest, none inside another. A term
    /// of one character counts only where it `stands_alone`, or every 图 would be a diagram.
    pub(crate) fn han_terms(&self, run: &str, stands_alone: impl Fn(usize, usize) -> bool) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(first) = run[from..].chars().next() {
            let one = first.len_utf8();
            let entries = self.han.get(&first).map_or(&[][..], Vec::as_slice);
            let fits = |entry: &&Entry<String>| {
                let to = from + entry.term.len();
                run[from..].starts_with(entry.term.as_str())
                    && (entry.term.len() > one || stands_alone(from, to))
            };
            let longest = entries.iter().find(fits);
            let to = from + longest.map_or(one, |entry| entry.term.len());
            if let Some(entry) = longest {
                found.push(Found {
                    from,
                    to,
                    groups: &entry.groups,
                });
            }
            from = to;
        }
        found
    }

    /// Terms in a row of stems, in the same way.
    pub(crate) fn phrases(&self, stems: &[String]) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        let mut from = 0;
        while from < stems.len() {
            let entries = self.phrases.get(&stems[from]).map_or(&[][..], Vec::as_slice);
            let longest = entries
                .iter()
                .find(|entry| stems[from..].starts_with(&entry.term));
            let to = from + longest.map_or(1, |entry| entry.term.len());
            if let Some(entry) = longest {
                found.push(Found {
                    from,
                    to,
                    groups: &entry.groups,
                });
            }
            from = to;
        }
        found
    }
}

/// Keeps a list longest first, each term once.
fn put<T: PartialEq>(list: &mut Vec<Entry<T>>, term: T, group: Option<usize>, length: impl Fn(&T) -> usize) {
    if let Some(known) = list.iter_mut().find(|entry| entry.term == term) {
        known.groups.extend(group.filter(|it| !known.groups.contains(it)));
        return;
    }
    list.push(Entry {
        term,
        groups: group.into_iter().collect(),
    });
    list.sort_by_key(|entry| Reverse(length(&entry.term)));
}
