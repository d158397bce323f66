//! Measures how well questions find their answers: labelled questions of a library here, whole sets
//! in `set.rs`.

mod set;

use std::collections::HashMap;

use crate::answer::{Calibration, FEATURES, Features};
use crate::words::fnv;
use crate::{Error, Lang, Library, Outcome};

pub use set::{Opened, Scores, Set, SetFault, SetFaultKind};

/// A question and where its answer stands, to be asked of a library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its name. Decides which half it is in, so that its words can be mended.
    pub id: String,
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

/// Reads cases: id, question (`\n` begins a new line), right ones by `|` (`-`: none), section; by tabs.
pub fn cases(text: &str) -> Vec<Case> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    let case = |line: &str| {
        let mut cells = line.split('\t');
        let mut next = || cells.next().unwrap_or_default().trim().to_owned();
        let (id, question, right, section) = (next(), next().replace("\\n", "\n"), next(), next());
        let right = right
            .split('|')
            .filter(|it| *it != "-")
            .map(str::to_owned)
            .collect();
        Case {
            id,
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

/// What became of many cases.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Cases that have an answer, and cases that have none.
    pub known: usize,
    /// See `known`.
    pub unknown: usize,
    /// Of the known: the right question stands first, whatever the band.
    pub first: f64,
    /// ... stands among the first three.
    pub three: f64,
    /// ... is given as the answer, in whichever section.
    pub answered: f64,
    /// Of the known: another question is given as the answer.
    pub wrong: f64,
    /// How many of the unknown were answered.
    pub off_topic_answered: usize,
    /// How well the probability tells whether the first is right.
    pub calibrated: Telling,
    /// The same of the raw score.
    pub raw: Telling,
}

/// Asks all cases.
///
/// # Errors
/// If the coefficients of the bands are not in their form.
pub fn summary(library: &Library, cases: &[Case]) -> Result<Summary, Error> {
    let mut found = Summary::default();
    let mut values = Vec::new();
    let coefficients = Coefficients::bundled()?;
    let one = |is: bool| f64::from(u8::from(is));
    for case in cases {
        let judged = judge(library, case);
        let ranked = library.ranked(&case.question);
        let rank = ranked
            .iter()
            .position(|(file, title)| is_right(case, file, title));
        if case.right.is_empty() {
            found.unknown += 1;
            found.off_topic_answered += usize::from(judged == Judged::Wrong);
        } else {
            found.known += 1;
            found.first += one(rank.is_some_and(|it| it < 1));
            found.three += one(rank.is_some_and(|it| it < 3));
            found.answered += one(matches!(judged, Judged::Right | Judged::OtherSection));
            found.wrong += one(judged == Judged::Wrong);
        }
        let features = library
            .weigh(&case.question)
            .map(|(features, ..)| features.values().map(f64::from));
        let sum = features.map_or([f64::NEG_INFINITY; 2], |it| [coefficients.of(&it), it[0]]);
        values.push((sum, rank == Some(0)));
    }
    let known = found.known.max(1) as f64;
    for count in [
        &mut found.first,
        &mut found.three,
        &mut found.answered,
        &mut found.wrong,
    ] {
        *count /= known;
    }
    let told = |which: usize| tell(values.iter().map(|(sum, right)| (sum[which], *right)).collect());
    found.calibrated = told(0);
    found.raw = told(1);
    Ok(found)
}

/// The file and title of the question that stands first, whatever the band.
pub fn first(library: &Library, question: &str) -> Option<(String, String)> {
    library.ranked(question).into_iter().next()
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
    let by = |value: &dyn Fn(&Sample) -> f64| tell(samples.iter().map(|it| (value(it), it.right)).collect());
    [by(&|it| coefficients.of(&it.features)), by(&|it| it.features[0])]
}

/// Each value, and whether it is that of a right candidate. Of equal ones neither is before the other.
fn tell(mut values: Vec<(f64, bool)>) -> Telling {
    values.sort_by(|a, b| b.0.total_cmp(&a.0));
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
        // Where nothing is wrong, nothing wrong stands before what is right.
        auroc: if wrong == 0.0 {
            1.0
        } else {
            area / f64::max(all * wrong, 1.0)
        },
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

    fn of(&self, features: &[f64; FEATURES]) -> f64 {
        let weighed = self.weights.iter().zip(features);
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
    let hash = fnv(case.id.as_bytes());
    // Ids are short and alike: mixed once more, or all of a kind would be in one half.
    (hash ^ (hash >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 63 == 0
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
        let apart = tell(vec![(0.9, true), (0.8, true), (0.2, false)]);
        assert_eq!(
            apart,
            Telling {
                auroc: 1.0,
                kept_at_p90: 1.0
            }
        );
        let mixed = tell(vec![(0.9, true), (0.8, false), (0.7, true), (0.1, false)]);
        assert_eq!(
            mixed,
            Telling {
                auroc: 0.75,
                kept_at_p90: 0.5
            }
        );
        let same = tell(vec![(0.5, true), (0.5, false)]);
        assert_eq!(
            same,
            Telling {
                auroc: 0.5,
                kept_at_p90: 0.0
            }
        );
    }
}
