//! The file of an open store: whether it is still the one at its place.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::error::Failure;

/// A file as it was when the store was opened. A database goes on writing into a file that somebody deleted or
/// replaced, and all of it is lost with the process.
#[derive(Debug)]
pub(super) struct Opened {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Opened {
    /// The file of a store; `None` if it lies in none.
    pub(super) fn of(url: &str) -> Option<Self> {
        let path = super::sql::file_of(url)?;
        let identity = identity(&path.metadata().ok()?);
        Some(Self { path, identity })
    }

    /// Where it lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that it is there and no other.
    ///
    /// # Errors
    /// If it is not.
    pub(super) fn must_be_there(&self) -> Result<(), Failure> {
        let now = self.path.metadata();
        match now.is_ok_and(|now| identity(&now) == self.identity) {
            true => Ok(()),
            false => Err(Failure::Broken(
                "its file was deleted or replaced while it was open; put it back and start anew".to_owned(),
            )),
        }
    }
}

#[cfg(unix)]
fn identity(file: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}
