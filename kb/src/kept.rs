//! What was read of each file, kept beside the index, so that a start parses only what changed since.
//!
//! Derived data: where it is missing, damaged, or of another parser or vocabulary, files are read as if it had
//! never been. It is written when a start had to read something, not at each change: a change must be found at
//! once, and the next start reads what changed since.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::library::Title;
use crate::source::Mark;
use crate::words::fnv;

/// Whatever decides what a file is read as: where one of these changes, nothing that was kept is of use.
const PARSER: [&str; 8] = [
    include_str!("kept.rs"),
    include_str!("document.rs"),
    include_str!("headings.rs"),
    include_str!("lines.rs"),
    include_str!("commands.rs"),
    include_str!("library.rs"),
    include_str!("words.rs"),
    include_str!("source.rs"),
];

/// A file that was written in the same moment as this was kept may have changed without showing it: its time says
/// nothing then, and it is read.
const MOMENT: Duration = Duration::from_secs(2);

/// A file as it was read.
#[derive(Deserialize)]
pub(crate) struct Kept {
    /// Size and time it had, where they tell that it has not changed.
    stamp: Option<Stamp>,
    pub(crate) document: Document,
    pub(crate) titles: Vec<Title>,
    /// Hash of the text.
    pub(crate) hash: u64,
}

/// The same, borrowed: the fields and their order are those of [`Kept`].
#[derive(Serialize)]
pub(crate) struct ToKeep<'a> {
    stamp: Option<Stamp>,
    document: &'a Document,
    titles: &'a [Title],
    hash: u64,
}

/// Size, and nanoseconds since 1970.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Stamp(u64, u64);

/// Name of the source, relative path.
pub(crate) type Name = (String, String);

impl Kept {
    /// What the file looked like; a mark that no file has where it must be read.
    pub(crate) fn mark(&self) -> Mark {
        self.stamp.map_or_else(Mark::default, |Stamp(bytes, nanos)| Mark {
            bytes,
            modified: Some(UNIX_EPOCH + Duration::from_nanos(nanos)),
        })
    }
}

impl<'a> ToKeep<'a> {
    pub(crate) fn new(
        mark: &Mark,
        now: SystemTime,
        document: &'a Document,
        titles: &'a [Title],
        hash: u64,
    ) -> Self {
        let modified = mark.modified.filter(|it| *it + MOMENT <= now);
        let since = modified.and_then(|it| it.duration_since(UNIX_EPOCH).ok());
        let nanos = since.and_then(|it| u64::try_from(it.as_nanos()).ok());
        Self {
            stamp: nanos.map(|it| Stamp(mark.bytes, it)),
            document,
            titles,
            hash,
        }
    }
}

/// What was kept in this file, if it is whole and of this version.
pub(crate) fn load(file: &Path, version: &str) -> Option<BTreeMap<Name, Kept>> {
    let bytes = fs::read(file).ok()?;
    let (sum, rest) = bytes.split_first_chunk()?;
    let whole = u64::from_le_bytes(*sum) == checksum(rest);
    let rest = rest.strip_prefix(head(version).as_bytes()).filter(|_| whole)?;
    postcard::from_bytes(rest).ok()
}

/// A file on its way into the place of what was kept before.
pub(crate) struct Draft<'a> {
    file: &'a Path,
    draft: PathBuf,
    out: File,
    /// The time by the clock that dates files.
    pub(crate) now: SystemTime,
}

impl<'a> Draft<'a> {
    pub(crate) fn begin(file: &'a Path) -> io::Result<Self> {
        let draft = file.with_extension("new");
        let out = File::create(&draft)?;
        let now = out.metadata()?.modified()?;
        Ok(Self {
            file,
            draft,
            out,
            now,
        })
    }

    /// Keeps these in the place of what was kept before, or leaves that as it is.
    pub(crate) fn save(mut self, version: &str, kept: &BTreeMap<Name, ToKeep<'_>>) -> io::Result<()> {
        let body = postcard::to_extend(kept, head(version).into_bytes()).map_err(io::Error::other)?;
        self.out.write_all(&checksum(&body).to_le_bytes())?;
        self.out.write_all(&body)?;
        self.out.sync_all()?;
        fs::rename(&self.draft, self.file)
    }
}

fn head(version: &str) -> String {
    let parser = PARSER
        .iter()
        .fold(0, |sum, text| sum ^ fnv(text.as_bytes()).rotate_left(7));
    format!("{version} {parser:016x}\n")
}

/// Guards against a damaged disk, not against an enemy: eight bytes at a time, since it is read at each start.
fn checksum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let step = |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let sum = words
        .iter()
        .fold(0, |sum, word| step(sum, u64::from_le_bytes(*word)));
    rest.iter().fold(sum, |sum, byte| step(sum, u64::from(*byte)))
}
