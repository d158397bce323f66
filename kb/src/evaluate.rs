//! Measures how well questions find their answers.
//!
//! A set is a folder with `corpus.jsonl` (`id`, `title`, `text`), `queries.jsonl` (`id`, `text`) and
//! `qrels.tsv` (query, document, relevance). Each document is a passage of its own.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use crate::index::{Change, Passage, SearchIndex};
use crate::search::Snapshot;
use crate::words::Analyzer;
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

/// Fits the coefficients of the bands to cases: how likely the best candidate is right, by its
/// features. Bundled documents and the documents of a team, questions that have an answer and ones
/// that have none should be among them. The bands are chosen by looking, not fitted.
pub fn calibrate(sets: &[(Library, Vec<Case>)]) -> Coefficients {
    let mut samples: Vec<([f64; 4], f64)> = Vec::new();
    for (library, cases) in sets {
        for case in cases {
            if let Some((features, file, title)) = library.weigh(&case.question) {
                let right = f64::from(u8::from(is_right(case, &file, &title)));
                samples.push((features.values().map(f64::from), right));
            }
        }
    }
    fit(&samples)
}

/// Coefficients as in `data/calibration.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Coefficients {
    /// What stands before all features.
    pub bias: f64,
    /// Of the top score, the score by worth, the margin, and the coverage.
    pub features: [f64; 4],
}

/// Logistic regression by gradient descent over standardised features, with a little weight decay.
/// A wrong answer costs twice what a missing one does.
fn fit(samples: &[([f64; 4], f64)]) -> Coefficients {
    const ROUNDS: usize = 20_000;
    const STEP: f64 = 0.5;
    const DECAY: f64 = 0.002;
    let count = samples.len().max(1) as f64;
    let mean = |at: usize| samples.iter().map(|(features, _)| features[at]).sum::<f64>() / count;
    let means = [0, 1, 2, 3].map(mean);
    let spread = |at: usize| {
        samples
            .iter()
            .map(|(it, _)| (it[at] - means[at]).powi(2))
            .sum::<f64>()
            / count
    };
    let spreads = [0, 1, 2, 3].map(|at| spread(at).sqrt().max(1e-9));
    let mut bias = 0.0;
    let mut weights = [0.0; 4];
    for _ in 0..ROUNDS {
        let mut bias_slope = 0.0;
        let mut slopes = weights.map(|weight| -DECAY * weight * count);
        for (features, right) in samples {
            let scaled = [0, 1, 2, 3].map(|at| (features[at] - means[at]) / spreads[at]);
            let sum: f64 = bias
                + weights
                    .iter()
                    .zip(scaled)
                    .map(|(weight, it)| weight * it)
                    .sum::<f64>();
            let error = (right - 1.0 / (1.0 + (-sum).exp())) * if *right > 0.5 { 1.0 } else { 2.0 };
            bias_slope += error;
            slopes
                .iter_mut()
                .zip(scaled)
                .for_each(|(slope, it)| *slope += error * it);
        }
        bias += STEP * bias_slope / count;
        weights
            .iter_mut()
            .zip(slopes)
            .for_each(|(weight, slope)| *weight += STEP * slope / count);
    }
    let features = [0, 1, 2, 3].map(|at| weights[at] / spreads[at]);
    let shift: f64 = features
        .iter()
        .zip(means)
        .map(|(weight, mean)| weight * mean)
        .sum();
    Coefficients {
        bias: bias - shift,
        features,
    }
}

fn is_right(case: &Case, file: &str, title: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    let name = name.split('.').next().unwrap_or(name);
    case.right.iter().any(|it| it == name || title.contains(it))
}
