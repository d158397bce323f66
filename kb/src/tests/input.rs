use std::fmt::Write as _;

use super::{TEAM, bundled, library, open};
use crate::document::parse;
use crate::{Lang, Outcome};

#[test]
fn questions_that_are_none_are_not_answered() {
    let library = open(vec![bundled()]);
    let long = "的 zzyzx 0x7f3a ".repeat(250);
    let control = "\u{0}\u{1}\u{7}\u{1b}[31m\u{202e}\u{2066}\u{200f}";
    let questions = [
        "",
        " ",
        "\n\t",
        "a",
        "?",
        "？",
        "啊",
        "1",
        "🤔",
        "🤔🤔🤔🔥",
        control,
        &long,
        "的的的",
        "()[]{}\"'\\/*+-:^~",
    ];
    for question in questions {
        let outcome = library.ask(question, Lang::En);
        assert!(
            matches!(outcome, Outcome::NotKnown(_)),
            "{question:?}: {outcome:?}"
        );
    }
}

#[test]
fn no_query_syntax_is_understood() {
    let library = library(&[("team.md", TEAM)]);
    let plain = library.ask("镜像 拉取 慢", Lang::Zh);
    assert!(matches!(plain, Outcome::Answer(_)), "{plain:?}");
    let wrapped = [
        "+镜像 AND 拉取 慢",
        "\"镜像\" 拉取^9 慢~2",
        "(镜像 OR 拉取) 慢*",
        "镜像 -拉取 慢",
        "NOT 镜像 拉取 慢",
        "[镜像 TO 拉取] 慢",
    ];
    for question in wrapped {
        assert_eq!(
            format!("{:?}", library.ask(question, Lang::Zh)),
            format!("{plain:?}"),
            "{question}"
        );
    }
    for question in [
        "*",
        "words:*",
        "file:0",
        "site:kubernetes.io \"exit code\" -docker filetype:pdf",
    ] {
        let outcome = library.ask(question, Lang::Zh);
        assert!(!matches!(outcome, Outcome::Answer(_)), "{question}: {outcome:?}");
    }
}

#[test]
fn four_thousand_characters_with_a_question_in_them() {
    let library = open(vec![bundled()]);
    let mut log = String::from("pod 一直 CrashLoopBackOff，日志如下\n");
    while log.chars().count() < 4_000 {
        let at = log.len();
        let (second, octet) = (at % 60, at % 256);
        writeln!(
            log,
            "2026-01-01T00:00:{second:02}Z web-7d4b9c6f5-x2x8q id={at:x} 10.0.{octet}.7"
        )
        .unwrap();
    }
    let outcome = format!("{:?}", library.ask(&log, Lang::Zh));
    assert!(outcome.contains("CrashLoopBackOff"), "{outcome}");
}

#[test]
fn deep_nesting_long_headings_and_many_fences() {
    let quotes = format!("# How?\n\n{} deep\n", "> ".repeat(200));
    let mut lists = String::from("# How?\n\n");
    for depth in 0..200 {
        writeln!(lists, "{}- level {depth}", "  ".repeat(depth)).unwrap();
    }
    let open_tags = "<details><summary>more</summary>\n".repeat(200);
    let details = format!("# How?\n\n{open_tags}text\n{}", "</details>\n".repeat(200));
    let heading = format!("# {}?\n\ntext\n", "long ".repeat(1_000));
    let marks = format!("# {}\n\ntext\n", "*_`[(<".repeat(900));
    let mut fences = String::from("# How?\n\n");
    for length in 3..600 {
        writeln!(fences, "{}a\n\n## h\n", "`".repeat(length)).unwrap();
    }
    for text in [quotes, lists, details, heading, marks, fences] {
        assert!(!parse(&text, "name").questions.is_empty());
        let _ = library(&[("a.md", &text)]).ask("how long", Lang::En);
    }
}

#[test]
fn text_that_means_something_to_a_chat_is_kept_as_it_is() {
    let text = "# How do I ping?\n\n@everyone <@1> `` ``` `` [a](javascript:b) ||c||\n\n## More\n@here\n";
    let question = parse(text, "name").questions.remove(0);
    assert_eq!(
        question.short.unwrap(),
        "@everyone <@1> `` ``` `` [a](javascript:b) ||c||"
    );
    assert_eq!(question.sections[0].markdown, "@here");
}
