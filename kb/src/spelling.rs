//! Repairs typos: which words of the documents are one or two slips away from one that is in none.

use std::collections::BTreeMap;

use tantivy::Searcher;
use tantivy::schema::{Field, IndexRecordOption};

use crate::Error;

/// From this length a word may be one slip away, and from the other two.
const ONE_SLIP: usize = 4;
const TWO_SLIPS: usize = 8;
/// A word of this length may stand with an ending of up to that length behind it.
const WITH_ENDING: usize = 5;
const LONGEST_ENDING: usize = 5;
/// Nobody's typo is longer, and no word is of which a text is indexed.
const LONGEST: usize = 64;
/// How many repairs of a word are looked at: of several with one stem, one counts.
const BEST: usize = 8;

/// The English words of the documents.
#[derive(Default)]
pub(crate) struct Spelling {
    /// All of them in one piece of text.
    text: String,
    /// In order.
    words: Vec<Word>,
    /// Where the words of each first letter begin, and behind `z` their number.
    begins: [usize; 27],
}

struct Word {
    from: u32,
    length: u8,
    /// Which letters occur: tells most words apart without looking at them.
    letters: u32,
    documents: u32,
}

impl Spelling {
    pub(crate) fn new(searcher: &Searcher, field: Field) -> Result<Self, Error> {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            let mut terms = index.terms().stream().map_err(tantivy::TantivyError::from)?;
            while terms.advance() {
                let key = terms.key();
                let plain = key.len() >= ONE_SLIP - 1 && key.iter().all(u8::is_ascii_lowercase);
                let Some(word) = str::from_utf8(key).ok().filter(|_| plain) else {
                    continue;
                };
                // Of what is alive: a word that was edited away is no longer a word to repair to.
                let documents = match segment.alive_bitset() {
                    None => terms.value().doc_freq,
                    Some(alive) => {
                        let info = terms.value();
                        let postings = index.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
                        postings.doc_freq_given_deletes(alive)
                    }
                };
                if documents > 0 {
                    *counts.entry(word.to_owned()).or_default() += documents;
                }
            }
        }
        let mut spelling = Self::default();
        for (word, documents) in counts {
            spelling.push(&word, documents);
        }
        Ok(spelling)
    }

    fn push(&mut self, word: &str, documents: u32) {
        let (Ok(from), Ok(length)) = (u32::try_from(self.text.len()), u8::try_from(word.len())) else {
            return;
        };
        self.text.push_str(word);
        self.words.push(Word {
            from,
            length,
            letters: letters(word),
            documents,
        });
        let first = word.bytes().next().map_or(0, letter);
        self.begins[first + 1..].fill(self.words.len());
    }

    /// The words with this first letter.
    fn beginning_with(&self, first: u8) -> &[Word] {
        let first = letter(first);
        &self.words[self.begins[first]..self.begins[first + 1]]
    }

    /// The best repairs of a word that is in no document, with the number of slips: fewest slips
    /// first, then whole words, then the most frequent.
    pub(crate) fn near(&self, word: &str) -> Vec<(String, usize)> {
        let slips = match word.len() {
            0..ONE_SLIP => return Vec::new(),
            ONE_SLIP..TWO_SLIPS => 1,
            _ => 2,
        };
        let own = letters(word);
        let mut found: Vec<(usize, usize, u32, &str)> = Vec::new();
        // People seldom mistype the first letter, but may swap it with the second.
        let mut begin: Vec<u8> = word.bytes().take(2).collect();
        begin.dedup();
        for other in begin.into_iter().flat_map(|it| self.beginning_with(it)) {
            let length = usize::from(other.length);
            let far = length > word.len() + slips || length + slips + LONGEST_ENDING < word.len();
            if far || (other.letters & !own).count_ones() as usize > slips {
                continue;
            }
            let text = &self.text[other.from as usize..][..length];
            // Counting slips is the costly part.
            if same_beginning(word, text)
                && let Some((distance, ending)) = distance(text.as_bytes(), word.as_bytes(), slips)
            {
                found.push((distance, ending, u32::MAX - other.documents, text));
            }
        }
        found.sort_unstable();
        let least = found.first().map(|it| it.0);
        found
            .into_iter()
            // Fewer slips are likelier by far.
            .take_while(|it| Some(it.0) == least)
            .take(BEST)
            .map(|(distance, _, _, text)| (text.to_owned(), distance))
            .collect()
    }
}

/// The place of a letter in the alphabet.
fn letter(byte: u8) -> usize {
    usize::from(byte.wrapping_sub(b'a')).min(25)
}

fn letters(word: &str) -> u32 {
    word.bytes().fold(0, |set, byte| set | 1 << letter(byte))
}

/// `rice` and `price` are one letter apart.
fn same_beginning(word: &str, other: &str) -> bool {
    let (a, b) = (word.as_bytes(), other.as_bytes());
    let swapped = a.len() > 1 && b.len() > 1 && a[0] == b[1] && a[1] == b[0];
    a.first() == b.first() || swapped
}

/// How many letters of `word` were left out, put in, mistaken, or swapped with their neighbour so that it
/// is not `meant`, and how long an ending is left of it. Words are indexed without their endings: a slip in
/// `scheduling` must find `schedul`.
fn distance(meant: &[u8], word: &[u8], slips: usize) -> Option<(usize, usize)> {
    if word.len() > LONGEST {
        return None;
    }
    let mut rows = [[0_u8; LONGEST + 1]; 3];
    let [before, above, row] = &mut rows;
    let (mut before, mut above, mut row) = (before, above, row);
    for (slips, cell) in (0..).zip(above[..=word.len()].iter_mut()) {
        *cell = slips;
    }
    for i in 1..=meant.len() {
        row[0] = above[0] + 1;
        let mut least = row[0];
        for j in 1..=word.len() {
            let mistaken = above[j - 1] + u8::from(meant[i - 1] != word[j - 1]);
            let mut best = mistaken.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && meant[i - 1] == word[j - 2] && meant[i - 2] == word[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row[j] = best;
            least = least.min(best);
        }
        // It only grows from here.
        if usize::from(least) > slips {
            return None;
        }
        (before, above, row) = (above, row, before);
    }
    let slips_to = |end: usize| usize::from(above[end]);
    let whole = slips_to(word.len());
    if whole <= slips {
        return Some((whole, 0));
    }
    if meant.len() < WITH_ENDING {
        return None;
    }
    let endings = (1..=LONGEST_ENDING.min(word.len())).map(|it| (slips_to(word.len() - it), it));
    endings.filter(|(slips, _)| *slips <= 1).min()
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn a_slip_in_the_word_or_in_its_ending() {
        let of = |meant: &str, word: &str| distance(meant.as_bytes(), word.as_bytes(), 2);
        assert_eq!(of("journal", "jurnal"), Some((1, 0)));
        assert_eq!(of("kubelet", "kubeelt"), Some((1, 0)));
        assert_eq!(of("schedul", "schedulign"), Some((0, 3)));
        assert_eq!(of("schedul", "scehduling"), Some((1, 3)));
        assert_eq!(
            of("node", "nodejsapp"),
            None,
            "too short to be a word and an ending"
        );
        assert_eq!(of("volume", "weather"), None);
    }
}
