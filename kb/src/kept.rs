//! What was read of each file, kept beside the index, so that a start parses only what changed since.
//!
//! Derived data: where it is missing, damaged, or of another parser or vocabulary, files are read as if it had
//! never been. It is written when a start had to read something, not at each change: a change must be found at
//! once, and the next start reads what changed since.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::library::Title;
use crate::source::Mark;
use crate::words::fnv;

/// Whatever decides what a file is read as: where one of these changes, nothing that was kept is of use.
const PARSER: [&str; 10] = [
    include_str!("kept.rs"),
    include_str!("document.rs"),
    include_str!("headings.rs"),
    include_str!("lines.rs"),
    include_str!("commands.rs"),
    include_str!("library.rs"),
    include_str!("words.rs"),
    include_str!("vocabulary.rs"),
    include_str!("source.rs"),
    include_str!("topics.rs"),
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
pub(crate) fn load(file: &Path, version: &str) -> Option<Vec<(Name, Kept)>> {
    let mut file = BufReader::with_capacity(BUFFER, File::open(file).ok()?);
    let mut frame = Vec::new();
    let head: (String, usize) = read(&mut file, &mut frame)?;
    if head.0 != full(version) {
        return None;
    }
    (0..head.1).map(|_| read(&mut file, &mut frame)).collect()
}

/// A file on its way into the place of what was kept before.
pub(crate) struct Draft<'a> {
    file: &'a Path,
    draft: PathBuf,
    out: BufWriter<File>,
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
            out: BufWriter::with_capacity(BUFFER, out),
            now,
        })
    }

    /// Keeps these in the place of what was kept before, or leaves that as it is. Not forced onto the disk: what
    /// a crash leaves half written is seen by its sums.
    pub(crate) fn save(mut self, version: &str, kept: &[(Name, ToKeep<'_>)]) -> io::Result<()> {
        let mut frame = Vec::new();
        write(&mut self.out, &mut frame, &(full(version), kept.len()))?;
        for one in kept {
            write(&mut self.out, &mut frame, one)?;
        }
        self.out.flush()?;
        fs::rename(&self.draft, self.file)
    }
}

/// One at a time, so that no buffer is as large as all documents are.
const BUFFER: usize = 64 * 1024;
/// No frame is longer: what says so is damaged.
const LONGEST: u32 = 64 * 1024 * 1024;

/// Length and sum, then what was kept.
fn write(out: &mut impl io::Write, frame: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    frame.clear();
    *frame = postcard::to_extend(value, std::mem::take(frame)).map_err(io::Error::other)?;
    let length = u32::try_from(frame.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&checksum(frame).to_le_bytes())?;
    out.write_all(frame)
}

fn read<T: DeserializeOwned>(file: &mut impl io::Read, frame: &mut Vec<u8>) -> Option<T> {
    let mut length = [0; 4];
    let mut sum = [0; 8];
    file.read_exact(&mut length).ok()?;
    file.read_exact(&mut sum).ok()?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return None;
    }
    frame.resize(length as usize, 0);
    file.read_exact(frame).ok()?;
    let whole = u64::from_le_bytes(sum) == checksum(frame);
    whole.then(|| postcard::from_bytes(frame).ok())?
}

/// The version of the index with that of the parser.
fn full(version: &str) -> String {
    let parser = PARSER
        .iter()
        .fold(0_u64, |sum, text| sum.rotate_left(7) ^ fnv(text.as_bytes()));
    format!("{version} {parser:016x}")
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
