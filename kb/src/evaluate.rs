//! Measures how well questions find their answers.
//!
//! A set is a folder with `corpus.jsonl` (`id`, `title`, `text`), `queries.jsonl` (`id`, `text`) and
//! `qrels.tsv` (query, document, relevance). Each document is a passage of its own.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::answer::{Calibration, FEATURES, Features};
use crate::index::{Change, Passage, SearchIndex};
use crate::search::Snapshot;
use crate::words::{Analyzer, fnv};
use crate::{Error, Lang, Library, Outcome};

/// How well the questions of a set found their documents.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// Documents in the set.
    pub documents: usize,
    /// Questions that have a right document.
    pub questions: usize,
    /// Mean reciprocal rank of the first right document among the first ten.
    pub mrr: f64,
    /// Share of questions whose right document is the first.
    pub at_1: f64,
    /// ... is among the first three.
    pub at_3: f64,
    /// ... is among the first ten.
    pub at_10: f64,
}

/// A set in memory.
pub struct Set {
    documents: Vec<Document>,
    queries: Vec<Query>,
    right: HashMap<String, HashSet<String>>,
}

#[derive(Deserialize)]
struct Document {
    id: String,
    #[serde(default)]
    title: String,
    text: String,
}

#[derive(Deserialize)]
struct Query {
    id: String,
    text: String,
}

impl Set {
    /// Reads the set in `folder`.
    ///
    /// # Errors
    /// If a file is not there or not in its form.
    pub fn read(folder: &Path) -> io::Result<Set> {
        let mut right: HashMap<String, HashSet<String>> = HashMap::new();
        for line in fs::read_to_string(folder.join("qrels.tsv"))?.lines() {
            let mut cells = line.split('\t');
            let (Some(query), Some(document), relevance) = (cells.next(), cells.next(), cells.next()) else {
                continue;
            };
            if relevance.is_none_or(|it| it.trim() != "0") {
                right
                    .entry(query.to_owned())
                    .or_default()
                    .insert(document.to_owned());
            }
        }
        let documents = json_lines(&folder.join("corpus.jsonl"))?;
        let queries = json_lines(&folder.join("queries.jsonl"))?;
        Ok(Set {
            documents,
            queries,
            right,
        })
    }

    /// Indexes the documents and asks every question that has a right one.
    ///
    /// # Errors
    /// If the index cannot be built.
    pub fn score(&self) -> Result<Scores, Error> {
        let analyzer = Analyzer::new();
        let index = self.index(&analyzer)?;
        let number = |at: usize| ((at as u64, 0), u32::try_from(at).unwrap_or(u32::MAX));
        let snapshot = Snapshot::new(&index, &(0..self.documents.len()).map(number).collect())?;
        let mut scores = Scores {
            documents: self.documents.len(),
            ..Scores::default()
        };
        for query in &self.queries {
            let Some(right) = self.right.get(&query.id) else {
                continue;
            };
            let ranking = snapshot.search(&analyzer, &query.text)?;
            let rank = best_rank(&ranking.scores, |at| right.contains(&self.documents[at].id));
            scores.count(rank);
        }
        Ok(scores.mean())
    }

    fn index(&self, analyzer: &Analyzer) -> Result<SearchIndex, Error> {
        let passage = |(at, document): (usize, &Document)| Passage {
            file: at as u64,
            ordinal: 0,
            head: document.title.clone(),
            body: document.text.clone(),
        };
        let add: Vec<Passage> = self.documents.iter().enumerate().map(passage).collect();
        let files = add.iter().map(|it| (it.file, 0)).collect();
        let mut index = SearchIndex::in_memory()?;
        index.apply(
            &Change {
                remove: Vec::new(),
                add,
                files,
            },
            analyzer,
        )?;
        Ok(index)
    }
}

impl Scores {
    fn count(&mut self, rank: Option<usize>) {
        self.questions += 1;
        let Some(rank) = rank.filter(|it| *it < 10) else {
            return;
        };
        self.mrr += 1.0 / (rank + 1) as f64;
        self.at_1 += f64::from(u8::from(rank < 1));
        self.at_3 += f64::from(u8::from(rank < 3));
        self.at_10 += 1.0;
    }

    fn mean(self) -> Self {
        let all = self.questions.max(1) as f64;
        let Self {
            documents,
            questions,
            mrr,
            at_1,
            at_3,
            at_10,
        } = self;
        Self {
            documents,
            questions,
            mrr: mrr / all,
            at_1: at_1 / all,
            at_3: at_3 / all,
            at_10: at_10 / all,
        }
    }
}

/// From 0; documents of equal score stand in their order.
fn best_rank(scores: &[f32], is_right: impl Fn(usize) -> bool) -> Option<usize> {
    let right = (0..scores.len()).filter(|at| scores[*at] > 0.0 && is_right(*at));
    let best = right.max_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(b.cmp(a)))?;
    let ahead = |at: &usize| scores[*at] > scores[best] || (scores[*at] == scores[best] && *at < best);
    Some((0..scores.len()).filter(ahead).count())
}

fn json_lines<T: for<'d> Deserialize<'d>>(path: &Path) -> io::Result<Vec<T>> {
    let text = fs::read_to_string(path)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| serde_json::from_str(line).map_err(io::Error::from))
        .collect()
}

/// A question and where its answer stands, to be asked of a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// As a person asks it.
    pub question: String,
    /// File names without ending, or parts of titles, of the questions that answer it; empty: none.
    pub right: Vec<String>,
    /// Part of the heading of the right section; empty: any section.
    pub section: String,
}

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Answered, and rightly.
    Right,
    /// The right question, but another section of it.
    OtherSection,
    /// The right question is among those that may be meant.
    Meant,
    /// Not answered though there is an answer.
    Missed,
    /// Answered, and wrongly.
    Wrong,
    /// Asked whether something was meant that was not.
    WronglyMeant,
    /// Not answered, and there is no answer.
    RightlyNot,
}

/// Reads cases: question, right ones by `|` (`-`: none), section; by tabs.
pub fn cases(text: &str) -> Vec<Case> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let case = |line: &str| {
        let mut cells = line.split('\t');
        let mut next = || cells.next().unwrap_or_default().trim().to_owned();
        let (question, right, section) = (next(), next(), next());
        let right = right
            .split('|')
            .filter(|it| *it != "-")
            .map(str::to_owned)
            .collect();
        Case {
            question,
            right,
            section: if section == "*" { String::new() } else { section },
        }
    };
    lines.map(case).collect()
}

/// Asks a case.
pub fn judge(library: &Library, case: &Case) -> Judged {
    let lang = Lang::of_text(&case.question).unwrap_or(Lang::Zh);
    let known = !case.right.is_empty();
    match library.ask(&case.question, lang) {
        Outcome::Answer(answer) if is_right(case, &answer.question.file, &answer.question.title) => {
            let path = answer.question.sections[answer.section].path.join(" ");
            let same = path.to_lowercase().contains(&case.section.to_lowercase());
            if same { Judged::Right } else { Judged::OtherSection }
        }
        Outcome::Answer(_) => Judged::Wrong,
        Outcome::DidYouMean(near) if near.iter().any(|it| is_right(case, &it.file, &it.title)) => {
            Judged::Meant
        }
        Outcome::DidYouMean(_) => Judged::WronglyMeant,
        Outcome::NotKnown(_) if known => Judged::Missed,
        Outcome::NotKnown(_) => Judged::RightlyNot,
    }
}

/// What the bands see in a question, and whether the first candidate is right.
pub struct Sample {
    /// Which of the sets it is of.
    set: usize,
    features: [f64; FEATURES],
    right: bool,
}

/// Asks every case of every set. A case whose answer a library does not have is one that it must not
/// answer: the questions of one library are the near misses of another.
pub fn samples(sets: &[(Library, Vec<Case>)]) -> Vec<Sample> {
    let mut samples = Vec::new();
    for (set, (library, cases)) in sets.iter().enumerate() {
        for case in cases {
            if let Some((features, file, title)) = library.weigh(&case.question) {
                samples.push(Sample {
                    set,
                    features: features.values().map(f64::from),
                    right: is_right(case, &file, &title),
                });
            }
        }
    }
    samples
}

/// Fits the coefficients of the bands to samples: how likely the best candidate is right. In each
/// set, right and wrong candidates count the same, however many there are. The bands are chosen by
/// looking, not fitted.
pub fn calibrate(samples: &[Sample]) -> Coefficients {
    let mut counts: HashMap<(usize, bool), f64> = HashMap::new();
    for it in samples {
        *counts.entry((it.set, it.right)).or_default() += 1.0;
    }
    let weight = |it: &Sample| 1.0 / counts[&(it.set, it.right)];
    fit(samples, &samples.iter().map(weight).collect::<Vec<_>>())
}

/// How well a value tells right candidates from wrong ones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Telling {
    /// The area under its receiver operating characteristic.
    pub auroc: f64,
    /// The share of right ones kept where nine of ten that are kept are right.
    pub kept_at_p90: f64,
}

/// How well the probability tells, and beside it the raw score.
pub fn telling(samples: &[Sample], coefficients: &Coefficients) -> [Telling; 2] {
    let by = |value: &dyn Fn(&Sample) -> f64| {
        let mut values: Vec<(f64, bool)> = samples.iter().map(|it| (value(it), it.right)).collect();
        values.sort_by(|a, b| b.0.total_cmp(&a.0));
        tell(&values)
    };
    [by(&|it| coefficients.sum(it)), by(&|it| it.features[0])]
}

/// `values`: highest first. Of equal ones neither is before the other.
fn tell(values: &[(f64, bool)]) -> Telling {
    let all = values.iter().filter(|it| it.1).count() as f64;
    let (mut right, mut wrong, mut area, mut kept) = (0.0, 0.0, 0.0, 0.0);
    for same in values.chunk_by(|a, b| a.0 == b.0) {
        let hits = same.iter().filter(|it| it.1).count() as f64;
        let misses = same.len() as f64 - hits;
        area += misses * (right + hits / 2.0);
        right += hits;
        wrong += misses;
        if right >= 0.9 * (right + wrong) {
            kept = right;
        }
    }
    Telling {
        auroc: area / f64::max(all * wrong, 1.0),
        kept_at_p90: kept / f64::max(all, 1.0),
    }
}

/// Coefficients as in `data/calibration.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coefficients {
    bias: f64,
    weights: [f64; FEATURES],
}

impl Coefficients {
    /// The ones that came with the program.
    ///
    /// # Errors
    /// If they are not in their form.
    pub fn bundled() -> Result<Self, Error> {
        let (bias, weights) = Calibration::bundled()?.coefficients();
        Ok(Self {
            bias: f64::from(bias),
            weights: weights.map(f64::from),
        })
    }

    fn sum(&self, it: &Sample) -> f64 {
        let weighed = self.weights.iter().zip(it.features);
        self.bias + weighed.map(|(weight, value)| weight * value).sum::<f64>()
    }
}

impl std::fmt::Display for Coefficients {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(to, "  \"bias\": {:.3},\n  \"weights\": {{", self.bias)?;
        let lines = Features::NAMES.iter().zip(self.weights);
        let lines: Vec<String> = lines
            .map(|(name, it)| format!("    \"{name}\": {it:.3}"))
            .collect();
        write!(to, "{}\n  }},", lines.join(",\n"))
    }
}

/// Logistic regression by gradient descent over standardised features, with a little weight decay.
fn fit(samples: &[Sample], importance: &[f64]) -> Coefficients {
    const ROUNDS: usize = 20_000;
    const STEP: f64 = 1.0;
    const DECAY: f64 = 0.002;
    let total: f64 = importance.iter().sum();
    let count = samples.len().max(1) as f64;
    let mean = |at: usize| samples.iter().map(|it| it.features[at]).sum::<f64>() / count;
    let means: [f64; FEATURES] = std::array::from_fn(mean);
    let spread = |at: usize| {
        let squares = samples.iter().map(|it| (it.features[at] - means[at]).powi(2));
        (squares.sum::<f64>() / count).sqrt().max(1e-9)
    };
    let spreads: [f64; FEATURES] = std::array::from_fn(spread);
    let scaled = |it: &Sample| std::array::from_fn(|at| (it.features[at] - means[at]) / spreads[at]);
    let rows: Vec<[f64; FEATURES]> = samples.iter().map(scaled).collect();
    let mut found = Coefficients::default();
    for _ in 0..ROUNDS {
        let mut slope = Coefficients::default();
        for ((row, sample), importance) in rows.iter().zip(samples).zip(importance) {
            let sum: f64 = found.bias + found.weights.iter().zip(row).map(|(a, b)| a * b).sum::<f64>();
            let wanted = f64::from(u8::from(sample.right));
            let error = importance / total * (wanted - 1.0 / (1.0 + (-sum).exp()));
            slope.bias += error;
            slope
                .weights
                .iter_mut()
                .zip(row)
                .for_each(|(slope, it)| *slope += error * it);
        }
        found.bias += STEP * slope.bias;
        let steps = found.weights.iter_mut().zip(slope.weights);
        steps.for_each(|(weight, slope)| *weight += STEP * (slope - DECAY * *weight));
    }
    let weights: [f64; FEATURES] = std::array::from_fn(|at| found.weights[at] / spreads[at]);
    let shift: f64 = weights
        .iter()
        .zip(means)
        .map(|(weight, mean)| weight * mean)
        .sum();
    Coefficients {
        bias: found.bias - shift,
        weights,
    }
}

/// Which half of labelled questions a case is in: one is tuned to, the other is reported.
pub fn is_tuned_to(case: &Case) -> bool {
    fnv(case.question.as_bytes()).is_multiple_of(2)
}

fn is_right(case: &Case, file: &str, title: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.split('.').next().unwrap_or(name);
    case.right.iter().any(|it| it == name || title.contains(it))
}

#[cfg(test)]
mod tests {
    use super::{Telling, tell};

    #[test]
    fn how_well_a_value_tells() {
        let apart = tell(&[(0.9, true), (0.8, true), (0.2, false)]);
        assert_eq!(
            apart,
            Telling {
                auroc: 1.0,
                kept_at_p90: 1.0
            }
        );
        let mixed = tell(&[(0.9, true), (0.8, false), (0.7, true), (0.1, false)]);
        assert_eq!(
            mixed,
            Telling {
                auroc: 0.75,
                kept_at_p90: 0.5
            }
        );
        let same = tell(&[(0.5, true), (0.5, false)]);
        assert_eq!(
            same,
            Telling {
                auroc: 0.5,
                kept_at_p90: 0.0
            }
        );
    }
}
