//! Ranked questions -> an answer, "did you mean", or "not known".
//!
//! A raw score says little: it grows with the length of the question and the rarity of its words.
//! So a logistic function over some features says how likely the best question is the right one,
//! and its coefficients are data. Two rules stand above it: a question that names something else
//! than the documents do is not answered, and of two questions that score alike neither is.

use serde::Deserialize;

use crate::search::{Coverage, Evidence, Ranking};
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
    weights: Features,
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
    /// The same without what being asked in the very words adds: who wrote fewer wordings down knows as much.
    pub(crate) plain: f32,
    /// The share of what was asked that the section covers.
    pub(crate) coverage: Coverage,
    /// The share of what was asked that the question's own words have.
    pub(crate) titled: f32,
    /// How far its title, or another wording of it, and what was asked are the same.
    pub(crate) alike: f32,
    /// Counted for the best few.
    pub(crate) evidence: Evidence,
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

/// What the calibration looks at, or how much each counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Features {
    /// The logarithm of the raw score.
    score: f32,
    /// How far the second is behind, as a share of the score.
    margin: f32,
    alike: f32,
    covered: f32,
    terms: f32,
    terms_share: f32,
    own: f32,
    own_missed: f32,
    foreign: f32,
    strange: f32,
}

/// How many there are.
pub(crate) const FEATURES: usize = 10;

impl Features {
    pub(crate) const NAMES: [&str; FEATURES] = [
        "score",
        "margin",
        "alike",
        "covered",
        "terms",
        "terms_share",
        "own",
        "own_missed",
        "foreign",
        "strange",
    ];

    pub(crate) fn values(&self) -> [f32; FEATURES] {
        [
            self.score,
            self.margin,
            self.alike,
            self.covered,
            self.terms,
            self.terms_share,
            self.own,
            self.own_missed,
            self.foreign,
            self.strange,
        ]
    }
}

/// Of two questions that score alike, the one whose own words have more of what was asked, by more than
/// this share of it, is meant.
const TITLED: f32 = 0.25;
/// From this probability on a question is shown as near where none answers: of the labelled ones for tuning, nine of ten
/// that should have been answered have theirs, and one of four off topic has any.
const NEAR: f32 = 0.05;
/// At most so many buttons.
pub(crate) const MOST_MEANT: usize = 3;
/// From here on a question and a wording are the same but for words that say nothing.
const VERY_WORDS: f32 = 0.97;
/// A margin to the second that says that it is another question.
const APART: f32 = 0.25;
/// What a question must be worth to be answered; `error` alone is not.
pub(crate) const LEAST_WORTH: f32 = 2.0;
/// An answer is not sure if a word is missing from it that makes up this share of the question.
const TELLING: f32 = 0.25;

impl Calibration {
    /// The coefficients that come with the program.
    pub(crate) fn bundled() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../data/calibration.json"))
    }

    pub(crate) fn coefficients(&self) -> (f32, [f32; FEATURES]) {
        (self.bias, self.weights.values())
    }

    /// How likely the first candidate is the right one.
    pub(crate) fn probability(&self, it: &Features) -> f32 {
        1.0 / (1.0 + (-self.sum(it)).exp())
    }

    /// The same before it is squeezed between 0 and 1, where the surest would look alike.
    pub(crate) fn sum(&self, it: &Features) -> f32 {
        let weighed = self.weights.values().into_iter().zip(it.values());
        self.bias + weighed.map(|(weight, value)| weight * value).sum::<f32>()
    }

    /// `candidates`: best first.
    pub(crate) fn decide(&self, ranking: &Ranking, candidates: &[Candidate]) -> Verdict {
        let Some(best) = candidates.first() else {
            return Verdict::Unknown;
        };
        if ranking.elsewhere || !ranking.says_something() {
            return Verdict::Unknown;
        }
        // Asked in the very words of a title or of another wording of it, and of no other.
        let others = candidates[1..].iter().map(|it| it.alike).fold(0.0, f32::max);
        if best.alike >= VERY_WORDS && others < VERY_WORDS && !best.evidence.is_of_another() {
            return Verdict::Answer(Confidence::High);
        }
        // Another product, and nothing that only Kubernetes has: none of these helps there.
        if best.evidence.is_of_another() {
            return Verdict::Unknown;
        }
        let found = features(candidates);
        // That others are as near is no sign that none is right: it is a reason to ask which.
        let apart = Features {
            margin: found.margin.max(APART),
            ..found
        };
        if self.probability(&apart) < self.maybe {
            return Verdict::Unknown;
        }
        // A bundled question that is like one of the team's is the same question answered twice.
        let alike = |it: &&Candidate| {
            let says_as_much = it.titled >= best.titled - TITLED;
            it.score >= self.alike * best.score
                && says_as_much
                && it.team == best.team
                && self.may_be_meant(it)
        };
        let meant = candidates.iter().take(MOST_MEANT).take_while(alike).count();
        if meant > 1 {
            return Verdict::Several(meant);
        }
        let probability = self.probability(&found);
        // What names another product beside Kubernetes must fit very well.
        let enough = if best.evidence.foreign > 0.0 {
            self.high
        } else {
            self.medium
        };
        // A word that is everywhere says which area is meant, not which question.
        if probability < enough || ranking.worth() < LEAST_WORTH {
            return match candidates.len() {
                1 if probability >= enough => Verdict::Answer(Confidence::Medium),
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

    /// Whether a question is worth a look where none answers.
    pub(crate) fn may_help(&self, candidate: &Candidate) -> bool {
        let found = Features {
            margin: APART,
            ..features(std::slice::from_ref(candidate))
        };
        self.probability(&found) >= NEAR
    }

    fn may_be_meant(&self, candidate: &Candidate) -> bool {
        self.probability(&features(std::slice::from_ref(candidate))) >= self.maybe
    }
}

impl Evidence {
    /// What was asked names another product, and nothing of Kubernetes that the answer has.
    fn is_of_another(&self) -> bool {
        self.foreign > 0.0 && self.own == 0.0
    }
}

/// What speaks for the first candidate. Counts are cut off where more says no more.
pub(crate) fn features(candidates: &[Candidate]) -> Features {
    let Some(best) = candidates.first() else {
        return Features::default();
    };
    let second = candidates[1..]
        .iter()
        .find(|it| it.team == best.team)
        .map_or(0.0, |it| it.score);
    let it = best.evidence;
    Features {
        score: best.raw.ln_1p(),
        margin: (1.0 - second / best.score.max(f32::MIN_POSITIVE)).max(0.0),
        alike: best.alike,
        covered: it.covered,
        terms: it.terms.min(4.0),
        terms_share: it.terms_share,
        own: it.own.min(2.0),
        own_missed: it.own_missed.min(2.0),
        // `redis` beside `pod` is about a Pod.
        foreign: (it.foreign - it.own).clamp(0.0, 2.0),
        strange: it.strange.min(2.0),
    }
}
