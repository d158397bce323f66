//! The bilingual vocabulary: groups of terms that mean the same in Chinese, English and the Chinese
//! of Taiwan. Every term of a group stands for one concept, and a concept is a term of the index, so
//! that a question finds what another language says. Terms are also words: no dictionary knows where
//! `滚动更新` begins and ends.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use foldhash::HashMap;

use crate::sounds;
use crate::source::{self, Mark};
use crate::words::{Key, is_han};
use crate::{Fault, FaultKind};

/// Groups, one a line: Chinese, English, Taiwan by tabs; terms by `|`.
pub(crate) const TABLE: &str = include_str!("../data/vocabulary.tsv");

/// The groups, ready to be looked up.
#[derive(Default)]
pub(crate) struct Vocabulary {
    names: Vec<String>,
    /// Chinese terms, by their first character; longest first.
    han: HashMap<char, Vec<Entry<String>>>,
    /// English terms, by their first stem; longest first.
    phrases: HashMap<Arc<str>, Vec<Entry<Phrase>>>,
    /// Where Chinese terms of more than one character are, by each reading of the first: that character and a
    /// place in the list of `han`.
    sounds: HashMap<String, Vec<(char, usize)>>,
}

/// Stems in a row.
type Phrase = Vec<Arc<str>>;

struct Entry<T> {
    term: T,
    /// The concepts it stands for; none for what is only a word.
    groups: Vec<usize>,
    /// The concepts of the terms inside it: `内存` in `内存不足`, but not `服务` in `服务器`.
    inner: Vec<usize>,
}

/// A term found in a text, and where: bytes of Chinese, stems of English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found<'v> {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) groups: &'v [usize],
    pub(crate) inner: &'v [usize],
}

impl Vocabulary {
    /// Reads the table, and the people's own groups below it; `key` says how a term is matched.
    pub(crate) fn read(own: &str, mut key: impl FnMut(&str) -> Key) -> Self {
        let mut vocabulary = Self::default();
        for (_, line) in group_lines(TABLE).chain(group_lines(own)) {
            let group = vocabulary.names.len();
            // No text can hold this sign, so a concept is never mistaken for a word.
            vocabulary.names.push(format!("@{group}"));
            for term in terms(line) {
                vocabulary.insert(key(term), Some(group));
            }
        }
        vocabulary
    }

    /// Learns how its terms sound, once all are there. Words that are no concept are left out.
    pub(crate) fn listen(&mut self) {
        for (first, list) in &self.han {
            let long =
                |entry: &Entry<String>| !entry.groups.is_empty() && entry.term.len() > first.len_utf8();
            let heard: Vec<usize> = (0..list.len()).filter(|at| long(&list[*at])).collect();
            for reading in sounds::readings(*first) {
                let terms = self.sounds.entry(reading).or_default();
                terms.extend(heard.iter().map(|at| (*first, *at)));
            }
        }
    }

    /// The terms that sound like a word of Chinese and are written otherwise.
    pub(crate) fn sounding_like(&self, word: &str) -> Vec<&str> {
        let first = word.chars().next().into_iter().flat_map(sounds::readings);
        let near = first.filter_map(|reading| self.sounds.get(&reading)).flatten();
        let near = near.filter_map(|(first, at)| Some(self.han.get(first)?.get(*at)?.term.as_str()));
        let mut found: Vec<&str> = near
            .filter(|term| *term != word && sounds::alike(word, term))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The concepts of a Chinese term.
    pub(crate) fn concepts_of(&self, term: &str) -> impl Iterator<Item = &str> {
        let list = term.chars().next().and_then(|first| self.han.get(&first));
        let found = list.and_then(|list| list.iter().find(|entry| entry.term == term));
        let groups = found.into_iter().flat_map(|entry| &entry.groups);
        groups.map(|group| self.name(*group))
    }

    /// Adds a Chinese word that is no concept.
    pub(crate) fn add_word(&mut self, word: &str) {
        self.insert(Key::Han(word.to_owned()), None);
    }

    /// Finds the terms inside terms, once all are there. `segments` cuts Chinese into the words of
    /// the dictionary: a term inside another counts only between two cuts.
    pub(crate) fn look_inside(&mut self, segments: impl for<'t> Fn(&'t str) -> Vec<&'t str>) {
        let long = entries(&self.han).filter(|(_, _, term)| has_parts(term));
        let han: Vec<(char, usize, Vec<usize>)> = long
            .map(|(first, at, term)| (*first, at, self.inside_han(term, &segments(term))))
            .collect();
        for (first, at, inner) in han {
            if let Some(entry) = self.han.get_mut(&first).and_then(|list| list.get_mut(at)) {
                entry.inner = inner;
            }
        }
        let long = entries(&self.phrases).filter(|(_, _, term)| term.len() > 1);
        let phrases: Vec<(Arc<str>, usize, Vec<usize>)> = long
            .map(|(first, at, term)| (first.clone(), at, self.inside_phrase(term)))
            .collect();
        for (first, at, inner) in phrases {
            if let Some(entry) = self.phrases.get_mut(&first).and_then(|list| list.get_mut(at)) {
                entry.inner = inner;
            }
        }
    }

    fn inside_han(&self, term: &str, segments: &[&str]) -> Vec<usize> {
        let mut inner = Vec::new();
        for from in 0..segments.len() {
            let start: usize = segments[..from].iter().map(|it| it.len()).sum();
            // The longest at each place, but the term itself.
            for to in (from + 1..=segments.len())
                .rev()
                .filter(|to| to - from < segments.len())
            {
                let length: usize = segments[from..to].iter().map(|it| it.len()).sum();
                let text = &term[start..start + length];
                let list = text.chars().next().and_then(|first| self.han.get(&first));
                let found = list.and_then(|list| list.iter().find(|entry| entry.term == text));
                if let Some(entry) = found.filter(|_| is_part(text, term)) {
                    inner.extend(&entry.groups);
                    break;
                }
            }
        }
        inner
    }

    fn inside_phrase(&self, term: &[Arc<str>]) -> Vec<usize> {
        let mut inner = Vec::new();
        for from in 0..term.len() {
            let list = self.phrases.get(&term[from]).map_or(&[][..], Vec::as_slice);
            let shorter = |entry: &&Entry<Phrase>| {
                entry.term.len() < term.len() && begins_with(&term[from..], &entry.term)
            };
            inner.extend(
                list.iter()
                    .find(shorter)
                    .into_iter()
                    .flat_map(|entry| &entry.groups),
            );
        }
        inner
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
                    inner: &entry.inner,
                });
            }
            from = to;
        }
        found
    }

    /// Terms in a row of stems, in the same way.
    pub(crate) fn phrases(&self, stems: &[impl AsRef<str>]) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        let mut from = 0;
        while from < stems.len() {
            let entries = self
                .phrases
                .get(stems[from].as_ref())
                .map_or(&[][..], Vec::as_slice);
            let longest = entries
                .iter()
                .find(|entry| begins_with(&stems[from..], &entry.term));
            let to = from + longest.map_or(1, |entry| entry.term.len());
            if let Some(entry) = longest {
                found.push(Found {
                    from,
                    to,
                    groups: &entry.groups,
                    inner: &entry.inner,
                });
            }
            from = to;
        }
        found
    }
}

/// The lines of a table that hold a group, each with its number from 1.
fn group_lines(table: &str) -> impl Iterator<Item = (u32, &str)> {
    let lines = (1..).zip(table.lines());
    lines.filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
}

fn terms(line: &str) -> impl Iterator<Item = &str> {
    line.split(['\t', '|']).map(str::trim).filter(|it| !it.is_empty())
}

/// A term in both scripts: a text is cut where they meet, so nothing would ever match it.
pub(crate) fn is_mixed(term: &str) -> bool {
    term.chars().any(is_han) && term.chars().any(|it| it.is_ascii_alphanumeric())
}

/// Groups of people's own, as a file has them, and what is wrong with it. A line that is no group is
/// left out, and a file that cannot be read has none.
pub(crate) fn read_own(path: &Path) -> (String, Vec<Fault>) {
    let mark = fs::metadata(path).map(|it| Mark {
        bytes: it.len(),
        ..Mark::default()
    });
    let found = source::Found {
        relative: String::new(),
        path: path.to_owned(),
        mark: mark.unwrap_or_default(),
    };
    let text = match source::read(&found) {
        Ok(text) => text,
        Err(fault) => return (String::new(), vec![fault]),
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut own = String::new();
    let mut faults = Vec::new();
    for (number, line) in group_lines(text) {
        let mixed = terms(line).find(|term| is_mixed(term));
        if let Some(term) = mixed {
            let term = term.to_owned();
            faults.push(source::fault(path, Some(number), FaultKind::MixedTerm { term }));
        }
        let whole: Vec<&str> = terms(line).filter(|term| !is_mixed(term)).collect();
        match whole.as_slice() {
            [_, _, ..] => {
                own.push_str(&whole.join("|"));
                own.push('\n');
            }
            _ if mixed.is_some() => {}
            _ => faults.push(source::fault(path, Some(number), FaultKind::NotAGroup)),
        }
    }
    (own, faults)
}

fn entries<K, T>(map: &HashMap<K, Vec<Entry<T>>>) -> impl Iterator<Item = (&K, usize, &T)> {
    map.iter().flat_map(|(first, list)| {
        list.iter()
            .enumerate()
            .map(move |(at, entry)| (first, at, &entry.term))
    })
}

/// `内存` is a part of `内存不足`; `服务` is none of `服务器`, from which one character is left.
fn is_part(text: &str, term: &str) -> bool {
    let length = text.chars().count();
    length >= SHORTEST_PART && length + SHORTEST_REST <= term.chars().count()
}

/// So many characters are a part of a term, and so many must be left of it.
const SHORTEST_PART: usize = 2;
const SHORTEST_REST: usize = 2;

/// Whether a term is long enough for another to be a part of it.
fn has_parts(term: &str) -> bool {
    term.chars().count() >= SHORTEST_PART + SHORTEST_REST
}

fn begins_with(stems: &[impl AsRef<str>], phrase: &[Arc<str>]) -> bool {
    stems.len() >= phrase.len()
        && stems
            .iter()
            .zip(phrase)
            .all(|(stem, other)| stem.as_ref() == &**other)
}

/// Keeps a list longest first, each term once.
fn put<T: PartialEq>(list: &mut Vec<Entry<T>>, term: T, group: Option<usize>, length: impl Fn(&T) -> usize) {
    if let Some(known) = list.iter_mut().find(|entry| entry.term == term) {
        known.groups.extend(group.filter(|it| !known.groups.contains(it)));
        return;
    }
    let at = list.partition_point(|it| length(&it.term) >= length(&term));
    let entry = Entry {
        term,
        groups: group.into_iter().collect(),
        inner: Vec::new(),
    };
    list.insert(at, entry);
}
