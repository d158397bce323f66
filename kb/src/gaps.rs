//! Which questions are the same in other words.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use crate::words::{Analyzer, TermId};

/// What a term counts, by what it is, and when two questions are the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    /// Two groups are one if their questions are this much alike, in the mean over all pairs.
    pub(crate) alike: f32,
    /// A word that means something of the vocabulary, beside what it means.
    pub(crate) known: f32,
    /// What it means.
    pub(crate) concept: f32,
    /// A part of a name, and what is meant by a part of a term.
    pub(crate) part: f32,
    /// A pair of Chinese characters.
    pub(crate) pair: f32,
    /// What it is about.
    pub(crate) topic: f32,
    /// A word that questions are wrapped in, of what it counts else.
    pub(crate) filler: f32,
    /// So many questions are taken to be there beside those that are: a handful says little about what is rare.
    pub(crate) background: f32,
}

/// Chosen on one half of `tests/gaps.tsv`.
pub(crate) const CHOSEN: Weights = Weights {
    alike: 0.09,
    known: 0.6,
    concept: 1.0,
    part: 0.6,
    pair: 0.15,
    topic: 1.5,
    filler: 0.1,
    background: 20.0,
};

/// Two questions that are less alike than this have nothing in common.
const FAR: f32 = 0.04;
/// Beyond so many questions the table of all pairs would not fit: the rest stand alone.
const MOST: usize = 1500;

/// Groups of places, each in order, the first of them in the order in which they come.
pub(crate) fn groups(analyzer: &Analyzer, weights: &Weights, questions: &[&str]) -> Vec<Vec<usize>> {
    // In one order whatever order they come in, so that the same questions make the same groups.
    let mut order: Vec<usize> = (0..questions.len()).collect();
    let told = order.len().min(MOST);
    order[..told].sort_by_key(|at| (questions[*at], *at));
    let sorted: Vec<&str> = order[..told].iter().map(|at| questions[*at]).collect();
    let joined = Groups::of(&Vectors::of(analyzer, weights, &sorted), weights.alike).join();
    let alone = (told..order.len()).map(|place| vec![place]);
    let mut groups: Vec<Vec<usize>> = joined
        .into_iter()
        .chain(alone)
        .map(|group| group.into_iter().map(|place| order[place]).collect())
        .collect();
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.sort_unstable();
    groups
}

/// Each question as the weights of its terms, of length one.
struct Vectors(Vec<BTreeMap<TermId, f32>>);

impl Vectors {
    fn of(analyzer: &Analyzer, weights: &Weights, questions: &[&str]) -> Self {
        let terms = questions.iter().map(|it| terms(analyzer, weights, it));
        let terms: Vec<BTreeMap<TermId, f32>> = terms.collect();
        let mut documents: BTreeMap<TermId, f32> = BTreeMap::new();
        for term in terms.iter().flat_map(BTreeMap::keys) {
            *documents.entry(*term).or_default() += 1.0;
        }
        let all = questions.len() as f32 + weights.background;
        let rare = |term: &TermId| (all / (documents[term] + 0.5)).ln().max(0.0);
        let vectors = terms.into_iter().map(|terms| {
            let weighed: BTreeMap<TermId, f32> = terms
                .into_iter()
                .map(|(term, weight)| (term, weight * rare(&term)))
                .collect();
            let length = weighed
                .values()
                .map(|it| it * it)
                .sum::<f32>()
                .sqrt()
                .max(f32::MIN_POSITIVE);
            weighed
                .into_iter()
                .map(|(term, weight)| (term, weight / length))
                .collect()
        });
        Self(vectors.collect())
    }

    /// How alike two questions are, from 0 to 1.
    fn alike(&self, a: usize, b: usize) -> f32 {
        let (a, b) = (&self.0[a], &self.0[b]);
        let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
        few.iter()
            .filter_map(|(term, weight)| many.get(term).map(|other| weight * other))
            .sum()
    }
}

/// Questions on their way to groups: a group is named by the place of its first question.
struct Groups {
    members: Vec<Vec<usize>>,
    /// For each group the others that are alike, and the sum over all pairs of their questions.
    near: Vec<BTreeMap<usize, f32>>,
    /// What may be joined, the most alike first; some of it is no longer so.
    waiting: BinaryHeap<Candidate>,
    /// When two groups are one.
    alike: f32,
}

/// Two groups that may become one.
struct Candidate {
    mean: f32,
    groups: (usize, usize),
    /// How many questions they had: if they have more now, this is no longer so.
    sizes: (usize, usize),
}

impl Groups {
    fn of(vectors: &Vectors, enough: f32) -> Self {
        let count = vectors.0.len();
        let mut groups = Self {
            members: (0..count).map(|at| vec![at]).collect(),
            near: vec![BTreeMap::new(); count],
            waiting: BinaryHeap::new(),
            alike: enough,
        };
        for a in 0..count {
            for b in a + 1..count {
                let alike = vectors.alike(a, b);
                if alike >= FAR {
                    groups.near[a].insert(b, alike);
                    groups.near[b].insert(a, alike);
                    groups.offer(a, b);
                }
            }
        }
        groups
    }

    fn offer(&mut self, a: usize, b: usize) {
        let (a, b) = (a.min(b), a.max(b));
        let sizes = (self.members[a].len(), self.members[b].len());
        let sum = self.near[a].get(&b).copied().unwrap_or(0.0);
        let mean = sum / (sizes.0 * sizes.1) as f32;
        if mean >= self.alike {
            self.waiting.push(Candidate {
                mean,
                groups: (a, b),
                sizes,
            });
        }
    }

    /// The two that are most alike become one, as long as there are two that are alike enough.
    fn join(mut self) -> Vec<Vec<usize>> {
        while let Some(next) = self.waiting.pop() {
            let (a, b) = next.groups;
            if next.sizes != (self.members[a].len(), self.members[b].len()) {
                continue;
            }
            let joined = std::mem::take(&mut self.members[b]);
            self.members[a].extend(joined);
            let others = std::mem::take(&mut self.near[b]);
            for (other, sum) in others.into_iter().filter(|(other, _)| *other != a) {
                self.near[other].remove(&b);
                *self.near[other].entry(a).or_default() += sum;
                *self.near[a].entry(other).or_default() += sum;
            }
            self.near[a].remove(&b);
            let others: Vec<usize> = self.near[a].keys().copied().collect();
            others.into_iter().for_each(|other| self.offer(a, other));
        }
        self.members
            .into_iter()
            .filter(|group| !group.is_empty())
            .collect()
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        // The heap gives the greatest: the most alike, and of these the first.
        let mean = self.mean.total_cmp(&other.mean);
        mean.then_with(|| other.groups.cmp(&self.groups))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

/// The terms of a question with what each counts.
fn terms(analyzer: &Analyzer, weights: &Weights, question: &str) -> BTreeMap<TermId, f32> {
    let mut terms: BTreeMap<TermId, f32> = BTreeMap::new();
    let mut add = |term: &str, weight: f32| {
        let known = terms.entry(TermId::of(term)).or_default();
        *known = known.max(weight);
    };
    for unit in analyzer.question(question) {
        let scale = if unit.content { 1.0 } else { weights.filler };
        let word = if unit.concepts.is_empty() {
            1.0
        } else {
            weights.known
        };
        add(&unit.word, word * scale);
        unit.concepts
            .iter()
            .for_each(|it| add(it, weights.concept * scale));
        unit.parts
            .iter()
            .chain(&unit.inner)
            .for_each(|it| add(it, weights.part * scale));
        unit.pairs
            .iter()
            .chain(&unit.link)
            .for_each(|it| add(it, weights.pair * scale));
    }
    for topic in analyzer.topics(question) {
        add(&format!("topic {topic}"), weights.topic);
    }
    terms
}
