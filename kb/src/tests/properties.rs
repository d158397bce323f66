//! What holds for any document and any question, tried on many that were made at random. The long
//! run tries a thousand times as many: `FIRSTMATE_LONG=1 cargo test -p firstmate-kb --release
//! properties`.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::{TEAM, library};
use crate::document::{Document, parse};
use crate::words::{Analyzer, Memory, TERM_END, Terms, normalise};
use crate::{Lang, Library};

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| Analyzer::new(""));
static LIBRARY: LazyLock<Library> = LazyLock::new(|| library(&[("team.md", TEAM)]));

/// Said when the tests are compiled.
const LONG: bool = option_env!("FIRSTMATE_LONG").is_some();

/// Tries a property on many values. What was found once is found again: the seed is fixed.
fn holds<S: Strategy>(values: S, property: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: if LONG { 200_000 } else { 200 },
        failure_persistence: None,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    if let Err(error) = runner.run(&values, property) {
        panic!("{error}");
    }
}

/// A piece of a line that means something to the parser, or is just text.
fn fragment() -> impl Strategy<Value = String> {
    let marks = prop::sample::select(vec![
        "#",
        "## ",
        "### **8.1 ",
        "**",
        "?",
        "？",
        "> ",
        ">>>",
        "- ",
        "1. ",
        "```",
        "~~~~",
        "```bash",
        "---",
        "+++",
        "===",
        "Q: ",
        "A: ",
        "问：",
        "答：",
        "<details>",
        "<summary>",
        "</summary>",
        "</details>",
        "<!--",
        "-->",
        "<script>",
        "| a | b |",
        "|---|",
        "id: x",
        "tags: [a, b]",
        "asked:",
        "    ",
        "\t",
        "`",
        "[a](b)",
        "![",
        "$ ",
        "\\",
        "\u{feff}",
        "\u{0}",
        "\u{200b}",
        "\r",
        "How do I ",
        "怎么",
        "总结",
        "Summary",
    ]);
    prop_oneof![
        4 => marks.prop_map(str::to_owned),
        3 => "[a-zA-Z0-9 _./:-]{1,12}",
        2 => "[\\u{4e00}-\\u{4eff}\\u{8282}\\u{70b9}。，]{1,8}",
        1 => "\\PC{1,6}",
    ]
}

fn line() -> impl Strategy<Value = String> {
    prop::collection::vec(fragment(), 0..5).prop_map(|it| it.concat())
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 0..40).prop_map(|it| it.join("\n"))
}

/// Everything that is shown of a document.
fn shown(document: &Document) -> String {
    let mut all = document.tags.concat();
    for question in &document.questions {
        all.push_str(&question.title);
        all.push_str(&question.context.concat());
        all.push_str(question.short.as_deref().unwrap_or_default());
        for part in &question.sections {
            all.push_str(&part.path.concat());
            all.push_str(&part.markdown);
        }
    }
    all
}

#[test]
fn any_text_is_read_and_each_question_has_its_place() {
    holds(text(), |text| {
        let document = parse(&text, "name");
        let lines = text.lines().count().max(1);
        for question in &document.questions {
            prop_assert!((1..=lines).contains(&(question.line as usize)));
            prop_assert!(!question.sections.is_empty());
            for part in &question.sections {
                prop_assert!((1..=lines).contains(&(part.line as usize)), "{}", part.line);
                for command in &part.commands {
                    prop_assert!((1..=lines).contains(&(command.line as usize)));
                    prop_assert!(!command.text.trim().is_empty());
                }
            }
        }
        let order: Vec<u32> = document.questions.iter().map(|it| it.line).collect();
        prop_assert!(order.is_sorted(), "{order:?}");
        Ok(())
    });
}

#[test]
fn no_word_of_a_document_is_lost() {
    let marked = prop::collection::vec(line(), 1..40).prop_map(|lines| {
        let numbered = lines.iter().enumerate();
        // In front, so that no mark at the end of the line can take it away.
        let text: Vec<String> = numbered.map(|(at, line)| format!("w{at}x {line}")).collect();
        (lines.len(), text.join("\n"))
    });
    holds(marked, |(count, text)| {
        let all = shown(&parse(&text, "name"));
        for at in 0..count {
            prop_assert!(all.contains(&format!("w{at}x")), "line {} is gone", at + 1);
        }
        Ok(())
    });
}

#[test]
fn a_heading_a_quote_and_a_fence_lose_no_word_either() {
    let kinds = prop::sample::select(vec![
        "# ",
        "## ",
        "### ",
        "> ",
        "> ## ",
        "> > ",
        "- ",
        "1. ",
        "```\n",
        "~~~ sh\n",
        "",
        "Q: ",
        "A: ",
        "| ",
        "    ",
        "<details>\n<summary>",
        "</details>\n",
        "===\n",
        "---\n",
    ]);
    let marked = prop::collection::vec(kinds, 1..30).prop_map(|kinds| {
        let numbered = kinds.iter().enumerate();
        // A line below, since a heading over nothing is the title of nothing.
        let lines: Vec<String> = numbered.map(|(at, kind)| format!("{kind}w{at}x\ntext")).collect();
        // Below a first line, since front matter is told in another way.
        (kinds.len(), format!("begin\n{}", lines.join("\n")))
    });
    holds(marked, |(count, text)| {
        let all = shown(&parse(&text, "name"));
        for at in 0..count {
            prop_assert!(all.contains(&format!("w{at}x")), "w{at}x is gone from\n{text}");
        }
        Ok(())
    });
}

#[test]
fn terms_are_words_and_a_question_has_those_of_its_text() {
    holds(text(), |text| {
        let mut terms = Terms::default();
        ANALYZER.index(&text, &mut Memory::default(), &mut terms);
        let words: Vec<&str> = terms.words.split_terminator(TERM_END).collect();
        for term in words.iter().copied().chain(terms.han.split_terminator(TERM_END)) {
            prop_assert!(
                !term.is_empty() && !term.chars().any(char::is_control),
                "{term:?}"
            );
        }
        for unit in ANALYZER.question(&text) {
            let known = words.contains(&unit.word.as_str()) || !unit.meant.is_empty();
            prop_assert!(known, "{:?} is not in its own text", unit.word);
            for concept in &unit.concepts {
                prop_assert!(words.contains(&concept.as_str()), "{concept} of {}", unit.word);
            }
        }
        Ok(())
    });
}

#[test]
fn what_is_plain_stays_as_it_is() {
    holds(text(), |text| {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
        Ok(())
    });
}

#[test]
fn any_question_is_survived_and_asked_twice_answered_alike() {
    holds(text(), |text| {
        let first = LIBRARY.ask(&text, Lang::Zh);
        prop_assert_eq!(LIBRARY.ask(&text, Lang::Zh), first);
        Ok(())
    });
}
