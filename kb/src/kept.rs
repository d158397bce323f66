//! What was read of each file, kept beside the index, so that a start parses only what changed since.
//!
//! Derived data: where it is missing, damaged, or of another parser or vocabulary, files are read as if it had
//! never been. It is written when a start had to read something, not at each change: a change must be found at
//! once, and the next start reads what changed since.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tantivy::directory::{Directory as _, MmapDirectory, OwnedBytes};

use crate::held::Held;
use crate::library::Title;
use crate::source::Mark;
use crate::words::sum;

/// A file that was written in the same moment as this was kept may have changed without showing it: its time says
/// nothing then, and it is read.
const MOMENT: Duration = Duration::from_secs(2);

/// A file as it was read.
#[derive(Deserialize)]
pub(crate) struct Kept {
    /// Size and time it had, where they tell that it has not changed.
    stamp: Option<Stamp>,
    pub(crate) document: Held,
    pub(crate) titles: Vec<Title>,
    /// Hash of the text.
    pub(crate) hash: u64,
}

/// The same, borrowed: the fields and their order are those of [`Kept`].
#[derive(Serialize)]
pub(crate) struct ToKeep<'a> {
    stamp: Option<Stamp>,
    document: &'a Held,
    titles: &'a [Title],
    hash: u64,
}

/// Size, nanoseconds since 1970, and identity.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Stamp(u64, u64, (u64, i64));

/// Name of the source, relative path.
pub(crate) type Name = (String, String);

impl Kept {
    /// What the file looked like; a mark that no file has where it must be read.
    pub(crate) fn mark(&self) -> Mark {
        self.stamp
            .map_or_else(Mark::default, |Stamp(bytes, nanos, identity)| Mark {
                bytes,
                modified: Some(UNIX_EPOCH + Duration::from_nanos(nanos)),
                identity,
            })
    }
}

impl<'a> ToKeep<'a> {
    pub(crate) fn new(
        mark: &Mark,
        now: SystemTime,
        document: &'a Held,
        titles: &'a [Title],
        hash: u64,
    ) -> Self {
        let modified = mark.modified.filter(|it| *it + MOMENT <= now);
        let since = modified.and_then(|it| it.duration_since(UNIX_EPOCH).ok());
        let nanos = since.and_then(|it| u64::try_from(it.as_nanos()).ok());
        let touched = Duration::from_nanos(u64::try_from(mark.identity.1).unwrap_or(0));
        let nanos = nanos.filter(|_| UNIX_EPOCH + touched + MOMENT <= now);
        Self {
            stamp: nanos.map(|it| Stamp(mark.bytes, it, mark.identity)),
            document,
            titles,
            hash,
        }
    }
}

/// What was kept in this file, if it is whole and of this version.
pub(crate) fn load(file: &Path, version: &str) -> Option<Vec<(Name, Kept)>> {
    // Mapped, not copied: most of it is texts, of which few are ever shown.
    let folder = MmapDirectory::open(file.parent()?).ok()?;
    let mapped = folder.open_read(Path::new(file.file_name()?)).ok()?;
    let mut rest = mapped.read_bytes().ok()?;
    let (kept_version, count): (String, usize) = Frame::cut(&mut rest)?.read()?;
    if kept_version != version {
        return None;
    }
    let frames: Option<Vec<Frame>> = (0..count).map(|_| Frame::cut(&mut rest)).collect();
    let kept = frames?.into_par_iter().map(|frame| {
        let (name, mut kept): (Name, Kept) = frame.read()?;
        kept.document = kept.document.with(frame.texts)?;
        Some((name, kept))
    });
    kept.collect()
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
        let saved = self.write(version, kept);
        if saved.is_err() {
            // What is half written would only take room, perhaps the last there is.
            let _ = fs::remove_file(&self.draft);
        }
        saved
    }

    fn write(&mut self, version: &str, kept: &[(Name, ToKeep<'_>)]) -> io::Result<()> {
        write(&mut self.out, &(version, kept.len()), &[])?;
        for one in kept {
            write(&mut self.out, one, one.1.document.texts())?;
        }
        self.out.flush()?;
        fs::rename(&self.draft, self.file)
    }
}

const BUFFER: usize = 64 * 1024;

/// Lengths and sum, what was kept, and its texts.
fn write(out: &mut impl io::Write, value: &impl Serialize, texts: &[u8]) -> io::Result<()> {
    let head = postcard::to_allocvec(value).map_err(io::Error::other)?;
    for part in [&head, texts] {
        let length = u32::try_from(part.len()).map_err(io::Error::other)?;
        out.write_all(&length.to_le_bytes())?;
    }
    for part in [&head, texts] {
        out.write_all(&sum(0, part).to_le_bytes())?;
    }
    out.write_all(&head)?;
    out.write_all(texts)
}

/// What was written together, not yet looked at.
struct Frame {
    sums: [u64; 2],
    head: OwnedBytes,
    texts: OwnedBytes,
}

impl Frame {
    /// The first frame of what is left, if there is a whole one.
    fn cut(rest: &mut OwnedBytes) -> Option<Self> {
        let mut length = || usize::try_from(number(&cut(rest, 4)?)).ok();
        let (head, texts) = (length()?, length()?);
        let mut sum = || Some(number(&cut(rest, 8)?));
        let sums = [sum()?, sum()?];
        Some(Self {
            sums,
            head: cut(rest, head)?,
            texts: cut(rest, texts)?,
        })
    }

    /// What it holds, if nothing of it is damaged.
    fn read<T: DeserializeOwned>(&self) -> Option<T> {
        let whole = [sum(0, &self.head), sum(0, &self.texts)] == self.sums;
        whole.then(|| postcard::from_bytes(&self.head).ok())?
    }
}

/// The first so many bytes of what is left, if there are as many.
fn cut(rest: &mut OwnedBytes, count: usize) -> Option<OwnedBytes> {
    let behind = (count <= rest.len()).then(|| rest.split_off(count))?;
    Some(std::mem::replace(rest, behind))
}

/// Little end first.
fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse;

    #[test]
    fn what_is_damaged_or_cut_off_is_not_taken() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("documents");
        let document = Held::new(parse(
            "# 怎么重启？\n\n先看日志。\n\n## Logs\n\n```bash\nkubectl logs a\n```\n",
            "a",
        ));
        let mark = Mark::default();
        let keep = |version: &str| {
            let draft = Draft::begin(&file).unwrap();
            let kept = ToKeep::new(&mark, draft.now, &document, &[], 7);
            let name = ("folder".to_owned(), "a.md".to_owned());
            draft.save(version, &[(name, kept)]).unwrap();
        };
        keep("1");
        let whole = fs::read(&file).unwrap();
        let (name, kept) = load(&file, "1").unwrap().remove(0);
        assert_eq!((name.1.as_str(), kept.hash), ("a.md", 7));
        for nth in 0..document.questions.len() {
            let (read, written) = (kept.document.question(nth), document.question(nth));
            assert_eq!(format!("{read:?}"), format!("{written:?}"));
        }
        drop(kept);
        assert!(load(&file, "2").is_none(), "of another version");
        for at in 0..whole.len() {
            // A new file each time: what is mapped must not change under whoever reads it.
            let other = home.path().join(format!("damaged-{at}"));
            let mut damaged = whole.clone();
            damaged[at] ^= 0x10;
            fs::write(&other, &damaged).unwrap();
            assert!(load(&other, "1").is_none(), "byte {at} is another");
            fs::write(&other, &whole[..at]).unwrap();
            assert!(load(&other, "1").is_none(), "cut off at {at}");
            fs::remove_file(&other).unwrap();
        }
    }
}
