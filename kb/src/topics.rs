//! What a question is about, by the words that people use when they speak of it: data of `data/topics.tsv`.
//!
//! Wider than the vocabulary, whose groups mean the same: here the words only belong together. So it finds nothing by
//! itself: it decides which gaps are one, and which of the questions that were found comes first.

use std::collections::HashMap;

use crate::words::{fnv, is_han, normalise};

pub(crate) const TABLE: &str = include_str!("../data/topics.tsv");

/// A topic, by its place in the table.
pub(crate) type Topic = u16;

/// Every topic, ready to be looked for.
#[derive(Default)]
pub(crate) struct Topics {
    /// Chinese terms and their topic, by their first character.
    han: HashMap<char, Vec<(&'static str, Topic)>>,
    /// English terms by the hash of their stems, sorted: thousands of them, none kept as a text.
    latin: Vec<(u64, Topic)>,
    /// How many words the longest of them has.
    longest: usize,
}

impl Topics {
    pub(crate) fn new(stem: impl Fn(&str) -> String) -> Self {
        let mut topics = Self::default();
        let mut known: HashMap<&str, String> = HashMap::new();
        for (line, topic) in lines().zip(0..) {
            for term in line.split(['\t', '|']).filter(|term| !term.is_empty()) {
                if let Some(first) = term.chars().next().filter(|it| is_han(*it)) {
                    topics.han.entry(first).or_default().push((term, topic));
                    continue;
                }
                let (mut hash, mut count) = (NO_WORD, 0);
                for word in words(term) {
                    hash = with(hash, known.entry(word).or_insert_with(|| stem(word)));
                    count += 1;
                }
                topics.latin.push((hash, topic));
                topics.longest = topics.longest.max(count);
            }
        }
        topics.latin.sort_unstable();
        topics.latin.shrink_to_fit();
        topics
    }

    /// What a text is about, sorted.
    pub(crate) fn of(&self, text: &str, stem: impl Fn(&str) -> String) -> Vec<Topic> {
        let text = normalise(text).to_lowercase();
        let mut found = Vec::new();
        for (at, first) in text.char_indices().filter(|(_, it)| is_han(*it)) {
            let terms = self.han.get(&first).into_iter().flatten();
            let here = terms.filter(|(term, _)| text[at..].starts_with(term));
            found.extend(here.map(|(_, topic)| *topic));
        }
        let stems: Vec<String> = words(&text).map(stem).collect();
        for from in 0..stems.len() {
            let mut hash = NO_WORD;
            for word in stems[from..].iter().take(self.longest) {
                hash = with(hash, word);
                let begin = self.latin.partition_point(|(it, _)| *it < hash);
                let here = self.latin[begin..].iter().take_while(|(it, _)| *it == hash);
                found.extend(here.map(|(_, topic)| *topic));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The hash of a row of no stems.
const NO_WORD: u64 = 0;

/// The hash of a row with one more of them.
fn with(hash: u64, stem: &str) -> u64 {
    hash.rotate_left(5) ^ fnv(stem.as_bytes())
}

fn lines() -> impl Iterator<Item = &'static str> {
    TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// Words of Latin letters and digits.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::words::Analyzer;

    /// Nobody types more words of a term in a row.
    const LONGEST: usize = 5;

    #[test]
    fn each_topic_has_both_languages_and_each_term_once() {
        for line in lines() {
            let (han, latin) = line.split_once('\t').unwrap_or((line, ""));
            assert!(
                han.chars().any(is_han) && !latin.chars().any(is_han) && !latin.is_empty(),
                "{line}"
            );
            let terms: Vec<&str> = line.split(['\t', '|']).collect();
            // They are looked for as they stand here.
            let plain = terms.iter().all(|term| normalise(term).to_lowercase() == **term);
            assert!(plain, "{line}");
            let once: BTreeSet<&str> = terms.iter().copied().collect();
            assert_eq!(once.len(), terms.len(), "{line}");
            assert!(
                terms.iter().all(|term| term.split(' ').count() <= LONGEST),
                "{line}"
            );
        }
    }

    #[test]
    fn a_topic_is_found_in_every_writing() {
        let analyzer = Analyzer::new("");
        let same = |a: &str, b: &str| {
            let (a, b) = (analyzer.topics(a), analyzer.topics(b));
            a.iter().any(|it| b.contains(it))
        };
        assert!(same("顯卡驅動怎麼裝", "Installing NVIDIA drivers"));
        assert!(same("每个月账单太高", "what does this cost us"));
        assert!(!same("食堂几点开门", "installing NVIDIA drivers"));
    }
}
