//! How long indexing and asking take, and how that grows.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use firstmate_kb::{Lang, Library, Outcome, Settings, Source};

use crate::made::{self, Kind, Words};

const SEED: u64 = 20_260_101;
/// Questions of each kind.
const QUESTIONS: usize = 5_000;
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// The targets: what is measured on 9,000 sections, and at most how many milliseconds or megabytes.
pub(crate) fn at_nine_thousand() {
    let home = Home::new();
    let mut words = Words::new(SEED);
    let bytes = made::write_documents(&home.documents(), 9_000, &mut words);
    println!("9,000 sections, {:.1} MB", bytes as f64 / 1e6);
    let (library, indexed) = timed(|| Library::open(home.settings()).unwrap());
    println!("{:?}", library.stats());
    let plain = ask(&library, &mut words, Kind::Plain);
    let full = ask(&library, &mut words, Kind::Full);
    let changed = change(&home, &library);
    let (_, unchanged) = timed(|| library.refresh().unwrap());
    let resident = resident();
    drop(library);
    let opened = open_to_first_answer(&home);
    let per_8_mb = milliseconds(indexed) * 8e6 / bytes as f64;
    let targets = [
        ("plain question, p50, ms", milliseconds(plain.p50), 0.3),
        ("plain question, p99, ms", milliseconds(plain.p99), 1.5),
        ("with vocabulary and typos, p50, ms", milliseconds(full.p50), 0.5),
        ("with vocabulary and typos, p99, ms", milliseconds(full.p99), 2.0),
        ("index 8 MB, ms", per_8_mb, 1_200.0),
        ("a changed file can be found, ms", milliseconds(changed), 100.0),
        ("nothing changed, ms", milliseconds(unchanged), 100.0),
        ("open to first answer, ms", milliseconds(opened), 20.0),
        ("resident, MB", resident, 70.0),
    ];
    let mut missed = 0;
    for (what, found, most) in targets {
        let met = found <= most;
        missed += usize::from(!met);
        println!(
            "{} {what}: {found:.3} (at most {most})",
            if met { "✓" } else { "✗" }
        );
    }
    assert_eq!(missed, 0, "a target was missed");
}

/// From an index on disk, nothing having changed since the last start or in the moment before it: the middle of five.
fn open_to_first_answer(home: &Home) -> Duration {
    // What was touched within two seconds of being kept is read again at the next start.
    thread::sleep(Duration::from_millis(2_100));
    drop(Library::open(home.settings()).unwrap());
    let mut times = [(); 5].map(|()| {
        let (found, time) = timed(|| {
            let library = Library::open(home.settings()).unwrap();
            library.ask("rolling update", Lang::En)
        });
        drop(found);
        time
    });
    times.sort();
    times[2]
}

/// How long until an edited file can be found, the longest of three.
fn change(home: &Home, library: &Library) -> Duration {
    let file = home.changed();
    let mut longest = Duration::ZERO;
    for round in 0..3 {
        let text = format!("# What is the zebrafish number {round}?\n\nIt is {round}.\n");
        fs::write(&file, text).unwrap();
        let (_, time) = timed(|| library.refresh().unwrap());
        longest = longest.max(time);
        let found = library.ask("What is the zebrafish number?", Lang::En);
        assert!(matches!(found, Outcome::Answer(_)), "{found:?}");
    }
    longest
}

struct Times {
    p50: Duration,
    p99: Duration,
}

fn ask(library: &Library, words: &mut Words, kind: Kind) -> Times {
    let questions: Vec<String> = (0..QUESTIONS).map(|_| words.question(kind)).collect();
    let one = |question: &String| {
        let lang = Lang::of_text(question).unwrap_or(Lang::Zh);
        timed(|| library.ask(question, lang)).1
    };
    let mut times: Vec<Duration> = questions.iter().map(one).collect();
    times.sort();
    Times {
        p50: times[QUESTIONS / 2],
        p99: times[QUESTIONS * 99 / 100],
    }
}

/// Measures each size in a process of its own, so that memory is its own too, and writes the reference.
pub(crate) fn grow() {
    let mut rows = String::new();
    for size in SIZES {
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program)
            .args(["one", &size.to_string()])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let row = String::from_utf8(output.stdout).unwrap();
        print!("{row}");
        rows.push_str(&row);
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/knowledge.md");
    fs::write(&file, document(&rows)).unwrap();
    println!("wrote {}", file.display());
}

fn document(rows: &str) -> String {
    format!(
        "# Speed of the knowledge base

Written by `cargo bench -p firstmate-kb -- grow`; the figures are of the machine that it last ran on.

The documents are made from a seed: half of their words are of the vocabulary, half are 20,000 made names, frequent and rare as in a language.
{QUESTIONS} questions of each kind are asked one after the other: plain ones of names that stand in documents as they are, and ones of vocabulary words in both languages, a third of them with a typo.
`cargo bench -p firstmate-kb` measures 9,000 sections and fails where a target is missed.

| Sections | Text | Index it | Index on disk | Open the index again, to the first answer | Resident | Plain question: p50, p99 | With vocabulary and typos: p50, p99 |
|---|---|---|---|---|---|---|---|
{rows}"
    )
}

/// One size: prints its row.
pub(crate) fn one(sections: usize) {
    let home = Home::new();
    let mut words = Words::new(SEED);
    let bytes = made::write_documents(&home.documents(), sections, &mut words);
    let (library, indexed) = timed(|| Library::open(home.settings()).unwrap());
    let plain = ask(&library, &mut words, Kind::Plain);
    let full = ask(&library, &mut words, Kind::Full);
    let resident = resident();
    drop(library);
    let opened = open_to_first_answer(&home);
    let mut row = String::new();
    let ms = |it: Duration| format!("{:.2} ms", milliseconds(it));
    write!(
        row,
        "| {} | {:.1} MB | {:.1} s ",
        grouped(sections),
        bytes as f64 / 1e6,
        indexed.as_secs_f64()
    )
    .unwrap();
    write!(
        row,
        "| {:.1} MB | {:.2} s ",
        size_of(&home.index()) as f64 / 1e6,
        opened.as_secs_f64()
    )
    .unwrap();
    write!(row, "| {resident:.0} MB | {}, {} ", ms(plain.p50), ms(plain.p99)).unwrap();
    println!("{row}| {}, {} |", ms(full.p50), ms(full.p99));
}

/// 1,000,000 as people read it.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|it| String::from_utf8_lossy(it).into_owned());
    groups.collect::<Vec<_>>().join(",")
}

/// A folder for documents and their index, gone when it is dropped.
struct Home(PathBuf);

impl Home {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("firstmate-kb-bench-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn documents(&self) -> PathBuf {
        self.0.join("documents")
    }

    /// The document that is changed.
    fn changed(&self) -> PathBuf {
        self.documents().join("part-0/document-7.md")
    }

    fn index(&self) -> PathBuf {
        self.0.join("index")
    }

    fn settings(&self) -> Settings {
        let source = Source::Folder {
            path: self.documents(),
            link: None,
        };
        Settings {
            sources: vec![source],
            index_dir: Some(self.index()),
            vocabulary: None,
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn size_of(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let one = |it: fs::DirEntry| match it.metadata().unwrap() {
        meta if meta.is_dir() => size_of(&it.path()),
        meta => meta.len(),
    };
    entries.map(one).sum()
}

/// Megabytes that the system says this process holds, where it says so.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or_default() * 1024.0 / 1e6
}

fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = run();
    (value, start.elapsed())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
