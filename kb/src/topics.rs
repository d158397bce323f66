//! What a question is about, by the words that people use when they speak of it: data of `data/topics.tsv`.
//!
//! Wider than the vocabulary, whose groups mean the same: here the words only belong together, so this decides
//! which gaps are one, and nothing else.

use std::collections::{BTreeSet, HashMap};

use crate::words::{Analyzer, is_han, normalise};

const TABLE: &str = include_str!("../data/topics.tsv");
/// The longest English term has so many words.
const LONGEST: usize = 5;

/// Every topic, ready to be looked for.
pub(crate) struct Topics {
    /// Chinese terms and the topics that they are of.
    han: Vec<(String, usize)>,
    /// English terms, as stems with blanks between.
    latin: HashMap<String, Vec<usize>>,
}

impl Topics {
    pub(crate) fn new(analyzer: &Analyzer) -> Self {
        let mut topics = Self {
            han: Vec::new(),
            latin: HashMap::new(),
        };
        for (number, line) in lines().enumerate() {
            for term in line.split(['\t', '|']).filter(|term| !term.is_empty()) {
                match term.chars().any(is_han) {
                    true => topics.han.push((normalise(term), number)),
                    false => {
                        let known = topics.latin.entry(stems(analyzer, term).join(" "));
                        known.or_default().push(number);
                    }
                }
            }
        }
        topics
    }

    /// What a text is about.
    pub(crate) fn of(&self, analyzer: &Analyzer, text: &str) -> BTreeSet<usize> {
        let text = normalise(text).to_lowercase();
        let han = self.han.iter().filter(|(term, _)| text.contains(term.as_str()));
        let mut found: BTreeSet<usize> = han.map(|(_, topic)| *topic).collect();
        let stems = stems(analyzer, &text);
        for from in 0..stems.len() {
            for to in from + 1..=stems.len().min(from + LONGEST) {
                found.extend(self.latin.get(&stems[from..to].join(" ")).into_iter().flatten());
            }
        }
        found
    }
}

fn lines() -> impl Iterator<Item = &'static str> {
    TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn stems(analyzer: &Analyzer, text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let words = text.split(|it: char| !it.is_ascii_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(|word| analyzer.stem(word))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_has_both_languages_and_each_term_once() {
        for line in lines() {
            let (han, latin) = line.split_once('\t').unwrap_or((line, ""));
            assert!(
                han.chars().any(is_han) && !latin.chars().any(is_han) && !latin.is_empty(),
                "{line}"
            );
            let terms: Vec<&str> = line.split(['\t', '|']).collect();
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
        let topics = Topics::new(&analyzer);
        let same = |a: &str, b: &str| {
            let (a, b) = (topics.of(&analyzer, a), topics.of(&analyzer, b));
            a.intersection(&b).next().is_some()
        };
        assert!(same("顯卡驅動怎麼裝", "Installing NVIDIA drivers"));
        assert!(same("每个月账单太高", "what does this cost us"));
        assert!(!same("食堂几点开门", "installing NVIDIA drivers"));
    }
}
