//! kubectl as an oracle: what the bot reads of a cluster is what kubectl shows of it, field by field.
//!
//! Over all scenarios, on the local cluster and on a real control plane that holds the same objects, with both
//! kubectls. First the tables that the two servers make of the same objects are held against each other. What is
//! compared of each command stands in `readings`, how kubectl's words are taken apart in `output`.

mod engine;
mod help;
mod output;
mod readings;
mod servers;

use std::collections::BTreeMap;
use std::path::Path;

use firstmate::clock::Millis;
use firstmate_sandbox::cluster::engine::list;

use crate::cluster::Real;
use engine::Engine;
use output::Cells;

/// The kubectls that the bot is held against.
const VERSIONS: [&str; 2] = ["1.37", "1.33"];

/// How many kubectls run at once.
const AT_ONCE: usize = 3;

/// What the bot says where kubectl says something.
enum Said {
    /// The same at any time.
    Word(String),
    /// By the time.
    At(Box<dyn Fn(Millis) -> String + Send>),
}

/// What the bot says of one thing, by kubectl's names of the columns.
type Row = Vec<(&'static str, Said)>;

/// Something that kubectl shows, and the bot's reading of it.
struct Part {
    /// Under which name it is counted.
    name: &'static str,
    /// Finds it in what kubectl printed.
    find: fn(&str) -> Vec<Cells>,
    /// The bot's own.
    bots: Vec<Row>,
    /// By what the rows are sorted, where kubectl promises no order among equals.
    keys: Vec<String>,
}

/// One command of kubectl.
struct Line {
    arguments: Vec<String>,
    parts: Vec<Part>,
    /// Whether its ages are the server's, or reckoned by kubectl.
    by_server: bool,
}

/// From when to when an answer was made, in milliseconds.
type Span = (Millis, Millis);

/// What was compared, and what was different.
#[derive(Default)]
struct Tally {
    /// Fields by command and engine.
    fields: BTreeMap<(String, String), usize>,
    differences: Vec<String>,
}

impl Tally {
    /// One field, in words that name where it stands.
    fn compare(&mut self, row: (&str, &str), place: &str, wanted: &str, found: &str) {
        let (name, engine) = row;
        *self
            .fields
            .entry((name.to_owned(), engine.to_owned()))
            .or_default() += 1;
        if wanted != found {
            self.differences
                .push(format!("{engine}, {place}: {found:?}, should be {wanted:?}"));
        }
    }

    /// Several rows of the bot's against kubectl's, in their order.
    fn rows(&mut self, row: (&str, &str), place: &str, mut kubectls: Vec<Cells>, part: &Part, span: Span) {
        let mut bots: Vec<&Row> = part.bots.iter().collect();
        if kubectls.len() == bots.len() {
            part.order_equals(&mut kubectls, &mut bots);
        } else {
            self.differences.push(format!(
                "{}, {place}: {} rows, should be {}",
                row.1,
                bots.len(),
                kubectls.len()
            ));
        }
        for (number, (cells, own)) in kubectls.iter().zip(bots).enumerate() {
            for (column, said) in own {
                let place = format!("{place}, row {}, {column}", number + 1);
                match cells.get(*column) {
                    Some(wanted) => self.compare(row, &place, wanted, &said.nearest(wanted, span)),
                    None => self.compare(row, &place, "no such column", ""),
                }
            }
        }
    }
}

impl Part {
    /// Puts those that are equal by what the rows are sorted by into one order on both sides.
    fn order_equals(&self, kubectls: &mut [Cells], bots: &mut [&Row]) {
        let mut from = 0;
        for equals in self.keys.chunk_by(|one, other| one == other) {
            let to = from + equals.len();
            let words = |row: &Row| -> Vec<(&'static str, String)> {
                let words = row.iter().filter_map(|(column, said)| match said {
                    Said::Word(word) => Some((*column, word.clone())),
                    Said::At(_) => None,
                });
                words.collect()
            };
            let columns: Vec<&str> = words(bots[from]).iter().map(|(column, _)| *column).collect();
            bots[from..to].sort_by_key(|row| words(row));
            kubectls[from..to].sort_by_key(|cells| {
                let cells = columns.iter().map(|column| cells.get(*column).cloned());
                cells.collect::<Vec<_>>()
            });
            from = to;
        }
    }
}

impl Said {
    /// What is said at the time within the span at which it is as wanted; else at its end.
    fn nearest(&self, wanted: &str, (from, to): Span) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::At(words) => (from..to)
                .step_by(500)
                .map(words)
                .find(|said| said == wanted)
                .unwrap_or_else(|| words(to)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_reads_what_kubectl_shows() {
    let programs: Vec<_> = VERSIONS
        .iter()
        .filter_map(|version| Some((*version, crate::cluster::kubectl(version)?)))
        .collect();
    let real = Real::start().await;
    let mut tally = Tally::default();
    for about in list().unwrap() {
        let local = Engine::local(&about.name).await;
        if let Some(real) = &real {
            real.load(&local.dump(), 0, crate::cluster::Controllers::Still)
                .await;
            servers::compare(&local, real, &about.name, &mut tally).await;
        }
        let on_real = match &real {
            Some(real) => Some(Engine::real(real).await),
            None => None,
        };
        for engine in [Some(local), on_real].into_iter().flatten() {
            for (version, program) in &programs {
                let place = format!("{}, kubectl {version}", about.name);
                hold(&engine, program, &place, &mut tally).await;
            }
        }
    }
    let mut expected: Vec<(&str, &str)> = Vec::new();
    for name in readings::NAMES.iter().filter(|_| !programs.is_empty()) {
        expected.push((name, engine::LOCAL));
        expected.extend(real.as_ref().map(|_| (*name, engine::REAL)));
    }
    for ((name, engine), fields) in &tally.fields {
        eprintln!("kubectl: {name}, {engine}: {fields} fields");
    }
    let is_there = |(name, engine): &&(&str, &str)| {
        let key = (String::from(*name), String::from(*engine));
        !tally.fields.contains_key(&key)
    };
    let none: Vec<_> = expected.iter().filter(is_there).collect();
    assert!(none.is_empty(), "nothing was compared: {none:?}");
    assert!(
        tally.differences.is_empty(),
        "{} differences:\n{}",
        tally.differences.len(),
        tally.differences.join("\n")
    );
}

/// Holds everything that the bot reads of a cluster against one kubectl.
async fn hold(engine: &Engine, program: &Path, place: &str, tally: &mut Tally) {
    let lines = readings::lines(&engine.reader()).await;
    let mut lines = lines.into_iter().peekable();
    while lines.peek().is_some() {
        let now: Vec<Line> = lines.by_ref().take(AT_ONCE).collect();
        let answers = now.iter().map(|line| engine.ask(program, &line.arguments));
        let answers: Vec<_> = answers.collect();
        for (line, answer) in now.iter().zip(answers) {
            let (said, span) = answer.await.unwrap();
            let span = match engine.stands_at {
                Some(at) if line.by_server => (at, at),
                _ => span,
            };
            for part in &line.parts {
                let place = format!("{place} {}, {}", line.arguments.join(" "), part.name);
                let found = (part.find)(&said);
                tally.rows((part.name, engine.name), &place, found, part, span);
            }
        }
    }
}
