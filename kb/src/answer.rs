//! Ranked questions -> an answer, "did you mean", or "not known".
//!
//! A raw score says little: it grows with the length of the question and the rarity of its words.
//! So a logistic function over four features says how likely the best question is the right one,
//! and its coefficients are data. Two rules stand above it: a question that names something else
//! than the documents do is not answered, and of two questions that score alike neither is.

use serde::Deserialize;

use crate::search::{Coverage, Ranking};
use crate::{Answer, Confidence, Near};

/// What a question is answered with.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// One question answers it.
    Answer(Answer),
    /// Two or three may.
    DidYouMean(Vec<Near>),
    /// None does; the nearest, at most three.
    NotKnown(Vec<Near>),
}

/// How the features are weighed and where the bands begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calibration {
    bias: f32,
    score: f32,
    per_worth: f32,
    margin: f32,
    coverage: f32,
    /// From this probability on an answer is sure, and from the next it is given.
    high: f32,
    medium: f32,
    /// From this on, it is asked whether it was meant.
    maybe: f32,
    /// From this share of the best score on, the second is alike.
    alike: f32,
}

/// A question of the documents that may be the answer, by its best section.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    /// Which question, in both languages.
    pub(crate) group: usize,
    /// Its best section, and the score of that.
    pub(crate) passage: usize,
    pub(crate) raw: f32,
    /// The same with what its title and source add.
    pub(crate) score: f32,
    /// The share of what was asked that the section covers.
    pub(crate) coverage: Coverage,
    /// The share of what was asked that the question's own words have.
    pub(crate) titled: f32,
    /// What was asked names something that neither question nor headings do.
    pub(crate) foreign: bool,
    pub(crate) team: bool,
}

/// What is to be done with the candidates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    Answer(Confidence),
    /// So many of the first may be meant.
    Several(usize),
    Unknown,
}

/// What the calibration looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Features {
    pub(crate) score: f32,
    pub(crate) per_worth: f32,
    pub(crate) margin: f32,
    pub(crate) coverage: f32,
}

impl Features {
    pub(crate) fn values(&self) -> [f32; 4] {
        [self.score, self.per_worth, self.margin, self.coverage]
    }
}

/// Of two questions that score alike, the one whose own words have more of what was asked, by more than
/// this share of it, is meant.
const TITLED: f32 = 0.25;
/// At most so many buttons.
const MOST_MEANT: usize = 3;
/// A margin to the second that says that it is another question.
const APART: f32 = 0.25;
/// What a question must be worth to be answered; `error` alone is not.
const LEAST_WORTH: f32 = 2.0;
/// An answer is not sure if a word is missing from it that makes up this share of the question.
const TELLING: f32 = 0.25;

impl Calibration {
    /// The coefficients that come with the program.
    pub(crate) fn bundled() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../data/calibration.json"))
    }

    /// How likely the first candidate is the right one.
    pub(crate) fn probability(&self, it: &Features) -> f32 {
        let sum = self.bias
            + self.score * it.score
            + self.per_worth * it.per_worth
            + self.margin * it.margin
            + self.coverage * it.coverage;
        1.0 / (1.0 + (-sum).exp())
    }

    /// `candidates`: best first.
    pub(crate) fn decide(&self, ranking: &Ranking, candidates: &[Candidate]) -> Verdict {
        let Some(best) = candidates.first().filter(|it| !it.foreign) else {
            return Verdict::Unknown;
        };
        let found = features(ranking, candidates);
        // That others are as near is no sign that none is right: it is a reason to ask which.
        let apart = Features {
            margin: found.margin.max(APART),
            ..found
        };
        if !ranking.says_something() || self.probability(&apart) < self.maybe {
            return Verdict::Unknown;
        }
        // A bundled question that is like one of the team's is the same question answered twice.
        let alike = |it: &&Candidate| {
            let says_as_much = it.titled >= best.titled - TITLED;
            it.score >= self.alike * best.score
                && says_as_much
                && it.team == best.team
                && self.may_be_meant(ranking, it)
        };
        let meant = candidates.iter().take(MOST_MEANT).take_while(alike).count();
        if meant > 1 {
            return Verdict::Several(meant);
        }
        let probability = self.probability(&found);
        // A word that is everywhere says which area is meant, not which question.
        if probability < self.medium || ranking.worth() < LEAST_WORTH {
            return match candidates.len() {
                1 if probability >= self.medium => Verdict::Answer(Confidence::Medium),
                1 => Verdict::Unknown,
                count => Verdict::Several(count.min(MOST_MEANT)),
            };
        }
        let sure = probability >= self.high && ranking.worst_miss(best.passage) < TELLING;
        Verdict::Answer(if sure {
            Confidence::High
        } else {
            Confidence::Medium
        })
    }

    fn may_be_meant(&self, ranking: &Ranking, candidate: &Candidate) -> bool {
        self.probability(&features(ranking, std::slice::from_ref(candidate))) >= self.maybe
    }
}

/// The four features of the first candidate.
pub(crate) fn features(ranking: &Ranking, candidates: &[Candidate]) -> Features {
    let Some(best) = candidates.first() else {
        return Features::default();
    };
    let second = candidates[1..]
        .iter()
        .find(|it| it.team == best.team)
        .map_or(0.0, |it| it.score);
    Features {
        score: best.raw,
        per_worth: best.raw / ranking.worth().max(1.0),
        margin: (1.0 - second / best.score.max(f32::MIN_POSITIVE)).max(0.0),
        coverage: best.coverage.weighed,
    }
}
