//! Whether the same question in other words is known as such, on `tests/gaps.tsv`: group, tab, question.
//!
//! The numbers of `gaps.rs` were chosen on one half of the groups, by hash; the other half is what counts: there
//! four fifths of the pairs that belong together are joined, and at most two in a hundred of the others.
#![expect(
    clippy::print_stderr,
    reason = "what was measured is said in the run's output"
)]

use std::collections::HashMap;

use crate::gaps::{self, Weights};
use crate::words::{Analyzer, fnv};

/// What was made of the questions of one half.
#[derive(Debug, Default)]
struct Report {
    same: usize,
    same_joined: usize,
    other: usize,
    other_joined: usize,
}

impl Report {
    fn joined(&self) -> f64 {
        self.same_joined as f64 / self.same as f64
    }

    fn wrongly(&self) -> f64 {
        self.other_joined as f64 / self.other as f64
    }
}

/// Group and question of each line of one half.
fn half(which: u64) -> Vec<(&'static str, &'static str)> {
    let lines = include_str!("../../../tests/gaps.tsv").lines();
    let pairs = lines.filter_map(|line| line.split_once('\t'));
    pairs
        .filter(|(group, _)| fnv(group.as_bytes()) % 2 == which)
        .collect()
}

fn report(analyzer: &Analyzer, which: u64, weights: &Weights) -> Report {
    let labelled = half(which);
    let questions: Vec<&str> = labelled.iter().map(|(_, question)| *question).collect();
    let groups = gaps::groups(analyzer, weights, &questions);
    let mut group_of = HashMap::new();
    for (group, places) in groups.iter().enumerate() {
        for place in places {
            assert!(
                group_of.insert(*place, group).is_none(),
                "{place} is in two groups"
            );
        }
    }
    assert_eq!(group_of.len(), questions.len());
    let mut report = Report::default();
    for a in 0..labelled.len() {
        for b in a + 1..labelled.len() {
            let joined = usize::from(group_of[&a] == group_of[&b]);
            match labelled[a].0 == labelled[b].0 {
                true => {
                    report.same += 1;
                    report.same_joined += joined;
                }
                false => {
                    report.other += 1;
                    report.other_joined += joined;
                }
            }
        }
    }
    eprintln!(
        "half {which}: {} questions, {:.1} % of {} pairs joined, {:.2} % of {} wrongly",
        questions.len(),
        report.joined() * 100.0,
        report.same,
        report.wrongly() * 100.0,
        report.other
    );
    report
}

#[test]
fn the_same_question_in_other_words_is_one_gap() {
    let analyzer = Analyzer::new("");
    report(&analyzer, 0, &gaps::CHOSEN);
    let held_out = report(&analyzer, 1, &gaps::CHOSEN);
    assert!(held_out.same > 100, "{held_out:?}");
    assert!(held_out.joined() >= 0.8, "{held_out:?}");
    assert!(held_out.wrongly() <= 0.02, "{held_out:?}");
}

#[test]
fn groups_do_not_depend_on_the_order_of_the_questions() {
    let analyzer = Analyzer::new("");
    let questions: Vec<&str> = half(0)
        .into_iter()
        .map(|(_, question)| question)
        .take(60)
        .collect();
    let backwards: Vec<&str> = questions.iter().rev().copied().collect();
    let named = |questions: &[&'static str]| {
        let groups = gaps::groups(&analyzer, &gaps::CHOSEN, questions).into_iter();
        let mut groups: Vec<Vec<&str>> = groups
            .map(|group| {
                let mut group: Vec<&str> = group.into_iter().map(|at| questions[at]).collect();
                group.sort_unstable();
                group
            })
            .collect();
        groups.sort_unstable();
        groups
    };
    assert_eq!(named(&questions), named(&backwards));
}

#[test]
fn nothing_and_noise_are_survived() {
    let analyzer = Analyzer::new("");
    assert_eq!(
        gaps::groups(&analyzer, &gaps::CHOSEN, &[]),
        Vec::<Vec<usize>>::new()
    );
    let long = "节点 notready ".repeat(1000);
    let noise = ["", "???", "\u{202e}", "😀", &long, "x"];
    let groups = gaps::groups(&analyzer, &gaps::CHOSEN, &noise);
    assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), noise.len());
}
