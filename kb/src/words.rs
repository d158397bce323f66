//! Text -> the terms it is found by: Chinese words and character pairs, English stems, the parts of
//! technical names, and the concepts of the vocabulary, which are the same term in every language.
//!
//! The same chain reads documents and questions, so that both agree on what a word is.

use std::panic::resume_unwind;
use std::sync::{Arc, LazyLock};
use std::thread;

use foldhash::{HashMap, HashSet};
use frostem::{Algorithm, Stemmer};
use icu_segmenter::WordSegmenter;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::dictionary;
use crate::paste;
use crate::topics::{self, Topic, Topics};
use crate::vocabulary::{self, Vocabulary};

/// Words that say nothing in any sentence: in no index, in no question.
const STOP_WORDS: &str = include_str!("../data/stop-words.txt");
/// Words that people wrap a question in. They are searched, but need not be found.
const FILLERS: &str = include_str!("../data/fillers.txt");
/// Names of other products: a question that has one is about it.
const FOREIGN: &str = include_str!("../data/foreign.txt");
/// Names that only Kubernetes has: a question that has one is about it.
const OWN: &str = include_str!("../data/own.txt");
/// Everyday English that is no typo, though it may be in no document.
const RIGHT_WORDS: &str = include_str!("../data/right-words.txt");

/// A hash of every list that decides how a text is cut.
pub(crate) fn lists(own: &str) -> u64 {
    let lists = [
        vocabulary::TABLE,
        topics::TABLE,
        STOP_WORDS,
        FILLERS,
        FOREIGN,
        own,
    ];
    lists.iter().fold(0, |all, list| sum(all, list.as_bytes()))
}

/// Whether a text has a word that says nothing but in what language it is.
pub(crate) fn has_english(text: &str) -> bool {
    static SMALL: LazyLock<HashSet<&str>> =
        LazyLock::new(|| words_of(STOP_WORDS).union(&words_of(FILLERS)).copied().collect());
    let mut words = text.split(|it: char| !it.is_alphanumeric());
    words.any(|word| SMALL.contains(word.to_lowercase().as_str()))
}

/// Turns text into terms. Built once; cheap to share.
pub(crate) struct Analyzer {
    segmenter: WordSegmenter,
    stemmer: Stemmer,
    vocabulary: Vocabulary,
    topics: Topics,
    stop_words: HashSet<&'static str>,
    fillers: HashSet<&'static str>,
    foreign: HashSet<String>,
    /// Words and concepts.
    own: HashSet<String>,
    right_words: HashSet<String>,
    /// Two analyzers with the same lists cut a text alike.
    pub(crate) lists: u64,
}

/// The terms of a text, repeated as often as they occur, each with [`TERM_END`] behind it: an index
/// of a thousand pages has a million of them, too many for a string each.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    /// Words, compounds, parts and concepts.
    pub(crate) words: String,
    /// Pairs of Chinese characters, and single ones that stand alone.
    pub(crate) han: String,
    /// Latin words as they are written, to repair typos to: of two words with one stem, one may be a slip away from
    /// what was typed and the stem not.
    pub(crate) written: String,
}

/// Nobody's typo is repaired to a shorter word.
const SHORTEST_WRITTEN: usize = 3;

/// Ends a term in [`Terms`]. It is a control character and so in no term.
pub(crate) const TERM_END: char = '\u{1f}';

impl Terms {
    fn word(&mut self, term: &str) {
        self.words.push_str(term);
        self.words.push(TERM_END);
    }

    fn written(&mut self, word: &str) {
        if word.len() >= SHORTEST_WRITTEN && word.bytes().all(|it| it.is_ascii_lowercase()) {
            self.written.push_str(word);
            self.written.push(TERM_END);
        }
    }

    fn pair(&mut self, term: &str) {
        self.han.push_str(term);
        self.han.push(TERM_END);
    }
}

/// One word of a question, with all terms that stand for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Unit {
    /// The word as it is searched.
    pub(crate) word: String,
    /// A compound's parts; empty for a simple word.
    pub(crate) parts: Vec<String>,
    /// A Latin word as it was typed, and its parts likewise.
    pub(crate) typed: (String, Vec<String>),
    /// Character pairs of a Chinese word (the character itself if it is one).
    pub(crate) pairs: Vec<String>,
    /// The pair that a Chinese word makes with the one after it: finds words that stand together,
    /// and words that were cut in another way in the document.
    pub(crate) link: Option<String>,
    /// Concepts of the terms inside a term: they lead to the same place, but are not all of it.
    pub(crate) inner: Vec<String>,
    /// Concepts of the vocabulary that the word is, or is part of.
    pub(crate) concepts: Vec<String>,
    /// What a Chinese word may have been meant to be, if it is in no document: terms that sound like it. One
    /// without pairs stands beside the words that it was cut into, and is nothing if it meant nothing.
    pub(crate) meant: Vec<String>,
    /// A word that an answer must have: not a filler, not a number, not a generated name.
    pub(crate) content: bool,
    /// Pure ASCII letters, so that a typo in it can be looked for.
    pub(crate) ascii: bool,
    /// Written as a name is: with a capital that no sentence begins with.
    pub(crate) proper: bool,
}

/// A term by its hash: what is kept of titles and headings, to be compared with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct TermId(u64);

impl TermId {
    pub(crate) fn of(term: &str) -> Self {
        Self(fnv(term.as_bytes()))
    }
}

/// So many words of a title are looked at: one bit each of a mask.
const MOST_WORDS: usize = 128;

/// The words of a title, each by the terms that it is found by. Kept flat: there is one for each heading.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Wording {
    /// Sorted.
    pub(crate) terms: Vec<TermId>,
    /// Which word each term stands for.
    pub(crate) words: Vec<u8>,
    /// How many words there are.
    pub(crate) count: u8,
}

/// The letters of a text, whatever stands between them and however they are written, if it has any.
pub(crate) fn letters(text: &str) -> Option<TermId> {
    let plain = normalise(text).to_lowercase();
    let letters: String = plain.chars().filter(|it| it.is_alphanumeric()).collect();
    (!letters.is_empty()).then(|| TermId::of(&letters))
}

impl Unit {
    /// The word and what it is made of.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.word).chain(&self.parts).map(String::as_str)
    }

    /// The word and its concepts.
    pub(crate) fn terms(&self) -> Vec<TermId> {
        std::iter::once(&self.word)
            .chain(&self.concepts)
            .map(|it| TermId::of(it))
            .collect()
    }
}

/// A hash that stays the same on every machine and in every release.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Tells texts and files apart that may have been changed or damaged, not by an enemy: a hash that goes on from
/// another, eight bytes at a time.
pub(crate) const fn sum(from: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let mut sum = step(from, bytes.len() as u64);
    let mut at = 0;
    while at < words.len() {
        sum = step(sum, u64::from_le_bytes(words[at]));
        at += 1;
    }
    at = 0;
    while at < rest.len() {
        sum = step(sum, rest[at] as u64);
        at += 1;
    }
    sum
}

const fn step(sum: u64, word: u64) -> u64 {
    (sum.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}

impl Analyzer {
    /// Knows `own` groups of terms beside those of the table.
    pub(crate) fn new(own: &str) -> Self {
        Self::with(own, lists(own))
    }

    /// The same; `lists` are those of `own`.
    pub(crate) fn with(own: &str, lists: u64) -> Self {
        let stemmer = Stemmer::new(Algorithm::English);
        thread::scope(|scope| {
            // Each takes about as long as the other.
            let topics = scope.spawn(|| Topics::new(|word| stemmer.stem(word).into_owned()));
            let analyzer = Self::without_topics(own, lists, stemmer);
            let topics = topics.join().unwrap_or_else(|it| resume_unwind(it));
            Self { topics, ..analyzer }
        })
    }

    fn without_topics(own: &str, lists: u64, stemmer: Stemmer) -> Self {
        let mut analyzer = Self {
            segmenter: dictionary::segmenter(),
            stemmer,
            vocabulary: Vocabulary::default(),
            topics: Topics::default(),
            stop_words: words_of(STOP_WORDS),
            fillers: words_of(FILLERS),
            foreign: stems_of(FOREIGN, &stemmer),
            own: HashSet::default(),
            right_words: stems_of(RIGHT_WORDS, &stemmer),
            lists,
        };
        let mut stems = StemCache::default();
        let mut vocabulary = Vocabulary::read(own, |term| analyzer.key(term, &mut stems));
        // `怎么办` is one word too, though the dictionary cuts it.
        let listed = analyzer.stop_words.iter().chain(&analyzer.fillers).copied();
        let words = listed.chain(analyzer.foreign.iter().map(String::as_str));
        for word in words.filter(|it| it.chars().all(is_han) && it.chars().count() > 1) {
            vocabulary.add_word(word);
        }
        vocabulary.listen();
        vocabulary.look_inside(|term| analyzer.segments(term));
        analyzer.vocabulary = vocabulary;
        analyzer.own = analyzer.own_names();
        analyzer
    }

    /// The terms of a document's text, added to `terms`.
    pub(crate) fn index(&self, text: &str, memory: &mut Memory, terms: &mut Terms) {
        let text = normalise(text);
        let mut phrase: Vec<Arc<str>> = Vec::new();
        for run in runs(&text) {
            match run {
                Run::Han(run) => {
                    self.index_phrases(&mut phrase, terms);
                    self.index_han(run, terms);
                }
                Run::Name(name) => {
                    let name = memory.name(name, |name, stems| self.name_terms(name, stems));
                    terms.words.push_str(&name.words);
                    terms.written.push_str(&name.written);
                    phrase.extend(name.stems.iter().cloned());
                }
            }
        }
        self.index_phrases(&mut phrase, terms);
    }

    fn index_phrases(&self, phrase: &mut Vec<Arc<str>>, terms: &mut Terms) {
        for group in self
            .vocabulary
            .phrases(phrase)
            .iter()
            .flat_map(|found| found.groups.iter().chain(found.inner))
        {
            terms.word(self.vocabulary.name(*group));
        }
        phrase.clear();
    }

    fn index_han(&self, run: &str, terms: &mut Terms) {
        let inner = self.segments(run);
        let pieces = self.pieces(run, &inner);
        for group in pieces
            .iter()
            .flat_map(|piece| piece.groups.iter().chain(piece.inner))
        {
            terms.word(self.vocabulary.name(*group));
        }
        // A term of the vocabulary and the words that it is made of.
        let known = pieces
            .iter()
            .filter(|piece| !inner.contains(&piece.text))
            .map(|piece| piece.text);
        for word in inner
            .iter()
            .copied()
            .chain(known)
            .filter(|it| !self.stop_words.contains(it))
        {
            terms.word(word);
        }
        pairs(run, |pair| terms.pair(pair));
        for alone in inner.iter().filter(|it| it.chars().nth(1).is_none()) {
            terms.pair(alone);
        }
    }

    fn name_terms(&self, name: &Name, stems: &mut StemCache) -> NameTerms {
        let mut terms = Terms::default();
        let mut phrase = Vec::new();
        if let Some(whole) = name.whole().filter(|it| !self.stop_words.contains(it)) {
            terms.word(&stems.stem(&self.stemmer, whole));
            terms.written(whole);
        }
        if let Some(joined) = name.joined() {
            terms.word(&joined);
        }
        for part in &name.parts {
            let stem = stems.stem(&self.stemmer, part);
            if name.is_compound() && self.is_part_worth_keeping(part) {
                terms.word(&stem);
                terms.written(part);
            }
            phrase.push(stem);
        }
        NameTerms {
            words: terms.words,
            written: terms.written,
            stems: phrase,
        }
    }

    fn is_part_worth_keeping(&self, part: &str) -> bool {
        part.len() > 1 && !is_number(part) && !self.stop_words.contains(part)
    }

    /// The words of a question.
    pub(crate) fn question(&self, text: &str) -> Vec<Unit> {
        self.units(&paste::said(text))
    }

    /// All words of a text, as a question has them.
    pub(crate) fn units(&self, text: &str) -> Vec<Unit> {
        let text = normalise(text);
        let mut units = Vec::new();
        let mut phrase = Phrase::default();
        for run in runs(&text) {
            match run {
                Run::Han(run) => {
                    self.phrase_concepts(&mut phrase, &mut units);
                    self.question_han(run, &mut units);
                }
                Run::Name(name) => {
                    let at = units.len();
                    let proper = is_proper(name, at == 0);
                    let name = Name::new(name);
                    phrase.stems.extend(name.parts.iter().map(|part| self.stem(part)));
                    phrase.unit_of.resize(phrase.stems.len(), at);
                    units.push(Unit {
                        proper,
                        ..self.name_unit(&name)
                    });
                }
            }
        }
        self.phrase_concepts(&mut phrase, &mut units);
        units.retain(|unit| !unit.word.is_empty());
        units
    }

    fn phrase_concepts(&self, phrase: &mut Phrase, units: &mut [Unit]) {
        for found in self.vocabulary.phrases(&phrase.stems) {
            for at in &phrase.unit_of[found.from..found.to] {
                let unit = &mut units[*at];
                found
                    .groups
                    .iter()
                    .for_each(|it| add(&mut unit.concepts, self.vocabulary.name(*it)));
                found
                    .inner
                    .iter()
                    .for_each(|it| add(&mut unit.inner, self.vocabulary.name(*it)));
            }
        }
        phrase.stems.clear();
        phrase.unit_of.clear();
    }

    fn question_han(&self, run: &str, units: &mut Vec<Unit>) {
        let pieces = self.pieces(run, &self.segments(run));
        let mut from = 0;
        // Up to here the pieces are part of a word that was heard.
        let mut heard_to = 0;
        for (at, piece) in pieces.iter().enumerate() {
            let mut unit = self.han_unit(piece);
            if let Some((count, heard)) = self.hear(&run[from..], &pieces[at..]).filter(|_| at >= heard_to) {
                heard_to = at + count;
                match count {
                    1 => unit.meant = heard.meant,
                    _ => units.push(heard),
                }
            }
            unit.content &= at >= heard_to || piece.is_long();
            from += piece.text.len();
            // A stop word stands beside everything.
            let next = pieces
                .get(at + 1)
                .filter(|next| !self.stop_words.contains(piece.text) && !self.stop_words.contains(next.text));
            if let (Some(last), Some(next)) = (
                piece.text.chars().next_back(),
                next.and_then(|it| it.text.chars().next()),
            ) {
                unit.link = Some(format!("{last}{next}"));
            }
            units.push(unit);
        }
    }

    /// Words that pieces in a row sound like, together with how many pieces: people type by sound. What
    /// is a term already, or a word that people wrap a question in, is taken at its word.
    fn hear(&self, run: &str, pieces: &[Piece<'_>]) -> Option<(usize, Unit)> {
        let plain = pieces
            .iter()
            .take_while(|it| it.groups.is_empty() && !(it.is_long() && self.is_wrapping(it.text)));
        let mut end = 0;
        let mut found = None;
        for (at, piece) in plain.take(LONGEST_MISHEARD).enumerate() {
            end += piece.text.len();
            let word = &run[..end];
            let meant = self.vocabulary.sounding_like(word);
            if !meant.is_empty() {
                let unit = Unit {
                    word: word.to_owned(),
                    meant: meant.into_iter().map(str::to_owned).collect(),
                    content: true,
                    ..Unit::default()
                };
                found = Some((at + 1, unit));
            }
        }
        found
    }

    fn is_wrapping(&self, word: &str) -> bool {
        self.stop_words.contains(word) || self.fillers.contains(word)
    }

    fn han_unit(&self, piece: &Piece<'_>) -> Unit {
        let word = piece.text;
        if self.stop_words.contains(word) {
            return Unit::default();
        }
        let mut own = Vec::new();
        pairs(word, |pair| own.push(pair.to_owned()));
        if own.is_empty() {
            own.push(word.to_owned());
        }
        let names = |groups: &[usize]| {
            groups
                .iter()
                .map(|it| self.vocabulary.name(*it).to_owned())
                .collect()
        };
        let content = !self.fillers.contains(word) && !is_count(word);
        let (concepts, inner) = (names(piece.groups), names(piece.inner));
        Unit {
            word: word.to_owned(),
            pairs: own,
            concepts,
            inner,
            content,
            ..Unit::default()
        }
    }

    fn name_unit(&self, name: &Name) -> Unit {
        let Some(whole) = name.whole().filter(|it| !self.stop_words.contains(it)) else {
            return Unit::default();
        };
        let word = self.stem(whole);
        let compound = name.is_compound();
        let parts = name
            .parts
            .iter()
            .filter(|it| compound && self.is_part_worth_keeping(it));
        let typed: Vec<String> = parts.cloned().collect();
        let parts = typed.iter().map(|part| self.stem(part)).collect();
        let filler = self.fillers.contains(whole) || self.fillers.contains(word.as_str());
        let ascii = word.bytes().all(|it| it.is_ascii_lowercase());
        let content = !filler && (!is_number(whole) || is_code(whole)) && whole.len() > 1;
        Unit {
            word,
            parts,
            typed: (whole.to_owned(), typed),
            content,
            ascii,
            ..Unit::default()
        }
    }

    /// A run of Chinese in terms of the vocabulary and, between them, words of the dictionary.
    fn pieces<'a>(&'a self, run: &'a str, segments: &[&'a str]) -> Vec<Piece<'a>> {
        let mut ends = vec![0];
        ends.extend(segments.iter().scan(0, |end, segment| {
            *end += segment.len();
            Some(*end)
        }));
        let stands_alone = |from: usize, to: usize| ends.windows(2).any(|it| it == [from, to]);
        let terms = self.vocabulary.han_terms(run, stands_alone);
        if terms.is_empty() {
            return segments.iter().map(|it| Piece::plain(it)).collect();
        }
        let mut pieces = Vec::new();
        let mut at = 0;
        for found in terms {
            pieces.extend(self.segments(&run[at..found.from]).into_iter().map(Piece::plain));
            pieces.push(Piece {
                text: &run[found.from..found.to],
                groups: found.groups,
                inner: found.inner,
            });
            at = found.to;
        }
        pieces.extend(self.segments(&run[at..]).into_iter().map(Piece::plain));
        pieces
    }

    fn segments<'t>(&self, run: &'t str) -> Vec<&'t str> {
        let mut words = Vec::new();
        let mut from = 0;
        for to in self.segmenter.as_borrowed().segment_str(run).skip(1) {
            words.push(&run[from..to]);
            from = to;
        }
        words
    }

    pub(crate) fn stem(&self, word: &str) -> String {
        stem(&self.stemmer, word)
    }

    /// The words of a title that matter.
    pub(crate) fn title(&self, title: &str) -> Wording {
        let units = self.question(title).into_iter().filter(|unit| unit.content);
        let mut terms: Vec<(TermId, u8)> = Vec::new();
        let mut count = 0;
        for unit in units.take(MOST_WORDS) {
            terms.extend(unit.terms().into_iter().map(|it| (it, count)));
            count += 1;
        }
        terms.sort_unstable();
        terms.dedup();
        let (terms, words) = terms.into_iter().unzip();
        Wording { terms, words, count }
    }

    /// The Chinese term that a word was meant to be, and its concepts.
    pub(crate) fn sounded(&self, term: &str) -> Vec<String> {
        let concepts = self.vocabulary.concepts_of(term).map(str::to_owned);
        std::iter::once(term.to_owned()).chain(concepts).collect()
    }

    /// The word that a typo was meant to be, and its concepts.
    pub(crate) fn repaired(&self, word: &str) -> Vec<String> {
        let found = self.vocabulary.phrases(&[word]);
        let concepts = found
            .iter()
            .flat_map(|it| it.groups)
            .map(|it| self.vocabulary.name(*it).to_owned());
        std::iter::once(word.to_owned()).chain(concepts).collect()
    }

    /// What stands for a name of Kubernetes: the word, and its concept.
    fn own_names(&self) -> HashSet<String> {
        let units = words_of(OWN).into_iter().flat_map(|name| self.question(name));
        units
            .flat_map(|unit| std::iter::once(unit.word).chain(unit.concepts))
            .collect()
    }

    /// Whether a word is a name of Kubernetes, or means one.
    pub(crate) fn is_own(&self, unit: &Unit) -> bool {
        unit.names()
            .chain(unit.concepts.iter().map(String::as_str))
            .any(|it| self.own.contains(it))
    }

    /// Whether a word, as it is searched, names another product.
    pub(crate) fn is_foreign(&self, word: &str) -> bool {
        self.foreign.contains(word)
    }

    /// Whether a word is spelt as it should be, though no document has it.
    pub(crate) fn is_right_word(&self, word: &str) -> bool {
        self.is_foreign(word) || self.right_words.contains(word)
    }

    /// What a text is about, sorted.
    pub(crate) fn topics(&self, text: &str) -> Vec<Topic> {
        self.topics.of(text, |word| self.stem(word))
    }

    /// A term of the vocabulary as it is matched: Chinese as it is written, else a row of stems.
    fn key(&self, term: &str, stems: &mut StemCache) -> Key {
        let term = normalise(term);
        if term.chars().any(is_han) {
            return Key::Han(term.chars().filter(|it| is_han(*it)).collect());
        }
        let names = runs(&term).filter_map(|run| match run {
            Run::Name(name) => Some(Name::new(name)),
            Run::Han(_) => None,
        });
        Key::Phrase(
            names
                .flat_map(|name| name.parts)
                .map(|part| stems.stem(&self.stemmer, &part))
                .collect(),
        )
    }
}

/// So many pieces are listened to together: mostly single characters, since no word was found there.
const LONGEST_MISHEARD: usize = 4;

/// A word of Chinese, with the concepts that it stands for.
struct Piece<'a> {
    text: &'a str,
    groups: &'a [usize],
    inner: &'a [usize],
}

impl<'a> Piece<'a> {
    fn plain(text: &'a str) -> Self {
        Self {
            text,
            groups: &[],
            inner: &[],
        }
    }

    /// More than one character.
    fn is_long(&self) -> bool {
        self.text.chars().nth(1).is_some()
    }
}

/// How a term of the vocabulary is matched.
pub(crate) enum Key {
    Han(String),
    Phrase(Vec<Arc<str>>),
}

/// Stems that were made before: a text repeats its words.
#[derive(Default)]
struct StemCache(HashMap<String, Arc<str>>);

impl StemCache {
    fn stem(&mut self, stemmer: &Stemmer, word: &str) -> Arc<str> {
        if let Some(known) = self.0.get(word) {
            return known.clone();
        }
        let made: Arc<str> = stem(stemmer, word).into();
        self.0.insert(word.to_owned(), made.clone());
        made
    }
}

/// What a name of a text is indexed by.
struct NameTerms {
    words: String,
    written: String,
    stems: Vec<Arc<str>>,
}

/// What was made of the names of a text before: it repeats them.
#[derive(Default)]
pub(crate) struct Memory {
    stems: StemCache,
    names: HashMap<String, NameTerms>,
}

/// So many names are remembered: a folder of logs has no end of them.
const MOST_REMEMBERED: usize = 4_000;

impl Memory {
    fn name(&mut self, name: &str, make: impl FnOnce(&Name, &mut StemCache) -> NameTerms) -> &NameTerms {
        if self.names.len() >= MOST_REMEMBERED {
            *self = Self::default();
        }
        let made = !self.names.contains_key(name);
        if made {
            let terms = make(&Name::new(name), &mut self.stems);
            self.names.insert(name.to_owned(), terms);
        }
        &self.names[name]
    }
}

fn stem(stemmer: &Stemmer, word: &str) -> String {
    let plain = word.len() > 3 && word.bytes().all(|it| it.is_ascii_lowercase());
    if plain {
        stemmer.stem(word).into_owned()
    } else {
        word.to_owned()
    }
}

/// Compatibility forms, traditional characters and invisible ones made plain.
pub(crate) fn normalise(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    if text.chars().all(is_plain) {
        return fast2s::convert(text);
    }
    let plain: String = text.nfkc().filter(|it| !is_invisible(*it)).collect();
    fast2s::convert(&plain)
}

/// What normalisation leaves as it is, or changes only in signs that are in no word: of a Chinese
/// document nearly all, and looking costs a tenth of normalising.
fn is_plain(char: char) -> bool {
    char.is_ascii()
        || matches!(char,
            '\u{4e00}'..='\u{9fff}' | '\u{2010}'..='\u{2027}' | '\u{3001}'..='\u{3029}'
            | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

/// Marks that change nothing a person reads: zero width, direction, soft hyphen.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a character is Chinese writing.
pub(crate) fn is_han(char: char) -> bool {
    matches!(char, '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a question says of itself that it is not about Kubernetes: `没有 k8s`, `without Kubernetes`.
pub(crate) fn is_elsewhere(question: &str) -> bool {
    const NOT: [&str; 10] = [
        "no ", "not ", "not on ", "without ", "没有", "没上", "没用", "不是", "不用", "不在",
    ];
    let question = format!(" {}", normalise(question).to_lowercase());
    let named = ["kubernetes", "k8s"]
        .into_iter()
        .flat_map(|name| question.match_indices(name));
    named.into_iter().any(|(at, _)| {
        let before = question[..at].trim_end_matches(|it: char| !it.is_alphanumeric());
        NOT.iter().any(|it| match it.strip_suffix(' ') {
            Some(word) => before.strip_suffix(word).is_some_and(|rest| rest.ends_with(' ')),
            None => before.ends_with(it),
        })
    })
}

fn words_of(list: &'static str) -> HashSet<&'static str> {
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect()
}

/// The words of a list as they are searched.
fn stems_of(list: &'static str, stemmer: &Stemmer) -> HashSet<String> {
    words_of(list)
        .into_iter()
        .map(|word| stem(stemmer, word))
        .collect()
}

fn add(list: &mut Vec<String>, item: &str) {
    if !list.iter().any(|it| it == item) {
        list.push(item.to_owned());
    }
}

/// `Istio` in the middle of a sentence, `MySQL` anywhere. All capitals may be just shouting.
fn is_proper(name: &str, first: bool) -> bool {
    let capitals = name.chars().filter(char::is_ascii_uppercase).count();
    let shouted = capitals == name.chars().count();
    (capitals > 0 && !first) || (capitals > 1 && !shouted)
}

/// `两台`, `好几次`, `三天`: how many, which no document need say.
fn is_count(word: &str) -> bool {
    const COUNTS: &str = "一二三四五六七八九十百千万两几半多好每隔第整";
    const UNITS: &str = "个台次天周月年日时分秒点会儿条份块段种些遍回下钟小";
    let mut chars = word.chars();
    chars.next().is_some_and(|it| COUNTS.contains(it))
        && chars.all(|it| COUNTS.contains(it) || UNITS.contains(it))
}

/// `502`, `137`: a status or exit code says what is wrong, as no other number does.
fn is_code(word: &str) -> bool {
    word.len() == 3 && word.starts_with(['1', '4', '5'])
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|it| it.is_ascii_digit())
}

fn pairs(run: &str, mut each: impl FnMut(&str)) {
    let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    for window in starts.windows(3) {
        each(&run[window[0]..window[2]]);
    }
}

/// Stems in a row, to look for phrases of the vocabulary in.
#[derive(Default)]
struct Phrase {
    stems: Vec<String>,
    unit_of: Vec<usize>,
}

enum Run<'t> {
    Han(&'t str),
    /// Letters and digits with `- _ . / :` inside.
    Name(&'t str),
}

/// The runs of a text of one kind of writing each.
struct Runs<'t> {
    rest: &'t str,
}

fn runs(text: &str) -> Runs<'_> {
    Runs { rest: text }
}

impl<'t> Iterator for Runs<'t> {
    type Item = Run<'t>;

    fn next(&mut self) -> Option<Run<'t>> {
        let start = self.rest.find(char::is_alphanumeric)?;
        let text = &self.rest[start..];
        let first = text.chars().next()?;
        if is_han(first) {
            let end = text.find(|it| !is_han(it)).unwrap_or(text.len());
            self.rest = &text[end..];
            return Some(Run::Han(&text[..end]));
        }
        let end = name_end(text);
        self.rest = &text[end..];
        Some(Run::Name(&text[..end]))
    }
}

fn name_end(text: &str) -> usize {
    let mut end = 0;
    let mut joiner = false;
    for (at, char) in text.char_indices() {
        if char.is_alphanumeric() && !is_han(char) {
            end = at + char.len_utf8();
            joiner = false;
        } else if matches!(char, '-' | '_' | '.' | '/' | ':') && !joiner {
            joiner = true;
        } else {
            break;
        }
    }
    end
}

/// A word or technical name: `kube-proxy`, `maxUnavailable`, `apps/v1`.
struct Name {
    lower: String,
    parts: Vec<String>,
}

/// Longer than any word or name that a person would type: a hash, a key, a picture.
const LONGEST_WORD: usize = 64;

impl Name {
    fn new(text: &str) -> Self {
        let plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit();
        if text.len() <= LONGEST_WORD && text.bytes().all(plain) {
            return Self {
                lower: text.to_owned(),
                parts: vec![text.to_owned()],
            };
        }
        let mut parts = Vec::new();
        for piece in text.split(['-', '_', '.', '/', ':']) {
            camel_parts(piece, &mut parts);
        }
        parts.retain(|part| part.len() <= LONGEST_WORD);
        Self {
            lower: text.to_lowercase(),
            parts,
        }
    }

    fn is_compound(&self) -> bool {
        self.parts.len() > 1
    }

    /// The whole: none for what is only a lone digit or too long to be a name.
    fn whole(&self) -> Option<&str> {
        let word = &self.lower;
        let lone = is_number(word) && word.len() < 3;
        (word.len() <= LONGEST_WORD && !lone).then_some(word)
    }

    /// `kube-proxy` is also found as `kubeproxy`.
    fn joined(&self) -> Option<String> {
        let bare = |it: char| !matches!(it, '-' | '_' | '.' | '/' | ':');
        let joined: String = self.lower.chars().filter(|it| bare(*it)).collect();
        let short = joined.len() <= 24 && joined.len() < self.lower.len();
        (short && joined.bytes().all(|it| it.is_ascii_lowercase())).then_some(joined)
    }
}

/// `CrashLoopBackOff` -> crash, loop, back, off; `HTTPServer` -> http, server.
fn camel_parts(piece: &str, parts: &mut Vec<String>) {
    let chars: Vec<(usize, char)> = piece.char_indices().collect();
    let mut from = 0;
    for window in 1..chars.len() {
        let (at, char) = chars[window];
        let before = chars[window - 1].1;
        let next = chars.get(window + 1).map(|(_, it)| *it);
        let word_begins = before.is_lowercase() && char.is_uppercase();
        let initials_end =
            before.is_uppercase() && char.is_uppercase() && next.is_some_and(char::is_lowercase);
        if word_begins || initials_end {
            parts.push(piece[from..at].to_lowercase());
            from = at;
        }
    }
    if from < piece.len() {
        parts.push(piece[from..].to_lowercase());
    }
}
