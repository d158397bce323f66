//! The library: sources are read, paired and indexed here, and questions are asked.

use std::collections::BTreeMap;
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::answer::{Calibration, Features};
use crate::document::{self, Document, Parsed, Part};
use crate::gaps;
use crate::headings;
use crate::held::Held;
use crate::index::{Change, SearchIndex};
use crate::kept::{self, Kept, ToKeep};
use crate::shelf::{self, MOST_CANDIDATES, Shelf};
use crate::source::{self, Found, Mark};
use crate::topics::Topic;
use crate::vocabulary::read_own;
use crate::words::{self, Analyzer, TermId, Wording, fnv};
use crate::{Error, Fault, FaultKind, Lang, Near, Outcome, Question, Refresh, Settings, Source, Stats};

/// The documents, ready to be asked. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Library {
    shared: Arc<Shared>,
}

struct Shared {
    sources: Vec<Source>,
    analyzer: Arc<Awaited>,
    calibration: Calibration,
    /// What is needed to read again. Held for as long as a refresh takes.
    work: Mutex<Work>,
    /// What questions are answered from. Swapped in one step.
    shelf: RwLock<Arc<Shelf>>,
}

/// An analyzer that is ready when it is needed: where nothing has to be read, not before the first question.
type Awaited = LazyLock<Analyzer, Box<dyn FnOnce() -> Analyzer + Send>>;

struct Work {
    index: SearchIndex,
    /// By source and relative path.
    files: BTreeMap<(usize, String), FileState>,
    /// Faults of folders, from the last look.
    faults: Vec<Fault>,
    /// Faults of the own vocabulary.
    own_faults: Vec<Fault>,
    /// Where the index was to be kept, and why it is not.
    index_dir: Option<PathBuf>,
    unkept: Option<Fault>,
}

/// A file as it was last seen.
struct FileState {
    mark: Mark,
    /// The last version that could be read, if any could.
    good: Option<Good>,
    /// Why the version on disk could not be read.
    fault: Option<Fault>,
}

impl FileState {
    /// Whether the system would not give the file.
    fn was_refused(&self) -> bool {
        let fault = self.fault.as_ref();
        fault.is_some_and(|it| matches!(it.what, FaultKind::Unreadable { .. }))
    }
}

#[derive(Clone)]
pub(crate) struct Good {
    pub(crate) document: Arc<Held>,
    /// For each question, the words of its title.
    titles: Arc<Vec<Title>>,
    /// Hash of the text.
    pub(crate) hash: u64,
}

/// What a question is called, in terms of the index.
#[derive(Serialize, Deserialize)]
pub(crate) struct Title {
    /// Its own words.
    pub(crate) words: Wording,
    /// Those of each way in which others ask it.
    pub(crate) asked: Vec<Wording>,
    /// Sorted: the terms of each section's headings and of what it has in bold or as code.
    pub(crate) sections: Vec<Vec<TermId>>,
    /// The words of each section's own heading.
    pub(crate) headings: Vec<Wording>,
    /// The terms of its file's tags, sorted.
    pub(crate) tags: Vec<TermId>,
    /// Its letters alone, by which it is known when it is asked word for word.
    pub(crate) exact: Option<TermId>,
    /// What its title, its short answer, its headings, the ways in which others ask it and its tags are about, sorted.
    pub(crate) topics: Vec<Topic>,
}

impl Title {
    pub(crate) fn of(question: &Parsed, document: &Document, analyzer: &Analyzer) -> Self {
        let terms = |text: &str| {
            let mut terms = analyzer.title(text).terms;
            terms.dedup();
            terms
        };
        let headings = question.sections.iter().flat_map(|it| &it.path);
        let about = [&question.title]
            .into_iter()
            .chain(&question.short)
            .chain(headings);
        let about = about.chain(&document.asked).chain(&document.tags);
        let about: Vec<&str> = about.map(String::as_str).collect();
        let head = |part: &Part| terms(&[part.path.join("\n"), headings::marked(&part.markdown)].join("\n"));
        Self {
            words: analyzer.title(&question.title),
            exact: words::letters(&question.title),
            sections: question.sections.iter().map(head).collect(),
            headings: question
                .sections
                .iter()
                .map(|it| analyzer.title(it.path.last().map_or("", |it| it)))
                .collect(),
            asked: document.asked.iter().map(|it| analyzer.title(it)).collect(),
            tags: terms(&document.tags.join("\n")),
            topics: analyzer.topics(&about.join("\n")),
        }
    }
}

impl Library {
    /// Reads everything and builds the index, or takes the one in `index_dir` as far as it is still
    /// true. What is wrong with files and folders is in [`Library::faults`].
    ///
    /// # Errors
    /// If the index cannot be built: no memory, or no room or rights in `index_dir`.
    pub fn open(settings: Settings) -> Result<Library, Error> {
        let Settings {
            mut sources,
            index_dir,
            vocabulary,
        } = settings;
        let (own, own_faults) = vocabulary.as_deref().map(read_own).unwrap_or_default();
        let calibration = Calibration::bundled()?;
        let lists = words::lists(&own);
        let analyzer = made_meanwhile(own, lists);
        let (index, unkept) = match SearchIndex::open(index_dir.as_deref(), lists) {
            // What is kept only saves time.
            Err(Error::Folder(error)) => (SearchIndex::in_memory()?, unkept(index_dir.as_deref(), &error)),
            opened => (opened?, None),
        };
        let beside = index.beside(lists);
        let kept = beside.and_then(|(file, version)| kept::load(&file, &version));
        let mut work = Work {
            index,
            files: BTreeMap::new(),
            faults: Vec::new(),
            own_faults,
            index_dir,
            unkept,
        };
        work.take_kept(&sources, kept.unwrap_or_default());
        let mut read = work.look(&sources, &analyzer).changed;
        for (number, source) in sources.iter().enumerate() {
            if let Source::Given { files } = source {
                read += work.take_given(number, files, &analyzer);
            }
        }
        sources.iter_mut().for_each(let_go_of_texts);
        work.index(&analyzer)?;
        if read > 0 {
            // Where it cannot be written, the next start reads the files again.
            let _ = work.keep(&sources, lists);
        }
        let shelf = RwLock::new(Arc::new(work.shelf(&sources)?));
        let shared = Shared {
            sources,
            analyzer,
            calibration,
            work: Mutex::new(work),
            shelf,
        };
        Ok(Library {
            shared: Arc::new(shared),
        })
    }

    /// Why an index cannot be kept in a folder, if it cannot. The folder is made, as it would be.
    pub fn index_fault(folder: &Path) -> Option<Fault> {
        let error = SearchIndex::can_be_kept_in(folder).err()?;
        unkept(Some(folder), &error)
    }

    /// Looks whether files changed, by size and time and then by content, and reads only those
    /// again. Questions are answered from what was there before until all is ready. A file that can
    /// no longer be read keeps its last good version, and a fault says so.
    ///
    /// # Errors
    /// If the index cannot be written; everything stays as it was.
    pub fn refresh(&self) -> Result<Refresh, Error> {
        let mut work = self.shared.work();
        let before = work.faults();
        let refresh = work.look(&self.shared.sources, &self.shared.analyzer);
        let indexed = work.index(&self.shared.analyzer)?;
        if indexed || before != work.faults() || refresh != Refresh::default() {
            let shelf = Arc::new(work.shelf(&self.shared.sources)?);
            *self.shared.shelf.write().unwrap_or_else(PoisonError::into_inner) = shelf;
        }
        Ok(refresh)
    }

    /// Puts these documents in the place of those that were given before: name and text of each. Does nothing
    /// where the settings have no source for them. They are searched when this returns.
    ///
    /// # Errors
    /// If the index cannot be written; questions are answered as before then.
    pub fn give(&self, files: &[(String, String)]) -> Result<(), Error> {
        let mut sources = self.shared.sources.iter();
        let Some(number) = sources.position(|it| matches!(it, Source::Given { .. })) else {
            return Ok(());
        };
        let mut work = self.shared.work();
        work.take_given(number, files, &self.shared.analyzer);
        work.index(&self.shared.analyzer)?;
        let shelf = Arc::new(work.shelf(&self.shared.sources)?);
        *self.shared.shelf.write().unwrap_or_else(PoisonError::into_inner) = shelf;
        Ok(())
    }

    /// What is wrong with the documents, by file and line.
    pub fn faults(&self) -> Vec<Fault> {
        self.shelf().faults.clone()
    }

    /// How much there is.
    pub fn stats(&self) -> Stats {
        self.shelf().stats
    }

    /// Answers a question, in `lang` where the answer exists in it.
    pub fn ask(&self, question: &str, lang: Lang) -> Outcome {
        self.shelf()
            .ask(&self.shared.analyzer, &self.shared.calibration, question, lang)
    }

    /// A question by its id, in `lang` if it exists in it.
    pub fn question(&self, id: &str, lang: Lang) -> Option<Question> {
        self.shelf().question(id, lang)
    }

    /// Up to `n` questions that are like this one, the nearest first.
    pub fn related(&self, id: &str, lang: Lang, n: usize) -> Vec<Near> {
        self.shelf().related(&self.shared.analyzer, id, lang, n)
    }

    /// Every question: the team's first, in the order of files and headings.
    pub fn questions(&self, lang: Lang) -> Vec<Near> {
        self.shelf().questions(lang)
    }

    /// Which of these are the same question in other words: groups of places, each in order, the first of them in the
    /// order in which they come.
    pub fn alike(&self, questions: &[&str]) -> Vec<Vec<usize>> {
        gaps::groups(&self.shared.analyzer, &gaps::CHOSEN, questions)
    }

    /// What the calibration sees in a question, and the file and title of the best candidate.
    pub(crate) fn weigh(&self, question: &str) -> Option<(Features, String, String)> {
        let shelf = self.shelf();
        let ranked = shelf
            .rank(&self.shared.analyzer, question, MOST_CANDIDATES)
            .ok()?;
        let best = ranked.entries.first()?;
        Some((ranked.features, best.file.clone(), best.outline().title.clone()))
    }

    /// File and title of the best candidates, the best first.
    pub(crate) fn ranked(&self, question: &str) -> Vec<(String, String)> {
        let shelf = self.shelf();
        let ranked = shelf.rank(&self.shared.analyzer, question, MOST_CANDIDATES);
        let entries = ranked.map(|it| it.entries).unwrap_or_default();
        let named = |it: &&shelf::Entry| (it.file.clone(), it.outline().title.clone());
        entries.iter().map(named).collect()
    }

    fn shelf(&self) -> Arc<Shelf> {
        self.shared
            .shelf
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Shared {
    /// A thread that died while it read left nothing half done that the next look would not mend.
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Work {
    /// Brings `files` and `faults` up to what is on disk.
    fn look(&mut self, sources: &[Source], analyzer: &Awaited) -> Refresh {
        let mut refresh = Refresh::default();
        self.faults.clear();
        for (number, source) in sources.iter().enumerate() {
            match source {
                Source::Folder { path, .. } => {
                    self.look_into(number, &source::list(path), analyzer, &mut refresh)
                }
                // They came with the program and cannot change; after the first look there is no text left.
                Source::Bundled { files, .. } if files.is_empty() => {}
                Source::Bundled { files, .. } => refresh.changed += self.take_given(number, files, analyzer),
                // They change by being given alone.
                Source::Given { .. } => {}
            }
        }
        refresh
    }

    /// Takes what an earlier start read. Whether it is still true is seen when the files are looked at.
    fn take_kept(&mut self, sources: &[Source], kept: Vec<(kept::Name, Kept)>) {
        for ((source, relative), kept) in kept {
            let Some(number) = sources.iter().position(|it| source_name(it) == source) else {
                continue;
            };
            let state = FileState {
                mark: kept.mark(),
                good: Some(Good {
                    document: Arc::new(kept.document),
                    titles: Arc::new(kept.titles),
                    hash: kept.hash,
                }),
                fault: None,
            };
            self.files.insert((number, relative), state);
        }
    }

    /// Keeps what was read for the next start.
    ///
    /// # Errors
    /// If it cannot be written. It only saves time: the next start reads the files then.
    fn keep(&self, sources: &[Source], lists: u64) -> io::Result<()> {
        let Some((file, version)) = self.index.beside(lists) else {
            return Ok(());
        };
        let draft = kept::Draft::begin(&file)?;
        let now = draft.now;
        let good = self.files.iter().filter_map(|((source, relative), state)| {
            let good = state.good.as_ref()?;
            // A version that is no longer the one on disk has the mark of no file.
            let mark = if state.fault.is_none() {
                state.mark
            } else {
                Mark::default()
            };
            let kept = ToKeep::new(&mark, now, &good.document, &good.titles, good.hash);
            Some(((source_name(&sources[*source]), relative.clone()), kept))
        });
        draft.save(&version, &good.collect::<Vec<_>>())
    }

    /// Puts these in the place of all that was given before; how many had to be read.
    fn take_given(&mut self, number: usize, files: &[(String, String)], analyzer: &Awaited) -> usize {
        let names: HashSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        self.files
            .retain(|(source, name), _| *source != number || names.contains(name.as_str()));
        let is_new = |(name, text): &&(String, String)| {
            let known = self.files.get(&(number, name.clone()));
            let known = known.and_then(|it| it.good.as_ref());
            known.is_none_or(|it| it.hash != fnv(text.as_bytes()))
        };
        let new: Vec<&(String, String)> = files.iter().filter(is_new).collect();
        let read = new.par_iter().map(|(name, text)| {
            let good = Some(read_text(name, text, analyzer));
            let state = FileState {
                mark: Mark::default(),
                good,
                fault: None,
            };
            ((number, name.clone()), state)
        });
        self.files.extend(read.collect::<Vec<_>>());
        new.len()
    }

    fn look_into(
        &mut self,
        number: usize,
        listing: &source::Listing,
        analyzer: &Awaited,
        refresh: &mut Refresh,
    ) {
        self.faults.extend(listing.faults.iter().cloned());
        let changed = listing
            .found
            .iter()
            .filter(|it| self.may_have_changed(number, it));
        let last = |it: &Found| self.files.get(&(number, it.relative.clone()))?.good.clone();
        let changed: Vec<(&Found, Option<Good>)> = changed.map(|it| (it, last(it))).collect();
        let read = changed
            .into_par_iter()
            .map(|(found, last)| (found, read_file(found, last, analyzer)));
        for (found, state) in read.collect::<Vec<_>>() {
            refresh.changed += usize::from(self.take_read(number, found, state));
        }
        let unread = |relative: &str| {
            listing
                .unread
                .iter()
                .any(|(at, _)| Path::new(relative).starts_with(at))
        };
        let before = self.files.len();
        self.files.retain(|(source, relative), _| {
            let here = listing
                .found
                .binary_search_by(|it| it.relative.as_str().cmp(relative))
                .is_ok();
            *source != number || here || unread(relative)
        });
        refresh.removed += before - self.files.len();
        for (folder, fault) in &listing.unread {
            let kept = self.files.iter().any(|((source, relative), state)| {
                *source == number && state.good.is_some() && Path::new(relative).starts_with(folder)
            });
            self.faults.push(Fault {
                kept_last_good: kept,
                ..fault.clone()
            });
        }
    }

    /// Whether a file must be read to know what is in it.
    fn may_have_changed(&self, number: usize, found: &Found) -> bool {
        let known = self.files.get(&(number, found.relative.clone()));
        // A file that the system would not give is tried again each time: its rights may be mended.
        known.is_none_or(|it| it.mark != found.mark || it.was_refused())
    }

    /// Puts what was read in the place of what was known; whether that says anything new.
    fn take_read(&mut self, number: usize, found: &Found, state: FileState) -> bool {
        let before = self.files.insert((number, found.relative.clone()), state);
        let state = &self.files[&(number, found.relative.clone())];
        !before.is_some_and(|it| it.was_refused() && it.fault == state.fault)
    }

    fn good_files(&self) -> impl Iterator<Item = (usize, &str, &Good)> {
        self.files.iter().filter_map(|((source, relative), state)| {
            state.good.as_ref().map(|good| (*source, relative.as_str(), good))
        })
    }

    /// Brings the index up to `files`; whether anything had to be done. Where that cannot be kept any longer, because the
    /// folder is gone or full, it goes on in memory.
    fn index(&mut self, analyzer: &Awaited) -> Result<bool, Error> {
        match self.write_index(analyzer) {
            Err(error) if self.index.is_kept() => {
                self.unkept = unkept(self.index_dir.as_deref(), &error);
                self.index = SearchIndex::in_memory()?;
                self.write_index(analyzer)
            }
            done => done,
        }
    }

    fn write_index(&mut self, analyzer: &Awaited) -> Result<bool, Error> {
        let mut change = Change {
            remove: Vec::new(),
            add: Vec::new(),
            files: HashMap::new(),
        };
        for (source, relative, good) in self.good_files() {
            let key = file_key(source, relative);
            change.files.insert(key, good.hash);
            let known = self.index.files().get(&key);
            if known == Some(&good.hash) {
                continue;
            }
            if known.is_some() {
                change.remove.push(key);
            }
            change.add.push((key, good.document.clone()));
        }
        change.remove.extend(
            self.index
                .files()
                .keys()
                .filter(|key| !change.files.contains_key(key)),
        );
        if change.add.is_empty() && change.remove.is_empty() {
            return Ok(false);
        }
        self.index.apply(&change, analyzer)?;
        Ok(true)
    }

    fn faults(&self) -> Vec<Fault> {
        let of_files = self.files.values().filter_map(|state| state.fault.clone());
        let others = self
            .unkept
            .iter()
            .chain(&self.own_faults)
            .chain(&self.faults)
            .cloned();
        others.chain(of_files).collect()
    }

    fn shelf(&self, sources: &[Source]) -> Result<Shelf, Error> {
        let files: Vec<shelf::File> = self
            .good_files()
            .map(|(source, relative, good)| shelf::File {
                source,
                relative: relative.to_owned(),
                key: file_key(source, relative),
                document: good.document.clone(),
                titles: good.titles.clone(),
            })
            .collect();
        Shelf::new(sources, &files, &self.index, self.faults())
    }
}

/// Why the index is not kept where it was to be.
fn unkept(folder: Option<&Path>, error: &(dyn std::error::Error + 'static)) -> Option<Fault> {
    let innermost = std::iter::successors(Some(error), |it| it.source()).last();
    let reason = innermost.map(ToString::to_string).unwrap_or_default();
    folder.map(|folder| source::fault(folder, None, FaultKind::IndexNotKept { reason }))
}

/// An analyzer with these groups, made while the index and what was kept are read.
fn made_meanwhile(own: String, lists: u64) -> Arc<Awaited> {
    let make = move || Analyzer::with(&own, lists);
    let analyzer: Arc<Awaited> = Arc::new(LazyLock::new(Box::new(make)));
    let awaited = analyzer.clone();
    let begin = move || {
        LazyLock::force(&awaited);
    };
    // Where there is no thread for it, whoever needs it first makes it.
    let _ = thread::Builder::new().spawn(begin);
    analyzer
}

/// What a source is called among what is kept: its place in the settings may be another at the next start.
fn source_name(source: &Source) -> String {
    match source {
        Source::Folder { path, .. } => format!("folder {}", path.display()),
        Source::Bundled { .. } => "bundled".to_owned(),
        Source::Given { .. } => "given".to_owned(),
    }
}

/// Bundled and given texts are read once and then held as documents.
fn let_go_of_texts(source: &mut Source) {
    if let Source::Bundled { files, .. } | Source::Given { files } = source {
        *files = Vec::new();
    }
}

/// A file as it is now; where it cannot be read, the last good version of it.
fn read_file(found: &Found, last: Option<Good>, analyzer: &Analyzer) -> FileState {
    let (good, fault) = match read_new(found, last.as_ref(), analyzer) {
        Ok(good) => (Some(good), None),
        Err(fault) => {
            let kept_last_good = last.is_some();
            let fault = Fault {
                kept_last_good,
                ..fault
            };
            (last, Some(fault))
        }
    };
    FileState {
        mark: found.mark,
        good,
        fault,
    }
}

fn read_new(found: &Found, last: Option<&Good>, analyzer: &Analyzer) -> Result<Good, Fault> {
    let text = source::read(found)?;
    if let Some(last) = last.filter(|it| it.hash == fnv(text.as_bytes())) {
        return Ok(last.clone());
    }
    let good = read_text(&found.relative, &text, analyzer);
    if good.document.questions.is_empty() {
        return Err(source::fault(&found.path, None, FaultKind::Empty));
    }
    Ok(good)
}

fn read_text(relative: &str, text: &str, analyzer: &Analyzer) -> Good {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let document = document::parse(text, name);
    let title = |it| Title::of(it, &document, analyzer);
    let titles = document.questions.iter().map(title).collect();
    Good {
        document: Arc::new(Held::new(document)),
        titles: Arc::new(titles),
        hash: fnv(text.as_bytes()),
    }
}

fn file_key(source: usize, relative: &str) -> u64 {
    fnv(format!("{source}\0{relative}").as_bytes())
}
