//! Files on disk: which there are, what they hold, and what is wrong with them.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// The largest file that is read. A document of this size is about four thousand printed pages; a
/// larger one is a mistake, and reading it would stop the bot for longer than anyone waits.
pub const FILE_LIMIT: u64 = 8 * 1024 * 1024;

/// Something wrong with a file or folder. The rest is read all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file or folder, as the settings give it.
    pub file: String,
    /// The line, from 1, where there is one.
    pub line: Option<u32>,
    /// What is wrong.
    pub what: FaultKind,
    /// The version that was read before is still being answered from.
    pub kept_last_good: bool,
}

/// What can be wrong with a file or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FaultKind {
    /// The file is not UTF-8 from this line on; it is not read.
    NotUtf8,
    /// The file is larger than [`FILE_LIMIT`]; it is not read.
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The system would not give the file or folder.
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// There is nothing in the file.
    Empty,
    /// There is no document in the folder.
    NoDocuments,
    /// A folder that leads back into itself; it is read once.
    Loop,
    /// A link that leads out of the folder; it is not followed.
    Outside,
    /// It is called like a document and is no file; it is not read.
    NotAFile,
    /// A code block begins on this line and never ends. The file is read as if it ended before the
    /// next heading.
    UnclosedFence,
    /// Front matter begins and never ends. It is read as text.
    UnclosedFrontMatter,
    /// Another file of the same language has the same `id`; this one is not paired.
    DuplicateId {
        /// The id.
        id: String,
        /// The file that has it too.
        other: String,
    },
    /// The folder for the index cannot be used: it is held in memory, and built at each start.
    IndexNotKept {
        /// What the system says.
        reason: String,
    },
    /// A line of the own vocabulary that names fewer than two terms. It is left out.
    NotAGroup,
    /// A term of the own vocabulary in Chinese and in Latin letters. It is left out.
    MixedTerm {
        /// The term.
        term: String,
    },
    /// The two languages hold different numbers of questions and so are not paired.
    UnevenPair {
        /// The file in the other language.
        other: String,
        /// How many questions are in this one.
        here: usize,
        /// How many are in the other.
        there: usize,
    },
}

/// A document in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// From the folder, with `/`.
    pub(crate) relative: String,
    pub(crate) path: PathBuf,
    pub(crate) mark: Mark,
}

/// What tells without reading that a file may have changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) bytes: u64,
    pub(crate) modified: Option<SystemTime>,
    /// Which file it is, and when that was last touched in any way: another file in its place may have the same size and
    /// time, as may one whose time was set back. Zero where the system does not tell.
    pub(crate) identity: (u64, i64),
}

impl Mark {
    fn of(file: &fs::Metadata) -> Self {
        Self {
            bytes: file.len(),
            modified: file.modified().ok(),
            identity: identity(file),
        }
    }
}

#[cfg(unix)]
fn identity(file: &fs::Metadata) -> (u64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    let nanos = file.ctime().saturating_mul(1_000_000_000);
    (file.ino(), nanos.saturating_add(file.ctime_nsec()))
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> (u64, i64) {
    (0, 0)
}

/// What is in a folder.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Sorted by relative path.
    pub(crate) found: Vec<Found>,
    /// What could not be listed or looked at: relative path (empty for the folder itself) and fault.
    /// What was read there before is kept.
    pub(crate) unread: Vec<(String, Fault)>,
    /// Faults that keep nothing from being read.
    pub(crate) faults: Vec<Fault>,
}

/// Lists the documents of a folder and of all folders below it, following links, each folder once.
/// What begins with a dot is left alone.
pub(crate) fn list(folder: &Path) -> Listing {
    let mut listing = Listing::default();
    let mut walk = Walk {
        root: fs::canonicalize(folder).unwrap_or_default(),
        seen: HashSet::new(),
        folders: Vec::new(),
        links: Vec::new(),
    };
    walk.folders.push((folder.to_owned(), String::new()));
    // Links last: a folder is known by its own name where it has one here.
    while let Some((path, relative)) = walk.folders.pop().or_else(|| walk.links.pop()) {
        if let Err(error) = walk.list_one(&path, &relative, &mut listing) {
            listing.unread.push((relative, unreadable(&path, &error)));
        }
    }
    listing.found.sort_by(|a, b| a.relative.cmp(&b.relative));
    listing.faults.sort_by(|a, b| a.file.cmp(&b.file));
    if listing.found.is_empty() && listing.unread.is_empty() {
        listing.faults.push(fault(folder, None, FaultKind::NoDocuments));
    }
    listing
}

/// Folders on the way: path and relative path.
struct Walk {
    /// The folder itself. A link may lead anywhere in it, as those of a mounted ConfigMap do, and nowhere else:
    /// what is read is shown to people.
    root: PathBuf,
    seen: HashSet<PathBuf>,
    folders: Vec<(PathBuf, String)>,
    links: Vec<(PathBuf, String)>,
}

impl Walk {
    fn list_one(&mut self, path: &Path, relative: &str, listing: &mut Listing) -> io::Result<()> {
        let real = fs::canonicalize(path)?;
        if !self.seen.insert(real.clone()) {
            let parent = path.parent().and_then(|it| fs::canonicalize(it).ok());
            if parent.is_some_and(|parent| parent.starts_with(&real)) {
                listing.faults.push(fault(path, None, FaultKind::Loop));
            }
            return Ok(());
        }
        let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let below = if relative.is_empty() {
                name
            } else {
                format!("{relative}/{name}")
            };
            let link = entry.file_type().is_ok_and(|it| it.is_symlink());
            self.take(entry.path(), below, link, listing);
        }
        Ok(())
    }

    fn is_ours(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|real| real.starts_with(&self.root))
    }

    fn take(&mut self, path: PathBuf, relative: String, link: bool, listing: &mut Listing) {
        if link
            && fs::canonicalize(&path)
                .is_ok_and(|real| !real.starts_with(&self.root) && !self.root.starts_with(&real))
        {
            listing.faults.push(fault(&path, None, FaultKind::Outside));
            return;
        }
        // Of what a link points to. A file that went away between the two calls is no fault.
        match fs::metadata(&path) {
            // A link to a folder above this one leads back to it; the rest of that folder is not ours.
            Ok(it) if it.is_dir() && link && !self.is_ours(&path) => {
                listing.faults.push(fault(&path, None, FaultKind::Loop));
            }
            Ok(it) if it.is_dir() && link => self.links.push((path, relative)),
            Ok(it) if it.is_dir() => self.folders.push((path, relative)),
            Ok(it) if it.is_file() && is_document(&relative) => {
                let mark = Mark::of(&it);
                listing.found.push(Found { relative, path, mark });
            }
            // A link to what is not there, and sockets, pipes and devices, which would be waited for.
            Ok(it) if !it.is_dir() && is_document(&relative) => {
                listing.faults.push(fault(&path, None, FaultKind::NotAFile));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if link && is_document(&relative) {
                    listing.faults.push(fault(&path, None, FaultKind::NotAFile));
                }
            }
            Err(_) if link => listing.faults.push(fault(&path, None, FaultKind::Loop)),
            // Folders that may be listed and not entered.
            Err(error) => listing.unread.push((relative, unreadable(&path, &error))),
            Ok(_) => {}
        }
    }
}

fn is_document(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".md", ".markdown", ".txt"].iter().any(|it| name.ends_with(it))
}

/// The text of a file, or why there is none.
pub(crate) fn read(found: &Found) -> Result<String, Fault> {
    let path = &found.path;
    if found.mark.bytes > FILE_LIMIT {
        let what = FaultKind::TooLarge {
            bytes: found.mark.bytes,
            limit: FILE_LIMIT,
        };
        return Err(fault(path, None, what));
    }
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|it| **it == b'\n').count();
        fault(path, u32::try_from(line).ok(), FaultKind::NotUtf8)
    })?;
    if text.trim().is_empty() {
        return Err(fault(path, None, FaultKind::Empty));
    }
    Ok(text)
}

pub(crate) fn fault(path: &Path, line: Option<u32>, what: FaultKind) -> Fault {
    Fault {
        file: path.display().to_string(),
        line,
        what,
        kept_last_good: false,
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Fault {
    let reason = error.kind().to_string();
    fault(path, None, FaultKind::Unreadable { reason })
}
