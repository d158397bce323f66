//! The labelled questions: whether they are what they say, and whether they are answered as well as
//! was measured. `judge` of the bench prints those that went wrong.

use std::collections::HashSet;
use std::path::Path;

use super::{bundled, open};
use crate::evaluate::{self, Case};
use crate::words::{Analyzer, Unit};
use crate::{Lang, Library};

fn labelled() -> Vec<Case> {
    evaluate::cases(include_str!("../../../tests/questions.tsv"))
}

fn pasted() -> Vec<Case> {
    evaluate::cases(include_str!("../../data/pasted.tsv"))
}

#[test]
fn every_labelled_question_has_a_name_and_names_documents_that_exist() {
    let cases = labelled();
    let ids: HashSet<&str> = cases.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids.len(), cases.len(), "an id stands twice");
    let texts: HashSet<&str> = cases.iter().map(|it| it.question.as_str()).collect();
    assert_eq!(texts.len(), cases.len(), "a question stands twice");
    let off_topic = cases.iter().filter(|it| it.right.is_empty()).count();
    let chinese = cases
        .iter()
        .filter(|it| Lang::of_text(&it.question) == Some(Lang::Zh))
        .count();
    assert!(
        cases.len() >= 200 && off_topic >= 40,
        "{} and {off_topic}",
        cases.len()
    );
    assert!(chinese >= 80 && cases.len() - chinese >= 80, "{chinese}");
    let tuned_to = cases.iter().filter(|it| evaluate::is_tuned_to(it)).count();
    assert!(
        tuned_to.abs_diff(cases.len() / 2) < cases.len() / 10,
        "halves: {tuned_to}"
    );
    let qa = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/qa");
    for case in cases.iter().chain(&pasted()) {
        for id in &case.right {
            for lang in ["zh", "en"] {
                let file = qa.join(lang).join(format!("{id}.md"));
                assert!(file.exists(), "{}: there is no {id}", case.id);
            }
        }
    }
}

/// A question that repeats a heading says nothing about people who do not know it.
#[test]
fn no_labelled_question_repeats_the_heading_that_it_should_find() {
    let library = open(vec![bundled()]);
    let analyzer = Analyzer::new("");
    let words = |text: &str| -> HashSet<String> {
        let content = analyzer.units(text).into_iter().filter(|it| it.content);
        content.map(|it: Unit| it.word).collect()
    };
    let mut repeats = Vec::new();
    for case in labelled().iter().filter(|it| !it.right.is_empty()) {
        let asked = words(&case.question);
        for heading in headings(&library, case) {
            let shared = words(&heading).intersection(&asked).count();
            if shared * 2 > asked.len() {
                repeats.push(format!("{}: {} repeats {heading}", case.id, case.question));
            }
        }
    }
    assert!(repeats.is_empty(), "{}", repeats.join("\n"));
}

/// The titles that a case should find, in both languages.
fn headings(library: &Library, case: &Case) -> Vec<String> {
    let both = [Lang::Zh, Lang::En].map(|lang| library.questions(lang));
    let is_right = |file: &str| case.right.iter().any(|id| file.ends_with(&format!("/{id}.md")));
    let right = both.into_iter().flatten().filter(|it| is_right(&it.file));
    right.map(|it| it.title).collect()
}

/// Nothing was tuned to this half.
#[test]
fn the_reporting_half_of_the_labelled_questions() {
    let library = open(vec![bundled()]);
    let mut cases = labelled();
    cases.retain(|it| !evaluate::is_tuned_to(it));
    let found = evaluate::summary(&library, &cases).unwrap();
    assert!(found.first >= 0.9 && found.three >= 0.97, "{found:.3?}");
    assert_eq!(found.off_topic_answered, 0, "{found:.3?}");
    assert!(
        found.calibrated.auroc >= 0.94 && found.calibrated.kept_at_p90 >= 0.75,
        "{found:.3?}"
    );
}

#[test]
fn a_pasted_error_finds_its_document_whatever_its_names_and_times() {
    let library = open(vec![bundled()]);
    let found = evaluate::summary(&library, &pasted()).unwrap();
    assert!(
        found.first >= 0.9 && found.answered >= 0.78 && found.wrong <= 0.03,
        "{found:.3?}"
    );
}
