//! A question -> a score for every section, and which words of the question each one covers.
//!
//! The score is BM25 over words and, with less weight, over pairs of Chinese characters. It is
//! counted here and not by tantivy's query classes: there is no query syntax to break out of, the
//! statistics are those of what is alive, and the sum has one order, so that the same question gets
//! the same score to the last bit however the index came about.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{Searcher, Term};

use crate::Error;
use crate::index::{self, Fields, SearchIndex};
use crate::spelling::Spelling;
use crate::topics::Topic;
use crate::words::{Analyzer, TermId, Unit, Wording, is_elsewhere};

const K1: f32 = 1.1;
const B: f32 = 0.75;
/// No section counts as shorter than this share of the mean: a heading over one line that happens to
/// have the word is not the best answer.
const SHORTEST: f32 = 0.8;
/// What a word counts that is in the text of a section but not in its head.
const IN_TEXT: f32 = 0.75;
/// How much a match counts, by what matched.
const WORD_WEIGHT: f32 = 1.0;
const PART_WEIGHT: f32 = 0.7;
const CONCEPT_WEIGHT: f32 = 1.0;
const PAIR_WEIGHT: f32 = 0.4;
const LINK_WEIGHT: f32 = 0.5;
/// A word with a concept is found by the concept. The word itself only prefers who says it in the
/// same way; with more weight, the English words in the code of a Chinese text would outweigh what
/// the text says.
const KNOWN_WORD_WEIGHT: f32 = 0.2;
/// A filler is searched, since it may be in a title, but must not decide.
const FILLER_WEIGHT: f32 = 0.6;
/// A repaired word counts less, the more was repaired.
const REPAIR_WEIGHT: [f32; 3] = [1.0, 0.95, 0.7];
/// How many repairs of a word are searched.
const BEST_REPAIRS: usize = 2;
/// A handful of documents says little about what is rare: without these, the words of the only
/// question about nodes would count for nothing beside a word that is in no document.
const BACKGROUND: f32 = 500.0;
/// Terms of a question that are searched: one bit each of a mask. Of a pasted log that
/// has more, the beginning is searched.
const MOST_TERMS: usize = 120;
/// A name that more than one in so many passages have names no other product than the documents do.
const AT_HOME: usize = 50;
/// One word with its parts, pairs and concepts hardly has more.
const MOST_TERMS_OF_A_WORD: usize = 24;

/// So many places of terms are read for a question, the most telling terms first: a few milliseconds. A
/// term that would be too much, because half of a million passages have it, counts only in the passages
/// that are best without it.
const MOST_READ: usize = 150_000;
const BEST_WITHOUT: usize = 400;

/// The index at one moment, ready to be searched.
pub(crate) struct Snapshot {
    searcher: Searcher,
    fields: Fields,
    /// Segment -> document -> passage.
    passage_of: Vec<Vec<u32>>,
    words: Lengths,
    han: Lengths,
    /// Read when the first typo is to be repaired.
    spelling: OnceLock<Spelling>,
    count: usize,
}

/// So many places of a term are counted together: what tantivy packs together.
const BLOCK: usize = 128;

/// A document of the index that is no passage: deleted.
const NO_PASSAGE: u32 = u32::MAX;

/// What BM25 makes of the length of each passage in one field.
struct Lengths {
    norms: Vec<f32>,
}

/// What a question found.
pub(crate) struct Ranking {
    /// For each passage.
    pub(crate) scores: Vec<f32>,
    /// For each passage, one bit for each term that it has.
    masks: Vec<u128>,
    words: Vec<Asked>,
    /// Every word and concept of the question that some section has, sorted, each with the words that must be in
    /// an answer and that it may stand for, one bit each.
    terms: Vec<(TermId, u128)>,
    /// The question says that it is not about Kubernetes.
    pub(crate) elsewhere: bool,
    /// What it is about.
    pub(crate) topics: Vec<Topic>,
}

/// Which share of a question a passage covers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Coverage {
    /// Wherever the passage has the words.
    pub(crate) all: f32,
    /// With words that stand only in its text counting less.
    pub(crate) weighed: f32,
}

/// How far a question and another wording are the same, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Likeness {
    /// The share of the wording's words that the question has.
    pub(crate) fit: f32,
    /// The same, and the share of the question's worth that the wording has: neither says more than the other.
    pub(crate) both: f32,
}

/// What speaks for a question of the documents, and against it, by the words of what was asked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Evidence {
    /// The share of the worth that its sections cover together, words in no head counting less.
    pub(crate) covered: f32,
    /// The share of it that its title, headings, tags and marked text have.
    pub(crate) headed: f32,
    /// Terms of the trade that its heads have.
    pub(crate) terms: f32,
    /// The share of such terms in what was asked.
    pub(crate) terms_share: f32,
    /// Names of Kubernetes that it has; half a name where only the text has it.
    pub(crate) own: f32,
    /// ... and that it has not.
    pub(crate) own_missed: f32,
    /// Names of other products that its heads do not have.
    pub(crate) foreign: f32,
    /// Words written as names that are in no document.
    pub(crate) strange: f32,
}

/// A word of the question, as the index knows it.
#[derive(Clone, Debug)]
struct Asked {
    /// What it is worth: the rarer, the more. A word that is in no document is worth the most.
    idf: f32,
    /// It must be in an answer.
    content: bool,
    /// A single Chinese character: it matches too much to be all that a question is about.
    short: bool,
    /// The names of another product in it: one of them must be in the head.
    foreign: Vec<TermId>,
    /// It is written as a name, and is in no document.
    strange: bool,
    /// It names something of Kubernetes.
    own: bool,
    /// It is a term of a trade: the vocabulary has it, or it is written as a name.
    technical: bool,
    /// The word, its concepts, and the name in it.
    terms: Vec<TermId>,
    /// Each of these sets of terms covers the word, the second value by how much.
    covers: Vec<(u128, f32)>,
}

struct QueryTerm {
    field: Field,
    id: TermId,
    weight: f32,
    /// The passages that have it, by segment.
    postings: Vec<(usize, BlockSegmentPostings)>,
    /// How many there are, of those alive.
    documents: usize,
}

/// The terms of a passage's head: of its question, its headings, and what its author marked. Each
/// slice is sorted.
pub(crate) struct Head<'a>(pub(crate) Vec<&'a [TermId]>);

impl Head<'_> {
    fn has(&self, term: TermId) -> bool {
        self.0.iter().any(|terms| terms.binary_search(&term).is_ok())
    }
}

impl Snapshot {
    /// `number` says which passage a file's ordinal is.
    pub(crate) fn new(index: &SearchIndex, number: &HashMap<(u64, u64), u32>) -> Result<Self, Error> {
        let searcher = index.searcher()?;
        let known = |passage: &Option<(u64, u64)>| {
            passage
                .and_then(|it| number.get(&it))
                .copied()
                .unwrap_or(NO_PASSAGE)
        };
        let passage_of: Vec<Vec<u32>> = index::passages(&searcher)?
            .iter()
            .map(|segment| segment.iter().map(known).collect())
            .collect();
        let fields = index.fields;
        let count = number.len();
        let words = Lengths::new(&searcher, fields.words, &passage_of, count)?;
        let han = Lengths::new(&searcher, fields.han, &passage_of, count)?;
        Ok(Self {
            searcher,
            fields,
            passage_of,
            words,
            han,
            spelling: OnceLock::new(),
            count,
        })
    }

    fn spelling(&self) -> Result<&Spelling, Error> {
        if self.spelling.get().is_none() {
            // Two who come at once read the same.
            let _ = self
                .spelling
                .set(Spelling::new(&self.searcher, self.fields.written)?);
        }
        Ok(self.spelling.get_or_init(Spelling::default))
    }

    /// Scores every passage.
    pub(crate) fn search(&self, analyzer: &Analyzer, question: &str) -> Result<Ranking, Error> {
        let units = analyzer.question(question);
        let mut found = Found {
            snapshot: self,
            terms: Vec::new(),
        };
        let mut seen = HashSet::new();
        let mut asked = Vec::new();
        // Saying a word twice asks no more than saying it once.
        for unit in units.iter().filter(|unit| seen.insert(&unit.word)) {
            if found.terms.len() + MOST_TERMS_OF_A_WORD > MOST_TERMS {
                break;
            }
            found.add(unit)?;
            asked.push(unit);
        }
        let words: Result<Vec<Asked>, Error> = asked.iter().map(|it| found.asked(it, analyzer)).collect();
        let mut words = words?;
        let mut units = asked.iter();
        // What only may have been heard, and was not, was not asked.
        words.retain(|it| {
            units
                .next()
                .is_some_and(|unit| !unit.is_only_heard() || !it.covers.is_empty())
        });
        let of_words = found
            .terms
            .iter()
            .filter(|it| it.field == self.fields.words && it.documents > 0);
        let stands_for = |id: TermId| {
            let content = words.iter().enumerate().filter(|(_, it)| it.content);
            let which = content.filter(|(_, it)| it.terms.contains(&id));
            which.fold(0, |mask, (at, _)| mask | 1 << at)
        };
        let mut terms: Vec<(TermId, u128)> = of_words.map(|it| (it.id, stands_for(it.id))).collect();
        terms.sort_unstable();
        let mut ranking = Ranking {
            scores: vec![0.0; self.count],
            masks: vec![0; self.count],
            words,
            terms,
            elsewhere: is_elsewhere(question),
            topics: analyzer.topics(question),
        };
        let read = self.read(&found.terms);
        for (bit, term) in found.terms.iter_mut().enumerate().filter(|it| read[it.0]) {
            self.score(term, 1 << bit, &mut ranking);
        }
        if read.contains(&false) {
            let best = self.best(&ranking.scores);
            for (bit, term) in found.terms.iter_mut().enumerate().filter(|it| !read[it.0]) {
                self.score_in(&best, term, 1 << bit, &mut ranking);
            }
        }
        Ok(ranking)
    }

    /// Which terms are read whole.
    fn read(&self, terms: &[QueryTerm]) -> Vec<bool> {
        let mut order: Vec<usize> = (0..terms.len()).collect();
        let impact = |at: &usize| terms[*at].weight * self.idf(terms[*at].documents);
        order.sort_by(|a, b| impact(b).total_cmp(&impact(a)).then(a.cmp(b)));
        let mut read = vec![false; terms.len()];
        let mut places = 0;
        for at in order {
            let fits = places == 0 || places + terms[at].documents <= MOST_READ;
            if fits {
                read[at] = true;
                places += terms[at].documents;
            }
        }
        read
    }

    /// The best passages so far: segment, document and number, in this order.
    fn best(&self, scores: &[f32]) -> Vec<(usize, u32, u32)> {
        let mut found: Vec<f32> = scores.iter().copied().filter(|it| *it > 0.0).collect();
        let least = match found.len() {
            0..=BEST_WITHOUT => f32::MIN_POSITIVE,
            _ => {
                *found
                    .select_nth_unstable_by(BEST_WITHOUT, |a, b| b.total_cmp(a))
                    .1
            }
        };
        let mut best = Vec::new();
        for (segment, passage_of) in self.passage_of.iter().enumerate() {
            for (doc, passage) in (0..).zip(passage_of) {
                if scores.get(*passage as usize).is_some_and(|it| *it >= least) {
                    best.push((segment, doc, *passage));
                }
            }
        }
        best
    }

    /// Scores these passages alone.
    fn score_in(&self, best: &[(usize, u32, u32)], term: &mut QueryTerm, bit: u128, ranking: &mut Ranking) {
        let weight = self.weight(term);
        let norms = self.norms(term.field);
        for (segment, postings) in &mut term.postings {
            for (_, doc, passage) in best.iter().filter(|it| it.0 == *segment) {
                let at = postings.seek(*doc);
                if postings.doc(at) == *doc {
                    ranking.add(&[*passage], &[postings.freq(at)], weight, norms, bit);
                }
            }
        }
    }

    fn weight(&self, term: &QueryTerm) -> f32 {
        term.weight * self.idf(term.documents) * (K1 + 1.0)
    }

    fn norms(&self, field: Field) -> &[f32] {
        if field == self.fields.han {
            &self.han.norms
        } else {
            &self.words.norms
        }
    }

    fn score(&self, term: &mut QueryTerm, bit: u128, ranking: &mut Ranking) {
        let weight = self.weight(term);
        let norms = self.norms(term.field);
        for (segment, postings) in &mut term.postings {
            let passage_of = &self.passage_of[*segment];
            while postings.block_len() > 0 {
                let blocks = postings.docs().chunks(BLOCK).zip(postings.freqs().chunks(BLOCK));
                for (docs, frequencies) in blocks {
                    let mut passages = [NO_PASSAGE; BLOCK];
                    for (passage, doc) in passages.iter_mut().zip(docs) {
                        *passage = passage_of[*doc as usize];
                    }
                    ranking.add(&passages[..docs.len()], frequencies, weight, norms, bit);
                }
                postings.advance();
            }
        }
    }

    fn idf(&self, documents: usize) -> f32 {
        let all = self.count as f32 + BACKGROUND;
        let with = documents as f32;
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }

    /// Where a term is, and in how many passages.
    fn look_up(
        &self,
        field: Field,
        text: &str,
    ) -> Result<(Vec<(usize, BlockSegmentPostings)>, usize), Error> {
        let term = Term::from_field_text(field, text);
        let mut found = Vec::new();
        let mut documents = 0;
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let index = segment.inverted_index(field)?;
            let Some(postings) = index.read_block_postings(&term, IndexRecordOption::WithFreqs)? else {
                continue;
            };
            documents += match segment.alive_bitset() {
                None => postings.doc_freq() as usize,
                Some(_) => self.count_alive(number, postings.clone()),
            };
            found.push((number, postings));
        }
        Ok((found, documents))
    }

    fn count_alive(&self, segment: usize, mut postings: BlockSegmentPostings) -> usize {
        let mut count = 0;
        while postings.block_len() > 0 {
            let passages = postings
                .docs()
                .iter()
                .map(|doc| self.passage_of[segment][*doc as usize]);
            count += passages.filter(|it| *it != NO_PASSAGE).count();
            postings.advance();
        }
        count
    }
}

impl Lengths {
    fn new(searcher: &Searcher, field: Field, passage_of: &[Vec<u32>], count: usize) -> Result<Self, Error> {
        let mut lengths = vec![0_u32; count];
        for (segment, passage_of) in searcher.segment_readers().iter().zip(passage_of) {
            let norms = segment.get_fieldnorms_reader(field)?;
            for (doc, passage) in passage_of.iter().enumerate() {
                if let (Some(length), Ok(doc)) = (lengths.get_mut(*passage as usize), u32::try_from(doc)) {
                    *length = norms.fieldnorm(doc);
                }
            }
        }
        let total: u64 = lengths.iter().map(|it| u64::from(*it)).sum();
        let mean = (total as f32 / count.max(1) as f32).max(1.0);
        let norm = |length: u32| K1 * (1.0 - B + B * (length as f32 / mean).max(SHORTEST));
        Ok(Self {
            norms: lengths.into_iter().map(norm).collect(),
        })
    }
}

/// The terms of a question while they are looked up. A term's place is its bit.
struct Found<'s> {
    snapshot: &'s Snapshot,
    terms: Vec<QueryTerm>,
}

impl Found<'_> {
    /// Looks a unit's terms up.
    fn add(&mut self, unit: &Unit) -> Result<(), Error> {
        let fields = self.snapshot.fields;
        let scale = if unit.content { 1.0 } else { FILLER_WEIGHT };
        let word = if unit.concepts.is_empty() {
            WORD_WEIGHT
        } else {
            KNOWN_WORD_WEIGHT
        };
        self.term(fields.words, &unit.word, word * scale)?;
        for part in unit.parts.iter().chain(&unit.inner) {
            self.term(fields.words, part, PART_WEIGHT * scale)?;
        }
        for concept in &unit.concepts {
            self.term(fields.words, concept, CONCEPT_WEIGHT * scale)?;
        }
        for pair in &unit.pairs {
            self.term(fields.han, pair, PAIR_WEIGHT * scale)?;
        }
        if let Some(link) = &unit.link {
            self.term(fields.han, link, LINK_WEIGHT)?;
        }
        Ok(())
    }

    fn term(&mut self, field: Field, text: &str, weight: f32) -> Result<Option<usize>, Error> {
        let id = TermId::of(text);
        if let Some(bit) = self.terms.iter().position(|it| it.id == id && it.field == field) {
            let term = &mut self.terms[bit];
            term.weight = term.weight.max(weight);
            return Ok((term.documents > 0).then_some(bit));
        }
        if self.terms.len() >= MOST_TERMS {
            return Ok(None);
        }
        let (postings, documents) = self.snapshot.look_up(field, text)?;
        self.terms.push(QueryTerm {
            field,
            id,
            weight,
            postings,
            documents,
        });
        Ok((documents > 0).then(|| self.terms.len() - 1))
    }

    /// What the index knows of a unit, a typo in it repaired if need be.
    fn asked(&mut self, unit: &Unit, analyzer: &Analyzer) -> Result<Asked, Error> {
        let mut covers = self.covers(unit);
        let mut terms = unit.terms();
        if covers.is_empty() && unit.content {
            self.repair_unit(unit, analyzer, &mut covers, &mut terms)?;
        }
        if unit.content
            && !unit.meant.is_empty()
            && !self.is_known(&unit.word)
            && !self.is_written(&unit.word)?
        {
            for meant in &unit.meant {
                self.instead(analyzer.sounded(meant), REPAIR_WEIGHT[1], &mut covers, &mut terms)?;
            }
        }
        let documents = covers
            .iter()
            .map(|(bits, _)| self.documents(*bits))
            .max()
            .unwrap_or(0);
        let unknown = covers.is_empty();
        // A generated name or a number of a log is in no document, and need not be.
        let generated = unknown && unit.word.bytes().any(|it| it.is_ascii_digit());
        let foreign: Vec<TermId> = unit
            .names()
            .filter(|it| analyzer.is_foreign(it))
            .map(TermId::of)
            .filter(|it| !self.is_at_home(*it))
            .collect();
        let strange = foreign.is_empty() && unknown && unit.proper;
        let technical =
            !unit.concepts.is_empty() || (unit.word.is_ascii() && !analyzer.is_right_word(&unit.word));
        terms.extend(&foreign);
        Ok(Asked {
            idf: self.snapshot.idf(documents),
            content: unit.content && !generated,
            short: unit.word.chars().nth(1).is_none(),
            strange,
            own: foreign.is_empty() && analyzer.is_own(unit),
            foreign,
            technical,
            terms,
            covers,
        })
    }

    /// The sets of terms that cover a unit: the word, all its parts, all its pairs, or a concept.
    fn covers(&self, unit: &Unit) -> Vec<(u128, f32)> {
        let fields = self.snapshot.fields;
        let word = std::slice::from_ref(&unit.word);
        let whole = [
            (fields.words, word),
            (fields.words, &unit.parts),
            (fields.han, &unit.pairs),
        ];
        let concepts = unit.concepts.chunks(1).map(|concept| (fields.words, concept));
        let sets = whole
            .into_iter()
            .chain(concepts)
            .filter_map(|(field, texts)| self.all_of(field, texts));
        sets.map(|bits| (bits, 1.0)).collect()
    }

    /// Repairs the word or, if it is a name that nothing is near to, those of its parts that nobody knows.
    fn repair_unit(
        &mut self,
        unit: &Unit,
        analyzer: &Analyzer,
        covers: &mut Vec<(u128, f32)>,
        terms: &mut Vec<TermId>,
    ) -> Result<(), Error> {
        if unit.ascii && !analyzer.is_right_word(&unit.word) {
            self.repair(&unit.typed.0, analyzer, covers, terms)?;
        }
        let parts = unit.parts.iter().zip(&unit.typed.1);
        for (part, typed) in parts.filter(|(_, it)| it.bytes().all(|it| it.is_ascii_lowercase())) {
            if covers.is_empty() && !self.is_known(part) && !analyzer.is_right_word(part) {
                self.repair(typed, analyzer, covers, terms)?;
            }
        }
        Ok(())
    }

    /// Searches what a typo may have been meant to be.
    fn repair(
        &mut self,
        word: &str,
        analyzer: &Analyzer,
        covers: &mut Vec<(u128, f32)>,
        terms: &mut Vec<TermId>,
    ) -> Result<(), Error> {
        let mut stems: Vec<String> = Vec::new();
        for (text, distance) in self.snapshot.spelling()?.near(word) {
            let text = analyzer.stem(&text);
            if stems.len() >= BEST_REPAIRS || stems.contains(&text) {
                continue;
            }
            stems.push(text.clone());
            let weight = REPAIR_WEIGHT[distance.min(2)];
            self.instead(analyzer.repaired(&text), weight, covers, terms)?;
        }
        Ok(())
    }

    /// Searches these terms, a word and its concepts, for a word that was meant to be it.
    fn instead(
        &mut self,
        meant: Vec<String>,
        weight: f32,
        covers: &mut Vec<(u128, f32)>,
        terms: &mut Vec<TermId>,
    ) -> Result<(), Error> {
        // As a word that was written rightly: known by its concepts, if it has any.
        let word = if meant.len() > 1 {
            KNOWN_WORD_WEIGHT
        } else {
            WORD_WEIGHT
        };
        for (nth, meant) in meant.into_iter().enumerate() {
            let counts = if nth == 0 { word } else { CONCEPT_WEIGHT };
            let bit = self.term(self.snapshot.fields.words, &meant, counts * weight)?;
            covers.extend(bit.map(|it| (1 << it, weight)));
            terms.push(TermId::of(&meant));
        }
        Ok(())
    }

    /// Whether the documents have every pair of characters of a word: then it is written as it was meant.
    fn is_written(&self, word: &str) -> Result<bool, Error> {
        let chars: Vec<char> = word.chars().collect();
        for pair in chars.windows(2) {
            let pair: String = pair.iter().collect();
            if self.snapshot.look_up(self.snapshot.fields.han, &pair)?.1 == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether so many passages have a name that the documents are about it.
    fn is_at_home(&self, name: TermId) -> bool {
        let words = self
            .terms
            .iter()
            .filter(|it| it.field == self.snapshot.fields.words);
        let found = words.into_iter().find(|it| it.id == name);
        found.is_some_and(|it| it.documents * AT_HOME > self.snapshot.count)
    }

    /// Whether some passage has this word.
    fn is_known(&self, word: &str) -> bool {
        let id = TermId::of(word);
        let words = self
            .terms
            .iter()
            .filter(|it| it.field == self.snapshot.fields.words);
        words.into_iter().any(|it| it.id == id && it.documents > 0)
    }

    fn all_of(&self, field: Field, texts: &[String]) -> Option<u128> {
        let mut bits = 0;
        for text in texts {
            let id = TermId::of(text);
            let bit = self
                .terms
                .iter()
                .position(|it| it.id == id && it.field == field)?;
            bits |= (self.terms[bit].documents > 0).then(|| 1_u128 << bit)?;
        }
        (bits != 0).then_some(bits)
    }

    /// How many passages have all these terms, at most.
    fn documents(&self, bits: u128) -> usize {
        let terms = self
            .terms
            .iter()
            .enumerate()
            .filter(|(bit, _)| bits >> bit & 1 == 1);
        terms.map(|(_, term)| term.documents).min().unwrap_or(0)
    }
}

impl Unit {
    /// It stands beside the words that it was cut into.
    fn is_only_heard(&self) -> bool {
        self.pairs.is_empty() && !self.meant.is_empty()
    }
}

impl Ranking {
    /// Counts a term in these passages, at most [`BLOCK`], which have it so often each. The divisions stand
    /// together, so that the processor makes several at a time: half of a question's time is spent here.
    fn add(&mut self, passages: &[u32], frequencies: &[u32], weight: f32, norms: &[f32], bit: u128) {
        let mut gains = [0.0; BLOCK];
        for (gain, passage) in gains.iter_mut().zip(passages) {
            *gain = norms.get(*passage as usize).copied().unwrap_or(1.0);
        }
        for (gain, frequency) in gains.iter_mut().zip(frequencies) {
            let frequency = *frequency as f32;
            *gain = weight * frequency / (frequency + *gain);
        }
        for (gain, passage) in gains.iter().zip(passages) {
            // One that was deleted is none.
            let at = *passage as usize;
            if let (Some(score), Some(mask)) = (self.scores.get_mut(at), self.masks.get_mut(at)) {
                *score += gain;
                *mask |= bit;
            }
        }
    }

    /// Whether there is anything in the question to go by.
    pub(crate) fn says_something(&self) -> bool {
        self.words
            .iter()
            .any(|it| it.content && !it.short && !it.covers.is_empty())
    }

    /// What the words of the question that matter are worth together.
    pub(crate) fn worth(&self) -> f32 {
        self.words.iter().filter(|it| it.content).map(|it| it.idf).sum()
    }

    /// Which share of that worth a passage covers. Weighed, a word that stands in its head (question, headings,
    /// tags: the terms in `head`) counts whole; one that only the text has may be there by chance.
    pub(crate) fn coverage(&self, passage: usize, head: &Head<'_>) -> Coverage {
        let mut coverage = Coverage::default();
        for word in self.words.iter().filter(|it| it.content) {
            let covered = word.idf * word.covered_by(self.masks[passage]);
            coverage.all += covered;
            coverage.weighed += covered * if word.is_in(head) { 1.0 } else { IN_TEXT };
        }
        let worth = self.worth().max(f32::MIN_POSITIVE);
        Coverage {
            all: coverage.all / worth,
            weighed: coverage.weighed / worth,
        }
    }

    /// Which share of that worth is in these terms.
    pub(crate) fn share_in(&self, head: &Head<'_>) -> f32 {
        let asked = self.words.iter().filter(|it| it.content && it.is_in(head));
        asked.map(|it| it.idf).sum::<f32>() / self.worth().max(f32::MIN_POSITIVE)
    }

    /// Which share of that worth is in the first of these but not in the second.
    pub(crate) fn share_only_in(&self, head: &Head<'_>, title: &Head<'_>) -> f32 {
        let asked = self
            .words
            .iter()
            .filter(|it| it.content && it.is_in(head) && !it.is_in(title));
        asked.map(|it| it.idf).sum::<f32>() / self.worth().max(f32::MIN_POSITIVE)
    }

    /// How far what was asked and this wording are the same.
    pub(crate) fn likeness(&self, wording: &Wording) -> Likeness {
        let (mut said, mut asked) = (0_u128, 0);
        for (term, word) in wording.terms.iter().zip(&wording.words) {
            if let Some(mask) = self.words_of(*term) {
                said |= 1 << word;
                asked |= mask;
            }
        }
        let words = self.words.iter().enumerate();
        let of_asked = words.filter(|(at, _)| asked >> at & 1 == 1).map(|(_, it)| it.idf);
        let share = of_asked.sum::<f32>() / self.worth().max(f32::MIN_POSITIVE);
        let fit = said.count_ones() as f32 / f32::from(wording.count.max(1));
        Likeness {
            fit,
            both: (fit * share).sqrt(),
        }
    }

    /// The words of the question that a term may stand for; `None` if it is none of its terms.
    fn words_of(&self, term: TermId) -> Option<u128> {
        let at = self.terms.binary_search_by_key(&term, |it| it.0).ok()?;
        Some(self.terms[at].1)
    }

    /// For each of these headings the share of what was asked that it has; a word that several have is shared among
    /// them.
    pub(crate) fn told_apart(&self, headings: &[Head<'_>]) -> Vec<f32> {
        let mut told = vec![0.0; headings.len()];
        let worth = self.worth().max(f32::MIN_POSITIVE);
        for word in self.words.iter().filter(|it| it.content) {
            let having: Vec<usize> = (0..headings.len())
                .filter(|at| word.is_in(&headings[*at]))
                .collect();
            for at in &having {
                told[*at] += word.idf / worth / having.len() as f32;
            }
        }
        told
    }

    /// What speaks for a question with these passages and heads, its own alone and all.
    pub(crate) fn evidence(
        &self,
        passages: impl Iterator<Item = usize>,
        [own, head]: &[Head<'_>; 2],
    ) -> Evidence {
        let mask = passages.fold(0, |mask, it| mask | self.masks[it]);
        let mut found = Evidence::default();
        let mut terms = 0.0;
        for word in self.words.iter().filter(|it| it.content) {
            let covered = word.covered_by(mask);
            let headed = word.is_in(head);
            let one = |is: bool| f32::from(u8::from(is));
            found.covered += word.idf * covered * if headed { 1.0 } else { IN_TEXT };
            found.headed += word.idf * one(headed);
            terms += one(word.technical);
            found.terms += one(word.technical && headed && covered > 0.0);
            found.foreign += one(word.is_foreign_to(own));
            found.strange += one(word.strange);
            match (word.own, covered > 0.0) {
                (true, true) => found.own += if headed { 1.0 } else { 0.5 },
                (true, false) => found.own_missed += 1.0,
                _ => {}
            }
        }
        let worth = self.worth().max(f32::MIN_POSITIVE);
        found.covered /= worth;
        found.headed /= worth;
        found.terms_share = found.terms / f32::max(terms, 1.0);
        found
    }

    /// Which share of that worth these passages cover together.
    pub(crate) fn covered_by(&self, passages: impl Iterator<Item = usize>) -> f32 {
        let mask = passages.fold(0, |mask, it| mask | self.masks[it]);
        let words = self.words.iter().filter(|it| it.content);
        let covered: f32 = words.map(|it| it.idf * it.covered_by(mask)).sum();
        covered / self.worth().max(f32::MIN_POSITIVE)
    }

    /// The worth of the most telling word that the passage does not have, as a share of all. A word
    /// that is in no document at all tells more than any.
    pub(crate) fn worst_miss(&self, passage: usize) -> f32 {
        let missed = self
            .words
            .iter()
            .filter(|it| it.content && it.covered_by(self.masks[passage]) == 0.0);
        let worst = missed.map(|it| {
            if it.covers.is_empty() {
                f32::INFINITY
            } else {
                it.idf
            }
        });
        worst.fold(0.0, f32::max) / self.worth().max(f32::MIN_POSITIVE)
    }
}

impl Asked {
    fn is_in(&self, head: &Head<'_>) -> bool {
        self.terms.iter().any(|it| head.has(*it))
    }

    fn is_foreign_to(&self, head: &Head<'_>) -> bool {
        !self.foreign.is_empty() && !self.foreign.iter().any(|it| head.has(*it))
    }

    fn covered_by(&self, mask: u128) -> f32 {
        let fits = self.covers.iter().filter(|(bits, _)| mask & bits == *bits);
        fits.map(|(_, share)| *share).fold(0.0, f32::max)
    }
}
