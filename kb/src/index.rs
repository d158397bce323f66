//! The index: one entry a section, in memory or in a folder.
//!
//! In a folder, a full build goes into a new folder beside the old and a pointer file is swapped;
//! a change is one commit, which is swapped in the same way by tantivy. Whoever searches holds a
//! snapshot and notices neither. Statistics are counted over what is alive, not taken from tantivy,
//! so that scores do not depend on how the index came about.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::indexer::NoMergePolicy;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};
use tantivy::{Index, IndexSettings, IndexWriter, ReloadPolicy, Searcher, TantivyDocument, Term};

use crate::Error;
use crate::held::Held;
use crate::words::{Analyzer, Memory, TERM_END, Terms, sum};

/// Whatever decides what a document is read as, how it is cut into passages, and what the terms of a text are: where
/// one of these changes, nothing that was kept is of use.
const MADE_BY: u64 = {
    let mut all = 0;
    let mut at = 0;
    while at < MAKERS.len() {
        all = sum(all, MAKERS[at].as_bytes());
        at += 1;
    }
    all
};
const MAKERS: [&str; 15] = [
    // The segmenter and its dictionary, and whatever else is not ours.
    include_str!("../../Cargo.lock"),
    include_str!("commands.rs"),
    include_str!("dictionary.rs"),
    include_str!("document.rs"),
    include_str!("headings.rs"),
    include_str!("held.rs"),
    include_str!("index.rs"),
    include_str!("kept.rs"),
    include_str!("library.rs"),
    include_str!("lines.rs"),
    include_str!("sounds.rs"),
    include_str!("source.rs"),
    include_str!("topics.rs"),
    include_str!("vocabulary.rs"),
    include_str!("words.rs"),
];
/// The smallest memory budget that tantivy takes, and what a full build of many documents gets.
const SMALL_BUDGET: usize = 15_000_000;
const LARGE_BUDGET: usize = 90_000_000;
/// At least so many passages are made into terms at a time, by all processors.
const BATCH: usize = 256;
/// More segments than this are merged into one: each is looked into for each word of a question.
const MOST_SEGMENTS: usize = 4;
/// How often the question and the heading count.
const HEAD_WEIGHT: usize = 3;

/// What is indexed of one section.
#[derive(Clone, Debug)]
pub(crate) struct Passage {
    /// Which file, and which section of it.
    pub(crate) file: u64,
    pub(crate) ordinal: u64,
    /// Question and heading path.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A change to the index: files that go (or come again), and those that come.
pub(crate) struct Change {
    pub(crate) remove: Vec<u64>,
    pub(crate) add: Vec<(u64, Arc<Held>)>,
    /// Every file that is in the index afterwards, with the hash of its content.
    pub(crate) files: HashMap<u64, u64>,
}

/// The index and where it is kept.
pub(crate) struct SearchIndex {
    index: Index,
    pub(crate) fields: Fields,
    home: Option<Home>,
    /// Files in the index, with the hash of their content.
    files: HashMap<u64, u64>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// Words, parts and concepts.
    pub(crate) words: Field,
    /// Characters and pairs of Chinese.
    pub(crate) han: Field,
    /// Latin words as they are written.
    pub(crate) written: Field,
    file: Field,
    ordinal: Field,
}

/// The folder of the index, held against other processes by a lock on a file.
struct Home {
    folder: PathBuf,
    _lock: File,
}

/// What a commit says about itself.
#[derive(Serialize, Deserialize)]
struct Stamp {
    version: String,
    files: Vec<(u64, u64)>,
}

/// What one thread makes terms with. Of the wordings of one question the bodies are the same.
#[derive(Default)]
struct Desk {
    memory: Memory,
    body: String,
    terms: Terms,
}

/// A desk that goes back to the others, with what it remembers.
struct Taken<'d> {
    desk: Desk,
    desks: &'d Mutex<Vec<Desk>>,
}

impl<'d> Taken<'d> {
    fn of(desks: &'d Mutex<Vec<Desk>>) -> Self {
        let desk = desks.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self {
            desk: desk.unwrap_or_default(),
            desks,
        }
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        desks.push(std::mem::take(&mut self.desk));
    }
}

impl SearchIndex {
    /// Opens the index of `folder`, or an empty one where there is none that can be used.
    /// `lists` says which word lists the analyzer has.
    pub(crate) fn open(folder: Option<&Path>, lists: u64) -> Result<Self, Error> {
        let home = folder.map(Home::take).transpose()?.flatten();
        if let Some(home) = home {
            return match home.load(&version(lists)) {
                Some((index, files)) => Ok(Self {
                    index,
                    fields: schema().1,
                    home: Some(home),
                    files,
                }),
                None => Self::in_memory().map(|index| Self {
                    home: Some(home),
                    ..index
                }),
            };
        }
        Self::in_memory()
    }

    /// Whether an index may be kept in a folder. One that another process is using may.
    pub(crate) fn can_be_kept_in(folder: &Path) -> io::Result<()> {
        Home::take(folder).map(drop)
    }

    pub(crate) fn in_memory() -> Result<Self, Error> {
        let (schema, fields) = schema();
        let mut index = Index::create_in_ram(schema);
        index.set_tokenizers(tokenizers());
        Ok(Self {
            index,
            fields,
            home: None,
            files: HashMap::new(),
        })
    }

    /// Files that need not be indexed again, with the hash of their content.
    pub(crate) fn files(&self) -> &HashMap<u64, u64> {
        &self.files
    }

    /// Makes the change visible to snapshots that are taken afterwards, or changes nothing.
    pub(crate) fn apply(&mut self, change: &Change, analyzer: &Analyzer) -> Result<(), Error> {
        let fresh = match (&self.home, self.files.is_empty()) {
            // Nothing of the old index is of use: build beside it.
            (Some(home), true) => Some(home.next()?),
            _ => None,
        };
        let written = self.written(fresh.as_deref(), change, analyzer);
        if let (Err(_), Some(folder)) = (&written, &fresh) {
            // What is half written would only take room, perhaps the last there is.
            let _ = fs::remove_dir_all(folder);
        }
        self.index = written?;
        self.files = change.files.clone();
        Ok(())
    }

    /// The index with the change: a new one in `fresh`, or the one that is there.
    fn written(&self, fresh: Option<&Path>, change: &Change, analyzer: &Analyzer) -> Result<Index, Error> {
        let index = match fresh {
            Some(folder) => create_in(folder)?,
            None => self.index.clone(),
        };
        self.write(&index, change, analyzer)?;
        if let (Some(home), Some(folder)) = (&self.home, fresh) {
            home.point_to(folder)?;
        }
        Ok(index)
    }

    fn write(&self, index: &Index, change: &Change, analyzer: &Analyzer) -> Result<(), Error> {
        let text: usize = change.add.iter().map(|(_, it)| it.texts().len()).sum();
        let budget = if text > 1_000_000 {
            LARGE_BUDGET
        } else {
            SMALL_BUDGET
        };
        let mut writer: IndexWriter = index.writer_with_num_threads(1, budget)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for file in &change.remove {
            writer.delete_term(Term::from_field_u64(self.fields.file, *file));
        }
        let desks = Mutex::default();
        let mut files = change.add.iter();
        loop {
            let mut batch = Vec::new();
            while batch.len() < BATCH
                && let Some((key, file)) = files.next()
            {
                batch.append(&mut file.passages(*key));
            }
            if batch.is_empty() && files.len() == 0 {
                break;
            }
            let documents = batch.par_iter().map_init(
                || Taken::of(&desks),
                |desk, passage| self.document(passage, analyzer, &mut desk.desk),
            );
            for document in documents.collect::<Vec<_>>() {
                writer.add_document(document)?;
            }
        }
        let files = change.files.iter().map(|(file, hash)| (*file, *hash)).collect();
        let stamp = Stamp {
            version: version(analyzer.lists),
            files,
        };
        let stamp = serde_json::to_string(&stamp).map_err(io::Error::from)?;
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&stamp);
        commit.commit()?;
        let segments = index.searchable_segment_ids()?;
        if segments.len() > MOST_SEGMENTS {
            writer.merge(&segments).wait()?;
        }
        // Files of segments that are gone; a searcher that still reads them keeps them open.
        writer.garbage_collect_files().wait()?;
        writer.wait_merging_threads()?;
        Ok(())
    }

    fn document(&self, passage: &Passage, analyzer: &Analyzer, desk: &mut Desk) -> TantivyDocument {
        let mut head = Terms::default();
        analyzer.index(&passage.head, &mut desk.memory, &mut head);
        if desk.body != passage.body {
            desk.body.clone_from(&passage.body);
            desk.terms = Terms::default();
            analyzer.index(&passage.body, &mut desk.memory, &mut desk.terms);
        }
        let body = &desk.terms;
        let terms = Terms {
            words: head.words.repeat(HEAD_WEIGHT) + &body.words,
            han: head.han.repeat(HEAD_WEIGHT) + &body.han,
            written: head.written + &body.written,
        };
        let mut document = TantivyDocument::new();
        document.add_u64(self.fields.file, passage.file);
        document.add_u64(self.fields.ordinal, passage.ordinal);
        document.add_text(self.fields.words, terms.words);
        document.add_text(self.fields.han, terms.han);
        document.add_text(self.fields.written, terms.written);
        document
    }

    /// The file beside it for what was read of the documents, and the version that it must be of; none where the
    /// index is in memory.
    pub(crate) fn beside(&self, lists: u64) -> Option<(PathBuf, String)> {
        let home = self.home.as_ref()?;
        Some((home.folder.join(DOCUMENTS), version(lists)))
    }

    /// Whether it outlives the process.
    pub(crate) fn is_kept(&self) -> bool {
        self.home.is_some()
    }

    /// How large it is, wherever it is kept.
    pub(crate) fn bytes(&self) -> Result<u64, Error> {
        Ok(self.searcher()?.space_usage()?.total().get_bytes())
    }

    /// The index as it is now; later changes are not seen through it.
    pub(crate) fn searcher(&self) -> Result<Searcher, Error> {
        let reader = self
            .index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(reader.searcher())
    }
}

/// A file and an ordinal in it.
pub(crate) type PassageName = (u64, u64);

/// Which passage each document of a searcher's segments is: file and ordinal.
pub(crate) fn passages(searcher: &Searcher) -> Result<Vec<Vec<Option<PassageName>>>, Error> {
    let mut all = Vec::new();
    for segment in searcher.segment_readers() {
        let file = segment.fast_fields().u64("file")?.first_or_default_col(0);
        let ordinal = segment.fast_fields().u64("ordinal")?.first_or_default_col(0);
        let one = |doc| (!segment.is_deleted(doc)).then(|| (file.get_val(doc), ordinal.get_val(doc)));
        all.push((0..segment.max_doc()).map(one).collect());
    }
    Ok(all)
}

fn schema() -> (Schema, Fields) {
    let indexing = TextFieldIndexing::default();
    let indexing = indexing
        .set_tokenizer(TOKENIZER)
        .set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(indexing);
    let mut builder = Schema::builder();
    let words = builder.add_text_field("words", text.clone());
    let han = builder.add_text_field("han", text);
    let written = TextFieldIndexing::default()
        .set_tokenizer(TOKENIZER)
        .set_fieldnorms(false)
        .set_index_option(IndexRecordOption::Basic);
    let written = TextOptions::default().set_indexing_options(written);
    let written = builder.add_text_field("written", written);
    let file = builder.add_u64_field("file", INDEXED | FAST);
    let ordinal = builder.add_u64_field("ordinal", FAST);
    (
        builder.build(),
        Fields {
            words,
            han,
            written,
            file,
            ordinal,
        },
    )
}

const TOKENIZER: &str = "ready-terms";

fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(TOKENIZER, TextAnalyzer::from(ReadyTerms));
    tokenizers
}

/// The tokenizer of both fields: terms come ready from the analyzer.
#[derive(Clone)]
struct ReadyTerms;

struct ReadyTermStream<'t> {
    rest: &'t str,
    token: Token,
}

impl Tokenizer for ReadyTerms {
    type TokenStream<'t> = ReadyTermStream<'t>;

    fn token_stream<'t>(&'t mut self, text: &'t str) -> ReadyTermStream<'t> {
        // A fresh token stands at the largest position there is, and the index adds to it.
        let token = Token {
            position: 0,
            ..Token::default()
        };
        ReadyTermStream { rest: text, token }
    }
}

impl TokenStream for ReadyTermStream<'_> {
    fn advance(&mut self) -> bool {
        let Some((term, rest)) = self.rest.split_once(TERM_END) else {
            return false;
        };
        self.rest = rest;
        self.token.text.clear();
        self.token.text.push_str(term);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Schema, parser, analyzer and word lists: where one of them is another, the index is rebuilt.
fn version(lists: u64) -> String {
    format!("{MADE_BY:016x}.{lists:016x}")
}

fn create_in(folder: &Path) -> Result<Index, Error> {
    fs::create_dir_all(folder)?;
    let directory = MmapDirectory::open(folder).map_err(tantivy::TantivyError::from)?;
    let mut index = Index::create(directory, schema().0, IndexSettings::default())?;
    index.set_tokenizers(tokenizers());
    Ok(index)
}

/// Makes the folder if there is none: it holds the documents, which are not everybody's on the machine.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// A folder that holds something, and not the signed lock that every index has, is somebody else's.
fn refuse_others(folder: &Path) -> io::Result<()> {
    let (mut is_empty, mut is_ours) = (true, false);
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if !kind.is_file() && !kind.is_dir() {
            return Err(io::Error::other("it holds what is neither a file nor a folder"));
        }
        if entry.file_name() != LOCK || !kind.is_file() {
            is_empty = false;
            continue;
        }
        match fs::read(entry.path()) {
            // Made in the moment of a crash, or where the disk was full.
            Ok(said) if said.is_empty() => {}
            Ok(said) if said != SIGNATURE.as_bytes() => is_empty = false,
            // One that cannot be read may be held by another of us; whether it can be taken is seen next.
            _ => is_ours = true,
        }
    }
    if is_empty || is_ours {
        return Ok(());
    }
    Err(io::Error::other("it holds other files than those of an index"))
}

const POINTER: &str = "current";
const LOCK: &str = "lock";
/// What the lock says, by which a folder is known to be ours: builds come and go in it.
pub(crate) const SIGNATURE: &str = "The search index of First Mate. It is made again where it is missing.\n";
const DOCUMENTS: &str = "documents";

impl Home {
    /// The folder, or none if another process is using it.
    ///
    /// # Errors
    /// If it cannot be written, or holds what is not ours: builds come and go in it.
    fn take(folder: &Path) -> io::Result<Option<Self>> {
        make_private(folder)?;
        refuse_others(folder)?;
        let mut lock = File::options()
            .create(true)
            .write(true)
            .truncate(false)
            .open(folder.join(LOCK))?;
        if lock.try_lock().is_err() {
            return Ok(None);
        }
        if lock.metadata()?.len() == 0 {
            lock.write_all(SIGNATURE.as_bytes())?;
        }
        Ok(Some(Self {
            folder: folder.to_owned(),
            _lock: lock,
        }))
    }

    /// The index that the pointer names, if it is there, whole, and of this version.
    fn load(&self, version: &str) -> Option<(Index, HashMap<u64, u64>)> {
        let name = fs::read_to_string(self.folder.join(POINTER)).ok()?;
        let mut index = Index::open_in_dir(self.folder.join(name.trim())).ok()?;
        index.set_tokenizers(tokenizers());
        let stamp: Stamp = serde_json::from_str(&index.load_metas().ok()?.payload?).ok()?;
        let whole = stamp.version == version && index.validate_checksum().ok()?.is_empty();
        whole.then(|| (index, stamp.files.into_iter().collect()))
    }

    /// A folder for a new build, that no build has used.
    fn next(&self) -> io::Result<PathBuf> {
        let mut number = 1;
        loop {
            let folder = self.folder.join(format!("build-{number}"));
            if !folder.exists() {
                fs::create_dir(&folder)?;
                return Ok(folder);
            }
            number += 1;
        }
    }

    /// Swaps the pointer, then removes what it no longer names.
    fn point_to(&self, build: &Path) -> io::Result<()> {
        let name = build
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let draft = self.folder.join("current.new");
        let mut file = File::create(&draft)?;
        file.write_all(name.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, self.folder.join(POINTER))?;
        for entry in fs::read_dir(&self.folder)?.flatten() {
            let other = entry.file_name().to_string_lossy().into_owned();
            if other.starts_with("build-") && other != name {
                // A leftover costs only disk space, and the next build tries again.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(())
    }
}
