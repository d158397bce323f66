use std::fmt::Write as _;

use tempfile::tempdir;

use super::{TEAM, bundled, folder, library, open};
use crate::document::parse;
use crate::{FaultKind, Lang, Outcome};

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

/// What one document is made of that nobody writes on purpose; each is read, and the rest beside it.
#[test]
fn documents_that_go_wrong_are_read_as_far_as_they_go() {
    let deep: String = (1..=100)
        .map(|depth| format!("{} level {depth}\n", "> ".repeat(depth)))
        .collect();
    let rows: String = (0..10_000)
        .map(|row| format!("| {row} | row number {row} |\n"))
        .collect();
    let files = [
        (
            "matter.md",
            "---\nid: a\ntags: [b]\n\n# How do I moor?\n\nWith a rope.\n".to_owned(),
        ),
        (
            "html.md",
            "# How do I anchor?\n\n<script>alert(1)</script>\n<div><b>With a chain.</b></div>\n".to_owned(),
        ),
        ("deep.md", format!("# How do I dive?\n\n{deep}")),
        (
            "table.md",
            format!("# How do I count the crew?\n\n| n | what |\n|---|---|\n{rows}"),
        ),
        ("fence.md", "# How do I reef?\n\n```bash\nreef --all\n".to_owned()),
    ];
    let named: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let library = library(&named);
    let found = |question: &str| match library.ask(question, Lang::En) {
        Outcome::Answer(it) => it.question,
        other => panic!("{question}: {other:?}"),
    };
    assert_eq!(found("how do I moor").title, "How do I moor?");
    let html = found("how do I anchor").sections.remove(0).markdown;
    assert_eq!(
        html, "<script>alert(1)</script>\n<div><b>With a chain.</b></div>",
        "it is text, for whoever shows it"
    );
    assert!(found("how do I dive").sections[0].markdown.contains("level 100"));
    assert!(
        found("how do I count the crew").sections[0]
            .markdown
            .contains("row number 9999 |")
    );
    assert_eq!(found("how do I reef").sections[0].commands[0].text, "reef --all");
    let faults: Vec<(String, Option<u32>, FaultKind)> = library
        .faults()
        .into_iter()
        .map(|it| (it.file, it.line, it.what))
        .collect();
    assert!(
        faults.contains(&("matter.md".to_owned(), Some(1), FaultKind::UnclosedFrontMatter)),
        "{faults:?}"
    );
    assert!(
        faults.contains(&("fence.md".to_owned(), Some(3), FaultKind::UnclosedFence)),
        "{faults:?}"
    );
    assert_eq!(faults.len(), 2, "{faults:?}");
}

#[test]
fn ten_thousand_files_are_read() {
    let home = tempdir().unwrap();
    for number in 0..10_000 {
        let below = home.path().join(format!("part-{}", number / 100));
        if number % 100 == 0 {
            std::fs::create_dir(&below).unwrap();
        }
        let text = format!(
            "# How do I hoist flag {}?\n\nPull line {number}.\n",
            spelt(number)
        );
        std::fs::write(below.join(format!("{number}.md")), text).unwrap();
    }
    let library = open(vec![folder(home.path())]);
    assert_eq!((library.stats().documents, library.faults().len()), (10_000, 0));
    let found = match library.ask(&format!("how do I hoist flag {}", spelt(7_431)), Lang::En) {
        Outcome::Answer(found) => found,
        other => panic!("one of ten thousand is not found: {other:?}"),
    };
    assert!(
        found.question.file.ends_with("part-74/7431.md"),
        "{}",
        found.question.file
    );
}

/// A number as a word that no other is like.
fn spelt(number: usize) -> String {
    const SOUNDS: [&str; 10] = [
        "bol", "cra", "dem", "fip", "gus", "hyn", "jat", "kev", "lux", "mro",
    ];
    let digits = number.to_string();
    digits.bytes().map(|it| SOUNDS[usize::from(it - b'0')]).collect()
}
