//! The bilingual vocabulary: groups of terms that mean the same in Chinese, English and the Chinese
//! of Taiwan. Every term of a group stands for one concept, and a concept is a term of the index, so
//! that a question finds what another language says.

use std::collections::HashMap;

use crate::words::Key;

/// Groups, one a line: Chinese, English, Taiwan by tabs; terms by `|`.
pub(crate) const TABLE: &str = include_str!("../data/vocabulary.tsv");

/// The groups, ready to be looked up.
#[derive(Default)]
pub(crate) struct Vocabulary {
    names: Vec<String>,
    /// Chinese terms, by their first character; longest first.
    han: HashMap<char, Vec<(String, usize)>>,
    /// English terms, by their first stem; longest first.
    phrases: HashMap<String, Vec<(Vec<String>, usize)>>,
}

/// A concept found in a text, and where: bytes of Chinese, stems of English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found<'v> {
    pub(crate) name: &'v str,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

impl Vocabulary {
    /// Reads the table; `key` says how a term is matched.
    pub(crate) fn load(&mut self, key: impl Fn(&str) -> Key) {
        for line in TABLE
            .lines()
            .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        {
            let group = self.names.len();
            // No text can hold this sign, so a concept is never mistaken for a word.
            self.names.push(format!("@{group}"));
            for term in line.split(['\t', '|']).map(str::trim).filter(|it| !it.is_empty()) {
                self.insert(key(term), group);
            }
        }
        self.han
            .values_mut()
            .for_each(|terms| terms.sort_by_key(|(text, _)| std::cmp::Reverse(text.len())));
        self.phrases
            .values_mut()
            .for_each(|terms| terms.sort_by_key(|(stems, _)| std::cmp::Reverse(stems.len())));
    }

    fn insert(&mut self, key: Key, group: usize) {
        match key {
            Key::Han(text) => {
                if let Some(first) = text.chars().next() {
                    self.han.entry(first).or_default().push((text, group));
                }
            }
            Key::Phrase(stems) => {
                if let Some(first) = stems.first().cloned() {
                    self.phrases.entry(first).or_default().push((stems, group));
                }
            }
        }
    }

    /// Concepts in a run of Chinese: at each place the longest term, none inside another.
    pub(crate) fn han_concepts(&self, run: &str) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(first) = run[from..].chars().next() {
            let terms = self.han.get(&first).map_or(&[][..], Vec::as_slice);
            let mut taken = first.len_utf8();
            let longest = terms
                .iter()
                .find(|(text, _)| run[from..].starts_with(text.as_str()));
            if let Some((text, _)) = longest {
                taken = text.len();
                // One term may stand in two groups.
                for (_, group) in terms.iter().filter(|(other, _)| other == text) {
                    found.push(Found {
                        name: &self.names[*group],
                        from,
                        to: from + taken,
                    });
                }
            }
            from += taken;
        }
        found
    }

    /// Concepts in a row of stems, in the same way.
    pub(crate) fn phrase_concepts(&self, stems: &[String]) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        let mut from = 0;
        while from < stems.len() {
            let terms = self.phrases.get(&stems[from]).map_or(&[][..], Vec::as_slice);
            let mut taken = 1;
            if let Some((phrase, _)) = terms.iter().find(|(phrase, _)| stems[from..].starts_with(phrase)) {
                taken = phrase.len();
                for (_, group) in terms.iter().filter(|(other, _)| other == phrase) {
                    found.push(Found {
                        name: &self.names[*group],
                        from,
                        to: from + taken,
                    });
                }
            }
            from += taken;
        }
        found
    }
}
