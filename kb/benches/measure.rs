//! Measures the knowledge base. `cargo bench -p firstmate-kb` measures speed on documents made from a
//! seed and fails where a target is missed; the other commands stand after `--`:
//!
//! - `grow` makes and measures 10,000, 100,000 and 1,000,000 sections and writes
//!   `docs/reference/knowledge.md` anew;
//! - `eval FOLDER…` scores sets of `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`;
//! - `write SET FOLDER` writes the documents of such a set as Markdown, one a file;
//! - `typos SET` asks the titles of such a set with a typo in the longest word of each;
//! - `variants SOURCES CASES` asks the titles and the cases in other forms that mean the same;
//! - `judge SOURCES CASES [tune|report]` asks labelled questions, all or one half, and prints those that
//!   went wrong. Sources are folders by comma; `@FOLDER` is read as if it were bundled, `~FOLDER` likewise without the
//!   wordings under `asked`;
//! - `calibrate SOURCES CASES [SOURCES CASES …]` fits coefficients for `data/calibration.json` to one half
//!   and says of both how well they tell right from wrong.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(
    clippy::panic,
    reason = "a command that does not exist should stop at the spot"
)]
#![expect(clippy::unwrap_used, reason = "a failed measurement should stop at the spot")]
#![expect(clippy::disallowed_methods, reason = "a stopwatch reads the clock")]

#[path = "measure/made.rs"]
mod made;
#[path = "measure/speed.rs"]
mod speed;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::time::Instant;

use firstmate_kb::evaluate::{self, Case, Coefficients, Judged, Set};
use firstmate_kb::{Lang, Library, Outcome, Settings, Source};

use crate::made::Random;

fn main() {
    // Cargo adds `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["eval", folders @ ..] => folders.iter().for_each(|folder| eval(folder)),
        ["write", set, folder] => Set::read(Path::new(set))
            .unwrap()
            .write(Path::new(folder))
            .unwrap(),
        ["judge", sources, cases] => judge(sources, &read_cases(cases)),
        ["judge", sources, cases, half] => judge(sources, &half_of(cases, half)),
        ["calibrate", pairs @ ..] => calibrate(pairs),
        ["typos", set] => typos(set),
        ["variants", sources, cases] => variants(sources, &read_cases(cases)),
        ["grow"] => speed::grow(),
        ["one", sections] => speed::one(sections.parse().unwrap()),
        [] => speed::at_nine_thousand(),
        other => panic!("no such command: {other:?}"),
    }
}

fn eval(folder: &str) {
    let opened = Set::read(Path::new(folder)).unwrap().open().unwrap();
    let start = Instant::now();
    println!("{folder}: {:.3?}", opened.score(&|| start.elapsed()).unwrap());
}

/// What a slip in the longest word of a title costs.
fn typos(set: &str) {
    let opened = Set::read(Path::new(set)).unwrap().open().unwrap();
    let mut random = Random(20_260_101);
    let asked = opened.ask_titles(|title| made::with_typo(title, &mut random));
    let (clean, changed, count) = asked.unwrap();
    println!(
        "{count} titles: MRR@10 {clean:.4} as they are, {changed:.4} with a typo: {:.1} points lost",
        (clean - changed) * 100.0
    );
}

/// How often another form of a question has the same first answer as the plain form.
fn variants(sources: &str, cases: &[Case]) {
    let library = open(sources);
    let traditional: HashMap<char, char> = ('\u{4e00}'..='\u{9fff}')
        .filter_map(|it| {
            fast2s::convert(&it.to_string())
                .chars()
                .next()
                .filter(|to| *to != it)
                .map(|to| (to, it))
        })
        .collect();
    let titles = [Lang::Zh, Lang::En]
        .into_iter()
        .flat_map(|lang| library.questions(lang))
        .map(|it| it.title);
    let questions = titles.chain(
        cases
            .iter()
            .filter(|it| !it.right.is_empty())
            .map(|it| it.question.clone()),
    );
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for question in questions {
        let plain = evaluate::first(&library, &question);
        for (name, form) in made::variants(&question, &traditional) {
            let same = evaluate::first(&library, &form) == plain;
            let count = counts.entry(name).or_default();
            count.0 += usize::from(same);
            count.1 += 1;
            if !same {
                println!("{name}: {form}");
            }
        }
    }
    for (name, (same, all)) in &counts {
        println!("{name}: {same} of {all} the same");
    }
    let (same, all) = counts
        .values()
        .fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    println!("together: {:.1} of 100", same as f64 / all as f64 * 100.0);
}

fn judge(sources: &str, cases: &[Case]) {
    let library = open(sources);
    println!("{:?}, faults: {:?}", library.stats(), library.faults());
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for case in cases {
        let judged = evaluate::judge(&library, case);
        let kind = if case.right.is_empty() {
            "off topic"
        } else {
            "on topic"
        };
        *counts.entry((kind, format!("{judged:?}"))).or_default() += 1;
        if !matches!(judged, Judged::Right | Judged::RightlyNot) {
            println!(
                "{judged:?}: {} {} [{}] {}",
                case.id,
                case.question,
                case.right.join("|"),
                answered(&library, case)
            );
        }
    }
    println!("{counts:?}");
    println!("{:.3?}", evaluate::summary(&library, cases).unwrap());
}

fn answered(library: &Library, case: &Case) -> String {
    let titles = |near: Vec<firstmate_kb::Near>| near.into_iter().map(|it| it.title).collect::<Vec<_>>();
    match library.ask(&case.question, lang(&case.question)) {
        Outcome::Answer(it) => {
            let path = it.question.sections[it.section].path.join(" > ");
            format!(
                "{:?}: {} > {path} ({})",
                it.confidence, it.question.title, it.question.file
            )
        }
        Outcome::DidYouMean(near) => format!("meant: {:?}", titles(near)),
        Outcome::NotKnown(near) => format!("near: {:?}", titles(near)),
    }
}

/// One half is fitted to; how well the result tells right from wrong is said of both.
fn calibrate(pairs: &[&str]) {
    let halves = ["tune", "report"].map(|half| {
        let open = |pair: &[&str]| (open(pair[0]), half_of(pair[1], half));
        evaluate::samples(&pairs.chunks_exact(2).map(open).collect::<Vec<_>>())
    });
    let fitted = evaluate::calibrate(&halves[0]);
    println!("{fitted}");
    for (coefficients, name) in [(fitted, "fitted"), (Coefficients::bundled().unwrap(), "bundled")] {
        for (samples, half) in halves.iter().zip(["tune", "report"]) {
            let [probability, score] = evaluate::telling(samples, &coefficients);
            println!("{name}, {half}: {probability:.3?}, raw score: {score:.3?}");
        }
    }
}

/// `tune`, `report`, or all.
fn half_of(cases: &str, half: &str) -> Vec<Case> {
    let mut cases = read_cases(cases);
    cases.retain(|it| half == "all" || evaluate::is_tuned_to(it) == (half == "tune"));
    cases
}

fn read_cases(path: &str) -> Vec<Case> {
    evaluate::cases(&fs::read_to_string(path).unwrap())
}

fn open(sources: &str) -> Library {
    let bundled = |folder: &str, change: fn(&str) -> String| Source::Bundled {
        files: files_of(Path::new(folder))
            .into_iter()
            .map(|(name, text)| (name, change(&text)))
            .collect(),
        link: None,
    };
    let source = |path: &str| match (path.strip_prefix('@'), path.strip_prefix('~')) {
        (Some(folder), _) => bundled(folder, str::to_owned),
        (_, Some(folder)) => bundled(folder, without_wordings),
        _ => Source::Folder {
            path: path.into(),
            link: None,
        },
    };
    Library::open(Settings {
        sources: sources.split(',').map(source).collect(),
        index_dir: None,
        vocabulary: None,
    })
    .unwrap()
}

/// A document as most people write it: nobody noted how others ask for it.
fn without_wordings(text: &str) -> String {
    let (matter, rest) = text.split_once("\nasked:\n").unwrap_or((text, ""));
    let rest = rest.find("\n---").map_or("", |end| &rest[end..]);
    format!("{matter}{rest}")
}

fn files_of(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for lang in ["zh", "en"] {
        for entry in fs::read_dir(folder.join(lang)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{lang}/{}", path.file_name().unwrap().to_string_lossy());
            files.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    files.sort();
    files
}

fn lang(question: &str) -> Lang {
    Lang::of_text(question).unwrap_or(Lang::Zh)
}
