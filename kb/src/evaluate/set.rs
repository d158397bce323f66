//! Sets as research on retrieval shares them: documents, questions, and which answers which.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::{Telling, tell};
use crate::answer::Calibration;
use crate::document::Document;
use crate::held::Held;
use crate::index::{Change, SearchIndex};
use crate::library::Title;
use crate::shelf::{self, Shelf};
use crate::words::Analyzer;
use crate::{Error, Lang, Source};

/// A set in memory: `corpus.jsonl` (`id`, `title`, `text`), `queries.jsonl` (`id`, `text`) and
/// `qrels.tsv` (query, document and, if it is not 1, relevance) of a folder.
pub struct Set {
    pages: Vec<Page>,
    queries: Vec<Query>,
    /// Question -> documents that answer it.
    right: HashMap<String, HashSet<String>>,
}

#[derive(Deserialize)]
struct Page {
    id: String,
    #[serde(default)]
    title: Option<String>,
    text: String,
}

#[derive(Deserialize)]
struct Query {
    id: String,
    text: String,
}

/// Why a set cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what:?}", file.display())]
pub struct SetFault {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1, where there is one.
    pub line: Option<usize>,
    /// What is wrong.
    pub what: SetFaultKind,
}

/// What can be wrong with a file of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetFaultKind {
    /// The system would not give it.
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// There is nothing in it.
    Empty,
    /// The line is not UTF-8.
    NotUtf8,
    /// The line is not an object with the fields that it needs.
    NotInForm {
        /// What the reader said.
        reason: String,
    },
    /// The line does not name a question and a document, divided by a tab.
    NotAPair,
    /// The third column is not a number.
    NotANumber {
        /// What stands there.
        found: String,
    },
}

impl Set {
    /// Reads the set in `folder`.
    ///
    /// # Errors
    /// If a file is not there or not in its form.
    pub fn read(folder: &Path) -> Result<Set, SetFault> {
        Ok(Set {
            pages: json_lines(&folder.join("corpus.jsonl"))?,
            queries: json_lines(&folder.join("queries.jsonl"))?,
            right: relevant(&folder.join("qrels.tsv"))?,
        })
    }

    /// Writes each document as a Markdown file of its own, named by its number.
    ///
    /// # Errors
    /// If the folder cannot be written to.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for (number, page) in self.pages.iter().enumerate() {
            let text = match page.title.as_deref() {
                None | Some("") => page.text.clone(),
                Some(title) => format!("# {title}\n\n{}\n", page.text),
            };
            fs::write(folder.join(format!("{number}.md")), text)?;
        }
        Ok(())
    }

    /// Indexes the documents as a library does, each a question with one section.
    ///
    /// # Errors
    /// If the index cannot be built.
    pub fn open(self) -> Result<Opened, Error> {
        let analyzer = Analyzer::new("");
        let mut ids = Vec::new();
        let mut files = Vec::new();
        for (key, page) in (0..).zip(self.pages) {
            ids.push(page.id);
            files.push(file(
                key,
                Document::of_one(page.title.unwrap_or_default(), page.text),
                &analyzer,
            ));
        }
        let change = Change {
            remove: Vec::new(),
            add: files.iter().map(|it| (it.key, it.document.clone())).collect(),
            files: files.iter().map(|it| (it.key, 0)).collect(),
        };
        let mut index = SearchIndex::in_memory()?;
        index.apply(&change, &analyzer)?;
        let source = Source::Bundled {
            files: Vec::new(),
            link: None,
        };
        Ok(Opened {
            shelf: Shelf::new(&[source], &files, &index, Vec::new())?,
            index_bytes: index.bytes()?,
            calibration: Calibration::bundled()?,
            analyzer,
            ids,
            queries: self.queries,
            right: self.right,
        })
    }
}

/// Its name is its number, by which its id is found again.
fn file(key: u64, document: Document, analyzer: &Analyzer) -> shelf::File {
    let title = |it| Title::of(it, &document, analyzer);
    let titles = Arc::new(document.questions.iter().map(title).collect());
    shelf::File {
        source: 0,
        relative: key.to_string(),
        key,
        document: Arc::new(Held::new(document)),
        titles,
    }
}

/// A set that can be asked.
pub struct Opened {
    analyzer: Analyzer,
    calibration: Calibration,
    shelf: Shelf,
    index_bytes: u64,
    ids: Vec<String>,
    queries: Vec<Query>,
    right: HashMap<String, HashSet<String>>,
}

/// How well the questions of a set found their documents, and how fast.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scores {
    /// Documents in the set.
    pub documents: usize,
    /// Questions in the set.
    pub queries: usize,
    /// Questions that some document answers. The next four are shares and means of these.
    pub answerable: usize,
    /// Mean reciprocal rank of the first right document among the first ten.
    pub mrr: f64,
    /// Share of questions whose right document is the first.
    pub at_1: f64,
    /// ... is among the first three.
    pub at_3: f64,
    /// ... is among the first ten.
    pub at_10: f64,
    /// Half of the questions took no longer.
    pub p50: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
    /// How large the index is.
    pub index_bytes: u64,
    /// How well the calibrated probability tells whether the first document is right. A question that
    /// nothing answers has no right one.
    pub calibrated: Telling,
    /// The same of the raw score.
    pub raw: Telling,
}

/// So many documents are looked at.
const LOOKED_AT: usize = 10;

impl Opened {
    /// Asks every question, as chat asks it, one after the other. `now` is a stopwatch.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn score(&self, now: &dyn Fn() -> Duration) -> Result<Scores, Error> {
        let mut scores = Scores {
            documents: self.ids.len(),
            queries: self.queries.len(),
            index_bytes: self.index_bytes,
            ..Scores::default()
        };
        let mut times = Vec::new();
        // Probability and raw score of each first document, and whether it is right.
        let mut firsts: Vec<([f64; 2], bool)> = Vec::new();
        for query in &self.queries {
            times.push(self.time(&query.text, now));
            let ranked = self.shelf.rank(&self.analyzer, &query.text, LOOKED_AT)?;
            let right = self.right.get(&query.id);
            let is_right = |it: &&shelf::Entry| {
                let id = it.file.parse::<usize>().ok().and_then(|at| self.ids.get(at));
                right.zip(id).is_some_and(|(right, id)| right.contains(id))
            };
            let rank = ranked.entries.iter().position(is_right);
            if right.is_some() {
                scores.count(rank);
            }
            if ranked.entries.is_empty() {
                firsts.push(([f64::NEG_INFINITY; 2], false));
            } else {
                let probability = self.calibration.sum(&ranked.features);
                let raw = ranked.features.values()[0];
                firsts.push(([probability, raw].map(f64::from), rank == Some(0)));
            }
        }
        times.sort_unstable();
        scores.p50 = at_share(&times, 0.5);
        scores.p99 = at_share(&times, 0.99);
        let told = |which: usize| {
            tell(
                firsts
                    .iter()
                    .map(|(values, right)| (values[which], *right))
                    .collect(),
            )
        };
        scores.calibrated = told(0);
        scores.raw = told(1);
        Ok(scores.mean())
    }

    /// Asks the titles of the documents, as they are and changed, and says of both how high the documents
    /// stand (MRR@10), and of how many. A title that `change` leaves as it is is not asked.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn ask_titles(
        &self,
        mut change: impl FnMut(&str) -> Option<String>,
    ) -> Result<(f64, f64, usize), Error> {
        let (mut clean, mut changed, mut count) = (0.0, 0.0, 0_usize);
        // Each title once, in the order of the documents.
        let mut seen = HashSet::new();
        for title in self.shelf.titles().filter(|it| seen.insert(*it)) {
            let Some(other) = change(title) else {
                continue;
            };
            count += 1;
            clean += self.rank_of_title(title, title)?;
            changed += self.rank_of_title(&other, title)?;
        }
        let all = f64::max(count as f64, 1.0);
        Ok((clean / all, changed / all, count))
    }

    /// The reciprocal rank of the first document with this title.
    fn rank_of_title(&self, question: &str, title: &str) -> Result<f64, Error> {
        let ranked = self.shelf.rank(&self.analyzer, question, LOOKED_AT)?;
        let rank = ranked.entries.iter().position(|it| it.outline().title == title);
        Ok(rank.map_or(0.0, |it| 1.0 / (it + 1) as f64))
    }

    fn time(&self, question: &str, now: &dyn Fn() -> Duration) -> Duration {
        let lang = Lang::of_text(question).unwrap_or(Lang::Zh);
        let start = now();
        let _ = self.shelf.ask(&self.analyzer, &self.calibration, question, lang);
        now().saturating_sub(start)
    }
}

impl Scores {
    fn count(&mut self, rank: Option<usize>) {
        self.answerable += 1;
        let Some(rank) = rank else {
            return;
        };
        self.mrr += 1.0 / (rank + 1) as f64;
        self.at_1 += f64::from(u8::from(rank < 1));
        self.at_3 += f64::from(u8::from(rank < 3));
        self.at_10 += 1.0;
    }

    fn mean(mut self) -> Self {
        let all = self.answerable.max(1) as f64;
        for sum in [&mut self.mrr, &mut self.at_1, &mut self.at_3, &mut self.at_10] {
            *sum /= all;
        }
        self
    }
}

fn at_share(sorted: &[Duration], share: f64) -> Duration {
    let at = (sorted.len() as f64 * share) as usize;
    sorted.get(at).copied().unwrap_or_default()
}

fn relevant(path: &Path) -> Result<HashMap<String, HashSet<String>>, SetFault> {
    let mut right: HashMap<String, HashSet<String>> = HashMap::new();
    for_each_line(path, |line| {
        let mut cells = line.split('\t').map(str::trim);
        let (Some(query), Some(document)) = (cells.next(), cells.next()) else {
            return Err(SetFaultKind::NotAPair);
        };
        if query.is_empty() || document.is_empty() {
            return Err(SetFaultKind::NotAPair);
        }
        let relevance = cells.next().filter(|it| !it.is_empty()).unwrap_or("1");
        let relevance: f64 = relevance.parse().map_err(|_| SetFaultKind::NotANumber {
            found: relevance.to_owned(),
        })?;
        if relevance > 0.0 {
            right
                .entry(query.to_owned())
                .or_default()
                .insert(document.to_owned());
        }
        Ok(())
    })?;
    Ok(right)
}

fn json_lines<T: for<'d> Deserialize<'d>>(path: &Path) -> Result<Vec<T>, SetFault> {
    let mut all = Vec::new();
    for_each_line(path, |line| {
        let one = serde_json::from_str(line).map_err(|error| SetFaultKind::NotInForm {
            reason: error.to_string(),
        })?;
        all.push(one);
        Ok(())
    })?;
    if all.is_empty() {
        return Err(SetFault {
            file: path.to_owned(),
            line: None,
            what: SetFaultKind::Empty,
        });
    }
    Ok(all)
}

fn for_each_line(
    path: &Path,
    mut each: impl FnMut(&str) -> Result<(), SetFaultKind>,
) -> Result<(), SetFault> {
    let fault = |line, what| SetFault {
        file: path.to_owned(),
        line,
        what,
    };
    let bytes = fs::read(path).map_err(|error| {
        let reason = error.kind().to_string();
        fault(None, SetFaultKind::Unreadable { reason })
    })?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    for (at, line) in bytes.split(|it| *it == b'\n').enumerate() {
        let line = str::from_utf8(line).map_err(|_| fault(Some(at + 1), SetFaultKind::NotUtf8))?;
        if !line.trim().is_empty() {
            each(line).map_err(|what| fault(Some(at + 1), what))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::fs;
    use std::time::Duration;

    use tempfile::{TempDir, tempdir};

    use super::{Scores, Set, SetFaultKind};

    const CORPUS: &str = r#"{"id": "drain", "title": "How do I drain a node?", "text": "Run kubectl drain."}
{"id": "dns", "title": "How does a Pod find a Service?", "text": "By its DNS name."}
{"id": "more", "text": "A page without a title, about a volume claim."}
"#;
    const QUERIES: &str = r#"{"id": "q1", "text": "drain a node"}
{"id": "q2", "text": "find a service by dns"}
{"id": "q3", "text": "the price of tea"}
"#;

    fn folder(corpus: &str, queries: &str, qrels: &str) -> TempDir {
        let folder = tempdir().unwrap();
        for (name, text) in [
            ("corpus.jsonl", corpus),
            ("queries.jsonl", queries),
            ("qrels.tsv", qrels),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    /// Every look at the clock is a millisecond after the last.
    fn score(folder: &TempDir) -> Scores {
        let time = Cell::new(Duration::ZERO);
        let now = || {
            time.set(time.get() + Duration::from_millis(1));
            time.get()
        };
        Set::read(folder.path())
            .unwrap()
            .open()
            .unwrap()
            .score(&now)
            .unwrap()
    }

    #[test]
    fn a_question_counts_where_some_document_answers_it() {
        let found = score(&folder(CORPUS, QUERIES, "q1\tdrain\nq2\tdns\t1\nq3\tdrain\t0\n"));
        assert_eq!((found.documents, found.queries, found.answerable), (3, 3, 2));
        assert_eq!(
            (found.mrr, found.at_1, found.at_3, found.at_10),
            (1.0, 1.0, 1.0, 1.0)
        );
        assert_eq!(
            (found.p50, found.p99),
            (Duration::from_millis(1), Duration::from_millis(1))
        );
        assert_eq!((found.calibrated.auroc, found.calibrated.kept_at_p90), (1.0, 1.0));
        assert!(found.index_bytes > 100, "{found:?}");
    }

    #[test]
    fn a_wrong_first_document_counts_against_it() {
        let queries = QUERIES.replace("find a service by dns", "drain a node");
        let found = score(&folder(CORPUS, &queries, "q1\tmore\t1\r\nq2\tdrain\t2\r\n"));
        assert_eq!(
            (found.answerable, found.mrr, found.at_1, found.at_10),
            (2, 0.5, 0.5, 0.5)
        );
        // The two are as sure as each other, and one is wrong; nothing is found for the third.
        assert_eq!(
            (found.calibrated.auroc, found.calibrated.kept_at_p90),
            (0.75, 0.0)
        );
    }

    #[test]
    fn a_file_that_is_not_in_its_form_is_named_with_its_line() {
        let fault = |corpus: &str, queries: &str, qrels: &str| {
            let folder = folder(corpus, queries, qrels);
            let fault = Set::read(folder.path()).err().unwrap();
            let name = fault.file.file_name().unwrap().to_string_lossy().into_owned();
            (name, fault.line, fault.what)
        };
        let named = |name: &str, line, what| (name.to_owned(), line, what);
        let (name, line, what) = fault("{\"id\": \"a\", \"text\": \"b\"}\n{\"id\": 1}\n", QUERIES, "");
        assert_eq!((name.as_str(), line), ("corpus.jsonl", Some(2)));
        assert!(matches!(what, SetFaultKind::NotInForm { .. }), "{what:?}");
        assert_eq!(
            fault(CORPUS, "\n", ""),
            named("queries.jsonl", None, SetFaultKind::Empty)
        );
        let pair = SetFaultKind::NotAPair;
        assert_eq!(
            fault(CORPUS, QUERIES, "q1\tdrain\nq2 dns\n"),
            named("qrels.tsv", Some(2), pair)
        );
        let found = "yes".to_owned();
        let number = SetFaultKind::NotANumber { found };
        assert_eq!(
            fault(CORPUS, QUERIES, "q1\tdrain\tyes\n"),
            named("qrels.tsv", Some(1), number)
        );
        let empty = tempdir().unwrap();
        let fault = Set::read(empty.path()).err().unwrap();
        assert!(matches!(fault.what, SetFaultKind::Unreadable { .. }), "{fault:?}");
    }
}
