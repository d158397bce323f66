//! Measures the knowledge base. `cargo bench -p firstmate-kb` measures speed on documents made from a
//! seed; the other commands stand after `--`:
//!
//! - `eval FOLDER…` scores sets of `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`;
//! - `judge SOURCES CASES [tune|report]` asks labelled questions, all or one half, and prints those that
//!   went wrong. Sources are folders by comma; `@FOLDER` is read as if it were bundled;
//! - `calibrate SOURCES CASES [SOURCES CASES …]` fits coefficients for `data/calibration.json` to one half
//!   and says of both how well they tell right from wrong.
#![expect(clippy::print_stdout, reason = "a bench prints what it measured")]
#![expect(clippy::unwrap_used, reason = "a failed measurement should stop at the spot")]
#![expect(clippy::disallowed_methods, reason = "a stopwatch reads the clock")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use firstmate_kb::evaluate::{self, Case, Coefficients, Judged, Set};
use firstmate_kb::{Lang, Library, Outcome, Settings, Source};

fn main() {
    // Cargo adds `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["eval", folders @ ..] => folders.iter().for_each(|folder| eval(folder)),
        ["judge", sources, cases] => judge(sources, &read_cases(cases)),
        ["judge", sources, cases, half] => judge(sources, &half_of(cases, half)),
        ["calibrate", pairs @ ..] => calibrate(pairs),
        _ => speed(),
    }
}

fn eval(folder: &str) {
    let scores = Set::read(Path::new(folder)).unwrap().score().unwrap();
    println!("{folder}: {scores:.3?}");
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
                "{judged:?}: {} [{}] {}",
                case.question,
                case.right.join("|"),
                answered(&library, case)
            );
        }
    }
    println!("{counts:?}");
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
    let source = |path: &str| match path.strip_prefix('@') {
        Some(folder) => Source::Bundled {
            files: files_of(Path::new(folder)),
            link: None,
        },
        None => Source::Folder {
            path: path.into(),
            link: None,
        },
    };
    Library::open(Settings {
        sources: sources.split(',').map(source).collect(),
        index_dir: None,
    })
    .unwrap()
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

/// Index and question times over 9,000 sections, 8 MB, of documents that are the same on every run.
fn speed() {
    let folder = std::env::temp_dir().join("firstmate-kb-bench");
    let _ = fs::remove_dir_all(&folder);
    let mut words = Words::new(20260101);
    let bytes = write_documents(&folder, &mut words);
    let bundled = time("open the bundled documents", || {
        let qa = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/qa");
        open(&format!("@{}", qa.display()))
    });
    println!("    {:?}", bundled.stats());
    if let Some(resident) = resident() {
        println!("    resident: {resident}");
    }
    drop(bundled);
    let settings = || Settings {
        sources: vec![Source::Folder {
            path: folder.clone(),
            link: None,
        }],
        index_dir: Some(folder.join(".index")),
    };
    println!("documents: {:.1} MB", bytes as f64 / 1e6);
    let library = time("index them all", || Library::open(settings()).unwrap());
    println!("    {:?}", library.stats());
    time_questions(&library, &mut words);
    let changed = folder.join("document-7.md");
    for round in 0..3 {
        fs::write(
            &changed,
            format!("# What is the zebrafish number {round}?\n\nIt is {round}.\n"),
        )
        .unwrap();
        time("one changed file searchable", || library.refresh().unwrap());
        let found = library.ask("What is the zebrafish number?", Lang::En);
        assert!(matches!(found, Outcome::Answer(_)), "{found:?}");
    }
    time("nothing changed", || library.refresh().unwrap());
    drop(library);
    time("open again with the index on disk", || {
        Library::open(settings()).unwrap()
    });
    fs::remove_dir_all(&folder).unwrap();
}

/// What the system says this process holds, where it says so.
fn resident() -> Option<String> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS"))?;
    Some(line.trim_start_matches("VmRSS:").trim().to_owned())
}

fn time<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let value = run();
    println!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    value
}

fn time_questions(library: &Library, words: &mut Words) {
    let questions: Vec<String> = (0..5_000).map(|_| words.question()).collect();
    let mut times: Vec<Duration> = Vec::new();
    for question in &questions {
        let start = Instant::now();
        let _ = library.ask(question, lang(question));
        times.push(start.elapsed());
    }
    times.sort();
    let at = |share: f64| times[(times.len() as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "ask: p50 {:.3} ms, p99 {:.3} ms, longest {:.3} ms",
        at(0.5),
        at(0.99),
        at(0.9999)
    );
}

fn write_documents(folder: &Path, words: &mut Words) -> usize {
    let mut bytes = 0;
    fs::create_dir_all(folder).unwrap();
    for number in 0..450 {
        let text = document(number, words);
        bytes += text.len();
        let path: PathBuf = folder.join(format!("document-{number}.md"));
        fs::write(path, text).unwrap();
    }
    bytes
}

/// Two questions of ten sections each.
fn document(number: usize, words: &mut Words) -> String {
    let mut text = String::new();
    for _ in 0..2 {
        writeln!(text, "# {}？\n\n{}。\n", words.sentence(5), words.sentence(8)).unwrap();
        for section in 1..=10 {
            writeln!(text, "## {section}. {}\n", words.sentence(3)).unwrap();
            for _ in 0..4 {
                writeln!(text, "{}。", words.sentence(18)).unwrap();
            }
            let name = words.word();
            writeln!(
                text,
                "```bash\nkubectl get {name} -n team-{number} -o wide\n```\n"
            )
            .unwrap();
            writeln!(text, "{}.\n", words.sentence(14)).unwrap();
        }
    }
    text
}

/// Words of the vocabulary, the first ones far more often than the last, as in a language.
struct Words {
    all: Vec<&'static str>,
    state: u64,
}

impl Words {
    fn new(seed: u64) -> Self {
        let table = include_str!("../data/vocabulary.tsv");
        let lines = table.lines().filter(|line| !line.starts_with('#'));
        let all = lines
            .flat_map(|line| line.split(['\t', '|']))
            .filter(|it| !it.is_empty())
            .collect();
        Self { all, state: seed }
    }

    fn random(&mut self) -> f64 {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn word(&mut self) -> &'static str {
        let rank = (self.all.len() as f64).powf(self.random()) - 1.0;
        // Spread over the table, so that frequent words are of every kind.
        self.all[(rank as usize * 7_919) % self.all.len()]
    }

    fn sentence(&mut self, length: usize) -> String {
        let mut sentence = String::new();
        for _ in 0..length {
            sentence.push_str(self.word());
            sentence.push_str(if self.random() < 0.4 { " " } else { "的" });
        }
        sentence
    }

    fn question(&mut self) -> String {
        let length = 3 + (self.random() * 6.0) as usize;
        self.sentence(length)
    }
}
