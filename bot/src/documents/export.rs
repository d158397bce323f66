//! Documents that were written in chat as files, for a repository: nothing that others wrote is overwritten.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::store::Store;

/// The key of the front matter by which a file of ours is known as long as nobody edits it.
const KEY: &str = "exported: ";

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exported {
    /// It was written.
    Written(PathBuf),
    /// It says the same already.
    Same(PathBuf),
    /// A file that somebody else wrote, or edited, stands there: it is left as it is.
    Kept(PathBuf),
}

/// Writes what the documents say now into a folder, in the order in which they were begun.
///
/// # Errors
/// If the store does not answer, or a file cannot be written.
pub async fn export(store: &Store, folder: &Path) -> anyhow::Result<Vec<Exported>> {
    let mut done = Vec::new();
    for (path, text) in super::texts(store).await? {
        done.push(write(&folder.join(path), &marked(&text))?);
    }
    Ok(done)
}

fn write(path: &Path, text: &str) -> anyhow::Result<Exported> {
    let place = || format!("write {}", path.display());
    match std::fs::read_to_string(path) {
        Ok(there) if there == text => return Ok(Exported::Same(path.to_owned())),
        Ok(there) if !is_ours(&there) => return Ok(Exported::Kept(path.to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        // A folder, or no text: not ours.
        Err(_) => return Ok(Exported::Kept(path.to_owned())),
    }
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(place)?;
    }
    std::fs::write(path, text).with_context(place)?;
    Ok(Exported::Written(path.to_owned()))
}

/// The text with a digest of itself in its front matter.
fn marked(text: &str) -> String {
    let (matter, body) = text.split_once("\n---\n").unwrap_or((text, ""));
    format!("{matter}\n{KEY}{}\n---\n{body}", digest(text))
}

/// Whether a file is as an export wrote it.
fn is_ours(there: &str) -> bool {
    let there = there.replace("\r\n", "\n");
    let mut lines = there.lines();
    let said = lines.find_map(|line| line.strip_prefix(KEY)).unwrap_or_default();
    let without = there.replacen(&format!("{KEY}{said}\n"), "", 1);
    !said.is_empty() && digest(&without) == said
}

fn digest(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "---\nid: kb-1\nlang: en\nversion: 1\n---\n# Why?\n\nBecause.\n\nSo.\n";

    #[test]
    fn only_a_file_that_nobody_edited_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("en/kb-1.md");
        let written = marked(ONE);
        assert_eq!(write(&path, &written).unwrap(), Exported::Written(path.clone()));
        assert_eq!(write(&path, &written).unwrap(), Exported::Same(path.clone()));
        let newer = marked(&ONE.replace("So.", "So it is."));
        assert_eq!(write(&path, &newer).unwrap(), Exported::Written(path.clone()));
        let edited = newer.replace("So it is.", "By hand.");
        std::fs::write(&path, &edited).unwrap();
        assert_eq!(write(&path, &written).unwrap(), Exported::Kept(path.clone()));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), edited);
    }

    #[test]
    fn what_others_wrote_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kb-1.md");
        for there in [
            "",
            "# Ours\n",
            ONE,
            "exported: \n",
            "exported: 0123456789abcdef\n",
        ] {
            std::fs::write(&path, there).unwrap();
            assert_eq!(
                write(&path, &marked(ONE)).unwrap(),
                Exported::Kept(path.clone()),
                "{there}"
            );
        }
        std::fs::write(&path, b"\xff\xfe").unwrap();
        assert_eq!(write(&path, &marked(ONE)).unwrap(), Exported::Kept(path));
    }
}
